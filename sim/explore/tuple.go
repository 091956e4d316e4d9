package explore

import (
	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/zab/quorum"
)

// tuple is a state: the ids of its components, and the words that belong to none.
type tuple struct {
	servers [quorum.Slots]uint32
	disks   [quorum.Slots]uint32
	timers  [quorum.Slots]uint32
	clients []uint32 // slot 0 is unused
	queues  []uint32
	conns   []sim.Conn
	ghost   uint32
	budget  sim.Budget
	index   uint32  // of the state, where parents are kept
	sum     fp.Sum  // its fingerprint before the last mixing
	twin    fp.Twin // another one of the same components, if fingerprints are wide
}

func (m *space) newTuple() tuple {
	return tuple{clients: make([]uint32, m.clients+1), queues: make([]uint32, 2*m.slots), conns: make([]sim.Conn, m.slots)}
}

// finger returns the tuple's fingerprint.
func (m *space) finger(t *tuple) finger {
	f := finger{near: t.sum.Hash()}
	if m.cfg.Wide {
		f.far = t.twin.Hash()
	}
	return f
}

// encode appends the tuple to a level: 4 bytes for each component, and for each
// connection slot in use its number, its state and its two queues. The count of
// those shares a word with the upper half of the budget.
func (m *space) encode(dst []uint32, t *tuple) []uint32 {
	dst = append(dst, t.servers[1:m.servers+1]...)
	dst = append(dst, t.disks[1:m.servers+1]...)
	dst = append(dst, t.timers[1:m.servers+1]...)
	dst = append(dst, t.clients[1:]...)
	if m.cfg.Wide {
		dst = append(dst, uint32(t.twin), uint32(t.twin>>32))
	}
	at := len(dst) + 5
	dst = append(dst, t.ghost, uint32(t.budget.Word()), t.index, uint32(t.sum), uint32(t.sum>>32), uint32(t.budget.Word()>>32)<<16)
	for slot := range t.conns {
		c := &t.conns[slot]
		if c.State == sim.ConnFree {
			continue
		}
		dst[at]++
		dst = append(dst, uint32(slot)<<8|connBits(c), t.queues[2*slot], t.queues[2*slot+1])
	}
	return dst
}

// decode reads the first tuple of a level and returns the rest. Slots that are not
// in use are left as they are: used lists those that are.
func (m *space) decode(src []uint32, t *tuple, used []int) (rest []uint32, slots []int) {
	n := m.servers
	copy(t.servers[1:], src[:n])
	copy(t.disks[1:], src[n:2*n])
	copy(t.timers[1:], src[2*n:3*n])
	copy(t.clients[1:], src[3*n:3*n+m.clients])
	src = src[3*n+m.clients:]
	if m.cfg.Wide {
		t.twin = fp.Twin(src[0]) | fp.Twin(src[1])<<32
		src = src[2:]
	}
	t.ghost, t.index, t.sum = src[0], src[2], fp.Sum(src[3])|fp.Sum(src[4])<<32
	t.budget = sim.BudgetOf(uint64(src[1]) | uint64(src[5]>>16)<<32)
	count := src[5] & 0xFFFF
	src = src[6:]
	for range count {
		slot := int(src[0] >> 8)
		t.conns[slot] = m.conn(slot, src[0])
		t.queues[2*slot], t.queues[2*slot+1] = src[1], src[2]
		used = append(used, slot)
		src = src[3:]
	}
	return src, used
}

// connBits packs what the number of a slot does not say.
func connBits(c *sim.Conn) uint32 {
	b := uint32(c.State)
	if c.AOpen {
		b |= 4
	}
	if c.BOpen {
		b |= 8
	}
	return b
}

func (m *space) conn(slot int, bits uint32) sim.Conn {
	c := m.ends[slot]
	c.State, c.AOpen, c.BOpen = sim.ConnState(bits&3), bits&4 != 0, bits&8 != 0
	return c
}

// slotEnds returns what each slot connects, by asking the world itself.
func slotEnds(s *sim.Setup) []sim.Conn {
	ends := make([]sim.Conn, s.Slots())
	for slot := range ends {
		ends[slot].Plane, ends[slot].A, ends[slot].B = s.SlotEnds(slot)
	}
	return ends
}
