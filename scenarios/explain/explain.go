package explain

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"zabsim/linearizability"
	"zabsim/linearizability/history"
	"zabsim/scenarios"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// Defaults of Options.
const (
	DefaultRolls  = 16
	DefaultBudget = 40 // times the rolls
)

// Options say how to explain.
type Options struct {
	// Rolls is how many re-rolls an event is judged by; 0: DefaultRolls, below 0: the
	// point of no return is not looked for.
	Rolls int
	// Budget is how many re-rolls there are in all; 0: DefaultBudget times Rolls.
	Budget int
	// Stale explains what a plan gives even if that is not what it expects.
	Stale bool
	// Settings are those that the plan is judged by. Its sink sees the first run only.
	Settings scenarios.Settings
	// Context ends the work early, with its error; nil: nothing does.
	Context context.Context
}

func (o *Options) err() error {
	if o.Context == nil {
		return nil
	}
	return o.Context.Err()
}

// Check is the broken check.
type Check struct {
	Name   string `json:"name"`
	Doc    string `json:"doc,omitempty"`
	Source string `json:"source,omitempty"`
	Text   string `json:"text"`            // what it found
	Event  uint64 `json:"event,omitempty"` // where; 0: only the end of the run showed it
}

// Explanation is why a run ended as it did. Of a run that passed, is vacuous or unknown
// only the first fields are set.
type Explanation struct {
	Scenario    string            `json:"scenario"`
	Seed        uint64            `json:"seed"`
	Servers     int               `json:"servers"`
	Bugs        string            `json:"bugs,omitempty"`
	Verdict     scenarios.Verdict `json:"verdict"`
	Exit        int               `json:"exit"`
	Events      uint64            `json:"events"`
	Fingerprint string            `json:"fingerprint"`
	Stale       bool              `json:"stale,omitempty"` // the plan expects something else

	Checked int                `json:"checked"` // checks that passed
	Reached []string           `json:"reached"`
	Missing []Missed           `json:"missing,omitempty"`
	Others  []Check            `json:"others,omitempty"`  // broken later, or undecided
	Excused []Excused          `json:"excused,omitempty"` // broken, and of no weight
	Broken  *Check             `json:"broken,omitempty"`
	Facts   []Fact             `json:"facts,omitempty"`
	Past    []Line             `json:"past,omitempty"`
	PastOf  int                `json:"pastOf,omitempty"` // events of the whole causal past
	States  []State            `json:"states,omitempty"` // just after the later fact
	Fate    *Fate              `json:"fate,omitempty"`
	Shown   uint64             `json:"shown,omitempty"` // the event of States
	Outcome *scenarios.Outcome `json:"-"`
}

// Excused is a broken check that does not count, and why.
type Excused struct {
	Check
	By string `json:"by"` // ByPlan or ByScenario
}

// What excuses a broken check.
const (
	ByPlan     = "plan"     // its faults are unsafe, and it names the check
	ByScenario = "scenario" // it holds other checks only
)

// Missed is what a vacuous run never reached.
type Missed struct {
	Name string `json:"name"`
	Doc  string `json:"doc,omitempty"`
}

// StaleError says that a plan no longer gives what it expects.
type StaleError struct{ Want, Got plan.Expect }

// Error says what is to be done.
func (e *StaleError) Error() string {
	return fmt.Sprintf("the plan is stale: it expects %s, and gives %s", expectText(e.Want), expectText(e.Got))
}

// DiffersError says that two runs of one plan differ.
type DiffersError struct{ First, Second string }

// Error says how.
func (e *DiffersError) Error() string {
	return fmt.Sprintf("not deterministic: two runs of this plan differ: the first gave %s, the second %s", e.First, e.Second)
}

func expectText(e plan.Expect) string {
	text := fmt.Sprintf("%s events, fingerprint %016x, verdict %s", number(e.Events), e.Fingerprint, e.Verdict)
	if e.Check != "" {
		text += " by " + e.Check
	}
	return text
}

