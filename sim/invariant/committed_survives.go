package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
)

// A server that is down counts: its disk will come back with it. The end of the
// committed history stands for all of it.
var committedSurvives = Check{
	Name:   "committed-survives",
	Doc:    "At the instant of its commit a transaction is durable on a quorum of voters, and no crash, truncation or snapshot changes that.",
	Source: "protocol.md 17.2, committedLogDurability, and 17.4; ZOOKEEPER-3911, ZOOKEEPER-4643, ZOOKEEPER-4646",
	probes: []zab.ProbeKind{zab.ProbeCommit, zab.ProbeEstablish},
	events: []EventKind{EvDisk, EvCrash},
	run:    checkCommittedSurvives,
}

func checkCommittedSurvives(v *View, e *Event) {
	p, g := v.Ghost.Committed, &v.Ghost
	switch {
	case e.Kind != EvProbe:
		if v.Holds(e.Server, p) {
			return // it was not this disk that got worse
		}
	case e.Probe.Kind == zab.ProbeEstablish:
		p = Point{e.Probe.Zxid, e.Probe.Chain}
	case v.at < 0:
		return // a transaction that nobody broadcast: integrity
	default:
		p = g.point(v.at)
	}
	if v.onQuorum(p) {
		return
	}
	verb := "is committed"
	if e.Kind != EvProbe {
		verb = "was committed"
	}
	v.fail(quorum.Of(e.Server), p.Zxid, fmt.Sprintf("the history up to %v %s, but is only on the disks of %v, which is no quorum", p.Zxid, verb, v.holders(p)))
}
