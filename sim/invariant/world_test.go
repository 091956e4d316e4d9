package invariant

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// world is a hand-made ensemble: tests say what happens, and what the disks and
// statuses show.
type world struct {
	View
	t      *testing.T
	status [quorum.Slots]zab.Status
	disk   [quorum.Slots]DiskFacts
	log    [quorum.Slots]zab.Log
}

func newWorld(t *testing.T, n int) *world {
	w := &world{t: t}
	w.Init(quorum.Majority(n))
	w.Up = quorum.Range(n)
	for id := quorum.ServerID(1); int(id) <= n; id++ {
		w.disk[id].Log = &w.log[id]
		w.Status[id], w.Disk[id] = &w.status[id], &w.disk[id]
	}
	return w
}

// tx makes a transaction; data tells those with one zxid apart.
func tx(epoch zxid.Epoch, counter uint32, data string) *txn.Txn {
	t := txn.Txn{Zxid: zxid.Make(epoch, counter), Op: txn.OpSetData, Data: data}
	return t.Seal()
}

// after returns the end of the history that extends p by txns.
func after(p Point, txns ...*txn.Txn) Point {
	for _, t := range txns {
		p = Point{t.Zxid, zab.ChainNext(p.Chain, t)}
	}
	return p
}

func (w *world) judge(e Event) { w.Judge(&e) }

func (w *world) probe(id quorum.ServerID, p zab.Probe) {
	w.judge(Event{Kind: EvProbe, Server: id, Probe: p})
}

// set changes a status and says so.
func (w *world) set(id quorum.ServerID, change func(*zab.Status)) {
	change(&w.status[id])
	w.judge(Event{Kind: EvStatus, Server: id})
}

// epochs writes both epoch files and what memory has of them.
func (w *world) epochs(e zxid.Epoch, ids ...quorum.ServerID) {
	for _, id := range ids {
		w.disk[id].Accepted, w.disk[id].Current = e, e
		w.judge(Event{Kind: EvDisk, Server: id})
		w.set(id, func(st *zab.Status) { st.AcceptedEpoch, st.CurrentEpoch = e, e })
	}
}

// write makes transactions durable on the disks of the servers.
func (w *world) write(txns []*txn.Txn, ids ...quorum.ServerID) {
	for _, id := range ids {
		for _, t := range txns {
			w.log[id].Append(t)
		}
		w.disk[id].Synced = w.log[id].Len()
		w.judge(Event{Kind: EvDisk, Server: id})
	}
}

// establish makes id the leader of epoch e with initial history p, which serves.
func (w *world) establish(id quorum.ServerID, e zxid.Epoch, p Point) {
	w.probe(id, zab.Probe{Kind: zab.ProbeEstablish, Epoch: e, Zxid: p.Zxid, Chain: p.Chain, Set: w.Up})
	w.active(id, e, p)
	w.set(id, func(st *zab.Status) {
		st.Phase, st.Serving, st.Epoch, st.Leader = zab.PhaseBroadcast, true, e, id
		st.Applied, st.AppliedChain = p.Zxid, p.Chain
	})
}

func (w *world) active(id quorum.ServerID, e zxid.Epoch, p Point) {
	w.probe(id, zab.Probe{Kind: zab.ProbeActive, Epoch: e, Zxid: p.Zxid, Chain: p.Chain})
}

func (w *world) propose(id quorum.ServerID, txns ...*txn.Txn) {
	for _, t := range txns {
		w.probe(id, zab.Probe{Kind: zab.ProbePropose, Zxid: t.Zxid, Txn: t})
	}
}

func (w *world) commit(id quorum.ServerID, txns ...*txn.Txn) {
	for _, t := range txns {
		w.probe(id, zab.Probe{Kind: zab.ProbeCommit, Zxid: t.Zxid, Txn: t})
	}
}

// deliver applies transactions on top of what the server delivered before.
func (w *world) deliver(id quorum.ServerID, txns ...*txn.Txn) {
	for _, t := range txns {
		p := after(w.Ghost.Served[id], t)
		w.probe(id, zab.Probe{Kind: zab.ProbeDeliver, Zxid: t.Zxid, Txn: t, Chain: p.Chain})
	}
}

// committed returns three servers, led by n1 in epoch 1, that have committed and
// durable txns 1.1 to 1.count, and the end of that history.
func committed(t *testing.T, count uint32) (*world, Point) {
	w := newWorld(t, 3)
	w.epochs(1, 1, 2, 3)
	w.establish(1, 1, Point{})
	w.active(2, 1, Point{})
	w.active(3, 1, Point{})
	var end Point
	for c := uint32(1); c <= count; c++ {
		x := tx(1, c, "x")
		w.propose(1, x)
		w.write([]*txn.Txn{x}, 1, 2, 3)
		w.commit(1, x)
		end = after(end, x)
	}
	w.honest()
	return w, end
}

func (w *world) names() []string {
	var names []string
	for i := range w.Violations {
		names = append(names, w.Violations[i].Check)
	}
	return names
}

// honest wants no violation so far.
func (w *world) honest() {
	w.t.Helper()
	assert.Empty(w.t, w.Violations)
}

// trips wants exactly one violation, with this text.
func (w *world) trips(name, text string) {
	w.t.Helper()
	if assert.Equal(w.t, []string{name}, w.names(), "%v", w.Violations) {
		assert.Equal(w.t, text, w.Violations[0].Text)
		assert.Equal(w.t, name+": "+text, w.Violations[0].String())
		assert.NotZero(w.t, w.Violations[0].Servers)
	}
}
