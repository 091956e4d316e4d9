package zab

import (
	"zabsim/election"
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
)

// endRole ends the role under way: QuorumPeer.run's finally clauses, after an
// exception, a lost connection or a failed quorum check. A peer thread that is
// blocked on the disk notices only when the disk is done.
func (s *Server) endRole(out *Effects) {
	if s.stopping || s.state == election.Looking {
		return
	}
	if s.peerBusy() {
		s.lost = true
		return
	}
	s.shutdown(out)
}

// shutdown is the order of ZOOKEEPER-4712: stop accepting, drain the log writer
// to the disk (which waits for the fsync under way before it appends the rest),
// stop the other processors, and only then bring the retained tree up to the log.
// Nothing is logged after that. While the log writer drains, the commit processor
// still applies what it has.
func (s *Server) shutdown(out *Effects) {
	s.stopping, s.serving, s.lost = true, false, false
	out.probe(Probe{Kind: ProbeRole})
	s.closeQuorumPlane(out)
	s.closeClients(out)
	s.prep = s.prep[:0]
	s.snap.cancel()
	if s.cfg.Bugs.Has(bug.FastForwardBeforeDrain) && s.state != election.Leading {
		clear(s.queue)
		s.queue = s.queue[:0]
		s.fastForward() // ZOOKEEPER-4712
	}
	s.drainSync(out)
}

func (s *Server) closeQuorumPlane(out *Effects) {
	if s.state == election.Leading {
		for id := quorum.ServerID(1); id <= quorum.Max; id++ {
			if s.lead.handlers[id].stage != handlerNone {
				s.dropHandler(id, out)
			}
		}
		out.stopTimer(TimerInit)
		out.stopTimer(TimerTick)
		s.stopTracker(out)
		s.sm.Forget()
		return
	}
	l := &s.learn
	if l.stage == learnDialing {
		out.abandon(PlaneQuorum, l.leader)
	}
	out.close(l.conn)
	l.conn = 0
	l.inbox, l.pending = l.inbox[:0], l.pending[:0]
	out.stopTimer(TimerConnect)
	out.stopTimer(TimerRead)
}

// fastForward replays what the log has after the tree, committed or not:
// ZKDatabase.fastForwardDataBase (ZOOKEEPER-2845).
func (s *Server) fastForward() {
	if s.cfg.Bugs.Has(bug.RetainNoFastForward) {
		return
	}
	for i := s.log.After(s.applied); i < s.log.Len(); i++ {
		s.apply(s.log.At(i).Txn)
	}
}

// keepsPartial tells whether the database is retained although its synchronization
// did not come to an end: ZOOKEEPER-3642 and, still open, ZOOKEEPER-5094.
func (s *Server) keepsPartial() bool {
	switch s.learn.mode {
	case SyncSnap:
		return s.cfg.Bugs.Has(bug.KeepPartialSnap)
	case SyncTrunc:
		return s.cfg.Bugs.Has(bug.KeepPartialTrunc)
	}
	return false
}

// finishShutdown runs when the log writer has drained. A synchronization that
// changed memory but not the disk drops the database (ZOOKEEPER-3642, and
// ZOOKEEPER-5094 for TRUNC); otherwise the tree replays the log's tail
// (ZOOKEEPER-2845).
func (s *Server) finishShutdown(out *Effects) {
	clear(s.queue)
	s.queue = s.queue[:0] // the commit processor stops
	if s.learn.dirty && !s.keepsPartial() {
		s.reload()
	} else if !s.learn.dirty && (s.state == election.Leading || !s.cfg.Bugs.Has(bug.FastForwardBeforeDrain)) {
		s.fastForward()
	}
	s.learn.reset()
	s.lead.reset()
	l := &s.sync
	*l = syncLane{queue: l.queue[:0], batch: l.batch[:0], acks: l.acks[:0], sinceRoll: l.sinceRoll, rollAfter: l.rollAfter}
	s.stopping = false
	out.probe(Probe{Kind: ProbeDrained, Zxid: s.applied, Chain: s.chain})
	s.lookForLeader(out)
}
