package faults

import (
	"cmp"
	"slices"
	"strconv"

	"zabsim/internal/fp"
	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// Draw returns the faults of a seed in the manner of swarm testing: first which
// kinds exist at all, then how often they come, then each of them. Every fault is
// drawn under its own number, so that the others stay when one is deleted.
func Draw(p *plan.Plan, rng keyed.Rand) []plan.Fault {
	swarm, each := rng.Stream("faults.swarm"), rng.Stream("faults.each")
	kinds := drawKinds(p, swarm)
	// From five faults a second to one in 13 seconds; from faults that nobody
	// notices to ones that exceed every time-out. By doubling, so that each order
	// of magnitude gets its share of the seeds.
	gap := 200 * host.Millisecond << swarm.Key(100).Below(7)
	lengthMax := 500 * host.Millisecond << swarm.Key(101).Below(7)
	switch turn := 500 * host.Millisecond << swarm.Key(100).Below(3); swarm.Key(102).Below(8) {
	case 0, 1:
		return consistent(p, rotate(p, each, turn))
	case 2, 3:
		return consistent(p, join(p, kinds, each, turn))
	}
	var list []plan.Fault
	at := host.Duration(0)
	for n := uint64(1); ; n++ {
		at += host.Duration(each.Key2(n, 0).Between(int64(gap/4), int64(gap*7/4))).Round(host.Millisecond)
		if at >= p.For {
			return consistent(p, list)
		}
		f := plan.Fault{At: at, Name: pick(kinds, each, n)}
		f.For = host.Duration(each.Key2(n, 2).Skewed(int64(50*host.Millisecond), int64(lengthMax))).Round(host.Millisecond)
		f.Args = drawArgs(p, f.Name, each.Key2(n, 3))
		if kindOf(f.Name).Instant {
			f.For = 0
		}
		if f.Name == crash.Name && each.Key2(n, 4).Chance(1, 4) {
			list = append(list, together(p, f, each.Key2(n, 5))...)
			continue
		}
		list = append(list, f)
	}
}

// drawKinds draws which kinds of faults exist at all. A fault that needs a link, or
// a side to be on, is none for a server that is alone.
func drawKinds(p *plan.Plan, swarm keyed.Stream) []string {
	alone := p.Quorum.All().Len() < 2
	basicOnly := swarm.Key(103).Chance(1, 2) // crashes, cuts and resets, without anything finer
	var kinds []string
	for _, k := range All() {
		exists := swarm.Key(named(k.Name))
		switch {
		case k.Unsafe && !p.Unsafe, alone && linked(k.Name), !drawn(k.Name):
		case basic(k.Name) && exists.Chance(2, 3), !basic(k.Name) && !basicOnly && exists.Chance(1, 3):
			kinds = append(kinds, k.Name)
		}
	}
	if len(kinds) == 0 {
		kinds = []string{"crash"}
	}
	return kinds
}

func basic(name string) bool {
	switch name {
	case crash.Name, restart.Name, cut.Name, isolate.Name, reset.Name, midwrite.Name:
		return true
	}
	return false
}

// drawn tells whether swarms draw a kind at all. Those that hit clients they do not:
// seeds that are known would become other runs.
func drawn(name string) bool { return name != freeze.Name && name != hangup.Name }

// SwarmNames lists the kinds of faults that a swarm may draw for p.
func SwarmNames(p *plan.Plan) []string {
	var names []string
	for _, k := range All() {
		if drawn(k.Name) && (p.Unsafe || !k.Unsafe) && (p.Quorum.All().Len() > 1 || !linked(k.Name)) {
			names = append(names, k.Name)
		}
	}
	return names
}

// Instant tells whether faults of this kind are over at once.
func Instant(name string) bool {
	k := kindOf(name)
	return k != nil && k.Instant
}

func linked(name string) bool {
	switch name {
	case cut.Name, reset.Name, slow.Name, blackhole.Name, split.Name:
		return true
	}
	return false
}

// join draws a swarm of its own, too: one server after the other is stopped for a
// while and comes back while the others write; and while it is being synchronized it
// is disturbed, or its leader is. Snapshots, truncations and the steps of NEWLEADER
// are where ZooKeeper lost data, and ordinary faults seldom come at that moment.
func join(p *plan.Plan, kinds []string, each keyed.Stream, turn host.Duration) []plan.Fault {
	var list []plan.Fault
	all := p.Quorum.All()
	at := 2 * host.Second
	for n := uint64(1); at < p.For; n++ {
		d := each.Key2(n, 20)
		id := member(all, d.Below(uint64(all.Len())))
		away := host.Duration(d.Next().Between(int64(turn/8), int64(turn))).Round(host.Millisecond)
		f := plan.Fault{At: at, For: away, Name: restart.Name, Args: []string{id.String()}}
		if d = far(d); d.Chance(1, 2) {
			f.Name, f.Args = crash.Name, []string{id.String(), "keep=some"}
		}
		list = append(list, f)
		// Ready when it comes back.
		ready := at + max(away-50*host.Millisecond, 0)
		switch d = d.Next(); d.Below(5) {
		case 0:
		case 1:
			list = append(list, plan.Fault{At: ready, For: turn / 2, Name: midwrite.Name, Args: midwrite.Draw(p, far(d))})
		case 2, 3:
			list = append(list, plan.Fault{At: ready, For: turn / 2, Name: midsync.Name, Args: midsync.Draw(p, far(d))})
		default:
			if name := pick(kinds, each, n+1000); !kindOf(name).Instant {
				list = append(list, plan.Fault{At: ready, For: turn / 2, Name: name, Args: drawArgs(p, name, far(d))})
			}
		}
		at += away + host.Duration(each.Key2(n, 21).Between(int64(turn/4), int64(turn))).Round(host.Millisecond)
	}
	slices.SortStableFunc(list, func(a, b plan.Fault) int { return cmp.Compare(a.At, b.At) })
	return list
}

// Consistent puts list in order of time and takes out what a plan may not say: that a
// server is stopped while another fault holds it down. It keeps the memory of list.
func Consistent(p *plan.Plan, list []plan.Fault) []plan.Fault {
	slices.SortStableFunc(list, func(a, b plan.Fault) int { return cmp.Compare(a.At, b.At) })
	return consistent(p, list)
}

func consistent(p *plan.Plan, list []plan.Fault) []plan.Fault {
	var until [quorum.Slots]host.Duration
	kept := list[:0]
	for _, f := range list {
		if name, ok := holds(&f); ok {
			id, _ := sim.ParseServer(name)
			if f.At < until[id] {
				continue
			}
			until[id] = f.At + f.For
			if f.For == 0 {
				until[id] = p.For
			}
		}
		kept = append(kept, f)
	}
	return kept
}

// named turns the name of a kind into a key, so that a new kind moves no draw of
// the others.
func named(kind string) uint64 { return uint64(fp.New(0).String(kind)) }

// pick draws the kind of fault n: each kind draws a number, the largest wins, so
// that a new kind changes only the faults that it wins.
func pick(kinds []string, each keyed.Stream, n uint64) string {
	best, most := "", uint64(0)
	for _, k := range kinds {
		if d := each.Key3(n, 1, named(k)).Uint64(); best == "" || d > most {
			best, most = k, d
		}
	}
	return best
}

// rotate draws a swarm of its own: time is cut into turns, and in each turn only a
// bare quorum runs, drawn anew, so that quorums that share one server hand the
// history on to each other. In some turns a server crashes in the middle of a
// write and stays down for the rest of the turn. Deep synchronization bugs need
// three crashes in the right order (ZOOKEEPER-4643), which independent faults
// seldom make.
func rotate(p *plan.Plan, each keyed.Stream, turn host.Duration) []plan.Fault {
	var list []plan.Fault
	all := p.Quorum.All()
	var down [quorum.Slots]int // index+1 of the crash that keeps a server down
	at := 2 * host.Second
	for n := uint64(1); at < p.For; n++ {
		core := sim.CoreOf(&p.Quorum, each.Key2(n, 10))
		length := host.Duration(each.Key2(n, 11).Between(int64(turn/2), int64(turn*2))).Round(host.Millisecond)
		for rest := all; rest != 0; rest = rest.Without(rest.First()) {
			id := rest.First()
			switch {
			case core.Has(id):
				down[id] = 0
			case down[id] > 0:
				list[down[id]-1].For += length
			default:
				list = append(list, plan.Fault{At: at, For: length, Name: crash.Name, Args: []string{id.String(), "keep=some"}})
				down[id] = len(list)
			}
		}
		if d := each.Key2(n, 12); d.Chance(1, 2) {
			after := strconv.Itoa(int(d.Next().Below(7)))
			list = append(list, plan.Fault{At: at, For: length, Name: midwrite.Name, Args: []string{"keep=some", "after=" + after}})
		}
		at += length
	}
	return list
}

// together makes a crash one of several at the same instant: a power failure of
// a part of the ensemble, or of all of it.
func together(p *plan.Plan, f plan.Fault, d keyed.Draw) []plan.Fault {
	var list []plan.Fault
	for rest := p.Quorum.All(); rest != 0; rest = rest.Without(rest.First()) {
		d = d.Next()
		if d.Chance(2, 3) {
			g := f
			g.Args = []string{rest.First().String(), f.Args[1]}
			list = append(list, g)
		}
	}
	return list
}

// Args draws the arguments of a fault by its name.
func Args(p *plan.Plan, name string, d keyed.Draw) []string { return drawArgs(p, name, d) }

func drawArgs(p *plan.Plan, name string, d keyed.Draw) []string {
	if p.Quorum.All().Len() < 2 && linked(name) {
		return nil // there is no link
	}
	if k := kindOf(name); k.Draw != nil {
		return k.Draw(p, d)
	}
	return []string{drawTarget(d)}
}

// drawLinks draws one or two links, each both ways or one way.
func drawLinks(p *plan.Plan, d keyed.Draw) []string {
	all := p.Quorum.All()
	var list []string
	for range 1 + d.Next().Below(2) {
		d = d.Next().Next()
		a := member(all, d.Below(uint64(all.Len())))
		d = d.Next()
		b := member(all.Without(a), d.Below(uint64(all.Len()-1)))
		sep := "-"
		if d.Next().Chance(1, 2) {
			sep = ">"
		}
		link := a.String() + sep + b.String()
		if checkLinks(p, "cut", append(list, link), true) == nil { // not a link that is there already
			list = append(list, link)
		}
	}
	return list
}

func member(s quorum.Set, n uint64) quorum.ServerID {
	for ; n > 0; n-- {
		s = s.Without(s.First())
	}
	return s.First()
}
