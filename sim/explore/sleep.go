package explore

import (
	"cmp"
	"slices"
	"sync"

	"zabsim/internal/fp"
	"zabsim/sim"
)

// sleepers are the sleep sets of the states of two levels: of the one that is being
// expanded, and of the next.
//
// The sleep set Z(s) of a state holds choices that need not be made in s. An edge
// from p to s by choice a hands down {b in Z(p), or b before a and possible in p:
// b is independent of a in p}; "before" is the order of Choice.Word. Z(s) is the
// intersection of what all edges from the level above s hand down; later edges
// count for nothing. In each state the choices outside of Z are made.
//
// All states are visited, each in its level. Take a state s of level n, and of the
// paths of length n to it the one, c1 ... cn, whose list of choices is the smallest
// by that order. Suppose it is not walked, and ci is the first choice on it that
// sleeps, in the state s' that c1 ... c(i-1) lead to. The edge by c(i-1) was made,
// so ci was in what it handed down: independent of c(i-1), and either asleep one
// state higher up, where the same holds, or before c(i-1) there. Nothing sleeps at
// the start, so going up we come to some cj that ci is before, and ci is
// independent of cj, ..., c(i-1), each where it was made. So ci can be moved in
// front of cj: the path is possible, as long, leads to the same state, and is
// smaller. Contradiction.
//
// Violations are found, and at the same depth. Take the shortest paths that break a
// promise at their last choice. If the promise is one about states, see independent:
// the state is visited. Else take the smallest of these paths by the order of their
// choices, and again move ci forward. The new path breaks a promise, too, by the
// definition of independence; not before its end, as no shorter path does; and is
// smaller. Contradiction.
//
// Nothing here asks which worker was first, so counts do not depend on workers.
type sleepers struct {
	shards [sleepShards]sleepShard
	peak   uint64 // bytes
}

const sleepShards = 1 << 8

type sleepShard struct {
	mu        sync.Mutex
	now, next sleepLevel
	_         [24]byte
}

// sleepLevel keeps the sets that are not empty, by the fingerprint of their state.
type sleepLevel struct {
	at    map[fp.Hash]span
	words []uint64
}

type span struct{ from, n uint32 }

func newSleepers() *sleepers {
	s := &sleepers{}
	for i := range s.shards {
		s.shards[i].now.at, s.shards[i].next.at = map[fp.Hash]span{}, map[fp.Hash]span{}
	}
	return s
}

// of returns the sleep set of a state of the level under way. Nobody writes to it.
func (s *sleepers) of(h fp.Hash) []uint64 {
	l := &s.shards[h%sleepShards].now
	at := l.at[h]
	return l.words[at.from : at.from+at.n]
}

// arrive inserts a state, with what an edge hands down, and tells whether it is new.
// The lock makes one of both: else a second edge might find the state and not yet
// its set.
func (s *sleepers) arrive(v *visited, f finger, set []uint64) bool {
	h := f.near
	d := &s.shards[h%sleepShards]
	d.mu.Lock()
	defer d.mu.Unlock()
	l := &d.next
	if v.insert(f) {
		if len(set) > 0 {
			l.at[h] = span{uint32(len(l.words)), uint32(len(set))}
			l.words = append(l.words, set...)
		}
		return true
	}
	at, found := l.at[h]
	if !found {
		return false // of a level above, or nothing sleeps there
	}
	kept := l.words[at.from:at.from]
	for _, x := range l.words[at.from : at.from+at.n] {
		if slices.ContainsFunc(set, func(y uint64) bool { return (x^y)&^mannerBits == 0 }) {
			kept = append(kept, x)
		}
	}
	if at.n = uint32(len(kept)); at.n == 0 {
		delete(l.at, h)
	} else {
		l.at[h] = at
	}
	return false
}

// turn makes the next level the one under way.
func (s *sleepers) turn() {
	var bytes uint64
	for i := range s.shards {
		d := &s.shards[i]
		for _, l := range []*sleepLevel{&d.now, &d.next} {
			bytes += uint64(8*cap(l.words)) + 40*uint64(len(l.at))
		}
		d.now, d.next = d.next, d.now
		clear(d.next.at)
		d.next.words = d.next.words[:0]
	}
	s.peak = max(s.peak, bytes)
}

// A word of a sleep set is a choice's, with its manner in bits that Word leaves free.
const (
	mannerShift = 24
	mannerBits  = 0xFF << mannerShift
)

func (a *act) word() uint64 { return a.choice.Word() | uint64(a.manner)<<mannerShift }

// asleep reads a word of a sleep set of the state under way.
func (k *worker) asleep(w uint64) act {
	a := act{choice: sim.ChoiceOf(w &^ mannerBits), manner: manner(w >> mannerShift)}
	a.ends, _ = k.ends(a.choice)
	a.reach = k.reachOf(a.ends)
	return a
}

// sleep is a worker's scratch.
type sleep struct {
	set  []act // what sleeps in the state under way
	done []act // what was made there
	down []uint64
}

// expandAwake is expand, but for what sleeps in the state that was loaded. Choices
// are made in the order of their words, so that all that is before one is known.
func (k *worker) expandAwake(v *visited, s *sleepers) {
	z := &k.sleep
	z.set, z.done = z.set[:0], z.done[:0]
	for _, w := range s.of(k.from.sum.Hash()) {
		z.set = append(z.set, k.asleep(w))
	}
	k.choices = k.world.Enabled(k.choices[:0], k.m.cfg.Options)
	slices.SortFunc(k.choices, func(a, b sim.Choice) int { return cmp.Compare(a.Word(), b.Word()) })
	for _, c := range k.choices {
		if slices.ContainsFunc(z.set, func(a act) bool { return a.choice == c }) {
			k.work.Slept++
			continue
		}
		k.try(c)
		a := k.actOf(c)
		z.down = z.down[:0]
		for _, list := range [2][]act{z.set, z.done} {
			for i := range list {
				if independent(k.m, k.from.budget, &list[i], &a) {
					z.down = append(z.down, list[i].word())
				}
			}
		}
		z.done = append(z.done, a)
		if s.arrive(v, k.m.finger(&k.to), z.down) {
			k.states++
			k.emit()
		}
		k.retract()
	}
}
