package faults

import (
	"fmt"
	"strings"

	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// checkLinks checks a list of links of which each stands there once.
func checkLinks(p *plan.Plan, name string, links []string, oneWay bool) error {
	if len(links) == 0 && oneWay {
		return fmt.Errorf("%s needs links: n1-n2 (both ways) or n1>n2 (one way)", name)
	} else if len(links) == 0 {
		return fmt.Errorf("%s needs links: n1-n2", name)
	}
	var seen [quorum.Slots]quorum.Set // by from
	for _, text := range links {
		from, to, both, err := parseLink(p, text)
		if err != nil {
			return err
		}
		if !both && !oneWay {
			return fmt.Errorf("%q: a %s has no direction; write %s-%s", text, name, from, to)
		}
		if seen[from].Has(to) || both && seen[to].Has(from) {
			return fmt.Errorf("%q: %s names this link twice; once is enough", text, name)
		}
		seen[from] = seen[from].With(to)
		if both {
			seen[to] = seen[to].With(from)
		}
	}
	return nil
}

// eachWay calls do for each direction of the links.
func eachWay(links []string, do func(from, to quorum.ServerID)) {
	for _, a := range links {
		from, to, both, _ := splitLink(a)
		do(from, to)
		if both {
			do(to, from)
		}
	}
}

func splitLink(text string) (from, to quorum.ServerID, both bool, err error) {
	a, b, ok := strings.Cut(text, ">")
	if !ok {
		a, b, ok = strings.Cut(text, "-")
		both = true
	}
	from, okA := sim.ParseServer(a)
	to, okB := sim.ParseServer(b)
	if ok && okA && okB && from == to {
		return 0, 0, false, fmt.Errorf("%q names %s as both ends; n1-n2 (both ways) or n1>n2 (one way) would be a link", text, from)
	}
	if !ok || !okA || !okB {
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
