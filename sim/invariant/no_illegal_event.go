package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
)

// Each reason that package zab reports was looked at: links are FIFO while they
// last, a learner has one connection at a time, and a leader queues what it
// sends in the order of the protocol, so that none of them can happen to a
// correct server. ZooKeeper only warns of a COMMIT that finds no proposal; here
// it is a violation, as in the specifications.
var noIllegalEvent = Check{
	Name:   "no-illegal-event",
	Doc:    "No server receives what its role and phase can't receive, is asked to commit or acknowledge what it does not know, or refuses to start from a disk that is whole.",
	Source: "ZkV3_7_0.tla, CheckDuringAction; EuroSys'25 I-11 to I-14; protocol.md 17.1; ZOOKEEPER-3023, ZOOKEEPER-4394, ZOOKEEPER-4685",
	probes: []zab.ProbeKind{zab.ProbeIllegal},
	run:    checkNoIllegalEvent,
}

func checkNoIllegalEvent(v *View, e *Event) {
	p := &e.Probe
	at := ""
	if p.Zxid != 0 {
		at = fmt.Sprintf(" at %v", p.Zxid)
	}
	v.fail(quorum.Of(e.Server), p.Zxid, fmt.Sprintf("%v: %s%s", e.Server, p.Reason, at))
}
