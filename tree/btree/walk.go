package btree

// Next returns the first key after the given one, and its value; false if there is
// none. It finds its place again each time, so the tree may change meanwhile.
func (r *Root[V]) Next(after string) (key string, v V, ok bool) { return r.seek(after, true) }

// Seek returns the first key that is not before the given one, and its value.
func (r *Root[V]) Seek(from string) (key string, v V, ok bool) { return r.seek(from, false) }

func (r *Root[V]) seek(from string, after bool) (key string, v V, ok bool) {
	n := r.top
	if n == nil {
		return "", v, false
	}
	var right *node[V] // the nearest subtree that is all behind from
	for n.kids != nil {
		i := n.child(from)
		if i+1 < len(n.kids) {
			right = n.kids[i+1]
		}
		n = n.kids[i]
	}
	i, found := n.search(from)
	if found && after {
		i++
	}
	if i == len(n.items) {
		if right == nil {
			return "", v, false
		}
		for n = right; n.kids != nil; n = n.kids[0] {
		}
		i = 0
	}
	return n.items[i].key, n.items[i].val, true
}

// Each calls yield for each key in ascending order until it returns false. The
// tree must not change meanwhile.
func (r *Root[V]) Each(yield func(key string, v V) bool) {
	if r.top != nil {
		r.top.each(yield)
	}
}

func (n *node[V]) each(yield func(string, V) bool) bool {
	for _, k := range n.kids {
		if !k.each(yield) {
			return false
		}
	}
	for i := range n.items {
		if !yield(n.items[i].key, n.items[i].val) {
			return false
		}
	}
	return true
}

// From is Each without the keys before the given one.
func (r *Root[V]) From(key string, yield func(key string, v V) bool) {
	if r.top != nil {
		r.top.from(key, yield)
	}
}

func (n *node[V]) from(key string, yield func(string, V) bool) bool {
	if n.kids == nil {
		i, _ := n.search(key)
		for ; i < len(n.items); i++ {
			if !yield(n.items[i].key, n.items[i].val) {
				return false
			}
		}
		return true
	}
	i := n.child(key)
	if !n.kids[i].from(key, yield) {
		return false
	}
	for _, k := range n.kids[i+1:] {
		if !k.each(yield) {
			return false
		}
	}
	return true
}
