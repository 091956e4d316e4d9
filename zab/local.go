package zab

import (
	"slices"

	"zabsim/internal/fp"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// A local session is known to one server of an ensemble, for as long as that keeps
// its role: no transaction makes or ends it, and who comes back to another server
// has lost it. It may do all but own ephemeral nodes (protocol fact 9.6). Source:
// Q/LocalSessionTracker.java, Q/UpgradeableSessionTracker.java,
// Q/QuorumZooKeeperServer.java.

// hasLocal tells whether new sessions of this server are local ones.
func (s *Server) hasLocal() bool {
	return s.cfg.LocalSessions && s.cfg.Sessions && !s.cfg.Standalone && s.serving
}

// isGlobal is LearnerSessionTracker.isGlobalSession.
func (s *Server) isGlobal(id txn.SessionID) bool {
	_, ok := s.sm.SessionTimeout(id)
	return ok
}

// startLocal starts the expiry thread of a learner, which has no other sessions to
// watch over.
func (s *Server) startLocal(out *Effects) {
	if s.hasLocal() {
		s.armExpiry(out)
	}
}

// stopLocal ends all local sessions: the next role begins with a new tracker.
func (s *Server) stopLocal(out *Effects) {
	s.local.list, s.upgrading = s.local.list[:0], s.upgrading[:0]
	if s.cfg.LocalSessions && s.cfg.Sessions && !s.cfg.Timeless {
		out.stopTimer(TimerSession)
	}
}

// expireLocal closes the local sessions whose time is over. Writes that they have
// under way go on, and nobody hears of them.
func (s *Server) expireLocal(out *Effects) {
	for bucket, any := s.local.due(s.now); any; bucket, any = s.local.due(s.now) {
		for i := 0; i < len(s.local.list); i++ {
			if e := s.local.list[i]; !e.closing && e.deadline == bucket {
				s.local.remove(e.id)
				s.closeSessionConns(e.id, out)
				i--
			}
		}
	}
}

// closesLocal is QuorumZooKeeperServer.setLocalSessionFlag for a closeSession. From
// here on nothing more is taken from the session. ZooKeeper still does, so that an
// ephemeral node behind the closeSession makes it a session of the ensemble that the
// end of the local one then takes away: nobody asks for the end of that session
// (ZOOKEEPER-3471).
func (s *Server) closesLocal(r *txn.Request) bool {
	if r.Op != txn.OpCloseSession || !s.local.has(r.Session) {
		return false
	}
	if !s.cfg.Bugs.Has(bug.UpgradeDangling) {
		s.local.setClosing(r.Session)
	}
	return true
}

// upgrade is QuorumZooKeeperServer.checkUpgradeSession: before a local session makes
// an ephemeral node, a createSession of the same id is on its way. That request is
// the server's own: nobody waits for it, and its commit comes before that of r.
func (s *Server) upgrade(r *txn.Request, out *Effects) txn.Code {
	if !makesEphemeral(r) {
		return txn.OK
	}
	i, ok := s.local.find(r.Session)
	if !ok || s.local.list[i].closing {
		return txn.OK // global, or gone: the leader knows
	}
	if !s.cfg.LocalSessionsUpgrade {
		return txn.EphemeralOnLocalSession
	}
	timeout := s.local.list[i].timeout
	s.local.remove(r.Session)
	s.upgrading = append(s.upgrading, r.Session)
	create := &txn.Request{Session: r.Session, Op: txn.OpCreateSession, Timeout: timeout}
	if s.leads() {
		s.sessions.track(r.Session, timeout, s.deadline(timeout))
		s.prep = append(s.prep, prepared{req: create})
	} else {
		out.packet(s.learn.conn, Request, 0).Req = create
	}
	return txn.OK
}

// makesEphemeral looks for what ZooKeeper looks for: a create or create2 with an
// ephemeral mode, alone or in a multi. A createContainer or createTTL with such a
// mode is not found, and the leader refuses it.
func makesEphemeral(r *txn.Request) bool {
	if r.Op == txn.OpMulti && r.More != nil {
		return slices.ContainsFunc(r.More.Ops, func(m txn.Request) bool { return m.Op != txn.OpMulti && makesEphemeral(&m) })
	}
	return (r.Op == txn.OpCreate || r.Op == txn.OpCreate2) && (r.Flags == ephemeral || r.Flags == ephemeralSequential)
}

// Create modes (CreateMode.toFlag).
const (
	ephemeral           = 1
	ephemeralSequential = 3
)

// upgraded is told that a session is one of the ensemble: commitSession.
func (s *Server) upgraded(id txn.SessionID) {
	s.local.remove(id)
	if i := slices.Index(s.upgrading, id); i >= 0 {
		s.upgrading = removeAt(s.upgrading, i)
	}
}

func (s *Server) foldLocal(h fp.Hash) fp.Hash {
	if len(s.local.list)+len(s.upgrading) == 0 {
		return h
	}
	h = s.local.fold(h).Word(uint64(len(s.upgrading)))
	for _, id := range s.upgrading {
		h = h.Word(uint64(id))
	}
	return h
}
