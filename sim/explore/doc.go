// Package explore visits every state that a small ensemble can reach: breadth
// first, over the very World that the simulator runs, with each possible choice
// applied to each state. Its central function is Run.
//
// A state is a tuple of interned components: each server, disk, directed queue and
// client, and the ghost history, is stored once and named by a 4-byte id; what is
// left (connection states, timers, budgets) sits raw in the tuple. Only the states
// of the level under way and of the next one are kept as tuples; of all others the
// 64-bit fingerprint in the visited set is what remains.
//
// A worker loads a tuple into a world of its own by pointers, applies a choice, and
// looks at what changed: the World asks it before it writes to a component (Own),
// and lets it run the servers' steps (Memo). The fingerprint of a tuple is a sum
// over components, so it is brought up to date and not computed. It equals
// World.Fingerprint with the ghost added.
//
// Most choices were seen before. A choice concerns one server or client, rarely
// two: it reads and writes them, their disks and timers, and the connections that
// end at them. That is its footprint. What a choice changes, given its footprint,
// is a move, and each worker remembers some thousands of them; likewise steps of
// servers, and what the judge said to given events, statuses, disks and ghost. Of
// each kind one hit in 1,024 is computed again and compared.
//
// Rules:
//   - Counts do not depend on workers, nor on the memo. Reference, which copies
//     whole worlds and knows none of this, must agree.
//   - Which path leads to a state first does depend on workers. So a violation's
//     path comes from a second run: one worker, bounded by the depth of the first.
//   - Nothing here has a time limit. A search ends when there is no new state, at a
//     violation, or when its budget of states or its depth is spent; then the
//     result is not Complete, which is no proof.
//
// What a search leaves out, World.Enabled says.
//
// The package is a driver: it may use goroutines and locks. It imports sim and
// what a World is made of, never package scenarios or anything above.
package explore
