package invariant

import (
	"testing"

	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// ZOOKEEPER-975: one LEADING message, or votes of all for different servers.
func TestElectionWithoutAQuorumTrips(t *testing.T) {
	w := newWorld(t, 3)
	w.probe(1, zab.Probe{Kind: zab.ProbeDecide, Peer: 3, Set: quorum.Of(1, 3)})
	w.honest()
	w.probe(2, zab.Probe{Kind: zab.ProbeDecide, Peer: 3, Set: quorum.Of(3)})
	w.trips("quorum-backed-election", "n2 takes n3 for the leader on the votes of {3}, which is no quorum")
}

// ZOOKEEPER-3537: the leader spoke in an earlier round.
func TestJoiningALeaderThatIsSilentTrips(t *testing.T) {
	w := newWorld(t, 3)
	w.probe(1, zab.Probe{Kind: zab.ProbeDecide, Peer: 3, Set: quorum.Of(2, 3)})
	w.honest()
	w.probe(1, zab.Probe{Kind: zab.ProbeDecide, Peer: 3, Set: quorum.Of(2, 3), Unheard: true})
	w.trips("leader-spoke", "n1 joins n3 in its own round, in which n3 has not said that it leads")
}

// ZOOKEEPER-2959: an observer is counted.
func TestCountingAnObserverTripsVotersOnly(t *testing.T) {
	w := newWorld(t, 4)
	w.Quorum = &quorum.Config{Voters: quorum.Range(3), Observers: quorum.Of(4)}
	w.set(1, func(st *zab.Status) { st.Leader, st.Epoch, st.Connecting = 1, 2, quorum.Of(1, 2) })
	w.honest()
	w.set(1, func(st *zab.Status) { st.Connecting = quorum.Of(1, 4) })
	w.trips("voters-only", "n1 counts {4}, which has no vote, towards a quorum for epoch 2")
}

// ZOOKEEPER-1270: the followers are a quorum without their leader.
func TestAQuorumWithoutTheLeaderTrips(t *testing.T) {
	w := newWorld(t, 3)
	w.set(1, func(st *zab.Status) {
		st.Leader, st.Epoch, st.Phase, st.Connecting, st.Electing = 1, 2, zab.PhaseDiscovery, quorum.Of(2, 3), quorum.Of(2, 3)
	})
	w.honest()
	w.set(1, func(st *zab.Status) { st.Phase = zab.PhaseSynchronization })
	w.trips("leader-in-quorum", "n1 enters synchronization in epoch 2 on the word of {2,3} and {2,3}, without its own")
	w = newWorld(t, 3)
	w.probe(1, zab.Probe{Kind: zab.ProbeEstablish, Epoch: 2, Set: quorum.Of(2, 3)})
	w.trips("leader-in-quorum", "n1 is established in epoch 2 by {2,3}, without its own acknowledgement")
}

// ZOOKEEPER-1291: an epoch is spoken of before it is promised.
func TestAnEpochSentBeforeItIsPromisedTrips(t *testing.T) {
	w := newWorld(t, 3)
	w.disk[1].Accepted = 2
	w.judge(Event{Kind: EvPromise, Server: 1, Zxid: zxid.Make(2, 0)})
	w.honest()
	w.judge(Event{Kind: EvPromise, Server: 1, Zxid: zxid.Make(3, 0)})
	w.trips("accepted-before-sent", "n1 speaks of epoch 3, but has promised only 2 on its disk")
	w = newWorld(t, 3)
	w.set(2, func(st *zab.Status) { st.Leader, st.Epoch, st.Phase = 1, 3, zab.PhaseDiscovery })
	w.honest()
	w.set(2, func(st *zab.Status) { st.Phase = zab.PhaseSynchronization })
	w.trips("accepted-before-sent", "n2 speaks of epoch 3, but has promised only 0 on its disk")
}
