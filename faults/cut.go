package faults

import (
	"fmt"
	"strings"

	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// cut n1-n2 (both ways) or n1>n2 (what n1 sends to n2): a partition of one link.
var cut = sim.FaultKind{
	Name: "cut",
	Doc: "a link between two servers delivers nothing, both ways (n1-n2) or one way (n1>n2); connections stay open, " +
		"their ends learn only by time-outs, and what was sent arrives when the link is healed",
	Survive: "everything that was committed; a leader that loses its quorum steps down within syncLimit ticks",
	Color:   "#1F77B4",
	Check: func(p *plan.Plan, f *plan.Fault) error {
		if len(f.Args) == 0 {
			return fmt.Errorf("cut needs links: n1-n2 (both ways) or n1>n2 (one way)")
		}
		for _, a := range f.Args {
			if _, _, _, err := parseLink(p, a); err != nil {
				return err
			}
		}
		return nil
	},
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		for _, a := range f.Args {
			from, to, both, _ := splitLink(a)
			r.CutLink(k, from, to)
			if both {
				r.CutLink(k, to, from)
			}
		}
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealLinks(k) },
}

func splitLink(text string) (from, to quorum.ServerID, both bool, err error) {
	a, b, ok := strings.Cut(text, ">")
	if !ok {
		a, b, ok = strings.Cut(text, "-")
		both = true
	}
	from, okA := sim.ParseServer(a)
	to, okB := sim.ParseServer(b)
	if !ok || !okA || !okB || from == to {
		return 0, 0, false, fmt.Errorf("%q is no link; n1-n2 (both ways) or n1>n2 (one way) would be", text)
	}
	return from, to, both, nil
}

func parseLink(p *plan.Plan, text string) (from, to quorum.ServerID, both bool, err error) {
	if from, to, both, err = splitLink(text); err != nil {
		return
	}
	if err = checkServer(p, from.String()); err == nil {
		err = checkServer(p, to.String())
	}
	return
}
