package explore

import (
	"slices"

	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// move is what one choice changes, in a state whose footprint for that choice is
// known: new ids and words, and what is left for the judge to see.
type move struct {
	key     fp.Hash // choice and footprint
	events  uint32  // what happened, 0 if nothing did
	reopens quorum.Set
	count   uint8
	changes [changesMax]uint64
}

// changesMax bounds the changes of one choice: every component and word of three
// servers that all lose a connection. A move that is remembered has at most
// changesKept of them.
const (
	changesMax  = 96
	changesKept = 14
)

// change packs the new value of one place in a tuple.
func change(part sim.Part, i int, value uint32) uint64 {
	return uint64(part)<<48 | uint64(i)<<32 | uint64(value)
}

// The places that a change names, besides the world's parts.
const (
	ghostPlace = sim.PartBudget + 1 + iota
	queueJoin  // the messages of a queue, and its end, are appended to queue i
	queueDrop  // the head of queue i is gone
)

func (m *move) add(part sim.Part, i int, value uint32) {
	m.changes[m.count] = change(part, i, value)
	m.count++
}

// find fills in the move of a choice: from memory if there was one like it, with
// the same footprint, else by applying the choice to the world.
func (k *worker) find(c sim.Choice, key fp.Hash) {
	if k.memo == nil {
		k.apply(c)
		k.read(c)
		return
	}
	e := &k.memo.moves[key%movesSize]
	if e.key == key {
		k.work.MoveHits++
		if k.work.MoveHits%recheckEvery == 0 {
			k.recheckMove(c, e)
		}
		e.into(&k.move)
		return
	}
	k.apply(c)
	k.read(c)
	if k.move.count <= changesKept {
		k.move.key = key
		e.from(&k.move)
	}
}

// lookUp computes the keys of all choices, and reads their places in the memo: so
// that several wait for memory at the same time.
func (k *worker) lookUp() {
	k.keys = k.keys[:0]
	for _, c := range k.choices {
		if k.memo == nil {
			k.keys = append(k.keys, 0)
			continue
		}
		key := k.footprint(c)
		k.keys = append(k.keys, key)
		k.sink += k.memo.moves[key%movesSize].key
	}
}

// apply applies a choice to the world.
func (k *worker) apply(c sim.Choice) {
	k.applied, k.input, k.now = true, 0, k.from.servers
	switch c.Kind {
	case sim.ChoiceDeliver:
		k.input = k.headOf(c)
	case sim.ChoiceReboot:
		k.now[c.Node] = 0 // another process, whose first step is no step of the old one
	}
	k.world.Apply(c)
}

// read fills in the move from what the world has become.
func (k *worker) read(c sim.Choice) {
	m, w, from := &k.move, &k.world, &k.from
	m.count = 0
	for id := 1; id <= k.m.servers; id++ {
		n := k.now[id]
		switch {
		case w.Servers[id] == nil:
			n = 0
		case n == unknown || n == 0:
			n = k.internServer(w.Servers[id])
		}
		if n != from.servers[id] {
			m.add(sim.PartServer, id, n)
		}
		if t := w.Timers[id]; t != from.timers[id] {
			m.add(sim.PartTimers, id, t)
		}
	}
	for _, d := range k.dirty {
		i := int(d.i)
		switch d.part {
		case sim.PartDisk:
			if n := k.internDisk(&k.disk[i]); n != from.disks[i] {
				m.add(d.part, i, n)
			}
		case sim.PartClient:
			if n := k.internClient(&k.client[i]); n != from.clients[i] {
				m.add(d.part, i, n)
			}
		}
	}
	k.readQueues(c)
	for slot := range w.Conns {
		if w.Conns[slot] != from.conns[slot] {
			m.add(sim.PartConn, slot, connBits(&w.Conns[slot]))
		}
	}
	if w.Budget != from.budget { // spent: the move does not depend on what is left
		spent := from.budget.Word() - w.Budget.Word() // no byte borrows: nothing is overdrawn
		for i := range 2 {
			if half := uint32(spent >> (32 * i)); half != 0 {
				m.add(sim.PartBudget, i, half)
			}
		}
	}
	m.reopens = w.Reopens(c)
	m.events = k.internEvents(w.Events)
}

// readQueues says what happened to queues, and not what became of them: so a move
// does not depend on what else is on its way. A queue is cleared whatever it held.
func (k *worker) readQueues(c sim.Choice) {
	m := &k.move
	for i := range k.world.Notices {
		if n := &k.world.Notices[i]; n.Op == sim.NoticeClear {
			m.add(sim.PartQueue, int(n.Arg), k.internQueue(k.world.Queues[n.Arg])) // and what came after
			k.cleared = append(k.cleared, n.Arg)
		}
	}
	for _, d := range k.dirty {
		if d.part != sim.PartQueue || slices.Contains(k.cleared, uint32(d.i)) {
			continue
		}
		i, had, ended := int(d.i), 0, false
		if n := k.from.queues[i]; n != 0 {
			old := k.p.queues.get(n).item.queue
			had, ended = old.Len(), old.Ends()
		}
		if c.Kind == sim.ChoiceDeliver && int(c.Arg) == i && had > 0 {
			had--
			m.add(queueDrop, i, 0)
		} else if k.m.ends[i/2].Plane == zab.PlaneElection {
			m.add(sim.PartQueue, i, k.internQueue(&k.queue[i]))
			continue
		}
		if k.queue[i].Len() > had || k.queue[i].Ends() && !ended {
			k.queue[i].Tail(had, &k.tail)
			m.add(queueJoin, i, k.internQueue(&k.tail))
		}
	}
	k.cleared = k.cleared[:0]
}

// join returns the id of a queue after a change, which is remembered by both ids.
func (k *worker) join(old, tail uint32, drop bool) uint32 {
	key := uint64(old)<<32 | uint64(tail)
	if drop {
		key = ^key
	}
	e := &k.joins[fp.Hash(key).Done()%joinsSize]
	if e.key == key {
		return e.id
	}
	q := &k.tail
	k.empty.CloneInto(q)
	if old != 0 {
		k.p.queues.get(old).item.queue.CloneInto(q)
	}
	if drop {
		q.Drop()
	} else {
		q.Join(k.p.queues.get(tail).item.queue)
	}
	e.key, e.id = key, k.internQueue(q)
	return e.id
}

// take makes the successor of the tuple.
func (k *worker) take() {
	for i := range k.move.count {
		k.set(k.move.changes[i])
	}
}

// set makes one change to the successor and brings its sum up to date.
func (k *worker) set(c uint64) {
	part, i, v := sim.Part(c>>48), int(uint16(c>>32)), uint32(c)
	slot := sim.Slot(part, i)
	t := &k.to
	switch part {
	case sim.PartServer:
		k.replace(slot, k.p.servers.hash(t.servers[i]), k.p.servers.hash(v))
		t.servers[i] = v
	case sim.PartDisk:
		k.replace(slot, k.p.disks.hash(t.disks[i]), k.p.disks.hash(v))
		t.disks[i] = v
	case sim.PartQueue, queueJoin, queueDrop:
		slot = sim.Slot(sim.PartQueue, i)
		if part != sim.PartQueue {
			v = k.join(t.queues[i], v, part == queueDrop)
		}
		k.replace(slot, k.p.queues.hash(t.queues[i]), k.p.queues.hash(v))
		t.queues[i] = v
	case sim.PartClient:
		k.replace(slot, k.p.clients.hash(t.clients[i]), k.p.clients.hash(v))
		t.clients[i] = v
	case ghostPlace:
		k.replace(ghostSlot, k.p.ghosts.hash(t.ghost), k.p.ghosts.hash(v))
		t.ghost = v
	case sim.PartTimers:
		k.replace(slot, word(uint64(t.timers[i])), word(uint64(v)))
		t.timers[i] = v
	case sim.PartConn:
		now := k.m.conn(i, v)
		k.replace(slot, connWord(&t.conns[i]), connWord(&now))
		t.conns[i] = now
	case sim.PartBudget:
		now := sim.BudgetOf(t.budget.Word() - uint64(v)<<(32*i))
		k.replace(sim.Slot(part, 0), sim.RawHash(t.budget.Word()), sim.RawHash(now.Word()))
		t.budget = now
	}
}

// back undoes set: the successor equals the tuple again.
func (k *worker) back() {
	from, to := &k.from, &k.to
	for j := range k.move.count {
		c := k.move.changes[j]
		i := int(uint16(c >> 32))
		switch sim.Part(c >> 48) {
		case sim.PartServer:
			to.servers[i] = from.servers[i]
		case sim.PartDisk:
			to.disks[i] = from.disks[i]
		case sim.PartQueue, queueJoin, queueDrop:
			to.queues[i] = from.queues[i]
		case sim.PartClient:
			to.clients[i] = from.clients[i]
		case sim.PartTimers:
			to.timers[i] = from.timers[i]
		case sim.PartConn:
			to.conns[i] = from.conns[i]
		}
	}
	to.sum, to.twin, to.ghost, to.budget = from.sum, from.twin, from.ghost, from.budget
}

// replace takes one component out of the successor's sums and puts another in. Hash
// 0 stands for none.
func (k *worker) replace(slot uint64, old, now fp.Hash) {
	t := &k.to
	if old != 0 {
		t.sum = t.sum.Sub(slot, old)
	}
	if now != 0 {
		t.sum = t.sum.Add(slot, now)
	}
	if !k.m.cfg.Wide {
		return
	}
	if old != 0 {
		t.twin = t.twin.Sub(slot, old)
	}
	if now != 0 {
		t.twin = t.twin.Add(slot, now)
	}
}

// word names a raw word; 0 counts for nothing.
func word(w uint64) fp.Hash {
	if w == 0 {
		return 0
	}
	return sim.RawHash(w)
}

func connWord(c *sim.Conn) fp.Hash {
	if c.State == sim.ConnFree {
		return 0
	}
	return sim.RawHash(c.Word())
}

// hashEvents names what happened by what the checks read of it; 0 if nothing did.
// Its last two bits say that something did, and whether some of it is loud.
func hashEvents(events []invariant.Event) fp.Hash {
	if len(events) == 0 {
		return 0
	}
	h := fp.New(uint64(len(events)))
	var flags fp.Hash = 1
	for i := range events {
		e := &events[i]
		if isLoud(e) {
			flags |= loudEvents
		}
		h = h.Word(uint64(e.Kind) | uint64(e.Server)<<8 | uint64(e.Peer)<<16)
		switch e.Kind {
		case invariant.EvProbe:
			h = hashProbe(h, &e.Probe)
		case invariant.EvAck, invariant.EvPromise:
			h = h.Word(uint64(e.Zxid))
		}
	}
	return h.Done()&^(loudEvents|1) | flags
}

func hashProbe(h fp.Hash, p *zab.Probe) fp.Hash {
	h = h.Word(uint64(p.Kind) | uint64(p.Peer)<<8 | uint64(p.Set)<<16 | uint64(p.Mode)<<24 | uint64(p.Epoch)<<32)
	h = h.Word(uint64(p.Zxid)).Word(uint64(p.Chain)).Word(uint64(p.Digest)).String(p.Reason)
	h = h.Word(uint64(p.Cut)).Word(uint64(p.Flag))
	if p.Kind == zab.ProbeAdopt {
		h = p.Was.Fold(p.Vote.Fold(h))
	}
	if p.Txn != nil {
		h = h.Word(uint64(p.Txn.Hash))
	}
	return h
}
