package explore

import (
	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// judge lets the ghost learn what the choice did and returns its id. Ghost and
// verdict depend on the ghost before, on the events, and on the statuses and disks
// of all servers after them; so that much is the memo's key. A server that is to
// be compared with its disk counts as a whole.
func (k *worker) judge(c sim.Choice) uint32 {
	changed := k.changed(c)
	if k.move.events == 0 && changed == 0 {
		return k.from.ghost
	}
	k.work.Judged++
	if k.memo == nil {
		return k.judgeNow(c, changed)
	}
	h := fp.New(uint64(k.move.events)).Word(uint64(k.from.ghost) | uint64(changed)<<32 | uint64(k.move.reopens)<<40)
	for id := 1; id <= k.m.servers; id++ {
		h = h.Word(uint64(k.to.disks[id]))
		if n := k.to.servers[id]; n != 0 {
			h = h.Word(uint64(k.p.servers.word(n)))
		} else if n := k.from.servers[id]; n != 0 {
			h = h.Word(^uint64(k.p.servers.word(n)))
		} else {
			h = h.Word(0)
		}
		if k.move.reopens.Has(quorum.ServerID(id)) {
			h = h.Word(uint64(k.to.servers[id]))
		}
	}
	if c.Kind == sim.ChoiceReboot { // the old process ends with its own status
		h = h.Word(uint64(c.Kind)).Word(uint64(k.p.servers.word(k.from.servers[c.Node])))
	}
	e := &k.memo.verdicts[h%verdictsSize]
	if e.ghost == 0 || e.key != h {
		ghost := k.judgeNow(c, changed)
		if len(k.view.Violations) == 0 {
			e.key, e.ghost = h, ghost
		}
		return ghost
	}
	k.work.JudgeHits++
	if k.work.JudgeHits%recheckEvery == 0 {
		k.work.Rechecked++
		if got := k.judgeNow(c, changed); got != e.ghost || len(k.view.Violations) > 0 {
			panic("explore: the memo of verdicts is wrong: a check reads more than statuses, disks, ghost and event")
		}
	}
	return e.ghost
}

// changed returns the running servers whose status the choice has changed. A server
// that was rebooted has a new one, even if it looks the same.
func (k *worker) changed(c sim.Choice) (set quorum.Set) {
	for id := 1; id <= k.m.servers; id++ {
		old, now := k.from.servers[id], k.to.servers[id]
		reboots := c.Reboots(quorum.ServerID(id))
		if now == 0 || now == old && !reboots {
			continue
		}
		if old == 0 || reboots || k.p.servers.word(old) != k.p.servers.word(now) {
			set = set.With(quorum.ServerID(id))
		}
	}
	return set
}

// judgeNow is judge without the memo: judge.after over interned components.
// It needs no world: what happened is with the move.
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
	var last *zab.Status
	if c.Kind == sim.ChoiceReboot {
		last = &k.p.servers.get(k.from.servers[c.Node]).item.status
	}
	if k.move.events != 0 {
		sim.JudgeEvents(v, k.p.events.get(k.move.events).item.list, c, last)
	}
	for rest := changed; rest != 0; rest = rest.Without(rest.First()) {
		k.event = invariant.Event{Kind: invariant.EvStatus, Server: rest.First()}
		v.Judge(&k.event)
	}
	for rest := k.move.reopens; rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		k.event = sim.Reopen(id, k.p.servers.get(k.to.servers[id]).item.server, k.p.disks.get(k.to.disks[id]).item.disk, v.Status[id], false)
		v.Judge(&k.event)
	}
	if len(v.Violations) > 0 && k.violation == nil {
		x := v.Violations[0]
		k.violation = &x
	}
	return k.internGhost(&v.Ghost)
}
