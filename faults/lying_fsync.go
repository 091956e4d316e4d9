package faults

import (
	"zabsim/sim"
	"zabsim/sim/plan"
)

// lying-fsync TARGET: a disk with a write cache and no battery.
var lyingFsync = sim.FaultKind{
	Name:    "lying-fsync",
	Doc:     "fsyncs of a server's log report that they are done while nothing is durable; a crash before the fault heals may lose what was reported",
	Survive: unsafeSurvive,
	Color:   "#5254A3",
	Unsafe:  true,
	Check:   checkOne,
	Inject:  func(r *sim.Runner, k int, f *plan.Fault) { r.LyingFsync(k, r.Victim(k, f.Args[0])) },
	Heal:    func(r *sim.Runner, k int, _ *plan.Fault) { r.HealLying(k) },
}
