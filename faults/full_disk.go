package faults

import (
	"zabsim/sim"
	"zabsim/sim/plan"
)

// full-disk TARGET: no space left on device.
var fullDisk = sim.FaultKind{
	Name:    "full-disk",
	Doc:     "every disk operation of a server fails until the fault heals; a process that has exited for it is started again then",
	Survive: "everything that was committed; from its first write on the server is out until there is space again",
	Color:   "#7B4173",
	Check:   checkOne,
	Inject:  func(r *sim.Runner, k int, f *plan.Fault) { r.FillDisk(k, r.Target(k, f.Args[0])) },
	Heal:    func(r *sim.Runner, k int, _ *plan.Fault) { r.HealDisk(k) },
}
