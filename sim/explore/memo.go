package explore

import (
	"unsafe"

	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// memo is what a worker remembers: moves, verdicts, and steps of servers. The
// tables are direct-mapped, so that the latest wins. Those without pointers lie in
// huge pages: nearly every look at them is a miss of the caches, and should not be
// one of the page tables, too.
type memo struct {
	moves    *[movesSize]moveMemo
	verdicts *[verdictsSize]verdictMemo
	steps    [stepsSize]stepMemo
	owned    []byte
}

const (
	movesSize    = 1 << 18
	verdictsSize = 1 << 18
	stepsSize    = 1 << 15
	memoBytes    = movesSize*int(unsafe.Sizeof(moveMemo{})) + verdictsSize*int(unsafe.Sizeof(verdictMemo{}))
	// One hit in so many is computed again and compared.
	recheckEvery = 1 << 10
)

// newMemo returns nil if there is no memory.
func newMemo() *memo {
	b := room(memoBytes)
	if b == nil {
		return nil
	}
	m := &memo{owned: b, moves: (*[movesSize]moveMemo)(unsafe.Pointer(&b[0]))}
	m.verdicts = (*[verdictsSize]verdictMemo)(unsafe.Pointer(&b[unsafe.Sizeof(*m.moves)]))
	return m
}

// moveMemo is a move, made small: two cache lines, and most moves need but the first.
type moveMemo struct {
	key     fp.Hash
	events  uint32
	reopens quorum.Set
	count   uint8
	changes [changesKept]uint64
}

// verdictMemo is what the ghost learned; nothing was violated.
type verdictMemo struct {
	key   fp.Hash
	ghost uint32
}

// stepMemo is one step: the key stands for the server before it and the input.
type stepMemo struct {
	key    fp.Hash
	server uint32 // after it; 0: nothing is remembered here
	out    zab.Effects
}

func (e *moveMemo) into(m *move) {
	m.events, m.reopens, m.count = e.events, e.reopens, e.count
	copy(m.changes[:e.count], e.changes[:e.count])
}

func (e *moveMemo) from(m *move) {
	e.key, e.events, e.reopens, e.count = m.key, m.events, m.reopens, m.count
	copy(e.changes[:], m.changes[:m.count])
}

// footprint names all that a choice may read or write: a choice of one server
// depends on that server, its disk and timers, and the connections that end at it;
// of what is on its way, on the message that is delivered and on no other.
// Budgets are left out, because a move only says what it spends.
func (k *worker) footprint(c sim.Choice) fp.Hash {
	t := &k.from
	ends := k.m.endsOf(c, t)
	h := fp.New(c.Word())
	if c.Kind == sim.ChoiceDeliver {
		h = h.Word(uint64(k.headOf(c)))
	}
	for rest := quorum.Set(ends); rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		h = h.Word(uint64(t.servers[id]) | uint64(t.disks[id])<<32).Word(uint64(t.timers[id]))
	}
	for i := 1; i <= k.m.clients; i++ {
		if ends&clientBit(i) != 0 {
			h = h.Word(uint64(t.clients[i]))
		}
	}
	for _, slot := range k.used {
		if k.m.mask[slot]&ends == 0 {
			continue
		}
		h = h.Word(uint64(slot)<<8 | uint64(connBits(&t.conns[slot])))
		if k.m.ends[slot].Plane == zab.PlaneElection { // what is sent may replace what was sent before
			if endBit(t.conns[slot].A)&ends != 0 {
				h = h.Word(uint64(t.queues[2*slot]))
			}
			if endBit(t.conns[slot].B)&ends != 0 {
				h = h.Word(^uint64(t.queues[2*slot+1]))
			}
		}
	}
	return h.Done()
}

// endsOf returns whom a choice concerns: servers as in a quorum.Set, clients from
// clientBit on.
func (m *space) endsOf(c sim.Choice, t *tuple) uint32 {
	switch c.Kind {
	case sim.ChoiceDeliver:
		conn := &t.conns[c.Arg/2]
		if c.Arg%2 == 0 {
			return endBit(conn.B)
		}
		return endBit(conn.A)
	case sim.ChoiceConnect:
		return m.mask[c.Arg]
	case sim.ChoiceClient:
		return clientBit(int(c.Arg))
	case sim.ChoiceBreak:
		return endBit(sim.Endpoint(c.Alt))
	case sim.ChoiceElect:
		return uint32(quorum.Of(c.Node)) | uint32(c.Alt)
	}
	return uint32(quorum.Of(c.Node))
}

// headOf names what a choice delivers; 0 stands for the end of a connection.
func (k *worker) headOf(c sim.Choice) fp.Hash {
	if n := k.from.queues[c.Arg]; n != 0 {
		return k.p.queues.word(n)
	}
	return 0
}

func clientBit(i int) uint32 { return 1 << (quorum.Max - 1 + i) }

func endBit(e sim.Endpoint) uint32 {
	if i := e.Client(); i > 0 {
		return clientBit(i)
	}
	return uint32(quorum.Of(e.Server()))
}

// recheckMove computes a hit again and compares.
func (k *worker) recheckMove(c sim.Choice, e *moveMemo) {
	k.work.Rechecked++
	k.apply(c)
	k.read(c)
	k.undo()
	var again moveMemo
	if k.move.count <= changesKept {
		k.move.key = e.key
		again = *e
		again.from(&k.move)
	}
	if again != *e {
		panic("explore: the memo of moves is wrong: a choice reads more than its footprint")
	}
}

// recheckStep computes a hit again and compares.
func (k *worker) recheckStep(s *zab.Server, id quorum.ServerID, in *zab.Input, e *stepMemo) {
	k.work.Rechecked++
	again := *in
	if n := k.runOnCopy(s, id, &again); n != e.server || hashEffects(&k.out) != hashEffects(&e.out) {
		panic("explore: the memo of steps is wrong: a forgotten field, or an input that is not in the key")
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
			h = hashDiskOp(h, &e.Disk)
		}
	}
	for i := range out.Probes() {
		h = hashProbe(h, &out.Probes()[i])
	}
	return h.Done()
}

func hashDiskOp(h fp.Hash, d *zab.DiskOp) fp.Hash {
	h = h.Word(uint64(d.Kind) | uint64(d.Token)<<8 | uint64(d.Epoch)<<32).Word(uint64(d.Zxid)).Bool(d.Fence)
	if d.Txn != nil {
		h = h.Word(uint64(d.Txn.Hash))
	}
	if d.Snap != nil {
		h = h.Word(uint64(d.Snap.Hash()))
	}
	return h
}
