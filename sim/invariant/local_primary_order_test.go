package invariant

import (
	"testing"

	"zabsim/zab/txn"
)

// Nobody has delivered 1.1 yet, so the order among deliveries says nothing; the
// leader's own order does.
func TestSkippingAProposalTripsLocalPrimaryOrder(t *testing.T) {
	w, _ := committed(t, 2)
	w.deliver(2, tx(1, 2, "x"))
	w.trips("local-primary-order", "n2 delivers 1.2 without 1.1, which the same leader broadcast before")
}

func TestDeliveringTwiceTripsLocalPrimaryOrder(t *testing.T) {
	w, _ := committed(t, 2)
	w.deliver(2, tx(1, 1, "x"), tx(1, 1, "x"))
	w.trips("local-primary-order", "n2 delivers 1.1 after 1.1 of the same leader")
}

func TestCommittingOutOfOrderTripsLocalPrimaryOrder(t *testing.T) {
	w, _ := committed(t, 0)
	x := []*txn.Txn{tx(1, 1, "x"), tx(1, 2, "x")}
	w.propose(1, x...)
	w.write(x, 1, 2)
	w.commit(1, x[1])
	w.trips("local-primary-order", "n1 commits 1.2 before 1.1, which it broadcast earlier")
}

func TestDeliveringInTheOrderOfTheLeader(t *testing.T) {
	w, _ := committed(t, 3)
	w.deliver(2, tx(1, 1, "x"), tx(1, 2, "x"), tx(1, 3, "x"))
	w.honest()
}
