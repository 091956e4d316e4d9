package sim

import (
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// heed gives a time to what became possible, and forgets what is no longer.
func (r *Runner) heed(n *Notice) {
	switch n.Op {
	case NoticeQueue:
		r.onSent(int(n.Arg))
	case NoticeConnect:
		r.onDial(int(n.Arg))
	case NoticeSet:
		a := &r.alarms[n.Node][n.Alt]
		r.set(a, r.now.Add(r.World.Clocks[n.Node].lasts(n.After)), Choice{Kind: ChoiceTimer, Node: n.Node, Alt: n.Alt}, r.events)
	case NoticeStop:
		r.alarms[n.Node][n.Alt].armed = false
	case NoticeDisk:
		r.onDisk(n.Node, zab.Token(n.Alt))
	case NoticeClient:
		r.onClient(int(n.Arg), ClientAct(n.Alt), n.After, n.Jitter)
	case NoticeQuiet:
		r.acts[n.Arg][n.Alt].armed = false
	case NoticeClear:
		if int(n.Arg) < len(r.lines) {
			l := &r.lines[n.Arg]
			l.gen++
			l.due, l.head, l.parked = l.due[:0], 0, false
			if n.Arg&1 == 0 {
				r.dials[n.Arg/2].gen++
				r.dials[n.Arg/2].parked = false
			}
		}
	case NoticeHeal:
		r.unpark()
	case NoticeCrash:
		r.onCrash(n.Node)
	}
}

// onSent draws when the message that was just sent arrives: after the one before.
func (r *Runner) onSent(q int) {
	c := &r.World.Conns[q/2]
	from, to := c.A, c.B
	if q&1 == 1 {
		from, to = to, from
	}
	l := &r.lines[q]
	at := max(l.last+1, r.now.Add(r.med.packet(from, to, l.key, l.sent)*r.latency(from, to)))
	l.sent++
	l.last = at
	l.due = append(l.due, arrival{at, r.events})
	if len(l.due)-l.head == 1 {
		r.push(at, Choice{Kind: ChoiceDeliver, Arg: uint32(q)}, l.gen, r.events)
	}
}

func (r *Runner) onDial(slot int) {
	for len(r.dials) <= slot {
		r.dials = append(r.dials, dialing{})
		r.lines = append(r.lines, line{}, line{})
	}
	c := &r.World.Conns[slot]
	key, after := r.med.connection(c)
	after *= max(r.latency(c.A, c.B), r.latency(c.B, c.A))
	d := &r.dials[slot]
	d.gen++
	d.key, d.parked, d.due = key, false, r.now.Add(after)
	for q := 2 * slot; q < 2*slot+2; q++ {
		l := &r.lines[q]
		l.gen++
		l.due, l.head, l.parked = l.due[:0], 0, false
		l.key, l.sent, l.last = key<<1|uint64(q&1), 0, r.now
	}
	r.push(d.due, Choice{Kind: ChoiceConnect, Arg: uint32(slot)}, d.gen, r.events)
}

// onClient gives a client's act its time. A dial after a loss waits for a random
// part of its jitter longer; an operation waits for its place in the load.
func (r *Runner) onClient(i int, act ClientAct, after, jitter host.Duration) {
	at := r.now.Add(after)
	c := &r.clients[i]
	switch act {
	case ActDial:
		c.retries++
		if i > r.plan.Clients {
			after, jitter = 0, proberRetryMax
		}
		at = r.now.Add(after + host.Duration(r.med.retry.Key2(uint64(i), c.retries).Between(0, int64(jitter))))
	case ActNext:
		if i > r.plan.Clients && r.healed {
			return // the second act has its write
		}
		at = r.now
		if c.index < len(c.waits) {
			at = max(at, c.started.Add(c.waits[c.index]))
		}
	}
	r.setAct(i, act, at, r.events)
}

// unpark gives a new time to what waited behind a cut that is healed.
func (r *Runner) unpark() {
	for q := range r.lines {
		l := &r.lines[q]
		if l.parked && !r.cutQueue(q) {
			l.parked = false
			r.push(r.now.Add(linkMin), Choice{Kind: ChoiceDeliver, Arg: uint32(q)}, l.gen, r.events)
		}
	}
	for slot := range r.dials {
		d := &r.dials[slot]
		if c := &r.World.Conns[slot]; d.parked && !r.World.blocked(c.A, c.B) && !r.World.blocked(c.B, c.A) {
			d.parked = false
			r.push(r.now.Add(linkMax), Choice{Kind: ChoiceConnect, Arg: uint32(slot)}, d.gen, r.events)
		}
	}
}

func (r *Runner) onCrash(id quorum.ServerID) {
	r.diskGen[id]++
	r.lanes[id].waiting = 0
	for t := range r.alarms[id] {
		a := &r.alarms[id][t]
		a.gen++
		a.armed, a.queued = false, false
	}
	for t := range r.diskOps[id] {
		r.diskOps[id][t].gen++
	}
	r.pauses[id] = 0
	r.release(Endpoint(id)) // what is the process's own is stale; a dial to it is refused
	for i := range r.syncs {
		if r.syncs[i].learner == id {
			r.syncs[i].learner = 0 // wait for the next one
		}
	}
}
