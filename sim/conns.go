package sim

import (
	"zabsim/zab"
	"zabsim/zab/host"
)

// electionWindow is how many notifications may be on their way on one connection.
// Behind them the newest replaces the one before it: QuorumCnxManager's
// SEND_CAPACITY = 1. Without it an election that never settles fills the world
// with copies of its votes, since each vote adopted is sent to all.
const electionWindow = 2

// electionWindow is electionWindow in a run, and 1 in a search.
func (s *Setup) electionWindow() int {
	if s.Search {
		return 1
	}
	return electionWindow
}

// send puts a message on its way. On a connection that the peer has closed the
// bytes vanish.
func (w *World) send(from Endpoint, id host.ConnID, m *zab.Msg) {
	slot := int(id) - 1
	if slot < 0 || slot >= len(w.Conns) {
		return
	}
	c := &w.Conns[slot]
	if c.State != ConnOpen || from == c.A && (!c.AOpen || !c.BOpen) || from == c.B && (!c.AOpen || !c.BOpen) {
		return
	}
	q := c.queueOf(slot, from)
	if w.Queues[q].fin {
		return // the connection was reset, though this end does not know yet
	}
	if c.Plane == zab.PlaneElection && w.setup.Search && w.Queues[q].endsWith(m) {
		return // a poll that ends in vain changes nothing
	}
	if c.Plane == zab.PlaneElection && w.Queues[q].Len() >= w.setup.electionWindow() {
		w.queue(q).replaceLast(m)
		return
	}
	w.queue(q).push(m)
	w.notice(Notice{Op: NoticeQueue, Arg: uint32(q)})
}

// dial takes the first free slot.
func (w *World) dial(from, to Endpoint, p zab.Plane) {
	slot := w.freeSlot(from, to, p)
	w.Conns[slot] = Conn{State: ConnDialing, Plane: p, A: from, B: to}
	w.notice(Notice{Op: NoticeConnect, Arg: uint32(slot)})
}

func (w *World) freeSlot(from, to Endpoint, p zab.Plane) int {
	if w.setup.Search {
		return w.fixedSlot(from, to, p)
	}
	for slot := range w.Conns {
		if w.Conns[slot].State == ConnFree {
			return slot
		}
	}
	w.Conns = append(w.Conns, Conn{})
	w.Queues = append(w.Queues, new(Queue), new(Queue))
	return len(w.Conns) - 1
}

func (w *World) abandon(from, to Endpoint, p zab.Plane) {
	for slot := range w.Conns {
		c := &w.Conns[slot]
		if c.State == ConnDialing && c.A == from && c.B == to && c.Plane == p {
			w.free(slot)
			return
		}
	}
}

func (w *World) free(slot int) {
	w.Conns[slot] = Conn{}
	for q := 2 * slot; q < 2*slot+2; q++ {
		w.clearQueue(q)
	}
}

func (w *World) clearQueue(q int) {
	if old := w.Queues[q]; old.Len() > 0 || old.fin {
		w.queue(q).reset()
	}
	w.notice(Notice{Op: NoticeClear, Arg: uint32(q)})
}

// connect answers a dial: the acceptor learns of the connection first.
func (w *World) connect(slot int) {
	c := &w.Conns[slot]
	a, b, plane := c.A, c.B, c.Plane
	target := w.Servers[b.Server()]
	if target == nil || !target.Accepts(plane) {
		w.free(slot)
		w.dialRefused(a, b, plane)
		return
	}
	c.State, c.AOpen, c.BOpen = ConnOpen, true, true
	id := connID(slot)
	if plane != zab.PlaneClient {
		w.in = zab.Input{Kind: zab.Opened, Conn: id, Peer: a.Server(), Plane: plane, Incoming: true}
		w.step(b.Server())
	}
	if n := a.Client(); n > 0 {
		w.clientOpened(n, id)
		return
	}
	w.in = zab.Input{Kind: zab.Opened, Conn: id, Peer: b.Server(), Plane: plane}
	w.step(a.Server())
}

func (w *World) dialRefused(a, b Endpoint, plane zab.Plane) {
	if n := a.Client(); n > 0 {
		w.clientClosed(n, 0)
		return
	}
	w.in = zab.Input{Kind: zab.DialFailed, Peer: b.Server(), Plane: plane}
	w.step(a.Server())
}

// close closes end e of a connection: what e has sent still arrives, then the
// peer learns of the end; what was on its way to e vanishes.
func (w *World) close(e Endpoint, id host.ConnID) {
	slot := int(id) - 1
	if slot < 0 || slot >= len(w.Conns) || w.Conns[slot].State != ConnOpen {
		return
	}
	c := &w.Conns[slot]
	peerOpen := c.BOpen
	if e == c.A {
		c.AOpen = false
	} else {
		peerOpen = c.AOpen
		c.BOpen = false
	}
	out := c.queueOf(slot, e)
	w.clearQueue(out ^ 1)
	if !peerOpen {
		w.free(slot)
		return
	}
	if w.Queues[out].fin {
		return // reset before: the peer is about to learn
	}
	w.queue(out).fin = true
	w.notice(Notice{Op: NoticeQueue, Arg: uint32(out)})
}

// deliver gives the head of a queue to its reader.
func (w *World) deliver(q int) {
	slot := q / 2
	c := &w.Conns[slot]
	from, to := c.A, c.B
	if q&1 == 1 {
		from, to = to, from
	}
	queue := w.queue(q)
	id, plane := connID(slot), c.Plane
	if queue.Len() == 0 {
		w.readEnd(slot, to)
		w.closed(to, id, plane)
		return
	}
	m := queue.pop() // stays where it is until this queue is written to: not in this step
	if n := to.Client(); n > 0 {
		w.clientReceived(n, id, &m.Client)
		return
	}
	w.in = zab.Input{Kind: zab.Received, Conn: id, Peer: from.Server(), Plane: plane, Msg: m}
	w.step(to.Server())
}

// readEnd closes end e, which has read the end of the stream. If the writer has
// closed, nobody has the connection any more; after a break the other end may
// still have to learn of it.
func (w *World) readEnd(slot int, e Endpoint) {
	c := &w.Conns[slot]
	other := c.AOpen
	if e == c.A {
		other, c.AOpen = c.BOpen, false
	} else {
		c.BOpen = false
	}
	if !other {
		w.free(slot)
		return
	}
	w.clearQueue(c.queueOf(slot, c.other(e)))
}

// breakConn resets a connection: what was on its way vanishes, and each end
// learns of it in its own time; first, if it is named, at once.
func (w *World) breakConn(slot int, first Endpoint) {
	c := &w.Conns[slot]
	if c.State != ConnOpen {
		return
	}
	for q := 2 * slot; q < 2*slot+2; q++ {
		open := c.BOpen
		if q&1 == 1 {
			open = c.AOpen
		}
		w.clearQueue(q)
		if open {
			w.queue(q).fin = true
			w.notice(Notice{Op: NoticeQueue, Arg: uint32(q)})
		}
	}
	if first != 0 {
		w.deliver(c.queueOf(slot, c.other(first)))
	}
}

func (w *World) closed(e Endpoint, id host.ConnID, plane zab.Plane) {
	if n := e.Client(); n > 0 {
		w.clientClosed(n, id)
		return
	}
	w.in = zab.Input{Kind: zab.Closed, Conn: id, Plane: plane}
	w.step(e.Server())
}
