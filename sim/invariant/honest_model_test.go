package invariant

import (
	"fmt"
	"testing"

	"zabsim/internal/keyed"
	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// honest is a tiny ZAB at the grain of whole histories: discovery is one step, a
// synchronization is another, but disks, acknowledgements and commits take their
// time, deposed leaders live on, and anyone may crash at any moment. It feeds a
// view. The fields wrong... make it dishonest.
type honest struct {
	*world
	n     int
	node  [quorum.Slots]node
	acks  []ack
	draws keyed.Draw
	value int

	slow int // of 4 acknowledgements that could arrive now, how many do not

	wrongLeader, wrongAck, wrongSync bool
}

// node is a server. Its log is world.log, its durable part world.disk.
type node struct {
	up, synced, active bool
	lead               bool
	leader             quorum.ServerID
	epoch              zxid.Epoch
	// Lengths of prefixes of the log: in the tree, decided or known to be.
	applied, decided int
	// Leader.
	newLeader quorum.Set
	acked     [quorum.Slots]int
	start     int
}

// ack is an acknowledgement on its way: of a log of that length, or of NEWLEADER.
type ack struct {
	from, to quorum.ServerID
	epoch    zxid.Epoch
	length   int
}

func newHonest(t *testing.T, n int, draws keyed.Draw) *honest {
	h := &honest{world: newWorld(t, n), n: n, draws: draws}
	h.slow = h.pick(4)
	for id := 1; id <= n; id++ {
		h.node[id].up = true
	}
	return h
}

func (h *honest) pick(n int) int {
	h.draws = h.draws.Next()
	return int(h.draws.Below(uint64(n)))
}

func (h *honest) server() quorum.ServerID { return quorum.ServerID(1 + h.pick(h.n)) }

func (h *honest) show(id quorum.ServerID) {
	nd := &h.node[id]
	st := zab.Status{
		AcceptedEpoch: h.disk[id].Accepted, CurrentEpoch: h.disk[id].Current, Leader: nd.leader,
		Epoch: nd.epoch, Serving: nd.active,
	}
	if nd.leader != 0 {
		st.Phase = zab.PhaseSynchronization
	}
	if nd.lead {
		st.Connecting, st.Electing = quorum.Of(id), quorum.Of(id)
	}
	if nd.active {
		st.Phase = zab.PhaseBroadcast
	}
	p := h.prefix(id, nd.applied)
	st.Applied, st.AppliedChain = p.Zxid, p.Chain
	st.LastLogged, st.LogChain = h.log[id].Last()
	h.set(id, func(s *zab.Status) { *s = st })
}

func (h *honest) prefix(id quorum.ServerID, n int) Point {
	if n == 0 {
		return Point{}
	}
	e := h.log[id].At(n - 1)
	return Point{e.Txn.Zxid, e.Chain}
}

func (h *honest) fsync(id quorum.ServerID) {
	h.disk[id].Synced = h.log[id].Len()
	h.judge(Event{Kind: EvDisk, Server: id})
}

// leave ends a role: the log is drained and the tree brought up to it.
func (h *honest) leave(id quorum.ServerID) {
	h.fsync(id)
	n := h.log[id].Len()
	h.node[id] = node{up: true, applied: n}
	p := h.prefix(id, n)
	h.probe(id, zab.Probe{Kind: zab.ProbeDrained, Zxid: p.Zxid, Chain: p.Chain})
	h.judge(Event{Kind: EvReopen, Server: id, Mem: Facts{Zxid: p.Zxid}, Reopened: Facts{Zxid: p.Zxid}})
	h.show(id)
}

// elect lets a random quorum of running servers leave their roles and enter the
// next epoch under the best of them.
func (h *honest) elect() {
	var q quorum.Set
	for range 2 * h.n {
		if id := h.server(); h.node[id].up {
			q = q.With(id)
		}
	}
	if !h.Quorum.Contains(q) {
		return
	}
	var leader quorum.ServerID
	var e zxid.Epoch
	for rest := q; rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		h.leave(id)
		e = max(e, h.disk[id].Accepted+1)
		if leader == 0 || h.better(id, leader) != h.wrongLeader {
			leader = id
		}
	}
	for rest := q; rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		h.disk[id].Accepted = e
		h.judge(Event{Kind: EvDisk, Server: id})
		nd := &h.node[id]
		nd.leader, nd.epoch, nd.lead = leader, e, id == leader
		if nd.lead {
			h.disk[id].Current = e
			h.judge(Event{Kind: EvDisk, Server: id})
			nd.newLeader, nd.start = quorum.Of(id), nd.applied
		}
		h.show(id)
	}
}

