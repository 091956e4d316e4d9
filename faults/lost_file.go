package faults

import (
	"zabsim/sim"
	"zabsim/sim/plan"
)

// lost-file TARGET file=NAME: an operator's slip, or a broken file system.
var lostFile = sim.FaultKind{
	Name:    "lost-file",
	Doc:     "a server crashes and a file of its data directory is gone: the log, the newest snapshot, or an epoch file; healing starts it again, if it can",
	Survive: unsafeSurvive,
	Color:   "#637939",
	Unsafe:  true,
	Check:   checkFile,
	Draw:    drawFile,
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		x := options(f, "file")
		file, _ := sim.ParseFile(x.get("file"))
		r.LoseFile(r.Victim(k, x.words[0]), file)
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.Restart(r.TargetOf(k)) },
}
