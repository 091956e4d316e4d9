package zab

import (
	"zabsim/internal/fp"
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// syncFollower chooses how learner id is brought up to date, queues what it
// lacks, joins it to the forwarding set and ends with NEWLEADER, all in one step
// with respect to propose and commit (ZOOKEEPER-962).
//
// Source: LearnerHandler.syncFollower, queueCommittedProposals, Leader.startForwarding.
func (s *Server) syncFollower(id quorum.ServerID, out *Effects) {
	h := &s.lead.handlers[id]
	if h.chosen {
		s.join(id, h.last, out) // ZOOKEEPER-962: what was committed since is nowhere
		return
	}
	s.forgetAcks(id)
	q := follow{s: s, h: h, out: out, last: h.last}
	q.choose()
	if q.mode == SyncNone {
		q.mode, q.last, q.cut = SyncSnap, s.lastProcessed, s.committedEnd()
		s.wait(id, handlerDumping) // from here on packets to this learner wait
	}
	h.mode = q.mode
	out.probe(Probe{Kind: ProbeSync, Peer: id, Mode: q.mode, Zxid: h.last, Cut: q.cut, Reason: q.source})
	if q.mode != SyncSnap && s.cfg.Bugs.Has(bug.RacyForwarding) {
		h.chosen, h.last = true, q.last
		s.wait(id, handlerWaitElecting) // for another turn
		return
	}
	s.join(id, q.last, out)
}

// join makes a learner, which will have all up to seen, one of those that hear of
// everything new. What a SNAP still has to be written for waits.
func (s *Server) join(id quorum.ServerID, seen zxid.Zxid, out *Effects) {
	h := &s.lead.handlers[id]
	h.chosen = false
	s.startForwarding(id, seen, out)
	if h.mode != SyncSnap {
		s.sendNewLeader(id, out)
	}
}

// sendNewLeader ends what a learner is sent to be brought up to date.
func (s *Server) sendNewLeader(id quorum.ServerID, out *Effects) {
	h := &s.lead.handlers[id]
	h.stage = handlerWaitNewLeader
	out.packet(h.conn, NewLeader, zxid.Make(s.lead.epoch, 0))
	s.armHandler(id, out)
}

// dumping is a SNAP that is being written to a learner.
type dumping struct {
	dump  txn.Dump // nil: not begun
	name  zxid.Zxid
	last  zxid.Zxid
	chain fp.Hash
}

func (d *dumping) fold(h fp.Hash) fp.Hash {
	if d.dump != nil {
		h = h.Word(uint64(d.dump.Fingerprint()))
	}
	return h.Word(uint64(d.name)).Word(uint64(d.last)).Word(uint64(d.chain))
}

// dumpNode begins the dump of a SNAP, copies one node more, or sends what was
// copied, then what was held back behind it, then NEWLEADER. That comes after the
// dump is written, so that whatever the dump has seen is committed before it in the
// same stream (ZOOKEEPER-3104). Source: LearnerHandler.run, case needSnap.
func (s *Server) dumpNode(id quorum.ServerID, out *Effects) {
	l := &s.lead
	d, h := &l.dumps[id], &l.handlers[id]
	switch {
	case d.dump == nil:
		*d = dumping{dump: s.sm.Dump(), name: s.lastProcessed, last: s.applied, chain: s.chain}
		return
	case d.dump.Next(s.sm):
		return
	}
	out.packet(h.conn, Snap, d.name).Snap = NewSnapshot(d.name, d.last, d.chain, d.dump.State())
	*d = dumping{}
	l.waiting = l.waiting.Without(id)
	rest := l.held[:0]
	for i := range l.held {
		if p := &l.held[i]; p.peer == id {
			*out.packet(h.conn, p.p.Type, p.p.Zxid) = p.p
		} else {
			rest = append(rest, *p)
		}
	}
	clear(l.held[len(rest):])
	l.held = rest
	s.sendNewLeader(id, out)
}

// forgetAcks takes back what learner id acknowledged on an earlier connection. It
// may be told to truncate exactly that, and a proposal must not be committed on
// the strength of a record that is gone; what it still lacks is forwarded and
// acknowledged anew. They are dropped at the next synchronization of that learner,
// not when its connection ends: until then its disk has the records. ZooKeeper
// keeps such acknowledgements (by reading Leader and LearnerHandler); the
// walk-through is TestCommitNeedsAcksOfTheConnection.
func (s *Server) forgetAcks(id quorum.ServerID) {
	if s.cfg.Bugs.Has(bug.KeepsOldAcks) {
		return
	}
	for i := range s.lead.outstanding {
		s.lead.outstanding[i].acks = s.lead.outstanding[i].acks.Without(id)
	}
}

// follow is one decision of syncFollower.
type follow struct {
	s    *Server
	h    *handler
	out  *Effects
	mode SyncMode
	// source is "log" if the log on disk was used.
	source string
	last   zxid.Zxid // the last zxid that the learner will have
	cut    zxid.Zxid // what it has after this goes
	prev   zxid.Zxid // the last transaction of the leader that is older than the learner
}

// choose is the table of protocol fact 5.2, in its order.
func (q *follow) choose() {
	s, p := q.s, q.h.last
	low, high := s.windowBounds()
	end := s.committedEnd()
	q.cut = p
	switch {
	case q.h.needSnap:
	case p == 0 && s.lead.lastProposed.Counter() == 0 && s.cfg.Bugs.Has(bug.LastProposedUnset):
		q.header(Diff, 0) // ZOOKEEPER-1319: lastProposed is still 0, which is where the learner is
	case p != s.lastProcessed && len(s.window) == 0 && s.cfg.Bugs.Has(bug.SnapKeepsLogTail): // ZOOKEEPER-2832
	case p == s.lastProcessed:
		q.header(Diff, s.lastProcessed)
	case p > high && p.Counter() != 0:
		q.ahead(high, end)
	case p >= low && p <= high:
		q.walk(s.window, high)
	case p < low && s.cfg.SnapshotSizeFactor >= 0:
		q.walkLog(low, high)
		if q.mode != SyncNone {
			q.source = "log"
		}
	}
}

// ahead serves a learner that ends behind the window. What it ends with may be
// committed and wait to be applied: then nothing goes. Otherwise it has a tail that
// is not committed, which goes: what is behind the last commit, or, if it stands
// between the window and that, a tail of an earlier epoch that this leader never had.
func (q *follow) ahead(high, end zxid.Zxid) {
	keep := end
	if p := q.h.last; p <= end {
		if p.Epoch() == end.Epoch() { // one leader's, without a gap
			q.header(Diff, p)
			return
		}
		keep = high
	}
	q.header(Trunc, keep)
	q.last, q.cut = keep, keep
}

// committedEnd returns the end of what is committed: the window, and behind it what
// the commit processor has not applied yet. ZooKeeper looks at the window alone, so
// that it may tell a learner to truncate what was committed on the strength of that
// learner's own disk, and until the record is sent again and synced a quorum need not
// have it (by reading LearnerHandler.syncFollower; the sweep at grain threads showed
// it: TestCommittedIsNotTruncated).
func (s *Server) committedEnd() zxid.Zxid {
	if n := len(s.lead.toBeApplied); n > 0 && !s.cfg.Bugs.Has(bug.TruncByWindow) {
		return s.lead.toBeApplied[n-1].Zxid
	}
	_, high := s.windowBounds()
	return high
}

// windowBounds returns minCommittedLog and maxCommittedLog; an empty window
// stands at lastProcessedZxid.
func (s *Server) windowBounds() (low, high zxid.Zxid) {
	if len(s.window) == 0 {
		return s.lastProcessed, s.lastProcessed
	}
	return s.window[0].Zxid, s.window[len(s.window)-1].Zxid
}

// header queues DIFF or TRUNC.
func (q *follow) header(t PacketType, z zxid.Zxid) {
	q.out.packet(q.h.conn, t, z)
	if t == Diff {
		q.mode = SyncDiff
	} else {
		q.mode = SyncTrunc
	}
}

// walk sends what the learner lacks of the window.
func (q *follow) walk(txns []*txn.Txn, high zxid.Zxid) {
	for _, t := range txns {
		if !q.visit(t, high) {
			return
		}
	}
	if q.mode == SyncNone && q.h.last.Counter() == 0 {
		q.header(Diff, high)
	}
}

// visit takes the next transaction of the leader's history. The first one that is
// not older than the learner decides between DIFF and TRUNC; false means that
// only SNAP helps. Source: LearnerHandler.queueCommittedProposals.
func (q *follow) visit(t *txn.Txn, high zxid.Zxid) bool {
	p, z := q.h.last, t.Zxid
	if z < p {
		q.prev = z
		return true
	}
	if q.mode == SyncNone {
		switch {
		case z == p:
			q.header(Diff, high)
			return true
		case p.Counter() == 0: // the start of an epoch, which is no transaction
			q.header(Diff, high)
		case q.s.cfg.Bugs.Has(bug.NoTruncInWindow):
			q.header(Diff, high) // ZOOKEEPER-1154: nobody asks whether p itself is there
		case z.Epoch() != p.Epoch():
			return false // TRUNC across an epoch is not allowed
		default:
			q.header(Trunc, q.prev)
			q.cut = q.prev
			q.mode = SyncTruncDiff // ZOOKEEPER-1154
		}
	}
	q.commit(t)
	return true
}

// walkLog is case 4: the log from p up to the window, then the window. The log
// must begin before p and must meet the window. Source: LearnerHandler.syncFollower,
// ZKDatabase.getProposalsFromTxnLog.
func (q *follow) walkLog(low, high zxid.Zxid) {
	s, log := q.s, &q.s.log
	if log.Len() == 0 || log.At(0).Txn.Zxid > q.h.last {
		return // the log does not reach back to the learner: SNAP
	}
	meet := log.After(high)
	if len(s.window) > 0 {
		meet = log.After(low - 1)
		if (meet == log.Len() || log.At(meet).Txn.Zxid != low) && !s.cfg.Bugs.Has(bug.GapBeforeWindow) {
			return // a gap before the window (ZOOKEEPER-2418): SNAP
		}
	} else if log.At(meet-1).Txn.Zxid < low {
		return // an empty window stands behind the end of the log: SNAP
	}
	first := max(log.After(q.h.last)-1, 0)
	if limit := s.logLimit(); limit > 0 && log.bytesFrom(first) > limit {
		return // the log is dearer than a snapshot
	}
	for i := first; i < meet; i++ {
		if !q.visit(log.At(i).Txn, high) {
			return
		}
	}
	q.walk(s.window, high) // may be ahead of the log: the own log writer is slower than a quorum
}

// logLimit is ZKDatabase.calculateTxnLogSizeLimit, 0 for no limit.
func (s *Server) logLimit() int64 {
	return newest(s.snaps).Bytes * int64(s.cfg.SnapshotSizeFactor) / 100
}

func (q *follow) commit(t *txn.Txn) {
	q.out.packet(q.h.conn, Proposal, t.Zxid).Txn = t
	q.out.packet(q.h.conn, Commit, t.Zxid)
	q.last = t.Zxid
}

// startForwarding is Leader.startForwarding: what is committed but not applied,
// then, for voters, what is outstanding, then everything new reaches the learner in
// order.
func (s *Server) startForwarding(id quorum.ServerID, seen zxid.Zxid, out *Effects) {
	l, h := &s.lead, &s.lead.handlers[id]
	voter := s.cfg.Quorum.Voters.Has(id)
	if l.lastProposed > seen {
		for _, t := range l.toBeApplied {
			if t.Zxid > seen {
				s.toLearner(id, Proposal, t.Zxid, out).Txn = t
				s.toLearner(id, Commit, t.Zxid, out)
			}
		}
		for i := range l.outstanding {
			if t := l.outstanding[i].txn; t.Zxid > seen && voter {
				s.toLearner(id, Proposal, t.Zxid, out).Txn = t
				s.watch(h, t.Zxid)
			}
		}
	}
	if voter {
		l.forwarding = l.forwarding.With(id)
	} else {
		l.observing = l.observing.With(id)
	}
}
