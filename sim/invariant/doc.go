// Package invariant judges a run of an ensemble: what must always hold, what
// should happen sometimes, and what must happen after healing.
//
// Its central type is View. The world keeps the View's statuses and disk facts
// up to date and calls Judge for each Event; Judge runs the checks registered
// for that kind of event on the ghost as it was before, then teaches the ghost
// what happened. The ghost is history that no server holds: who broadcast what,
// what was decided, what a serving server has shown. It survives crashes, is
// plain content, and can be cloned and fingerprinted, so that a search may keep
// it as one more component of its states.
//
// Histories are compared by chain (zab.ChainNext), never entry by entry: equal
// chains at a zxid mean equal histories up to it. So each check costs O(1) or
// O(servers), apart from a binary search when a guess misses.
//
// Words. A history is broadcast if an established leader proposed its last
// transaction on top of it. It is decided once a leader said so: by committing,
// or by becoming established with it. It is committed if it is decided and lies
// on the one path that all decisions must share. It is delivered once a server
// applied it as committed, or began to serve with it in its tree. A server that
// merely replays its log delivers nothing.
//
// Rules for the caller:
//   - Of one step, feed the probes first, in program order, then EvAck and
//     EvStatus. Disk facts change, and EvDisk is fed, before the server is told.
//   - An ensemble that starts with a common history calls Ghost.Start.
//   - Events are read during Judge only. Nothing but the transactions' chains is
//     kept.
//
// To add a check, write <name>.go with a Check that cites its source, add it to
// registry, and write a bad world that trips it and no other.
//
// The package is pure: no clock, goroutine, map, float or I/O. It imports zab,
// its leaves, internal/fp and the standard library.
package invariant
