package faults

import (
	"zabsim/sim"
	"zabsim/sim/plan"
)

// restart TARGET: what an operator does during an upgrade.
var restart = sim.FaultKind{
	Name:    "restart",
	Doc:     "a server is stopped, its disk keeps everything it wrote, and it is started again when the fault heals",
	Survive: "everything that was committed; clients of other servers lose service only if the leader is restarted, or if the others are no quorum",
	Color:   "#FF7F0E",
	Check:   checkOne,
	Inject:  func(r *sim.Runner, k int, f *plan.Fault) { r.Crash(r.Target(k, f.Args[0]), "all") },
	Heal:    func(r *sim.Runner, k int, _ *plan.Fault) { r.Restart(r.TargetOf(k)) },
}
