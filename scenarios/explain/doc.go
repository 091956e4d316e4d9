// Package explain tells in words why a run ended as it did, and where two runs part.
//
// Explain runs a plan again and looks on: it keeps every event, and what each event
// made of the servers (the marks). From the check that broke first it names two facts
// that contradict each other, follows both back through everything that can have
// influenced them, and keeps of that what concerns the transactions, epochs and servers
// at issue. Then it asks from which event on there was no way out: it runs the plan up
// to earlier and earlier events and lets the rest of the run be drawn anew
// (sim.Reroll).
//
// Diff runs two plans in lock step and stops at the first event that differs.
//
// Nothing here decides a verdict: package scenarios does.
package explain
