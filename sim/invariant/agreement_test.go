package invariant

import (
	"testing"

	"zabsim/zab/txn"
)

// One zxid stands for two transactions; each is delivered somewhere.
func TestTwoContentsOfOneZxidTripAgreement(t *testing.T) {
	w, _ := committed(t, 0)
	a, b := tx(1, 1, "a"), tx(1, 1, "b")
	w.propose(1, a, b)
	w.write([]*txn.Txn{a}, 1, 2, 3)
	w.commit(1, a)
	w.deliver(2, a)
	w.deliver(3, b)
	w.trips("agreement", "n3 delivers 1.1 with other content, n2 delivered 1.1 with other content")
}

// n2 delivered 1.1; n3 goes on with 2.1 without it.
func TestPartingWaysTripsAgreement(t *testing.T) {
	w, end := committed(t, 1)
	w.deliver(2, tx(1, 1, "x"))
	w.establish(1, 2, end)
	next := tx(2, 1, "x")
	w.propose(1, next)
	w.write([]*txn.Txn{next}, 1, 2, 3)
	w.commit(1, next)
	w.deliver(3, next)
	w.trips("agreement", "n3 delivers 2.1 without 1.1, n1 delivered 1.1 without 2.1")
}

func TestBeingBehindIsAgreement(t *testing.T) {
	w, end := committed(t, 3)
	w.deliver(2, tx(1, 1, "x"), tx(1, 2, "x"), tx(1, 3, "x"))
	w.deliver(3, tx(1, 1, "x"))
	w.judge(Event{Kind: EvCrash, Server: 2})
	w.active(2, 1, after(Point{}, tx(1, 1, "x"), tx(1, 2, "x"))) // rejoins while the leader lags
	w.active(1, 1, end)
	w.honest()
}
