package invariant

import (
	"zabsim/internal/fp"
	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// DiskFacts is what a reboot of a server would find, and no more.
type DiskFacts struct {
	Accepted, Current zxid.Epoch
	Log               *zab.Log
	Synced            int             // the first Synced entries of Log are durable
	Snaps             []*zab.Snapshot // finished ones
}

// synced returns the number of durable log entries.
func (d *DiskFacts) synced() int { return min(d.Synced, d.Log.Len()) }

// Last returns the end of the durable log.
func (d *DiskFacts) Last() (zxid.Zxid, fp.Hash) {
	if n := d.synced(); n > 0 {
		e := d.Log.At(n - 1)
		return e.Txn.Zxid, e.Chain
	}
	return d.Log.Base()
}

// entryAt returns the durable log entry with zxid z, nil if there is none. Within
// an epoch zxids are consecutive, so the first guess is almost always right.
func (d *DiskFacts) entryAt(z zxid.Zxid) *zab.Entry {
	n := d.synced()
	if n == 0 {
		return nil
	}
	last := d.Log.At(n - 1)
	if last.Txn.Zxid < z {
		return nil
	}
	if back := uint64(last.Txn.Zxid - z); back < uint64(n) {
		if e := d.Log.At(n - 1 - int(back)); e.Txn.Zxid == z {
			return e
		}
	}
	if i := d.Log.After(z); i > 0 && i <= n && d.Log.At(i-1).Txn.Zxid == z {
		return d.Log.At(i - 1)
	}
	return nil
}

// DurableChainAt returns the fingerprint of the durable history up to z; false
// if no durable history ends at z or shows what it was there.
func (d *DiskFacts) DurableChainAt(z zxid.Zxid) (fp.Hash, bool) {
	if e := d.entryAt(z); e != nil {
		return e.Chain, true
	}
	if base, chain := d.Log.Base(); base == z {
		return chain, true
	}
	for _, s := range d.Snaps {
		if s.Last == z {
			return s.Chain, true
		}
	}
	return 0, false
}

// Reaches tells whether z is durable, whatever the history before it: as a log
// entry, or covered by what the log starts at or by a snapshot.
func (d *DiskFacts) Reaches(z zxid.Zxid) bool {
	if d.entryAt(z) != nil {
		return true
	}
	if base, _ := d.Log.Base(); z <= base {
		return true
	}
	for _, s := range d.Snaps {
		if z <= s.Last {
			return true
		}
	}
	return false
}

// lastEpoch returns the highest epoch that the durable history speaks of. A
// snapshot may be named (e,0).
func (d *DiskFacts) lastEpoch() zxid.Epoch {
	last, _ := d.Last()
	for _, s := range d.Snaps {
		last = max(last, s.Name)
	}
	return last.Epoch()
}

// Holds tells whether the history that ends at p is durable on server id. Where
// the log begins later, the ghost knows what led there.
func (v *View) Holds(id quorum.ServerID, p Point) bool {
	d := v.Disk[id]
	if d == nil {
		return false
	}
	if e := d.entryAt(p.Zxid); e != nil {
		return e.Chain == p.Chain
	}
	base, chain := d.Log.Base()
	if v.covers(Point{base, chain}, p) {
		return true
	}
	for _, s := range d.Snaps {
		if v.covers(Point{s.Last, s.Chain}, p) {
			return true
		}
	}
	return false
}

// covers tells whether p is a prefix of the history that ends at end.
func (v *View) covers(end, p Point) bool {
	g := &v.Ghost
	switch {
	case end.Zxid < p.Zxid:
		return false
	case end == p || p == g.Base:
		return true
	}
	return g.leadsThrough(g.find(end, len(g.Proposals)-1), p)
}

// onQuorum tells whether a quorum of disks holds the history that ends at p.
func (v *View) onQuorum(p Point) bool {
	var s quorum.Set
	for rest := v.Quorum.Voters; rest != 0; rest = rest.Without(rest.First()) {
		if id := rest.First(); v.Holds(id, p) {
			if s = s.With(id); v.Quorum.Contains(s) {
				return true
			}
		}
	}
	return false
}

// holders returns the voters whose disks hold the history that ends at p.
func (v *View) holders(p Point) quorum.Set {
	var s quorum.Set
	for rest := v.Quorum.Voters; rest != 0; rest = rest.Without(rest.First()) {
		if id := rest.First(); v.Holds(id, p) {
			s = s.With(id)
		}
	}
	return s
}
