package invariant

import (
	"testing"

	"zabsim/zab"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

func TestDeliveringWhatNobodyBroadcastTripsIntegrity(t *testing.T) {
	w, _ := committed(t, 1)
	w.deliver(2, tx(1, 1, "forged"))
	w.trips("integrity", "n2 delivers a 1.1 that no leader broadcast")
}

func TestDeliveringWhatNobodyCommittedTripsIntegrity(t *testing.T) {
	w, _ := committed(t, 1)
	next := tx(1, 2, "x")
	w.propose(1, next)
	w.deliver(1, tx(1, 1, "x"), next)
	w.trips("integrity", "n1 delivers 1.2, which no leader has committed")
}

// A proposal of a server that no quorum made a leader is no broadcast.
func TestLeadingWithWhatNobodyBroadcastTripsIntegrity(t *testing.T) {
	w, end := committed(t, 1)
	forged := tx(1, 2, "forged")
	w.propose(2, forged)
	w.write([]*txn.Txn{forged}, 1, 2)
	p := after(end, forged)
	w.probe(2, establishProbe(2, p))
	w.trips("integrity", "n2 leads epoch 2 with a history that ends with 1.2 and that nobody broadcast")
}

func TestServingWhatNobodyBroadcastTripsIntegrity(t *testing.T) {
	w, _ := committed(t, 1)
	w.probe(3, zab.Probe{Kind: zab.ProbeActive, Epoch: 1, Zxid: zxid.Make(1, 7), Chain: 77})
	if w.names()[0] != "integrity" {
		t.Errorf("%v", w.Violations)
	}
}

// Committed by its own leader, or by the next one's initial history.
func TestDeliveringWhatWasDecidedIsIntegrity(t *testing.T) {
	w, end := committed(t, 1)
	w.deliver(3, tx(1, 1, "x"))
	left := tx(1, 2, "left over")
	w.propose(1, left)
	w.write([]*txn.Txn{left}, 1, 2)
	w.status[1].Stopping = true
	w.establish(2, 2, after(end, left))
	w.active(3, 2, after(end, left))
	w.honest()
	if !w.Seen.Has(SeenCommitByEstablish | SeenCommit) {
		t.Errorf("seen %v", w.Seen.Names())
	}
}
