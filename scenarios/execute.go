package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"zabsim/faults"
	"zabsim/linearizability"
	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
)

// Verdict is what a run is found to be.
type Verdict string

// The verdicts. Only Passed is good news.
const (
	Passed     Verdict = "passed"
	Violated   Verdict = "violated"    // a safety promise was broken
	Unknown    Verdict = "unknown"     // a checker ran out of its budget
	Vacuous    Verdict = "vacuous"     // nothing happened that could have gone wrong
	NoProgress Verdict = "no-progress" // no write committed after everything was healed
	Failed     Verdict = "threshold"   // safe, but slower or smaller than a threshold allows
)

// Excused is the verdict of a check, never of a run: it was broken, as the plan
// allows its unsafe faults to do, or the scenario holds others only.
const Excused Verdict = "excused"

// Exit returns the exit code of a verdict.
func (v Verdict) Exit() int {
	switch v {
	case Passed:
		return 0
	case Violated:
		return 1
	case Unknown:
		return 2
	case Vacuous:
		return 4
	case NoProgress:
		return 5
	case Failed:
		return 6
	}
	return 70
}

// NoWrite is what an outcome has missed if no client was told that a write succeeded.
const NoWrite = "a write that a client was told of"

// Check is the verdict of one check.
type Check struct {
	Name    string
	Verdict Verdict
	Detail  string
}

// Outcome is a run and how it was judged.
type Outcome struct {
	Plan    *plan.Plan // the one that was run, with the decisions that it drew and what to expect
	Run     *sim.Runner
	Verdict Verdict
	Checks  []Check // invariants, then the checks of the history
	Broken  *Check  // the first that decided the verdict, nil if all are passed or excused
	Missed  []string
	Reached []string
	Unused  []plan.Decision

	sights []string // of recipes
}

// Settings are what an execution takes besides the plan.
type Settings struct {
	Sink   trace.Sink
	Sample uint32                 // see sim.Config
	Budget linearizability.Budget // zero: the default
	Reach  []string               // sometimes-properties that must be reached, besides those of the plan's note
	// Hold lists the checks that decide the verdict; nil: all do.
	Hold       []string
	Thresholds []Threshold
	// EventsMax is the budget of the run in events; zero: sim.EventsMax.
	EventsMax uint64
	// StopAtFirst ends the run at the first event that breaks an invariant which the
	// plan does not excuse; the outcome names it, and is silent on all else. A run
	// without such an event is judged in full.
	StopAtFirst bool
	Reroll      sim.Reroll // lets the run leave its plan; zero: it does not
}

// Execute runs a plan and judges it. A plan that somebody has written must have
// passed CheckExcuse and CheckPrograms.
func Execute(p *plan.Plan, set Settings) *Outcome {
	x := Start(p, set)
	x.Run()
	return x.Judge()
}

// Execution is the run of a plan under way, with all that its judges measure on the way.
type Execution struct {
	*sim.Runner

	plan  *plan.Plan
	set   Settings
	meter *meter
}

// Start prepares an execution, for who wants to step it or to look into it before it is
// judged. Its runner must be Run to the end, or closed.
func Start(p *plan.Plan, set Settings) *Execution {
	x := &Execution{plan: p, set: set, meter: newMeter(set.Thresholds)}
	if x.meter != nil {
		set.Sink = trace.Multi(set.Sink, x.meter)
	}
	x.Runner = NewRunner(p, set)
	return x
}

// Judge judges an execution that was Run to its end.
func (x *Execution) Judge() *Outcome { return judge(x.plan, x.Runner, x.set, x.meter) }

// NewRunner prepares a run of a plan that nobody judges, for who wants to look into it.
// It must be Run to the end, or closed. The plan must be one that Execute takes.
func NewRunner(p *plan.Plan, set Settings) *sim.Runner {
	if err := CheckExcuse(p); err != nil {
		panic("scenarios: " + err.Error())
	}
	list, err := programs(p)
	if err != nil {
		panic("scenarios: " + err.Error())
	}
	return sim.NewRunner(p, sim.Config{Kinds: faults.All(), Sink: set.Sink, Sample: set.Sample, EventsMax: set.EventsMax,
		Recipes: list, Reroll: set.Reroll, StopAtFirst: set.StopAtFirst && set.Hold == nil}) // what stops a run knows only what the plan excuses
}

