package linearizability

import "slices"

// culprit returns the first answer that has no explanation: the operation whose
// return makes the shortest prefix without an order. If the budget ends on the
// way, a later one. Prefixes of a linearizable history are linearizable, so the
// prefix can be searched for by halves.
func (s *search) culprit(m *meter) int {
	answered := make([]int, 0, len(s.calls))
	for _, c := range s.calls {
		if !c.open {
			answered = append(answered, c.op)
		}
	}
	slices.SortFunc(answered, func(a, b int) int {
		if ra, rb := s.h.Ops[a].Return, s.h.Ops[b].Return; ra != rb {
			if ra < rb {
				return -1
			}
			return 1
		}
		return a - b
	})
	low, high := 0, len(answered)-1 // the prefix that ends with high has no order
	for low < high {
		mid := (low + high) / 2
		switch s.run(cut{s.h.Ops[answered[mid]].Return, answered[mid]}, m) {
		case Violated:
			high = mid
		case Passed:
			low = mid + 1
		case Unknown:
			return answered[high]
		}
	}
	return answered[high]
}

// witness returns the culprit, the answered operations that overlap it, and the
// last answer and the last change before it began: where a reader starts to look.
func (s *search) witness(culprit int) []int {
	c := &s.h.Ops[culprit]
	ops := []int{culprit}
	answer, change := -1, -1
	for _, k := range s.calls {
		op := &s.h.Ops[k.op]
		switch {
		case k.open || op.Invoke > c.Return:
			continue
		case op.Return >= c.Invoke:
			ops = append(ops, k.op)
			continue
		}
		if answer < 0 || op.Return > s.h.Ops[answer].Return {
			answer = k.op
		}
		if changed(op) && (change < 0 || op.Return > s.h.Ops[change].Return) {
			change = k.op
		}
	}
	for _, i := range [...]int{answer, change} {
		if i >= 0 {
			ops = append(ops, i)
		}
	}
	return ops
}
