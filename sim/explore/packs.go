package explore

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

// A level is cut into packs of this size, which workers take one at a time. No
// tuple is longer than the slack.
const (
	packWords = 1 << 13
	packSlack = 1 << 10
	packCap   = packWords + packSlack
	packGroup = 128 // as many are asked of the system at once
)

// packs lends memory for levels, outside the memory that the garbage collector
// looks after, and takes it back when a pack was expanded: the new level grows in
// the room of the old one.
type packs struct {
	mu    sync.Mutex
	free  [][]uint32
	owned [][]byte
	bytes atomic.Uint64
}

// get returns an empty pack.
func (p *packs) get() []uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) == 0 {
		b := room(packGroup * packCap * 4)
		if b == nil {
			return make([]uint32, 0, packCap) // the last reserve; its failure ends the process
		}
		p.owned = append(p.owned, b)
		p.bytes.Add(uint64(len(b)))
		all := unsafe.Slice((*uint32)(unsafe.Pointer(&b[0])), packGroup*packCap)
		for i := range packGroup {
			p.free = append(p.free, all[i*packCap:i*packCap:(i+1)*packCap])
		}
	}
	last := len(p.free) - 1
	pack := p.free[last]
	p.free = p.free[:last]
	return pack
}

// put takes a pack back.
func (p *packs) put(pack []uint32) {
	if cap(pack) != packCap {
		return
	}
	p.mu.Lock()
	p.free = append(p.free, pack[:0])
	p.mu.Unlock()
}

// close gives all memory back.
func (p *packs) close() {
	for _, b := range p.owned {
		giveBack(b)
	}
	p.owned, p.free = nil, nil
}
