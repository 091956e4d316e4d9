package explore

import (
	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// worker explores states, one at a time. Its world is loaded from a tuple by
// pointers; what a choice writes to is copied into memory of the worker's own, so
// that the tuple's world can be put back for the next choice.
type worker struct {
	m     *space
	p     *parts
	packs *packs

	world sim.World
	from  tuple // the state under way
	to    tuple // its successor; between two choices it equals from
	used  []int // connection slots that are in use

	choices []sim.Choice
	keys    []fp.Hash // of the choices, in the memo of moves
	sink    fp.Hash   // keeps the compiler from leaving reads out
	move    move      // what the choice under way changes

	// The copies: of what the choice under way has written to, and what that is.
	dirty  []dirt
	server [quorum.Slots]zab.Server
	disk   [quorum.Slots]sim.Disk
	queue  []sim.Queue
	client []sim.Client
	empty  sim.Queue
	tail   sim.Queue // scratch
	joins  [joinsSize]joined

	view   invariant.View
	event  invariant.Event
	out    zab.Effects
	caches [kinds]cache
	memo   *memo

	// Of the choice under way, once it is applied to the world.
	applied bool
	input   fp.Hash              // the message being delivered
	cleared []uint32             // queues
	now     [quorum.Slots]uint32 // what the server slots hold

	found     []uint32 // tuples of the next level
	full      [][]uint32
	made      int      // components by the choice under way
	recipes   []uint32 // how
	states    uint64
	moves     uint64
	violation *invariant.Violation
	work      Work
	sleep     sleep
}

// unknown is the id of a server that has changed and was not looked up yet.
const unknown = ^uint32(0)

// joined is a queue after something was appended to it, or taken off.
type joined struct {
	key uint64
	id  uint32
}

const joinsSize = 1 << 11

// dirt names a component that was copied before it was written to.
type dirt struct {
	part sim.Part
	i    int32
}

func newWorker(m *space, p *parts, room *packs) *worker {
	k := &worker{m: m, p: p, packs: room, from: m.newTuple(), to: m.newTuple(), queue: make([]sim.Queue, 2*m.slots), client: make([]sim.Client, m.clients+1)}
	k.world = *sim.NewWorld(m.setup)
	for i := range k.world.Queues {
		k.world.Queues[i] = &k.empty
	}
	k.world.Own, k.world.Memo = k.own, k.step
	k.view.Init(m.setup.Quorum)
	if m.cfg.Memo {
		k.memo = newMemo() // without one it is slower
	}
	return k
}

// close gives memory back that the garbage collector does not know.
func (k *worker) close() {
	if k.memo != nil {
		giveBack(k.memo.owned)
		k.memo = nil
	}
}

// load makes the next tuple of src the state under way and returns the rest.
func (k *worker) load(src []uint32) []uint32 {
	t, w := &k.from, &k.world
	for _, slot := range k.used {
		t.conns[slot], w.Conns[slot], k.to.conns[slot] = sim.Conn{}, sim.Conn{}, sim.Conn{}
		for q := 2 * slot; q < 2*slot+2; q++ {
			t.queues[q], k.to.queues[q], w.Queues[q] = 0, 0, &k.empty
		}
	}
	src, k.used = k.m.decode(src, t, k.used[:0])
	k.to.servers, k.to.disks, k.to.timers = t.servers, t.disks, t.timers
	k.to.ghost, k.to.budget, k.to.sum, k.to.twin = t.ghost, t.budget, t.sum, t.twin
	for id := 1; id <= k.m.servers; id++ {
		w.Servers[id] = nil
		if n := t.servers[id]; n != 0 {
			w.Servers[id] = k.p.servers.get(n).item.server
		}
		w.Disks[id] = k.p.disks.get(t.disks[id]).item.disk
		w.Timers[id] = t.timers[id]
	}
	for i := 1; i <= k.m.clients; i++ {
		k.to.clients[i] = t.clients[i]
		w.Clients[i] = k.p.clients.get(t.clients[i]).item.client
	}
	for _, slot := range k.used {
		w.Conns[slot], k.to.conns[slot] = t.conns[slot], t.conns[slot]
		for q := 2 * slot; q < 2*slot+2; q++ {
			if n := t.queues[q]; n != 0 {
				k.to.queues[q] = n
				w.Queues[q] = k.p.queues.get(n).item.queue
			}
		}
	}
	w.Budget = t.budget
	return src
}

// expand visits all successors of the state that was loaded. It stops, and returns
// the choice, if each says so.
func (k *worker) expand(v *visited, each func(c sim.Choice, fresh bool) bool) {
	k.choices = k.world.Enabled(k.choices[:0], k.m.cfg.Options)
	if k.m.cfg.Reduce == ReduceAmple {
		k.choices = k.ample(k.choices)
	}
	k.lookUp()
	for i, c := range k.choices {
		k.moves++
		k.find(c, k.keys[i])
		k.take()
		if ghost := k.judge(c); ghost != k.from.ghost {
			k.set(change(ghostPlace, 0, ghost))
		}
		if k.made > 0 {
			k.recipe(c)
		}
		fresh := v.insert(k.m.finger(&k.to))
		if each != nil && each(c, fresh) {
			return
		}
		if fresh {
			k.states++
			k.emit()
		}
		k.back()
		if k.applied {
			k.undo()
		}
	}
}

// emit appends the successor to the next level.
func (k *worker) emit() {
	if k.found == nil {
		k.found = k.packs.get()
	}
	k.found = k.m.encode(k.found, &k.to)
	if len(k.found) >= packWords {
		k.full = append(k.full, k.found)
		k.found = nil
	}
}
