package shrink

import (
	"slices"

	"zabsim/sim/plan"
	"zabsim/zab/host"
)

func faultCount(p *plan.Plan) int { return len(p.Faults) }
func opCount(p *plan.Plan) int    { return len(p.Ops) }

func (s *shrinker) dropFaults() { s.takeOut(faultCount, withoutFaults) }

// withoutFaults takes faults from..to-1 out.
func withoutFaults(p *plan.Plan, from, to int) *plan.Plan {
	c := *p
	c.Faults = slices.Delete(slices.Clone(p.Faults), from, to)
	c.Decisions = renamed(p, &c, func(i int) int {
		switch {
		case i < from:
			return i
		case i < to:
			return -1
		}
		return i - (to - from)
	})
	return &c
}

func (s *shrinker) dropOps() { s.takeOut(opCount, s.withoutOps) }

// withoutOps takes operations from..to-1 of the best plan out. What follows keeps its
// time: one that began late, since it had to wait for the answer of one that goes, is
// told to.
func (s *shrinker) withoutOps(p *plan.Plan, from, to int) *plan.Plan {
	keep := func(i int) bool { return i < from || i >= to }
	if to >= len(p.Ops) || s.starts == nil || s.starts[to] < 0 || p.Ops[to].Client != p.Ops[from].Client {
		return filterOps(p, keep)
	}
	late := *p
	late.Ops = slices.Clone(p.Ops)
	before := host.Duration(0)
	if from > 0 && p.Ops[from-1].Client == p.Ops[to].Client {
		before = max(s.starts[from-1], 0)
	}
	late.Ops[to].Wait = max(s.starts[to]-before, 0)
	for i := from; i < to; i++ {
		late.Ops[i].Wait = 0 // it is in the wait of the next
	}
	return filterOps(&late, keep)
}

// filterOps keeps some operations, by index, and numbers them anew.
func filterOps(p *plan.Plan, keep func(i int) bool) *plan.Plan {
	c := *p
	c.Ops = make([]plan.Op, 0, len(p.Ops))
	client, number, debt := 0, 0, host.Duration(0)
	for i, o := range p.Ops {
		if o.Client != client {
			client, number, debt = o.Client, 0, 0
		}
		if !keep(i) {
			debt += o.Wait
			continue
		}
		number++
		o.Number, o.Wait, debt = number, o.Wait+debt, 0
		c.Ops = append(c.Ops, o)
	}
	return &c
}

func (s *shrinker) dropPrograms() {
	s.takeOut(func(p *plan.Plan) int { return len(p.Programs) }, func(p *plan.Plan, from, to int) *plan.Plan {
		c := *p
		c.Programs = slices.Delete(slices.Clone(p.Programs), from, to)
		return &c
	})
}

// dropClients takes whole clients out, the last first. One whose absence the others
// can't bear, since the draws of those behind it change, may at least have nothing to
// do.
func (s *shrinker) dropClients() {
	if s.best.Clients > 0 && len(s.best.Ops)+len(s.best.Programs) > 0 {
		s.try(withoutClients(s.best))
	}
	for n := s.best.Clients; n > 0 && !s.over; n-- {
		if !s.try(withoutClient(s.best, n)) {
			s.try(idle(s.best, n))
		}
	}
}

// withoutClients takes all of them out.
func withoutClients(p *plan.Plan) *plan.Plan {
	for n := p.Clients; n > 0; n-- {
		p = withoutClient(p, n)
	}
	return p
}

// idle takes the operations and the program of client n out, nil if it has none.
func idle(p *plan.Plan, n int) *plan.Plan {
	c := filterOps(p, func(i int) bool { return p.Ops[i].Client != n })
	c.Programs = slices.DeleteFunc(slices.Clone(p.Programs), func(x plan.Program) bool { return x.Client == n })
	if len(c.Ops) == len(p.Ops) && len(c.Programs) == len(p.Programs) {
		return nil
	}
	return c
}

// shorten ends the first act earlier, with all that would come after it: by half, a
// quarter, and so on to a second.
func (s *shrinker) shorten() {
	for step := s.best.For / 2; step >= host.Second && !s.over; step /= 2 {
		for s.best.For > step && s.try(until(s.best, (s.best.For-step).Round(host.Millisecond))) {
		}
	}
}

// until ends the first act of p at a time. A fault that would begin later goes, and
// an operation that can't begin before.
func until(p *plan.Plan, end host.Duration) *plan.Plan {
	n := len(p.Faults)
	for n > 0 && p.Faults[n-1].At >= end {
		n--
	}
	c := withoutFaults(p, n, len(p.Faults))
	c.For = end
	at := earliest(p)
	return filterOps(c, func(i int) bool { return at[i] < end })
}

// earliest returns for each operation the earliest time at which it can begin.
func earliest(p *plan.Plan) []host.Duration {
	at := make([]host.Duration, len(p.Ops))
	client, sum := 0, host.Duration(0)
	for i, o := range p.Ops {
		if o.Client != client {
			client, sum = o.Client, 0
		}
		sum += o.Wait
		at[i] = sum
	}
	return at
}
