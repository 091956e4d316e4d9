package register

import (
	"zabsim/internal/fp"
	"zabsim/zab/txn"
)

// dump copies the registers in the order of their paths. A register that is made
// behind its position is not in the copy, one that is made before it is.
type dump struct {
	copied Map
	last   string // path of the last one copied
	begun  bool
}

var _ txn.Dump = (*dump)(nil)

// Dump implements txn.StateMachine.
func (m *Map) Dump() txn.Dump { return &dump{} }

// Next implements txn.Dump.
func (d *dump) Next(live txn.StateMachine) bool {
	m := live.(*Map)
	i, found := m.find(d.last)
	if found && d.begun {
		i++
	}
	if i == len(m.entries) {
		return false
	}
	e := m.entries[i]
	d.copied.entries = append(d.copied.entries, e)
	d.copied.digest = d.copied.digest.Add(0, e.hash())
	d.last, d.begun = e.path, true
	return true
}

// State implements txn.Dump.
func (d *dump) State() txn.StateMachine { return &d.copied }

// Fingerprint implements txn.Dump.
func (d *dump) Fingerprint() fp.Hash {
	return fp.New(0x6475).Word(uint64(d.copied.Fingerprint())).String(d.last).Bool(d.begun).Done()
}

// Clone implements txn.Dump.
func (d *dump) Clone() txn.Dump {
	c := &dump{last: d.last, begun: d.begun}
	c.copied.entries = append(c.copied.entries, d.copied.entries...)
	c.copied.digest = d.copied.digest
	return c
}

// nodeBytes is what a node takes in a snapshot besides path and data: two lengths,
// the ACL's number and the persisted part of its Stat (DataTree.serializeNode).
const nodeBytes = 76

// Bytes implements txn.StateMachine.
func (m *Map) Bytes() int64 {
	n := int64(0)
	for i := range m.entries {
		n += nodeBytes + int64(len(m.entries[i].path)+len(m.entries[i].data))
	}
	return n
}
