package corpus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"zabsim/internal/keyed"
	"zabsim/scenarios"
	"zabsim/scenarios/fuzz"
	"zabsim/sim/plan"
	"zabsim/sim/shrink"
	"zabsim/zab/host"
)

// Found is what the search for a lost entry gave.
type Found struct {
	// Plan ends as the entry expects, with the same signature; nil if none was found.
	// It has the entry's note, with the signature and the scenario's hash of today.
	Plan *plan.Plan
	How  string // what had to be changed, in words
	Runs int    // how many runs it took
}

// Find looks for a plan near the entry's that does what the entry is there for: the
// same verdict, check and signature, and all that its note must reach. It tries, in
// turn and with a third of the runs each, the same plan with other seeds, then
// without the decisions, and then with the times of the faults moved a little. What
// it finds does not depend on the number of workers. An entry that this build can't
// read has nothing near it.
func (e *Entry) Find(ctx context.Context, runs, jobs int, set scenarios.Settings) (Found, error) {
	if e.Plan == nil {
		return Found{}, nil
	}
	type try struct {
		how       string
		outcome   *plan.Plan
		signature fuzz.Signature
	}
	var found Found
	err := inOrder(ctx, runs, jobs, func(i int) try {
		p, how := e.near(i, runs)
		if p == nil {
			return try{}
		}
		signature, o := sign(p, set)
		return try{how, o.Plan, signature}
	}, func(i int, t try) bool {
		found.Runs = i + 1
		if t.outcome == nil || !e.does(t.outcome, t.signature) {
			return true
		}
		found.Plan, found.How = e.renew(t.outcome, t.signature), t.how
		return false
	})
	if found.Plan != nil && err == nil {
		e.minimise(ctx, &found, runs, set)
	}
	return found, err
}

// minimise makes what was found small with what is left of the budget: the plan that
// it replaces was small, too.
func (e *Entry) minimise(ctx context.Context, found *Found, budget int, set scenarios.Settings) {
	var report shrink.Report
	left := budget - found.Runs
	if e.fails() {
		report, _ = fuzz.Minimise(ctx, found.Plan, set, left)
	} else {
		report = shrink.Shrink(ctx, found.Plan, shrink.Options{Runs: left, Test: func(p *plan.Plan) (shrink.Result, *plan.Plan) {
			signature, o := sign(p, set)
			if e.does(o.Plan, signature) {
				return shrink.Same, o.Plan
			}
			return shrink.Gone, o.Plan
		}, Check: e.alike})
	}
	found.Runs += report.Runs
	if signature, o := sign(report.Plan, set); e.does(o.Plan, signature) { // also if the scenario must reach something
		found.Plan = e.renew(o.Plan, signature)
	}
}

// alike returns an error if p can't be run, or is not the kind of run that an entry
// that passes is there for: a path in another ensemble is another path.
func (e *Entry) alike(p *plan.Plan) error {
	if !sameKind(p, e.Plan) {
		return errors.New("another ensemble")
	}
	_, err := scenarios.CheckPlan(p)
	return err
}

// does tells whether a run did what the entry is there for.
func (e *Entry) does(p *plan.Plan, signature fuzz.Signature) bool {
	return p.Expect.Verdict == e.Plan.Expect.Verdict && p.Expect.Check == e.Plan.Expect.Check &&
		e.signedBy(signature)
}

// renew gives a plan that was run the entry's note, brought up to date.
func (e *Entry) renew(p *plan.Plan, signature fuzz.Signature) *plan.Plan {
	q := *p
	q.Note = e.Plan.Note
	q.Note.Signature, q.Note.ScenarioHash = signature.String(), ScenarioHash(p.Scenario)
	return &q
}

// near returns the plan to try as number i of n, nil if that one can't be run.
func (e *Entry) near(i, n int) (p *plan.Plan, how string) {
	q := *e.Plan
	q.Expect = plan.Expect{}
	third := max((n+2)/3, 1)
	stage, step := i/third, uint64(i%third)
	if stage == 0 {
		step++ // seed and decisions as they are were tried by Replay
	}
	q.Seed += step
	how = fmt.Sprintf("seed %d", q.Seed)
	if stage > 0 {
		q.Decisions = nil
		how += " without the old decisions"
	}
	if stage > 1 {
		how += ", faults moved by up to a tenth"
		if q.Faults = moved(q.Faults, q.Seed); !runs(&q) {
			return nil, ""
		}
	}
	return &q, how
}

// moved shifts each fault, and stretches it, by at most a tenth.
func moved(list []plan.Fault, seed uint64) []plan.Fault {
	rng := keyed.New(seed).Stream("corpus.move")
	list = slices.Clone(list)
	for k := range list {
		f, d := &list[k], rng.Key(uint64(k))
		f.At = shift(f.At, d)
		if f.For > 0 {
			f.For = max(shift(f.For, d.Next()), host.Millisecond)
		}
	}
	slices.SortStableFunc(list, func(a, b plan.Fault) int { return cmp.Compare(a.At, b.At) })
	return list
}

// shift moves t by at most a tenth, to a whole millisecond.
func shift(t host.Duration, d keyed.Draw) host.Duration {
	by := t / 10 / host.Millisecond
	return t + host.Duration(d.Between(-int64(by), int64(by)))*host.Millisecond
}

// runs tells whether a plan that was changed may be run.
func runs(p *plan.Plan) bool {
	_, err := scenarios.CheckPlan(p)
	return err == nil
}

// Renew finds a plan that does what the entry is there for: the one that was
// replayed if it still does, or else one that Find finds.
func (r *Result) Renew(ctx context.Context, runs, jobs int, set scenarios.Settings) (Found, error) {
	if r.Status == OK || r.Status == Drifted {
		return Found{Plan: r.Entry.renew(r.Plan, r.Signature), How: "the plan as it is"}, nil
	}
	return r.Entry.Find(ctx, runs, jobs, set)
}
