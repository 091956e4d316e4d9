package conform

import (
	"slices"
	"strings"

	"zabsim/internal/conform/trace"
	"zabsim/zab/txn"
)

// This file is the one place that says where ZooKeeper itself races, and what is
// let pass there. It is the list of the recordings' README ("How determinism was
// checked"), and nothing else is let pass anywhere.
//
// Orders that come from a Java hash set and carry no meaning:
//
//  1. closeSession.deleted: compared as a set (comparer.set). So the events of one
//     closing session with several ephemeral nodes come in any order.
//  2. Several deletions of one pass of the container manager: each takes a zxid, so
//     these zxids are interchangeable ever after, and the events come in any order.
//  3. The entries that an access list of scheme auth expands to when the connection
//     has several identities.
//
// Outcomes that depend on which of two threads is faster:
//
//  4. Events to a session that is being expired: its connection may be closed first.
//  5. What is pipelined behind a close: answered, or cut off.
//  6. addAuth in a pipeline overtakes requests that were sent before it.
//  7. setACL in a pipeline: requests behind it on the same node are checked against
//     the old list until it is applied.
//  8. Writes in a pipeline under an enforced quota: the check reads the usage without
//     the writes that are pending. (In one multi that is no race: no member's check
//     sees the members before it.)
//
// After 5 to 8 the states may differ, so both outcomes can't be followed: if
// something differs in such a step, the trace ends there and is listed by name as
// ended by a race, which is no mismatch.

// allowed is what may differ in one step.
type allowed struct {
	anyOrder bool   // 1, 2: events come in any order
	authACL  bool   // 3: an earlier request had a list of scheme auth
	ends     string // 5 to 8: why a difference ends the trace
}

// races tells what may differ in a step.
func races(st *trace.Step, quota, authACL bool) allowed {
	a := allowed{authACL: authACL}
	deleted := 0
	for i := range st.Txns {
		t := &st.Txns[i]
		if len(t.Deleted) > 1 {
			a.anyOrder = true
		}
		if t.Type == txn.OpDeleteContainer.String() && t.Session == trace.Server {
			deleted++
		}
	}
	a.anyOrder = a.anyOrder || deleted > 1
	if st.Op.Name == "pipeline" {
		a.ends = racingPipeline(st.Op.Ops, quota)
	}
	return a
}

// racingPipeline says which race the operations are, if any.
func racingPipeline(ops []trace.Op, quota bool) string {
	for i := range ops {
		behind := ops[i+1:]
		switch {
		case ops[i].Code == txn.OpCloseSession && len(behind) > 0:
			return "requests pipelined behind a close"
		case ops[i].Code == txn.OpAuth && len(ops) > 1:
			return "addAuth pipelined with other requests"
		case ops[i].Code == txn.OpSetACL && touches(behind, ops[i].Path):
			return "setACL pipelined with later requests on the same node"
		}
	}
	if quota && updates(ops) > 1 {
		return "writes pipelined under an enforced quota"
	}
	return ""
}

// touches tells whether one of the operations is about the node at path, or makes or
// deletes a child of it.
func touches(ops []trace.Op, path string) bool {
	for i := range ops {
		p := ops[i].Path
		if p == path || p[:max(strings.LastIndexByte(p, '/'), 0)] == strings.TrimSuffix(path, "/") && ops[i].Code.IsUpdate() ||
			touches(ops[i].Ops, path) {
			return true
		}
	}
	return false
}

// updates counts the writes, those inside of multis too.
func updates(ops []trace.Op) int {
	n := 0
	for i := range ops {
		switch {
		case ops[i].Ops != nil:
			n += updates(ops[i].Ops)
		case ops[i].Code.IsUpdate():
			n++
		}
	}
	return n
}

// order returns events so that what may come in any order comes in one. A connection
// that closes stays where it is.
func (a *allowed) order(events []trace.Event) []trace.Event {
	if !a.anyOrder {
		return events
	}
	sorted := slices.Clone(events)
	for from := 0; from < len(sorted); {
		to := from
		for to < len(sorted) && sorted[to].Type != trace.ConnectionClosed {
			to++
		}
		slices.SortFunc(sorted[from:to], func(a, b trace.Event) int { return strings.Compare(short(a), short(b)) })
		from = to + 1
	}
	return sorted
}

// orderStream is order for the events between two replies of a pipeline.
func (a *allowed) orderStream(items []trace.Item) []trace.Item {
	if !a.anyOrder {
		return items
	}
	sorted := slices.Clone(items)
	for from := 0; from < len(sorted); {
		to := from
		for to < len(sorted) && sorted[to].Event != nil {
			to++
		}
		slices.SortFunc(sorted[from:to], func(a, b trace.Item) int { return strings.Compare(short(*a.Event), short(*b.Event)) })
		from = to + 1
	}
	return sorted
}

// sameACL compares access lists; neighbours with equal permissions and scheme digest
// may be exchanged if they can come from an entry of scheme auth.
func (a *allowed) sameACL(want, got []txn.ACL) bool {
	if want == nil || got == nil || len(want) != len(got) {
		return false
	}
	if slices.Equal(want, got) {
		return true
	}
	return a.authACL && slices.Equal(sortDigests(want), sortDigests(got))
}

func sortDigests(list []txn.ACL) []txn.ACL {
	list = slices.Clone(list)
	for from := 0; from < len(list); {
		to := from + 1
		for to < len(list) && list[from].Scheme == "digest" && list[to].Scheme == "digest" && list[to].Perms == list[from].Perms {
			to++
		}
		slices.SortFunc(list[from:to], func(a, b txn.ACL) int { return strings.Compare(a.ID.ID, b.ID.ID) })
		from = to
	}
	return list
}

// hasAuthACL tells whether an access list of op has an entry of scheme auth.
func hasAuthACL(op *trace.Op) bool {
	for i := range op.ACL {
		if op.ACL[i].Scheme == "auth" {
			return true
		}
	}
	for i := range op.Ops {
		if hasAuthACL(&op.Ops[i]) {
			return true
		}
	}
	return false
}

// pairContainers reorders the container deletions in got like those in want, and
// tells the mapping that their zxids are interchangeable (2).
func pairContainers(want, got []trace.Txn, zxids *Mapping) []trace.Txn {
	isDeletion := func(t *trace.Txn) bool {
		return t.Type == txn.OpDeleteContainer.String() && t.Session == trace.Server
	}
	var places []int
	for i := range want {
		if isDeletion(&want[i]) && i < len(got) && isDeletion(&got[i]) {
			places = append(places, i)
		}
	}
	if len(places) < 2 {
		return got
	}
	got = slices.Clone(got)
	for k, i := range places {
		for _, j := range places[k:] {
			if got[j].Path == want[i].Path {
				got[i].Path, got[j].Path = got[j].Path, got[i].Path
				break
			}
		}
	}
	zxids.exchange(want[places[0]].Zxid, want[places[len(places)-1]].Zxid)
	return got
}

// withoutExpiring leaves the watch events of a session out that is being expired (4).
func withoutExpiring(list []trace.Delivery, session string) []trace.Delivery {
	var kept []trace.Delivery
	for _, d := range list {
		if d.Session == session {
			d.Events = slices.DeleteFunc(slices.Clone(d.Events), func(e trace.Event) bool { return e.Type != trace.ConnectionClosed })
		}
		if len(d.Events) > 0 {
			kept = append(kept, d)
		}
	}
	return kept
}
