package faults

import (
	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// minority: fewer servers than a quorum, drawn by the seed, apart from the rest.
var minority = sim.FaultKind{
	Name:    "minority",
	Doc:     "servers that are no quorum, drawn by the seed and leaving a quorum, are cut off from the others; they see each other",
	Survive: "everything that was committed; the majority serves, the minority commits nothing and stops answering reads within syncLimit + 1 ticks",
	Color:   "#66A61E",
	Check:   func(_ *plan.Plan, f *plan.Fault) error { return noOptions(f, f.Args) },
	Draw:    func(*plan.Plan, keyed.Draw) []string { return []string{} },
	Inject: func(r *sim.Runner, k int, _ *plan.Fault) {
		q := r.World.Setup().Quorum
		set := r.DecideSet(k, func(d keyed.Draw) quorum.Set { return q.Voters &^ sim.CoreOf(q, d) })
		part(r, k, func(a, b quorum.ServerID) bool { return set.Has(a) == set.Has(b) })
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealLinks(k) },
}
