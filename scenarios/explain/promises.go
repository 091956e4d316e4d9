package explain

import (
	"fmt"
	"strings"

	"zabsim/linearizability"
	"zabsim/scenarios"
	"zabsim/sim/invariant"
)

// promises are those of the checks that judge a whole history: they have no entry in
// package invariant.
var promises = []struct{ check, doc, source string }{
	{linearizability.LinearizableWrites, "The writes on a node, and the reads that come right behind a sync, have an order which explains all answers and keeps real time.", "ZooKeeper's guarantees, atomicity and sequential consistency; protocol.md 6.5 and 14"},
	{linearizability.ZxidOrder, "The order of the zxids in the replies is the order of the writes: each has one of its own, real time is kept, and replaying them gives the same answers.", "protocol.md 14 and 14.1; Zab paper, total order and primary order"},
	{linearizability.SessionMonotonic, "What one session is shown never goes back.", "ZooKeeper's guarantees, single system image; protocol.md 14"},
	{linearizability.ReadYourWrites, "A session's read shows its own last write, or something newer.", "ZooKeeper's guarantees, sequential consistency; protocol.md 14"},
	{linearizability.ReadsSeeWrites, "Each read, fresh or stale, shows what some write put there, and the node as it was at the zxid in the read's header.", "protocol.md 8.6 and 14.1; Zab paper, integrity"},
	{linearizability.TreeWrites, "Each update that was answered was committed once, with that answer.", "ZooKeeper's guarantees, atomicity and reliability"},
	{linearizability.TreeReads, "Each read gives what the tree was at the zxid in its header.", "protocol.md 8.6 and 14.1"},
	{linearizability.TreeRealTime, "What began after an answer has a greater zxid than what was answered.", "protocol.md 14"},
	{linearizability.TreeSessions, "What one session is shown never goes back.", "ZooKeeper's guarantees, single system image"},
	{linearizability.TreeProgram, "The updates of a session are committed in the order in which it asked for them.", "ZooKeeper's guarantees, sequential consistency"},
	{linearizability.TreeSyncs, "A sync, and what is read behind it, misses nothing that was answered before the sync began.", "protocol.md 6.5"},
	{linearizability.TreeEphemerals, "Ephemeral nodes go with their session, and not before.", "ZooKeeper's guarantees, ephemeral nodes"},
	{linearizability.TreeWatches, "A watch fires once, in order, and before its client can see the change.", "ZooKeeper's guarantees, watches"},
	{linearizability.TreeSequences, "The numbers of sequential nodes below one parent rise.", "ZooKeeper's guarantees, sequence nodes"},
	{linearizability.TreeLinearizable, "The updates of each part of the tree have an order that explains all answers.", "ZooKeeper's guarantees, atomicity"},
}

// promise returns what a check demands, and where that is promised; "" if it is one
// that a recipe brings along.
func promise(check string) (doc, source string) {
	if c, ok := invariant.Lookup(check); ok {
		return c.Doc, c.Source
	}
	for _, p := range promises {
		if p.check == check {
			return p.doc, p.source
		}
	}
	if t, ok := scenarios.ThresholdOf(check); ok {
		return demand(t), "the thresholds of the scenario"
	}
	return "", ""
}

// demand says in words what a threshold limits, and by how much.
func demand(t scenarios.Threshold) string {
	limit := map[string]string{"<": "less than ", "<=": "at most ", ">": "more than ", ">=": "at least "}[t.Op] + t.Value(t.Limit)
	if t.Func == "count" {
		of := t.Of
		switch t.Of {
		case "ops":
			of = "operations that were answered"
		case "writes", "reads":
			of += " that were answered"
		case "failovers":
			of = "fail-overs"
		case "commits":
			of = "transactions that were committed"
		}
		return fmt.Sprintf("The number of %s must be %s.", of, limit)
	}
	things, one := "operations", "An operation lasts from its start to its answer."
	switch t.Of {
	case "failover":
		things, one = "fail-overs", "A fail-over lasts from the fault to the first write after it that a client was told of."
	case "write", "read":
		things = t.Of + "s"
	}
	measure := "The time that " + strings.TrimPrefix(t.Func, "p") + " % of the " + things + " do not exceed must be"
	switch t.Func {
	case "min":
		measure = "The shortest of the " + things + " must take"
	case "max":
		measure = "The longest of the " + things + " must take"
	}
	return fmt.Sprintf("%s %s. %s", measure, limit, one)
}
