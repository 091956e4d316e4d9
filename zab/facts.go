package zab

import (
	"zabsim/election"
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

// Candidacy returns what the server's own vote says: currentEpoch and
// lastProcessedZxid.
func (s *Server) Candidacy() (zxid.Epoch, zxid.Zxid) { return s.current, s.lastProcessed }
