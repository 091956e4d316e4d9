package cnxn

import (
	"zabsim/internal/fp"
	"zabsim/sim/client"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// phase is where a client stands with its connection.
type phase uint8

const (
	phaseNew       phase = iota // Start has not come
	phaseBackoff                // between two dials
	phaseDialing                // TCP
	phaseHandshake              // ConnectRequest sent
	phaseConnected
	phaseDead // the session is over
)

// identity is an authInfo of the client.
type identity struct{ scheme, auth string }

// Client is the client library of one application: a session, at most one
// connection, the requests under way and the watches. The zero value is of no use;
// see New.
type Client struct {
	cfg      *Config
	phase    phase
	state    client.State // as the application sees it
	told     client.State // EventThread.sessionState: the state that watchers know
	closing  bool         // a closeSession waits or is on its way
	primed   bool         // there was a TCP connection before
	opening  bool         // a NewSession waits for the connection
	openTag  uint32
	server   int // HostConnectionManager.currentIndex
	last     int // its lastIndex: where a round ends
	conn     host.ConnID
	session  txn.SessionID
	password string
	timeout  int32  // milliseconds: negotiated, or asked for before that
	xid      uint32 // the last one used
	lastZxid zxid.Zxid
	pending  []packet // sent, waiting for their replies
	queue    []packet // not sent
	auth     []identity
	watches  watches
}

// New returns a client that has not started.
func New(cfg *Config) *Client {
	c := &Client{}
	c.Init(cfg)
	return c
}

// Init makes c what New returns, and keeps its memory.
func (c *Client) Init(cfg *Config) {
	c.watches.reset()
	clear(c.pending)
	clear(c.queue)
	clear(c.auth)
	*c = Client{
		cfg: cfg, timeout: cfg.TimeoutMillis, told: client.Suspended, server: -1, last: -1,
		pending: c.pending[:0], queue: c.queue[:0], auth: c.auth[:0], watches: c.watches,
	}
}

// CloneInto makes dst an independent copy; dst keeps its memory.
func (c *Client) CloneInto(dst *Client) {
	pending, queue, auth, w := dst.pending, dst.queue, dst.auth, dst.watches
	c.watches.cloneInto(&w)
	pending, queue, auth = copyInto(pending, c.pending), copyInto(queue, c.queue), copyInto(auth, c.auth)
	*dst = *c
	dst.pending, dst.queue, dst.auth, dst.watches = pending, queue, auth, w
}

// copyInto makes dst equal to src and lets go of what else it held.
func copyInto[T any](dst, src []T) []T {
	if len(dst) > len(src) {
		clear(dst[len(src):])
	}
	return append(dst[:0], src...)
}

// Fingerprint names the client. It does not depend on the time.
func (c *Client) Fingerprint() fp.Hash {
	h := fp.New(0x436E).Word(uint64(c.phase) | uint64(c.state)<<8 | uint64(c.told)<<16).
		Bool(c.closing).Bool(c.primed).Bool(c.opening).Word(uint64(c.openTag)<<32 | uint64(c.xid)).
		Word(uint64(c.server)).Word(uint64(c.last)).Word(uint64(c.conn)<<32 | uint64(uint32(c.timeout))).
		Word(uint64(c.session)).String(c.password).Word(uint64(c.lastZxid)).
		Word(uint64(len(c.pending))<<32 | uint64(len(c.queue)))
	for i := range c.pending {
		h = c.pending[i].fold(h)
	}
	for i := range c.queue {
		h = c.queue[i].fold(h)
	}
	for i := range c.auth {
		h = h.String(c.auth[i].scheme).String(c.auth[i].auth)
	}
	return h.Word(uint64(c.watches.sum)).Done()
}

// State returns what the application knows of its session.
func (c *Client) State() client.State { return c.state }

// Session returns the session's id, zero before the first connection.
func (c *Client) Session() txn.SessionID { return c.session }

// TimeoutMillis returns the negotiated time-out, or the one asked for before there
// was a connection.
func (c *Client) TimeoutMillis() int32 { return c.timeout }

// LastZxid returns the newest zxid in the header of a reply.
func (c *Client) LastZxid() zxid.Zxid { return c.lastZxid }

// Conn returns the client's connection, zero if there is none.
func (c *Client) Conn() host.ConnID { return c.conn }

// Server returns which server the client is at or will dial next, -1 before the
// start.
func (c *Client) Server() int { return c.server }

// Alive tells whether the session may still be used (ZooKeeper.States.isAlive).
func (c *Client) Alive() bool { return c.state <= client.Suspended }

// Running tells whether a timer was set and may fire. A search, which has no time,
// may let any of them fire.
func (c *Client) Running(t Timer) bool {
	switch t {
	case TimerBackoff:
		return c.phase == phaseBackoff
	case TimerConnect:
		return c.phase == phaseDialing || c.phase == phaseHandshake
	case TimerRead, TimerPing:
		return c.phase == phaseConnected
	case TimerExpire:
		return c.phase != phaseDead && c.session != 0 && !c.cfg.NoLocalExpiry
	}
	return false
}

// Outstanding returns how many requests that somebody waits for were sent, and how
// many wait to be.
func (c *Client) Outstanding() (sent, queued int) {
	for i := range c.pending {
		if !c.pending[i].quiet {
			sent++
		}
	}
	for i := range c.queue {
		if !c.queue[i].quiet {
			queued++
		}
	}
	return sent, queued
}

// Watches returns how many watchers the client holds, over all tables and paths.
func (c *Client) Watches() (n int) {
	for _, t := range c.watches.table {
		n += len(t)
	}
	return n
}
