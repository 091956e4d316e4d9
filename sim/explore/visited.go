package explore

import (
	"runtime"
	"sync/atomic"
	"unsafe"

	"zabsim/internal/fp"
)

// visited is the set of fingerprints of all states so far: open addressing in a
// power of two of slots, outside the memory that the garbage collector looks after.
// Any number of workers may insert at once. It grows while none does.
//
// It lies in segments of one size, so that it grows by adding some: what is there
// stays where it is, but for the half that moves up, and there are never two copies.
type visited struct {
	segs  []*segment
	mask  uint64 // slots less one
	wide  bool   // a slot is two words: fingerprints of 128 bits
	bytes atomic.Uint64
	owned [][]byte
}

type segment [segWords]uint64

// The table grows when it is fuller than 3/4. Between two looks at the fill the
// workers add far less than the rest.
const (
	segBits     = 20
	segWords    = 1 << segBits
	fullNum     = 3
	fullDen     = 4
	zeroStandIn = 0x9E3779B97F4A7C15 // a fingerprint of 0 would look like a free slot
)

// finger is a state's fingerprint; far is 0 unless it has 128 bits.
type finger struct{ near, far fp.Hash }

// newVisited returns a set with room for hint states, nil if there is no memory.
func newVisited(hint uint64, wide bool) *visited {
	v := &visited{wide: wide}
	if !v.extend(slotsFor(hint, wide)) {
		v.close()
		return nil
	}
	return v
}

// slotsFor returns how many slots n states want.
func slotsFor(n uint64, wide bool) uint64 {
	size := uint64(segWords)
	if wide {
		size /= 2
	}
	for size/fullDen*fullNum < n {
		size *= 2
	}
	return size
}

// visitedBytes returns what the set takes for n states.
func visitedBytes(n uint64, wide bool) uint64 { return slotsFor(n, wide) * slotBytes(wide) }

func slotBytes(wide bool) uint64 {
	if wide {
		return 16
	}
	return 8
}

// extend makes the table as large as size slots, and tells whether it could.
func (v *visited) extend(size uint64) bool {
	have := uint64(len(v.segs))
	want := size * slotBytes(v.wide) / (8 * segWords)
	b := room(int((want - have) * 8 * segWords))
	if b == nil {
		return false
	}
	v.owned = append(v.owned, b)
	for i := range want - have {
		v.segs = append(v.segs, (*segment)(unsafe.Pointer(&b[i*8*segWords])))
	}
	v.mask = size - 1
	v.bytes.Store(size * slotBytes(v.wide))
	return true
}

// close gives the memory back.
func (v *visited) close() {
	for _, b := range v.owned {
		giveBack(b)
	}
	v.owned, v.segs = nil, nil
}

// insert adds a fingerprint and tells whether it was new.
func (v *visited) insert(p finger) bool {
	x := stored(p.near)
	if v.wide {
		return v.insertWide(x, stored(p.far))
	}
	for i := x & v.mask; ; i = (i + 1) & v.mask {
		at := &v.segs[i>>segBits][i%segWords]
		switch old := atomic.LoadUint64(at); {
		case old == x:
			return false
		case old != 0:
		case atomic.CompareAndSwapUint64(at, 0, x):
			return true
		default:
			if atomic.LoadUint64(at) == x {
				return false // another worker was faster, with the same state
			}
		}
	}
}

// insertWide takes a slot by its first word and then writes the second: who finds
// the first waits for it.
func (v *visited) insertWide(x, y uint64) bool {
	for i := x & v.mask; ; i = (i + 1) & v.mask {
		near, far := v.pair(i)
		if atomic.LoadUint64(near) == 0 && atomic.CompareAndSwapUint64(near, 0, x) {
			atomic.StoreUint64(far, y)
			return true
		}
		if atomic.LoadUint64(near) != x {
			continue
		}
		old := atomic.LoadUint64(far)
		for ; old == 0; old = atomic.LoadUint64(far) {
			runtime.Gosched()
		}
		if old == y {
			return false
		}
	}
}

// pair returns both words of a slot.
func (v *visited) pair(i uint64) (near, far *uint64) {
	s, at := v.segs[2*i>>segBits], 2*i%segWords
	return &s[at], &s[at+1]
}

func stored(h fp.Hash) uint64 {
	if h == 0 {
		return zeroStandIn
	}
	return uint64(h)
}

// full tells whether a set of n states wants more room.
func (v *visited) full(n uint64) bool { return n > (v.mask+1)/fullDen*fullNum }

// slot reads slot i; near is 0 if it is free.
func (v *visited) slot(i uint64) (near, far uint64) {
	if v.wide {
		a, b := v.pair(i)
		return *a, *b
	}
	return v.segs[i>>segBits][i%segWords], 0
}

func (v *visited) put(i, near, far uint64) {
	if v.wide {
		a, b := v.pair(i)
		*a, *b = near, far
		return
	}
	v.segs[i>>segBits][i%segWords] = near
}

// again enters what was taken out of its slot while the table grows.
func (v *visited) again(near, far uint64) {
	i := near & v.mask
	for {
		if old, _ := v.slot(i); old == 0 {
			v.put(i, near, far)
			return
		}
		i = (i + 1) & v.mask
	}
}

// grow makes room for n states, in place, and tells whether there was memory for
// it. Nobody may insert meanwhile.
//
// Entries are taken out and entered again in the order of their slots. Then none
// moves into a slot, or past one, that is still to be emptied: it stays, moves down
// to a slot already emptied, or moves up by the old size. That holds but for those
// around the end of the old table, where a run may go on at slot 0: they are taken
// out before all others and entered after them.
func (v *visited) grow(n uint64) bool {
	for v.full(n) {
		old := v.mask + 1
		if !v.extend(2 * old) {
			return false
		}
		var edge [][2]uint64
		take := func(i uint64) bool {
			near, far := v.slot(i)
			if near != 0 {
				edge = append(edge, [2]uint64{near, far})
				v.put(i, 0, 0)
			}
			return near != 0
		}
		first, last := uint64(0), old
		for ; take(first); first++ {
		}
		for ; take(last - 1); last-- {
		}
		for i := first; i < last; i++ {
			if near, far := v.slot(i); near != 0 {
				v.put(i, 0, 0)
				v.again(near, far)
			}
		}
		for _, e := range edge {
			v.again(e[0], e[1])
		}
	}
	return true
}

// each calls f with every fingerprint. Nobody may insert meanwhile.
func (v *visited) each(f func(near, far uint64)) {
	for i := range v.mask + 1 {
		if near, far := v.slot(i); near != 0 {
			f(near, far)
		}
	}
}
