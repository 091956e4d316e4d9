package invariant

import (
	"zabsim/internal/fp"
	"zabsim/zab/quorum"
)

// CloneInto makes dst an independent copy of g, reusing dst's memory.
func (g *Ghost) CloneInto(dst *Ghost) {
	proposals := append(dst.Proposals[:0], g.Proposals...)
	reigns := append(dst.Reigns[:0], g.Reigns...)
	*dst = *g
	dst.Proposals, dst.Reigns = proposals, reigns
}

// Fingerprint names the ghost by its content, in time linear in its size.
func (g *Ghost) Fingerprint() fp.Hash {
	h := fp.New(0x6768)
	h = g.Base.fold(h)
	h = g.Committed.fold(h)
	h = g.Delivered.fold(h)
	h = h.Word(uint64(len(g.Proposals))<<32 | uint64(len(g.Reigns)))
	for i := range g.Proposals {
		p := &g.Proposals[i]
		h = h.Word(uint64(p.Zxid)).Word(uint64(p.Chain)).Word(uint64(p.Prev)).Word(uint64(p.Digest)).Word(uint64(p.Marks))
	}
	for i := range g.Reigns {
		r := &g.Reigns[i]
		h = h.Word(uint64(r.Epoch)<<8 | uint64(r.Leader))
		h = r.Tip.fold(r.Start.fold(h))
	}
	for id := range quorum.Slots {
		if g.Served[id] == (Point{}) && g.Epochs[id] == (EpochFacts{}) {
			continue
		}
		e := &g.Epochs[id]
		h = g.Served[id].fold(h.Word(uint64(id)))
		h = h.Word(uint64(e.Accepted)<<32 | uint64(e.Current)).Word(uint64(e.MemAccepted)<<32 | uint64(e.MemCurrent))
	}
	return h.Done()
}

func (p Point) fold(h fp.Hash) fp.Hash { return h.Word(uint64(p.Zxid)).Word(uint64(p.Chain)) }
