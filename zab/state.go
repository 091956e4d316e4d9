package zab

import (
	"zabsim/internal/fp"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// CloneInto makes dst an independent copy of s, reusing dst's memory.
// Transactions, requests and snapshots are immutable and shared.
func (s *Server) CloneInto(dst *Server) {
	s.elect.CloneInto(&dst.elect)
	s.lead.cloneInto(&dst.lead)
	s.learn.cloneInto(&dst.learn)
	s.log.CloneInto(&dst.log)
	dst.cfg = s.cfg
	dst.state, dst.phase = s.state, s.phase
	dst.stopping, dst.serving, dst.lost, dst.needSnap = s.stopping, s.serving, s.lost, s.needSnap
	dst.accepted, dst.current = s.accepted, s.current
	dst.sm = s.sm.Clone()
	dst.applied, dst.chain, dst.lastProcessed = s.applied, s.chain, s.lastProcessed
	dst.window = append(dst.window[:0], s.window...)
	dst.snaps = append(dst.snaps[:0], s.snaps...)
	s.sync.cloneInto(&dst.sync)
	s.snap.cloneInto(&dst.snap)
	dst.queue = append(dst.queue[:0], s.queue...)
	dst.prep = append(dst.prep[:0], s.prep...)
	dst.pending = append(dst.pending[:0], s.pending...)
	dst.clients = append(dst.clients[:0], s.clients...)
	dst.sessions.list = append(dst.sessions.list[:0], s.sessions.list...)
	dst.local.list = append(dst.local.list[:0], s.local.list...)
	dst.upgrading = append(dst.upgrading[:0], s.upgrading...)
	more := append(dst.touched.More[:0], s.touched.More...)
	dst.touched, dst.nextSession = s.touched, s.nextSession
	dst.touched.More = more
	dst.order = append(dst.order[:0], s.order...)
	dst.durable = s.durable
}

func (l *leader) cloneInto(dst *leader) {
	outstanding := append(dst.outstanding[:0], l.outstanding...)
	toBeApplied := append(dst.toBeApplied[:0], l.toBeApplied...)
	syncs := append(dst.syncs[:0], l.syncs...)
	inbox := append(dst.inbox[:0], l.inbox...)
	held := append(dst.held[:0], l.held...)
	*dst = *l
	dst.outstanding, dst.toBeApplied, dst.syncs, dst.inbox, dst.held = outstanding, toBeApplied, syncs, inbox, held
	for id := range l.dumps {
		if d := l.dumps[id].dump; d != nil {
			dst.dumps[id].dump = d.Clone()
		}
	}
}

func (l *learner) cloneInto(dst *learner) {
	notLogged := append(dst.notLogged[:0], l.notLogged...)
	committed := append(dst.committed[:0], l.committed...)
	pending := append(dst.pending[:0], l.pending...)
	later := append(dst.later[:0], l.later...)
	inbox := append(dst.inbox[:0], l.inbox...)
	*dst = *l
	dst.notLogged, dst.committed, dst.pending, dst.later, dst.inbox = notLogged, committed, pending, later, inbox
}

// flags packs truth values into one word.
func flags(bs ...bool) (w uint64) {
	for i, b := range bs {
		if b {
			w |= 1 << i
		}
	}
	return w
}

// Fingerprint names the whole server.
func (s *Server) Fingerprint() fp.Hash {
	h := fp.New(0x5356).
		Word(uint64(s.state) | uint64(s.phase)<<8 | flags(s.stopping, s.serving, s.lost, s.needSnap)<<16).
		Word(uint64(s.accepted)<<32 | uint64(s.current)).
		Word(uint64(s.sm.Fingerprint())).
		Word(uint64(s.applied)).Word(uint64(s.chain)).Word(uint64(s.lastProcessed)).
		Word(uint64(s.log.Fingerprint()))
	h = hashTxns(h, s.window)
	h = h.Word(uint64(len(s.snaps)))
	for _, sn := range s.snaps {
		h = h.Word(uint64(sn.Hash()))
	}
	h = h.Word(uint64(s.elect.Fingerprint()))
	h = s.lead.fold(h)
	h = s.learn.fold(h)
	return s.foldLanes(h).Done()
}

func (s *Server) foldLanes(h fp.Hash) fp.Hash {
	h = s.snap.fold(s.sync.fold(h))
	h = h.Word(uint64(len(s.queue)))
	for i := range s.queue {
		if t := s.queue[i].txn; t != nil {
			h = h.Word(uint64(t.Hash))
		}
		if r := s.queue[i].sync; r != nil {
			h = h.Word(uint64(r.Hash()))
		}
	}
	h = h.Word(uint64(len(s.prep)))
	for i := range s.prep {
		p := &s.prep[i]
		h = h.Word(uint64(p.from)).Word(uint64(p.conn) | uint64(uint8(p.err))<<32).Word(uint64(p.req.Hash()))
	}
	h = h.Word(uint64(len(s.pending)))
	for i := range s.pending {
		p := &s.pending[i]
		h = h.Word(uint64(p.conn) | uint64(uint8(p.err))<<32 | flags(p.local)<<40).Word(uint64(p.req.Hash()))
	}
	h = h.Word(uint64(len(s.clients)))
	for i := range s.clients {
		h = s.clients[i].fold(h)
	}
	return s.foldLocal(s.foldSessions(h))
}

func (c *clientConn) fold(h fp.Hash) fp.Hash {
	h = h.Word(uint64(c.conn) | flags(c.open)<<32).Word(uint64(c.session)).Word(uint64(uint32(c.timeout))).String(c.addr).Word(uint64(len(c.ids)))
	for _, id := range c.ids {
		h = h.String(id.Scheme).String(id.ID)
	}
	return h
}

func (s *Server) foldSessions(h fp.Hash) fp.Hash {
	h = s.touched.fold(s.sessions.fold(h)).Word(uint64(s.nextSession)).Word(uint64(s.durable)).Word(uint64(len(s.order)))
	for i := range s.order {
		o := &s.order[i]
		h = h.Word(uint64(o.conn)).Word(uint64(o.req.Hash())).Word(uint64(uint8(o.err)))
		if o.txn != nil {
			h = h.Word(uint64(o.txn.Hash))
		}
	}
	return h
}

func hashTxns(h fp.Hash, q []*txn.Txn) fp.Hash {
	h = h.Word(uint64(len(q)))
	for _, t := range q {
		h = h.Word(uint64(t.Hash))
	}
	return h
}

func hashZxids(h fp.Hash, list []zxid.Zxid) fp.Hash {
	h = h.Word(uint64(len(list)))
	for _, z := range list {
		h = h.Word(uint64(z))
	}
	return h
}

// fold adds the leader part; the empty one, which is the common case, costs a
// few words.
func (l *leader) fold(h fp.Hash) fp.Hash {
	h = h.Word(uint64(l.stage) | uint64(l.connecting)<<8 | uint64(l.electing)<<16 | uint64(l.newLeaderAcks)<<24 |
		uint64(l.forwarding)<<32 | uint64(l.observing)<<40 | uint64(l.waiting)<<48 | flags(l.tickSkip, l.quorumFormed, l.late, l.deaf)<<56)
	h = h.Word(uint64(l.epoch)<<32 | uint64(l.summaryEpoch)).Word(uint64(l.summaryZxid))
	h = h.Word(uint64(l.lastProposed)).Word(uint64(l.lastCommitted))
	h = h.Word(uint64(len(l.outstanding)))
	for i := range l.outstanding {
		h = h.Word(uint64(l.outstanding[i].txn.Hash)).Word(uint64(l.outstanding[i].acks))
	}
	h = hashTxns(h, l.toBeApplied)
	h = h.Word(uint64(len(l.syncs)))
	for i := range l.syncs {
		h = h.Word(uint64(l.syncs[i].after)).Word(uint64(l.syncs[i].from)).Word(uint64(l.syncs[i].req.Hash()))
	}
	h = foldPackets(foldPackets(h, l.inbox), l.held)
	for id := range l.dumps {
		if d := &l.dumps[id]; *d != (dumping{}) {
			h = d.fold(h.Word(uint64(id)))
		}
	}
	for id := range l.handlers {
		if l.handlers[id] != (handler{}) {
			h = l.handlers[id].fold(h.Word(uint64(id)))
		}
	}
	return h
}

func foldPackets(h fp.Hash, list []learnerPacket) fp.Hash {
	h = h.Word(uint64(len(list)))
	for i := range list {
		m := Msg{Plane: PlaneQuorum, Packet: list[i].p}
		h = h.Word(uint64(list[i].peer)).Word(uint64(m.Hash()))
	}
	return h
}

func (n *handler) fold(h fp.Hash) fp.Hash {
	return h.Word(uint64(n.stage) | uint64(n.mode)<<8 | flags(n.needSnap, n.chosen)<<16 | uint64(n.conn)<<32).
		Word(uint64(n.last)).Word(uint64(uint16(n.ticksLeft)) | uint64(uint16(n.pings))<<16).
		Word(uint64(n.watched)).Word(uint64(n.next))
}

func (l *learner) fold(h fp.Hash) fp.Hash {
	h = h.Word(uint64(l.leader) | uint64(l.stage)<<8 | uint64(l.mode)<<16 | uint64(l.blocked)<<24 |
		uint64(l.done)<<32 | uint64(l.tries)<<40 | flags(l.snapshotNeeded, l.writeToTxnLog, l.dirty)<<48)
	h = h.Word(uint64(l.conn)<<32 | uint64(l.epoch)).Word(uint64(l.last)).Word(uint64(l.trunc)).Word(uint64(l.lastQueued))
	h = hashTxns(h, l.notLogged)
	h = hashZxids(h, l.committed)
	h = hashTxns(hashTxns(h, l.pending), l.later)
	h = h.Word(uint64(len(l.inbox)))
	for i := range l.inbox {
		m := Msg{Plane: PlaneQuorum, Packet: l.inbox[i]}
		h = h.Word(uint64(m.Hash()))
	}
	return h
}
