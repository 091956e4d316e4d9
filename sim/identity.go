package sim

import (
	"zabsim/internal/fp"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// Slot returns the place of component i of kind p in a world's fingerprint, which
// is a sum: a search replaces one component without looking at the others.
func Slot(p Part, i int) uint64 { return uint64(p+1)<<16 | uint64(i) }

// RawHash names a word that belongs to no component: a connection's state, a
// server's timers or cut links, the budget.
func RawHash(word uint64) fp.Hash { return fp.New(0x5257).Word(word) }

// Word packs the budget.
func (b *Budget) Word() uint64 {
	return uint64(b.Crashes) | uint64(b.Restarts)<<8 | uint64(b.Timeouts)<<16 |
		uint64(b.Reboots)<<24 | uint64(b.Cuts)<<32 | uint64(b.Rounds)<<40
}

// BudgetOf is the inverse of Word.
func BudgetOf(word uint64) Budget {
	return Budget{Crashes: uint8(word), Restarts: uint8(word >> 8), Timeouts: uint8(word >> 16),
		Reboots: uint8(word >> 24), Cuts: uint8(word >> 32), Rounds: uint8(word >> 40)}
}

// Fingerprint names the world: all components, the raw words, no time.
func (w *World) Fingerprint() fp.Hash { return w.Sum().Hash() }

// Sum is the fingerprint before its last mixing. What is absent, empty or zero is
// not in it.
func (w *World) Sum() fp.Sum {
	var s fp.Sum
	for id := range w.Servers {
		if w.Servers[id] != nil {
			s = s.Add(Slot(PartServer, id), w.Servers[id].Fingerprint())
		}
		if w.Disks[id] != nil {
			s = s.Add(Slot(PartDisk, id), w.Disks[id].Fingerprint())
		}
	}
	for i, q := range w.Queues {
		if !q.Empty() {
			s = s.Add(Slot(PartQueue, i), q.Fingerprint())
		}
	}
	for i := 1; i < len(w.Clients); i++ {
		s = s.Add(Slot(PartClient, i), w.Clients[i].Fingerprint())
	}
	for i := range w.Conns {
		if w.Conns[i].State != ConnFree {
			s = s.Add(Slot(PartConn, i), RawHash(w.Conns[i].Word()))
		}
	}
	for id := range w.Timers {
		if w.Timers[id] != 0 {
			s = s.Add(Slot(PartTimers, id), RawHash(uint64(w.Timers[id])))
		}
		if w.Cut[id] != 0 {
			s = s.Add(Slot(PartCut, id), RawHash(uint64(w.Cut[id])))
		}
		if w.Clocks[id] != (Clock{}) {
			s = s.Add(Slot(PartTimers, quorum.Slots+id), w.Clocks[id].fingerprint())
		}
	}
	if w.Paused != 0 {
		s = s.Add(Slot(PartCut, quorum.Slots), RawHash(uint64(w.Paused)))
	}
	if w.Frozen != 0 {
		s = s.Add(Slot(PartCut, quorum.Slots+1), RawHash(uint64(w.Frozen)))
	}
	return s.Add(Slot(PartBudget, 0), RawHash(w.Budget.Word()))
}

// CloneInto makes dst an independent copy, reusing its memory.
func (w *World) CloneInto(dst *World) {
	dst.Now, dst.setup, dst.Timers, dst.Cut, dst.Budget = w.Now, w.setup, w.Timers, w.Cut, w.Budget
	dst.Paused, dst.Frozen, dst.Clocks = w.Paused, w.Frozen, w.Clocks
	for id := range w.Servers {
		if w.Servers[id] == nil {
			dst.Servers[id] = nil
		} else {
			if dst.Servers[id] == nil {
				dst.Servers[id] = new(zab.Server)
			}
			w.Servers[id].CloneInto(dst.Servers[id])
		}
		if w.Disks[id] != nil {
			if dst.Disks[id] == nil {
				dst.Disks[id] = new(Disk)
			}
			w.Disks[id].CloneInto(dst.Disks[id])
		}
	}
	dst.Conns = append(dst.Conns[:0], w.Conns...)
	for len(dst.Queues) < len(w.Queues) {
		dst.Queues = append(dst.Queues, new(Queue))
	}
	dst.Queues = dst.Queues[:len(w.Queues)]
	for i := range w.Queues {
		w.Queues[i].CloneInto(dst.Queues[i])
	}
	for len(dst.Clients) < len(w.Clients) {
		dst.Clients = append(dst.Clients, new(Client))
	}
	for i := 1; i < len(w.Clients); i++ {
		w.Clients[i].CloneInto(dst.Clients[i])
	}
	dst.Begin()
}
