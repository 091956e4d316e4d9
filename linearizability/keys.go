package linearizability

import (
	"slices"

	"zabsim/linearizability/history"
)

// key is one node's part of a history.
type key struct {
	name string
	ops  []int // indices in History.Ops, ascending
	// removable tells whether a delete took or may have taken effect. Otherwise
	// the node has one life, in which each write makes the next version.
	removable bool
}

// byKey splits a history by node, in the order of the names.
func byKey(h *history.History) []key {
	order := make([]int, len(h.Ops))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch ka, kb := h.Ops[a].Key, h.Ops[b].Key; {
		case ka < kb:
			return -1
		case ka > kb:
			return 1
		}
		return a - b
	})
	var keys []key
	for _, i := range order {
		op := &h.Ops[i]
		if n := len(keys); n == 0 || keys[n-1].name != op.Key {
			keys = append(keys, key{name: op.Key})
		}
		k := &keys[len(keys)-1]
		k.ops = append(k.ops, i)
		if op.Kind.Removes() && op.Outcome != history.Fail {
			k.removable = true
		}
	}
	return keys
}

// ascending sorts indices and drops doubles.
func ascending(ops []int) []int {
	slices.Sort(ops)
	return slices.Compact(ops)
}

// byZxid sorts operations by their reply's zxid, then index.
func byZxid(h *history.History, ops []int) {
	slices.SortFunc(ops, func(a, b int) int {
		switch za, zb := h.Ops[a].Zxid, h.Ops[b].Zxid; {
		case za < zb:
			return -1
		case za > zb:
			return 1
		}
		return a - b
	})
}

// isOpen tells whether an operation is a write that may take effect at any time
// after its invocation, or never.
func isOpen(op *history.Op) bool { return op.Kind.IsWrite() && !op.Outcome.Known() }

// changed tells whether an operation certainly changed its node.
func changed(op *history.Op) bool { return op.Kind.IsWrite() && op.Outcome == history.Ok }
