package linearizability

import (
	"fmt"
	"sort"

	"zabsim/linearizability/history"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// checkReadsSeeWrites demands that every read, fresh or stale, shows what some
// write put there, and the node as it was at the zxid in the read's header, as far
// as the acknowledged writes tell. Open writes may have happened in between.
//
// Source: protocol facts 14.1 (prefix reads) and 8.6 (a reply's zxid is exact
// since ZOOKEEPER-1412); Zab paper, integrity: what is delivered was broadcast.
func checkReadsSeeWrites(h *history.History, keys []key, b Budget) Result {
	m := &meter{limit: b.Steps}
	reads := 0
	for n := range keys {
		v := newViews(h, &keys[n])
		for _, i := range keys[n].ops {
			if !m.take() {
				return m.unknown(ReadsSeeWrites)
			}
			op := &h.Ops[i]
			if !op.Kind.IsRead() || !op.Observes() {
				continue
			}
			reads++
			why, other := v.absence(i)
			if op.Outcome == history.Ok {
				why, other = v.presence(i)
			}
			if why != "" {
				ops := []int{i}
				if other >= 0 {
					ops = append(ops, other)
					why += " " + describe(h, other)
				}
				return m.violated(ReadsSeeWrites, fmt.Sprintf("%s %s", describe(h, i), why), ops...)
			}
		}
	}
	return m.passed(ReadsSeeWrites, fmt.Sprintf("%d reads show what was written", reads))
}

// views is one node as its writers know it.
type views struct {
	h       *history.History
	changes []int            // acknowledged changes by zxid
	writers map[string][]int // by value: all who tried to write it; looked up, never walked
	removes []int            // open removals
	seen    map[string]int   // by value of an open write: the first read that showed it
}

func newViews(h *history.History, k *key) *views {
	v := &views{h: h, writers: map[string][]int{}, seen: map[string]int{}}
	for _, i := range k.ops {
		op := &h.Ops[i]
		if op.Kind.Writes() {
			v.writers[op.Value] = append(v.writers[op.Value], i)
		}
		if changed(op) {
			v.changes = append(v.changes, i)
		}
		if isOpen(op) && op.Kind.Removes() {
			v.removes = append(v.removes, i)
		}
	}
	byZxid(h, v.changes)
	return v
}

// before returns the last acknowledged change at or before z, or -1.
func (v *views) before(z zxid.Zxid) int {
	n := sort.Search(len(v.changes), func(n int) bool { return v.h.Ops[v.changes[n]].Zxid > z })
	if n == 0 {
		return -1
	}
	return v.changes[n-1]
}

// absence judges a read that found no node.
func (v *views) absence(i int) (string, int) {
	read := &v.h.Ops[i]
	if read.Err != txn.NoNode || read.Zxid == 0 {
		return "", -1
	}
	last := v.before(read.Zxid)
	switch {
	case last >= 0 && v.h.Ops[last].Kind.Removes(), last < 0 && !v.h.Preset:
		return "", -1
	case v.maybeRemoved(read):
		return "", -1
	case last < 0:
		return "finds no node, which was there from the start", -1
	}
	return "finds no node at that zxid, after", last
}

// maybeRemoved tells whether an open removal could have come before the read.
func (v *views) maybeRemoved(read *history.Op) bool {
	for _, r := range v.removes {
		if v.h.Ops[r].Invoke <= read.Return {
			return true
		}
	}
	return false
}

// presence judges a read that found a value.
func (v *views) presence(i int) (string, int) {
	read := &v.h.Ops[i]
	switch {
	case read.Zxid != 0 && read.Mzxid > read.Zxid:
		return fmt.Sprintf("shows a node modified at %s, which the server had not applied", read.Mzxid), -1
	case read.Zxid != 0 && read.SyncZxid > read.Zxid:
		return fmt.Sprintf("is older than its own sync at %s", read.SyncZxid), -1
	}
	if read.Zxid != 0 {
		if last := v.before(read.Zxid); last >= 0 && v.h.Ops[last].Zxid > read.Mzxid {
			return fmt.Sprintf("shows the node as of %s and misses", read.Mzxid), last
		}
	}
	return v.origin(i)
}

// origin looks for the write that the value comes from.
func (v *views) origin(i int) (string, int) {
	read := &v.h.Ops[i]
	if v.h.Preset && read.Value == "" && read.Version == 0 && read.Mzxid == 0 {
		return "", -1
	}
	why, other := "shows a value that nobody wrote", -1
	for _, w := range v.writers[read.Value] {
		op := &v.h.Ops[w]
		switch {
		case op.Invoke > read.Return:
			why, other = "shows a value before it was sent by", w
		case op.Outcome == history.Fail:
			why, other = "shows the value of a failed write:", w
		case op.Outcome == history.Ok:
			if op.Zxid == read.Mzxid && op.Version == read.Version {
				return "", -1
			}
			why, other = fmt.Sprintf("shows version %d of %s, but the value is by", read.Version, read.Mzxid), w
		default:
			if why, other = v.openOrigin(i, w); why == "" {
				return "", -1
			}
		}
	}
	return why, other
}

// openOrigin judges a value that comes from an open write: it has one place in the
// order, which is not the place of another write and fits the version asked for.
func (v *views) openOrigin(i, w int) (string, int) {
	read, write := &v.h.Ops[i], &v.h.Ops[w]
	if owner := v.before(read.Mzxid); owner >= 0 && v.h.Ops[owner].Zxid == read.Mzxid {
		return fmt.Sprintf("shows a value as of %s, which is the zxid of", read.Mzxid), owner
	}
	if write.Kind == history.CAS && write.Expect != txn.AnyVersion && read.Version != write.Expect+1 ||
		write.Kind == history.Create && read.Version != 0 {
		return fmt.Sprintf("shows version %d, which cannot come from", read.Version), w
	}
	if len(v.writers[read.Value]) > 1 {
		return "", -1
	}
	first, ok := v.seen[read.Value]
	if !ok {
		v.seen[read.Value] = i
		return "", -1
	}
	if f := &v.h.Ops[first]; f.Mzxid != read.Mzxid || f.Version != read.Version {
		return "shows the value at another version or zxid than", first
	}
	return "", -1
}
