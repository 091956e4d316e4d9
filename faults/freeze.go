package faults

import (
	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
)

// freeze CLIENT: the process of a client hangs, as by a long collection of garbage.
var freeze = sim.FaultKind{
	Name: "freeze",
	Doc: "the process of a client stands still, as by a long collection of garbage; no ping leaves it, what arrives waits " +
		"in its socket, and when it goes on, everything overdue happens at once",
	Survive: "everything that was committed; the session ends only when the servers have heard nothing for its time-out, its " +
		"ephemeral nodes end with it and not before, and the client is told once it goes on; until then it believes " +
		"that it holds what others may hold by now",
	Color:  "#756BB1",
	Check:  checkClient,
	Draw:   func(*plan.Plan, keyed.Draw) []string { return nil }, // see drawn
	Inject: func(r *sim.Runner, k int, f *plan.Fault) { r.Freeze(k, r.Client(k, f.Args[0])) },
	Heal:   func(r *sim.Runner, k int, _ *plan.Fault) { r.Thaw(k) },
}
