package zab

import (
	"zabsim/election"
	"zabsim/internal/fp"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// Phase is what ZooKeeper shows as the peer's ZabState.
type Phase uint8

// The phases.
const (
	PhaseElection Phase = iota
	PhaseDiscovery
	PhaseSynchronization
	PhaseBroadcast
)

// String returns ZooKeeper's name of the phase.
func (p Phase) String() string {
	return [...]string{"ELECTION", "DISCOVERY", "SYNCHRONIZATION", "BROADCAST"}[p]
}

// SyncMode is how a learner is brought up to date.
type SyncMode uint8

// The modes (protocol fact 5.2).
const (
	SyncNone SyncMode = iota
	SyncDiff
	SyncTrunc
	SyncTruncDiff
	SyncSnap
)

// String returns the mode's name.
func (m SyncMode) String() string {
	return [...]string{"none", "DIFF", "TRUNC", "TRUNC+DIFF", "SNAP"}[m]
}

// Status is what the outside may know of a server: read-only facts for
// invariants, traces and reports. It is comparable.
type Status struct {
	State    election.State
	Phase    Phase
	Stopping bool // the role has ended, its log writer is draining
	Serving  bool // client requests are taken
	Leader   quorum.ServerID
	Mode     SyncMode // learner: how it was synchronized
	Step     Step     // learner: the disk operation that its peer thread waits for

	Round         election.Round
	AcceptedEpoch zxid.Epoch // in memory
	CurrentEpoch  zxid.Epoch // in memory

	LastProcessed zxid.Zxid // of the tree; may be (e,0)
	Applied       zxid.Zxid // last transaction in the tree
	AppliedChain  fp.Hash   // the history in the tree
	LastLogged    zxid.Zxid // last transaction handed to the log
	LogChain      fp.Hash

	// Leader only.
	Epoch         zxid.Epoch // being proposed or established
	LastProposed  zxid.Zxid
	LastCommitted zxid.Zxid
	Connecting    quorum.Set
	Electing      quorum.Set
	NewLeaderAcks quorum.Set
	Forwarding    quorum.Set
	Outstanding   uint16
}

// StatusInto fills dst.
func (s *Server) StatusInto(dst *Status) {
	*dst = Status{
		State: s.state, Phase: s.phase, Stopping: s.stopping, Serving: s.serving,
		Round: s.elect.Round(), AcceptedEpoch: s.accepted, CurrentEpoch: s.current,
		LastProcessed: s.lastProcessed, Applied: s.applied, AppliedChain: s.chain,
	}
	dst.LastLogged, dst.LogChain = s.log.Last()
	switch s.state {
	case election.Leading:
		l := &s.lead
		dst.Leader = s.cfg.ID
		dst.Epoch, dst.LastProposed, dst.LastCommitted = l.epoch, l.lastProposed, l.lastCommitted
		dst.Connecting, dst.Electing, dst.NewLeaderAcks = l.connecting, l.electing, l.newLeaderAcks
		dst.Forwarding, dst.Outstanding = l.forwarding, uint16(len(l.outstanding))
	case election.Following, election.Observing:
		dst.Leader, dst.Mode, dst.Step = s.learn.leader, s.learn.mode, s.learn.blocked
		dst.Epoch = s.learn.epoch
	}
}

// Status returns the facts.
func (s *Server) Status() Status {
	var st Status
	s.StatusInto(&st)
	return st
}
