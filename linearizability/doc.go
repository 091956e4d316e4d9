// Package linearizability judges what clients saw: does a recorded history keep
// the promises that ZooKeeper makes?
//
// Its one entry is [CheckAll]: a history.History in, one [Result] per check out.
// The promises are of three sorts (ZooKeeper's "consistency guarantees"): writes
// are linearizable; the operations of one session take effect in program order;
// every read shows a state that existed. Reads are local and may be stale, so a
// plain read is never compared with other clients' clocks. A sync-read joins the
// linearizable ones only if the recorder vouches that no other server led
// meanwhile (history.Op.Deposed): a deposed leader may answer a sync by itself.
//
//	linearizable-writes  a search, by porcupine, for an order of each key's operations
//	zxid-order           the order is known, replies carry it: replay it
//	session-monotonic    no session ever goes back
//	read-your-writes     a session sees its own writes
//	reads-see-writes     every value read was written, and was there at that zxid
//
// zxid-order is cheaper and stronger than the search; the search is there because
// it does not believe the zxids. Both have their own sequential register with
// versions. Nothing here shares code with the tree that they judge.
//
// What clients of recipes did (History.Calls) is judged by [CheckTree], which CheckAll
// calls when there is any. Where the recorder knew what was committed (History.Truth),
// answers are compared with package reference, transaction by transaction:
//
//	tree-writes         every answer is the model's, and is among what was committed once
//	tree-reads          every read shows the state at its zxid
//	tree-ephemerals     ephemeral nodes live as long as their session
//	tree-watches        events have causes, come in time, and none is missing
//
// These need no such knowledge, though some of them claim more with it:
//
//	tree-real-time      what was answered earlier has the smaller zxid
//	tree-sessions       no session ever goes back
//	tree-program-order  a session sees its own order, and its own writes
//	tree-syncs          a sync that is vouched for brings its server up to date
//	tree-sequences      the numbers of sequential nodes rise
//	tree-linearizable   a search for an order of updates, and of reads behind a sync
//
// Package reference is a second implementation of the tree, naive and independent.
//
// A verdict has three values. Unknown means that the budget ran out: neither
// green nor red. Budgets count steps, never time, and every check is single-file
// (one key after the other, in sorted order), so a verdict and its step count are
// the same on every machine.
//
// What a recorder owes the checks: the reply header's zxid of every answered
// operation, failed writes included; version and mzxid of every successful one.
// Written values should be unique per key; where they are not, less is claimed.
//
// Operations of unknown outcome may take effect at any later time or never; no
// check claims anything that one of them could explain.
//
// The package imports history, reference, porcupine, and the leaves that name history's
// numbers (zab/host, zab/txn, zab/zxid); never sim, zab or tree.
package linearizability
