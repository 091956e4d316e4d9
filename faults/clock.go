package faults

import (
	"fmt"
	"strconv"

	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// drift TARGET rate=PERMILLE: a crystal that is off, far.
var drift = sim.FaultKind{
	Name:    "drift",
	Doc:     "the clock of a server runs wrong: its timers last so many thousandths of what they should; one that runs keeps its deadline",
	Survive: "everything that was committed: ZooKeeper's safety rests on no clock; who is fast gives up early, who is slow notices late",
	Color:   "#9EDAE5",
	Check: func(p *plan.Plan, f *plan.Fault) error {
		return checkNumber(p, f, "rate", 500, 2000, " (thousandths)")
	},
	Draw: func(_ *plan.Plan, d keyed.Draw) []string {
		return []string{drawTarget(d), "rate=" + strconv.Itoa(int(d.Next().Between(500, 2000)))}
	},
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		x := options(f, "rate")
		r.Drift(k, r.Target(k, x.words[0]), must(x.number("rate", 500, 2000, 1000, "")))
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealDrift(k) },
}

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
