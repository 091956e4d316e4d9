package fuzz

import (
	"slices"

	"zabsim/faults"
	"zabsim/internal/keyed"
	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// Draw returns the plan of a scenario under a seed in the manner of swarm testing: the
// size of the ensemble, the grain, the pace and the knobs are drawn, the scenario's
// faults come a little earlier or later, or not at all, and others join them. What o
// sets stays as it is. It is a pure function.
//
// What the scenario claims must not depend on any of this: a scenario that is Unsafe
// excuses exactly what its own timetable breaks, so that only its seed and the size of
// its ensemble are drawn.
func Draw(s *scenarios.Scenario, seed uint64, o scenarios.Options) *plan.Plan {
	return draw(s, seed, o, o.Grain != plan.GrainAtomic)
}

func draw(s *scenarios.Scenario, seed uint64, o scenarios.Options, keepGrain bool) *plan.Plan {
	shape := keyed.New(seed).Stream("fuzz.shape")
	drawEnsemble(s, &o, shape)
	if !keepGrain && shape.Key(2).Chance(1, 3) {
		o.Grain = plan.GrainThreads
	}
	if s.Unsafe {
		if !keepGrain {
			o.Grain = plan.GrainAtomic
		}
		return s.Plan(seed, o)
	}
	// A run in half of the time with half of the tick shows the same, in half of the
	// events. Recipes say their times in seconds, and keep their pace.
	given := o
	if len(s.Programs) == 0 && o.For == 0 && o.TickTime == 0 {
		tick := []host.Duration{200, 500, 500, 1000}[shape.Key(3).Below(4)] * host.Millisecond
		o.TickTime = tick
		o.For = max(s.For/scenarios.DefaultTickTime*tick, 12*host.Second)
		if s.Swarm {
			o.For = s.For
		}
	}
	p := s.Plan(seed, o)
	if s.Swarm {
		return p
	}
	if len(s.Programs) == 0 && shape.Key(4).Chance(1, 2) {
		given.TickTime, given.Servers = o.TickTime, o.Servers // Servers: no observers beside those of the scenario
		scenarios.DrawKnobs(p, given, keyed.New(seed).Stream("fuzz.knobs"))
	}
	p.Faults = faults.Consistent(p, drawFaults(p, shape))
	return p
}

// drawEnsemble draws how many servers vote: mostly three, which is where most bugs
// show, and which runs fastest.
func drawEnsemble(s *scenarios.Scenario, o *scenarios.Options, shape keyed.Stream) {
	if o.Servers != 0 || o.Voters != 0 || o.Quorum != nil {
		return
	}
	n := []int{3, 3, 3, 3, 5, 5, 5, 4, 7}[shape.Key(1).Below(9)]
	if s.Swarm {
		o.Voters = n // so that a swarm may add observers
		return
	}
	o.Servers = max(n, s.Least)
	if s.Least > 3 {
		o.Servers = max(n, scenarios.DefaultServers)
	}
}

// drawFaults moves the faults that p has and leaves some out, and in half of the seeds
// adds those of a swarm. Faults that strike at one instant stay together: a power
// failure is one fault to who wrote it.
func drawFaults(p *plan.Plan, shape keyed.Stream) []plan.Fault {
	var list []plan.Fault
	jitter := int64(p.For / 20)
	for i := 0; i < len(p.Faults); {
		n := i + 1
		for n < len(p.Faults) && p.Faults[n].At == p.Faults[i].At {
			n++
		}
		d := shape.Key2(10, uint64(i))
		if i == 0 || !d.Chance(1, 8) {
			by := host.Duration(d.Next().Between(-jitter, jitter)).Round(host.Millisecond)
			for _, f := range p.Faults[i:n] {
				f.At = min(max(f.At+by, host.Millisecond), p.For-host.Millisecond)
				list = append(list, f)
			}
		}
		i = n
	}
	if len(p.Programs) == 0 && shape.Key(5).Chance(1, 2) {
		list = append(list, some(faults.Draw(p, keyed.New(shape.Key(6).Uint64())), shape)...)
	}
	return list
}

// some returns a part of a swarm's faults: all of them, or a few.
func some(list []plan.Fault, shape keyed.Stream) []plan.Fault {
	keep := []uint64{100, 30, 10}[shape.Key(7).Below(3)]
	return slices.DeleteFunc(list, func(f plan.Fault) bool {
		return shape.Key2(11, uint64(f.At)).Below(100) >= keep
	})
}

// mutate returns a plan that is like parent but for one to three changes. It keeps the
// parent's seed and decisions, so that the run is the parent's up to the first change;
// once in a while the seed changes instead.
func mutate(parent, other *plan.Plan, d keyed.Draw) *plan.Plan {
	p := *parent
	p.Expect = plan.Expect{}
	p.Faults = slices.Clone(parent.Faults)
	if d = d.Next(); d.Chance(1, 8) || p.Unsafe {
		p.Seed, p.Decisions = d.Next().Uint64(), nil
		return &p
	}
	for range 1 + d.Next().Below(3) {
		d = d.Next().Next()
		change(&p, other, d)
	}
	p.Faults = faults.Consistent(&p, p.Faults)
	return &p
}

// change makes one change to p's faults, or to a knob.
func change(p, other *plan.Plan, d keyed.Draw) {
	kind := d.Below(10)
	d = d.Next()
	var f *plan.Fault
	if n := len(p.Faults); n > 0 {
		f = &p.Faults[d.Below(uint64(n))]
	} else {
		kind = 0
	}
	d = d.Next()
	switch kind {
	case 0, 1, 2: // one more, of any kind that swarms draw, close to one that is there
		p.Faults = append(p.Faults, another(p, f, d))
	case 3, 4: // another time
		by := host.Duration(d.Between(-int64(2*host.Second), int64(2*host.Second))) >> d.Next().Below(6)
		f.At = min(max(f.At+by.Round(host.Millisecond), host.Millisecond), p.For-host.Millisecond)
	case 5: // another length
		if f.For > 0 {
			f.For = max((f.For << d.Below(3) >> d.Next().Below(4)).Round(host.Millisecond), host.Millisecond)
		}
	case 6: // without it
		*f = p.Faults[len(p.Faults)-1]
		p.Faults = p.Faults[:len(p.Faults)-1]
	case 7: // another target
		if slices.Contains(faults.SwarmNames(p), f.Name) {
			f.Args = faults.Args(p, f.Name, d)
		}
	case 8: // what another plan does from some time on
		if other.Quorum == p.Quorum && other.Clients == p.Clients {
			from := host.Duration(d.Between(0, int64(p.For)))
			for _, g := range other.Faults {
				if g.At >= from && g.At < p.For && len(p.Faults) < 100 {
					p.Faults = append(p.Faults, g)
				}
			}
		}
	case 9:
		p.CommitLogCount = []int{1, 2, 5, 20, 500}[d.Below(5)]
		p.SnapCount = []int{0, 3, 7, 20}[d.Next().Below(4)]
	}
}

// another draws a fault, near f if there is one.
func another(p *plan.Plan, f *plan.Fault, d keyed.Draw) plan.Fault {
	names := faults.SwarmNames(p)
	g := plan.Fault{Name: names[d.Below(uint64(len(names)))]}
	d = d.Next()
	g.At = host.Duration(d.Between(int64(host.Millisecond), int64(p.For-host.Millisecond))).Round(host.Millisecond)
	if d = d.Next(); f != nil && d.Chance(1, 2) {
		near := f.At
		if d.Next().Chance(1, 2) {
			near += f.For // when it heals
		}
		g.At = near + host.Duration(d.Next().Next().Skewed(1, int64(2*host.Second))).Round(host.Millisecond)
		g.At = min(max(g.At, host.Millisecond), p.For-host.Millisecond)
	}
	d = d.Next().Next().Next()
	if !faults.Instant(g.Name) {
		g.For = max(host.Duration(d.Skewed(int64(50*host.Millisecond), int64(16*host.Second))).Round(host.Millisecond), host.Millisecond)
	}
	g.Args = faults.Args(p, g.Name, d.Next())
	return g
}
