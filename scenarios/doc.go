// Package scenarios holds the named scenarios and what a run of one is judged by.
//
// A Scenario is plain data: an ensemble, a load, a timetable of faults or the
// wish to draw some, and a one-sentence claim. Scenario and seed make a
// sim/plan.Plan; Execute runs any plan and judges it: the invariants of every
// step, the second act, the checks of the history, and whether anything happened
// at all. Execute is the only judge, for the command line, for tests and for
// sweeps.
package scenarios
