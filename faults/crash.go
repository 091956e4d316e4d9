package faults

import (
	"fmt"
	"strings"

	"zabsim/internal/keyed"
	"zabsim/internal/nearest"
	"zabsim/sim"
	"zabsim/sim/plan"
)

// crash TARGET [keep=all|some|none]: the process stops at once.
var crash = sim.FaultKind{
	Name: "crash",
	Doc: "the process of a server stops at once; of what it had not synced the disk keeps all, some (a prefix, " +
		"the next record perhaps torn) or none; healing starts it again",
	Survive: "everything that was committed; the ensemble serves again while a quorum runs",
	Color:   "#D62728",
	Check: func(p *plan.Plan, f *plan.Fault) error {
		rest, err := oneTarget(p, f)
		if err != nil {
			return err
		}
		return checkKeep(f, rest)
	},
	Draw: func(_ *plan.Plan, d keyed.Draw) []string {
		return []string{drawTarget(d), "keep=" + []string{"all", "some", "some", "none"}[d.Next().Below(4)]}
	},
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		r.Crash(r.Target(k, f.Args[0]), keepOf(f.Args[1:]))
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.Restart(r.TargetOf(k)) },
}

// checkKeep checks that options are nothing or keep=all, some or none.
func checkKeep(f *plan.Fault, options []string) error {
	if len(options) == 0 {
		return nil
	}
	keep, ok := strings.CutPrefix(options[0], "keep=")
	if !ok {
		return fmt.Errorf("%s takes keep=all, keep=some or keep=none, not %q", f.Name, options[0])
	}
	if keep != "all" && keep != "some" && keep != "none" {
		return fmt.Errorf("keep=%s%s: all, some or none is wanted", keep, nearest.Hint(keep, []string{"all", "some", "none"}))
	}
	return noOptions(f, options[1:])
}

// keepOf returns what keep= says, "all" if nothing does.
func keepOf(options []string) string {
	if len(options) > 0 {
		if keep, ok := strings.CutPrefix(options[0], "keep="); ok {
			return keep
		}
	}
	return "all"
}
