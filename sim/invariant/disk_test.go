package invariant

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/internal/fp"
	"zabsim/zab"
	"zabsim/zab/zxid"
)

// facts has a log that starts after 1.2 and holds 1.3, 1.4 and 3.1 durably, 3.2
// not yet, and a snapshot of 1.5 that the log knows nothing of.
func facts() (*DiskFacts, Point) {
	log := &zab.Log{}
	base := Point{zxid.Make(1, 2), 77}
	log.Reset(base.Zxid, base.Chain)
	log.Append(tx(1, 3, "x"))
	log.Append(tx(1, 4, "x"))
	log.Append(tx(3, 1, "x"))
	log.Append(tx(3, 2, "x"))
	return &DiskFacts{Log: log, Synced: 3, Snaps: []*zab.Snapshot{
		{Name: zxid.Make(4, 0), Last: zxid.Make(1, 5), Chain: 55},
	}}, base
}

func TestDurableChainAt(t *testing.T) {
	d, base := facts()
	for z, want := range map[zxid.Zxid]fp.Hash{
		zxid.Make(1, 2): 77,
		zxid.Make(1, 3): after(base, tx(1, 3, "x")).Chain,
		zxid.Make(1, 4): after(base, tx(1, 3, "x"), tx(1, 4, "x")).Chain,
		zxid.Make(3, 1): after(base, tx(1, 3, "x"), tx(1, 4, "x"), tx(3, 1, "x")).Chain,
		zxid.Make(1, 5): 55,
	} {
		got, ok := d.DurableChainAt(z)
		assert.True(t, ok, z)
		assert.Equal(t, want, got, z)
	}
	for _, z := range []zxid.Zxid{zxid.Make(1, 1), zxid.Make(2, 1), zxid.Make(3, 2), zxid.Make(3, 3)} {
		_, ok := d.DurableChainAt(z)
		assert.False(t, ok, z)
	}
	last, _ := d.Last()
	assert.Equal(t, zxid.Make(3, 1), last)
	assert.EqualValues(t, 4, d.lastEpoch())
}

func TestReaches(t *testing.T) {
	d, _ := facts()
	for _, z := range []zxid.Zxid{0, zxid.Make(1, 1), zxid.Make(1, 2), zxid.Make(1, 5), zxid.Make(3, 1)} {
		assert.True(t, d.Reaches(z), z)
	}
	assert.False(t, d.Reaches(zxid.Make(3, 2)))
	d.Synced = 99 // more than was written since
	assert.True(t, d.Reaches(zxid.Make(3, 2)))
	d.Synced = 0
	assert.False(t, d.Reaches(zxid.Make(3, 1)))
}

// A log that begins later holds what the ghost knows to lead to its beginning.
func TestHoldsByTheGhostsPath(t *testing.T) {
	w, end := committed(t, 3)
	x := tx(1, 4, "x")
	w.propose(1, x)
	first := after(Point{}, tx(1, 1, "x"))
	for _, begin := range []Point{end, after(end, x)} {
		w.log[2].Reset(begin.Zxid, begin.Chain)
		w.disk[2].Synced = 0
		assert.True(t, w.Holds(2, first))
		assert.True(t, w.Holds(2, Point{}))
		assert.True(t, w.Holds(2, begin))
		assert.False(t, w.Holds(2, Point{first.Zxid, 77}))
		assert.False(t, w.Holds(2, after(begin, tx(1, 9, "x"))))
	}
	w.log[2].Reset(end.Zxid, 77)
	assert.False(t, w.Holds(2, first), "nobody broadcast what this log begins with")
	w.disk[2].Snaps = []*zab.Snapshot{{Last: end.Zxid, Chain: end.Chain}}
	assert.True(t, w.Holds(2, first))
	assert.False(t, w.Holds(5, first), "there is no server 5")
}
