package linearizability

import (
	"fmt"
	"slices"

	"zabsim/linearizability/history"
	"zabsim/zab/host"
	"zabsim/zab/zxid"
)

// checkZxidOrder takes ZooKeeper at its word: replies carry zxids, and the order
// of zxids is the order of the writes. It demands that no two writes share a zxid,
// that a write which began after another had returned has the greater zxid, and
// that replaying each node's writes in that order gives the same answers. Between
// two answered writes an open one may have taken effect if it was sent before the
// later one could be proposed; what that could explain is not claimed.
//
// Source: protocol facts 14 (updates are totally ordered by zxid, real-time order
// kept) and 14.1 (zxid-order); Zab paper, total order and primary order.
func checkZxidOrder(h *history.History, keys []key, b Budget) Result {
	m := &meter{limit: b.Steps}
	writes := make([]int, 0, len(h.Ops)) // answered by a transaction
	for i := range h.Ops {
		if op := &h.Ops[i]; op.Kind.IsWrite() && op.Observes() {
			writes = append(writes, i)
		}
	}
	if r, bad := checkZxidsUnique(h, writes, m); bad {
		return r
	}
	floors, r, bad := checkZxidsInTime(h, writes, m)
	if bad {
		return r
	}
	for i := range keys {
		if r, bad := replay(h, &keys[i], floors, m); bad {
			return r
		}
	}
	return m.passed(ZxidOrder, fmt.Sprintf("%d transactions on %d keys replay to the same answers", len(writes), len(keys)))
}

// checkZxidsUnique demands one transaction per write, and that a node's mzxid in a
// write's reply is that transaction.
func checkZxidsUnique(h *history.History, writes []int, m *meter) (Result, bool) {
	sorted := slices.Clone(writes)
	byZxid(h, sorted)
	for n, i := range sorted {
		op := &h.Ops[i]
		switch {
		case !m.take():
			return m.unknown(ZxidOrder), true
		case op.Zxid == 0:
			return m.violated(ZxidOrder, fmt.Sprintf("%s was answered without a zxid", describe(h, i)), i), true
		case n > 0 && h.Ops[sorted[n-1]].Zxid == op.Zxid:
			return m.violated(ZxidOrder, fmt.Sprintf("%s and %s have the same zxid",
				describe(h, sorted[n-1]), describe(h, i)), sorted[n-1], i), true
		case op.Outcome == history.Ok && op.Mzxid != 0 && op.Mzxid != op.Zxid:
			return m.violated(ZxidOrder, fmt.Sprintf("%s: the node says that it was last modified at %s",
				describe(h, i), op.Mzxid), i), true
		}
	}
	return Result{}, false
}

// checkZxidsInTime demands that zxids respect real time. It returns, for each
// operation, the greatest zxid whose reply had returned before it began: whatever
// the operation does happens after that.
func checkZxidsInTime(h *history.History, writes []int, m *meter) ([]zxid.Zxid, Result, bool) {
	returns := slices.Clone(writes)
	slices.SortFunc(returns, func(a, b int) int { return compareTime(h.Ops[a].Return, h.Ops[b].Return, a-b) })
	begins := make([]int, len(h.Ops))
	for i := range begins {
		begins[i] = i
	}
	slices.SortFunc(begins, func(a, b int) int { return compareTime(h.Ops[a].Invoke, h.Ops[b].Invoke, a-b) })

	floors := make([]zxid.Zxid, len(h.Ops))
	next, latest := 0, -1
	for _, i := range begins {
		if !m.take() {
			return nil, m.unknown(ZxidOrder), true
		}
		op := &h.Ops[i]
		for ; next < len(returns) && h.Ops[returns[next]].Return < op.Invoke; next++ {
			if latest < 0 || h.Ops[returns[next]].Zxid > h.Ops[latest].Zxid {
				latest = returns[next]
			}
		}
		if latest < 0 {
			continue
		}
		floors[i] = h.Ops[latest].Zxid
		if op.Kind.IsWrite() && op.Observes() && op.Zxid <= floors[i] {
			return nil, m.violated(ZxidOrder, fmt.Sprintf("%s began after %s had returned, but has the smaller zxid",
				describe(h, i), describe(h, latest)), latest, i), true
		}
	}
	return floors, Result{}, false
}

// compareTime orders by time, then by tie.
func compareTime(a, b host.Time, tie int) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return tie
}

// replay runs one node's answered writes through the register in zxid order.
func replay(h *history.History, k *key, floors []zxid.Zxid, m *meter) (Result, bool) {
	var order, open []int
	for _, i := range k.ops {
		switch op := &h.Ops[i]; {
		case isOpen(op):
			open = append(open, i)
		case op.Kind.IsWrite() && op.Observes():
			order = append(order, i)
		}
	}
	byZxid(h, order)
	slices.SortStableFunc(open, func(a, b int) int {
		switch {
		case floors[a] < floors[b]:
			return -1
		case floors[a] > floors[b]:
			return 1
		}
		return 0
	})
	w := wild{at: []possible{{s: absent}}}
	if h.Preset {
		w.at[0].s = present(0, 0)
	}
	last, released := -1, 0
	for _, i := range order {
		op := &h.Ops[i]
		for ; released < len(open) && floors[open[released]] < op.Zxid; released++ {
			w.release(&h.Ops[open[released]])
		}
		if !w.spread(m) {
			return m.unknown(ZxidOrder), true
		}
		c := call{kind: op.Kind, failed: op.Outcome == history.Fail, err: op.Err, expect: op.Expect, version: op.Version}
		if !w.answer(&c, m) {
			return m.unknown(ZxidOrder), true
		}
		if len(w.at) == 0 {
			ops := []int{i}
			if last >= 0 {
				ops = append(ops, last)
			}
			return m.violated(ZxidOrder, fmt.Sprintf("%s contradicts the transactions before it, which leave the node %s",
				describe(h, i), states(w.old)), ops...), true
		}
		if op.Outcome == history.Ok {
			last = i
		}
	}
	return Result{}, false
}
