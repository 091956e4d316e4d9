package faults

import (
	"fmt"
	"strings"

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
		if err != nil || len(rest) == 0 {
			return err
		}
		keep, ok := strings.CutPrefix(rest[0], "keep=")
		if !ok {
			return fmt.Errorf("crash takes keep=all, keep=some or keep=none, not %q", rest[0])
		}
		if keep != "all" && keep != "some" && keep != "none" {
			return fmt.Errorf("keep=%s%s: all, some or none is wanted", keep, nearest.Hint(keep, []string{"all", "some", "none"}))
		}
		return noOptions(f, rest[1:])
	},
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		keep := "all"
		if len(f.Args) > 1 {
			keep = strings.TrimPrefix(f.Args[1], "keep=")
		}
		r.Crash(r.Target(k, f.Args[0]), keep)
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.Restart(r.TargetOf(k)) },
}
