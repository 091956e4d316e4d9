package faults

import (
	"zabsim/sim"
	"zabsim/sim/plan"
)

// disk-error TARGET: one write that the disk refuses.
var diskError = sim.FaultKind{
	Name: "disk-error",
	Doc: "the next disk operation of a server fails: if it is a write of an epoch file the role ends (ZOOKEEPER-2307), " +
		"otherwise the process exits, since ZooKeeper takes it for a severe unrecoverable error; healing starts it again",
	Survive: "everything that was committed: nobody was told that the write was done",
	Color:   "#843C39",
	Check:   checkOne,
	Inject:  func(r *sim.Runner, k int, f *plan.Fault) { r.FailDisk(k, r.Target(k, f.Args[0])) },
	Heal:    func(r *sim.Runner, k int, _ *plan.Fault) { r.HealDisk(k) },
}
