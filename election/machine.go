package election

import (
	"zabsim/internal/fp"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// inboxMax is RECV_CAPACITY: above it the oldest message is dropped.
const inboxMax = 100

// phase is where the lookForLeader loop stands.
type phase uint8

const (
	idle       phase = iota // not in lookForLeader
	polling                 // in its main loop
	finalizing              // a quorum agrees; waiting for silence
)

// letter is a note in the inbox.
type letter struct {
	from quorum.ServerID
	note Note
}

// Machine is the election part of one server. Init it before use. What belongs
// to one call of lookForLeader is zero while the phase is idle, so that settled
// machines with equal knowledge are equal.
type Machine struct {
	cfg *Config // shared, never changed

	state State
	phase phase
	round Round // logicalclock
	final Vote  // QuorumPeer.currentVote: the last decision, still there while looking

	initial  Vote          // the own vote of this call
	proposal Vote          // the best vote so far; its Round equals round
	wait     host.Duration // notTimeout, the current back-off
	recv     tally         // recvset: votes of this round
	outof    tally         // outofelection: votes of settled servers, any round
	inbox    []letter      // recvqueue, oldest first

	links links
}

// Init makes m a LOOKING server that has not begun to look. It keeps the memory
// of m's inbox and refers to cfg from now on.
func (m *Machine) Init(cfg *Config) { *m = Machine{cfg: cfg, inbox: m.inbox[:0]} }

// State returns what the server takes itself for.
func (m *Machine) State() State { return m.state }

// Current returns the proposal while looking, else the final vote.
func (m *Machine) Current() Vote {
	if m.phase != idle {
		return m.proposal
	}
	return m.final
}

// Round returns the logical clock. It survives role changes, not a crash.
func (m *Machine) Round() Round { return m.round }

// LookForLeader begins an election with the server's own vote; own.Round does
// not matter. FastLeaderElection.lookForLeader, protocol fact 3.3.
//
// The own vote counts for nothing until it has come back through the inbox.
func (m *Machine) LookForLeader(own Vote, out *Outs) {
	m.round++
	own.Round = 0
	if m.final.Leader == 0 {
		m.final = own // QuorumPeer.startLeaderElection, at process start
	}
	m.leave()
	m.state, m.phase = Looking, polling
	m.wait = m.cfg.NotifyMin
	if m.cfg.Quorum.Voters.Has(m.cfg.ID) {
		m.initial = own
	}
	m.propose(m.initial)
	m.broadcast(out)
	m.park(out)
}

// Established rewrites the final vote's peerEpoch once the server is active in
// epoch e. Without it late joiners would meet votes of two epochs and find no
// quorum (ZOOKEEPER-1732, QuorumPeer.updateElectionVote, protocol fact 3.7).
func (m *Machine) Established(e zxid.Epoch) {
	if !m.cfg.Bugs.Has(bug.StrictLateJoin) {
		m.final.PeerEpoch = e
	}
}

// Install adopts a decision that was made elsewhere, as by the oracle election
// of a search. No notification is sent and connections stay as they are.
func (m *Machine) Install(v Vote, s State) {
	m.leave()
	m.inbox = m.inbox[:0]
	m.state, m.final, m.round = s, v, v.Round
}

// Halt ends the process: connections, dials and timers go.
func (m *Machine) Halt(out *Outs) {
	out.stopTimer(TimerPoll)
	m.leave()
	m.inbox = m.inbox[:0]
	m.links.halt(out)
}

// leave drops everything that lived only as long as the call of lookForLeader.
func (m *Machine) leave() {
	m.phase, m.wait = idle, 0
	m.initial, m.proposal = Vote{}, Vote{}
	m.recv.clear()
	m.outof.clear()
}

// Opened reports a connection between this server and peer; incoming if the
// peer dialed.
func (m *Machine) Opened(c host.ConnID, peer quorum.ServerID, incoming bool, out *Outs) {
	m.links.opened(m.cfg, c, peer, incoming, out)
}

// Closed reports that the peer or the network ended c. Nobody dials before
// there is something to send, as in Java.
func (m *Machine) Closed(c host.ConnID, _ *Outs) {
	if p := m.links.peer(c); p != 0 {
		m.links.forget(p)
	}
}

// DialFailed reports that the dial to peer was refused. The next message or the
// next empty poll dials again.
func (m *Machine) DialFailed(peer quorum.ServerID, out *Outs) { m.links.endDial(peer, out) }

// TimerFired reports that timer t ran out.
func (m *Machine) TimerFired(t TimerID, out *Outs) {
	if t == TimerPoll {
		m.pollExpired(out)
		return
	}
	m.links.dialExpired(quorum.ServerID(t), out)
}

// CloneInto makes dst a copy of m that shares nothing but the configuration. It
// reuses the memory of dst.
func (m *Machine) CloneInto(dst *Machine) {
	inbox := dst.inbox
	*dst = *m
	dst.inbox = append(inbox[:0], m.inbox...)
}

// Fingerprint names the state of m: all fields but the configuration.
func (m *Machine) Fingerprint() fp.Hash {
	h := fp.New(saltMachine).Word(uint64(m.state) | uint64(m.phase)<<8 | uint64(len(m.inbox))<<16)
	h = h.Word(uint64(m.round)).Word(uint64(m.wait))
	h = m.final.fold(h, 0)
	h = m.initial.fold(h, 0)
	h = m.proposal.fold(h, 0)
	h = m.recv.fold(h)
	h = m.outof.fold(h)
	for i := range m.inbox {
		h = m.inbox[i].note.fold(h.Word(uint64(m.inbox[i].from)))
	}
	return m.links.fold(h).Done()
}
