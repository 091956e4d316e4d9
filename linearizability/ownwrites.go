package linearizability

import (
	"fmt"

	"zabsim/linearizability/history"
	"zabsim/zab/txn"
)

// checkReadYourWrites demands that a read which follows an acknowledged write of
// the same session shows that write or a later one.
//
// Source: ZooKeeper, "Consistency Guarantees", sequential consistency; protocol
// facts 8.3 (a session's read waits for its writes before it) and 14.1.
func checkReadYourWrites(h *history.History, keys []key, b Budget) Result {
	m := &meter{limit: b.Steps}
	reads := 0
	for n := range keys {
		k := &keys[n]
		own := map[uint64]int{} // by session: its last acknowledged write; looked up, never walked
		for _, i := range k.ops {
			if !m.take() {
				return m.unknown(ReadYourWrites)
			}
			op := &h.Ops[i]
			if changed(op) {
				own[op.Session] = i
				continue
			}
			w, wrote := own[op.Session]
			if !wrote || !op.Kind.IsRead() || !op.Observes() {
				continue
			}
			reads++
			if why := forgets(op, &h.Ops[w], k.removable); why != "" {
				return m.violated(ReadYourWrites, fmt.Sprintf("session %#x wrote %s, then %s: %s",
					op.Session, describe(h, w), describe(h, i), why), w, i)
			}
		}
	}
	return m.passed(ReadYourWrites, fmt.Sprintf("%d reads show what their session wrote", reads))
}

// forgets says how a read misses an earlier write of its session, or "". The
// version counts only if the node was never removed: it starts again at 0.
func forgets(read, write *history.Op, removable bool) string {
	if read.Outcome == history.Fail {
		if read.Err == txn.NoNode && !write.Kind.Removes() && !removable {
			return "the node is gone, though nobody removes it"
		}
		return ""
	}
	switch {
	case read.Mzxid != 0 && read.Mzxid < write.Zxid:
		return fmt.Sprintf("the node is as of %s", read.Mzxid)
	case !removable && read.Version < write.Version:
		return "the version is older"
	}
	return ""
}
