package btree

// change is what one Set or Delete finds and does on its way.
type change[V any] struct {
	owner *Owner
	key   string
	val   V
	had   bool // the key was there
	// A node that was full leaves its upper part here, for its parent to take in.
	right *node[V]
	sep   string
}

// Set stores v under key and returns what was there before.
func (r *Root[V]) Set(o *Owner, key string, v V) (old V, had bool) {
	if r.top == nil {
		r.top = &node[V]{owner: o, items: []item[V]{{key, v}}}
		r.n = 1
		return old, false
	}
	c := change[V]{owner: o, key: key, val: v}
	left := r.top.set(&c)
	if c.right != nil {
		left = &node[V]{owner: o, seps: []string{c.sep}, kids: []*node[V]{left, c.right}}
	}
	r.top = left
	if !c.had {
		r.n++
		return old, false
	}
	return c.val, true
}

// set returns the node that stands in n's place afterwards.
func (n *node[V]) set(c *change[V]) *node[V] {
	if n.kids != nil {
		i := n.child(c.key)
		kid := n.kids[i].set(c)
		if kid == n.kids[i] && c.right == nil {
			return n
		}
		n = n.own(c.owner)
		n.kids[i] = kid
		if right := c.right; right != nil {
			c.right = nil
			n.adopt(c, i, right)
		}
		return n
	}
	i, found := n.search(c.key)
	n = n.own(c.owner)
	if found {
		c.had = true
		n.items[i].val, c.val = c.val, n.items[i].val
		return n
	}
	if len(n.items) < fanout {
		n.items = insertAt(n.items, i, item[V]{c.key, c.val})
		return n
	}
	n.splitLeaf(c, i)
	return n
}

// splitLeaf inserts c at i of a full leaf. What comes in ascending order leaves
// full leaves behind.
func (n *node[V]) splitLeaf(c *change[V], i int) {
	r := &node[V]{owner: c.owner}
	c.right = r
	if i == fanout {
		r.items = insertAt(r.items, 0, item[V]{c.key, c.val})
		c.sep = c.key
		return
	}
	half := fanout / 2
	r.items = append(make([]item[V], 0, fanout), n.items[half:]...)
	clear(n.items[half:])
	n.items = n.items[:half]
	if i <= half {
		n.items = insertAt(n.items, i, item[V]{c.key, c.val})
	} else {
		r.items = insertAt(r.items, i-half, item[V]{c.key, c.val})
	}
	c.sep = r.items[0].key
}

// adopt puts right behind child i, and splits n if it is full.
func (n *node[V]) adopt(c *change[V], i int, right *node[V]) {
	if len(n.kids) < fanout {
		n.kids = insertAt(n.kids, i+1, right)
		n.seps = insertAt(n.seps, i, c.sep)
		return
	}
	r := &node[V]{owner: c.owner}
	c.right = r
	if i == fanout-1 {
		r.kids = []*node[V]{right}
		return // c.sep separates the two
	}
	half := fanout / 2
	r.kids = append(make([]*node[V], 0, fanout), n.kids[half:]...)
	r.seps = append(make([]string, 0, fanout), n.seps[half:]...)
	up := n.seps[half-1]
	clear(n.kids[half:])
	clear(n.seps[half-1:])
	n.kids, n.seps = n.kids[:half], n.seps[:half-1]
	if i < half {
		n.kids = insertAt(n.kids, i+1, right)
		n.seps = insertAt(n.seps, i, c.sep)
	} else {
		r.kids = insertAt(r.kids, i-half+1, right)
		r.seps = insertAt(r.seps, i-half, c.sep)
	}
	c.sep = up
}

// Delete removes key and returns what was there.
func (r *Root[V]) Delete(o *Owner, key string) (old V, had bool) {
	if r.top == nil {
		return old, false
	}
	c := change[V]{owner: o, key: key}
	top := r.top.remove(&c)
	if !c.had {
		return old, false
	}
	for len(top.kids) == 1 {
		top = top.kids[0]
	}
	r.top = top
	r.n--
	if r.n == 0 {
		r.top = nil
	}
	return c.val, true
}

func (n *node[V]) size() int { return len(n.items) + len(n.kids) }

// remove returns the node that stands in n's place afterwards; it may be empty.
func (n *node[V]) remove(c *change[V]) *node[V] {
	if n.kids == nil {
		i, found := n.search(c.key)
		if !found {
			return n
		}
		n = n.own(c.owner)
		c.had, c.val = true, n.items[i].val
		n.items = removeAt(n.items, i)
		return n
	}
	i := n.child(c.key)
	kid := n.kids[i].remove(c)
	if !c.had {
		return n
	}
	if kid != n.kids[i] {
		n = n.own(c.owner)
		n.kids[i] = kid
	}
	if kid.size() < low {
		n = n.own(c.owner)
		n.mend(c.owner, i)
	}
	return n
}

// mend drops child i if it is empty, or merges it with a neighbour that has room.
func (n *node[V]) mend(o *Owner, i int) {
	kid := n.kids[i]
	switch {
	case kid.size() == 0:
		n.kids = removeAt(n.kids, i)
		if len(n.seps) > 0 {
			n.seps = removeAt(n.seps, max(i-1, 0))
		}
	case i > 0 && kid.size()+n.kids[i-1].size() <= roomy:
		n.merge(o, i-1)
	case i+1 < len(n.kids) && kid.size()+n.kids[i+1].size() <= roomy:
		n.merge(o, i)
	}
}

// merge joins the children i and i+1.
func (n *node[V]) merge(o *Owner, i int) {
	l, r := n.kids[i].own(o), n.kids[i+1]
	if l.kids != nil {
		l.seps = append(append(l.seps, n.seps[i]), r.seps...)
		l.kids = append(l.kids, r.kids...)
	} else {
		l.items = append(l.items, r.items...)
	}
	n.kids[i] = l
	n.kids = removeAt(n.kids, i+1)
	n.seps = removeAt(n.seps, i)
}
