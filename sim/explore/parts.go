package explore

import (
	"unsafe"

	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/zab"
)

// The components, as they lie in their tables: frozen, with what is asked of them
// often beside them. Hash is what a component adds to a world's fingerprint.
type (
	serverPart struct {
		server *zab.Server
		facts  fp.Hash // names status
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

	// What a choice made happen is no part of a state, but a few lists of events come
	// again and again, and a move names one.
	eventsPart struct{ list []invariant.Event }
)

func (p serverPart) word() fp.Hash { return p.facts }
func (p diskPart) word() fp.Hash   { return 0 }
func (p queuePart) word() fp.Hash  { return p.head }
func (p clientPart) word() fp.Hash { return 0 }
func (p ghostPart) word() fp.Hash  { return 0 }
func (p eventsPart) word() fp.Hash { return 0 }

// parts are the tables of one search.
type parts struct {
	servers table[serverPart]
	disks   table[diskPart]
	queues  table[queuePart]
	clients table[clientPart]
	ghosts  table[ghostPart]
	events  table[eventsPart]
}

// tables lists them for checkpoints: all, since a component is made again with
// others.
func (p *parts) tables() []interface {
	keys() []fp.Hash
	reserve([]fp.Hash)
	release() bool
} {
	return []interface {
		keys() []fp.Hash
		reserve([]fp.Hash)
		release() bool
	}{&p.servers, &p.disks, &p.queues, &p.clients, &p.ghosts, &p.events}
}

// bytes estimates what the components take: each with its entry, its share of a
// shard's map, and a little for what its slices hold.
func (p *parts) bytes() uint64 {
	const more = 64 + 100
	var (
		s zab.Server
		d sim.Disk
		q sim.Queue
		c sim.Client
		g invariant.Ghost
	)
	return uint64(p.servers.len())*uint64(unsafe.Sizeof(s)+unsafe.Sizeof(serverPart{})+more) +
		uint64(p.disks.len())*uint64(unsafe.Sizeof(d)+unsafe.Sizeof(diskPart{})+more) +
		uint64(p.queues.len())*uint64(unsafe.Sizeof(q)+2*unsafe.Sizeof(zab.Msg{})+unsafe.Sizeof(queuePart{})+more) +
		uint64(p.clients.len())*uint64(unsafe.Sizeof(c)+unsafe.Sizeof(clientPart{})+more) +
		uint64(p.events.len())*uint64(2*unsafe.Sizeof(invariant.Event{})+more) +
		uint64(p.ghosts.len())*uint64(unsafe.Sizeof(g)+unsafe.Sizeof(ghostPart{})+more)
}

// The kinds of components, for the worker's caches.
const (
	kindServer = iota
	kindDisk
	kindQueue
	kindClient
	kindGhost
	kindEvents
	kinds
)

// internServer keys a server by who it is, too: what it was configured with is not
// in its fingerprint, and a world's slots say the rest.
func (k *worker) internServer(s *zab.Server) uint32 {
	hash := s.Fingerprint()
	key := hash.Word(uint64(s.ID()))
	if id := k.caches[kindServer].find(key); id != 0 {
		return id
	}
	return k.caches[kindServer].keep(key, k.p.servers.intern(key, hash, &k.made, func() (c serverPart) {
		c.server = new(zab.Server)
		s.CloneInto(c.server)
		s.StatusInto(&c.status)
		c.facts = hashStatus(&c.status)
		return c
	}))
}

func (k *worker) internDisk(d *sim.Disk) uint32 {
	h := d.Fingerprint()
	if id := k.caches[kindDisk].find(h); id != 0 {
		return id
	}
	return k.caches[kindDisk].keep(h, k.p.disks.intern(h, h, &k.made, func() (c diskPart) {
		c.disk = new(sim.Disk)
		d.CloneInto(c.disk)
		c.disk.FactsInto(&c.facts)
		return c
	}))
}

// internQueue returns 0 for a queue from which nothing is to be learned.
func (k *worker) internQueue(q *sim.Queue) uint32 {
	if q.Empty() {
		return 0
	}
	h := q.Fingerprint()
	if id := k.caches[kindQueue].find(h); id != 0 {
		return id
	}
	return k.caches[kindQueue].keep(h, k.p.queues.intern(h, h, &k.made, func() (c queuePart) {
		c.queue = new(sim.Queue)
		q.CloneInto(c.queue)
		if q.Len() > 0 {
			c.head = q.Head().Hash()
		}
		return c
	}))
}

func (k *worker) internClient(c *sim.Client) uint32 {
	h := c.Fingerprint()
	if id := k.caches[kindClient].find(h); id != 0 {
		return id
	}
	return k.caches[kindClient].keep(h, k.p.clients.intern(h, h, &k.made, func() clientPart {
		p := clientPart{new(sim.Client)}
		c.CloneInto(p.client)
		return p
	}))
}

func (k *worker) internGhost(g *invariant.Ghost) uint32 {
	h := g.Fingerprint()
	if id := k.caches[kindGhost].find(h); id != 0 {
		return id
	}
	return k.caches[kindGhost].keep(h, k.p.ghosts.intern(h, h, &k.made, func() ghostPart {
		p := ghostPart{new(invariant.Ghost)}
		g.CloneInto(p.ghost)
		return p
	}))
}

// internEvents returns 0 if nothing happened.
func (k *worker) internEvents(list []invariant.Event) uint32 {
	h := hashEvents(list)
	if h == 0 {
		return 0
	}
	if id := k.caches[kindEvents].find(h); id != 0 {
		return id
	}
	return k.caches[kindEvents].keep(h, k.p.events.intern(h, h, &k.made, func() eventsPart {
		return eventsPart{append([]invariant.Event(nil), list...)}
	}))
}

// intern makes a tuple of a whole world.
func (k *worker) intern(w *sim.World, g *invariant.Ghost) tuple {
	t := k.m.newTuple()
	for id := 1; id <= k.m.servers; id++ {
		if w.Servers[id] != nil {
			t.servers[id] = k.internServer(w.Servers[id])
		}
		t.disks[id] = k.internDisk(w.Disks[id])
		t.timers[id] = w.Timers[id]
	}
	for i := 1; i <= k.m.clients; i++ {
		t.clients[i] = k.internClient(w.Clients[i])
	}
	for i, q := range w.Queues {
		t.queues[i] = k.internQueue(q)
	}
	copy(t.conns, w.Conns)
	t.budget, t.ghost = w.Budget, k.internGhost(g)
	t.sum = w.Sum().Add(ghostSlot, g.Fingerprint())
	return t
}

// hashStatus names a status: two servers that have the same one look the same to
// every check.
func hashStatus(st *zab.Status) fp.Hash {
	h := fp.New(0x5354).Word(uint64(st.State) | uint64(st.Phase)<<8 | uint64(st.Leader)<<16 | uint64(st.Mode)<<24 | uint64(st.Outstanding)<<32)
	h = h.Bool(st.Stopping).Bool(st.Serving).Word(uint64(st.Round)).Word(uint64(st.AcceptedEpoch)<<32 | uint64(st.CurrentEpoch))
	h = h.Word(uint64(st.LastProcessed)).Word(uint64(st.Applied)).Word(uint64(st.AppliedChain)).Word(uint64(st.LastLogged)).Word(uint64(st.LogChain))
	h = h.Word(uint64(st.Epoch)).Word(uint64(st.LastProposed)).Word(uint64(st.LastCommitted))
	return h.Word(uint64(st.Connecting) | uint64(st.Electing)<<8 | uint64(st.NewLeaderAcks)<<16 | uint64(st.Forwarding)<<24).Done()
}
