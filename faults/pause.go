package faults

import (
	"zabsim/sim"
	"zabsim/sim/plan"
)

// pause TARGET: a process that hangs, as by SIGSTOP or a long collection of garbage.
var pause = sim.FaultKind{
	Name: "pause",
	Doc: "the process of a server stands still: its connections stay open and its kernel buffers what arrives, but no " +
		"thread of it runs; when it goes on, everything overdue happens at once",
	Survive: "everything that was committed; a leader that hangs for longer than syncLimit ticks is replaced, and may believe for a moment that it still leads",
	Color:   "#BCBD22",
	Check:   checkOne,
	Inject:  func(r *sim.Runner, k int, f *plan.Fault) { r.Pause(k, r.Target(k, f.Args[0])) },
	Heal:    func(r *sim.Runner, k int, _ *plan.Fault) { r.Resume(k) },
}
