package sim

import (
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// CutLink stops what from sends to to, as part of fault k. Several faults may cut
// one link: it delivers again when the last of them heals.
func (r *Runner) CutLink(k int, from, to quorum.ServerID) {
	if from == 0 || to == 0 || from == to {
		return
	}
	c := Choice{Kind: ChoiceCut, Node: from, Alt: uint8(to)}
	r.faults[k].links = append(r.faults[k].links, c)
	r.cuts[from][to]++
	if r.cuts[from][to] == 1 {
		r.counts.Cuts++
		r.apply(c, r.events)
	}
}

// HealLinks undoes the cuts of fault k.
func (r *Runner) HealLinks(k int) {
	for _, c := range r.faults[k].links {
		r.cuts[c.Node][c.Alt]--
		if r.cuts[c.Node][c.Alt] == 0 {
			r.apply(Choice{Kind: ChoiceHeal, Node: c.Node, Alt: c.Alt}, r.events)
		}
	}
	r.faults[k].links = r.faults[k].links[:0]
}

// HealServer undoes the cuts of fault k between server id and the others.
func (r *Runner) HealServer(k int, id quorum.ServerID) {
	f := &r.faults[k]
	kept := f.links[:0]
	for _, c := range f.links {
		if c.Node != id && quorum.ServerID(c.Alt) != id {
			kept = append(kept, c)
			continue
		}
		r.cuts[c.Node][c.Alt]--
		if r.cuts[c.Node][c.Alt] == 0 {
			r.apply(Choice{Kind: ChoiceHeal, Node: c.Node, Alt: c.Alt}, r.events)
		}
	}
	f.links = kept
}

// SwallowLink lets all bytes from from to to vanish, as part of fault k: a black
// hole. Like a cut it tells nobody and answers no dial. Unlike a cut it keeps
// nothing: what came to it is lost, and so is its connection, for TCP can't go on
// without these bytes. So it is a cut after which HealHoles resets such connections.
func (r *Runner) SwallowLink(k int, from, to quorum.ServerID) {
	r.CutLink(k, from, to)
	r.faults[k].holes = append(r.faults[k].holes, Choice{Kind: ChoiceCut, Node: from, Alt: uint8(to)})
}

// HealHoles ends the black holes of fault k: the connections that have lost bytes
// are reset.
func (r *Runner) HealHoles(k int) {
	r.resetLost(k)
	r.HealLinks(k)
}

func (r *Runner) resetLost(k int) {
	f := &r.faults[k]
	for _, c := range f.holes {
		for slot := range r.dials {
			conn := &r.World.Conns[slot]
			q := conn.queueOf(slot, Endpoint(c.Node))
			between := conn.A.Server() == c.Node && conn.B == Endpoint(c.Alt) || conn.B.Server() == c.Node && conn.A == Endpoint(c.Alt)
			if conn.State == ConnOpen && between && r.lines[q].parked {
				r.apply(Choice{Kind: ChoiceBreak, Arg: uint32(slot)}, r.events)
			}
		}
	}
	f.holes = f.holes[:0]
}

// ResetConns resets every connection between two servers.
func (r *Runner) ResetConns(a, b quorum.ServerID) {
	for slot := range r.World.Conns {
		c := &r.World.Conns[slot]
		x, y := c.A.Server(), c.B.Server()
		if c.State == ConnOpen && (x == a && y == b || x == b && y == a) {
			r.apply(Choice{Kind: ChoiceBreak, Arg: uint32(slot)}, r.events)
		}
	}
}

// fuse is a link on which all connections will be reset when so many packets more
// have arrived.
type fuse struct {
	k, left int
	a, b    quorum.ServerID
}

// LightFuse resets every connection between two servers, as part of fault k, when
// after packets more have arrived on them.
func (r *Runner) LightFuse(k int, a, b quorum.ServerID, after int) {
	r.fuses = append(r.fuses, fuse{k, after, a, b})
}

// burn is told that a packet has arrived on a connection, which may be gone since.
func (r *Runner) burn(a, b Endpoint) {
	for i := range r.fuses {
		f := &r.fuses[i]
		if a.Server() == f.a && b.Server() == f.b || a.Server() == f.b && b.Server() == f.a {
			if f.left--; f.left == 0 {
				r.Later(f.k, 0, i)
			}
		}
	}
}

// Blow resets the connections of the fuses of fault k that have burnt down.
func (r *Runner) Blow(k int) {
	kept := r.fuses[:0]
	for _, f := range r.fuses {
		if f.k == k && f.left <= 0 {
			r.ResetConns(f.a, f.b)
		} else {
			kept = append(kept, f)
		}
	}
	r.fuses = kept
}

// PlaneNames returns the names of the planes, by number.
func PlaneNames() []string {
	var names []string
	for p := range planes {
		names = append(names, p.String())
	}
	return names
}

// Refuse lets every dial to server id on a plane be refused, as part of fault k;
// connections that are open stay so.
func (r *Runner) Refuse(k int, id quorum.ServerID, plane int) {
	if id == 0 {
		return
	}
	p := zab.Plane(plane)
	f := &r.faults[k]
	f.target = id
	f.refuses |= 1 << p
	r.refuse[id][p]++
	r.apply(Choice{Kind: ChoiceMedium, Node: id, Alt: uint8(p), Arg: mediumRefuse | 1}, r.events)
}

// HealRefusals lets dials to fault k's target succeed again.
func (r *Runner) HealRefusals(k int) {
	f := &r.faults[k]
	for p := range planes {
		if f.refuses&(1<<p) != 0 {
			r.refuse[f.target][p]--
			r.apply(Choice{Kind: ChoiceMedium, Node: f.target, Alt: uint8(p), Arg: mediumRefuse}, r.events)
		}
	}
	f.refuses = 0
}

// refuses tells whether a fault refuses this dial.
func (r *Runner) refuses(c *Conn) bool {
	id := c.B.Server()
	return id != 0 && r.refuse[id][c.Plane] > 0
}
