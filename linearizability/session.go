package linearizability

import (
	"fmt"
	"slices"

	"zabsim/linearizability/history"
)

// checkSessionMonotonic demands that no session goes back: in program order, reads
// included and across reconnections, the zxids of the reply headers never
// decrease, and neither does the mzxid that the session's reads of a node show.
//
// Source: ZooKeeper, "Consistency Guarantees", single system image, which servers
// enforce with lastZxidSeen; protocol facts 14 and 14.1 (session-monotonic).
func checkSessionMonotonic(h *history.History, b Budget) Result {
	m := &meter{limit: b.Steps}
	sessions := bySession(h)
	for _, ops := range sessions {
		last := -1
		shown := map[string]int{} // looked up, never walked
		for _, i := range ops {
			op := &h.Ops[i]
			if !m.take() {
				return m.unknown(SessionMonotonic)
			}
			if !op.Outcome.Known() || op.Zxid == 0 {
				continue
			}
			if last >= 0 && op.Zxid < h.Ops[last].Zxid {
				return m.violated(SessionMonotonic, fmt.Sprintf("session %#x went back: %s came after %s",
					op.Session, describe(h, i), describe(h, last)), last, i)
			}
			last = i
			if !op.Kind.IsRead() || op.Outcome != history.Ok {
				continue
			}
			if prev, ok := shown[op.Key]; ok && op.Mzxid < h.Ops[prev].Mzxid {
				return m.violated(SessionMonotonic, fmt.Sprintf("session %#x went back: %s shows an older node than %s",
					op.Session, describe(h, i), describe(h, prev)), prev, i)
			}
			shown[op.Key] = i
		}
	}
	return m.passed(SessionMonotonic, fmt.Sprintf("%d operations in %d sessions never go back", len(h.Ops), len(sessions)))
}

// bySession lists each session's operations in program order, by session number.
func bySession(h *history.History) [][]int {
	order := make([]int, len(h.Ops))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch sa, sb := h.Ops[a].Session, h.Ops[b].Session; {
		case sa < sb:
			return -1
		case sa > sb:
			return 1
		}
		return a - b
	})
	var lists [][]int
	for n, i := range order {
		if n == 0 || h.Ops[order[n-1]].Session != h.Ops[i].Session {
			lists = append(lists, nil)
		}
		lists[len(lists)-1] = append(lists[len(lists)-1], i)
	}
	return lists
}
