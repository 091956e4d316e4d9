package explore

import (
	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// own copies a component that the world is about to write to.
func (k *worker) own(w *sim.World, part sim.Part, i int) {
	switch part {
	case sim.PartQueue:
		if w.Queues[i] == &k.queue[i] {
			return
		}
		w.Queues[i].CloneInto(&k.queue[i])
		w.Queues[i] = &k.queue[i]
	case sim.PartDisk:
		if w.Disks[i] == &k.disk[i] {
			return
		}
		w.Disks[i].CloneInto(&k.disk[i])
		w.Disks[i] = &k.disk[i]
	case sim.PartClient:
		if w.Clients[i] == &k.client[i] {
			return
		}
		w.Clients[i].CloneInto(&k.client[i])
		w.Clients[i] = &k.client[i]
	default:
		return
	}
	k.dirty = append(k.dirty, dirt{part, int32(i)})
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
	k.applied = false
}

// step is the world's Memo: it runs a server's step on a copy, unless the same
// server has had the same input before.
func (k *worker) step(w *sim.World, id quorum.ServerID, in *zab.Input) *zab.Effects {
	k.work.Steps++
	n := k.now[id]
	if n == 0 || n == unknown { // just started: nobody else has it
		k.now[id] = unknown
		return k.run(w.Servers[id], in)
	}
	if k.memo == nil {
		s := &k.server[id]
		w.Servers[id].CloneInto(s)
		w.Servers[id] = s
		k.now[id] = unknown
		return k.run(s, in)
	}
	key := k.stepKey(n, in)
	e := &k.memo.steps[key%stepsSize]
	if e.server != 0 && e.key == key {
		k.work.StepHits++
		if k.work.StepHits%recheckEvery == 0 {
			k.recheckStep(w.Servers[id], id, in, e)
		}
	} else {
		e.key = key
		e.server = k.runOnCopy(w.Servers[id], id, in)
		k.out.CopyInto(&e.out)
	}
	k.now[id] = e.server
	w.Servers[id] = k.p.servers.get(e.server).item.server
	return &e.out
}

// stepKey names a server and an input by their content. Time is constant, and a
// vote names nothing but the leader, who is the Peer.
func (k *worker) stepKey(n uint32, in *zab.Input) fp.Hash {
	w := uint64(in.Kind) | uint64(in.Plane)<<8 | uint64(in.Peer)<<16 | uint64(in.Timer)<<24 | uint64(in.Token)<<32 | uint64(in.Lane)<<48
	if in.Incoming {
		w |= 1 << 40
	}
	h := fp.New(uint64(n)).Word(w).Word(uint64(in.Conn))
	if in.Kind == zab.Received {
		h = h.Word(uint64(k.input))
	}
	return h.Done()
}

func (k *worker) run(s *zab.Server, in *zab.Input) *zab.Effects {
	k.out.Reset()
	s.Step(in, &k.out)
	if k.m.setup.Grain == plan.GrainAtomic {
		s.Drain(in, &k.out)
	}
	return &k.out
}

func (k *worker) runOnCopy(s *zab.Server, id quorum.ServerID, in *zab.Input) uint32 {
	scratch := &k.server[id]
	s.CloneInto(scratch)
	k.run(scratch, in)
	return k.internServer(scratch)
}
