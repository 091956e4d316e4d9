package election

import (
	"zabsim/internal/fp"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// links is QuorumCnxManager: at most one connection per peer, owned by the
// larger sid, and one waiting message per peer (protocol fact 3.8).
//
// Slots whose bit is clear in the set beside them hold zero.
type links struct {
	up      quorum.Set // peers with a connection, senderWorkerMap
	dialing quorum.Set // peers with a dial under way
	queued  quorum.Set // peers that have a send queue at all, queueSendMap
	pending quorum.Set // peers whose send queue is full
	sent    quorum.Set // peers that were ever sent something, lastMessageSent
	conn    [quorum.Slots]host.ConnID
	outbox  [quorum.Slots]Note
	last    [quorum.Slots]Note
}

// send hands n to peer p, QuorumCnxManager.toSend. Without a connection n waits
// and replaces what waited before it (SEND_CAPACITY = 1).
func (l *links) send(cfg *Config, p quorum.ServerID, n *Note, out *Outs) {
	l.queued = l.queued.With(p)
	if l.up.Has(p) {
		l.transmit(p, n, out)
		return
	}
	l.outbox[p] = *n
	l.pending = l.pending.With(p)
	l.connectOne(cfg, p, out)
}

// transmit remembers n before it leaves: if the connection breaks under it, the
// next one starts with it. The receiver must bear duplicates.
func (l *links) transmit(p quorum.ServerID, n *Note, out *Outs) {
	l.last[p] = *n
	l.sent = l.sent.With(p)
	out.send(l.conn[p], p, n)
}

// connectOne dials p unless there is a connection or a dial already.
func (l *links) connectOne(cfg *Config, p quorum.ServerID, out *Outs) {
	if l.up.Has(p) || l.dialing.Has(p) {
		return
	}
	l.dialing = l.dialing.With(p)
	out.dial(p)
	out.setTimer(TimerDial(p), cfg.ConnectTimeout)
}

// connectAll dials every peer that has a send queue.
func (l *links) connectAll(cfg *Config, out *Outs) {
	for rest := l.queued; rest != 0; rest = rest.Without(rest.First()) {
		l.connectOne(cfg, rest.First(), out)
	}
}

// haveDelivered is meant to tell whether everything was sent. QUIRK: as in
// QuorumCnxManager.haveDelivered, one empty queue is enough for a yes.
func (l *links) haveDelivered() bool { return l.queued&^l.pending != 0 }

// opened settles who keeps a new connection, from QuorumCnxManager's
// startConnection (we dialed) and handleConnection (the peer did).
func (l *links) opened(cfg *Config, c host.ConnID, p quorum.ServerID, incoming bool, out *Outs) {
	if !incoming {
		if !l.dialing.Has(p) {
			out.close(c, p) // given up before
			return
		}
		l.endDial(p, out)
	}
	switch {
	case p == cfg.ID: // ZOOKEEPER-2164
		out.close(c, p)
	case incoming == (p > cfg.ID): // dialed by the larger of the two
		l.finish(p, out)
		l.start(c, p, out)
	case incoming:
		// The smaller peer asks to be dialed. It would not do so over a working
		// connection, so ours must be dead.
		l.finish(p, out)
		out.close(c, p)
		l.connectOne(cfg, p, out)
	default:
		out.close(c, p) // "Have smaller server identifier, so dropping"
	}
}

// start is the beginning of SendWorker.run: the waiting message goes out, else
// the last one again, since the old connection may have lost it.
func (l *links) start(c host.ConnID, p quorum.ServerID, out *Outs) {
	l.conn[p] = c
	l.up = l.up.With(p)
	l.queued = l.queued.With(p)
	switch {
	case l.pending.Has(p):
		n := l.outbox[p]
		l.outbox[p] = Note{}
		l.pending = l.pending.Without(p)
		l.transmit(p, &n, out)
	case l.sent.Has(p):
		out.send(c, p, &l.last[p])
	}
}

// finish closes the connection to p if there is one, SendWorker.finish.
func (l *links) finish(p quorum.ServerID, out *Outs) {
	if l.up.Has(p) {
		out.close(l.conn[p], p)
		l.forget(p)
	}
}

func (l *links) forget(p quorum.ServerID) {
	l.conn[p] = 0
	l.up = l.up.Without(p)
}

// endDial notes that the dial to p has come to an end.
func (l *links) endDial(p quorum.ServerID, out *Outs) {
	if l.dialing.Has(p) {
		l.dialing = l.dialing.Without(p)
		out.stopTimer(TimerDial(p))
	}
}

// dialExpired is the connect time-out cnxTO.
func (l *links) dialExpired(p quorum.ServerID, out *Outs) {
	if l.dialing.Has(p) {
		l.dialing = l.dialing.Without(p)
		out.close(0, p)
	}
}

// peer returns who is at the other end of c, 0 if c is none of ours any more.
func (l *links) peer(c host.ConnID) quorum.ServerID {
	for rest := l.up; rest != 0; rest = rest.Without(rest.First()) {
		if p := rest.First(); l.conn[p] == c {
			return p
		}
	}
	return 0
}

// halt drops every connection and dial.
func (l *links) halt(out *Outs) {
	for rest := l.up | l.dialing; rest != 0; rest = rest.Without(rest.First()) {
		p := rest.First()
		l.finish(p, out)
		if l.dialing.Has(p) {
			l.endDial(p, out)
			out.close(0, p)
		}
	}
	*l = links{}
}

// fold skips whatever the sets say is empty.
func (l *links) fold(h fp.Hash) fp.Hash {
	h = h.Word(uint64(l.up) | uint64(l.dialing)<<8 | uint64(l.queued)<<16 |
		uint64(l.pending)<<24 | uint64(l.sent)<<32)
	for rest := l.up; rest != 0; rest = rest.Without(rest.First()) {
		h = h.Word(uint64(l.conn[rest.First()]))
	}
	for rest := l.pending; rest != 0; rest = rest.Without(rest.First()) {
		h = l.outbox[rest.First()].fold(h)
	}
	for rest := l.sent; rest != 0; rest = rest.Without(rest.First()) {
		h = l.last[rest.First()].fold(h)
	}
	return h
}
