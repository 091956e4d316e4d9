package linearizability

import (
	"fmt"
	"sort"

	"zabsim/linearizability/history"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// placed tells whether the zxid in the reply of an update is its own: failures that a
// server finds without asking the leader have the zxid of some state.
func placed(c *history.Call) bool {
	if c.Req == nil || !c.Req.Op.IsUpdate() || !c.Outcome.Known() || c.Zxid == 0 {
		return false
	}
	switch c.Result.Err {
	case txn.OK, txn.NoNode, txn.NodeExists, txn.BadVersion, txn.NotEmpty:
		return true
	}
	return false
}

// sessionCalls lists the calls that left their client, session by session, each in the
// order in which the client sent them. The sessions are in the order of their first call.
func sessionCalls(h *history.History) [][]int {
	place := map[txn.SessionID]int{}
	var list [][]int
	for i := range h.Calls {
		c := &h.Calls[i]
		if c.Req == nil || !c.Sent || c.Req.Cxid == 0 {
			continue
		}
		n, ok := place[c.Req.Session]
		if !ok {
			n = len(list)
			place[c.Req.Session] = n
			list = append(list, nil)
		}
		list[n] = append(list[n], i)
	}
	for _, calls := range list {
		sort.SliceStable(calls, func(i, k int) bool { return h.Calls[calls[i]].Req.Cxid < h.Calls[calls[k]].Req.Cxid })
	}
	return list
}

// checkTreeProgram demands that what a session does takes effect in the order in which
// it was sent: answers come back in it, updates are committed in it, and a read shows
// what its session was told that it wrote.
//
// Source: ZooKeeper, "Consistency Guarantees", sequential consistency; protocol facts
// 8.3 (a session is first in, first out) and 14.1 (read-your-writes).
func checkTreeProgram(h *history.History, b Budget) Result {
	m := &meter{limit: b.Steps}
	committed := map[same]zxid.Zxid{}
	for _, t := range h.Truth {
		// A lost update that comes late through the old server is refused (SESSIONMOVED).
		if refused := t.Op == txn.OpError || t.More != nil && anyFailed(t.More.Ops); !refused && t.Cxid != 0 {
			committed[same{t.Session, t.Cxid}] = t.Zxid
		}
	}
	sessions := sessionCalls(h)
	for _, calls := range sessions {
		s := ownOrder{h: h, committed: committed, answer: -1, update: -1, wrote: map[string]int{}}
		for _, i := range calls {
			if !m.take() {
				return m.unknown(TreeProgram)
			}
			if why, other := s.next(i); why != "" {
				return m.violated(TreeProgram, fmt.Sprintf("%s %s %s", describeCall(h, i), why, describeCall(h, other)))
			}
		}
	}
	return m.passed(TreeProgram, fmt.Sprintf("%d sessions see their own order", len(sessions)))
}

// ownOrder is what is known of a session so far.
type ownOrder struct {
	h         *history.History
	committed map[same]zxid.Zxid
	answer    int // the last call that was answered, -1 if none
	update    int // the last update with a place in the order
	last      zxid.Zxid
	wrote     map[string]int // by path: the session's last acknowledged write of the node
}

// next takes the session's next call, and says how and with which earlier one it is at odds.
func (s *ownOrder) next(i int) (string, int) {
	c := &s.h.Calls[i]
	if c.Outcome.Known() {
		if s.answer >= 0 && c.Turn != 0 && c.Turn < s.h.Calls[s.answer].Turn {
			return "was answered before an earlier request of its session,", s.answer
		}
		s.answer = i
	}
	if c.Req.Op.IsUpdate() && c.Req.Op != txn.OpCloseSession {
		z, known := s.committed[same{c.Req.Session, c.Req.Cxid}]
		if !known && placed(c) {
			z, known = c.Zxid, true
		}
		if known && s.update >= 0 && z <= s.last {
			return fmt.Sprintf("has zxid %s, before an earlier update of its session,", z), s.update
		}
		if known {
			s.update, s.last = i, z
		}
	}
	if c.Outcome != history.Ok {
		return "", -1
	}
	if mz, ok := shown(c); ok {
		if w, wrote := s.wrote[c.Req.Path]; wrote && mz < s.h.Calls[w].Zxid {
			return fmt.Sprintf("shows the node as of %s and misses", mz), w
		}
	}
	if path, ok := written(c); ok {
		s.wrote[path] = i
	}
	return "", -1
}

// shown returns the zxid of the last write of the node that a read shows.
func shown(c *history.Call) (zxid.Zxid, bool) {
	switch c.Req.Op {
	case txn.OpGetData, txn.OpExists, txn.OpGetChildren2, txn.OpGetACL:
		return c.Result.Stat.Mzxid, true
	}
	return 0, false
}

// written returns the node whose mzxid a successful update has set, or which it has
// deleted: one that is read afterwards was made later.
func written(c *history.Call) (string, bool) {
	switch {
	case c.Req.Op.IsCreate() && c.Result.More != nil:
		return c.Result.More.Path, true
	case c.Req.Op == txn.OpSetData, c.Req.Op == txn.OpDelete:
		return c.Req.Path, true
	}
	return "", false
}

// checkTreeSyncs demands that a sync which ZooKeeper vouches for brings its server up
// to all that anybody had been told before the sync began, and that what its session
// reads afterwards is no older. A sync that may have been answered by a deposed leader,
// or by a leader for itself, promises nothing; without ghost knowledge none does.
//
// Source: protocol facts 6.5 and 14.1 (sync-read), ZOOKEEPER-1675.
func checkTreeSyncs(h *history.History, b Budget) Result {
	m := &meter{limit: b.Steps}
	if !h.Ghost {
		return m.passed(TreeSyncs, "nobody knows which syncs are vouched for")
	}
	var syncs, ends []int
	for i := range h.Calls {
		c := &h.Calls[i]
		if vouched(c) {
			syncs = append(syncs, i)
		}
		if placed(c) {
			ends = append(ends, i)
		}
	}
	sort.SliceStable(syncs, func(i, k int) bool { return h.Calls[syncs[i]].Invoke < h.Calls[syncs[k]].Invoke })
	sort.SliceStable(ends, func(i, k int) bool { return h.Calls[ends[i]].Return < h.Calls[ends[k]].Return })
	next, newest := 0, -1
	for _, i := range syncs {
		if !m.take() {
			return m.unknown(TreeSyncs)
		}
		for next < len(ends) && h.Calls[ends[next]].Return < h.Calls[i].Invoke {
			if newest < 0 || h.Calls[ends[next]].Zxid > h.Calls[newest].Zxid {
				newest = ends[next]
			}
			next++
		}
		if newest >= 0 && h.Calls[i].Zxid < h.Calls[newest].Zxid {
			return m.violated(TreeSyncs, fmt.Sprintf("%s misses %s, which was answered before it began", describeCall(h, i), describeCall(h, newest)))
		}
	}
	reads := 0
	for _, calls := range sessionCalls(h) {
		last := -1
		for _, i := range calls {
			if !m.take() {
				return m.unknown(TreeSyncs)
			}
			c := &h.Calls[i]
			switch {
			case vouched(c):
				last = i
			case last >= 0 && c.Outcome.Known() && c.Zxid != 0 && isRead(c.Req.Op):
				if reads++; c.Zxid < h.Calls[last].Zxid {
					return m.violated(TreeSyncs, fmt.Sprintf("%s is older than %s before it", describeCall(h, i), describeCall(h, last)))
				}
			}
		}
	}
	return m.passed(TreeSyncs, fmt.Sprintf("%d syncs and %d reads behind them are fresh", len(syncs), reads))
}

// vouched tells whether a call is a sync that is a barrier.
func vouched(c *history.Call) bool {
	return c.Req != nil && c.Req.Op == txn.OpSync && c.Outcome == history.Ok && c.Zxid != 0 && !c.Unvouched
}
