package faults

import (
	"strconv"

	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
)

// drift TARGET rate=PERMILLE: a crystal that is off, far.
var drift = sim.FaultKind{
	Name:    "drift",
	Doc:     "the clock of a server runs wrong: its timers last so many thousandths of what they should; one that runs keeps its deadline",
	Survive: "everything that was committed: ZooKeeper's safety rests on no clock; who is fast gives up early, who is slow notices late",
	Color:   "#9EDAE5",
	Check: func(p *plan.Plan, f *plan.Fault) error {
		return checkNumber(p, f, "rate", 500, 2000, " (thousandths)")
	},
	Draw: func(_ *plan.Plan, d keyed.Draw) []string {
		return []string{drawTarget(d), "rate=" + strconv.Itoa(int(d.Next().Between(500, 2000)))}
	},
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		x := options(f, "rate")
		r.Drift(k, r.Target(k, x.words[0]), must(x.number("rate", 500, 2000, 1000, "")))
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealDrift(k) },
}
