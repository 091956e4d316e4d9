package faults

import (
	"zabsim/internal/keyed"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// Limits are what a swarm is drawn within, instead of the usual ranges.
type Limits struct {
	Kinds                []string      // empty: those that the seed draws
	GapMin, GapMax       host.Duration // from the begin of one fault to that of the next
	LengthMin, LengthMax host.Duration // of a fault that is not over at once
}

// The limits where somebody says nothing.
const (
	usualGapMin    = 200 * host.Millisecond
	usualGapMax    = 8 * host.Second
	usualLengthMin = 50 * host.Millisecond
	usualLengthMax = 10 * host.Second
)

// Usual fills in what l leaves open.
func (l Limits) Usual() Limits {
	if l.GapMax == 0 {
		l.GapMin, l.GapMax = usualGapMin, usualGapMax
	}
	if l.LengthMax == 0 {
		l.LengthMin, l.LengthMax = usualLengthMin, usualLengthMax
	}
	return l
}

// DrawWithin returns faults of a seed within limits. As with Draw each is drawn under
// its own number.
func DrawWithin(p *plan.Plan, rng keyed.Rand, limits *Limits) []plan.Fault {
	each, l := rng.Stream("faults.within"), limits.Usual()
	kinds := l.Kinds
	if len(kinds) == 0 {
		kinds = drawKinds(p, rng.Stream("faults.swarm"))
	}
	var list []plan.Fault
	at := host.Duration(0)
	for n := uint64(1); ; n++ {
		at += max(host.Duration(each.Key2(n, 0).Between(int64(l.GapMin), int64(l.GapMax))).Round(host.Millisecond), host.Millisecond)
		if at >= p.For {
			return consistent(p, list)
		}
		f := plan.Fault{At: at, Name: pick(kinds, each, n)}
		if !kindOf(f.Name).Instant {
			length := host.Duration(each.Key2(n, 2).Between(int64(l.LengthMin), int64(l.LengthMax))).Round(host.Millisecond)
			f.For = max(length, host.Millisecond)
		}
		if f.Args = drawArgs(p, f.Name, each.Key2(n, 3)); !drawn(f.Name) {
			f.Args = []string{anyClient}
		}
		if (Vocabulary{}).CheckFault(p, &f) == nil { // no link, no client, or too few servers
			list = append(list, f)
		}
	}
}

// TakesSet tells whether a fault takes a list of servers, as in "split n1,n2".
func TakesSet(name string) bool { return name == split.Name || name == swizzle.Name }
