package faults

import (
	"strconv"

	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// slow LINK... [by=N]: a link with a bad cable, or half a continent long.
var slow = sim.FaultKind{
	Name:    "slow",
	Doc:     "what goes over a link takes N times as long (10 if nothing is said), in the same order",
	Survive: "everything that was committed; a link that is slower than syncLimit ticks is as good as cut",
	Color:   "#AEC7E8",
	Check: func(p *plan.Plan, f *plan.Fault) error {
		x, err := read(f, "by")
		if err == nil {
			_, err = x.number("by", 2, 100_000, 10, "")
		}
		if err == nil {
			err = checkLinks(p, f.Name, x.words, true)
		}
		return err
	},
	Draw: func(p *plan.Plan, d keyed.Draw) []string {
		return append(drawLinks(p, d), "by="+strconv.Itoa(2<<far(d).Below(9)))
	},
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		x := options(f, "by")
		by := must(x.number("by", 2, 100_000, 10, ""))
		eachWay(x.words, func(from, to quorum.ServerID) { r.SlowLink(k, from, to, by) })
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealPaces(k) },
}
