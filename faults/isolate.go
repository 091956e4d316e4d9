package faults

import (
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// isolate TARGET: one server alone, as behind a dead switch port.
var isolate = sim.FaultKind{
	Name: "isolate",
	Doc: "all links between one server and the other servers are cut both ways; its clients still reach it, so a " +
		"deposed leader goes on answering reads until it notices",
	Survive: "everything that was committed; the rest elects another leader, and two servers may be LEADING at once in different epochs",
	Color:   "#9467BD",
	Check:   checkOne,
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		id := r.Target(k, f.Args[0])
		if id == 0 {
			return
		}
		eachOther(r.World.Setup().Quorum.All(), id, func(other quorum.ServerID) {
			r.CutLink(k, id, other)
			r.CutLink(k, other, id)
		})
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealLinks(k) },
}
