package faults

import (
	"strconv"
	"strings"

	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
)

// reset n1-n2... [after=N]: what a firewall or a full connection table does.
var reset = sim.FaultKind{
	Name: "reset",
	Doc: "every connection between two servers is reset, at once or when after=N packets more have arrived: what was " +
		"on its way vanishes, and each end learns of it in its own time; new connections can be made at once",
	Survive: "everything that was committed; at worst one fail-over",
	Color:   "#17BECF",
	Instant: true,
	Check: func(p *plan.Plan, f *plan.Fault) error {
		x, err := read(f, "after")
		if err != nil {
			return err
		}
		if _, err := x.number("after", 1, 1000, 1, ""); err != nil {
			return err
		}
		return checkLinks(p, f.Name, x.words, false)
	},
	Draw: func(p *plan.Plan, d keyed.Draw) []string {
		links := drawLinks(p, d)
		for i := range links {
			links[i] = strings.ReplaceAll(links[i], ">", "-")
		}
		if checkLinks(p, "reset", links, false) != nil {
			links = links[:1] // the two are the two ways of one link
		}
		if d = far(d); d.Chance(1, 2) {
			links = append(links, "after="+strconv.Itoa(int(d.Next().Skewed(1, 200))))
		}
		return links
	},
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		x := options(f, "after")
		after, _ := x.number("after", 1, 1000, 1, "")
		for _, a := range x.words {
			from, to, _, _ := splitLink(a)
			if x.has("after") {
				r.LightFuse(k, from, to, after)
			} else {
				r.ResetConns(from, to)
			}
		}
	},
	Stage: func(r *sim.Runner, k int, _ *plan.Fault, _ int) { r.Blow(k) },
	Heal:  func(*sim.Runner, int, *plan.Fault) {},
}
