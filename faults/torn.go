package faults

import (
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// torn TARGET: a power failure in the middle of a write.
var torn = sim.FaultKind{
	Name: "torn",
	Doc: "a server crashes during the next fsync of its log and leaves the last record half written; recovery ends the " +
		"log before it; healing starts the server again",
	Survive: "everything that was committed; nobody was told that the record is durable",
	Color:   "#7F7F7F",
	Waits:   true,
	Check:   checkOne,
	Inject:  func(r *sim.Runner, k int, f *plan.Fault) { r.ArmTear(k, r.Target(k, f.Args[0])) },
	Strike:  func(r *sim.Runner, _ int, _ *plan.Fault, id quorum.ServerID) { r.Crash(id, "torn") },
	Heal:    func(r *sim.Runner, k int, _ *plan.Fault) { r.Restart(r.TargetOf(k)) },
}
