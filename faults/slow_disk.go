package faults

import (
	"strconv"

	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
)

// slow-disk TARGET by=N: a disk that is busy with something else.
var slowDisk = sim.FaultKind{
	Name:    "slow-disk",
	Doc:     "every disk operation of a server takes N times as long",
	Survive: "everything that was committed; a follower that has not acknowledged a proposal for syncLimit ticks is dropped at the next ping",
	Color:   "#C49C94",
	Check: func(p *plan.Plan, f *plan.Fault) error {
		return checkNumber(p, f, "by", 2, 100_000, "")
	},
	Draw: func(_ *plan.Plan, d keyed.Draw) []string {
		return []string{drawTarget(d), "by=" + strconv.Itoa(2<<d.Next().Below(8))}
	},
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		x := options(f, "by")
		r.SlowDisk(k, r.Target(k, x.words[0]), must(x.number("by", 2, 100_000, 2, "")))
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealPaces(k) },
}
