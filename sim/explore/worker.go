package explore

import (
	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// The components, as they lie in their tables: frozen, with what is asked of them
// often beside them.
type (
	serverPart struct {
		server *zab.Server
		hash   fp.Hash // its fingerprint; the table's key also says who it is
		status zab.Status
	}
	diskPart struct {
		disk  *sim.Disk
		facts invariant.DiskFacts
	}
	queuePart struct {
		queue *sim.Queue
		head  fp.Hash // of the next message
	}
	clientPart struct{ client *sim.Client }
	ghostPart  struct{ ghost *invariant.Ghost }
)

// parts are the tables of one search.
type parts struct {
	servers table[serverPart]
	disks   table[diskPart]
	queues  table[queuePart]
	clients table[clientPart]
	ghosts  table[ghostPart]
}

// unknown is the id of a component that was changed and not looked up yet.
const unknown = ^uint32(0)

// worker explores states, one at a time. Its world is loaded from a tuple by
// pointers; what a choice writes to is copied into memory of the worker's own, so
// that the tuple's world can be put back for the next choice.
type worker struct {
	m *model
	p *parts

	world sim.World
	from  tuple // the state under way
	used  []uint8
	sum   fp.Sum // its fingerprint, before the last mixing
	to    tuple  // its successor

	dirty    []dirt // what the choice under way has written to
	server   [quorum.Slots]zab.Server
	disk     [quorum.Slots]sim.Disk
	queue    []sim.Queue
	client   []sim.Client
	empty    sim.Queue
	view     invariant.View
	out      zab.Effects
	choices  []sim.Choice
	caches   [sim.PartClient + 2]cache // by kind; the last is the ghosts'
	memo     *memo
	inputKey fp.Hash // of the message being delivered
	trail    fp.Hash // of what has happened in this choice, for the judge's memo

	found     []uint32 // tuples of the next level
	full      [][]uint32
	states    uint64
	moves     uint64
	violation *invariant.Violation
	work      Work
}

// dirt names a component that was copied before it was written to.
type dirt struct {
	part sim.Part
	i    int32
}

const ghostCache = sim.PartClient + 1

func newWorker(m *model, p *parts) *worker {
	k := &worker{m: m, p: p, from: m.newTuple(), to: m.newTuple(), queue: make([]sim.Queue, 2*m.slots), client: make([]sim.Client, m.clients+1)}
	k.world = *sim.NewWorld(m.setup)
	for i := range k.world.Queues {
		k.world.Queues[i] = &k.empty
	}
	k.world.Own, k.world.Memo = k.own, k.step
	k.view.Init(m.setup.Quorum)
	if m.cfg.Memo {
		k.memo = newMemo()
	}
	return k
}

// own copies a component that is about to be written to.
func (k *worker) own(w *sim.World, part sim.Part, i int) {
	switch part {
	case sim.PartQueue:
		if w.Queues[i] != &k.queue[i] {
			w.Queues[i].CloneInto(&k.queue[i])
			w.Queues[i] = &k.queue[i]
			k.dirty = append(k.dirty, dirt{part, int32(i)})
		}
	case sim.PartDisk:
		if w.Disks[i] != &k.disk[i] {
			w.Disks[i].CloneInto(&k.disk[i])
			w.Disks[i] = &k.disk[i]
			k.dirty = append(k.dirty, dirt{part, int32(i)})
		}
	case sim.PartClient:
		if w.Clients[i] != &k.client[i] {
			w.Clients[i].CloneInto(&k.client[i])
			w.Clients[i] = &k.client[i]
			k.dirty = append(k.dirty, dirt{part, int32(i)})
		}
	}
}

// load makes the next tuple of src the state under way and returns the rest.
func (k *worker) load(src []uint32) []uint32 {
	t, w := &k.from, &k.world
	for _, slot := range k.used {
		t.conns[slot], w.Conns[slot] = sim.Conn{}, sim.Conn{}
		for q := 2 * int(slot); q < 2*int(slot)+2; q++ {
			t.queues[q], w.Queues[q] = 0, &k.empty
		}
	}
	src, k.used = k.m.decode(src, t, k.used[:0])
	var sum fp.Sum
	for id := 1; id <= k.m.servers; id++ {
		w.Servers[id] = nil
		if n := t.servers[id]; n != 0 {
			e := k.p.servers.get(n)
			w.Servers[id] = e.item.server
			sum = sum.Add(sim.Slot(sim.PartServer, id), e.item.hash)
		}
		e := k.p.disks.get(t.disks[id])
		w.Disks[id] = e.item.disk
		sum = sum.Add(sim.Slot(sim.PartDisk, id), e.hash)
		w.Timers[id] = t.timers[id]
		if t.timers[id] != 0 {
			sum = sum.Add(sim.Slot(sim.PartTimers, id), sim.RawHash(uint64(t.timers[id])))
		}
	}
	for i := 1; i <= k.m.clients; i++ {
		e := k.p.clients.get(t.clients[i])
		w.Clients[i] = e.item.client
		sum = sum.Add(sim.Slot(sim.PartClient, i), e.hash)
	}
	for _, slot := range k.used {
		w.Conns[slot] = t.conns[slot]
		sum = sum.Add(sim.Slot(sim.PartConn, int(slot)), sim.RawHash(t.conns[slot].Word()))
		for q := 2 * int(slot); q < 2*int(slot)+2; q++ {
			if n := t.queues[q]; n != 0 {
				e := k.p.queues.get(n)
				w.Queues[q] = e.item.queue
				sum = sum.Add(sim.Slot(sim.PartQueue, q), e.hash)
			}
		}
	}
	w.Budget = t.budget
	sum = sum.Add(sim.Slot(sim.PartBudget, 0), sim.RawHash(t.budget.Word()))
	k.sum = sum.Add(ghostSlot, k.p.ghosts.get(t.ghost).hash)
	return src
}

// undo puts the state under way back into the world.
func (k *worker) undo() {
	t, w := &k.from, &k.world
	for id := 1; id <= k.m.servers; id++ {
		w.Servers[id] = nil
		if n := t.servers[id]; n != 0 {
			w.Servers[id] = k.p.servers.get(n).item.server
		}
		w.Timers[id] = t.timers[id]
	}
	for _, d := range k.dirty {
		switch d.part {
		case sim.PartDisk:
			w.Disks[d.i] = k.p.disks.get(t.disks[d.i]).item.disk
		case sim.PartClient:
			w.Clients[d.i] = k.p.clients.get(t.clients[d.i]).item.client
		case sim.PartQueue:
			w.Queues[d.i] = &k.empty
			if n := t.queues[d.i]; n != 0 {
				w.Queues[d.i] = k.p.queues.get(n).item.queue
			}
		}
	}
	k.dirty = k.dirty[:0]
	copy(w.Conns, t.conns)
	w.Budget = t.budget
}

// expand visits all successors of the state that was loaded.
func (k *worker) expand(v *visited) {
	k.choices = k.world.Enabled(k.choices[:0], k.m.cfg.Options)
	for _, c := range k.choices {
		k.try(c)
		k.moves++
		if h := k.successor(c); v.insert(h) {
			k.states++
			k.emit()
		}
		k.undo()
	}
}

// try applies a choice to the world.
func (k *worker) try(c sim.Choice) {
	k.to.servers, k.inputKey = k.from.servers, 0
	k.trail = fp.New(c.Word())
	switch c.Kind {
	case sim.ChoiceDeliver:
		if n := k.from.queues[c.Arg]; n != 0 {
			k.inputKey = k.p.queues.get(n).item.head
		}
		k.trail = fp.New(uint64(sim.ChoiceDeliver)) // steps say the rest
	case sim.ChoiceConnect:
		k.trail = fp.New(uint64(sim.ChoiceConnect))
	case sim.ChoiceCrash:
		k.trail = k.trail.Word(uint64(k.from.servers[c.Node]))
	}
	k.world.Apply(c)
}

// emit appends the successor to the next level.
func (k *worker) emit() {
	k.found = k.m.encode(k.found, &k.to)
	if len(k.found) >= packWords {
		k.full = append(k.full, k.found)
		k.found = make([]uint32, 0, packWords+packSlack)
	}
}

// A level is cut into packs of this size, which workers take one at a time.
const (
	packWords = 1 << 13
	packSlack = 1 << 10
)
