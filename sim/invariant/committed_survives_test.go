package invariant

import (
	"testing"

	"zabsim/zab"
	"zabsim/zab/txn"
)

func TestCommittingWithoutAQuorumOfDisksTripsCommittedSurvives(t *testing.T) {
	w, _ := committed(t, 0)
	x := tx(1, 1, "x")
	w.propose(1, x)
	w.write([]*txn.Txn{x}, 1)
	w.log[2].Append(x) // written, not synced
	w.commit(1, x)
	w.trips("committed-survives", "the history up to 1.1 is committed, but is only on the disks of {1}, which is no quorum")
}

// ZOOKEEPER-3911: the leader is established by acknowledgements with no disk
// behind them.
func TestEstablishingWithoutAQuorumOfDisksTripsCommittedSurvives(t *testing.T) {
	w, end := committed(t, 1)
	left := tx(1, 2, "left over")
	w.propose(1, left)
	w.write([]*txn.Txn{left}, 1)
	w.probe(1, establishProbe(2, after(end, left)))
	w.trips("committed-survives", "the history up to 1.2 is committed, but is only on the disks of {1}, which is no quorum")
}

// ZOOKEEPER-4643, last step: the servers that have it are truncated.
func TestTruncatingCommittedHistoryTripsCommittedSurvives(t *testing.T) {
	w, _ := committed(t, 2)
	for _, id := range []int{2, 3} {
		w.log[id].Cut(1)
		w.disk[id].Synced = 1
	}
	w.judge(Event{Kind: EvDisk, Server: 3})
	w.trips("committed-survives", "the history up to 1.2 was committed, but is only on the disks of {1}, which is no quorum")
}

// A minority may lack it, a server that is down counts, and a fenced snapshot
// stands for the history before it.
func TestCommittedHistoryOnAQuorumSurvives(t *testing.T) {
	w, end := committed(t, 2)
	w.judge(Event{Kind: EvCrash, Server: 1})
	w.Up = w.Up.Without(1)
	w.log[2].Cut(0)
	w.disk[2].Synced = 0
	w.judge(Event{Kind: EvDisk, Server: 2})
	x := tx(1, 3, "x")
	w.propose(1, x)
	w.write([]*txn.Txn{x}, 1)
	p := after(end, x) // n3 got a snapshot that ends with what is not committed
	w.log[3].Reset(p.Zxid, p.Chain)
	w.disk[3].Synced = 0
	w.judge(Event{Kind: EvDisk, Server: 3})
	w.honest()
	w.disk[2].Snaps = []*zab.Snapshot{{Last: p.Zxid, Chain: p.Chain}}
	w.log[1].Cut(0)
	w.disk[1].Synced = 0
	w.judge(Event{Kind: EvDisk, Server: 1})
	w.honest()
}
