// Package sim is the world that ZooKeeper servers live in, and time.
//
// A World is servers, connections, disks and clients as one value. It offers
// choices (deliver the head of this queue, complete this fsync, fire this timer,
// crash here, ...) and applies one at a time. It knows no time and no luck.
//
// A Runner gives every choice a due time, drawn from keyed randomness when the
// choice becomes possible, and applies the earliest: a discrete-event simulation.
// Package sim/explore applies all of them: a model checker. Both run the same
// World and the same zab.Server.
//
// A server's threads are its own business at grain atomic: each input runs all of
// them dry. At grain threads each thread that has work is a choice, too, with a due
// time of its own (lanes.go).
//
// A run has three acts: faults; healing, after which a write must commit in time;
// and a last stop and start of everybody who is not part of the quorum.
//
// A client is the client library of package cnxn, and a script or a recipe that uses
// it. A recipe is blocking Go against package client; its state is what it was told
// (package coroutine). Goroutines of recipes belong to the World that runs them, not
// to its value: Close ends them. Runs have the znode tree and sessions; searches and
// stories have registers and no sessions, unless they ask.
//
// Rules: no clock, no goroutine, no map, no float. A run is a function of its
// plan. Components (server, disk, queue, client) copy and name themselves, and a
// test changes each of their fields to see that neither forgets one.
package sim