func (h *honest) better(a, b quorum.ServerID) bool {
	za, _ := h.log[a].Last()
	zb, _ := h.log[b].Last()
	ca, cb := h.disk[a].Current, h.disk[b].Current
	return ca > cb || ca == cb && za > zb
}

// follows tells whether id is connected to a leader of its epoch.
func (h *honest) follows(id quorum.ServerID) bool {
	nd := &h.node[id]
	l := &h.node[nd.leader]
	return nd.up && !nd.lead && nd.leader != 0 && l.up && l.lead && l.epoch == nd.epoch
}

// synchronize brings a follower to its leader's tree, then writes the epoch, then
// acknowledges. A fenced snapshot or a truncation, as it comes.
func (h *honest) synchronize(id quorum.ServerID) {
	nd := &h.node[id]
	if !h.follows(id) || nd.synced {
		return
	}
	from := &h.log[nd.leader]
	n, shared := h.node[nd.leader].applied, 0
	for shared < min(n, h.log[id].Len()) && from.At(shared).Chain == h.log[id].At(shared).Chain {
		shared++
	}
	h.log[id].Cut(shared)
	h.disk[id].Synced = shared
	h.judge(Event{Kind: EvDisk, Server: id})
	for i := shared; i < n; i++ {
		h.log[id].Append(from.At(i).Txn)
	}
	if !h.wrongSync {
		h.fsync(id)
	}
	nd.synced, nd.applied, nd.decided = true, n, n
	h.disk[id].Current = nd.epoch
	h.judge(Event{Kind: EvDisk, Server: id})
	h.show(id)
	h.ack(id, -1)
}

func (h *honest) ack(id quorum.ServerID, length int) {
	nd := &h.node[id]
	z := zxid.Make(nd.epoch, 0)
	if length >= 0 {
		z = h.log[id].At(length - 1).Txn.Zxid
	}
	h.judge(Event{Kind: EvAck, Server: id, Peer: nd.leader, Zxid: z})
	h.acks = append(h.acks, ack{id, nd.leader, nd.epoch, length})
}

// receive delivers the oldest acknowledgement of some pair, maybe long after its
// sender has left.
func (h *honest) receive() {
	if len(h.acks) == 0 {
		return
	}
	i := h.pick(len(h.acks))
	for j := range h.acks {
		if h.acks[j].from == h.acks[i].from && h.acks[j].to == h.acks[i].to {
			i = j
			break
		}
	}
	a := h.acks[i]
	h.acks = append(h.acks[:i], h.acks[i+1:]...)
	l := &h.node[a.to]
	if !l.up || !l.lead || l.epoch != a.epoch {
		return
	}
	if a.length >= 0 {
		l.acked[a.from] = a.length
		h.tryCommit(a.to)
		return
	}
	l.newLeader = l.newLeader.With(a.from)
	if !l.active && h.Quorum.Contains(l.newLeader) {
		p := h.prefix(a.to, l.start)
		l.active, l.decided = true, l.start
		h.probe(a.to, zab.Probe{Kind: zab.ProbeEstablish, Epoch: l.epoch, Zxid: p.Zxid, Chain: p.Chain, Set: l.newLeader})
		h.world.active(a.to, l.epoch, p)
		h.show(a.to)
	}
}

