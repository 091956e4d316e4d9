package watch

import (
	"slices"

	"zabsim/internal/fp"
	"zabsim/zab/txn"
)

// mode is the set of ways in which one connection watches one path in one table
// (WatchStats).
type mode uint8

const (
	standard   mode = 1 << iota // one shot
	persistent                  // WatcherMode.PERSISTENT
	recursive                   // WatcherMode.PERSISTENT_RECURSIVE
	allModes   = standard | persistent | recursive
)

// entry is a row of a table. Rows are ordered by hash, path and watcher, so that
// those of one path stand together.
type entry struct {
	hash  fp.Hash // of path
	path  string
	w     txn.Watcher
	modes mode // never empty
}

const (
	fanBits = 4
	fan     = 1 << fanBits
	hashEnd = 64
	// maxLeaf is how many rows a leaf holds before it is split. More stay in one
	// leaf only if they have one hash: many connections that watch one path.
	maxLeaf = 8
)

// owner is a licence to change nodes in place. It has a byte, since objects
// without size may all have one address.
type owner struct{ _ byte }

// node is a leaf, or has a kid for each value of the next fanBits bits of a
// hash. Whoever lacks its owner must copy it to change it.
type node struct {
	owner *owner
	kids  *[fan]*node // nil: this is a leaf
	rows  []entry     // of a leaf
}

// inner is a node with its kids in one piece of memory.
type inner struct {
	node
	array [fan]*node
}

// table is a WatchManager: connections by path, and back by a scan. It is a
// persistent hash trie, so that a copy costs nothing and a look-up of a path that
// nobody watches a few steps. Nodes are not merged when rows go; an empty table
// has none.
type table struct {
	root       *node
	owner      *owner // nil: all nodes may be shared
	sum        fp.Sum // of the rows
	size       int32  // rows: pairs of path and connection, as WatchManager.size
	recursives int32  // rows that have recursive: none, and nobody looks at ancestors
}

func hashPath(path string) fp.Hash { return fp.New(0x7761).String(path).Done() }

// share makes all nodes read-only, so that the table may be copied. A table that
// is shared already is not written to: several may copy it at once.
func (t *table) share() {
	if t.owner != nil {
		t.owner = nil
	}
}

// find returns the place of a row, or where it would be.
func (n *node) find(h fp.Hash, path string, w txn.Watcher) (int, bool) {
	lo, hi := 0, len(n.rows)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if e := &n.rows[mid]; e.hash < h || e.hash == h && (e.path < path || e.path == path && e.w < w) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(n.rows) && n.rows[lo].w == w && n.rows[lo].hash == h && n.rows[lo].path == path
}

// rows returns the rows of path by ascending watcher. They are the table's own.
func (t *table) rows(h fp.Hash, path string) []entry {
	n := t.root
	for shift := 0; n != nil && n.kids != nil; shift += fanBits {
		n = n.kids[h>>shift&(fan-1)]
	}
	if n == nil {
		return nil
	}
	from, _ := n.find(h, path, 0)
	to := from
	for to < len(n.rows) && n.rows[to].hash == h && n.rows[to].path == path {
		to++
	}
	return n.rows[from:to]
}

// modes returns how w watches path.
func (t *table) modes(h fp.Hash, path string, w txn.Watcher) mode {
	rows := t.rows(h, path)
	i, ok := slices.BinarySearchFunc(rows, w, func(e entry, w txn.Watcher) int { return int(int64(e.w) - int64(w)) })
	if !ok {
		return 0
	}
	return rows[i].modes
}

// modesOfAll returns how anybody watches path.
func (t *table) modesOfAll(h fp.Hash, path string) mode {
	var m mode
	for _, e := range t.rows(h, path) {
		m |= e.modes
	}
	return m
}

// own returns n, or a copy that may be changed.
func (t *table) own(n *node) *node {
	if t.owner == nil {
		t.owner = &owner{}
	}
	if n == nil {
		return &node{owner: t.owner}
	}
	if n.owner == t.owner {
		return n
	}
	if n.kids != nil {
		c := &inner{node: node{owner: t.owner}, array: *n.kids}
		c.kids = &c.array
		return &c.node
	}
	return &node{owner: t.owner, rows: append(make([]entry, 0, len(n.rows)+1), n.rows...)}
}

