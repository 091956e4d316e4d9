package linearizability

import (
	"zabsim/linearizability/history"
	"zabsim/zab/txn"
)

// state is one node as the sequential specification sees it: absent, or a value
// and a version, packed into one word so that porcupine can compare and hash it.
type state uint64

const (
	absent state = 0
	// settled comes after everything that was answered: from here on open writes
	// may do whatever they like.
	settled state = 1<<64 - 1
)

// present packs a value's number and a version.
func present(value uint32, version int32) state {
	return state(value+1)<<32 | state(uint32(version))
}

func (s state) version() int32 { return int32(uint32(s)) }

// hash spreads the bits (the finalizer of splitmix64).
func (s state) hash() uint64 {
	z := uint64(s) + 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// call is one operation on one node, its value replaced by a number.
type call struct {
	kind    history.Kind
	open    bool // unknown outcome
	end     bool // not an operation: everything answered is over
	failed  bool
	err     txn.Code
	value   uint32
	expect  int32
	version int32 // answered
	op      int   // index in History.Ops

	rank  int32 // among the open writes that differ in nothing that anybody saw, from 1; else 0
	spare bool  // an open conditional write that another makes superfluous
}

// matches tells whether the version that a conditional operation asks for is the node's.
func (c *call) matches(s state) bool {
	return !c.kind.Conditional() || c.expect == txn.AnyVersion || c.expect == s.version()
}

// effect returns the node after the operation has succeeded, and whether it can.
func (c *call) effect(s state) (state, bool) {
	if c.kind == history.Create {
		return present(c.value, 0), s == absent
	}
	if s == absent || !c.matches(s) {
		return s, false
	}
	if c.kind.Removes() {
		return absent, true
	}
	return present(c.value, s.version()+1), true
}

// answered applies an operation whose answer is known, and tells whether the
// node could have given it. This is the sequential specification: protocol facts
// 8.4 and 11.5 for a node without children.
func (c *call) answered(s state) (state, bool) {
	if c.failed {
		return s, c.refusal(s) == c.err
	}
	if c.kind.IsRead() {
		return s, s == present(c.value, c.version)
	}
	after, ok := c.effect(s)
	if ok && !c.kind.Removes() {
		ok = after.version() == c.version
	}
	return after, ok
}

// refusal returns the error that the node answers, or OK.
func (c *call) refusal(s state) txn.Code {
	switch {
	case c.kind == history.Create && s != absent:
		return txn.NodeExists
	case c.kind == history.Create:
		return txn.OK
	case s == absent:
		return txn.NoNode
	case !c.matches(s):
		return txn.BadVersion
	}
	return txn.OK
}
