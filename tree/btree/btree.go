// Package btree is a persistent map from string to V, in the order of the keys'
// bytes, for state that is copied often and changed a little.
//
// Copying costs O(1): both copies share all nodes. Each node carries the Owner
// that made it. A writer changes the nodes of its own Owner in place and copies
// all others on the way, so a map that nobody copied is as fast as a plain
// B-tree. An Owner must not be used any more once a copy was made: that is what
// freezes the nodes.
//
// Root is the bare tree, for who keeps many of them under one Owner (the
// children of each znode). Map is a Root with an Owner of its own.
package btree

// fanout is the greatest number of items of a leaf, and of children of an inner
// node.
const fanout = 64

// low is the size under which a node looks for a neighbour to merge with; roomy is
// what the two may hold together. The gap keeps a merged node from splitting
// again at once.
const (
	low   = fanout / 4
	roomy = fanout * 3 / 4
)

// Owner is the right to change nodes in place. Only its address counts.
type Owner struct{ _ byte }

// NewOwner returns an owner that owns nothing yet.
func NewOwner() *Owner { return new(Owner) }

type item[V any] struct {
	key string
	val V
}

// node is a leaf (items) or an inner node (kids, and seps[i] <= all keys of
// kids[i+1], > all keys of kids[i]).
type node[V any] struct {
	owner *Owner
	items []item[V]
	seps  []string
	kids  []*node[V]
}

// Root is a tree without an Owner. The zero value is empty and ready. Copying the
// struct copies the tree, provided that the Owner of the nodes is given up.
type Root[V any] struct {
	top *node[V]
	n   int
}

// Len returns the number of keys.
func (r *Root[V]) Len() int { return r.n }

// search returns the index of the first item whose key is >= key.
func (n *node[V]) search(key string) (int, bool) {
	lo, hi := 0, len(n.items)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if n.items[mid].key < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(n.items) && n.items[lo].key == key
}

// child returns the index of the child that key belongs to.
func (n *node[V]) child(key string) int {
	lo, hi := 0, len(n.seps)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if n.seps[mid] <= key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// Get returns the value of key.
func (r *Root[V]) Get(key string) (v V, ok bool) {
	n := r.top
	if n == nil {
		return v, false
	}
	for n.kids != nil {
		n = n.kids[n.child(key)]
	}
	i, ok := n.search(key)
	if !ok {
		return v, false
	}
	return n.items[i].val, true
}

// own returns n if it is o's, else a copy that is.
func (n *node[V]) own(o *Owner) *node[V] {
	if n.owner == o {
		return n
	}
	c := &node[V]{owner: o}
	if n.kids != nil {
		c.kids = append(make([]*node[V], 0, room(len(n.kids))), n.kids...)
		c.seps = append(make([]string, 0, room(len(n.seps))), n.seps...)
	} else {
		c.items = append(make([]item[V], 0, room(len(n.items))), n.items...)
	}
	return c
}

// room is the capacity of a copy: one insertion fits.
func room(n int) int { return min(n+1, fanout) }

// grown makes room for one more element behind s, at most fanout.
func grown[T any](s []T) []T {
	if len(s) < cap(s) {
		return s[:len(s)+1]
	}
	c := make([]T, len(s)+1, min(max(2*len(s), 1), fanout))
	copy(c, s)
	return c
}

func insertAt[T any](s []T, i int, x T) []T {
	n := len(s)
	s = grown(s)
	copy(s[i+1:], s[i:n])
	s[i] = x
	return s
}

func removeAt[T any](s []T, i int) []T {
	copy(s[i:], s[i+1:])
	var zero T
	s[len(s)-1] = zero // let go of what it pointed to
	return s[:len(s)-1]
}

// Ref returns where the value of key is stored, for a change in place; nil if the
// key is not there. It is valid until the next change of the tree.
func (r *Root[V]) Ref(o *Owner, key string) *V {
	if _, ok := r.Get(key); !ok {
		return nil
	}
	r.top = r.top.own(o)
	n := r.top
	for n.kids != nil {
		i := n.child(key)
		n.kids[i] = n.kids[i].own(o)
		n = n.kids[i]
	}
	i, _ := n.search(key)
	return &n.items[i].val
}
