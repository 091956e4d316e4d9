package faults

import (
	"fmt"
	"strings"

	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// part cuts every link between two servers that do not see each other.
func part(r *sim.Runner, k int, sees func(a, b quorum.ServerID) bool) {
	all := r.World.Setup().Quorum.All()
	for rest := all; rest != 0; rest = rest.Without(rest.First()) {
		a := rest.First()
		for others := rest.Without(a); others != 0; others = others.Without(others.First()) {
			if b := others.First(); !sees(a, b) {
				r.CutLink(k, a, b)
				r.CutLink(k, b, a)
			}
		}
	}
}

// oneSet checks that f's only argument is a list of servers.
func oneSet(p *plan.Plan, f *plan.Fault, name string) (quorum.Set, error) {
	if len(f.Args) != 1 {
		return 0, fmt.Errorf("%s needs a list of servers, such as n1,n2", name)
	}
	return readSet(p, f.Args[0])
}

// readSet reads n1,n2 and checks that there are such servers, each named once.
func readSet(p *plan.Plan, text string) (quorum.Set, error) {
	for _, word := range strings.Split(text, ",") {
		if err := checkServer(p, word); err != nil {
			return 0, err
		}
	}
	return parseSet(text)
}

func parseSet(text string) (quorum.Set, error) {
	var set quorum.Set
	for _, word := range strings.Split(text, ",") {
		id, ok := sim.ParseServer(word)
		switch {
		case !ok:
			return 0, fmt.Errorf("%q is no server", word)
		case set.Has(id):
			return 0, fmt.Errorf("%s: %s stands there twice; once is enough", text, word)
		}
		set = set.With(id)
	}
	return set, nil
}

func formatSet(set quorum.Set) string {
	var words []string
	for rest := set; rest != 0; rest = rest.Without(rest.First()) {
		words = append(words, rest.First().String())
	}
	return strings.Join(words, ",")
}

// drawSet draws between low and high members of all.
func drawSet(all quorum.Set, d keyed.Draw, low, high int) quorum.Set {
	n := int(d.Between(int64(low), int64(max(low, high))))
	set := all
	for set.Len() > max(n, 1) {
		d = d.Next()
		set = set.Without(member(set, d.Below(uint64(set.Len()))))
	}
	return set
}
