package zab

import (
	"zabsim/zab/bug"
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
	if !s.log.Truncate(z) {
		s.needSnap = true
		s.endRole(out)
		return
	}
	s.snaps = DropAfter(s.snaps, z)
	l.trunc, l.blocked = z, StepTrunc
	out.disk(DiskOp{Kind: DiskTruncate, Token: TokenPeer, Zxid: z})
}

// onSyncPacket is the loop of Learner.syncWithLeader.
func (s *Server) onSyncPacket(p *Packet, out *Effects) {
	l := &s.learn
	switch p.Type {
	case Proposal:
		if !s.follows(l.lastQueued, p.Txn.Zxid) {
			s.endRole(out) // ZOOKEEPER-4925
			return
		}
		l.lastQueued = p.Txn.Zxid
		l.notLogged = append(l.notLogged, p.Txn)
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

// follows tells whether a proposal z may come after prev: the next in the same
// epoch, or the start of a later one. Before the first nothing is checked.
func (s *Server) follows(prev, z zxid.Zxid) bool {
	return prev == 0 || z == prev+1 || z.Epoch() > prev.Epoch() && z.Counter() == 1
}

func (s *Server) commitInSync(z zxid.Zxid, out *Effects) {
	l := &s.learn
	if l.writeToTxnLog {
		l.committed = append(l.committed, z)
		return
	}
	if len(l.notLogged) == 0 || l.notLogged[0].Zxid != z {
		s.illegal(FlagCommit, "COMMIT during synchronization does not name the next proposal", z, out)
		return
	}
	s.apply(l.notLogged[0])
	l.notLogged = popFront(l.notLogged)
	l.dirty = true
}

// The NEWLEADER steps in the order of Learner.syncWithLeader, case NEWLEADER.
// History first, then currentEpoch, then ACK: every other order is a data loss
// that happened.
var (
	stepsCorrect     = []Step{StepSnapshot, StepHistory, StepCurrent}
	stepsEpochFirst  = []Step{StepCurrent, StepSnapshot, StepHistory}
	stepsNoHistory   = []Step{StepSnapshot, StepCurrent}
	stepsEpochNoHist = []Step{StepCurrent, StepSnapshot}
)

func (s *Server) steps() []Step {
	early, unlogged := s.cfg.Bugs.Has(bug.EpochBeforeHistory), s.cfg.Bugs.Has(bug.AckNewLeaderBeforeLog)
	switch {
	case early && unlogged:
		return stepsEpochNoHist
	case early:
		return stepsEpochFirst // ZOOKEEPER-4643
	case unlogged:
		return stepsNoHistory // ZOOKEEPER-3911
	}
	return stepsCorrect
}

// newLeaderSteps starts the next step that has something to do, or, after the
// last, acknowledges NEWLEADER.
func (s *Server) newLeaderSteps(out *Effects) {
	l := &s.learn
	order := s.steps()
	for int(l.done) < len(order) {
		st := order[l.done]
		l.done++
		switch st {
		case StepSnapshot:
			if l.snapshotNeeded && s.writeSnapshot(true, out) {
				l.blocked = StepSnapshot
				return
			}
		case StepHistory:
			if s.logCommitted(out) {
				l.blocked = StepHistory
				return
			}
		case StepCurrent:
			l.blocked = StepCurrent
			out.disk(DiskOp{Kind: DiskCurrentEpoch, Token: TokenPeer, Epoch: l.epoch})
			return
		}
	}
	l.writeToTxnLog = true
	l.stage = learnWaitUpToDate
	s.armRead(out)
	out.packet(l.conn, Ack, zxid.Make(l.epoch, 0))
}

// writeSnapshot starts writing a snapshot of the database. With fence set, the
// log on disk does not lead up to it, so that log and older snapshots become
// obsolete with its rename; otherwise a log that holds records the snapshot
// replaced would be replayed on top of it (ZOOKEEPER-2832). It reports false if
// the newest snapshot already holds exactly this.
func (s *Server) writeSnapshot(fence bool, out *Effects) bool {
	if last, chain := s.log.Last(); fence && last == s.applied && chain == s.chain {
		fence = false
	}
	newest := s.snaps[len(s.snaps)-1]
	if !fence && newest.Name == s.lastProcessed && newest.Last == s.applied && newest.Chain == s.chain {
		return false
	}
	snap := NewSnapshot(s.lastProcessed, s.applied, s.chain, s.sm.Clone())
	base, _ := s.log.Base()
	s.snaps = AddSnapshot(s.snaps, snap, fence, base)
	if fence {
		s.log.Reset(snap.Last, snap.Chain)
	}
	out.disk(DiskOp{Kind: DiskSnapshot, Token: TokenPeer, Fence: fence, Snap: snap})
	return true
}

// AddSnapshot returns list with a finished snapshot: fenced, it replaces all
// others; otherwise the one that the log starts at and the newest stay.
func AddSnapshot(list []*Snapshot, s *Snapshot, fence bool, logBase zxid.Zxid) []*Snapshot {
	if fence {
		return append(list[:0:0], s)
	}
	var kept []*Snapshot
	for _, old := range list {
		if old.Last == logBase {
			kept = append(kept, old)
			break
		}
	}
	return append(kept, s)
}

// DropAfter returns list without the snapshots that hold more than z.
func DropAfter(list []*Snapshot, z zxid.Zxid) []*Snapshot {
	var kept []*Snapshot
	for _, s := range list {
		if s.Last <= z {
			kept = append(kept, s)
		}
	}
	return kept
}

// logCommitted appends and applies what was committed during the
// synchronization and starts the fsync; false if there was nothing.
func (s *Server) logCommitted(out *Effects) bool {
	l := &s.learn
	if len(l.committed) == 0 {
		return false
	}
	for _, z := range l.committed {
		if len(l.notLogged) == 0 || l.notLogged[0].Zxid != z {
			s.illegal(FlagCommit, "COMMIT during synchronization does not name the next proposal", z, out)
			break
		}
		t := l.notLogged[0]
		l.notLogged = popFront(l.notLogged)
		if s.appendLog(t, out) {
			s.apply(t)
		}
	}
	l.committed = l.committed[:0]
	out.disk(DiskOp{Kind: DiskFsync, Token: TokenPeer})
	return true
}
