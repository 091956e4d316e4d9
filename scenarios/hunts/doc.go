// Package hunts is the proof that the tools catch the bugs that ZooKeeper had: for
// each switch of package bug it says where the bug is hunted, how far, and what others
// have published about it.
//
// A Hunt has up to four ways. Random runs a scenario under one seed after the other
// until a run is broken. Search visits all states of the smallest model in which
// exhaustive search finds the bug. Reference compares the tree with the sequential
// model of what clients see. Own is for what needs a search of its own. A way has a
// budget in seeds, states or sequences, never in time, and a hunt is over when it is
// spent: then the bug was not caught.
//
// Which invariant may notice, the switch says itself (bug.Info.Breaks). A bug that
// another one notices is not caught.
//
// To add a bug, append a Hunt to the rows of a file rows_*.go; the tests say what is
// missing, and run each way with its budget.
//
// The package is a driver: it uses goroutines. Results do not depend on how many.
package hunts
