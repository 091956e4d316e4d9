package hunts

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"zabsim/faults"
	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
)

// Random is a hunt by runs of a scenario.
type Random struct {
	Scenario string
	Options  scenarios.Options // its Bugs are on besides the one that is hunted
	// From and Seeds are the first seed and the budget of a short hunt, which begins
	// near a seed that is known to show a rare bug. A full one begins at seed 1.
	From  uint64
	Seeds int
	// Rare says that a hunt from seed 1 on takes a quarter of an hour or more: a full
	// one begins where the short one does, too.
	Rare bool
	// Fault comes to those that the seed draws, for which luck alone would need too many
	// seeds.
	Fault *plan.Fault
}

// FullSeeds is the budget of a full hunt.
const FullSeeds = 20_000

// Run is the run that was caught.
type Run struct {
	Seed    uint64
	Outcome *scenarios.Outcome
}

// chaos is how most bugs are hunted: odd seeds have 3 voters and even ones 5, and some
// seeds add observers.
func chaos(o scenarios.Options, from uint64, seeds int) *Random {
	return &Random{Scenario: "chaos", Options: o, From: from, Seeds: seeds}
}

// Name is "random".
func (r *Random) Name() string { return "random" }

// Where names the scenario and what is changed of it.
func (r *Random) Where() string {
	text := r.Scenario
	if r.Options.Grain == plan.GrainThreads {
		text += ", threads"
	}
	if r.Options.ThreadSlow > 0 {
		text += " that stall"
	}
	if r.Fault != nil {
		text += ", and a " + r.Fault.Name
	}
	if r.Rare {
		text += fmt.Sprintf(" from seed %d on", r.From)
	}
	if r.Options.Unsafe {
		text += ", disks that lose and forget"
	}
	if r.Options.Bugs != (bug.Set{}) {
		text += ", with " + bug.Names(r.Options.Bugs)
	}
	return text
}

// Plan returns the plan of one seed.
func (r *Random) Plan(b bug.Switch, seed uint64) (*plan.Plan, scenarios.Settings) {
	s, err := scenarios.Lookup(r.Scenario)
	if err != nil {
		panic("hunts: " + err.Error())
	}
	o := r.Options
	if o.Servers == 0 && o.Voters == 0 && s.Swarm {
		o.Voters = 5 - 2*int(seed%2)
	}
	o.Bugs = o.Bugs.With(b)
	p := s.Plan(seed, o)
	if r.Fault != nil {
		p.Faults = faults.Consistent(p, append(p.Faults, *r.Fault))
	}
	p.Unsafe = p.Unsafe || len(p.Excuse) > 0 // or nobody may write it down
	return p, scenarios.SettingsOf(s)
}

// Clean is the run of one seed without the bug.
func (r *Random) Clean(b bug.Switch, seed uint64) *scenarios.Outcome {
	p, set := r.Plan(b, seed)
	p.Bugs = p.Bugs.Without(b)
	return scenarios.Execute(p, set)
}

func (r *Random) hunt(ctx context.Context, b bug.Switch, e Effort) (*Catch, error) {
	from, seeds := r.From, r.Seeds
	if e.Full && !r.Rare {
		from, seeds = 1, FullSeeds
	}
	i, o := first(ctx, seeds, e.Jobs, func(i int) *scenarios.Outcome {
		p, set := r.Plan(b, from+uint64(i))
		o := scenarios.Execute(p, set)
		if o.Verdict != scenarios.Violated && o.Verdict != scenarios.NoProgress {
			return nil
		}
		if r.Options.Unsafe && r.Clean(b, from+uint64(i)).Verdict != scenarios.Passed {
			return nil // it may be the disks alone
		}
		return o
	})
	if o == nil {
		return nil, ctx.Err()
	}
	return &Catch{Check: o.Broken.Name, Detail: o.Broken.Detail, Tries: i + 1, Run: &Run{from + uint64(i), o}}, nil
}

// first returns the lowest of n numbers for which try returns something, and that.
// Numbers are tried some at a time. It gives up, with nil, when ctx ends.
func first[T any](ctx context.Context, n, jobs int, try func(i int) *T) (int, *T) {
	var next, stop atomic.Int64
	stop.Store(int64(n))
	var lock sync.Mutex
	at, found := n, (*T)(nil)
	var wg sync.WaitGroup
	for range jobs {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < stop.Load() && ctx.Err() == nil; i = next.Add(1) - 1 {
				x := try(int(i))
				if x == nil {
					continue
				}
				lock.Lock()
				if int(i) < at {
					at, found = int(i), x
					stop.Store(i) // whoever is at a lower number goes on with it
				}
				lock.Unlock()
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return 0, nil
	}
	return at, found
}
