package invariant

import (
	"testing"

	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// lead makes id a leader that waits for acknowledgements of NEWLEADER.
func (w *world) lead(id quorum.ServerID, e zxid.Epoch) {
	w.set(id, func(st *zab.Status) {
		st.Leader, st.Phase, st.Epoch = id, zab.PhaseSynchronization, e
		st.Connecting, st.Electing = w.Up, w.Up
	})
}

// ZOOKEEPER-2959: observers counted in discovery, so two leaders chose epoch 2.
func TestTwoLeadersOfOneEpochTripLeadership1(t *testing.T) {
	w := newWorld(t, 3)
	w.lead(3, 2)
	w.lead(1, 2)
	w.trips("leadership-1", "n1 and n3 both lead epoch 2")
}

func TestLeadersOfDifferentEpochsAreNormal(t *testing.T) {
	w := newWorld(t, 3)
	w.lead(3, 1)
	w.lead(1, 2)
	w.honest()
}

// A leader that is down, stops, or is still in discovery leads nobody.
func TestWhoDoesNotLeadYetOrAnyMoreIsNoSecondLeader(t *testing.T) {
	w := newWorld(t, 5)
	w.lead(1, 2)
	w.Up = w.Up.Without(1)
	w.lead(2, 2)
	w.set(2, func(st *zab.Status) { st.Stopping = true })
	w.lead(3, 2)
	w.set(4, func(st *zab.Status) { st.Leader, st.Phase, st.Epoch = 4, zab.PhaseDiscovery, 2 })
	w.honest()
}
