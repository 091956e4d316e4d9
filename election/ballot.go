package election

import "zabsim/zab/quorum"

// Counted returns the servers whose votes of this round are recorded and equal the
// own proposal: those that Run counts. Of a server that is not looking it is empty.
func (m *Machine) Counted() quorum.Set {
	if m.phase == idle {
		return 0
	}
	return m.recv.supporters(&Note{Vote: m.proposal, State: Looking}, byEpoch)
}

// Finalizing tells whether a quorum was counted, so that silence decides.
func (m *Machine) Finalizing() bool { return m.phase == finalizing }

// Ahead says which notification Run will read, for traces: "LOOKING n3 1.17 e1 r4 <n3".
func (m *Machine) Ahead() string {
	if !m.Runnable() {
		return ""
	}
	l := &m.inbox[0]
	return l.note.String() + " <" + l.from.String()
}
