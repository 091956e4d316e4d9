package invariant

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/internal/fp"
	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// logs makes a member's status show the log that its disk has.
func (w *world) logs(st *zab.Status, id int) { st.LastLogged, st.LogChain = w.log[id].Last() }

// joined makes n2 a follower of n1 in epoch 2 which is about to acknowledge, with
// the history that n1 begins with. n1 is not established.
func joined(t *testing.T) *world {
	w, end := committed(t, 2)
	w.epochs(2, 1, 2)
	w.lead(1, 2)
	w.set(1, func(st *zab.Status) {
		st.Serving, st.Applied, st.AppliedChain = false, end.Zxid, end.Chain
		w.logs(st, 1)
	})
	w.set(2, func(st *zab.Status) {
		st.Phase, st.Leader, st.Epoch = zab.PhaseSynchronization, 1, 2
		st.Applied, st.AppliedChain = end.Zxid, end.Chain
		w.logs(st, 2)
	})
	w.honest()
	return w
}

// ZOOKEEPER-2845, ZOOKEEPER-1154: a record that the leader lacks stays in the log.
func TestAFollowerWithMoreThanItsLeaderTripsProcessConsistency(t *testing.T) {
	w := joined(t)
	x := tx(1, 3, "left over")
	w.propose(1, x) // by the leader of epoch 1, long ago
	w.log[2].Append(x)
	w.set(2, func(st *zab.Status) { w.logs(st, 2) })
	w.trips("process-consistency", "n2 follows n1 in epoch 2 with a log up to 1.3, which is no prefix of what n1 has up to 1.2")
}

// What the leader broadcasts extends the promise; what another one did does not.
func TestProcessConsistencyGoesOn(t *testing.T) {
	w := joined(t)
	w.judge(ackNewLeader)
	end := Point{w.status[1].Applied, w.status[1].AppliedChain}
	w.establish(1, 2, end)
	w.active(2, 2, end)
	x := tx(2, 1, "x")
	w.propose(1, x)
	w.log[2].Append(x)
	w.set(2, func(st *zab.Status) { st.Phase = zab.PhaseBroadcast; w.logs(st, 2) })
	w.set(2, func(st *zab.Status) { st.Round++ })
	w.honest()
	w.log[2].Append(tx(2, 2, "of nobody"))
	w.set(2, func(st *zab.Status) { w.logs(st, 2) })
	w.trips("process-consistency", "n2 follows n1 in epoch 2 with a log up to 2.2, which is no prefix of what n1 has up to 2.1")
}

// ZOOKEEPER-4712: memory spoke of less than the log has. The leader has died, so that
// nobody can tell which of the two is right.
func TestTwoMembersOfAnEpochTripHistoryConsistency(t *testing.T) {
	w := joined(t)
	w.judge(ackNewLeader)
	w.Up = w.Up.Without(1)
	w.epochs(2, 3)
	w.log[3].Truncate(zxid.Make(1, 1))
	w.log[3].Append(tx(1, 2, "other"))
	w.set(3, func(st *zab.Status) {
		st.Phase, st.Leader, st.Epoch = zab.PhaseSynchronization, 1, 2
		w.logs(st, 3)
		st.Applied, st.AppliedChain = 0, 0
	})
	w.honest()
	e := ackNewLeader
	e.Server = 3
	w.judge(e)
	w.trips("history-consistency", "n3 and n2 are both in epoch 2, but their logs up to 1.2 and 1.2 are not prefixes of one history")
}

// A leader that lacks what is committed has it cut. What is not committed may go.
func TestCuttingACommittedHistoryTrips(t *testing.T) {
	w, end := committed(t, 2)
	w.propose(1, tx(1, 3, "not committed"))
	w.set(3, func(st *zab.Status) { st.Epoch = 1 })
	cut := func(m zab.SyncMode, to uint32) {
		w.probe(3, zab.Probe{Kind: zab.ProbeSync, Peer: 2, Mode: m, Zxid: zxid.Make(1, 3), Cut: zxid.Make(1, to)})
	}
	cut(zab.SyncTrunc, 2)
	cut(zab.SyncSnap, 2)
	cut(zab.SyncDiff, 3)
	w.establish(1, 2, end) // n3 does not know yet
	cut(zab.SyncTrunc, 1)
	w.honest()
	w.set(3, func(st *zab.Status) { st.Epoch = 2 })
	cut(zab.SyncTrunc, 1)
	w.trips("committed-log-durability", "n3 has n2 cut its history, which ends with 1.3, by TRUNC after 1.1, but 1.2 is committed")
}

// ZOOKEEPER-4643. The history of an epoch is committed, so leader-completeness must
// notice, too.
func TestAnEpochThatForgetsTheOneBeforeTripsInitialHistory(t *testing.T) {
	w, _ := committed(t, 2)
	two := after(Point{}, tx(1, 1, "x"), tx(1, 2, "x"))
	w.establish(1, 2, two)
	w.honest()
	w.probe(2, establishProbe(3, after(Point{}, tx(1, 1, "x"))))
	assert.Equal(t, []string{"leader-completeness", "initial-history"}, w.names())
	assert.Equal(t, "epoch 3 of n2 begins with a history up to 1.1, epoch 2 of n1 with one up to 1.2: the earlier is no prefix of the later", w.Violations[1].Text)
}

// The promise is one of epochs: it holds, and breaks, out of the order of time.
func TestALateEpochTripsInitialHistory(t *testing.T) {
	w, end := committed(t, 2)
	one := after(Point{}, tx(1, 1, "x"))
	w.establish(2, 4, end)
	w.honest()
	w.probe(3, establishProbe(3, after(one, tx(1, 2, "other"))))
	assert.Contains(t, w.names(), "initial-history")
}

// ZOOKEEPER-3023: in sync, but what was committed is still queued.
func TestServingWithoutTheInitialHistoryTripsCommitConsistency(t *testing.T) {
	w, end := committed(t, 2)
	w.establish(1, 2, end)
	w.set(2, func(st *zab.Status) { st.Leader = 1 })
	w.active(2, 2, end)
	w.honest()
	w.active(3, 2, after(Point{}, tx(1, 1, "x")))
	w.trips("commit-consistency", "n3 serves in epoch 2 with a tree up to 1.1, but the epoch began with 1.2")
}

// Two servers agree on the history and not on the tree.
func TestAnotherTreeAfterTheSameHistoryTripsEqualDigests(t *testing.T) {
	deliver := func(w *world, id quorum.ServerID, x Point, d fp.Hash) {
		w.probe(id, zab.Probe{Kind: zab.ProbeDeliver, Zxid: x.Zxid, Txn: tx(1, 1, "x"), Chain: x.Chain, Digest: d})
	}
	w, end := committed(t, 1)
	deliver(w, 1, end, 7)
	deliver(w, 2, end, 7)
	w.honest()
	deliver(w, 3, end, 8)
	w.trips("equal-digests", "n3 has another tree at 1.1 than a server before it, after the same history")
}
