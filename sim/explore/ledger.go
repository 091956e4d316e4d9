package explore

import "zabsim/internal/fp"

// ledger keeps a number with each state: open addressing in a power of two,
// without pointers. It is for one goroutine.
type ledger struct {
	keys []uint64
	vals []uint32
	n    int
}

const ledgerMin = 1 << 12

func newLedger() *ledger {
	return &ledger{keys: make([]uint64, ledgerMin), vals: make([]uint32, ledgerMin)}
}

// at returns where the number of h is kept, and whether it is new: then it is 0.
// The place is good until the next call.
func (l *ledger) at(h fp.Hash) (val *uint32, fresh bool) {
	if l.n > len(l.keys)*fullNum/fullDen {
		l.grow()
	}
	x := uint64(h)
	if x == 0 {
		x = zeroStandIn
	}
	i := l.slot(x)
	if l.keys[i] == x {
		return &l.vals[i], false
	}
	l.keys[i] = x
	l.n++
	return &l.vals[i], true
}

// slot returns where x is, or the free slot where it belongs.
func (l *ledger) slot(x uint64) uint64 {
	mask := uint64(len(l.keys) - 1)
	i := x & mask
	for l.keys[i] != 0 && l.keys[i] != x {
		i = (i + 1) & mask
	}
	return i
}

func (l *ledger) grow() {
	keys, vals := l.keys, l.vals
	l.keys, l.vals = make([]uint64, 2*len(keys)), make([]uint32, 2*len(vals))
	for i, x := range keys {
		if x != 0 {
			to := l.slot(x)
			l.keys[to], l.vals[to] = x, vals[i]
		}
	}
}

// empty forgets all and keeps the room.
func (l *ledger) empty() {
	clear(l.keys)
	clear(l.vals)
	l.n = 0
}

func (l *ledger) bytes() uint64 { return 12 * uint64(len(l.keys)) }