// Explain runs p twice, and parts of it many times more, and tells why it ended as it
// did. It returns a *StaleError or a *DiffersError if p does not give what it expects,
// or not always the same; any other error is that of the context.
func Explain(p *plan.Plan, o Options) (*Explanation, error) {
	x := &explainer{plan: p, opt: o, w: newWitness()}
	if err := x.run(); err != nil {
		return nil, err
	}
	if err := x.again(); err != nil {
		return nil, err
	}
	e := x.summary()
	if x.out.Broken == nil || x.out.Verdict != scenarios.Violated && x.out.Verdict != scenarios.NoProgress {
		return e, nil
	}
	x.contradiction(e)
	var err error
	if o.Rolls >= 0 {
		e.Fate, err = x.fate(e)
	}
	return e, err
}

// explainer is one explanation under way.
type explainer struct {
	plan *plan.Plan
	opt  Options
	w    *witness
	out  *scenarios.Outcome
	// last is the event by which the contradiction was complete.
	last uint64
}

// run runs the plan and judges it.
func (x *explainer) run() error {
	set := x.opt.Settings
	set.Sink = trace.Multi(x.w, set.Sink)
	r := scenarios.Start(x.plan, set)
	x.w.begin(r.Runner)
	for r.Step() {
		if err := x.opt.err(); err != nil {
			r.Close()
			return err
		}
	}
	r.Run() // which ends it
	x.out = r.Judge()
	return nil
}

// again asks whether the plan gives what it expects, or else the same twice.
func (x *explainer) again() error {
	got, want := x.out.Plan.Expect, x.plan.Expect
	if got == want {
		return nil
	}
	set := x.opt.Settings
	set.Sink = nil
	second := scenarios.Execute(x.plan, set).Plan.Expect
	switch {
	case second != got:
		return &DiffersError{expectText(got), expectText(second)}
	case want == (plan.Expect{}) || x.opt.Stale:
		return nil
	}
	return &StaleError{want, got}
}

// summary tells what there is to tell of any run.
func (x *explainer) summary() *Explanation {
	o := x.out
	e := &Explanation{
		Scenario: x.plan.Scenario, Seed: x.plan.Seed, Servers: x.plan.Quorum.All().Len(), Verdict: o.Verdict, Exit: o.Verdict.Exit(),
		Events: o.Run.Events(), Fingerprint: fmt.Sprintf("%016x", uint64(o.Run.Fingerprint())),
		Stale: x.plan.Expect != (plan.Expect{}) && x.plan.Expect != o.Plan.Expect, Reached: o.Reached, Outcome: o,
	}
	if x.plan.Bugs != (bug.Set{}) {
		e.Bugs = bug.Names(x.plan.Bugs)
	}
	for _, name := range o.Missed {
		doc := known(name).Doc
		if name == scenarios.NoWrite {
			doc = "No client ever heard that a write of its had succeeded."
		}
		e.Missing = append(e.Missing, Missed{name, doc})
	}
	for i := range o.Checks {
		c := &o.Checks[i]
		switch {
		case c.Verdict == scenarios.Passed:
			e.Checked++
		case c.Verdict == scenarios.Excused:
			by := ByScenario
			if slices.Contains(x.plan.Excuse, c.Name) {
				by = ByPlan
			}
			e.Excused = append(e.Excused, Excused{Check{Name: c.Name, Text: plain(c.Detail)}, by})
		case c != o.Broken:
			e.Others = append(e.Others, Check{Name: c.Name, Text: string(c.Verdict) + ", " + plain(c.Detail)})
		}
	}
	if c := o.Broken; c != nil && c.Verdict != scenarios.Vacuous {
		doc, source := promise(c.Name)
		e.Broken = &Check{Name: c.Name, Doc: doc, Source: source, Text: plain(c.Detail)}
	}
	return e
}

// contradiction finds the two facts and their past.
func (x *explainer) contradiction(e *Explanation) {
	s := newIssue(nil)
	if v, at := x.violation(e.Broken.Name); v != nil {
		t := &tale{x.w, v, at}
		if at < x.out.Run.Events() || known(v.Check).Kind != invariant.KindEventually {
			e.Broken.Event = at
		}
		e.Broken.Text, s.facts = v.Text, t.facts()
		s.servers = v.Servers
		s.add(v.Zxid)
	} else {
		x.history(s, e.Broken)
	}
	for _, f := range s.facts {
		x.last = max(x.last, f.Event)
	}
	if x.last == 0 {
		x.last = x.out.Run.Events()
	}
	c := x.shoot(x.last, s.servers)
	if e.States, e.Shown = c.after, x.last; c.part != "" {
		if partsTell(e.Broken.Name) {
			s.facts = s.facts[:1]
		}
		s.facts = append(s.facts, Fact{0, c.part})
		s.zxids = map[zxid.Zxid]bool{}
		s.add(c.goesOn[0].Txn.Zxid)
		s.add(c.goesOn[1].Txn.Zxid)
	}
	s.learn(x.w)
	e.Facts = s.facts
	e.Past, e.PastOf = s.past(x.w)
}

