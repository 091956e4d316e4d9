package faults

import (
	"fmt"

	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// stepMax bounds a jump of the wall clock.
const stepMax = 10_000 * host.Second

// step TARGET by=DURATION: somebody sets the clock.
var step = sim.FaultKind{
	Name:    "step",
	Doc:     "the wall clock of a server jumps forward or back; only the time field of transactions shows it, since time-outs use a clock that does not jump",
	Survive: "everything",
	Color:   "#DBDB8D",
	Check: func(p *plan.Plan, f *plan.Fault) error {
		x, err := read(f, "by")
		if err == nil {
			err = x.one(p)
		}
		if err == nil {
			_, err = stepBy(&x)
		}
		return err
	},
	Draw: func(_ *plan.Plan, d keyed.Draw) []string {
		by := host.Duration(d.Next().Skewed(1, 3_600_000)) * host.Millisecond
		sign := ""
		if d.Next().Next().Chance(1, 2) {
			sign = "-"
		}
		return []string{drawTarget(d), "by=" + sign + plan.FormatDuration(by)}
	},
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		x := options(f, "by")
		by, _ := stepBy(&x)
		r.StepClock(k, r.Target(k, x.words[0]), by)
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealStep(k) },
}

func stepBy(x *given) (host.Duration, error) {
	text, sign := x.get("by"), host.Duration(1)
	if len(text) > 1 && text[0] == '-' {
		text, sign = text[1:], -1
	}
	d, err := plan.ParseDuration(text)
	if !x.has("by") || err != nil || d == 0 || d > stepMax || d%host.Millisecond != 0 {
		return 0, fmt.Errorf("by=%s: a time in whole milliseconds is wanted, forward (by=5s) or back (by=-5s), at most %s", x.get("by"), plan.FormatDuration(stepMax))
	}
	return sign * d, nil
}
