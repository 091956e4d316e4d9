// Package explore visits every state that a small ensemble can reach: breadth
// first, over the very World that the simulator runs, with each possible choice
// applied to each state. Its central function is Run.
//
// A state is a tuple of interned components: each server, disk, directed queue and
// client, and the ghost history, is stored once and named by a 4-byte id; what is
// left (connection states, timers, budgets) sits raw in the tuple. Only the states
// of the level under way and of the next one are kept as tuples; of all others the
// fingerprint in the visited set is what remains: 64 bits, or 128 on request. Both
// lie outside the memory of the garbage collector and grow without being copied, and
// a level grows in the room of the one that is being expanded.
//
// Components are told apart by hashes of 64 bits whatever the width: a wide
// fingerprint is two sums of the same hashes, mixed in two ways. There are far fewer
// components than states; ComponentCollision says what that risk is.
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
// A search ends cleanly at a limit, on request, and before it takes too much memory;
// then all schedules up to Result.Depth are known, and a checkpoint lets it go on.
// There, components are kept as what made them: a state and a choice.
//
// That is the search by levels. Others go deep first, or walk at random (Strategy);
// sleep and ample sets leave out what other choices make superfluous (Reduction); and
// Liveness looks for states from which nothing commits any more. A model may begin in
// a Situation, and may elect by notifications in place of the oracle (Election). Of
// these, package path writes down what was found.
//
// Levels and the visited set lie outside the memory that the garbage collector looks
// after. A checkpoint holds them, and of each component the choice that made it, by
// which it is made again.
//
// Rules:
//   - Counts do not depend on workers, nor on the memo. Reference, which copies
//     whole worlds and knows none of this, must agree.
//   - Which path leads to a state first does depend on workers. So a violation's
//     path comes from a second run: one worker, bounded by the depth of the first.
//   - Nothing here has a time limit, and the clock is only for progress and for when a
//     checkpoint is due. Budgets of states and of depth are looked at between levels,
//     so they end every search of a model at the same state; memory and Stop may cut a
//     level. A result that is not Complete is no proof.
//
// What a search leaves out, World.Enabled says.
//
// The package is a driver: it may use goroutines and locks. It imports sim and
// what a World is made of, never package scenarios or anything above.
package explore
