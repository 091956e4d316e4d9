package explore

import (
	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// memo is what a worker remembers: steps of servers, and verdicts. Both tables are
// direct-mapped, so that the latest wins.
type memo struct {
	steps    [memoSize]stepMemo
	verdicts [memoSize]verdictMemo
}

const (
	memoSize = 1 << 16
	// One hit in so many is computed again and compared.
	recheckEvery = 1 << 10
)

// stepMemo is one step: the key stands for the server before it and the input.
type stepMemo struct {
	key    fp.Hash
	server uint32 // after it; 0: nothing is remembered here
	out    zab.Effects
}

type verdictMemo struct {
	key   fp.Hash
	ghost uint32
}

func newMemo() *memo { return new(memo) }

// step is the world's Memo: it runs a server's step on a copy, unless the same
// server has had the same input before.
func (k *worker) step(w *sim.World, id quorum.ServerID, in *zab.Input) *zab.Effects {
	k.work.Steps++
	n := k.to.servers[id]
	if n == 0 || n == unknown { // just started: nobody else has it
		k.to.servers[id] = unknown
		k.trail = k.trail.Word(uint64(id))
		return k.run(w.Servers[id], in)
	}
	if k.memo == nil {
		s := &k.server[id]
		w.Servers[id].CloneInto(s)
		w.Servers[id] = s
		k.to.servers[id] = unknown
		return k.run(s, in)
	}
	key := k.stepKey(n, in)
	k.trail = k.trail.Word(uint64(key)).Word(uint64(id))
	e := &k.memo.steps[key%memoSize]
	if e.server != 0 && e.key == key {
		k.work.StepHits++
		if k.work.StepHits%recheckEvery == 0 {
			k.recheck(w.Servers[id], id, in, e)
		}
	} else {
		e.key = key
		e.server = k.runOnCopy(w.Servers[id], id, in)
		k.out.CopyInto(&e.out)
	}
	k.to.servers[id] = e.server
	w.Servers[id] = k.p.servers.get(e.server).item.server
	return &e.out
}

// stepKey names a server and an input by their content. Time is constant, and a
// vote names nothing but the leader, who is the Peer.
func (k *worker) stepKey(n uint32, in *zab.Input) fp.Hash {
	w := uint64(in.Kind) | uint64(in.Plane)<<8 | uint64(in.Peer)<<16 | uint64(in.Timer)<<24 | uint64(in.Token)<<32
	if in.Incoming {
		w |= 1 << 40
	}
	h := fp.New(uint64(n)).Word(w).Word(uint64(in.Conn))
	if in.Kind == zab.Received {
		h = h.Word(uint64(k.inputKey))
	}
	return h.Done()
}

func (k *worker) run(s *zab.Server, in *zab.Input) *zab.Effects {
	k.out.Reset()
	s.Step(in, &k.out)
	s.Drain(in, &k.out)
	return &k.out
}

func (k *worker) runOnCopy(s *zab.Server, id quorum.ServerID, in *zab.Input) uint32 {
	scratch := &k.server[id]
	s.CloneInto(scratch)
	k.run(scratch, in)
	return k.internServer(scratch)
}

// recheck computes a hit again. The input's kind is restored: draining lanes
// writes over it.
func (k *worker) recheck(s *zab.Server, id quorum.ServerID, in *zab.Input, e *stepMemo) {
	k.work.Rechecked++
	again := *in
	if n := k.runOnCopy(s, id, &again); n != e.server || hashEffects(&k.out) != hashEffects(&e.out) {
		panic("explore: the step memo is wrong: a forgotten field, or an input that is not in the key")
	}
}

// hashEffects names effects and probes by what their host reads of them.
func hashEffects(out *zab.Effects) fp.Hash {
	h := fp.New(uint64(len(out.List())))
	for i := range out.List() {
		e := &out.List()[i]
		h = h.Word(uint64(e.Op))
		switch e.Op {
		case zab.OpDial, zab.OpAbandon:
			h = h.Word(uint64(e.Plane) | uint64(e.Peer)<<8)
		case zab.OpSend:
			h = h.Word(uint64(e.Conn)).Word(uint64(e.Msg.Hash()))
		case zab.OpClose:
			h = h.Word(uint64(e.Conn))
		case zab.OpSetTimer, zab.OpStopTimer:
			h = h.Word(uint64(e.Timer))
		case zab.OpDisk:
			d := &e.Disk
			h = h.Word(uint64(d.Kind) | uint64(d.Token)<<8 | uint64(d.Epoch)<<32).Word(uint64(d.Zxid)).Bool(d.Fence)
			if d.Txn != nil {
				h = h.Word(uint64(d.Txn.Hash))
			}
			if d.Snap != nil {
				h = h.Word(uint64(d.Snap.Hash()))
			}
		}
	}
	for i := range out.Probes() {
		p := &out.Probes()[i]
		h = h.Word(uint64(p.Kind) | uint64(p.Peer)<<8 | uint64(p.Set)<<16 | uint64(p.Mode)<<24 | uint64(p.Epoch)<<32)
		h = h.Word(uint64(p.Zxid)).Word(uint64(p.Chain)).String(p.Reason)
		if p.Txn != nil {
			h = h.Word(uint64(p.Txn.Hash))
		}
	}
	return h.Done()
}
