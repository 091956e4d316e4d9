package linearizability

import (
	"fmt"
	"slices"

	"zabsim/linearizability/history"
)

// wild is the set of states that a node may be in, given what open writes may
// have done so far. It takes open writes of a kind for equal and conditional ones
// for unconditional, so it holds every state that is possible, and some more.
type wild struct {
	at                     []possible // ascending by state
	old                    []possible // as it was before the last answer
	free                   int        // open writes sent so far
	sets, creates, removes bool       // their kinds
}

// possible is a state and the least number of open writes that lead to it.
type possible struct {
	s    state
	used int
}

// release adds an open write: from here on it may take effect.
func (w *wild) release(op *history.Op) {
	w.free++
	switch {
	case op.Kind == history.Create:
		w.creates = true
	case op.Kind.Removes():
		w.removes = true
	default:
		w.sets = true
	}
}

// spread adds what the open writes may turn the states into.
func (w *wild) spread(m *meter) bool {
	if w.free == 0 {
		return true
	}
	for n := 0; n < len(w.at); n++ { // grows while it is walked
		if !m.take() {
			return false
		}
		p := w.at[n]
		if p.used >= w.free {
			continue
		}
		again := n + 1
		if p.s == absent && w.creates {
			again = min(again, w.add(present(0, 0), p.used+1))
		}
		if p.s != absent && w.sets {
			again = min(again, w.add(present(0, p.s.version()+1), p.used+1))
		}
		if p.s != absent && w.removes {
			again = min(again, w.add(absent, p.used+1))
		}
		n = again - 1
	}
	w.merge() // sorts
	return true
}

// add puts a state into the set, unless a way that is as cheap is known, and
// returns its place if it must be walked (again).
func (w *wild) add(s state, used int) int {
	for n := range w.at {
		if w.at[n].s != s {
			continue
		}
		if w.at[n].used <= used {
			return len(w.at)
		}
		w.at[n].used = used
		return n
	}
	w.at = append(w.at, possible{s, used})
	return len(w.at) - 1
}

// answer keeps the states in which the node could have given the answer, and
// moves them on.
func (w *wild) answer(c *call, m *meter) bool {
	w.at, w.old = w.old[:0], w.at
	for _, p := range w.old {
		if !m.take() {
			return false
		}
		if after, ok := c.answered(p.s); ok {
			w.at = append(w.at, possible{after, p.used})
		}
	}
	w.merge()
	return true
}

// merge joins equal states that different ways have led to.
func (w *wild) merge() {
	slices.SortFunc(w.at, func(a, b possible) int {
		switch {
		case a.s < b.s:
			return -1
		case a.s > b.s:
			return 1
		}
		return a.used - b.used
	})
	w.at = slices.CompactFunc(w.at, func(a, b possible) bool { return a.s == b.s })
}

// states writes a set for a message: "absent", "at version 3", "at version 3 or 4".
func states(at []possible) string {
	text := ""
	for n, p := range at {
		if n > 0 {
			text += " or "
		}
		if n == 4 && len(at) > 5 {
			return text + fmt.Sprintf("%d other states", len(at)-n)
		}
		if p.s == absent {
			text += "absent"
		} else {
			text += fmt.Sprintf("at version %d", p.s.version())
		}
	}
	return text
}
