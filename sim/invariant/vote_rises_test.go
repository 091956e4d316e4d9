package invariant

import (
	"testing"

	"zabsim/election"
	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

func (w *world) adopt(id quorum.ServerID, now, was election.Vote) {
	w.probe(id, zab.Probe{Kind: zab.ProbeAdopt, Vote: now, Was: was})
}

// ZOOKEEPER-1419: at equal zxids the larger id won, even from a lower epoch.
func TestAVoteOfALowerEpochTripsVoteRises(t *testing.T) {
	w := newWorld(t, 3)
	z := zxid.Make(1, 1)
	w.adopt(1, election.Vote{Leader: 2, Zxid: z, PeerEpoch: 1}, election.Vote{Leader: 1, Zxid: z, PeerEpoch: 2})
	w.trips("vote-rises", "n1 votes for n2 at 1.1, epoch 1, in place of n1 at 1.1, epoch 2")
}

func TestAnEqualVoteTripsVoteRises(t *testing.T) {
	w := newWorld(t, 3)
	v := election.Vote{Leader: 2, Zxid: zxid.Make(1, 1), PeerEpoch: 1}
	w.adopt(1, v, v)
	w.trips("vote-rises", "n1 votes for n2 at 1.1, epoch 1, in place of n2 at 1.1, epoch 1")
}

func TestAVoteForWhoHasNoWeightTripsVoteRises(t *testing.T) {
	w := newWorld(t, 3)
	w.Quorum.Grouped, w.Quorum.Group, w.Quorum.Weights = true, [quorum.Slots]uint8{1: 1, 2: 1, 3: 1}, [quorum.Slots]uint32{1: 1, 2: 1}
	w.adopt(1, election.Vote{Leader: 3}, election.Vote{Leader: 2})
	w.trips("vote-rises", "n1 votes for n3 at 0.0, epoch 0, in place of n2 at 0.0, epoch 0")
}

// Epoch first, then zxid, then id.
func TestBetterVotesRise(t *testing.T) {
	w := newWorld(t, 3)
	z := zxid.Make(1, 1)
	votes := []election.Vote{{Leader: 1, Zxid: z, PeerEpoch: 1}, {Leader: 2, Zxid: z, PeerEpoch: 1}, {Leader: 1, Zxid: z + 1, PeerEpoch: 1}, {Leader: 1, PeerEpoch: 2}}
	for i := range votes[1:] {
		w.adopt(3, votes[i+1], votes[i])
	}
	w.honest()
}
