package faults

import (
	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// ring: everybody sees two neighbours only.
var ring = sim.FaultKind{
	Name: "ring",
	Doc: "each server sees only the one before it and the one after it, in the order of their ids; of three servers " +
		"that is everybody, and nothing is cut",
	Survive: "everything that was committed; of four or five voters each sees just a quorum, of more nobody does, and nobody leads then",
	Color:   "#A6761D",
	Check:   func(_ *plan.Plan, f *plan.Fault) error { return noOptions(f, f.Args) },
	Draw:    func(*plan.Plan, keyed.Draw) []string { return []string{} },
	Inject: func(r *sim.Runner, k int, _ *plan.Fault) {
		n := r.World.Setup().Quorum.All().Len()
		part(r, k, func(a, b quorum.ServerID) bool {
			d := int(max(a, b) - min(a, b))
			return d == 1 || d == n-1
		})
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealLinks(k) },
}
