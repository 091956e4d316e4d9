package explore

import (
	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// successor reads what the choice has changed into the tuple to, judges it, and
// returns the fingerprint of the new state.
func (k *worker) successor(c sim.Choice) fp.Hash {
	sum := k.sum
	k.to.disks = k.from.disks
	copy(k.to.clients, k.from.clients)
	copy(k.to.queues, k.from.queues)
	for _, d := range k.dirty {
		sum = k.relabel(sum, d)
	}
	sum = k.readServers(sum)
	sum = k.readWords(sum)
	k.to.ghost = k.from.ghost
	if ghost := k.judge(c); ghost != k.from.ghost {
		sum = sum.Sub(ghostSlot, k.p.ghosts.get(k.from.ghost).hash).Add(ghostSlot, k.p.ghosts.get(ghost).hash)
		k.to.ghost = ghost
	}
	return sum.Hash()
}

// relabel finds the id of a disk, queue or client that was written to.
func (k *worker) relabel(sum fp.Sum, d dirt) fp.Sum {
	i, slot := int(d.i), sim.Slot(d.part, int(d.i))
	switch d.part {
	case sim.PartDisk:
		h := k.disk[i].Fingerprint()
		k.to.disks[i] = lookup(&k.caches[sim.PartDisk], &k.p.disks, h, func() diskPart { return freezeDisk(&k.disk[i]) })
		return sum.Sub(slot, k.p.disks.get(k.from.disks[i]).hash).Add(slot, h)
	case sim.PartClient:
		h := k.client[i].Fingerprint()
		k.to.clients[i] = lookup(&k.caches[sim.PartClient], &k.p.clients, h, func() clientPart { return freezeClient(&k.client[i]) })
		return sum.Sub(slot, k.p.clients.get(k.from.clients[i]).hash).Add(slot, h)
	}
	if n := k.from.queues[i]; n != 0 {
		sum = sum.Sub(slot, k.p.queues.get(n).hash)
	}
	k.to.queues[i] = 0
	if q := &k.queue[i]; !q.Empty() {
		h := q.Fingerprint()
		k.to.queues[i] = lookup(&k.caches[sim.PartQueue], &k.p.queues, h, func() queuePart { return freezeQueue(q) })
		sum = sum.Add(slot, h)
	}
	return sum
}

func (k *worker) readServers(sum fp.Sum) fp.Sum {
	for id := 1; id <= k.m.servers; id++ {
		n := &k.to.servers[id]
		switch {
		case k.world.Servers[id] == nil:
			*n = 0
		case *n == unknown || *n == 0:
			*n = k.internServer(k.world.Servers[id])
		}
		if old := k.from.servers[id]; *n != old {
			slot := sim.Slot(sim.PartServer, id)
			if old != 0 {
				sum = sum.Sub(slot, k.p.servers.get(old).item.hash)
			}
			if *n != 0 {
				sum = sum.Add(slot, k.p.servers.get(*n).item.hash)
			}
		}
	}
	return sum
}

// readWords compares the words that belong to no component.
func (k *worker) readWords(sum fp.Sum) fp.Sum {
	w, from, to := &k.world, &k.from, &k.to
	for slot := range w.Conns {
		old, now := &from.conns[slot], &w.Conns[slot]
		to.conns[slot] = *now
		if *old != *now {
			sum = swap(sum, sim.Slot(sim.PartConn, slot), connWord(old), connWord(now))
		}
	}
	for id := 1; id <= k.m.servers; id++ {
		to.timers[id] = w.Timers[id]
		if from.timers[id] != w.Timers[id] {
			sum = swap(sum, sim.Slot(sim.PartTimers, id), uint64(from.timers[id]), uint64(w.Timers[id]))
		}
	}
	to.budget = w.Budget
	if from.budget != w.Budget {
		slot := sim.Slot(sim.PartBudget, 0)
		sum = sum.Sub(slot, sim.RawHash(from.budget.Word())).Add(slot, sim.RawHash(w.Budget.Word()))
	}
	return sum
}

// connWord is 0 for a slot that is not in use, as is every word that counts for
// nothing.
func connWord(c *sim.Conn) uint64 {
	if c.State == sim.ConnFree {
		return 0
	}
	return c.Word()
}

func swap(sum fp.Sum, slot, old, now uint64) fp.Sum {
	if old != 0 {
		sum = sum.Sub(slot, sim.RawHash(old))
	}
	if now != 0 {
		sum = sum.Add(slot, sim.RawHash(now))
	}
	return sum
}

// internServer keys a server by who it is, too: what it was configured with is not
// in its fingerprint, and a world's slots say the rest.
func (k *worker) internServer(s *zab.Server) uint32 {
	h := s.Fingerprint()
	return lookup(&k.caches[sim.PartServer], &k.p.servers, h.Word(uint64(s.ID())), func() serverPart {
		c := serverPart{server: new(zab.Server), hash: h}
		s.CloneInto(c.server)
		s.StatusInto(&c.status)
		return c
	})
}

func freezeDisk(d *sim.Disk) diskPart {
	c := diskPart{disk: new(sim.Disk)}
	d.CloneInto(c.disk)
	c.disk.FactsInto(&c.facts)
	return c
}

func freezeClient(c *sim.Client) clientPart {
	p := clientPart{new(sim.Client)}
	c.CloneInto(p.client)
	return p
}

func freezeQueue(q *sim.Queue) queuePart {
	c := queuePart{queue: new(sim.Queue)}
	q.CloneInto(c.queue)
	if q.Len() > 0 {
		c.head = q.Head().Hash()
	}
	return c
}

func (k *worker) internGhost(g *invariant.Ghost) uint32 {
	return lookup(&k.caches[ghostCache], &k.p.ghosts, g.Fingerprint(), func() ghostPart {
		c := ghostPart{new(invariant.Ghost)}
		g.CloneInto(c.ghost)
		return c
	})
}

// judge lets the ghost learn what the choice did and returns its id. Ghost and
// verdict depend on the ghost before, the steps, and all servers and disks after
// them; so that much is the memo's key.
func (k *worker) judge(c sim.Choice) uint32 {
	changed := k.changed()
	if len(k.world.Events) == 0 && changed == 0 {
		return k.from.ghost
	}
	k.work.Judged++
	if k.memo == nil {
		return k.judgeNow(c, changed)
	}
	h := k.trail.Word(uint64(k.from.ghost))
	for id := 1; id <= k.m.servers; id++ {
		h = h.Word(uint64(k.to.servers[id]) | uint64(k.to.disks[id])<<32)
	}
	e := &k.memo.verdicts[h%memoSize]
	if e.ghost != 0 && e.key == h {
		k.work.JudgeHits++
		if k.work.JudgeHits%recheckEvery == 0 {
			k.work.Rechecked++
			if got := k.judgeNow(c, changed); got != e.ghost || k.violation != nil {
				panic("explore: the judge's memo is wrong")
			}
		}
		return e.ghost
	}
	ghost := k.judgeNow(c, changed)
	if len(k.view.Violations) == 0 {
		e.key, e.ghost = h, ghost
	}
	return ghost
}

// changed returns the running servers whose status the choice has changed.
func (k *worker) changed() (set quorum.Set) {
	for id := 1; id <= k.m.servers; id++ {
		old, now := k.from.servers[id], k.to.servers[id]
		if now == old || now == 0 {
			continue
		}
		if old == 0 || k.p.servers.get(old).item.status != k.p.servers.get(now).item.status {
			set = set.With(quorum.ServerID(id))
		}
	}
	return set
}

// judgeNow is judge without the memo: judge.after over interned components.
func (k *worker) judgeNow(c sim.Choice, changed quorum.Set) uint32 {
	v := &k.view
	v.Up, v.Violations = 0, v.Violations[:0]
	for id := 1; id <= k.m.servers; id++ {
		v.Disk[id] = &k.p.disks.get(k.to.disks[id]).item.facts
		v.Status[id] = nil
		if n := k.to.servers[id]; n != 0 {
			v.Status[id] = &k.p.servers.get(n).item.status
			v.Up = v.Up.With(quorum.ServerID(id))
		} else if n := k.from.servers[id]; n != 0 {
			v.Status[id] = &k.p.servers.get(n).item.status
		}
	}
	k.p.ghosts.get(k.from.ghost).item.ghost.CloneInto(&v.Ghost)
	for i := range k.world.Events {
		v.Judge(&k.world.Events[i])
	}
	for rest := changed; rest != 0; rest = rest.Without(rest.First()) {
		v.Judge(&invariant.Event{Kind: invariant.EvStatus, Server: rest.First()})
	}
	for rest := reopens(&k.world, c); rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		e := reopen(id, k.world.Servers[id], k.world.Disks[id], v.Status[id])
		v.Judge(&e)
	}
	if len(v.Violations) > 0 && k.violation == nil {
		x := v.Violations[0]
		k.violation = &x
	}
	return k.internGhost(&v.Ghost)
}
