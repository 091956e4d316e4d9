package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
)

// The order of votes is written down here once more: that of package election is
// what may be wrong.
var voteRises = Check{
	Name:   "vote-rises",
	Doc:    "Within one round, and from its own vote on when it joins a later one, a looking server replaces its vote only by one with a higher (peerEpoch, zxid, sid), of a server that has weight.",
	Source: "FastLeaderElection.totalOrderPredicate; protocol.md 3.2; ZOOKEEPER-1419",
	probes: []zab.ProbeKind{zab.ProbeAdopt},
	run:    checkVoteRises,
}

func checkVoteRises(v *View, e *Event) {
	now, was := &e.Probe.Vote, &e.Probe.Was
	rises := now.Leader > was.Leader
	switch {
	case now.PeerEpoch != was.PeerEpoch:
		rises = now.PeerEpoch > was.PeerEpoch
	case now.Zxid != was.Zxid:
		rises = now.Zxid > was.Zxid
	}
	if !rises || v.Quorum.Weight(now.Leader) == 0 {
		v.fail(quorum.Of(e.Server), 0, fmt.Sprintf("%v votes for %v at %v, epoch %d, in place of %v at %v, epoch %d", e.Server,
			now.Leader, now.Zxid, now.PeerEpoch, was.Leader, was.Zxid, was.PeerEpoch))
	}
}
