package sim

import (
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// The verbs of ChoiceMedium: what got another pace.
const (
	mediumLink uint32 = iota << 24
	mediumDisk
	mediumRefuse
	mediumValue = 1<<24 - 1
)

// SlowLink multiplies the latency from from to to by by, as part of fault k.
// Factors of several faults add up. Order is kept: what is sent after the fault has
// healed waits for what was sent before.
func (r *Runner) SlowLink(k int, from, to quorum.ServerID, by int) {
	r.faults[k].paces = append(r.faults[k].paces, pace{from, to, uint32(by - 1)})
	r.setLinkSlow(from, to, r.links[from][to]+uint32(by-1))
}

// SlowDisk multiplies the time that disk operations of server id take by by, as
// part of fault k.
func (r *Runner) SlowDisk(k int, id quorum.ServerID, by int) {
	if id == 0 {
		return
	}
	r.faults[k].paces = append(r.faults[k].paces, pace{id, 0, uint32(by - 1)})
	r.setDiskSlow(id, r.disks[id].more+uint32(by-1))
}

// HealPaces gives what fault k has slowed down its speed back. What is on its way
// does not take longer than it would from now on.
func (r *Runner) HealPaces(k int) {
	for _, p := range r.faults[k].paces {
		if p.to == 0 {
			r.setDiskSlow(p.from, r.disks[p.from].more-p.more)
		} else {
			r.setLinkSlow(p.from, p.to, r.links[p.from][p.to]-p.more)
		}
	}
	r.faults[k].paces = r.faults[k].paces[:0]
}

// pace is what a fault has slowed down: a link, or a disk if to is 0.
type pace struct {
	from, to quorum.ServerID
	more     uint32
}

func (r *Runner) setLinkSlow(from, to quorum.ServerID, more uint32) {
	old := r.links[from][to]
	if old == more {
		return
	}
	r.links[from][to] = more
	r.apply(Choice{Kind: ChoiceMedium, Node: from, Alt: uint8(to), Arg: mediumLink | more + 1}, r.events)
	if more < old {
		r.hastenLink(from, to, old)
	}
}

func (r *Runner) setDiskSlow(id quorum.ServerID, more uint32) {
	d := &r.disks[id]
	old := d.more
	if old == more {
		return
	}
	d.more = more
	r.apply(Choice{Kind: ChoiceMedium, Node: id, Arg: mediumDisk | more + 1}, r.events)
	if more < old {
		r.hastenDisk(id, old)
	}
}

// latency is the factor of a direction.
func (r *Runner) latency(from, to Endpoint) host.Duration {
	if from.Server() == 0 || to.Server() == 0 {
		return 1
	}
	return host.Duration(1 + r.links[from][to])
}

// hastenLink brings forward what is on its way from from to to: what is left of its
// time passes at the new pace, in the same order.
func (r *Runner) hastenLink(from, to quorum.ServerID, old uint32) {
	now, was := host.Duration(1+r.links[from][to]), host.Duration(1+old)
	for slot := range r.dials {
		c, d := &r.World.Conns[slot], &r.dials[slot]
		x, y := c.A.Server(), c.B.Server()
		if x == 0 || y == 0 {
			continue
		}
		if c.State == ConnDialing && !d.parked && (x == from && y == to || x == to && y == from) {
			d.gen++
			d.due = r.now.Add(max(d.due.Sub(r.now), 0) / was * now)
			r.push(d.due, Choice{Kind: ChoiceConnect, Arg: uint32(slot)}, d.gen, r.events)
		}
		switch {
		case c.State != ConnOpen:
		case x == from && y == to:
			r.hastenLine(2*slot, was, now)
		case x == to && y == from:
			r.hastenLine(2*slot+1, was, now)
		}
	}
}

func (r *Runner) hastenLine(q int, was, now host.Duration) {
	l := &r.lines[q]
	if l.head >= len(l.due) {
		l.last = min(l.last, r.now)
		return
	}
	last := r.now
	for i := l.head; i < len(l.due); i++ {
		a := &l.due[i]
		last = max(last+1, r.now.Add(max(a.at.Sub(r.now), 0)/was*now))
		a.at = min(a.at, last)
		last = a.at
	}
	l.last = last
	if !l.parked && !r.frozen(q) {
		l.gen++
		head := &l.due[l.head]
		r.push(max(head.at, r.now), Choice{Kind: ChoiceDeliver, Arg: uint32(q)}, l.gen, head.cause)
	}
}

// frozen tells whether the reader of queue q is paused: its head may be kept.
func (r *Runner) frozen(q int) bool {
	c := &r.World.Conns[q/2]
	if q&1 == 0 {
		return r.World.hung(c.B)
	}
	return r.World.hung(c.A)
}

// hastenDisk brings forward the operations of server id that are under way.
func (r *Runner) hastenDisk(id quorum.ServerID, old uint32) {
	now, was := host.Duration(1+r.disks[id].more), host.Duration(1+old)
	for t := range zab.Token(tokens) {
		op := &r.diskOps[id][t]
		if left := op.due.Sub(r.now); left > 0 && r.World.Servers[id] != nil && r.World.Disks[id].pending(t) {
			op.gen++
			op.due = r.now.Add(left / was * now)
			r.push(op.due, Choice{Kind: ChoiceDisk, Node: id, Alt: uint8(t)}, op.gen, r.events)
		}
	}
}
