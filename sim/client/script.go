package client

import "fmt"

// ScriptKind is what a ScriptOp does.
type ScriptKind uint8

// The kinds of scripted operations.
const (
	ScriptGet     ScriptKind = iota
	ScriptSyncGet            // sync, then get; the get is left out if the sync fails
	ScriptSet
	ScriptCAS
)

// String returns the kind's name.
func (k ScriptKind) String() string { return nameOf([]string{"get", "sync-get", "set", "cas"}, int(k)) }

// LastSeen is the version of a ScriptCAS that means: the version of this key which
// my last successful get, set or cas returned, 0 before there was one.
const LastSeen int32 = -2

// ScriptKeysMax is how many keys a script may use with LastSeen. The number of
// other keys is not limited.
const ScriptKeysMax = 8

// ScriptOp is one operation of a script.
type ScriptOp struct {
	NotBefore int64 // nanoseconds since the run began
	Kind      ScriptKind
	Key       string // a path
	Value     string // ScriptSet, ScriptCAS
	Version   int32  // ScriptCAS: expected, or LastSeen
}

// Script is a list of operations, checked once and shared by all who run it.
type Script struct {
	ops  []ScriptOp
	slot []int8 // by operation: where its key's version is remembered, -1 if nowhere
}

// NewScript checks the operations. They run in order, one at a time; NotBefore
// may be in the past, so a script without times is a closed loop.
func NewScript(ops ...ScriptOp) (*Script, error) {
	s := &Script{ops: append([]ScriptOp(nil), ops...), slot: make([]int8, len(ops))}
	var keys []string // few, so a list is fine
	find := func(key string) int8 {
		for i, k := range keys {
			if k == key {
				return int8(i)
			}
		}
		return -1
	}
	for i, op := range ops {
		switch {
		case op.Kind > ScriptCAS:
			return nil, fmt.Errorf("script: operation %d: unknown kind %d", i, op.Kind)
		case op.Key == "" || op.Key[0] != '/':
			return nil, fmt.Errorf("script: operation %d: key %q is no path", i, op.Key)
		case op.NotBefore < 0:
			return nil, fmt.Errorf("script: operation %d: negative time", i)
		case op.Kind == ScriptCAS && op.Version == LastSeen && find(op.Key) < 0:
			keys = append(keys, op.Key)
		}
	}
	if len(keys) > ScriptKeysMax {
		return nil, fmt.Errorf("script: %d keys with LastSeen, at most %d", len(keys), ScriptKeysMax)
	}
	for i, op := range ops {
		s.slot[i] = find(op.Key)
	}
	return s, nil
}

// Len returns the number of operations.
func (s *Script) Len() int { return len(s.ops) }

// Op returns operation i.
func (s *Script) Op(i int) ScriptOp { return s.ops[i] }

// At returns operation i in place, for reading only.
func (s *Script) At(i int) *ScriptOp { return &s.ops[i] }

// ScriptClient runs a Script. It is a plain value: assignment copies it, ==
// compares it, and Words names its state. Searches use it instead of a coroutine.
type ScriptClient struct {
	script *Script
	index  uint32
	synced bool // within a ScriptSyncGet: the sync is done
	seen   [ScriptKeysMax]int32
}

// Start returns a client before the script's first operation.
func (s *Script) Start() ScriptClient { return ScriptClient{script: s} }

// Index returns which operation is next, or Len when none is left.
func (c *ScriptClient) Index() int { return int(c.index) }

// Script returns the script that the client runs, nil for the zero value.
func (c *ScriptClient) Script() *Script { return c.script }

// Next returns the call to make and its earliest time, or false at the end. It
// changes nothing: until Answer it returns the same.
func (c *ScriptClient) Next() (call Call, notBefore int64, ok bool) {
	if c.script == nil || int(c.index) >= len(c.script.ops) {
		return Call{}, 0, false
	}
	op := &c.script.ops[c.index]
	call = Call{Op: OpGet, Path: op.Key}
	switch op.Kind {
	case ScriptSyncGet:
		if !c.synced {
			call.Op = OpSync
		}
	case ScriptSet:
		call.Op, call.Data, call.Version = OpSet, op.Value, AnyVersion
	case ScriptCAS:
		call.Op, call.Data, call.Version = OpSet, op.Value, op.Version
		if op.Version == LastSeen {
			call.Version = c.seen[c.script.slot[c.index]]
		}
	}
	return call, op.NotBefore, true
}

// Answer takes the response to the call that Next returned and moves on. Each
// operation is tried once, whatever its result.
func (c *ScriptClient) Answer(r *Response) {
	if c.script.ops[c.index].Kind == ScriptSyncGet && !c.synced && r.Code == OK {
		c.synced = true
		return
	}
	if slot := c.script.slot[c.index]; slot >= 0 && r.Code == OK {
		c.seen[slot] = r.Stat.Version
	}
	c.index, c.synced = c.index+1, false
}

// CloneInto copies the client's state.
func (c *ScriptClient) CloneInto(dst *ScriptClient) { *dst = *c }

// Words returns all that changes during a run, for a fingerprint. The script
// itself is configuration.
func (c *ScriptClient) Words() (w [1 + ScriptKeysMax/2]uint64) {
	w[0] = uint64(c.index) << 1
	if c.synced {
		w[0] |= 1
	}
	for i, v := range c.seen {
		w[1+i/2] |= uint64(uint32(v)) << (32 * (i % 2))
	}
	return w
}
