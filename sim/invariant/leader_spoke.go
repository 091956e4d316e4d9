package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
)

// Its followers do not know whether a leader is still there, and may be the last who
// believe in it. Votes of another round are no word of this one: the leader may be
// looking again itself.
var leaderSpoke = Check{
	Name:   "leader-spoke",
	Doc:    "A server that joins an ensemble in its own round was told in that round, by the leader itself, that it leads.",
	Source: "FastLeaderElection.checkLeader; protocol.md 3.5; ZOOKEEPER-3537",
	probes: []zab.ProbeKind{zab.ProbeDecide},
	run:    checkLeaderSpoke,
}

func checkLeaderSpoke(v *View, e *Event) {
	if p := &e.Probe; p.Unheard {
		v.fail(quorum.Of(e.Server, p.Peer), 0, fmt.Sprintf("%v joins %v in its own round, in which %v has not said that it leads", e.Server, p.Peer, p.Peer))
	}
}
