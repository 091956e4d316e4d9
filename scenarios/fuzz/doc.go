// Package fuzz runs campaigns: many seeds of some scenarios, around each of which a
// swarm is drawn, and makes small what fails.
//
// Go is the entry point. It gives runs to workers, each with a world of its own, and
// puts what comes back into the result in the order of the runs, so that the result is a
// function of the seed and of how many runs were started. A Run is drawn by Draw, or
// varied (mutate) from a plan of the pool, which holds those that have reached something
// new; the pool that a run may draw from is that of two batches ago, so it is the same
// for any number of workers. Every twentieth run is repeated, and must be the same.
//
// Failures with one Signature, the property and the kinds of the last events in the
// causal past of its violation, are one Finding with its smallest witness, and Minimise
// makes the plan of that small. Package corpus, below, keeps plans for later builds.
package fuzz
