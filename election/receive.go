package election

import (
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// Receive takes a notification off a connection: the WorkerReceiver thread of
// FastLeaderElection.Messenger, protocol fact 3.6. What comes from a connection
// that was replaced is dropped.
func (m *Machine) Receive(c host.ConnID, n *Note, out *Outs) {
	from := m.links.peer(c)
	switch {
	case from == 0:
	case !m.cfg.Quorum.Voters.Has(from):
		// An observer asks. It gets the current vote, which while looking is
		// the previous decision and not the proposal, but with today's round.
		v := m.final
		v.Round = m.round
		m.answer(from, v, out)
	case m.state == Looking:
		m.push(from, n)
		if n.State == Looking && n.Vote.Round < m.round {
			m.answer(from, m.proposal, out)
		}
	case n.State == Looking:
		// Not looking: the final vote keeps the round it was decided in.
		m.answer(from, m.final, out)
	}
}

func (m *Machine) answer(to quorum.ServerID, v Vote, out *Outs) {
	m.links.send(m.cfg, to, &Note{Vote: v, State: m.state}, out)
}

// push puts a note at the tail of the inbox.
func (m *Machine) push(from quorum.ServerID, n *Note) {
	if len(m.inbox) == inboxMax {
		m.drop()
	}
	m.inbox = append(m.inbox, letter{from, *n})
}

// drop removes the head of the inbox. The inbox is short nearly always, so
// moving it is cheaper than a ring, and its memory has one normal form.
func (m *Machine) drop() {
	last := copy(m.inbox, m.inbox[1:])
	m.inbox = m.inbox[:last]
}
