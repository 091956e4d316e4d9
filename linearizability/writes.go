package linearizability

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/anishathalye/porcupine"

	"zabsim/linearizability/history"
	"zabsim/zab/host"
)

// checkLinearizableWrites asks porcupine for an order of each node's writes, and of
// the sync-reads that ZooKeeper vouches for, that respects time and explains each
// answer.
//
// Source: ZooKeeper, "Consistency Guarantees": update operations are
// linearizable; protocol facts 14.1 (W-linearizable, sync-read) and 6.5.
func checkLinearizableWrites(h *history.History, keys []key, b Budget) Result {
	m := &meter{limit: b.Steps}
	joined, last := 0, Passed
	for i := range keys {
		s := newSearch(h, &keys[i], false)
		joined += len(s.calls)
		last = max(last, s.run(theEnd, m))
		if last == Violated {
			culprit := s.culprit(m)
			return m.violated(LinearizableWrites,
				fmt.Sprintf("no order of the operations on %s explains %s", s.name, describe(h, culprit)),
				s.witness(culprit)...)
		}
		if last == Unknown {
			return m.unknown(LinearizableWrites)
		}
	}
	return m.passed(LinearizableWrites, fmt.Sprintf("%d operations on %d keys have an order", joined, len(keys)))
}

// search is the question about one node.
type search struct {
	h        *history.History
	name     string
	calls    []call
	values   int
	oneLife  bool
	start    state
	rulesOff bool
}

// newSearch selects and numbers the operations that join the model.
func newSearch(h *history.History, k *key, rulesOff bool) *search {
	s := &search{h: h, name: k.name, oneLife: !k.removable, rulesOff: rulesOff}
	numbers := map[string]uint32{"": 0} // looked up, never walked
	s.values = 1
	if h.Preset {
		s.start = present(0, 0)
	}
	for _, i := range k.ops {
		op := &h.Ops[i]
		if !joins(h, op) {
			continue
		}
		n, ok := numbers[op.Value]
		if !ok {
			n = uint32(s.values)
			numbers[op.Value] = n
			s.values++
		}
		s.calls = append(s.calls, call{kind: op.Kind, open: !op.Outcome.Known(), failed: op.Outcome == history.Fail,
			err: op.Err, value: n, expect: op.Expect, version: op.Version, op: i})
	}
	return s
}

// joins tells whether an operation belongs to the linearizable ones.
func joins(h *history.History, op *history.Op) bool {
	if op.Kind.IsWrite() {
		return op.Observes() || !op.Outcome.Known()
	}
	return op.Kind == history.SyncGet && h.Ghost && !op.Deposed && op.Observes()
}

// cut is a moment between two answers: after that of operation op at time at.
type cut struct {
	at host.Time
	op int
}

// theEnd is after all answers.
var theEnd = cut{history.Never, math.MaxInt}

// covers tells whether the operation was answered by then.
func (t cut) covers(h *history.History, op int) bool {
	r := h.Ops[op].Return
	return r < t.at || r == t.at && op <= t.op
}

// until returns the calls as they looked at a moment: what was not answered by
// then is open, what was not asked by then is left out.
func (s *search) until(t cut) []call {
	calls := make([]call, 0, len(s.calls))
	for _, c := range s.calls {
		if s.h.Ops[c.op].Invoke > t.at {
			continue
		}
		if !c.open && !t.covers(s.h, c.op) {
			if c.kind.IsRead() {
				continue
			}
			c.open, c.failed = true, false
		}
		calls = append(calls, c)
	}
	return calls
}

// run searches for an order of what happened until a moment.
func (s *search) run(t cut, m *meter) Verdict {
	calls := s.until(t)
	u := newUseful(calls, s.values, s.oneLife && !s.removes(calls))
	if u.off = s.rulesOff; !u.off {
		u.order(calls, s.values)
	}
	spent := false
	model := porcupine.Model{
		Init: func() any { return place{s: s.start} },
		// Once the budget is spent nothing is possible any more, so the search
		// unwinds by itself; its answer is then worthless and not looked at.
		StepContext: func(_ context.Context, at, in, _ any) (bool, any) {
			if spent || !m.take() {
				spent = true
				return false, nil
			}
			return step(u, at, in.(*call))
		},
		Equal: func(a, b any) bool { return a.(place) == b.(place) },
		Hash:  func(a any) uint64 { return a.(place).s.hash() },
	}
	result := porcupine.CheckEventsTimeout(model, s.events(calls), 0)
	switch {
	case spent:
		return Unknown
	case result == porcupine.Ok:
		return Passed
	}
	return Violated
}

// removes tells whether any of the calls, seen at an earlier time, may remove the node.
func (s *search) removes(calls []call) bool {
	for i := range calls {
		if calls[i].kind.Removes() && (calls[i].open || !calls[i].failed) {
			return true
		}
	}
	return false
}

// place is the model's state: that of the node, and how many open writes with a rank
// have made it.
type place struct {
	s    state
	rank int32
}

// step is the model's transition.
func step(u *useful, at any, c *call) (bool, any) {
	p := at.(place)
	after := p
	var ok bool
	switch {
	case c.end:
		after, ok = place{s: settled}, true
	case c.open && !u.turn(c, p):
	case c.open:
		if after.s, ok = u.apply(c, p.s); after.s != p.s {
			after.rank = max(p.rank, c.rank)
		}
	default:
		after.s, ok = c.answered(p.s)
	}
	if !ok {
		return false, nil
	}
	if after == p {
		return true, at // as it is: boxing a state allocates
	}
	return true, after
}

// events returns the calls in porcupine's form and in time order; at one instant
// calls precede returns. The last answered return is followed by the end mark,
// which cannot move before it, and then by the returns of the open writes.
func (s *search) events(calls []call) []porcupine.Event {
	type mark struct {
		at     host.Time
		ret    bool
		number int
	}
	marks := make([]mark, 0, 2*len(calls))
	for n := range calls {
		op := &s.h.Ops[calls[n].op]
		marks = append(marks, mark{op.Invoke, false, n})
		if !calls[n].open {
			marks = append(marks, mark{op.Return, true, n})
		}
	}
	slices.SortFunc(marks, func(a, b mark) int {
		switch {
		case a.at != b.at:
			if a.at < b.at {
				return -1
			}
			return 1
		case a.ret != b.ret:
			if b.ret {
				return -1
			}
			return 1
		}
		return a.number - b.number
	})
	list := make([]porcupine.Event, 0, 2*len(calls)+2)
	for _, k := range marks {
		kind := porcupine.CallEvent
		if k.ret {
			kind = porcupine.ReturnEvent
		}
		list = append(list, porcupine.Event{Kind: kind, Value: &calls[k.number], Id: k.number})
	}
	end := len(calls)
	list = append(list, porcupine.Event{Kind: porcupine.CallEvent, Value: &call{end: true}, Id: end},
		porcupine.Event{Kind: porcupine.ReturnEvent, Id: end})
	for n := range calls {
		if calls[n].open {
			list = append(list, porcupine.Event{Kind: porcupine.ReturnEvent, Id: n})
		}
	}
	return list
}
