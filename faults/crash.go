package faults

import (
	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
)

// crash TARGET [keep=all|some|none]: the process stops at once.
var crash = sim.FaultKind{
	Name: "crash",
	Doc: "the process of a server stops at once; of the records that it had not synced the disk keeps all, some (a " +
		"prefix) or none, and of the next one perhaps a half; healing starts it again",
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
