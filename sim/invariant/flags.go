package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
)

// Each reason that package zab reports was looked at: links are FIFO while they
// last, a learner has one connection at a time, and a leader queues what it sends in
// the order of the protocol, so that none of them can happen to a correct server.
// ZooKeeper only warns of a COMMIT that finds no proposal; here it is a violation, as
// in the specifications.
const flagSource = "ZkV3_7_0.tla, CheckDuringAction; EuroSys'25 I-11 to I-14; protocol.md 17.1 and 17.2"

var (
	flagState = flagCheck(zab.FlagState, "flag-state",
		"No server meets an event or a packet that its role and phase can't have.", "ZOOKEEPER-3023")
	flagProposal = flagCheck(zab.FlagProposal, "flag-proposal",
		"Each proposal is the successor of the one before, and each record is newer than the log.", "ZOOKEEPER-2845")
	flagCommit = flagCheck(zab.FlagCommit, "flag-commit",
		"Each COMMIT names the next pending proposal.", "ZOOKEEPER-4394")
	flagAck = flagCheck(zab.FlagAck, "flag-ack",
		"Nobody acknowledges an unknown zxid, or another one when NEWLEADER is to be acknowledged.", "ZOOKEEPER-4685")
	flagMessage = flagCheck(zab.FlagMessage, "flag-message",
		"No server receives a packet that its role can never receive.", "ZOOKEEPER-4394")
)

var diskOpens = flagCheck(zab.FlagDisk, "disk-opens",
	"A disk that no unsafe fault has touched can be opened, and its server starts.", "ZOOKEEPER-1653, ZOOKEEPER-2354")

func flagCheck(f zab.Flag, name, doc, jira string) Check {
	return Check{
		Name: name, Doc: doc, Source: flagSource + "; " + jira,
		probes: []zab.ProbeKind{zab.ProbeIllegal},
		run: func(v *View, e *Event) {
			if e.Probe.Flag == f {
				v.failIllegal(e)
			}
		},
	}
}

func (v *View) failIllegal(e *Event) {
	p := &e.Probe
	at := ""
	if p.Zxid != 0 {
		at = fmt.Sprintf(" at %v", p.Zxid)
	}
	v.fail(quorum.Of(e.Server), p.Zxid, fmt.Sprintf("%v: %s%s", e.Server, p.Reason, at))
}
