package faults

import (
	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// bridge TARGET: two halves that see each other only through one server.
var bridge = sim.FaultKind{
	Name:    "bridge",
	Doc:     "the servers fall into two halves, drawn by the seed, and only the named one sees both",
	Survive: "everything that was committed; whoever sees a quorum may lead, and that may be the bridge alone",
	Color:   "#E6AB02",
	Check:   checkOne,
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		id := r.Target(k, f.Args[0])
		if id == 0 {
			return
		}
		rest := r.World.Setup().Quorum.All().Without(id)
		half := r.DecideSet(k, func(d keyed.Draw) quorum.Set { return drawSet(rest, d, rest.Len()/2, rest.Len()/2) })
		part(r, k, func(a, b quorum.ServerID) bool { return a == id || b == id || half.Has(a) == half.Has(b) })
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealLinks(k) },
}
