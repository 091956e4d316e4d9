package faults

import (
	"fmt"
	"strings"

	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/host"
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

// minority: fewer servers than a quorum, drawn by the seed, apart from the rest.
var minority = sim.FaultKind{
	Name:    "minority",
	Doc:     "servers that are no quorum, drawn by the seed and leaving a quorum, are cut off from the others; they see each other",
	Survive: "everything that was committed; the majority serves, the minority must not",
	Color:   "#66A61E",
	Check:   func(_ *plan.Plan, f *plan.Fault) error { return noOptions(f, f.Args) },
	Draw:    func(*plan.Plan, keyed.Draw) []string { return []string{} },
	Inject: func(r *sim.Runner, k int, _ *plan.Fault) {
		q := r.World.Setup().Quorum
		set := r.DecideSet(k, func(d keyed.Draw) quorum.Set { return q.Voters &^ sim.CoreOf(q, d) })
		part(r, k, func(a, b quorum.ServerID) bool { return set.Has(a) == set.Has(b) })
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealLinks(k) },
}

// bridge TARGET: two halves that see each other only through one server.
var bridge = sim.FaultKind{
	Name:    "bridge",
	Doc:     "the servers fall into two halves, drawn by the seed, and only the named one sees both",
	Survive: "everything that was committed; whoever sees a quorum may lead, and that may be the bridge alone",
	Color:   "#E6AB02",
	Check:   checkOne,
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		id := r.Target(k, f.Args[0])
		if id == 0 {
			return
		}
		rest := r.World.Setup().Quorum.All().Without(id)
		half := r.DecideSet(k, func(d keyed.Draw) quorum.Set { return drawSet(rest, d, rest.Len()/2, rest.Len()/2) })
		part(r, k, func(a, b quorum.ServerID) bool { return a == id || b == id || half.Has(a) == half.Has(b) })
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealLinks(k) },
}

// ring: everybody sees two neighbours only.
var ring = sim.FaultKind{
	Name: "ring",
	Doc: "each server sees only the one before it and the one after it, in the order of their ids; of three servers " +
		"that is everybody, and nothing is cut",
	Survive: "everything that was committed; of four or five voters each sees just a quorum, of more nobody does, and nobody leads then",
	Color:   "#A6761D",
	Check:   func(_ *plan.Plan, f *plan.Fault) error { return noOptions(f, f.Args) },
	Draw:    func(*plan.Plan, keyed.Draw) []string { return []string{} },
	Inject: func(r *sim.Runner, k int, _ *plan.Fault) {
		n := r.World.Setup().Quorum.All().Len()
		part(r, k, func(a, b quorum.ServerID) bool {
			d := int(max(a, b) - min(a, b))
			return d == 1 || d == n-1
		})
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealLinks(k) },
}

// swizzle [n1,n2]: links die one by one and come back in another order.
var swizzle = sim.FaultKind{
	Name: "swizzle",
	Doc: "servers, the named ones or some that the seed draws, lose all their links one after the other, and get them back " +
		"one after the other in another order: FoundationDB's swizzle-clogging",
	Survive: "everything that was committed",
	Color:   "#D95F02",
	Check: func(p *plan.Plan, f *plan.Fault) error {
		if len(f.Args) == 0 {
			return nil
		}
		_, err := oneSet(p, f, "swizzle")
		return err
	},
	Draw: func(*plan.Plan, keyed.Draw) []string { return []string{} },
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		set := swizzled(r, k, f)
		d := r.FaultDraw("fault.swizzle", k)
		span := f.For / 3
		if span == 0 {
			span = host.Second
		}
		for rest := set; rest != 0; rest = rest.Without(rest.First()) {
			id := int(rest.First())
			d = d.Next()
			r.Later(k, host.Duration(d.Between(0, int64(span))), id)
			d = d.Next()
			if f.For > 0 {
				r.Later(k, f.For-span+host.Duration(d.Between(0, int64(span)-1)), id+quorum.Slots)
			}
		}
	},
	Stage: func(r *sim.Runner, k int, f *plan.Fault, stage int) {
		set := swizzled(r, k, f)
		if stage >= quorum.Slots {
			r.HealServer(k, quorum.ServerID(stage-quorum.Slots))
			return
		}
		id := quorum.ServerID(stage)
		eachOther(r.World.Setup().Quorum.All(), id, func(other quorum.ServerID) {
			if other > id || !set.Has(other) { // each link once
				r.CutLink(k, id, other)
				r.CutLink(k, other, id)
			}
		})
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealLinks(k) },
}

func swizzled(r *sim.Runner, k int, f *plan.Fault) quorum.Set {
	if len(f.Args) > 0 {
		set, _ := parseSet(f.Args[0])
		return set
	}
	all := r.World.Setup().Quorum.All()
	return r.DecideSet(k, func(d keyed.Draw) quorum.Set { return drawSet(all, d, 1, all.Len()) })
}

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
