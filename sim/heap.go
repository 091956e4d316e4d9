package sim

import "zabsim/zab/host"

// entry is a choice with the time at which it is due. Entries of one instant are
// shuffled by tie, a keyed hash. An entry whose gen is not the present one of
// what it names is stale and is skipped.
type entry struct {
	at     host.Time
	tie    uint32
	gen    uint32
	cause  uint64
	choice Choice
}

func (e *entry) before(f *entry) bool { return e.at < f.at || e.at == f.at && e.tie < f.tie }

// eventQueue is a 4-ary heap of small values.
type eventQueue struct{ h []entry }

func (q *eventQueue) len() int { return len(q.h) }

func (q *eventQueue) push(e entry) {
	q.h = append(q.h, e)
	i := len(q.h) - 1
	for i > 0 {
		p := (i - 1) / 4
		if !e.before(&q.h[p]) {
			break
		}
		q.h[i] = q.h[p]
		i = p
	}
	q.h[i] = e
}

func (q *eventQueue) pop() entry {
	top := q.h[0]
	n := len(q.h) - 1
	last := q.h[n]
	q.h = q.h[:n]
	if n > 0 {
		q.sink(last)
	}
	return top
}

// sink puts e at the root and lets it down.
func (q *eventQueue) sink(e entry) {
	n, i := len(q.h), 0
	for {
		first := 4*i + 1
		if first >= n {
			break
		}
		best := first
		for c := first + 1; c < min(first+4, n); c++ {
			if q.h[c].before(&q.h[best]) {
				best = c
			}
		}
		if !q.h[best].before(&e) {
			break
		}
		q.h[i] = q.h[best]
		i = best
	}
	q.h[i] = e
}
