package invariant

import (
	"testing"

	"zabsim/zab"
	"zabsim/zab/zxid"
)

func serving(p Point) func(*zab.Status) {
	return func(st *zab.Status) {
		st.Phase, st.Serving, st.Applied, st.AppliedChain = zab.PhaseBroadcast, true, p.Zxid, p.Chain
	}
}

// A hole in the history that a learner was sent (ZOOKEEPER-4925): n3 serves a
// tree that ends with the right transaction but lacks an earlier one.
func TestTreeWithAHoleTripsPrefixConsistency(t *testing.T) {
	w, end := committed(t, 2)
	w.active(1, 1, end)
	w.set(1, serving(end))
	w.set(3, serving(after(Point{}, tx(1, 2, "x"))))
	w.trips("prefix-consistency", "n1 and n3 differ at 1.2")
}

func TestActiveWithAnUnknownHistoryTripsPrefixConsistency(t *testing.T) {
	w, _ := committed(t, 2)
	w.active(3, 1, Point{zxid.Make(1, 2), 77})
	w.trips("prefix-consistency", "n3 serves a history that differs from the committed one at or before 1.2")
}

func TestUncommittedTreeTripsPrefixConsistencyWhenServed(t *testing.T) {
	w, end := committed(t, 2)
	x := tx(1, 3, "x")
	w.propose(1, x)
	w.set(2, func(st *zab.Status) { // logged and replayed, but the server only looks for a leader
		st.Applied, st.AppliedChain = x.Zxid, after(end, x).Chain
	})
	w.honest()
	w.set(2, serving(after(end, x)))
	w.trips("prefix-consistency", "n2 serves a tree that ends with 1.3, which is not committed")
}

// A server may be behind, and a stopping or crashed one no longer serves.
func TestPrefixesOfTheCommittedHistoryAreConsistent(t *testing.T) {
	w, end := committed(t, 3)
	w.set(1, serving(end))
	w.set(2, serving(Point{}))
	w.set(3, serving(after(Point{}, tx(1, 1, "x"))))
	w.set(3, func(st *zab.Status) { st.Stopping, st.AppliedChain = true, 77 })
	w.Up = w.Up.Without(2)
	w.set(2, serving(Point{zxid.Make(9, 9), 77}))
	w.honest()
}
