package sim

import (
	"zabsim/internal/fp"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// Endpoint is an end of a connection: 1 to 8 a server, 9 and above a client.
type Endpoint uint8

// ClientEnd returns the endpoint of client c, counted from 1.
func ClientEnd(c int) Endpoint { return Endpoint(quorum.Max + c) }

// Server returns the server at this end, 0 for a client.
func (e Endpoint) Server() quorum.ServerID {
	if e <= quorum.Max {
		return quorum.ServerID(e)
	}
	return 0
}

// Client returns the client at this end, counted from 1; 0 for a server.
func (e Endpoint) Client() int {
	if e <= quorum.Max {
		return 0
	}
	return int(e) - quorum.Max
}

// ConnState is the state of a connection slot.
type ConnState uint8

// The states. A slot is free again when both ends have let go.
const (
	ConnFree ConnState = iota
	ConnDialing
	ConnOpen
)

// Conn is one TCP-like connection. A dialed; B accepted. Each direction is FIFO;
// each end is open or closed on its own, so a half-open connection is one whose
// other end has not been told yet.
type Conn struct {
	State ConnState
	Plane zab.Plane
	A, B  Endpoint
	AOpen bool
	BOpen bool
}

// Word packs the connection for a fingerprint.
func (c *Conn) Word() uint64 {
	w := uint64(c.State) | uint64(c.Plane)<<8 | uint64(c.A)<<16 | uint64(c.B)<<24
	if c.AOpen {
		w |= 1 << 32
	}
	if c.BOpen {
		w |= 1 << 33
	}
	return w
}

// other returns the end that is not e.
func (c *Conn) other(e Endpoint) Endpoint {
	if e == c.A {
		return c.B
	}
	return c.A
}

func connID(slot int) host.ConnID { return host.ConnID(slot + 1) }

// queueOf returns the index of the queue that end e writes to in slot.
func (c *Conn) queueOf(slot int, e Endpoint) int {
	if e == c.A {
		return 2 * slot
	}
	return 2*slot + 1
}

// Queue is one direction of a connection: what was sent and has not arrived.
type Queue struct {
	msgs []zab.Msg
	head int
	fin  bool // the writer has closed; the reader learns it after the last message
}

// Len returns how many messages are on their way.
func (q *Queue) Len() int { return len(q.msgs) - q.head }

// Ends tells whether the writer has closed.
func (q *Queue) Ends() bool { return q.fin }

// Empty tells whether the reader has nothing to learn: no message, no end.
func (q *Queue) Empty() bool { return q.head == len(q.msgs) && !q.fin }

// Head returns the next message to arrive.
func (q *Queue) Head() *zab.Msg { return &q.msgs[q.head] }

func (q *Queue) push(m *zab.Msg) {
	if q.head == len(q.msgs) {
		q.msgs, q.head = q.msgs[:0], 0
	} else if q.head > 32 && q.head > len(q.msgs)/2 {
		n := copy(q.msgs, q.msgs[q.head:])
		clear(q.msgs[n:])
		q.msgs, q.head = q.msgs[:n], 0
	}
	q.msgs = append(q.msgs, *m)
}

// replaceLast puts m in the place of the youngest message.
func (q *Queue) replaceLast(m *zab.Msg) { q.msgs[len(q.msgs)-1] = *m }

// endsWith tells whether the youngest message is an equal notification.
func (q *Queue) endsWith(m *zab.Msg) bool { return q.Len() > 0 && q.msgs[len(q.msgs)-1].Note == m.Note }

// pop drops the head and returns where it was: valid until the next push.
func (q *Queue) pop() *zab.Msg {
	m := &q.msgs[q.head]
	q.head++
	return m
}

// Drop takes the head off, as its delivery does.
func (q *Queue) Drop() { q.pop() }

// Tail makes dst what was appended to q since it had n messages and no end.
func (q *Queue) Tail(n int, dst *Queue) {
	dst.msgs = append(dst.msgs[:0], q.msgs[q.head+n:]...)
	dst.head, dst.fin = 0, q.fin
}

// Join appends the messages of o, and its end.
func (q *Queue) Join(o *Queue) {
	for i := o.head; i < len(o.msgs); i++ {
		q.push(&o.msgs[i])
	}
	q.fin = q.fin || o.fin
}

func (q *Queue) reset() {
	clear(q.msgs)
	q.msgs, q.head, q.fin = q.msgs[:0], 0, false
}

// CloneInto makes dst an independent copy.
func (q *Queue) CloneInto(dst *Queue) {
	dst.msgs = append(dst.msgs[:0], q.msgs[q.head:]...)
	dst.head, dst.fin = 0, q.fin
}

// Fingerprint names the queue.
func (q *Queue) Fingerprint() fp.Hash {
	h := fp.New(0x5155).Bool(q.fin).Word(uint64(q.Len()))
	for i := q.head; i < len(q.msgs); i++ {
		h = h.Word(uint64(q.msgs[i].Hash()))
	}
	return h.Done()
}
