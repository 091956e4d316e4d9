package invariant

import (
	"testing"

	"zabsim/zab/txn"
)

// n3 is the first to deliver anything, so only its own order can be wrong.
func TestDeliveringAnEarlierEpochLaterTripsGlobalPrimaryOrder(t *testing.T) {
	w, end := committed(t, 1)
	w.probe(2, establishProbe(2, end))
	x := tx(2, 1, "x")
	w.propose(2, x)
	w.write([]*txn.Txn{x}, 1, 2)
	w.commit(2, x)
	w.deliver(3, x)
	w.honest()
	w.deliver(3, tx(1, 1, "x"))
	w.trips("global-primary-order", "n3 delivers 1.1 after 2.1 of a later epoch")
}

func TestDeliveringEpochsInOrder(t *testing.T) {
	w := twoEpochs(t)
	w.deliver(2, tx(2, 1, "x"))
	w.honest()
}
