package zab

import (
	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// What a follower does at NEWLEADER has been wrong in ZooKeeper in more ways than
// one, each fix moving the bug. The right order, and the wrong ones:
var (
	stepsCorrect     = []Step{StepSnapshot, StepHistory, StepCurrent}
	stepsEpochFirst  = []Step{StepCurrent, StepSnapshot, StepHistory} // ZOOKEEPER-4643
	stepsNoHistory   = []Step{StepSnapshot, StepCurrent}              // ZOOKEEPER-3911
	stepsEpochNoHist = []Step{StepCurrent, StepSnapshot}
	stepsEpochLast   = []Step{StepSnapshot, StepHistory} // ZOOKEEPER-1282: currentEpoch waits for UPTODATE
	// ZOOKEEPER-4646, ZOOKEEPER-4685, ZOOKEEPER-4394: what was received goes to the
	// log writer, which may be slower than the ACK, or faster.
	stepsHandOver = []Step{StepSnapshot, StepHistory, StepCurrent, StepHandOver}
	stepsAsync    = []Step{StepSnapshot, StepCurrent, StepHandOver}
)

func (s *Server) steps() []Step {
	b := &s.cfg.Bugs
	early, unlogged := b.Has(bug.EpochBeforeHistory), b.Has(bug.AckNewLeaderBeforeLog)
	switch {
	case b.Has(bug.EpochAtUpToDate):
		return stepsEpochLast
	case early && unlogged:
		return stepsEpochNoHist
	case early:
		return stepsEpochFirst
	case unlogged:
		return stepsNoHistory
	case b.Has(bug.AsyncLogThenAck):
		return stepsAsync
	case b.Has(bug.AckProposalFirst), b.Has(bug.CommitAfterNewLeader):
		return stepsHandOver
	}
	return stepsCorrect
}

// handOver is what the fix of ZOOKEEPER-3911 did in place of logging: the request
// processors start before the ACK, and what was received goes through them. It
// reports true if the peer thread needs another turn to send the ACK.
func (s *Server) handOver(out *Effects) bool {
	l := &s.learn
	if s.cfg.Bugs.Has(bug.AsyncLogThenAck) { // the committed part is written by and by
		for _, z := range l.committed {
			if t, ok := s.nextUnlogged(z, out); ok {
				s.sync.push(t)
				s.applyInSync(t)
			}
		}
		l.committed = l.committed[:0]
		return false
	}
	// The rest is written, and acknowledged, before NEWLEADER is; a COMMIT that
	// comes before UPTODATE does not find its proposal any more.
	for _, t := range l.notLogged {
		s.logRequest(t)
	}
	l.notLogged = l.notLogged[:0]
	return s.cfg.Bugs.Has(bug.AckProposalFirst)
}

// applyLater is ZOOKEEPER-3023: what is committed during the synchronization goes to
// the commit processor, which gets to it after the follower calls itself up to date.
func (s *Server) applyLater(t *txn.Txn) bool {
	if !s.cfg.Bugs.Has(bug.AsyncCommitSync) {
		return false
	}
	s.learn.later = append(s.learn.later, t)
	return true
}
