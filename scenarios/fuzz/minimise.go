package fuzz

import (
	"context"

	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/sim/shrink"
	"zabsim/zab/host"
)

// ShrinkSeeds is how many other seeds Minimise tries for a piece that can't go.
const ShrinkSeeds = 4

// Minimise shrinks a plan that fails, within a budget in runs, and returns what it
// became and the signature that all of its runs have had. A plan that does not fail
// comes back as it is, with the zero signature.
//
// The plan of the report was run in full: it has all decisions of that run, and
// expects what it ended with.
func Minimise(ctx context.Context, p *plan.Plan, set scenarios.Settings, runs int) (shrink.Report, Signature) {
	return MinimiseWith(ctx, p, set, shrink.Options{Runs: runs, Seeds: ShrinkSeeds})
}

// MinimiseWith is Minimise with a caller's options, whose Test and Check it sets.
func MinimiseWith(ctx context.Context, p *plan.Plan, set scenarios.Settings, o shrink.Options) (shrink.Report, Signature) {
	limit := set.EventsMax
	set.Sink = nil
	sign, full := Sign(p, set)
	if sign.Check == "" {
		return shrink.Report{Plan: full.Plan, Before: shrink.SizeOf(full.Plan), After: shrink.SizeOf(full.Plan)}, sign
	}
	o.Check = func(c *plan.Plan) error { _, err := scenarios.CheckPlan(c); return err }
	// A candidate that takes longer than the plan itself is not smaller.
	set.EventsMax = full.Run.Events() + full.Run.Events()/4
	same := full
	o.Test = func(c *plan.Plan) (shrink.Result, *plan.Plan) {
		r, o := judge(c, set, sign)
		if r == shrink.Same {
			same = o
		}
		return r, o.Plan
	}
	o.Starts = func() []host.Duration { return starts(same) }
	rep := shrink.Shrink(ctx, full.Plan, o)
	set.EventsMax = limit
	rep.Plan = scenarios.Execute(rep.Plan, set).Plan
	rep.After = shrink.SizeOf(rep.Plan)
	return rep, sign
}

// judge runs a candidate up to its first violation and compares how it fails.
func judge(c *plan.Plan, set scenarios.Settings, want Signature) (shrink.Result, *scenarios.Outcome) {
	set.StopAtFirst = true
	o := scenarios.Execute(c, set)
	switch {
	case !fails(o):
		return shrink.Gone, o
	case o.Broken.Name != want.Check || !shapeOf(c, set, o).Equal(want):
		return shrink.Slipped, o
	}
	return shrink.Same, o
}

// starts returns when each operation of o's plan began, a negative time for one that
// did not.
func starts(o *scenarios.Outcome) []host.Duration {
	ops := o.Plan.Ops
	first := map[int]int{} // by client: index of its next operation
	at := make([]host.Duration, len(ops))
	for i := len(ops) - 1; i >= 0; i-- {
		first[ops[i].Client], at[i] = i, -1
	}
	for i := range o.Run.History.Ops {
		op := &o.Run.History.Ops[i]
		if n, ok := first[op.Client]; ok && n < len(ops) && ops[n].Client == op.Client {
			at[n] = host.Duration(op.Invoke)
			first[op.Client]++
		}
	}
	return at
}
