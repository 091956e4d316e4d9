package explain

import (
	"zabsim/scenarios"
	"zabsim/sim"
	"zabsim/sim/invariant"
)

// reroll runs the plan with another future and tells what becomes of a check in it.
func (x *explainer) reroll(check string, re sim.Reroll) throw {
	set := scenarios.Settings{Budget: x.opt.Settings.Budget, Reroll: re, EventsMax: 4*x.out.Run.Events() + rerollSlack}
	r := scenarios.Start(x.plan, set)
	was, at := x.violation(check)
	if at == 0 { // the history must tell
		r.Run()
		return historyThrow(r.Judge(), check)
	}
	for x.opt.err() == nil && r.Step() {
		if v := brokenIn(r.View, check); v != nil {
			r.Close()
			return compare(v, was)
		}
	}
	r.Run() // the checks of the end
	if v := brokenIn(r.View, check); v != nil {
		return compare(v, was)
	}
	return throwEscapes
}

// rerollSlack is how many events more than four times its own a run may take in
// another future; one that never ends has not broken the check.
const rerollSlack = 100_000

func compare(v, was *invariant.Violation) throw {
	if v.Zxid.Epoch() == was.Zxid.Epoch() && v.Servers == was.Servers {
		return throwSame
	}
	return throwOther
}

func brokenIn(v *invariant.View, check string) *invariant.Violation {
	for i := range v.Violations {
		if v.Violations[i].Check == check {
			return &v.Violations[i]
		}
	}
	return nil
}

func historyThrow(o *scenarios.Outcome, check string) throw {
	for _, c := range o.Checks {
		if c.Name == check && (c.Verdict == scenarios.Violated || c.Verdict == scenarios.NoProgress) {
			return throwOther
		}
	}
	return throwEscapes
}
