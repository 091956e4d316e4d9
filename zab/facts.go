package zab

import (
	"zabsim/election"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// The few facts that decide which choices a search offers. Status says more, and
// costs more.

// State returns what the server takes itself for. While its role ends (Stopping)
// it is not LOOKING yet.
func (s *Server) State() election.State { return s.state }

// Stopping tells whether the role has ended and the log writer drains.
func (s *Server) Stopping() bool { return s.stopping }

// Pausing tells whether a learner waits before it dials its leader again.
func (s *Server) Pausing() bool { return s.learn.stage == learnPausing && !s.stopping }

// Dials returns the leader that a learner has dialed, or will dial again.
func (s *Server) Dials() quorum.ServerID { return s.learn.leader }

// Expires tells whether a timer that fires now ends something. If not it only starts
// again: the thread that would notice is busy or waits for another, or a leader is a
// quorum by itself.
func (s *Server) Expires(t TimerID) bool {
	switch {
	case t == TimerTick:
		return s.lead.stage == leadServing && !s.stopping && !s.supported(quorum.Of(s.cfg.ID))
	case t == TimerRead:
		return !s.peerBusy()
	case t >= TimerHandler:
		return s.lead.handlers[t-TimerHandler].stage.reads()
	}
	return true
}

// Candidacy returns what the server's own vote says: currentEpoch and
// lastProcessedZxid.
func (s *Server) Candidacy() (zxid.Epoch, zxid.Zxid) { return s.current, s.lastProcessed }
