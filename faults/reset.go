package faults

import (
	"fmt"

	"zabsim/sim"
	"zabsim/sim/plan"
)

// reset n1-n2: what a firewall or a full connection table does.
var reset = sim.FaultKind{
	Name: "reset",
	Doc: "every connection between two servers is reset: what was on its way vanishes, and each end learns of it in " +
		"its own time; new connections can be made at once",
	Survive: "everything that was committed; at worst one fail-over",
	Color:   "#17BECF",
	Instant: true,
	Check: func(p *plan.Plan, f *plan.Fault) error {
		if len(f.Args) == 0 {
			return fmt.Errorf("reset needs links: n1-n2")
		}
		for _, a := range f.Args {
			_, _, both, err := parseLink(p, a)
			if err != nil {
				return err
			}
			if !both {
				return fmt.Errorf("%q: a reset has no direction; write n1-n2", a)
			}
		}
		if f.For != 0 {
			return fmt.Errorf("reset is over at once; take \"for\" away")
		}
		return nil
	},
	Inject: func(r *sim.Runner, _ int, f *plan.Fault) {
		for _, a := range f.Args {
			from, to, _, _ := splitLink(a)
			r.ResetConns(from, to)
		}
	},
	Heal: func(*sim.Runner, int, *plan.Fault) {},
}
