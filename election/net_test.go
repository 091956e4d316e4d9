package election

import (
	"testing"

	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// A small network for tests: connections with a FIFO each way, dials, timers in
// virtual time. Two ways to choose what comes next: an ordinary event queue
// with random delays, or "patient", in which any head may come next and time
// passes only when there is nothing else to do.

type xorshift uint64

func (x *xorshift) below(n int) int {
	v := *x
	v ^= v << 13
	v ^= v >> 7
	v ^= v << 17
	*x = v
	return int((v >> 11) % xorshift(n))
}

type parcelKind uint8

const (
	opened parcelKind = iota
	note
	closed
)

type parcel struct {
	kind parcelKind
	note Note
	due  host.Time
}

// wire is a connection. End 0 dialed.
type wire struct {
	id     host.ConnID
	ends   [2]quorum.ServerID
	inbox  [2][]parcel // toward that end
	closed [2]bool     // that end closed it, or was told
}

type dial struct {
	from, to quorum.ServerID
	due      host.Time
}

type node struct {
	Machine
	cfg     Config
	on      bool
	decided bool
	own     Vote
	epoch   zxid.Epoch            // a leader's, once established
	timers  [TimerCount]host.Time // 0 = off
	ready   host.Time             // when the lane runs next
	check   host.Time             // role side: look again if the ensemble failed
}

type network struct {
	t       *testing.T
	rnd     xorshift
	patient bool
	delay   host.Duration
	now     host.Time
	nodes   [quorum.Slots]*node
	wires   []*wire
	dials   []dial
	cut     [quorum.Slots][quorum.Slots]bool
	nextID  host.ConnID
	out     Outs
	steps   int
	epoch   zxid.Epoch // last one established
}

func newNetwork(t *testing.T, q *quorum.Config, seed uint64) *network {
	w := &network{t: t, rnd: xorshift(seed*0x9E3779B97F4A7C15 + 1), delay: 50 * host.Millisecond, now: 1}
	for range 4 {
		w.rnd.below(2)
	}
	for rest := q.All(); rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		n := &node{cfg: DefaultConfig(id, q)}
		n.Init(&n.cfg)
		w.nodes[id] = n
	}
	return w
}

func (w *network) later() host.Time {
	return w.now.Add(host.Duration(1 + w.rnd.below(int(w.delay))))
}

// call runs f on a machine and does what it asks for.
func (w *network) call(id quorum.ServerID, f func(*node, *Outs)) {
	n := w.nodes[id]
	w.out.Reset()
	f(n, &w.out)
	for _, o := range w.out.List() {
		w.do(id, n, o)
	}
	if n.ready == 0 && n.Runnable() {
		n.ready = w.now + 1
	}
}

func (w *network) do(id quorum.ServerID, n *node, o Out) {
	switch o.Op {
	case OutSend:
		if c, end := w.find(o.Conn, id); c != nil && !c.closed[end] {
			w.put(c, 1-end, parcel{kind: note, note: o.Note})
		}
	case OutDial:
		w.dials = append(w.dials, dial{id, o.Peer, w.later()})
	case OutClose:
		w.closeFrom(id, o)
	case OutSetTimer:
		n.timers[o.Timer] = w.now.Add(o.After)
	case OutStopTimer:
		n.timers[o.Timer] = 0
	case OutDecide:
		n.decided = true
		n.check = w.now.Add(3 * host.Second)
	}
}

func (w *network) closeFrom(id quorum.ServerID, o Out) {
	if o.Conn == 0 {
		for i, d := range w.dials {
			if d.from == id && d.to == o.Peer {
				w.dials = append(w.dials[:i], w.dials[i+1:]...)
				return
			}
		}
		return
	}
	if c, end := w.find(o.Conn, id); c != nil && !c.closed[end] {
		c.closed[end] = true
		c.inbox[end] = nil
		w.put(c, 1-end, parcel{kind: closed})
	}
}

func (w *network) put(c *wire, end int, p parcel) {
	if c.closed[end] {
		return
	}
	p.due = w.later()
	if k := len(c.inbox[end]); k > 0 {
		p.due = max(p.due, c.inbox[end][k-1].due) // FIFO
	}
	c.inbox[end] = append(c.inbox[end], p)
}

func (w *network) find(id host.ConnID, who quorum.ServerID) (*wire, int) {
	for _, c := range w.wires {
		if c.id == id && c.ends[0] == who {
			return c, 0
		}
		if c.id == id && c.ends[1] == who {
			return c, 1
		}
	}
	return nil, 0
}

// connect completes a dial. A cut link swallows it until the dial timer fires.
func (w *network) connect(i int) {
	d := w.dials[i]
	w.dials = append(w.dials[:i], w.dials[i+1:]...)
	if w.cut[d.from][d.to] {
		w.dials = append(w.dials, dial{d.from, d.to, host.Time(1) << 60})
		return
	}
	if !w.nodes[d.to].on {
		w.call(d.from, func(n *node, o *Outs) { n.DialFailed(d.to, o) })
		return
	}
	w.nextID++
	c := &wire{id: w.nextID, ends: [2]quorum.ServerID{d.from, d.to}}
	w.wires = append(w.wires, c)
	w.put(c, 0, parcel{kind: opened})
	w.put(c, 1, parcel{kind: opened})
}

func (w *network) deliver(c *wire, end int) {
	p := c.inbox[end][0]
	c.inbox[end] = c.inbox[end][1:]
	if p.kind == closed {
		c.closed[end] = true
	}
	w.call(c.ends[end], func(n *node, o *Outs) {
		switch p.kind {
		case opened:
			n.Opened(c.id, c.ends[1-end], end == 1, o)
		case note:
			n.Receive(c.id, &p.note, o)
		case closed:
			n.Closed(c.id, o)
		}
	})
}

// sever breaks the connections between a and b; what is under way is lost.
func (w *network) sever(a, b quorum.ServerID) {
	for _, c := range w.wires {
		if c.ends != [2]quorum.ServerID{a, b} && c.ends != [2]quorum.ServerID{b, a} {
			continue
		}
		for end := range c.ends {
			if !c.closed[end] {
				// An end that was never told of the connection hears nothing.
				told := len(c.inbox[end]) == 0 || c.inbox[end][0].kind != opened
				c.inbox[end] = nil
				if told {
					w.put(c, end, parcel{kind: closed})
				} else if end == 0 {
					w.call(c.ends[0], func(n *node, o *Outs) { n.DialFailed(c.ends[1], o) })
				}
			}
		}
	}
}

func (w *network) start(id quorum.ServerID, own Vote) {
	own.Leader = id
	w.nodes[id].on, w.nodes[id].own = true, own
	w.look(id)
}

func (w *network) look(id quorum.ServerID) {
	w.nodes[id].decided = false
	w.nodes[id].check, w.nodes[id].epoch = 0, 0
	w.call(id, func(n *node, o *Outs) { n.LookForLeader(n.own, o) })
}

// crash stops a server; its peers learn of the broken connections.
func (w *network) crash(id quorum.ServerID) {
	n := w.nodes[id]
	w.call(id, func(n *node, o *Outs) { n.Halt(o) })
	for p := range w.nodes {
		if w.nodes[p] != nil {
			w.sever(id, quorum.ServerID(p))
		}
	}
	for i := len(w.dials) - 1; i >= 0; i-- {
		if w.dials[i].from == id {
			w.dials = append(w.dials[:i], w.dials[i+1:]...)
		}
	}
	*n = node{cfg: n.cfg}
	n.Init(&n.cfg)
}
