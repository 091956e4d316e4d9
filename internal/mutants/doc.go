// Package mutants measures the checkers: it changes the protocol packages mechanically,
// one place at a time, and counts how many of the changes are noticed.
//
//	go run ./internal/mutants/cmd --seed 1 --count 300 --jobs 2 --report internal/mutants/REPORT.md
//
// takes about a quarter of an hour on two processors. Interrupted, or with --limit, it goes on where
// it was when it is called again; results of other code or of another budget are thrown
// away. --list prints all mutants, --only zab/leader.go draws from some.
//
// Find looks for sites: a condition to negate, an ordered comparison to shift by one, a
// statement to drop, two neighbouring effects to swap. Rewrite makes copies of the files
// in which each site asks whether it is the one that is changed (package pick), and Build
// lays them over the right ones while it builds one program, child, with all of them in
// it. So no file of the repository changes, and none of them knows of mutants. Measure
// draws a sample by a seed and starts one process for each mutant of it, since a process
// is one mutant as a whole. What that does is package hunt: fuzz, searches, recordings,
// clients that come and go, data directories, each of a fixed budget in steps. Only a step that does not end, or takes all memory, is
// told by a clock or a meter, as "hangs" and "memory".
//
// A mutant is caught if a check fails, if nothing commits after all was healed, if a run
// does not end or is another when repeated, if the code panics, if a real server answered
// something else, or if a sometimes-property that right code reaches in 20 runs and more
// is never reached. The right code must pass all that first.
//
// A survivor is judged by a person, in judgments.txt, under a key that has no line in it,
// so that it outlives edits elsewhere:
//   - equivalent: nobody can tell it from the right code; it does not count at all.
//   - legal: it does something else that breaks no promise. It counts as not caught, and
//     the report says how the share is without those, too.
//   - hole: it is wrong, and we do not see it: a check or a driver is missing.
//
// The report, REPORT.md, is generated from the results and the judgments. It has no dates
// and no times.
package mutants
