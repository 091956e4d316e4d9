package zab

import (
	"zabsim/election"
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
// Nothing is logged after that.
func (s *Server) shutdown(out *Effects) {
	s.stopping, s.serving, s.lost = true, false, false
	out.probe(Probe{Kind: ProbeRole})
	s.closeQuorumPlane(out)
	s.closeClients(out)
	s.prep = s.prep[:0]
	s.queue = s.queue[:0]
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

// finishShutdown runs when the log writer has drained. A synchronization that
// changed memory but not the disk drops the database (ZOOKEEPER-3642, and
// ZOOKEEPER-5094 for TRUNC); otherwise the tree replays the log's tail
// (ZOOKEEPER-2845).
func (s *Server) finishShutdown(out *Effects) {
	if s.learn.dirty {
		s.reload()
	} else {
		for i := s.log.After(s.applied); i < s.log.Len(); i++ {
			s.apply(s.log.At(i).Txn)
		}
	}
	s.learn = learner{notLogged: s.learn.notLogged[:0], committed: s.learn.committed[:0], pending: s.learn.pending[:0], inbox: s.learn.inbox[:0]}
	l := &s.lead
	s.lead = leader{outstanding: l.outstanding[:0], toBeApplied: l.toBeApplied[:0], syncs: l.syncs[:0], inbox: l.inbox[:0]}
	s.sync = syncLane{queue: s.sync.queue[:0]}
	s.stopping = false
	out.probe(Probe{Kind: ProbeDrained, Zxid: s.applied, Chain: s.chain})
	s.lookForLeader(out)
}
