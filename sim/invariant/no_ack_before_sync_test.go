package invariant

import (
	"testing"

	"zabsim/zab"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

func TestAckOfAnUnsyncedProposalTrips(t *testing.T) {
	w, _ := committed(t, 1)
	x := tx(1, 2, "x")
	w.propose(1, x)
	w.log[2].Append(x)
	w.judge(Event{Kind: EvAck, Server: 2, Peer: 1, Zxid: x.Zxid})
	w.trips("no-ack-before-sync", "n2 acknowledges 1.2, but its disk ends with 1.1")
}

func TestSelfAckOfAnUnsyncedProposalTrips(t *testing.T) {
	w, _ := committed(t, 1)
	w.propose(1, tx(1, 2, "x"))
	w.probe(1, zab.Probe{Kind: zab.ProbeSelfAck, Zxid: zxid.Make(1, 2)})
	w.trips("no-ack-before-sync", "n1 acknowledges 1.2, but its disk ends with 1.1")
}

// syncing makes n1 a leader of epoch 2 that waits for acknowledgements, with one
// transaction more than n2 has on its disk.
func syncing(t *testing.T) (*world, *txn.Txn) {
	w, end := committed(t, 1)
	x := tx(1, 2, "x")
	w.propose(1, x)
	w.write([]*txn.Txn{x}, 1)
	w.epochs(2, 1, 2)
	w.lead(1, 2)
	w.set(1, func(st *zab.Status) {
		st.Serving, st.Applied, st.AppliedChain = false, x.Zxid, after(end, x).Chain
	})
	w.set(2, func(st *zab.Status) {
		st.Phase, st.Leader, st.Epoch = zab.PhaseSynchronization, 1, 2
		st.Applied, st.AppliedChain = end.Zxid, end.Chain
	})
	w.honest()
	return w, x
}

var ackNewLeader = Event{Kind: EvAck, Server: 2, Peer: 1, Zxid: zxid.Make(2, 0)}

// ZOOKEEPER-3911: the history waits in memory until UPTODATE.
func TestAckOfNewLeaderWithoutItsHistoryTrips(t *testing.T) {
	w, _ := syncing(t)
	w.judge(ackNewLeader)
	w.trips("no-ack-before-sync", "n2 acknowledges the leader of epoch 2, but lacks its history up to 1.2 on disk")
}

// The same when the packet's receiver is left out, and after the leader was
// established by others.
func TestAckOfNewLeaderWithoutItsHistoryTripsLater(t *testing.T) {
	w, x := syncing(t)
	w.write([]*txn.Txn{x}, 3)
	w.establish(1, 2, after(Point{}, tx(1, 1, "x"), x))
	e := ackNewLeader
	e.Peer = 0
	w.judge(e)
	w.trips("no-ack-before-sync", "n2 acknowledges the leader of epoch 2, but lacks its history up to 1.2 on disk")
}

// ZOOKEEPER-1264: the epoch is written after the acknowledgement.
func TestAckOfNewLeaderBeforeTheEpochFileTrips(t *testing.T) {
	w, x := syncing(t)
	w.write([]*txn.Txn{x}, 2)
	e := ackNewLeader
	e.Zxid = zxid.Make(3, 0)
	w.judge(e)
	w.trips("no-ack-before-sync", "n2 acknowledges the leader of epoch 3, but currentEpoch on its disk is 2")
}

// ZOOKEEPER-4646: logged and applied, but the log writer has not run.
func TestAckOfNewLeaderWithAnUnsyncedTreeTrips(t *testing.T) {
	w, x := syncing(t)
	w.status[1] = zab.Status{} // the leader is gone
	w.set(2, func(st *zab.Status) {
		st.Applied, st.AppliedChain = x.Zxid, after(Point{}, tx(1, 1, "x"), x).Chain
	})
	w.judge(ackNewLeader)
	w.trips("no-ack-before-sync", "n2 acknowledges the leader of epoch 2, but its own tree up to 1.2 is not on disk")
}

// The ACK of UPTODATE has the same zxid, and the tree may be ahead by then.
func TestAcksWithADiskBehindThem(t *testing.T) {
	w, x := syncing(t)
	w.write([]*txn.Txn{x}, 2, 3)
	w.judge(ackNewLeader)
	end := after(Point{}, tx(1, 1, "x"), x)
	w.establish(1, 2, end)
	w.active(2, 2, end)
	y := tx(2, 1, "y")
	w.propose(1, y)
	w.write([]*txn.Txn{y}, 1, 3)
	w.commit(1, y)
	w.deliver(2, y)
	w.set(2, serving(after(end, y)))
	w.judge(ackNewLeader)
	w.write([]*txn.Txn{y}, 2)
	w.judge(Event{Kind: EvAck, Server: 2, Peer: 1, Zxid: y.Zxid})
	w.probe(1, zab.Probe{Kind: zab.ProbeSelfAck, Zxid: y.Zxid})
	w.honest()
}
