package faults

import (
	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
)

// hangup CLIENT: the connection of a client breaks, and its session moves.
var hangup = sim.FaultKind{
	Name: "hangup",
	Doc: "the connection of a client breaks; what was on its way vanishes, each end learns of it in its own time, and the " +
		"client takes its session to the next server; nothing happens to a client that has no connection",
	Survive: "everything that was committed; the session ends only after its time-out without word, its ephemeral nodes end " +
		"with it and not before, and once it has moved, its requests through the old server are refused",
	Color:   "#31A354",
	Instant: true,
	Check:   checkClient,
	Draw:    func(*plan.Plan, keyed.Draw) []string { return nil }, // see drawn
	Inject:  func(r *sim.Runner, k int, f *plan.Fault) { r.HangUp(r.Client(k, f.Args[0])) },
	Heal:    func(*sim.Runner, int, *plan.Fault) {},
}
