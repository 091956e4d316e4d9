package zab

import (
	"zabsim/election"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// learnerStage is where a follower stands in its conversation with the leader.
type learnerStage uint8

const (
	learnIdle           learnerStage = iota
	learnDialing                     // connectToLeader: a dial is under way
	learnPausing                     // connectToLeader: refused, waiting for the next try
	learnWaitLeaderInfo              // FOLLOWERINFO sent
	learnWaitSync                    // ACKEPOCH sent, nothing of the synchronization seen
	learnSyncing                     // DIFF, TRUNC or SNAP seen
	learnNewLeader                   // NEWLEADER seen, its steps are under way
	learnWaitUpToDate                // ACK of NEWLEADER sent
	learnBroadcast                   // UPTODATE seen
)

// Step is what the peer thread of a learner is doing to its disk.
type Step uint8

// The steps. StepSnapshot to StepCurrent are those of NEWLEADER.
const (
	StepNone     Step = iota
	StepAccepted      // writes acceptedEpoch before ACKEPOCH
	StepTrunc         // truncates the log
	StepSnapshot      // writes the snapshot of a SNAP or TRUNC synchronization
	StepHistory       // appends what was committed during the synchronization and syncs it
	StepCurrent       // writes currentEpoch
	StepHandOver      // hands proposals to the log writer: only with a bug
)

// String returns the step's name.
func (st Step) String() string {
	return [...]string{"none", "acceptedEpoch", "truncate", "snapshot", "history", "currentEpoch", "handOver"}[st]
}

// learner is the learner part of a server. Source: Q/Learner.java, Q/Follower.java.
type learner struct {
	leader  quorum.ServerID
	stage   learnerStage
	mode    SyncMode
	blocked Step
	done    uint8 // NEWLEADER steps that are complete
	tries   uint8 // dials that failed
	conn    host.ConnID
	epoch   zxid.Epoch // of LEADERINFO
	last    zxid.Zxid  // lastProcessedZxid before FOLLOWERINFO was sent
	trunc   zxid.Zxid  // where TRUNC cuts

	snapshotNeeded bool
	writeToTxnLog  bool
	dirty          bool      // the database holds what is on no disk: an unfinished SNAP or TRUNC sync
	lastQueued     zxid.Zxid // last PROPOSAL of this connection, 0 if none

	notLogged []*txn.Txn  // packetsNotLogged
	committed []zxid.Zxid // packetsCommitted
	pending   []*txn.Txn  // pendingTxns: logged or being logged, not committed
	later     []*txn.Txn  // committed and logged, not applied: only with a bug
	inbox     []Packet    // peer lane: arrived, not read yet
}

// reset makes l the learner part of a server that does not follow; it keeps the
// memory.
func (l *learner) reset() {
	*l = learner{notLogged: l.notLogged[:0], committed: l.committed[:0], pending: l.pending[:0],
		later: l.later[:0], inbox: l.inbox[:0]}
}

// Learner.connectToLeader: up to 5 tries, 100 ms apart.
const (
	connectTriesMax = 5
	connectPause    = 100 * host.Millisecond
)

func (s *Server) startLearning(leader quorum.ServerID, out *Effects) {
	l := &s.learn
	l.reset()
	l.leader = leader
	s.dialLeader(out)
	out.setTimer(TimerRead, s.initLimit()) // bounds all tries together
}

func (s *Server) initLimit() host.Duration { return s.cfg.TickTime * host.Duration(s.cfg.InitLimit) }
func (s *Server) syncLimit() host.Duration { return s.cfg.TickTime * host.Duration(s.cfg.SyncLimit) }

func (s *Server) dialLeader(out *Effects) {
	s.learn.stage = learnDialing
	out.dial(PlaneQuorum, s.learn.leader)
	out.setTimer(TimerConnect, s.syncLimit())
}

// learnerDialFailed counts a refused or timed-out dial.
func (s *Server) learnerDialFailed(peer quorum.ServerID, out *Effects) {
	l := &s.learn
	if l.stage != learnDialing || l.leader != peer || s.stopping {
		return
	}
	l.tries++
	if l.tries >= connectTriesMax {
		s.endRole(out)
		return
	}
	l.stage = learnPausing
	out.setTimer(TimerConnect, connectPause)
}

func (s *Server) connectTimer(out *Effects) {
	switch s.learn.stage {
	case learnDialing:
		out.abandon(PlaneQuorum, s.learn.leader)
		s.learnerDialFailed(s.learn.leader, out)
	case learnPausing:
		s.dialLeader(out)
	}
}

// learnerConnected registers with the leader: Learner.registerWithLeader.
func (s *Server) learnerConnected(c host.ConnID, out *Effects) {
	l := &s.learn
	if l.stage != learnDialing || s.stopping || l.conn != 0 {
		out.close(c)
		return
	}
	out.stopTimer(TimerConnect)
	l.conn, l.stage, l.last, l.tries = c, learnWaitLeaderInfo, s.lastProcessed, 0
	info := FollowerInfo
	if s.state == election.Observing {
		info = ObserverInfo
	}
	out.packet(c, info, zxid.Make(s.accepted, 0))
	s.armRead(out)
}

// armRead restarts the socket read time-out: initLimit until NEWLEADER is
// processed, syncLimit afterwards.
func (s *Server) armRead(out *Effects) {
	after := s.initLimit()
	if s.learn.stage >= learnWaitUpToDate {
		after = s.syncLimit()
	}
	out.setTimer(TimerRead, after)
}

func (s *Server) readTimedOut(out *Effects) {
	if s.peerBusy() {
		s.armRead(out) // the peer thread is not reading: nothing can time out
		return
	}
	s.endRole(out)
}

// learnerReceived takes a packet from the leader. It waits, as it would in the
// socket, until the peer thread reads it: not while that is blocked on the disk.
func (s *Server) learnerReceived(p *Packet, out *Effects) {
	if s.stopping {
		return
	}
	s.armRead(out)
	s.learn.inbox = append(s.learn.inbox, *p)
}

// runPeer lets the peer thread of a learner read one packet. With a bug on, the peer
// thread has other turns to take, too.
func (s *Server) runPeer(out *Effects) {
	l := &s.learn
	if s.lead.late {
		s.lead.late = false
		s.epochToPropose(s.cfg.ID, s.accepted, out)
		return
	}
	if l.blocked == StepHandOver {
		l.blocked = StepNone
		s.newLeaderSteps(out)
		s.resumed(out)
		return
	}
	if len(l.inbox) == 0 || s.peerBusy() {
		return
	}
	p := l.inbox[0]
	l.inbox = popFront(l.inbox)
	s.learnerPacket(&p, out)
}

// peerReady tells whether the peer thread of a learner has a turn to take.
func (s *Server) peerReady() bool {
	return len(s.learn.inbox) > 0 && !s.peerBusy() || s.learn.blocked == StepHandOver || s.lead.late
}

// resumed lets the role end if that was asked for while the peer thread was busy.
func (s *Server) resumed(out *Effects) {
	if s.lost && !s.peerBusy() && !s.stopping {
		s.endRole(out)
	}
}

func (s *Server) learnerPacket(p *Packet, out *Effects) {
	if s.cfg.Bugs.Has(bug.CloseTooBig) && p.Txn != nil && s.cfg.MaxBuffer > 0 && p.Txn.Bytes() > s.cfg.MaxBuffer {
		s.endRole(out) // ZOOKEEPER-4306: it can't be read
		return
	}
	switch s.learn.stage {
	case learnWaitLeaderInfo:
		s.onLeaderInfo(p, out)
	case learnWaitSync:
		s.onSyncHeader(p, out)
	case learnSyncing, learnWaitUpToDate:
		s.onSyncPacket(p, out)
	case learnBroadcast:
		s.onBroadcast(p, out)
	}
}

// onLeaderInfo is the second half of Learner.registerWithLeader.
func (s *Server) onLeaderInfo(p *Packet, out *Effects) {
	l := &s.learn
	if p.Type != LeaderInfo {
		s.illegal(FlagState, "first packet from the leader is not LEADERINFO", p.Zxid, out)
		s.endRole(out)
		return
	}
	l.epoch = p.Zxid.Epoch()
	if s.cfg.Bugs.Has(bug.EpochFromLastZxid) && l.epoch <= s.accepted && l.epoch > s.lastProcessed.Epoch() {
		s.ackEpoch(s.current, out) // ZOOKEEPER-335: whatever was promised to others
		return
	}
	switch {
	case l.epoch > s.accepted:
		l.blocked = StepAccepted
		out.disk(DiskOp{Kind: DiskAcceptedEpoch, Token: TokenPeer, Epoch: l.epoch})
	case l.epoch == s.accepted:
		// Already accepted, perhaps from another leader of this epoch: -1 tells
		// the leader not to count this answer.
		s.ackEpoch(zxid.NoEpoch, out)
	default:
		s.endRole(out)
	}
}

func (s *Server) ackEpoch(current zxid.Epoch, out *Effects) {
	p := out.packet(s.learn.conn, AckEpoch, s.learn.last)
	p.Epoch, p.NeedSnap = current, s.needSnap
	s.learn.stage = learnWaitSync
	s.phase = PhaseSynchronization
	out.probe(Probe{Kind: ProbeRole})
}

func (s *Server) learnerDiskDone(out *Effects) {
	l := &s.learn
	st := l.blocked
	l.blocked = StepNone
	switch st {
	case StepAccepted:
		s.accepted = l.epoch
		s.ackEpoch(s.current, out)
	case StepTrunc:
		s.reload()
		s.lastProcessed = l.trunc
	case StepSnapshot:
		l.dirty = false
		s.newLeaderSteps(out)
	case StepHistory:
		s.newLeaderSteps(out)
	case StepCurrent:
		s.current = l.epoch
		if l.stage == learnWaitUpToDate {
			s.upToDate(out) // ZOOKEEPER-1282
			return
		}
		s.newLeaderSteps(out)
	}
}

// upToDate is Learner.syncWithLeader, case UPTODATE and what follows the loop.
func (s *Server) upToDate(out *Effects) {
	l := &s.learn
	if l.stage != learnWaitUpToDate {
		s.illegal(FlagState, "UPTODATE before NEWLEADER", 0, out)
		return
	}
	if s.current != l.epoch && s.cfg.Bugs.Has(bug.EpochAtUpToDate) {
		l.blocked = StepCurrent
		out.disk(DiskOp{Kind: DiskCurrentEpoch, Token: TokenPeer, Epoch: l.epoch})
		return
	}
	out.packet(l.conn, Ack, zxid.Make(l.epoch, 0))
	l.stage = learnBroadcast
	s.phase, s.serving = PhaseBroadcast, true
	s.elect.Established(l.epoch)
	out.probe(Probe{Kind: ProbeRole})
	out.probe(Probe{Kind: ProbeActive, Epoch: l.epoch, Zxid: s.applied, Chain: s.chain, Digest: s.sm.Digest()})
	for _, t := range l.later {
		s.queue = append(s.queue, committed{txn: t})
	}
	l.later = l.later[:0]
	s.startLocal(out)
	if s.state == election.Observing {
		s.informed(out)
		return
	}
	for _, t := range l.notLogged {
		s.logRequest(t)
	}
	l.notLogged = l.notLogged[:0]
	for _, z := range l.committed {
		s.commitPending(z, out)
	}
	l.committed = l.committed[:0]
}

// informed hands an observer's part of the synchronization that came after
// NEWLEADER to its processors: it was told of nothing that is not committed.
func (s *Server) informed(out *Effects) {
	l := &s.learn
	for _, z := range l.committed {
		if t, ok := s.nextUnlogged(z, out); ok {
			s.inform(t)
		}
	}
	l.committed = l.committed[:0]
}

// inform is ObserverZooKeeperServer.commitRequest: an observer logs what it is told
// (observer.syncEnabled) without a word to the leader, and applies it.
func (s *Server) inform(t *txn.Txn) {
	s.sync.push(t)
	s.queue = append(s.queue, committed{txn: t})
}

// nextUnlogged takes the first of packetsNotLogged, which must be z.
func (s *Server) nextUnlogged(z zxid.Zxid, out *Effects) (*txn.Txn, bool) {
	l := &s.learn
	if len(l.notLogged) == 0 || l.notLogged[0].Zxid != z {
		s.illegal(FlagCommit, "COMMIT during synchronization does not name the next proposal", z, out)
		return nil, false
	}
	t := l.notLogged[0]
	l.notLogged = popFront(l.notLogged)
	return t, true
}

// onBroadcast is Follower.processPacket and Observer.processPacket.
func (s *Server) onBroadcast(p *Packet, out *Effects) {
	l := &s.learn
	observer := s.state == election.Observing
	switch p.Type {
	case Ping:
		a := out.packet(l.conn, Ping, p.Zxid)
		a.Touched, s.touched = s.touched, Touches{}
	case Revalidate:
		s.revalidated(p.Session, p.Valid, out)
	case Inform:
		if !observer {
			s.illegal(FlagMessage, "INFORM for a follower", p.Zxid, out)
			return
		}
		if !s.follows(l.lastQueued, p.Txn.Zxid) {
			s.illegal(FlagProposal, "INFORM is not the successor of the last", p.Txn.Zxid, out)
		}
		l.lastQueued = p.Txn.Zxid
		s.inform(p.Txn)
	case Proposal:
		if observer {
			return // "Ignoring proposal"
		}
		if !s.follows(l.lastQueued, p.Txn.Zxid) {
			s.illegal(FlagProposal, "PROPOSAL is not the successor of the last", p.Txn.Zxid, out)
		}
		l.lastQueued = p.Txn.Zxid
		s.logRequest(p.Txn)
	case Commit:
		if !observer { // "Ignoring commit"
			s.commitPending(p.Zxid, out)
		}
	case Sync:
		s.queue = append(s.queue, committed{sync: p.Req})
	case UpToDate, NewLeader:
		s.illegal(FlagState, p.Type.String()+" in broadcast", p.Zxid, out)
	default:
		s.illegal(FlagMessage, p.Type.String()+" from a leader", p.Zxid, out)
	}
}

// logRequest is FollowerZooKeeperServer.logRequest: the log writer will append
// and acknowledge t while it waits for its COMMIT.
func (s *Server) logRequest(t *txn.Txn) {
	s.learn.pending = append(s.learn.pending, t)
	s.sync.push(t)
}

// commitPending is FollowerZooKeeperServer.commit: the head must match, or the
// process exits.
func (s *Server) commitPending(z zxid.Zxid, out *Effects) {
	l := &s.learn
	if len(l.pending) == 0 {
		s.illegal(FlagCommit, "COMMIT without a pending proposal", z, out)
		return
	}
	if l.pending[0].Zxid != z {
		s.illegal(FlagCommit, "COMMIT does not name the next pending proposal", z, out)
		s.endRole(out)
		return
	}
	s.queue = append(s.queue, committed{txn: l.pending[0]})
	l.pending = popFront(l.pending)
}

// illegal reports what must not happen; invariants turn it into a violation.
func (s *Server) illegal(f Flag, reason string, z zxid.Zxid, out *Effects) {
	out.probe(Probe{Kind: ProbeIllegal, Flag: f, Zxid: z, Reason: reason})
}

// popFront removes the head and keeps the backing array at its place.
func popFront[T any](q []T) []T { return removeAt(q, 0) }

// removeAt removes element i and keeps the backing array at its place.
func removeAt[T any](q []T, i int) []T {
	copy(q[i:], q[i+1:])
	var zero T
	q[len(q)-1] = zero
	return q[:len(q)-1]
}
