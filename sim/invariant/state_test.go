package invariant

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/quorum"
)

// fullGhost has something in every field.
func fullGhost() *Ghost {
	g := &Ghost{
		Base: Point{1, 2}, Committed: Point{3, 4}, Delivered: Point{5, 6},
		Proposals: []Proposal{{7, 8, 9, 7, Decided}, {10, 11, 12, 13, Decided | Committed}},
		Reigns:    []Reign{{Epoch: 13, Leader: 1, Start: Point{14, 15}, Tip: Point{16, 17}}},
	}
	for id := range quorum.Slots {
		g.Served[id].Zxid = 3
		g.Epochs[id].Accepted = 4
	}
	return g
}

// leaves calls f for each number inside v, with a way to change it.
func leaves(v reflect.Value, path string, f func(path string, leaf reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			leaves(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			leaves(v.Index(i), path+"[]", f)
		}
	default:
		f(path, v)
	}
}

// Goal: no field of the ghost is forgotten. Method: change each number in it, by
// reflection, and want another fingerprint, and an unchanged clone.
func TestEachFieldOfTheGhostCounts(t *testing.T) {
	g := fullGhost()
	var clone Ghost
	g.CloneInto(&clone)
	require.Equal(t, *g, clone)
	want := g.Fingerprint()
	count := 0
	leaves(reflect.ValueOf(g).Elem(), "Ghost", func(path string, leaf reflect.Value) {
		require.True(t, leaf.CanUint(), path)
		old := leaf.Uint()
		leaf.SetUint(old ^ 1)
		assert.NotEqual(t, want, g.Fingerprint(), path)
		assert.Equal(t, want, clone.Fingerprint(), "%s is shared", path)
		leaf.SetUint(old)
		count++
	})
	assert.Equal(t, want, g.Fingerprint())
	assert.Greater(t, count, 50)
	for _, cut := range []func(){func() { g.Proposals = g.Proposals[:1] }, func() { g.Reigns = g.Reigns[:0] }} {
		before := g.Fingerprint()
		cut()
		assert.NotEqual(t, before, g.Fingerprint())
	}
}

// Growing a clone must not reach the original, and the memory is reused.
func TestCloneGrowsAlone(t *testing.T) {
	g, want := fullGhost(), fullGhost().Fingerprint()
	dst := Ghost{Proposals: make([]Proposal, 0, 8), Reigns: make([]Reign, 0, 8)}
	g.CloneInto(&dst)
	dst.Proposals = append(dst.Proposals, Proposal{})
	dst.Proposals[0].Marks = 0
	dst.Reigns[0].Leader = 9
	assert.Equal(t, want, g.Fingerprint())
	assert.Zero(t, testing.AllocsPerRun(10, func() { g.CloneInto(&dst) }))
	assert.Equal(t, want, dst.Fingerprint())
}

// Initialized again, a view is as new.
func TestInitForgets(t *testing.T) {
	w, _ := committed(t, 3)
	w.probe(2, establishProbe(1, Point{}))
	require.NotEmpty(t, w.Violations)
	w.Sample = 7
	w.Init(w.Quorum)
	assert.Empty(t, w.Violations)
	assert.Zero(t, w.Seen)
	assert.EqualValues(t, 7, w.Sample)
	assert.Equal(t, new(Ghost).Fingerprint(), w.Ghost.Fingerprint())
}

// Facts that arrive in another order give the same ghost.
func TestGhostIsCanonical(t *testing.T) {
	a, b := newWorld(t, 3), newWorld(t, 3)
	for _, w := range []*world{a, b} {
		w.establish(1, 1, Point{})
	}
	a.propose(1, tx(1, 1, "x"), tx(1, 2, "x"))
	a.probe(2, establishProbe(2, Point{}))
	b.probe(2, establishProbe(2, Point{}))
	a.propose(2, tx(2, 1, "y"))
	b.propose(2, tx(2, 1, "y"))
	b.propose(1, tx(1, 1, "x"), tx(1, 2, "x")) // a deposed leader goes on
	assert.Equal(t, a.Ghost, b.Ghost)
	assert.Equal(t, a.Ghost.Fingerprint(), b.Ghost.Fingerprint())
}

// An ensemble may begin with a history.
func TestStartCountsAsCommitted(t *testing.T) {
	w := newWorld(t, 3)
	p := after(Point{}, tx(1, 1, "x"), tx(1, 2, "x"))
	w.Ghost.Start(p)
	for id := range w.log {
		w.log[id].Reset(p.Zxid, p.Chain)
	}
	w.establish(1, 2, p)
	w.active(2, 2, p)
	w.set(2, serving(p))
	x := tx(2, 1, "x")
	w.propose(1, x)
	w.honest()
	chain, ok := w.Ghost.CommittedAt(p.Zxid)
	assert.True(t, ok)
	assert.Equal(t, p.Chain, chain)
	_, ok = w.Ghost.CommittedAt(x.Zxid)
	assert.False(t, ok)
	assert.False(t, w.Ghost.IsCommitted(after(p, x)))
}
