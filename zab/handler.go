package zab

import (
	"slices"

	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// handlerStage is where a LearnerHandler stands in its run method.
type handlerStage uint8

const (
	handlerNone          handlerStage = iota
	handlerWaitInfo                   // FOLLOWERINFO
	handlerWaitEpoch                  // in getEpochToPropose
	handlerWaitAckEpoch               // LEADERINFO sent
	handlerWaitElecting               // in waitForEpochAck
	handlerDumping                    // SNAP is being written, the packets behind it wait
	handlerWaitNewLeader              // NEWLEADER sent
	handlerWaitStart                  // acknowledged; the leader does not serve yet
	handlerActive                     // UPTODATE sent
)

// handler is the leader's side of one learner. Source: Q/LearnerHandler.java.
type handler struct {
	stage     handlerStage
	mode      SyncMode
	needSnap  bool
	chosen    bool // DIFF or TRUNC is queued, the learner is not joined yet: only with a bug
	conn      host.ConnID
	last      zxid.Zxid // the learner's, from ACKEPOCH
	ticksLeft int16     // ticks until the learner no longer counts as synced
	// SyncLimitCheck: the proposal that is watched, the next one to watch, and
	// for how many pings the watched one has been without an answer.
	watched, next zxid.Zxid
	pings         int16
}

// handlerOpened accepts a learner's connection. An older one of the same learner
// is dead, since a learner has one at a time, and ends here. Java lets the two
// handlers coexist until the older one notices.
func (s *Server) handlerOpened(id quorum.ServerID, c host.ConnID, out *Effects) {
	if !s.Accepts(PlaneQuorum) {
		out.close(c)
		return
	}
	h := &s.lead.handlers[id]
	out.close(h.conn)
	*h = handler{stage: handlerWaitInfo, conn: c, ticksLeft: int16(s.cfg.InitLimit + s.cfg.SyncLimit)}
	s.forget(id)
	out.setTimer(TimerHandler+TimerID(id), s.initLimit())
}

func (s *Server) handlerOf(c host.ConnID) quorum.ServerID {
	for id := quorum.ServerID(1); id <= quorum.Max; id++ {
		if s.lead.handlers[id].conn == c {
			return id
		}
	}
	return 0
}

func (s *Server) handlerClosed(c host.ConnID, out *Effects) {
	if id := s.handlerOf(c); id != 0 {
		l := &s.lead
		// ZOOKEEPER-4203: an error on a connection that was just accepted ends the thread
		// that accepts, and the state that says so is overwritten when the server starts.
		l.deaf = l.deaf || l.handlers[id].stage == handlerWaitInfo && l.stage < leadServing && s.cfg.Bugs.Has(bug.AcceptorDies)
		l.handlers[id].conn = 0
		s.dropHandler(id, out)
	}
}

// dropHandler ends a handler: Leader.removeLearnerHandler. Its learner stays in
// the sets of discovery (protocol fact 4.2).
func (s *Server) dropHandler(id quorum.ServerID, out *Effects) {
	h := &s.lead.handlers[id]
	out.close(h.conn)
	*h = handler{}
	s.forget(id)
	out.stopTimer(TimerHandler + TimerID(id))
}

// forget drops what belongs to the connection of a learner that is gone: its place
// in the forwarding sets, its unread packets, the syncs whose answers it waits for,
// the dump for it and what waits behind that.
func (s *Server) forget(id quorum.ServerID) {
	l := &s.lead
	l.forwarding, l.observing = l.forwarding.Without(id), l.observing.Without(id)
	l.inbox = slices.DeleteFunc(l.inbox, func(p learnerPacket) bool { return p.peer == id })
	l.held = slices.DeleteFunc(l.held, func(p learnerPacket) bool { return p.peer == id })
	l.syncs = slices.DeleteFunc(l.syncs, func(p pendingSync) bool { return p.from == id })
	l.dumps[id] = dumping{}
	l.waiting = l.waiting.Without(id)
}

// handlerTimedOut is the socket read time-out. A handler that waits for the
// leader thread does not read, so it can't time out.
func (s *Server) handlerTimedOut(id quorum.ServerID, out *Effects) {
	switch s.lead.handlers[id].stage {
	case handlerNone:
	case handlerWaitEpoch, handlerWaitElecting, handlerDumping, handlerWaitStart:
		out.setTimer(TimerHandler+TimerID(id), s.initLimit())
	default:
		s.dropHandler(id, out)
	}
}

func (s *Server) armHandler(id quorum.ServerID, out *Effects) {
	after := s.initLimit()
	if s.lead.handlers[id].stage >= handlerWaitStart {
		after = s.syncLimit()
	}
	out.setTimer(TimerHandler+TimerID(id), after)
}

// handlerReceived takes a packet from a learner. It waits, as it would in the
// socket, until the handler reads it.
func (s *Server) handlerReceived(c host.ConnID, p *Packet, out *Effects) {
	if id := s.handlerOf(c); id != 0 {
		s.armHandler(id, out)
		s.lead.inbox = append(s.lead.inbox, learnerPacket{id, *p})
	}
}

// handlersReady returns the handlers that can go on: what their thread waits for
// has come, be it a packet or the leader thread.
func (s *Server) handlersReady() Lanes {
	var r Lanes
	l := &s.lead
	for i := range l.inbox {
		if id := l.inbox[i].peer; l.handlers[id].stage.reads() {
			r = r.With(LaneHandler + Lane(id))
		}
	}
	for rest := l.waiting; rest != 0; rest = rest.Without(rest.First()) {
		if id := rest.First(); s.handlerWakes(id) {
			r = r.With(LaneHandler + Lane(id))
		}
	}
	return r
}

// reads tells whether the handler's thread reads packets.
func (st handlerStage) reads() bool {
	switch st {
	case handlerWaitInfo, handlerWaitAckEpoch, handlerWaitNewLeader, handlerActive:
		return true
	}
	return false
}

// handlerWakes tells whether the leader thread has done what a handler waits for.
func (s *Server) handlerWakes(id quorum.ServerID) bool {
	l := &s.lead
	switch l.handlers[id].stage {
	case handlerWaitEpoch:
		return l.stage > leadWriteAccepted
	case handlerWaitElecting:
		return l.stage > leadWaitAckEpoch
	case handlerDumping:
		return true
	case handlerWaitStart:
		return l.stage == leadServing
	}
	return false
}

// wait moves a handler to a stage in which it does not read.
func (s *Server) wait(id quorum.ServerID, st handlerStage) {
	s.lead.handlers[id].stage = st
	s.lead.waiting = s.lead.waiting.With(id)
}

// runHandler is a turn of a handler's thread: it goes on after a wait, copies a node
// of a dump, or reads a packet.
func (s *Server) runHandler(id quorum.ServerID, out *Effects) {
	l := &s.lead
	h := &l.handlers[id]
	if s.handlerWakes(id) {
		if h.stage != handlerDumping {
			l.waiting = l.waiting.Without(id)
		}
		switch h.stage {
		case handlerWaitEpoch:
			s.sendLeaderInfo(id, out)
		case handlerWaitElecting:
			s.syncFollower(id, out)
		case handlerDumping:
			s.dumpNode(id, out)
		case handlerWaitStart:
			s.sendUpToDate(id, out)
		}
		return
	}
	if !h.stage.reads() {
		return
	}
	for i := range l.inbox {
		if l.inbox[i].peer == id {
			p := l.inbox[i].p
			l.inbox = removeAt(l.inbox, i)
			s.handlerPacket(id, &p, out)
			return
		}
	}
}

func (s *Server) handlerPacket(id quorum.ServerID, p *Packet, out *Effects) {
	switch s.lead.handlers[id].stage {
	case handlerWaitInfo:
		s.onFollowerInfo(id, p, out)
	case handlerWaitAckEpoch:
		s.onAckEpoch(id, p, out)
	case handlerWaitNewLeader:
		s.onNewLeaderAck(id, p, out)
	case handlerActive:
		s.onLearnerPacket(id, p, out)
	}
}

func (s *Server) onFollowerInfo(id quorum.ServerID, p *Packet, out *Effects) {
	if p.Type != FollowerInfo && p.Type != ObserverInfo {
		s.illegal(FlagState, "first packet of a learner is neither FOLLOWERINFO nor OBSERVERINFO", p.Zxid, out)
		s.dropHandler(id, out)
		return
	}
	if (p.Type == ObserverInfo) != s.cfg.Quorum.Observers.Has(id) {
		// Java believes the packet. Here all servers have one configuration, which decides.
		s.illegal(FlagState, p.Type.String()+" from a learner that is configured otherwise", p.Zxid, out)
	}
	s.wait(id, handlerWaitEpoch)
	s.epochToPropose(id, p.Zxid.Epoch(), out)
}

func (s *Server) sendLeaderInfo(id quorum.ServerID, out *Effects) {
	h := &s.lead.handlers[id]
	h.stage = handlerWaitAckEpoch
	out.packet(h.conn, LeaderInfo, zxid.Make(s.lead.epoch, 0))
	s.armHandler(id, out)
}

func (s *Server) onAckEpoch(id quorum.ServerID, p *Packet, out *Effects) {
	h := &s.lead.handlers[id]
	if p.Type != AckEpoch {
		s.illegal(FlagState, p.Type.String()+" instead of ACKEPOCH", p.Zxid, out)
		s.dropHandler(id, out)
		return
	}
	h.last, h.needSnap = p.Zxid, p.NeedSnap
	s.wait(id, handlerWaitElecting)
	if !s.epochAck(id, p.Epoch, p.Zxid, out) {
		s.dropHandler(id, out)
	}
}

// onNewLeaderAck takes the first ACK after NEWLEADER. One that names another
// zxid is not counted, yet the handler goes on (protocol fact 5.6, quirk Q6).
func (s *Server) onNewLeaderAck(id quorum.ServerID, p *Packet, out *Effects) {
	if p.Type != Ack {
		s.illegal(FlagState, p.Type.String()+" instead of the ACK of NEWLEADER", p.Zxid, out)
		s.dropHandler(id, out)
		return
	}
	s.wait(id, handlerWaitStart)
	s.armHandler(id, out)
	if p.Zxid == zxid.Make(s.lead.epoch, 0) {
		s.newLeaderAck(id, out)
	} else {
		s.illegal(FlagAck, "NEWLEADER is acknowledged with another zxid", p.Zxid, out)
	}
}

func (s *Server) sendUpToDate(id quorum.ServerID, out *Effects) {
	h := &s.lead.handlers[id]
	h.stage = handlerActive
	out.packet(h.conn, UpToDate, 0)
}

// onLearnerPacket is the loop of LearnerHandler.run after UPTODATE.
func (s *Server) onLearnerPacket(id quorum.ServerID, p *Packet, out *Effects) {
	h := &s.lead.handlers[id]
	if !s.cfg.Timeless {
		h.ticksLeft = int16(s.cfg.SyncLimit)
	}
	switch p.Type {
	case Ack:
		h.acked(p.Zxid)
		s.processAck(id, p.Zxid, out)
	case Ping:
		p.Touched.each(func(t Touch) { s.sessions.touch(t.Session, t.Timeout, s.deadline(t.Timeout)) })
	case Revalidate:
		valid := s.sessions.touch(p.Session, p.Timeout, s.deadline(p.Timeout))
		if valid {
			s.sessions.setOwner(p.Session, owner(h.conn))
		}
		a := out.packet(h.conn, Revalidate, 0)
		a.Session, a.Valid = p.Session, valid
	case Request:
		r := prepared{req: p.Req, from: id}
		if s.cfg.Sessions {
			r.conn = h.conn
		}
		s.prep = append(s.prep, r)
	case Sync:
		s.processSync(id, p.Req, out)
	default:
		s.illegal(FlagMessage, p.Type.String()+" from a learner", p.Zxid, out)
	}
}

// watch counts the time until a learner acknowledges a proposal, where there is
// time.
func (s *Server) watch(h *handler, z zxid.Zxid) {
	if !s.cfg.Timeless {
		h.proposed(z)
	}
}

// proposed is SyncLimitCheck.updateProposal. The check starts with the ACK of
// NEWLEADER: a learner can't acknowledge proposals before.
func (h *handler) proposed(z zxid.Zxid) {
	switch {
	case h.stage < handlerWaitStart:
	case h.watched == 0:
		h.watched, h.pings = z, 0
	case h.next == 0:
		h.next = z
	}
}

// acked is SyncLimitCheck.updateAck. The time of the next one is not kept: its
// count starts now, so that it gets at most one full limit too much.
func (h *handler) acked(z zxid.Zxid) {
	if h.watched == z {
		h.watched, h.next, h.pings = h.next, 0, 0
	}
}

// pingLearner is LearnerHandler.ping: a learner that has not answered the oldest
// watched proposal for syncLimit ticks is dropped.
func (s *Server) pingLearner(id quorum.ServerID, out *Effects) {
	h := &s.lead.handlers[id]
	if h.stage < handlerWaitNewLeader {
		return
	}
	if h.watched != 0 {
		h.pings++
		if h.pings > int16(2*s.cfg.SyncLimit) {
			s.dropHandler(id, out)
			return
		}
	}
	out.packet(h.conn, Ping, s.lead.lastProposed)
}
