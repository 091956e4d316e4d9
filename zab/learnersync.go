package zab

import (
	"zabsim/election"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// onSyncHeader is the head of Learner.syncWithLeader.
func (s *Server) onSyncHeader(p *Packet, out *Effects) {
	l := &s.learn
	l.stage = learnSyncing
	switch p.Type {
	case Diff:
		l.mode, l.writeToTxnLog = SyncDiff, true
	case Snap:
		s.loadSnap(p, out)
	case Trunc:
		s.truncate(p.Zxid, out)
	case Ping:
		l.stage = learnWaitSync
	default:
		s.illegal(FlagState, "synchronization starts with "+p.Type.String(), p.Zxid, out)
		s.endRole(out)
	}
}

// loadSnap replaces the database by the leader's. Nothing is on disk until
// NEWLEADER, so a connection that breaks before must drop it (ZOOKEEPER-3642).
func (s *Server) loadSnap(p *Packet, out *Effects) {
	l := &s.learn
	l.mode, l.snapshotNeeded, l.dirty = SyncSnap, true, true
	s.needSnap = false
	s.sm = p.Snap.State.Clone()
	s.applied, s.chain, s.lastProcessed = p.Snap.Last, p.Snap.Chain, p.Zxid
	s.window = s.window[:0:0]
	out.probe(Probe{Kind: ProbeReplace, Mode: SyncSnap, Zxid: s.applied, Chain: s.chain})
}

// truncate cuts the log after z. Snapshots that hold more than z are dropped
// with it, or the cut transactions would come back from them (ZOOKEEPER-4837,
// protocol.md 13.4). If nothing older is left, only SNAP can help.
func (s *Server) truncate(z zxid.Zxid, out *Effects) {
	l := &s.learn
	l.mode, l.snapshotNeeded = SyncTrunc, true
	dirty, kept := s.cfg.Bugs.Has(bug.DirtyLeaderSnapshot), s.snaps
	if !dirty {
		kept = DropAfter(s.snaps, z)
	}
	if len(kept) == 0 || !s.log.Truncate(z) {
		s.needSnap = true
		s.endRole(out)
		return
	}
	s.snaps = kept
	over := s.cfg.Bugs.Has(bug.TruncOffset)
	if over {
		s.log.Overcut()
	}
	last, chain := s.log.Last()
	out.probe(Probe{Kind: ProbeReplace, Mode: SyncTrunc, Zxid: last, Chain: chain})
	l.trunc, l.blocked = z, StepTrunc
	out.disk(DiskOp{Kind: DiskTruncate, Token: TokenPeer, Zxid: z, KeepSnaps: dirty, Over: over})
}

// onSyncPacket is the loop of Learner.syncWithLeader.
func (s *Server) onSyncPacket(p *Packet, out *Effects) {
	l := &s.learn
	switch p.Type {
	case Proposal:
		s.queueProposal(p.Txn, out)
	case Inform:
		if s.state != election.Observing {
			s.illegal(FlagMessage, "INFORM for a follower", p.Zxid, out)
			return
		}
		if s.queueProposal(p.Txn, out) {
			s.commitInSync(p.Txn.Zxid, out)
		}
	case Commit:
		s.commitInSync(p.Zxid, out)
	case NewLeader:
		l.stage = learnNewLeader
		s.newLeaderSteps(out)
	case UpToDate:
		s.upToDate(out)
	case Ping:
		// The leader pings from the moment its sender runs; the loop of
		// syncWithLeader has no case for it.
	default:
		s.illegal(FlagState, p.Type.String()+" during synchronization", p.Zxid, out)
	}
}

// queueProposal puts a proposal into packetsNotLogged. One that does not follow the
// one before ends the synchronization (ZOOKEEPER-4925).
func (s *Server) queueProposal(t *txn.Txn, out *Effects) bool {
	l := &s.learn
	if !s.follows(l.lastQueued, t.Zxid) && !s.isOlderThan4925() {
		s.endRole(out)
		return false
	}
	l.lastQueued = t.Zxid
	l.notLogged = append(l.notLogged, t)
	return true
}

// isOlderThan4925 tells of bugs that were fixed before learners looked at the order.
func (s *Server) isOlderThan4925() bool {
	b := &s.cfg.Bugs
	return b.Has(bug.SyncSkipsCommittedLog) || b.Has(bug.RacyForwarding) || b.Has(bug.GapBeforeWindow)
}

// follows tells whether a proposal z may come after prev: the next in the same
// epoch, or the start of a later one. Before the first nothing is checked.
func (s *Server) follows(prev, z zxid.Zxid) bool {
	return prev == 0 || z == prev+1 || z.Epoch() > prev.Epoch() && z.Counter() == 1
}

func (s *Server) commitInSync(z zxid.Zxid, out *Effects) {
	l := &s.learn
	if s.cfg.Bugs.Has(bug.CommitAfterNewLeader) && l.stage == learnWaitUpToDate && len(l.notLogged) == 0 {
		s.illegal(FlagCommit, "COMMIT between NEWLEADER and UPTODATE finds no proposal", z, out)
		s.endRole(out) // ZOOKEEPER-4394: a null pointer
		return
	}
	if l.writeToTxnLog {
		l.committed = append(l.committed, z)
		return
	}
	t, ok := s.nextUnlogged(z, out)
	if !ok || z <= s.applied {
		return // a SNAP is dumped after its mode was decided: it may hold z
	}
	s.applyInSync(t)
	l.dirty = true
}

// applyInSync applies what came during the synchronization.
func (s *Server) applyInSync(t *txn.Txn) {
	window := s.window
	s.apply(t)
	if s.cfg.Bugs.Has(bug.SyncSkipsCommittedLog) {
		s.window = window // ZOOKEEPER-4925: not added to committedLog
	}
}

// newLeaderSteps starts the next step of NEWLEADER that has something to do, or,
// after the last, acknowledges. Each step ends with an operation of the disk, and a
// crash may come at any stage of it. The order is that of Learner.syncWithLeader,
// case NEWLEADER: history first, then currentEpoch, then ACK. Every other order is
// a data loss that happened.
func (s *Server) newLeaderSteps(out *Effects) {
	l := &s.learn
	for order := s.steps(); int(l.done) < len(order); {
		st := order[l.done]
		l.done++
		if s.startStep(st, out) {
			l.blocked = st
			return
		}
	}
	l.writeToTxnLog = true
	l.stage = learnWaitUpToDate
	s.armRead(out)
	out.packet(l.conn, Ack, zxid.Make(l.epoch, 0))
}

// startStep starts a step; false if there is nothing to wait for.
func (s *Server) startStep(st Step, out *Effects) bool {
	switch st {
	case StepSnapshot:
		if s.learn.snapshotNeeded && s.writeSnapshot(true, out) {
			return true
		}
		s.learn.dirty = false // the newest snapshot holds it already
		return false
	case StepHistory:
		return s.logCommitted(out)
	case StepCurrent:
		out.disk(DiskOp{Kind: DiskCurrentEpoch, Token: TokenPeer, Epoch: s.learn.epoch})
		return true
	case StepHandOver:
		return s.handOver(out)
	}
	return false
}

// writeSnapshot starts writing a snapshot of the database. With fence set, the
// log on disk does not lead up to it, so that log and older snapshots become
// obsolete with its rename; otherwise a log that holds records the snapshot
// replaced would be replayed on top of it (ZOOKEEPER-2832). It reports false if
// the newest snapshot already holds exactly this.
func (s *Server) writeSnapshot(fence bool, out *Effects) bool {
	last, chain := s.log.Last()
	if fence && last == s.applied && chain == s.chain {
		fence = false
	}
	fence = fence && !(s.cfg.Bugs.Has(bug.SnapKeepsLogTail) && last > s.lastProcessed) // ZOOKEEPER-2832
	hole := fence && s.cfg.Bugs.Has(bug.HoleInLog) && last < s.applied                 // ZOOKEEPER-2099
	fence = fence && !hole
	newest := s.snaps[len(s.snaps)-1]
	if !fence && newest.Name == s.lastProcessed && newest.Last == s.applied && newest.Chain == s.chain {
		return false
	}
	snap := NewSnapshot(s.lastProcessed, s.applied, s.chain, s.sm.Clone())
	s.snaps, _ = Install(s.snaps, &s.log, snap, fence, s.retain(false))
	if hole {
		s.log.Skip(snap.Last, snap.Chain)
	}
	out.disk(DiskOp{Kind: DiskSnapshot, Token: TokenPeer, Fence: fence, Hole: hole, Snap: snap, Retain: s.retain(false)})
	return true
}

// logCommitted appends and applies what was committed during the
// synchronization and starts the fsync; false if there was nothing.
func (s *Server) logCommitted(out *Effects) bool {
	l := &s.learn
	if len(l.committed) == 0 {
		return false
	}
	for _, z := range l.committed {
		t, ok := s.nextUnlogged(z, out)
		if !ok {
			break
		}
		if s.appendLog(t, out) && !s.applyLater(t) {
			s.applyInSync(t)
		}
	}
	l.committed = l.committed[:0]
	out.disk(DiskOp{Kind: DiskFsync, Token: TokenPeer})
	return true
}
