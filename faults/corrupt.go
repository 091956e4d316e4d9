package faults

import (
	"zabsim/sim"
	"zabsim/sim/plan"
)

// corrupt TARGET file=NAME: rotten bits.
var corrupt = sim.FaultKind{
	Name:    "corrupt",
	Doc:     "a server crashes and a file of its data directory can't be read any more: a record of the log, the newest snapshot, or an epoch file; healing starts it again, if it can",
	Survive: unsafeSurvive,
	Color:   "#8C6D31",
	Unsafe:  true,
	Check:   checkFile,
	Draw:    drawFile,
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		x := options(f, "file")
		file, _ := sim.ParseFile(x.get("file"))
		r.RotFile(k, r.Victim(k, x.words[0]), file)
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.Restart(r.TargetOf(k)) },
}
