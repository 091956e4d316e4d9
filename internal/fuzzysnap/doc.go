// Package fuzzysnap searches all the ways in which a snapshot can be taken while
// transactions go on: between the copying of any two nodes any update of a small
// alphabet may be applied. When the snapshot is complete the server restarts: it
// loads the snapshot, replays the log since its beginning, and must come to the tree
// that it had in memory, with all children lists, access lists, counters and sessions.
//
// There is no model in it. The leader's validation (tree.Prep), the tree, its dump and
// recovery (zab.Recover) are those of the servers. A state is the log and what the dump
// holds; two schedules that come to the same state go on as one.
package fuzzysnap
