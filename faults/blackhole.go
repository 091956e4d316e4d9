package faults

import (
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// blackhole LINK...: a router that has forgotten a route.
var blackhole = sim.FaultKind{
	Name: "blackhole",
	Doc: "what is sent over a link vanishes and neither end is told; new dials get no answer; when the fault heals, the " +
		"connections that have lost bytes are reset",
	Survive: "everything that was committed; ends learn only by time-outs",
	Color:   "#393B79",
	Check:   func(p *plan.Plan, f *plan.Fault) error { return checkLinks(p, f.Name, f.Args, true) },
	Draw:    drawLinks,
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		eachWay(f.Args, func(from, to quorum.ServerID) { r.SwallowLink(k, from, to) })
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealHoles(k) },
}
