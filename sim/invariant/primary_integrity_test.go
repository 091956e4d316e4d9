package invariant

import (
	"testing"

	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

func establishProbe(e zxid.Epoch, p Point) zab.Probe {
	return zab.Probe{Kind: zab.ProbeEstablish, Epoch: e, Zxid: p.Zxid, Chain: p.Chain, Set: quorum.Range(3)}
}

// n1 left 1.2 behind; the leader of epoch 2 started without it, but n2 did not
// truncate it when it joined.
func TestFollowerWithMoreThanItsLeaderTripsPrimaryIntegrity(t *testing.T) {
	w, end := committed(t, 1)
	left := tx(1, 2, "left over")
	w.propose(1, left)
	w.write([]*txn.Txn{left}, 1, 2)
	w.probe(3, establishProbe(2, end))
	w.active(2, 2, after(end, left))
	w.trips("primary-integrity", "n2 serves in epoch 2 with a history up to 1.2 that its leader n3, which started with 1.1, does not share")
}

func TestServingWithoutAnEstablishedLeaderTripsPrimaryIntegrity(t *testing.T) {
	w, end := committed(t, 1)
	w.active(2, 2, end)
	w.trips("primary-integrity", "n2 serves in epoch 2, which has no established leader")
}

// A follower may join with its leader, or in the middle of an epoch. (One that is
// behind breaks commit-consistency.)
func TestFollowersWithTheirLeadersHistory(t *testing.T) {
	w, end := committed(t, 2)
	w.probe(3, establishProbe(2, end))
	w.active(2, 2, end)
	x := tx(2, 1, "x")
	w.propose(3, x)
	w.write([]*txn.Txn{x}, 1, 2, 3)
	w.commit(3, x)
	w.active(1, 2, after(end, x))
	w.honest()
}
