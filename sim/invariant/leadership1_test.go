package invariant

import (
	"testing"

	"zabsim/election"
	"zabsim/zab"
	"zabsim/zab/zxid"
)

func leading(e zxid.Epoch) func(*zab.Status) {
	return func(st *zab.Status) {
		st.State, st.Phase, st.Epoch = election.Leading, zab.PhaseSynchronization, e
	}
}

// ZOOKEEPER-2959: observers counted in discovery, so two leaders chose epoch 2.
func TestTwoLeadersOfOneEpochTripLeadership1(t *testing.T) {
	w := newWorld(t, 3)
	w.set(3, leading(2))
	w.set(1, leading(2))
	w.trips("leadership-1", "n1 and n3 both lead epoch 2")
}

func TestLeadersOfDifferentEpochsAreNormal(t *testing.T) {
	w := newWorld(t, 3)
	w.set(3, leading(1))
	w.set(1, leading(2))
	w.honest()
}

// A leader that is down, stops, or is still in discovery leads nobody.
func TestWhoDoesNotLeadYetOrAnyMoreIsNoSecondLeader(t *testing.T) {
	w := newWorld(t, 5)
	w.set(1, leading(2))
	w.Up = w.Up.Without(1)
	w.set(2, leading(2))
	w.set(2, func(st *zab.Status) { st.Stopping = true })
	w.set(3, leading(2))
	w.set(4, func(st *zab.Status) { st.State, st.Phase, st.Epoch = election.Leading, zab.PhaseDiscovery, 2 })
	w.honest()
}
