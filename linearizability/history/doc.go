// Package history records what clients asked and what they were told.
//
// Its one type is [History], an append-only list of [Op]. The simulator calls
// Invoke when a client sends and Complete when the client learns the outcome;
// both only touch a slice, so recording costs next to nothing. Text is made
// once, at the end of a run, by WriteJSON (history.jsonl), and read by ReadJSON.
//
// The text is JSON lines: a header, then one line per event in time order, an
// "invoke" and later exactly one of "ok" (took effect), "fail" (certainly had no
// effect) or "info" (nobody knows). The same reader takes the histories that were
// recorded from real ZooKeeper ensembles; there a client that met an unknown
// outcome goes on as process p+100, and session and nemesis lines are passed over.
//
// Times are compared as closed intervals: two operations that touch at one
// instant overlap. Only a strictly earlier return claims an order.
//
// The package is pure: no clock, no goroutine, no map iteration, no floats. It
// imports the leaves zab/txn, zab/zxid, zab/host and zab/quorum and nothing else
// of zabsim; judging a history is the business of package linearizability.
package history
