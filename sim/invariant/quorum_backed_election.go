package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
)

// An election of an oracle reports no decision.
var quorumBackedElection = Check{
	Name:   "quorum-backed-election",
	Doc:    "A server leaves an election only with equal votes of a quorum of voters.",
	Source: "FastLeaderElection.lookForLeader; protocol.md 3.5; ZOOKEEPER-975",
	probes: []zab.ProbeKind{zab.ProbeDecide},
	run:    checkQuorumBackedElection,
}

func checkQuorumBackedElection(v *View, e *Event) {
	if p := &e.Probe; !v.Quorum.Contains(p.Set) {
		v.fail(quorum.Of(e.Server), 0, fmt.Sprintf("%v takes %v for the leader on the votes of %v, which is no quorum", e.Server, p.Peer, p.Set))
	}
}
