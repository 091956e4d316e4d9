package explore

import (
	"sync/atomic"

	"zabsim/internal/fp"
)

// visited is the set of fingerprints of all states so far: open addressing in a
// power of two, without pointers, so that the garbage collector never reads it.
// Any number of workers may insert at once. It grows while none does.
type visited struct {
	slots []uint64
	mask  uint64
}

// The table grows when it is fuller than 5/8. Between two looks at the fill the
// workers add far less than the rest.
const (
	visitedMin  = 1 << 18
	fullNum     = 5
	fullDen     = 8
	zeroStandIn = 0x9E3779B97F4A7C15 // a fingerprint of 0 would look like a free slot
)

func newVisited(hint uint64) *visited {
	n := uint64(visitedMin)
	for n*fullNum/fullDen < hint {
		n *= 2
	}
	return &visited{slots: make([]uint64, n), mask: n - 1}
}

// insert adds h and tells whether it was new.
func (v *visited) insert(h fp.Hash) bool {
	x := uint64(h)
	if x == 0 {
		x = zeroStandIn
	}
	for i := x & v.mask; ; i = (i + 1) & v.mask {
		switch old := atomic.LoadUint64(&v.slots[i]); {
		case old == x:
			return false
		case old != 0:
		case atomic.CompareAndSwapUint64(&v.slots[i], 0, x):
			return true
		default:
			if atomic.LoadUint64(&v.slots[i]) == x {
				return false // another worker was faster, with the same state
			}
		}
	}
}

// full tells whether a set of n states wants more room.
func (v *visited) full(n uint64) bool { return n > uint64(len(v.slots))*fullNum/fullDen }

// grow doubles the room until n states fit. Nobody may insert meanwhile.
func (v *visited) grow(n uint64) {
	old := v.slots
	size := uint64(len(old))
	for n > size*fullNum/fullDen {
		size *= 2
	}
	v.slots, v.mask = make([]uint64, size), size-1
	for _, x := range old {
		if x == 0 {
			continue
		}
		i := x & v.mask
		for v.slots[i] != 0 {
			i = (i + 1) & v.mask
		}
		v.slots[i] = x
	}
}