// partsTell tells whether a check compares whole histories: where they part says more
// than what the other server did last.
func partsTell(check string) bool {
	return check == "process-consistency" || check == "history-consistency"
}

func known(name string) invariant.Check {
	c, _ := invariant.Lookup(name)
	return c
}

// violation returns the violation of an invariant, and its event; nil if the check is
// none of the invariants.
func (x *explainer) violation(name string) (*invariant.Violation, uint64) {
	list := x.out.Run.View.Violations
	for i := range list {
		if list[i].Check == name {
			return &list[i], x.out.Run.Found(i).Event
		}
	}
	return nil, 0
}

// history finds the operations that contradict each other.
func (x *explainer) history(s *issue, c *Check) {
	h := &x.out.Run.History
	budget := x.opt.Settings.Budget
	if budget.Steps == 0 {
		budget = linearizability.DefaultBudget
	}
	for _, res := range linearizability.CheckAll(h, budget) {
		if res.Check == c.Name {
			for _, i := range res.Ops {
				x.opFact(s, &h.Ops[i], x.w.ops[i])
			}
		}
	}
	for _, i := range callsIn(c.Text, len(h.Calls)) {
		x.callFact(s, &h.Calls[i], x.w.calls[i])
	}
	if n := len(s.facts); n > factsMax {
		s.facts = append(s.facts[:factsMax], Fact{0, fmt.Sprintf("and %d more operations", n-factsMax)})
	}
	if len(s.facts) == 0 {
		s.facts = []Fact{{0, c.Text}}
		s.servers = x.plan.Quorum.All()
	}
}

// factsMax bounds the operations that are told: to show that no order explains some
// answers may take many.
const factsMax = 6

func (x *explainer) opFact(s *issue, op *history.Op, at span) {
	text := fmt.Sprintf("%s; asked at #%d, answered by %v", op, at.asked, op.Server)
	event := at.answered
	if event == 0 {
		event, text = at.asked, fmt.Sprintf("%s; asked %v", op, op.Server)
	}
	s.facts = append(s.facts, Fact{event, text})
	s.servers = s.servers.With(serverOr(op.Server))
	if op.Kind.IsWrite() {
		s.add(op.Zxid)
	} else {
		s.add(op.Mzxid)
		s.epochs[op.Zxid.Epoch()] = true
	}
}

func (x *explainer) callFact(s *issue, c *history.Call, at span) {
	text := fmt.Sprintf("c%d %s", c.Client, c.Name)
	if c.Req != nil {
		text += " " + c.Req.Path
	}
	text += " -> " + c.Outcome.String()
	if c.Zxid != 0 {
		text += " at " + c.Zxid.String()
	}
	s.facts = append(s.facts, Fact{max(at.answered, at.asked), fmt.Sprintf("%s; asked at #%d, of %v", text, at.asked, c.Server)})
	s.servers = s.servers.With(serverOr(c.Server))
	s.add(c.Zxid)
}

func serverOr(id quorum.ServerID) quorum.ServerID { return max(id, 1) }

var opNumber = regexp.MustCompile(`#(\d+) \(client`)

// plain keeps the numbers of operations from being taken for those of events.
func plain(text string) string { return opNumber.ReplaceAllString(text, "operation $1 (client") }

var callNumber = regexp.MustCompile(`\bcall (\d+) \(`)

// callsIn returns the calls of recipes that the text of a check names.
func callsIn(text string, n int) (list []int) {
	for _, m := range callNumber.FindAllStringSubmatch(text, -1) {
		if i, err := strconv.Atoi(m[1]); err == nil && i < n {
			list = append(list, i)
		}
	}
	return list
}
