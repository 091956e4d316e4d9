package election

import (
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
)

// Runnable tells whether Run has a message to handle.
func (m *Machine) Runnable() bool { return m.phase != idle && len(m.inbox) != 0 }

// Run handles one message of the inbox: one turn of the lookForLeader loop.
func (m *Machine) Run(out *Outs) {
	if !m.Runnable() {
		return
	}
	l := m.inbox[0]
	m.drop()
	voters := m.cfg.Quorum.Voters
	switch {
	case m.phase == finalizing:
		m.disturb(&l)
	case voters.Has(l.from) && voters.Has(l.note.Vote.Leader):
		m.consider(l.from, &l.note, out)
	}
	m.park(out)
}

// park starts the time-out of the next poll once there is nothing to read.
func (m *Machine) park(out *Outs) {
	if len(m.inbox) != 0 {
		return
	}
	switch m.phase {
	case polling:
		out.setTimer(TimerPoll, m.wait)
	case finalizing:
		out.setTimer(TimerPoll, m.cfg.FinalizeWait)
	}
}

// pollExpired is a poll that found nothing.
func (m *Machine) pollExpired(out *Outs) {
	if m.phase == idle || len(m.inbox) != 0 {
		return
	}
	if m.phase == finalizing {
		mine := Note{Vote: m.proposal, State: Looking}
		m.decide(m.proposal, m.recv.supporters(&mine, byEpoch), out)
		return
	}
	if m.links.haveDelivered() {
		m.broadcast(out)
	} else {
		m.links.connectAll(m.cfg, out)
	}
	if !m.cfg.Timeless {
		m.wait = min(2*m.wait, m.cfg.NotifyMax)
	}
	m.park(out)
}

// broadcast is sendNotifications: the proposal goes to every voter, to this
// server by way of its own inbox.
func (m *Machine) broadcast(out *Outs) {
	n := Note{Vote: m.proposal, State: Looking}
	for rest := m.cfg.Quorum.Voters; rest != 0; rest = rest.Without(rest.First()) {
		if p := rest.First(); p == m.cfg.ID {
			m.push(p, &n)
		} else {
			m.links.send(m.cfg, p, &n, out)
		}
	}
}

// propose is updateProposal. The proposal counts in the present round.
func (m *Machine) propose(v Vote) {
	v.Round = m.round
	m.proposal = v
}

// consider handles a message between voters about a voter, protocol fact 3.5.
func (m *Machine) consider(from quorum.ServerID, n *Note, out *Outs) {
	switch n.State {
	case Looking:
		m.compare(from, n, out)
	case Following, Leading:
		m.join(from, n, out)
	}
}

// compare handles the vote of another LOOKING server.
func (m *Machine) compare(from quorum.ServerID, n *Note, out *Outs) {
	switch v := n.Vote; {
	case v.Round > m.round:
		// The higher round brings nobody forward: this server starts again from
		// its initial vote. What it had adopted in the lower round is forgotten.
		m.round = v.Round
		m.recv.clear()
		if Better(m.cfg, v, m.initial) {
			out.adopt(v, m.initial)
			m.propose(v)
		} else {
			m.propose(m.initial)
		}
		m.broadcast(out)
	case v.Round < m.round:
		return // Receive has sent the proposal back already
	case Better(m.cfg, v, m.proposal):
		out.adopt(v, m.proposal)
		m.propose(v)
		m.broadcast(out)
	}
	m.recv.put(from, n)
	mine := Note{Vote: m.proposal, State: Looking}
	support := m.recv.supporters(&mine, byEpoch)
	switch {
	case m.cfg.Bugs.Has(bug.SingleLeadingVote) && m.recv.set == m.cfg.Quorum.Voters:
		m.decide(m.proposal, support, out) // ZOOKEEPER-975: all have voted, for whomever
	case m.cfg.Quorum.Contains(support):
		m.phase = finalizing
	}
}

// disturb weighs a message that came in the finalize wait. A better vote goes
// back to the tail of the inbox and the main loop resumes; any other is lost,
// not even recorded. QUIRK: round and state of the sender are not looked at.
func (m *Machine) disturb(l *letter) {
	if Better(m.cfg, l.note.Vote, m.proposal) {
		m.push(l.from, &l.note)
		m.phase = polling
	}
}

// join handles the vote of a FOLLOWING or LEADING server: this server came late
// and looks for an ensemble that is at work.
func (m *Machine) join(from quorum.ServerID, n *Note, out *Outs) {
	if m.cfg.Bugs.Has(bug.SingleLeadingVote) && n.State == Leading && n.Vote.Round == m.round {
		m.decide(n.Vote, quorum.Of(from), out) // ZOOKEEPER-975
		return
	}
	if n.Vote.Round == m.round {
		m.recv.put(from, n)
		// QUIRK: Java stores this vote with format version 0 and asks with the
		// sender's version, hence Vote.equals compares the leader alone.
		if set, ok := m.settled(&m.recv, n, byLeader); ok {
			unheard := n.Vote.Leader != m.cfg.ID && !m.recv.leading(n.Vote.Leader)
			m.decide(n.Vote, set, out)
			out.list[len(out.list)-1].Unheard = unheard
			return
		}
	}
	m.outof.put(from, n)
	if set, ok := m.settled(&m.outof, n, byEpoch); ok {
		m.decide(n.Vote, set, out) // takes over the ensemble's round
	}
}

// settled tells whether a quorum in t votes like n and the leader is really
// there. Each tally asks itself about the leader (ZOOKEEPER-3537), and a leader
// alone is never enough (ZOOKEEPER-975).
func (m *Machine) settled(t *tally, n *Note, like likeness) (quorum.Set, bool) {
	if m.cfg.Bugs.Has(bug.StrictLateJoin) {
		like = byAll // ZOOKEEPER-1805
	}
	set := t.supporters(n, like)
	return set, m.cfg.Quorum.Contains(set) && m.checkLeader(t, n.Vote)
}

// checkLeader keeps servers from electing a crashed leader over and over on the
// word of its former followers. For this server itself the word of the others
// is enough, if it is of this round.
func (m *Machine) checkLeader(t *tally, v Vote) bool {
	if m.cfg.Bugs.Has(bug.LeaderInWrongSet) {
		t = &m.outof // ZOOKEEPER-3537: what the leader said at any time
	}
	if v.Leader == m.cfg.ID {
		return v.Round == m.round
	}
	return t.leading(v.Leader)
}

// decide is setPeerState and leaveInstance: take the role, clear the inbox. The set
// are the servers on whose votes it rests.
func (m *Machine) decide(v Vote, set quorum.Set, out *Outs) {
	switch {
	case v.Leader == m.cfg.ID:
		m.state = Leading
	case m.cfg.Quorum.Voters.Has(m.cfg.ID):
		m.state = Following
	default:
		m.state = Observing
	}
	m.leave()
	m.inbox = m.inbox[:0]
	m.final, m.round = v, v.Round
	out.stopTimer(TimerPoll)
	out.decide(m.state, v, set)
}