// leaf returns the leaf for h, which may be changed, and the number of bits that
// lead to it.
func (t *table) leaf(h fp.Hash) (*node, int) {
	p := &t.root
	for shift := 0; ; shift += fanBits {
		n := t.own(*p)
		*p = n
		if n.kids == nil {
			return n, shift
		}
		p = &n.kids[h>>shift&(fan-1)]
	}
}

// split turns a leaf that is too large into an inner node.
func (t *table) split(n *node, shift int) {
	for len(n.rows) > maxLeaf && shift < hashEnd && n.rows[0].hash != n.rows[len(n.rows)-1].hash {
		rows := n.rows
		n.rows, n.kids = nil, &[fan]*node{}
		largest := (*node)(nil)
		for _, e := range rows { // their order stays
			k := &n.kids[e.hash>>shift&(fan-1)]
			*k = t.own(*k)
			(*k).rows = append((*k).rows, e)
			if largest == nil || len((*k).rows) > len(largest.rows) {
				largest = *k
			}
		}
		// At most one kid is too large: before the last row came, the leaf was not too
		// large, or all its rows had one hash.
		n, shift = largest, shift+fanBits
	}
}

// count takes a row out of the sums, or puts it in.
func (t *table) count(e *entry, in bool) {
	slot, by := uint64(e.w)<<8|uint64(e.modes), int32(1)
	if in {
		t.sum = t.sum.Add(slot, e.hash)
	} else {
		t.sum, by = t.sum.Sub(slot, e.hash), -1
	}
	t.size += by
	if e.modes&recursive != 0 {
		t.recursives += by
	}
}

// set makes w watch path in the given ways and no other; none is allowed.
func (t *table) set(h fp.Hash, path string, w txn.Watcher, m mode) {
	if t.modes(h, path, w) == m {
		return
	}
	n, shift := t.leaf(h)
	i, ok := n.find(h, path, w)
	if ok {
		t.count(&n.rows[i], false)
	}
	switch {
	case m == 0:
		n.rows = slices.Delete(n.rows, i, i+1)
		t.trim()
		return
	case !ok:
		n.rows = slices.Insert(n.rows, i, entry{h, path, w, m})
	default:
		n.rows[i].modes = m
	}
	t.count(&n.rows[i], true)
	t.split(n, shift)
}

// consume ends the one-shot watches of a path that somebody watches.
func (t *table) consume(h fp.Hash, path string) {
	n, _ := t.leaf(h)
	i, _ := n.find(h, path, 0)
	to := i
	for k := i; k < len(n.rows); k++ {
		e := n.rows[k]
		if e.hash == h && e.path == path && e.modes&standard != 0 {
			t.count(&e, false)
			e.modes &^= standard
			if e.modes == 0 {
				continue
			}
			t.count(&e, true)
		}
		n.rows[to] = e
		to++
	}
	clear(n.rows[to:])
	n.rows = n.rows[:to]
	t.trim()
}

// trim frees the nodes of an empty table, except for a single leaf: that is what
// is left of one watch, which often comes back.
func (t *table) trim() {
	if t.size == 0 && t.root.kids != nil {
		t.root = nil
	}
}

// unwatch ends all that w watches. It looks at every row.
func (t *table) unwatch(w txn.Watcher) {
	if t.size > 0 {
		t.root = t.without(t.root, w)
		t.trim()
	}
}

// without returns n, or what replaces it.
func (t *table) without(n *node, w txn.Watcher) *node {
	if n == nil {
		return nil
	}
	if n.kids != nil {
		for i, k := range n.kids {
			if c := t.without(k, w); c != k {
				n = t.own(n)
				n.kids[i] = c
			}
		}
		return n
	}
	if !slices.ContainsFunc(n.rows, func(e entry) bool { return e.w == w }) {
		return n
	}
	n = t.own(n)
	n.rows = slices.DeleteFunc(n.rows, func(e entry) bool {
		if e.w == w {
			t.count(&e, false)
		}
		return e.w == w
	})
	return n
}
