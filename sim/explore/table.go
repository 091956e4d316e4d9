package explore

import (
	"sync"
	"sync/atomic"

	"zabsim/internal/fp"
)

// A table interns the components of one kind: each is stored once, by content, and
// named by an id from 1. Id 0 stands for absent or empty.
//
// An id is handed out under the lock of its shard, after its entry was written; and
// a worker learns of an id from a shard, or from a tuple of the level before. So
// get needs no lock.
type table[T part] struct {
	chunks [tableChunks]atomic.Pointer[[chunkSize]entry[T]]
	marks  [tableChunks]atomic.Pointer[[chunkSize]mark]
	last   atomic.Uint32
	grow   sync.Mutex
	shards [tableShards]shard

	reserved map[fp.Hash]uint32 // while a search is resumed
}

const (
	chunkSize   = 1 << 9
	tableChunks = 1 << 14
	tableShards = 1 << 6
)

// shard is padded to a cache line, so that two of them are not fought over.
type shard struct {
	mu sync.Mutex
	id map[fp.Hash]uint32
	_  [48]byte
}

type entry[T part] struct{ item T }

// part is a component as it lies in its table. Its word is what is asked of it most.
type part interface{ word() fp.Hash }

// mark is what every transition reads of a component. Marks lie close together, so
// that those of all components stay near.
type mark struct{ hash, word fp.Hash }

// get returns the entry of an id, which must not be 0.
func (t *table[T]) get(id uint32) *entry[T] {
	return &t.chunks[id/chunkSize].Load()[id%chunkSize]
}

// hash returns what component id adds to a fingerprint; 0 for id 0.
func (t *table[T]) hash(id uint32) fp.Hash {
	if id == 0 {
		return 0
	}
	return t.mark(id).hash
}

func (t *table[T]) mark(id uint32) *mark {
	return &t.marks[id/chunkSize].Load()[id%chunkSize]
}

// word returns the word of component id, which must not be 0.
func (t *table[T]) word(id uint32) fp.Hash { return t.mark(id).word }

// len returns how many components there are.
func (t *table[T]) len() int { return int(t.last.Load()) }

// intern returns the id of the component with this key. If there is none yet it
// enters what freeze returns: memory that nobody writes to again; and counts it in
// made.
func (t *table[T]) intern(key, hash fp.Hash, made *int, freeze func() T) uint32 {
	s := &t.shards[key%tableShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if id := s.id[key]; id != 0 {
		return id
	}
	if s.id == nil {
		s.id = map[fp.Hash]uint32{}
	}
	id := t.reserved[key]
	if id == 0 {
		id = t.last.Add(1)
	}
	e := t.room(id)
	e.item = freeze()
	*t.mark(id) = mark{hash, e.item.word()}
	s.id[key] = id
	*made++
	return id
}

// keys returns the key of each id, the first one's first.
func (t *table[T]) keys() []fp.Hash {
	list := make([]fp.Hash, t.len())
	for i := range t.shards {
		for key, id := range t.shards[i].id {
			list[id-1] = key
		}
	}
	return list
}

// reserve gives the first ids to these keys, whoever comes first. The table must be
// empty.
func (t *table[T]) reserve(keys []fp.Hash) {
	t.reserved = map[fp.Hash]uint32{}
	for i, key := range keys {
		t.reserved[key] = uint32(i + 1)
	}
	t.last.Store(uint32(len(keys)))
}

// release ends the reservation and tells whether all have come, and nobody else.
func (t *table[T]) release() bool {
	n := 0
	for i := range t.shards {
		n += len(t.shards[i].id)
	}
	all := n == len(t.reserved) && n == t.len()
	t.reserved = nil
	return all
}

// room returns the place of a new id.
func (t *table[T]) room(id uint32) *entry[T] {
	c := id / chunkSize
	if c >= tableChunks {
		panic("explore: more than 8 million distinct components of one kind: normal form?")
	}
	if t.chunks[c].Load() == nil {
		t.grow.Lock()
		if t.chunks[c].Load() == nil {
			t.marks[c].Store(new([chunkSize]mark))
			t.chunks[c].Store(new([chunkSize]entry[T]))
		}
		t.grow.Unlock()
	}
	return t.get(id)
}

// cache is a worker's own front of a table: direct-mapped, from key to id.
type cache struct{ slots [cacheSize]cached }

type cached struct {
	key fp.Hash
	id  uint32
}

const cacheSize = 1 << 13

// find returns the id of a key, 0 if the cache does not know.
func (c *cache) find(key fp.Hash) uint32 {
	if s := &c.slots[key%cacheSize]; s.key == key {
		return s.id
	}
	return 0
}

// keep remembers an id and returns it.
func (c *cache) keep(key fp.Hash, id uint32) uint32 {
	c.slots[key%cacheSize] = cached{key, id}
	return id
}
