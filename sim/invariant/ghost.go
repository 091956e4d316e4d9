package invariant

import (
	"zabsim/internal/fp"
	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Point is the end of a history: its last transaction and its chain.
type Point struct {
	Zxid  zxid.Zxid
	Chain fp.Hash
}

// Marks says what became of a proposal.
type Marks uint8

// The marks.
const (
	// Decided: some leader committed it, or was established with it.
	Decided Marks = 1 << iota
	// Committed: decided, on the one path that all decisions must share.
	Committed
	// Delivered: some server applied it as committed or served with it.
	Delivered
)

// Proposal is a transaction that an established leader broadcast, with the
// history before it. Content needs no field: ChainNext(Prev, txn) is Chain for
// the right txn only.
type Proposal struct {
	Zxid  zxid.Zxid
	Chain fp.Hash
	Prev  fp.Hash
	// Digest is that of the first serving server's tree at this point, 0 if unknown.
	Digest fp.Hash
	Marks  Marks
}

// Reign is an established leader: its initial history, and the end of what it
// has broadcast.
type Reign struct {
	Epoch  zxid.Epoch
	Leader quorum.ServerID
	Start  Point
	Tip    Point
}

// EpochFacts are a server's epochs as last seen on its disk and in its memory.
type EpochFacts struct {
	Accepted, Current       zxid.Epoch
	MemAccepted, MemCurrent zxid.Epoch
}

// Ghost is the history that no server holds. It survives crashes. All fields are
// content: two ghosts that saw the same facts are equal, whatever the order.
// They are exported to be read; only View.Judge and Start write them.
type Ghost struct {
	Base      Point      // every server began with this history
	Proposals []Proposal // by zxid, then chain
	Reigns    []Reign    // by epoch, then leader
	Committed Point      // where the committed path ends
	Delivered Point      // where the longest delivered history ends
	// Served is what each server has delivered in its present role.
	Served [quorum.Slots]Point
	Epochs [quorum.Slots]EpochFacts
}

// Indexes of histories that are no proposal.
const (
	atBase = -1 // the base
	absent = -2 // nobody broadcast it
)

// Reset empties g and keeps its memory.
func (g *Ghost) Reset() { *g = Ghost{Proposals: g.Proposals[:0], Reigns: g.Reigns[:0]} }

// Start tells that all servers begin with the history that ends at p, and that
// it counts as committed and delivered.
func (g *Ghost) Start(p Point) { g.Base, g.Committed, g.Delivered = p, p, p }

// has tells whether m holds all of x.
func (m Marks) has(x Marks) bool { return m&x == x }

// seek returns the index of the first proposal at or after z. Hint is a guess.
func (g *Ghost) seek(z zxid.Zxid, hint int) int {
	list := g.Proposals
	for i := hint; i >= 0 && i <= hint+1 && i < len(list); i++ {
		if list[i].Zxid == z && (i == 0 || list[i-1].Zxid < z) {
			return i
		}
	}
	if n := len(list); n == 0 || list[n-1].Zxid < z {
		return n
	}
	low, high := 0, len(list)
	for low < high {
		mid := int(uint(low+high) / 2)
		if list[mid].Zxid < z {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// find returns the index of the history that ends at p.
func (g *Ghost) find(p Point, hint int) int {
	if p == g.Base {
		return atBase
	}
	for i := g.seek(p.Zxid, hint); i < len(g.Proposals) && g.Proposals[i].Zxid == p.Zxid; i++ {
		if g.Proposals[i].Chain == p.Chain {
			return i
		}
	}
	return absent
}

// findTxn returns the index of a proposal of t at z: the one with this chain if
// there is one, else one with the same content after another history.
func (g *Ghost) findTxn(z zxid.Zxid, t *txn.Txn, chain fp.Hash, hint int) int {
	found := absent
	for i := g.seek(z, hint); i < len(g.Proposals) && g.Proposals[i].Zxid == z; i++ {
		p := &g.Proposals[i]
		if zab.ChainNext(p.Prev, t) != p.Chain {
			continue
		}
		if p.Chain == chain {
			return i
		}
		if found == absent {
			found = i
		}
	}
	return found
}

// parent returns the index of the history that proposal i extends.
func (g *Ghost) parent(i int) int {
	prev := g.Proposals[i].Prev
	if prev == g.Base.Chain {
		return atBase
	}
	for j := i - 1; j >= 0; j-- {
		if g.Proposals[j].Chain == prev {
			return j
		}
	}
	return absent
}

// point returns the history with index i.
func (g *Ghost) point(i int) Point {
	if i < 0 {
		return g.Base
	}
	return Point{g.Proposals[i].Zxid, g.Proposals[i].Chain}
}

// marked tells whether history i has all of m; the base has all marks.
func (g *Ghost) marked(i int, m Marks) bool {
	return i == atBase || i >= 0 && g.Proposals[i].Marks.has(m)
}

// leadsThrough tells whether p is a prefix of history i.
func (g *Ghost) leadsThrough(i int, p Point) bool {
	for i >= 0 && g.Proposals[i].Zxid > p.Zxid {
		if g.Proposals[i].Marks.has(Committed) {
			return g.IsCommitted(p)
		}
		i = g.parent(i)
	}
	return i != absent && g.point(i) == p
}

// IsCommitted tells whether the history that ends at p is a prefix of the
// committed one.
func (g *Ghost) IsCommitted(p Point) bool {
	return p == g.Committed || g.marked(g.find(p, len(g.Proposals)-1), Committed)
}

// CommittedAt returns the chain of the committed history up to z; false if no
// transaction z is committed.
func (g *Ghost) CommittedAt(z zxid.Zxid) (fp.Hash, bool) {
	if z == g.Base.Zxid {
		return g.Base.Chain, true
	}
	for i := g.seek(z, len(g.Proposals)-1); i < len(g.Proposals) && g.Proposals[i].Zxid == z; i++ {
		if g.Proposals[i].Marks.has(Committed) {
			return g.Proposals[i].Chain, true
		}
	}
	return 0, false
}

// ReignOf returns the reign of epoch e: leader's, if it has one, else the first.
// Nil if no leader of e was established.
func (g *Ghost) ReignOf(e zxid.Epoch, leader quorum.ServerID) *Reign {
	var found *Reign
	for i := len(g.Reigns) - 1; i >= 0 && g.Reigns[i].Epoch >= e; i-- {
		r := &g.Reigns[i]
		if r.Epoch == e && r.Leader == leader {
			return r
		}
		if r.Epoch == e {
			found = r
		}
	}
	return found
}

// superseded tells whether a leader of a later epoch than e is established.
func (g *Ghost) superseded(e zxid.Epoch) bool {
	n := len(g.Reigns)
	return n > 0 && g.Reigns[n-1].Epoch > e
}
