package faults

import (
	"fmt"

	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// split n1,n2: the named servers on one side, all others on the other.
var split = sim.FaultKind{
	Name:    "split",
	Doc:     "the servers that are named see each other, the others see each other, and nobody sees the other side",
	Survive: "everything that was committed; only a side with a quorum serves writes",
	Color:   "#1B9E77",
	Check: func(p *plan.Plan, f *plan.Fault) error {
		set, err := oneSet(p, f, "split")
		if err == nil && set == p.Quorum.All() {
			err = fmt.Errorf("split %s: nobody is left for the other side", f.Args[0])
		}
		return err
	},
	Draw: func(p *plan.Plan, d keyed.Draw) []string {
		set := drawSet(p.Quorum.All(), d, 1, p.Quorum.All().Len()-1)
		return []string{formatSet(set)}
	},
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		set, _ := parseSet(f.Args[0])
		part(r, k, func(a, b quorum.ServerID) bool { return set.Has(a) == set.Has(b) })
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealLinks(k) },
}
