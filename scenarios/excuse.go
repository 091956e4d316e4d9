package scenarios

import (
	"fmt"
	"slices"

	"zabsim/internal/nearest"
	"zabsim/linearizability"
	"zabsim/linearizability/history"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
)

// CheckNames returns the names of all checks by which runs are judged: the
// invariants, then the checks of the history.
func CheckNames() []string {
	var names []string
	for _, c := range invariant.All() {
		names = append(names, c.Name)
	}
	for _, r := range linearizability.CheckAll(&history.History{}, linearizability.DefaultBudget) {
		names = append(names, r.Check)
	}
	return names
}

// CheckExcuse returns an error if p excuses a check that does not exist. The text
// of a plan knows no checks, so whoever runs one asks before it does.
func CheckExcuse(p *plan.Plan) error {
	known := CheckNames()
	for _, name := range p.Excuse {
		if !slices.Contains(known, name) {
			return fmt.Errorf("excuse: there is no check %q%s", name, nearest.Hint(name, known))
		}
	}
	return nil
}

// excuse marks the broken checks that the plan's unsafe faults may break. They
// stay in the list with what was found, and decide nothing.
func (o *Outcome) excuse(p *plan.Plan) {
	for i := range o.Checks {
		c := &o.Checks[i]
		if (c.Verdict == Violated || c.Verdict == NoProgress) && slices.Contains(p.Excuse, c.Name) {
			c.Verdict = Excused
		}
	}
}

// hold leaves the verdict to the checks that a scenario holds; nil: to all. Another
// one that is broken stays in the list with what was found. One that no run of the
// scenario is judged by makes the run vacuous: nobody looked at it.
func (o *Outcome) hold(names []string) {
	if names == nil {
		return
	}
	judged := map[string]bool{}
	for i := range o.Checks {
		c := &o.Checks[i]
		judged[c.Name] = true
		if (c.Verdict == Violated || c.Verdict == NoProgress || c.Verdict == Unknown) && !slices.Contains(names, c.Name) {
			c.Verdict = Excused
		}
	}
	for _, name := range names {
		if !judged[name] {
			o.Missed = append(o.Missed, "anything that "+name+" looks at")
		}
	}
}