func (h *honest) tryCommit(id quorum.ServerID) {
	l := &h.node[id]
	for l.active && l.decided < h.log[id].Len() {
		var q quorum.Set
		for other := quorum.ServerID(1); int(other) <= h.n; other++ {
			if l.acked[other] > l.decided {
				q = q.With(other)
			}
		}
		if !h.Quorum.Contains(q) {
			return
		}
		t := h.log[id].At(l.decided).Txn
		l.decided++
		h.probe(id, zab.Probe{Kind: zab.ProbeCommit, Zxid: t.Zxid, Txn: t})
	}
}

func (h *honest) broadcast(id quorum.ServerID) {
	l := &h.node[id]
	if !l.lead || !l.active {
		return
	}
	h.value++
	t := tx(l.epoch, uint32(h.log[id].Len()-l.start+1), fmt.Sprint(h.value))
	h.probe(id, zab.Probe{Kind: zab.ProbePropose, Zxid: t.Zxid, Txn: t})
	h.log[id].Append(t)
	h.show(id)
}

// writeLog is a turn of the log writer.
func (h *honest) writeLog(id quorum.ServerID) {
	nd := &h.node[id]
	was := h.disk[id].Synced
	if !nd.up || !nd.active || was == h.log[id].Len() {
		return
	}
	if !h.wrongAck {
		h.fsync(id)
	}
	for i := was + 1; i <= h.log[id].Len(); i++ {
		if !nd.lead {
			h.ack(id, i)
			continue
		}
		h.probe(id, zab.Probe{Kind: zab.ProbeSelfAck, Zxid: h.log[id].At(i - 1).Txn.Zxid})
		nd.acked[id] = i
		h.tryCommit(id)
	}
	h.show(id)
}

// hear lets a follower take the next thing that its leader has to say.
func (h *honest) hear(id quorum.ServerID) {
	nd := &h.node[id]
	if !h.follows(id) || !nd.synced {
		return
	}
	l := &h.node[nd.leader]
	switch {
	case !nd.active:
		if l.active && l.newLeader.Has(id) {
			nd.active = true
			p := h.prefix(id, nd.applied)
			h.world.active(id, nd.epoch, p)
		}
	case h.log[id].Len() < h.log[nd.leader].Len():
		h.log[id].Append(h.log[nd.leader].At(h.log[id].Len()).Txn)
	default:
		nd.decided = max(nd.decided, l.decided)
	}
	h.show(id)
}

func (h *honest) apply(id quorum.ServerID) {
	nd := &h.node[id]
	if !nd.up || !nd.active || nd.applied >= min(nd.decided, h.log[id].Len()) {
		return
	}
	e := h.log[id].At(nd.applied)
	nd.applied++
	h.probe(id, zab.Probe{Kind: zab.ProbeDeliver, Zxid: e.Txn.Zxid, Txn: e.Txn, Chain: e.Chain})
	h.show(id)
}

func (h *honest) crash(id quorum.ServerID) {
	if !h.node[id].up {
		return
	}
	h.judge(Event{Kind: EvCrash, Server: id})
	h.Up = h.Up.Without(id)
	h.log[id].Cut(h.disk[id].Synced + h.pick(h.log[id].Len()-h.disk[id].Synced+1))
	h.node[id] = node{}
	h.fsync(id)
}

func (h *honest) restart(id quorum.ServerID) {
	if h.node[id].up {
		return
	}
	h.Up = h.Up.With(id)
	h.node[id] = node{up: true, applied: h.log[id].Len()}
	h.show(id)
}

func (h *honest) step() {
	switch k := h.pick(100); {
	case k < 4:
		h.elect()
	case k < 20:
		h.synchronize(h.server())
	case k < 40:
		if h.pick(4) >= h.slow {
			h.receive()
		}
	case k < 50:
		h.broadcast(h.server())
	case k < 62:
		h.writeLog(h.server())
	case k < 80:
		h.hear(h.server())
	case k < 92:
		h.apply(h.server())
	case k < 94:
		h.crash(h.server())
	case k < 98:
		h.restart(h.server())
	default:
		if id := h.server(); h.node[id].up {
			h.leave(id)
		}
	}
}