func judge(p *plan.Plan, r *sim.Runner, set Settings, m *meter) *Outcome {
	o := &Outcome{Run: r, Unused: r.Unused()}
	o.invariants(r)
	if !r.Stopped() {
		budget := set.Budget
		if budget.Steps == 0 {
			budget = linearizability.DefaultBudget
		}
		o.history(r, budget)
		o.recipes(p, r)
		o.hold(set.Hold)
		o.thresholds(p, set.Thresholds, m)
	}
	o.excuse(p)
	if r.Exhausted() {
		o.Checks = append(o.Checks, Check{Name: "events-budget", Verdict: Unknown,
			Detail: fmt.Sprintf("the run did not end within %d events", r.Events())})
	}
	o.reached(r.View, slices.Concat(set.Reach, p.Note.Reach))
	o.conclude(r)
	done := *p
	done.Decisions = r.Decided()
	done.Expect = plan.Expect{Events: r.Events(), Fingerprint: uint64(r.Fingerprint()), Verdict: string(o.Verdict)}
	if o.Broken != nil {
		done.Expect.Check = o.Broken.Name
	}
	o.Plan = &done
	return o
}

// invariants lists every invariant with its verdict: the broken ones in the order
// in which they broke, since the first is nearest to the cause, then the others.
func (o *Outcome) invariants(r *sim.Runner) {
	broken := map[string]bool{}
	for i := range r.View.Violations {
		v, at := &r.View.Violations[i], r.Found(i)
		c := Check{Name: v.Check, Verdict: Violated, Detail: fmt.Sprintf("at %s #%d: %s", at.At.Seconds(), at.Event, v.Text)}
		if known, _ := invariant.Lookup(v.Check); known.Kind == invariant.KindEventually {
			c.Verdict = NoProgress
		}
		o.Checks = append(o.Checks, c)
		broken[v.Check] = true
	}
	for _, c := range invariant.All() {
		if !broken[c.Name] {
			o.Checks = append(o.Checks, Check{Name: c.Name, Verdict: Passed})
		}
	}
}

func (o *Outcome) history(r *sim.Runner, budget linearizability.Budget) {
	for _, res := range linearizability.CheckAll(&r.History, budget) {
		check := Check{Name: res.Check, Verdict: Passed, Detail: res.Detail}
		switch res.Verdict {
		case linearizability.Violated:
			check.Verdict = Violated
		case linearizability.Unknown:
			check.Verdict = Unknown
		}
		o.Checks = append(o.Checks, check)
	}
}

func (o *Outcome) reached(v *invariant.View, want []string) {
	for _, s := range invariant.Sometimes() {
		if v.Seen.Has(s.Bit) {
			o.Reached = append(o.Reached, s.Name)
		}
	}
	o.Reached = append(o.Reached, o.sights...)
	for _, name := range want {
		if contains(o.sights, name) {
			continue
		}
		if c, ok := invariant.Lookup(name); (!ok || !v.Seen.Has(c.Bit)) && !contains(o.Missed, name) {
			o.Missed = append(o.Missed, name)
		}
	}
}

// conclude applies the order of precedence: violated, no progress, threshold,
// vacuous, unknown.
func (o *Outcome) conclude(r *sim.Runner) {
	for _, v := range []Verdict{Violated, NoProgress, Failed} {
		if c := o.first(v); c != nil {
			o.Verdict, o.Broken = v, c
			return
		}
	}
	if r.Counts().Writes == 0 {
		o.Missed = append(o.Missed, NoWrite)
	}
	if len(o.Missed) > 0 {
		o.Verdict = Vacuous
		o.Broken = &Check{Name: "vacuous", Verdict: Vacuous, Detail: "never reached: " + strings.Join(o.Missed, ", ")}
		return
	}
	if c := o.first(Unknown); c != nil {
		o.Verdict, o.Broken = Unknown, c
		return
	}
	o.Verdict = Passed
}

// first returns the first check with verdict v.
func (o *Outcome) first(v Verdict) *Check {
	for i := range o.Checks {
		if o.Checks[i].Verdict == v {
			return &o.Checks[i]
		}
	}
	return nil
}
