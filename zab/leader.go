package zab

import (
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// leaderStage is where the leader thread stands in Leader.lead.
type leaderStage uint8

const (
	leadIdle          leaderStage = iota
	leadSnapshot                  // loadData writes a snapshot
	leadWaitEpoch                 // getEpochToPropose
	leadWriteAccepted             // setAcceptedEpoch
	leadWaitAckEpoch              // waitForEpochAck
	leadWriteCurrent              // setCurrentEpoch
	leadWaitNewLeader             // waitForNewLeaderAck
	leadServing                   // startZkServer was called
)

func (st leaderStage) blocked() bool {
	return st == leadSnapshot || st == leadWriteAccepted || st == leadWriteCurrent
}

// proposal is an entry of outstandingProposals.
type proposal struct {
	txn  *txn.Txn
	acks quorum.Set
}

// leader is the leader part of a server. Source: Q/Leader.java.
type leader struct {
	stage         leaderStage
	tickSkip      bool // this half tick is not a full one
	quorumFormed  bool // of NEWLEADER acks
	late          bool // the leader thread has not asked for the epoch yet: only with a bug
	deaf          bool // nobody accepts connections any more: only with a bug
	epoch         zxid.Epoch
	connecting    quorum.Set // connectingFollowers: reported in FOLLOWERINFO
	electing      quorum.Set // electingFollowers: answered with ACKEPOCH
	newLeaderAcks quorum.Set
	forwarding    quorum.Set // forwardingFollowers: receive proposals
	observing     quorum.Set // observingLearners: receive INFORM
	waiting       quorum.Set // learners whose handler waits for the leader thread or dumps
	// leaderStateSummary, read at the start of lead.
	summaryEpoch zxid.Epoch
	summaryZxid  zxid.Zxid

	lastProposed  zxid.Zxid
	lastCommitted zxid.Zxid
	outstanding   []proposal
	toBeApplied   []*txn.Txn // committed, not yet applied
	syncs         []pendingSync
	handlers      [quorum.Slots]handler
	inbox         []learnerPacket // handler lanes: arrived, not read yet
	dumps         [quorum.Slots]dumping
	held          []learnerPacket // to learners, behind a SNAP that is still being written
}

// learnerPacket is a packet from or to the learner peer that waits for its handler.
type learnerPacket struct {
	peer quorum.ServerID
	p    Packet
}

// pendingSync is a learner's sync that waits for a commit.
type pendingSync struct {
	after zxid.Zxid
	from  quorum.ServerID
	req   *txn.Request
}

// reset makes l the leader part of a server that does not lead; it keeps the memory.
func (l *leader) reset() {
	*l = leader{outstanding: l.outstanding[:0], toBeApplied: l.toBeApplied[:0], syncs: l.syncs[:0],
		inbox: l.inbox[:0], held: l.held[:0]}
}

// startLeading is the first part of Leader.lead: load, snapshot, listen. Loading takes
// away the ephemeral nodes of nobody, as on a standalone server (protocol fact 9.7).
func (s *Server) startLeading(out *Effects) {
	l := &s.lead
	l.reset()
	l.summaryEpoch, l.summaryZxid = s.current, s.lastProcessed
	if s.cfg.Sessions {
		s.sm.DropOrphans(s.lastProcessed)
	}
	l.stage = leadSnapshot
	if !s.writeSnapshot(false, out) {
		s.leaderListen(out)
	}
}

// leaderListen opens the quorum port and enters the leader itself into the
// choice of the epoch: a quorum without the leader is none (ZOOKEEPER-1270).
func (s *Server) leaderListen(out *Effects) {
	l := &s.lead
	l.stage = leadWaitEpoch
	out.setTimer(TimerInit, s.initLimit())
	if s.cfg.Bugs.Has(bug.LeaderNotInQuorum) {
		l.late = true // the leader thread comes when it comes
		return
	}
	s.epochToPropose(s.cfg.ID, s.accepted, out)
}

// epochToPropose is Leader.getEpochToPropose up to its wait.
func (s *Server) epochToPropose(id quorum.ServerID, accepted zxid.Epoch, out *Effects) {
	l := &s.lead
	if l.stage != leadWaitEpoch {
		return
	}
	l.epoch = max(l.epoch, accepted+1)
	if s.cfg.Bugs.Has(bug.EpochFromLastZxid) {
		l.epoch = l.summaryZxid.Epoch() + 1 // ZOOKEEPER-335: no word from anybody else
	}
	l.connecting = s.count(l.connecting, id)
	if !s.discovered(l.connecting) {
		return
	}
	// Before any LEADERINFO leaves, the promise is on disk (ZOOKEEPER-1291).
	l.stage = leadWriteAccepted
	out.stopTimer(TimerInit)
	out.disk(DiskOp{Kind: DiskAcceptedEpoch, Token: TokenPeer, Epoch: max(l.epoch, s.accepted)})
}

func (s *Server) leaderDiskDone(out *Effects) {
	l := &s.lead
	switch l.stage {
	case leadSnapshot:
		s.leaderListen(out)
	case leadWriteAccepted:
		s.accepted = max(l.epoch, s.accepted) // l.epoch is higher, but for ZOOKEEPER-335
		l.stage = leadWaitAckEpoch
		l.lastProposed = zxid.Make(l.epoch, 0)
		if s.cfg.Bugs.Has(bug.ZxidBeforeQuorum) {
			s.lastProcessed = l.lastProposed // ZOOKEEPER-790: if the role fails, its votes say so
		}
		out.setTimer(TimerInit, s.initLimit())
		s.epochAck(s.cfg.ID, l.summaryEpoch, l.summaryZxid, out)
	case leadWriteCurrent:
		s.current = l.epoch
		l.stage = leadWaitNewLeader
		s.phase = PhaseSynchronization
		out.probe(Probe{Kind: ProbeRole})
		out.setTimer(TimerInit, s.initLimit())
		// The leader's own acknowledgement: its history is on disk already.
		l.newLeaderAcks = l.newLeaderAcks.With(s.cfg.ID)
		s.establish(out)
	}
}

// epochAck is Leader.waitForEpochAck up to its wait. It reports false if the
// learner is ahead of the leader and must be dropped.
func (s *Server) epochAck(id quorum.ServerID, epoch zxid.Epoch, z zxid.Zxid, out *Effects) bool {
	l := &s.lead
	if l.stage != leadWaitAckEpoch {
		return true
	}
	if epoch != zxid.NoEpoch {
		if epoch > l.summaryEpoch || epoch == l.summaryEpoch && z > l.summaryZxid {
			return false
		}
		l.electing = s.count(l.electing, id)
	}
	if !s.discovered(l.electing) {
		return true
	}
	l.stage = leadWriteCurrent
	out.stopTimer(TimerInit)
	out.disk(DiskOp{Kind: DiskCurrentEpoch, Token: TokenPeer, Epoch: l.epoch})
	return true
}

// count adds a server to one of the sets of discovery: only voters count.
func (s *Server) count(set quorum.Set, id quorum.ServerID) quorum.Set {
	if s.cfg.Quorum.Voters.Has(id) || s.cfg.Bugs.Has(bug.DiscoveryCountsObservers) {
		return set.With(id)
	}
	return set
}

// discovered tells whether a set of discovery is a quorum with the leader in it
// (ZOOKEEPER-1270).
func (s *Server) discovered(set quorum.Set) bool {
	if !set.Has(s.cfg.ID) && !s.cfg.Bugs.Has(bug.LeaderNotInQuorum) {
		return false
	}
	if s.cfg.Bugs.Has(bug.DiscoveryCountsObservers) { // ZOOKEEPER-2959: QuorumMaj counts whatever it is given
		return set.Len() > s.cfg.Quorum.Voters.Len()/2
	}
	return s.cfg.Quorum.Contains(set)
}

// newLeaderAck is Leader.waitForNewLeaderAck up to its wait.
func (s *Server) newLeaderAck(id quorum.ServerID, out *Effects) {
	l := &s.lead
	if l.quorumFormed || s.cfg.Bugs.Has(bug.LeaderNotInQuorum) && l.stage < leadWaitNewLeader {
		return // ZOOKEEPER-1270: the leader thread has not announced NEWLEADER yet
	}
	if s.cfg.Quorum.Voters.Has(id) {
		l.newLeaderAcks = l.newLeaderAcks.With(id)
	}
	s.establish(out)
}

// establish starts the server once a quorum, the leader in it, has acknowledged
// NEWLEADER: Leader.startZkServer. At this moment the whole initial history is
// committed (protocol fact 5.6).
func (s *Server) establish(out *Effects) {
	l := &s.lead
	if l.stage != leadWaitNewLeader || !l.newLeaderAcks.Has(s.cfg.ID) || !s.cfg.Quorum.Contains(l.newLeaderAcks) {
		return
	}
	l.quorumFormed, l.stage = true, leadServing
	l.tickSkip = true // the loop of lead starts with a half tick that counts no tick
	start := zxid.Make(l.epoch, 0)
	out.probe(Probe{Kind: ProbeEstablish, Epoch: l.epoch, Zxid: s.applied, Chain: s.chain, Set: l.newLeaderAcks})
	l.lastCommitted, s.lastProcessed = start, start
	if s.cfg.Timeless {
		// Who was counted means nothing from now on, but to people: a search would
		// tell apart leaders that differ in nothing else.
		l.connecting, l.electing, l.newLeaderAcks = 0, 0, 0
		l.summaryEpoch, l.summaryZxid = 0, 0
	}
	s.phase, s.serving = PhaseBroadcast, true
	s.sm.Forget()
	s.elect.Established(l.epoch)
	out.probe(Probe{Kind: ProbeRole})
	out.probe(Probe{Kind: ProbeActive, Epoch: l.epoch, Zxid: s.applied, Chain: s.chain, Digest: s.sm.Digest()})
	out.stopTimer(TimerInit)
	out.setTimer(TimerTick, s.cfg.TickTime/2)
	s.startTracker(out)
}

// leaderTick is one turn of the loop at the end of Leader.lead: every half tick
// a PING, every full tick the quorum check.
func (s *Server) leaderTick(out *Effects) {
	l := &s.lead
	if l.stage != leadServing || s.stopping {
		return
	}
	out.setTimer(TimerTick, s.cfg.TickTime/2)
	if s.cfg.Timeless { // nobody was heard for too long: the tick at which the check fails
		if !s.supported(quorum.Of(s.cfg.ID)) {
			s.endRole(out)
		}
		return
	}
	if !l.tickSkip {
		synced := quorum.Of(s.cfg.ID)
		for id := quorum.ServerID(1); id <= quorum.Max; id++ {
			if h := &l.handlers[id]; h.stage != handlerNone {
				h.ticksLeft--
				if h.ticksLeft >= 0 {
					synced = synced.With(id)
				}
			}
		}
		if !s.supported(synced) {
			s.endRole(out)
			return
		}
	}
	l.tickSkip = !l.tickSkip
	for id := quorum.ServerID(1); id <= quorum.Max; id++ {
		s.pingLearner(id, out)
	}
}

// supported is the quorum check of a leader that serves.
func (s *Server) supported(synced quorum.Set) bool {
	if s.cfg.Bugs.Has(bug.CountObservers) { // ZOOKEEPER-1294
		return synced.Len() > s.cfg.Quorum.Voters.Len()/2
	}
	return s.cfg.Quorum.Contains(synced)
}

// propose is Leader.propose: the leader's log writer gets the transaction after
// the followers, and its acknowledgement is not implicit.
func (s *Server) propose(t *txn.Txn, out *Effects) {
	l := &s.lead
	l.lastProposed = t.Zxid
	l.outstanding = append(l.outstanding, proposal{txn: t})
	out.probe(Probe{Kind: ProbePropose, Zxid: t.Zxid, Txn: t})
	for rest := l.forwarding; rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		s.toLearner(id, Proposal, t.Zxid, out).Txn = t
		s.watch(&l.handlers[id], t.Zxid)
	}
	s.sync.push(t)
}

