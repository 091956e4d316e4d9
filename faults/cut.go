package faults

import (
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// cut n1-n2 (both ways) or n1>n2 (what n1 sends to n2): a partition of one link.
var cut = sim.FaultKind{
	Name: "cut",
	Doc: "a link between two servers delivers nothing, both ways (n1-n2) or one way (n1>n2); connections stay open, " +
		"their ends learn only by time-outs, and what was sent arrives when the link is healed",
	Survive: "everything that was committed; a leader that loses its quorum steps down within syncLimit + 1 ticks",
	Color:   "#1F77B4",
	Check:   func(p *plan.Plan, f *plan.Fault) error { return checkLinks(p, f.Name, f.Args, true) },
	Draw:    drawLinks,
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		eachWay(f.Args, func(from, to quorum.ServerID) { r.CutLink(k, from, to) })
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealLinks(k) },
}
