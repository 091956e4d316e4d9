package zab

import (
	"math/bits"

	"zabsim/election"
	"zabsim/internal/fp"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Server is one ZooKeeper server without I/O: copy it with CloneInto, name it
// with Fingerprint, change it with Step. Source: Q/QuorumPeer.java.
type Server struct {
	cfg *Config

	state    election.State
	phase    Phase
	stopping bool
	serving  bool
	lost     bool // the role must end as soon as the peer thread is free
	needSnap bool // the next leader must send SNAP: see Packet.NeedSnap

	accepted, current zxid.Epoch

	// The database, retained across roles (ZOOKEEPER-2678).
	sm            txn.StateMachine
	applied       zxid.Zxid  // last transaction in sm
	chain         fp.Hash    // the history in sm
	lastProcessed zxid.Zxid  // as votes and ACKEPOCH show it; may be (e,0)
	window        []*txn.Txn // committedLog

	// The files as this process sees them: what it has written, synced or not.
	log   Log
	snaps []*Snapshot

	elect election.Machine
	lead  leader
	learn learner
	sync  syncLane
	snap  snapLane
	queue []committed // commit lane
	prep  []prepared  // prep lane

	clients []clientConn     // in the order in which they came
	pending []pendingRequest // local requests that wait, in arrival order

	sessions    tracker         // leader, standalone
	local       tracker         // local sessions: peers
	upgrading   []txn.SessionID // were local, their createSession is under way; oldest first
	touched     Touches         // learner: for the next PING
	nextSession txn.SessionID
	order       []ordered // standalone: between Prep and Final
	durable     zxid.Zxid // standalone: how far the log is durable

	now  host.Time     // of the step under way
	wall int64         // of the step under way
	outs election.Outs // scratch, empty between steps
}

// committed is what the commit lane takes: a committed transaction, or a sync
// that the leader has answered.
type committed struct {
	txn  *txn.Txn
	sync *txn.Request
}

// prepared is a request on its way into Prep, and the server that its client is on;
// 0 for what the server asks itself. Conn is the client's, or the learner's if there
// are sessions.
type prepared struct {
	req  *txn.Request
	from quorum.ServerID
	conn host.ConnID
	err  txn.Code // why it must not make an ephemeral node: EphemeralOnLocalSession
}

// New returns a server whose process has just been started on what Recover
// found. Its first input must be Started. The whole log is applied, committed or
// not: that is why lastProcessedZxid may stand in votes (protocol fact 1.5).
func New(cfg *Config, boot *Boot) *Server {
	s := &Server{cfg: cfg, accepted: boot.Accepted, current: boot.Current, log: boot.Log}
	s.snaps = append(s.snaps, boot.Snaps...)
	s.elect.Init(&cfg.Election)
	if !cfg.Timeless {
		s.log.Roll()
	}
	s.reload()
	return s
}

// ID returns the server's id.
func (s *Server) ID() quorum.ServerID { return s.cfg.ID }

// Machine returns the replicated state, for checks and reports.
func (s *Server) Machine() txn.StateMachine { return s.sm }

// Log returns the log as the process sees it, for checks; read only.
func (s *Server) Log() *Log { return &s.log }

// Accepts tells whether a dial on plane p succeeds: the quorum port is open
// while a leader takes learners, the client port while the server serves.
func (s *Server) Accepts(p Plane) bool {
	switch p {
	case PlaneElection:
		return true
	case PlaneQuorum:
		return s.state == election.Leading && !s.stopping && s.lead.stage >= leadWaitEpoch && !s.lead.deaf
	default:
		return s.serving
	}
}

// Step is the server's only verb: it takes one input and appends what must
// happen next, in program order. It never blocks.
func (s *Server) Step(in *Input, out *Effects) {
	s.now, s.wall = in.Now, in.Wall
	switch in.Kind {
	case Started:
		if s.cfg.Standalone {
			s.startStandalone(out)
			break
		}
		s.lookForLeader(out)
	case Opened:
		s.opened(in, out)
	case Closed:
		s.closed(in, out)
	case DialFailed:
		s.dialFailed(in, out)
	case Received:
		s.received(in, out)
	case TimerFired:
		s.timerFired(in.Timer, out)
	case DiskDone:
		s.diskDone(in.Token, out)
	case DiskFailed:
		s.diskFailed(in.Token, out)
	case RunLane:
		s.runLane(in.Lane, out)
	case Elected:
		s.elect.Install(in.Vote, s.roleFor(in.Vote.Leader))
		s.takeRole(out)
	case ExpireSession:
		s.expireNow(in.Session)
	case CheckContainers:
		s.checkContainers(in.MaxNeverUsedMillis)
	case DropClient:
		s.hangUp(in.Conn, out)
	}
	s.now, s.wall = 0, 0
}

func (s *Server) roleFor(leader quorum.ServerID) election.State {
	switch {
	case leader == s.cfg.ID:
		return election.Leading
	case s.cfg.Quorum.Voters.Has(s.cfg.ID):
		return election.Following
	}
	return election.Observing
}

// Runnable returns the lanes that have work.
func (s *Server) Runnable() Lanes {
	var r Lanes
	if s.elect.Runnable() {
		r = r.With(LaneElection)
	}
	if s.peerReady() {
		r = r.With(LanePeer)
	}
	if s.sync.runnable() {
		r = r.With(LaneSync)
	}
	if s.state == election.Leading {
		r |= s.handlersReady()
	}
	if len(s.queue) > 0 || len(s.order) > 0 && s.finalReady() {
		r = r.With(LaneCommit)
	}
	if len(s.prep) > 0 {
		r = r.With(LanePrep)
	}
	if s.snap.runnable() {
		r = r.With(LaneSnap)
	}
	return r
}

// Drain runs lanes until none has work: grain atomic.
func (s *Server) Drain(in *Input, out *Effects) {
	for {
		r := s.Runnable()
		if r == 0 {
			return
		}
		for ; r != 0; r &= r - 1 {
			in.Kind, in.Lane = RunLane, Lane(bits.TrailingZeros32(uint32(r)))
			s.Step(in, out)
		}
	}
}

func (s *Server) runLane(l Lane, out *Effects) {
	switch l {
	case LanePeer:
		s.runPeer(out)
	case LaneElection:
		s.elect.Run(&s.outs)
		s.forwardElection(out)
	case LaneSync:
		s.runSync(out)
	case LaneCommit:
		s.runCommit(out)
	case LanePrep:
		s.runPrep(out)
	case LaneSnap:
		s.runSnap(out)
	default:
		s.runHandler(quorum.ServerID(l-LaneHandler), out)
	}
}

func (s *Server) opened(in *Input, out *Effects) {
	switch in.Plane {
	case PlaneElection:
		s.elect.Opened(in.Conn, in.Peer, in.Incoming, &s.outs)
		s.forwardElection(out)
	case PlaneQuorum:
		if in.Incoming {
			s.handlerOpened(in.Peer, in.Conn, out)
		} else {
			s.learnerConnected(in.Conn, out)
		}
	}
}

// closed takes the end of a connection. Packets that wait in an inbox are dropped
// with it, whereas a Java thread reads what its socket has buffered before it
// sees the end. So a connection loses more here, as if it had broken earlier.
func (s *Server) closed(in *Input, out *Effects) {
	switch in.Plane {
	case PlaneElection:
		s.elect.Closed(in.Conn, &s.outs)
		s.forwardElection(out)
	case PlaneQuorum:
		if s.learn.conn == in.Conn && s.learn.conn != 0 {
			s.learn.conn = 0
			s.endRole(out)
		} else if s.state == election.Leading {
			s.handlerClosed(in.Conn, out)
		}
	case PlaneClient:
		s.forgetClient(in.Conn)
	}
}

func (s *Server) dialFailed(in *Input, out *Effects) {
	if in.Plane == PlaneElection {
		s.elect.DialFailed(in.Peer, &s.outs)
		s.forwardElection(out)
		return
	}
	s.learnerDialFailed(in.Peer, out)
}

func (s *Server) received(in *Input, out *Effects) {
	switch in.Msg.Plane {
	case PlaneElection:
		s.elect.Receive(in.Conn, &in.Msg.Note, &s.outs)
		s.forwardElection(out)
	case PlaneQuorum:
		switch {
		case in.Conn == s.learn.conn:
			s.learnerReceived(&in.Msg.Packet, out)
		case s.state == election.Leading && !s.stopping:
			s.handlerReceived(in.Conn, &in.Msg.Packet, out)
		}
	case PlaneClient:
		s.clientReceived(in.Conn, &in.Msg.Client, out)
	}
}

func (s *Server) timerFired(t TimerID, out *Effects) {
	switch {
	case t < TimerTick:
		s.elect.TimerFired(election.TimerID(t-TimerElection), &s.outs)
		s.forwardElection(out)
	case t == TimerTick:
		s.leaderTick(out)
	case t == TimerSession:
		s.expireBuckets(out)
	case t == TimerContainer:
		s.containerTimer(out)
	case t == TimerInit:
		s.endRole(out)
	case t == TimerRead:
		s.readTimedOut(out)
	case t == TimerConnect:
		s.connectTimer(out)
	default:
		s.handlerTimedOut(quorum.ServerID(t-TimerHandler), out)
	}
}

func (s *Server) diskDone(t Token, out *Effects) {
	switch t {
	case TokenFlush:
		s.flushed(out)
		return
	case TokenSnap:
		s.snapWritten(out)
		return
	}
	switch s.state {
	case election.Leading:
		if s.cfg.Standalone {
			s.standaloneLoaded(out)
			break
		}
		s.leaderDiskDone(out)
	default:
		s.learnerDiskDone(out)
	}
	s.resumed(out)
}

// diskFailed takes the failure of a disk operation. A failed fsync of the log
// writer ends the process in ZooKeeper (SyncRequestProcessor, ZooKeeperCriticalThread):
// the host does that, and never reports it here. An epoch file that can't be
// written ends the role, with the promise not made (ZOOKEEPER-2307).
func (s *Server) diskFailed(t Token, out *Effects) {
	if t != TokenPeer {
		return
	}
	if s.cfg.Bugs.Has(bug.EpochMemoryFirst) {
		s.promiseAnyway()
	}
	s.lead.stage = min(s.lead.stage, leadWaitEpoch)
	s.learn.blocked = StepNone
	s.endRole(out)
}

// promiseAnyway is ZOOKEEPER-2307: memory has the epoch before the file is written, and
// keeps it. While the write is under way the peer thread, which is the only one to
// look, waits for it.
func (s *Server) promiseAnyway() {
	switch {
	case s.lead.stage == leadWriteAccepted:
		s.accepted = max(s.lead.epoch, s.accepted)
	case s.lead.stage == leadWriteCurrent:
		s.current = s.lead.epoch
	case s.learn.blocked == StepAccepted:
		s.accepted = s.learn.epoch
	case s.learn.blocked == StepCurrent:
		s.current = s.learn.epoch
	}
}

// forwardElection turns what the election asked for into effects.
func (s *Server) forwardElection(out *Effects) {
	for i := range s.outs.List() {
		o := &s.outs.List()[i]
		switch o.Op {
		case election.OutSend:
			f := out.add(OpSend)
			f.Conn = o.Conn
			f.Msg.Plane, f.Msg.Note = PlaneElection, o.Note
		case election.OutDial:
			out.dial(PlaneElection, o.Peer)
		case election.OutClose:
			if o.Conn == 0 {
				out.abandon(PlaneElection, o.Peer)
			} else {
				out.close(o.Conn)
			}
		case election.OutSetTimer:
			out.setTimer(TimerElection+TimerID(o.Timer), o.After)
		case election.OutStopTimer:
			out.stopTimer(TimerElection + TimerID(o.Timer))
		case election.OutAdopt:
			out.probe(Probe{Kind: ProbeAdopt, Vote: o.Vote, Was: o.Was})
		case election.OutDecide:
			out.probe(Probe{Kind: ProbeDecide, Peer: o.Vote.Leader, Set: o.Set, Unheard: o.Unheard})
			s.takeRole(out)
		}
	}
	s.outs.Reset()
}

// lookForLeader enters LOOKING. Source: QuorumPeer.run, case LOOKING.
func (s *Server) lookForLeader(out *Effects) {
	s.state, s.phase = election.Looking, PhaseElection
	out.probe(Probe{Kind: ProbeRole})
	if s.cfg.OracleElection {
		s.elect.Install(election.Vote{Leader: s.cfg.ID, Zxid: s.lastProcessed, PeerEpoch: s.current}, election.Looking)
		return
	}
	s.elect.LookForLeader(election.Vote{Leader: s.cfg.ID, Zxid: s.lastProcessed, PeerEpoch: s.current}, &s.outs)
	s.forwardElection(out)
}

// takeRole starts the role that the election decided.
func (s *Server) takeRole(out *Effects) {
	s.state = s.elect.State()
	s.phase = PhaseDiscovery
	out.probe(Probe{Kind: ProbeRole})
	if s.state == election.Leading {
		s.startLeading(out)
	} else {
		s.startLearning(s.elect.Current().Leader, out)
	}
}

// reload rebuilds the database from the files, as after a crash.
func (s *Server) reload() {
	s.sm, s.applied, s.chain, s.lastProcessed = rebuild(s.snaps, &s.log)
	s.window = s.window[:0:0]
	first := max(0, s.log.Len()-s.cfg.CommitLogCount)
	if s.cfg.Bugs.Has(bug.HoleInLog) {
		first = max(first, s.log.Unbroken()) // what comes before is not replayed
	}
	for i := first; i < s.log.Len(); i++ {
		s.window = append(s.window, s.log.At(i).Txn)
	}
}

// apply applies t to the database and records it in the committedLog window.
func (s *Server) apply(t *txn.Txn) txn.Result {
	r := s.sm.Apply(t)
	s.applied, s.lastProcessed = t.Zxid, t.Zxid
	s.snap.moved = s.snap.moved || s.snap.dump != nil
	s.chain = ChainNext(s.chain, t)
	s.remember(t)
	return r
}

// remember adds t to the committedLog window. The window slides inside a
// backing array of twice its size, so that it moves once per count.
func (s *Server) remember(t *txn.Txn) {
	if len(s.window) >= s.cfg.CommitLogCount {
		s.window = s.window[len(s.window)-s.cfg.CommitLogCount+1:]
	}
	s.window = append(s.window, t)
}

// peerBusy tells whether the peer thread waits for a disk operation.
func (s *Server) peerBusy() bool {
	if s.state == election.Leading {
		return s.lead.stage.blocked()
	}
	return s.learn.blocked != StepNone
}