// processAck is Leader.processAck and tryToCommit. Commits are in order: a
// proposal whose predecessor is outstanding waits, and is looked at again when
// the predecessor commits.
func (s *Server) processAck(id quorum.ServerID, z zxid.Zxid, out *Effects) {
	l := &s.lead
	if z.Counter() == 0 || len(l.outstanding) == 0 || z <= l.lastCommitted {
		return
	}
	first := l.outstanding[0].txn.Zxid
	if z < first || uint64(z-first) >= uint64(len(l.outstanding)) {
		s.illegal(FlagAck, "ACK of an unknown proposal", z, out)
		return
	}
	i := int(z - first)
	if s.cfg.Quorum.Voters.Has(id) {
		l.outstanding[i].acks = l.outstanding[i].acks.With(id)
	}
	for len(l.outstanding) > 0 && s.cfg.Quorum.Contains(l.outstanding[0].acks) {
		t := l.outstanding[0].txn
		l.outstanding = popFront(l.outstanding)
		s.commitTxn(t, out)
	}
}

func (s *Server) commitTxn(t *txn.Txn, out *Effects) {
	l := &s.lead
	l.lastCommitted = t.Zxid
	l.toBeApplied = append(l.toBeApplied, t)
	out.probe(Probe{Kind: ProbeCommit, Zxid: t.Zxid, Txn: t})
	for rest := l.forwarding; rest != 0; rest = rest.Without(rest.First()) {
		s.toLearner(rest.First(), Commit, t.Zxid, out)
	}
	for rest := l.observing; rest != 0; rest = rest.Without(rest.First()) {
		s.toLearner(rest.First(), Inform, t.Zxid, out).Txn = t
	}
	s.queue = append(s.queue, committed{txn: t})
	for len(l.syncs) > 0 && l.syncs[0].after <= t.Zxid {
		s.answerSync(&l.syncs[0], out)
		l.syncs = popFront(l.syncs)
	}
}

// processSync is Leader.processSync: answered at once if nothing is outstanding,
// else when the last proposal commits.
func (s *Server) processSync(from quorum.ServerID, req *txn.Request, out *Effects) {
	l := &s.lead
	p := pendingSync{after: l.lastProposed, from: from, req: req}
	if len(l.outstanding) == 0 {
		s.answerSync(&p, out)
		return
	}
	l.syncs = append(l.syncs, p)
}

func (s *Server) answerSync(p *pendingSync, out *Effects) {
	if l := &s.lead; (l.forwarding | l.observing).Has(p.from) {
		s.toLearner(p.from, Sync, 0, out).Req = p.req
	}
}

// toLearner appends a packet to learner id and returns it to be filled in. While a
// SNAP is being written to that learner, the packet waits behind it.
func (s *Server) toLearner(id quorum.ServerID, t PacketType, z zxid.Zxid, out *Effects) *Packet {
	l := &s.lead
	if l.handlers[id].stage != handlerDumping {
		return out.packet(l.handlers[id].conn, t, z)
	}
	l.held = append(l.held, learnerPacket{id, Packet{Type: t, Zxid: z}})
	return &l.held[len(l.held)-1].p
}
