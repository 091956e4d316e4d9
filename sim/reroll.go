package sim

import (
	"zabsim/internal/keyed"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// Reroll makes a run leave its plan's future: up to and with event After it is the run
// of the plan, and all that is drawn later comes from Seed instead. What is under way
// then (messages, dials, disk operations, threads that wait for a turn) is drawn anew,
// too; timers, the timetable of the faults and the load of the clients stay, and the
// plan's decisions no longer count. The zero value changes nothing: event 0 is never
// applied.
//
// Runs that differ in Seed only show what could have become of the world as it was
// after one event.
type Reroll struct {
	After uint64 // an event's number
	Seed  uint64
}

// rekey lets all draws from here on come from another seed.
func (m *medium) rekey(rng keyed.Rand) {
	m.delay, m.dial, m.lane = rng.Stream("net.delay"), rng.Stream("net.dial"), rng.Stream("thread.lane")
	m.fsync, m.file, m.snap = rng.Stream("disk.fsync"), rng.Stream("disk.file"), rng.Stream("disk.snap")
	m.tie, m.retry, m.crash = rng.Stream("sim.tie"), rng.Stream("client.retry"), rng.Stream("disk.crash")
}

// leave begins the other future: draws come from its seed from now on.
func (r *Runner) leave() {
	r.rerolled, r.seed = true, r.reroll.Seed
	rng := keyed.New(r.seed)
	r.med.rekey(rng)
	r.World.setup.Luck = rng.Stream("client.rand")
}

// redraw gives what is under way another time to come to its end: up to what the
// whole of it would take.
func (r *Runner) redraw() {
	rest := keyed.New(r.seed).Stream("reroll.rest")
	for q := range r.lines {
		r.redrawLine(q, rest.Key2(0, uint64(q)))
	}
	for slot := range r.dials {
		c, d := &r.World.Conns[slot], &r.dials[slot]
		if c.State == ConnDialing && !d.parked && d.due > r.now {
			d.gen++
			d.due = r.now.Add(part(d.due.Sub(r.now)*2, rest.Key2(1, uint64(slot))))
			r.push(d.due, Choice{Kind: ChoiceConnect, Arg: uint32(slot)}, d.gen, d.cause)
		}
	}
	for all := r.World.setup.Quorum.All(); all != 0; all = all.Without(all.First()) {
		r.redrawServer(all.First(), rest)
	}
}

// part returns a part of d, never none of it.
func part(d host.Duration, draw keyed.Draw) host.Duration {
	return host.Duration(draw.Between(1, max(int64(d), 1)))
}

// redrawLine draws when what is on its way on one direction of a connection arrives,
// in the order in which it was sent.
func (r *Runner) redrawLine(q int, draw keyed.Draw) {
	l := &r.lines[q]
	c := &r.World.Conns[q/2]
	if l.head >= len(l.due) || l.parked || c.State != ConnOpen || r.frozen(q) {
		return
	}
	from, to := c.A, c.B
	if q&1 == 1 {
		from, to = to, from
	}
	last := r.now
	first := l.sent - uint64(len(l.due)-l.head)
	for i := l.head; i < len(l.due); i++ {
		draw = draw.Next()
		takes := r.med.packet(from, to, l.key, first+uint64(i-l.head)) * r.latency(from, to)
		last = max(last+1, r.now.Add(part(takes, draw)))
		l.due[i].at = last
	}
	l.last = last
	l.gen++
	r.push(l.due[l.head].at, Choice{Kind: ChoiceDeliver, Arg: uint32(q)}, l.gen, l.due[l.head].cause)
}

// redrawServer draws when the disk and the threads of a server are done.
func (r *Runner) redrawServer(id quorum.ServerID, rest keyed.Stream) {
	if r.World.Servers[id] == nil {
		return
	}
	for t := range zab.Token(tokens) {
		if op := &r.diskOps[id][t]; op.due > r.now && r.World.Disks[id].pending(t) {
			takes := r.med.disk(uint64(id), t, r.diskSeq[id][t]) * host.Duration(1+r.disks[id].more)
			op.gen++
			op.due = r.now.Add(part(takes, rest.Key3(2, uint64(id), uint64(t))))
			r.push(op.due, Choice{Kind: ChoiceDisk, Node: id, Alt: uint8(t)}, op.gen, r.events)
		}
	}
	l := &r.lanes[id]
	for lane := range l.gen {
		if l.waiting&(1<<lane) != 0 && !r.World.hung(Endpoint(id)) {
			l.gen[lane]++
			takes := r.med.turn(uint64(id), uint64(lane), l.runs[lane])
			r.push(r.now.Add(part(takes, rest.Key3(3, uint64(id), uint64(lane)))), Choice{Kind: ChoiceLane, Node: id, Alt: uint8(lane)}, l.gen[lane], r.events)
		}
	}
}
