// Package shrink makes the plan of a failing run small while it still fails in the
// same way.
//
// Shrink is the entry point: delta debugging over the lines of a plan. It takes
// whole things away before it makes things smaller, and large pieces before small
// ones: faults, clients, servers, operations, programs; then times; then knobs; then
// outcomes of crashes. A candidate is kept if it is a valid plan and its run fails as
// that of the plan does, which Options.Test decides. The passes repeat until none
// finds anything more to take, or the budget of runs is spent.
//
// Runs are sensitive: a message less shifts the delays of all that follow on its
// connection, so a bug that needs a lucky moment is easily missed by the smaller plan.
// The draws of a run are not lines of its plan, and a plan that fails only with the
// luck of its seed is no better than one with another seed. So a piece that can't go
// under the plan's seed is tried under others, too (Options.Seeds).
//
// Everything is a function of the plan and of what Test says: same plan, same report.
package shrink

import (
	"context"

	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// Result is what became of a candidate.
type Result uint8

// The results.
const (
	Gone    Result = iota // it does not fail
	Slipped               // it fails, but in another way
	Same                  // it fails as the plan does that is shrunk
)

// Options say how to shrink.
type Options struct {
	// Runs is the budget: so many candidates are run at most.
	Runs int
	// Test runs a candidate. The plan that it returns is the one that was run, with
	// its decisions and what it ended with.
	Test func(p *plan.Plan) (Result, *plan.Plan)
	// Starts says when each operation of the plan began in the run that Test has said
	// Same of last, or in that of the plan itself before the first: what follows one
	// that goes can keep its time. A negative time: it never began. May be nil.
	Starts func() []host.Duration
	// Check returns an error if a candidate is no valid plan: it is not run then. Nil
	// asks plan.Check only, which knows no faults.
	Check func(p *plan.Plan) error
	// Seeds is how many other seeds are tried for a piece that can't go otherwise; 0
	// keeps the plan's.
	Seeds int
	// Progress is called after each candidate; may be nil.
	Progress func(runs int, size Size)
}

// Size is how large a plan is.
type Size struct {
	Events                          uint64
	Servers, Clients, Faults        int
	Operations, Programs, Decisions int
	For                             host.Duration
}

// SizeOf measures a plan. The events are those that it expects.
func SizeOf(p *plan.Plan) Size {
	return Size{Events: p.Expect.Events, Servers: p.Quorum.All().Len(), Clients: p.Clients, Faults: len(p.Faults),
		Operations: len(p.Ops), Programs: len(p.Programs), Decisions: len(p.Decisions), For: p.For}
}

// Report is the result of shrinking.
type Report struct {
	Plan          *plan.Plan // the smallest that fails in the same way
	Before, After Size
	Runs          int      // candidates that were run
	Slipped       int      // of these, how many failed in another way, and were refused
	Exhausted     bool     // it ended before nothing more could go: the budget was spent, or Interrupted
	Interrupted   bool     // ctx was cancelled
	Kept          []string // what could not be removed, a line each, for people
}

// Shrink makes p smaller until nothing more can go, the budget is spent, or ctx is
// cancelled. p itself must fail, and Test must say Same of it. It is not changed.
func Shrink(ctx context.Context, p *plan.Plan, o Options) Report {
	s := &shrinker{ctx: ctx, o: o, best: p, seen: map[key]Result{}}
	if o.Check == nil {
		s.o.Check = (*plan.Plan).Check
	}
	s.look()
	s.all()
	return Report{Plan: s.best, Before: SizeOf(p), After: SizeOf(s.best), Runs: s.runs, Slipped: s.slipped,
		Exhausted: s.over, Interrupted: s.over && ctx.Err() != nil, Kept: s.kept()}
}

// all repeats the passes until they find nothing: first those that are cheap, large
// pieces before small ones, then with other seeds.
func (s *shrinker) all() {
	s.shorten()
	for s.piece = 8; !s.over && s.piece < finest; s.piece *= 8 {
		s.tighten()
		s.takeAway()
		if opCount(s.best)+faultCount(s.best) <= s.piece {
			break
		}
	}
	s.piece = finest
	for !s.over {
		was := s.taken
		s.takeAway()
		if was != s.taken {
			continue // what makes small plans smaller is for later
		}
		if s.hard = !s.hard && s.o.Seeds > 0; s.hard {
			s.takeAway()
			s.hard = was == s.taken
			if !s.hard {
				continue
			}
		}
		s.simplify()
		if s.hard = false; was == s.taken {
			return
		}
	}
}

// takeAway takes whole things out.
func (s *shrinker) takeAway() {
	s.dropFaults()
	s.dropClients()
	s.dropServers()
	s.dropOps()
	s.dropPrograms()
	s.shorten()
}

// simplify makes smaller what could not be taken away.
func (s *shrinker) simplify() {
	s.earlier()
	s.smallerPrograms()
	s.smallerTimes()
	s.neutralKnobs()
	s.neutralOutcomes()
}
