package faults

import (
	"fmt"
	"slices"
	"strings"

	"zabsim/internal/keyed"
	"zabsim/internal/nearest"
	"zabsim/sim"
	"zabsim/sim/plan"
)

var planeNames = sim.PlaneNames()

// refuse TARGET [plane=election|quorum|client]: a firewall rule, or no free socket.
var refuse = sim.FaultKind{
	Name:    "refuse",
	Doc:     "dials to a server are refused, on one of its ports or on all; connections that are open stay open",
	Survive: "everything that was committed; who has lost its connection to the server stays away until the fault heals, unless the server dials",
	Color:   "#E6550D",
	Check: func(p *plan.Plan, f *plan.Fault) error {
		x, err := read(f, "plane")
		if err != nil {
			return err
		}
		if name := x.get("plane"); x.has("plane") && !slices.Contains(planeNames, name) {
			return fmt.Errorf("plane=%s%s: one of %s is wanted", name, nearest.Hint(name, planeNames), strings.Join(planeNames, ", "))
		}
		return x.one(p)
	},
	Draw: func(_ *plan.Plan, d keyed.Draw) []string {
		args := []string{drawTarget(d)}
		if d = d.Next(); d.Chance(2, 3) {
			args = append(args, "plane="+planeNames[d.Next().Below(uint64(len(planeNames)))])
		}
		return args
	},
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		x := options(f, "plane")
		id := r.Target(k, x.words[0])
		for i, name := range planeNames {
			if !x.has("plane") || x.get("plane") == name {
				r.Refuse(k, id, i)
			}
		}
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealRefusals(k) },
}
