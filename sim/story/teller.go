package story

import (
	"zabsim/sim"
	"zabsim/sim/invariant"
)

// A Teller applies choices to a world, judges them, and tells each as a story does:
// what happened, and below it what that means.
type Teller struct{ s stage }

// NewTeller begins to tell what happens to w. The ghost knows what happened before.
func NewTeller(w *sim.World, before *invariant.Ghost) *Teller {
	t := &Teller{stage{w: w, q: w.Setup().Quorum, clients: make([]patron, len(w.Clients))}}
	t.s.judge.Init(t.s.q)
	before.CloneInto(&t.s.judge.View.Ghost)
	for id := range w.Servers {
		if w.Servers[id] != nil {
			t.s.role(w.Servers[id].ID())
		}
	}
	return t
}

// Apply applies c, which must be possible, and returns what there is to tell of it.
// The list is valid until the next Apply.
func (t *Teller) Apply(c sim.Choice) []string {
	t.s.out = t.s.out[:0]
	t.s.apply(c)
	return t.s.out
}

// Violations returns the promises that were broken so far.
func (t *Teller) Violations() []invariant.Violation { return t.s.judge.View.Violations }

// Ghost returns what is remembered of all that happened.
func (t *Teller) Ghost() *invariant.Ghost { return &t.s.judge.View.Ghost }

// Status writes a line for each server: what it takes itself for, its epochs, its log.
func (t *Teller) Status() []string { return t.s.status() }
