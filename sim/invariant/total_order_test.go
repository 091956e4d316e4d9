package invariant

import (
	"testing"

	"zabsim/zab"
	"zabsim/zab/txn"
)

// twoEpochs has 1.1 and 2.1 committed; 1.1 is known to n1 by its own delivery.
func twoEpochs(t *testing.T) *world {
	w, end := committed(t, 1)
	w.deliver(1, tx(1, 1, "x"))
	w.deliver(2, tx(1, 1, "x"))
	w.establish(1, 2, end)
	next := tx(2, 1, "x")
	w.propose(1, next)
	w.write([]*txn.Txn{next}, 1, 2, 3)
	w.commit(1, next)
	w.deliver(1, next)
	w.honest()
	return w
}

func TestDeliveringTheLaterAloneTripsTotalOrder(t *testing.T) {
	w := twoEpochs(t)
	w.deliver(3, tx(2, 1, "x"))
	w.trips("total-order", "n3 delivers 2.1 without 1.1, which others delivered before it")
}

// A proposal that died with its leader is in nobody's order.
func TestSkippingWhatNobodyDeliversIsTotalOrder(t *testing.T) {
	w, _ := committed(t, 0)
	w.propose(1, tx(1, 1, "dead"), tx(1, 2, "dead"))
	w.judge(Event{Kind: EvCrash, Server: 1})
	w.establish(2, 2, Point{})
	x := tx(2, 1, "x")
	w.propose(2, x)
	w.write([]*txn.Txn{x}, 2, 3)
	w.commit(2, x)
	w.deliver(2, x)
	w.deliver(3, x)
	w.probe(3, zab.Probe{Kind: zab.ProbeDrained})
	w.honest()
}

func TestDeliveringBothInOrderIsTotalOrder(t *testing.T) {
	w := twoEpochs(t)
	w.deliver(3, tx(1, 1, "x"), tx(2, 1, "x"))
	w.honest()
}
