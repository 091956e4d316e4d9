package btree

// Map is a persistent map that is copied by itself. The zero value is empty and
// ready. Use Clone, never an assignment, to copy it.
type Map[V any] struct {
	root  Root[V]
	owner *Owner // nil if a clone may share the nodes
}

// Clone returns an independent copy in O(1). Neither may change the shared nodes
// any more. A map that was cloned and not changed since is only read here, so
// several goroutines may clone it at once.
func (m *Map[V]) Clone() Map[V] {
	if m.owner != nil {
		m.owner = nil
	}
	return Map[V]{root: m.root}
}

func (m *Map[V]) mine() *Owner {
	if m.owner == nil {
		m.owner = NewOwner()
	}
	return m.owner
}

// Len returns the number of keys.
func (m *Map[V]) Len() int { return m.root.Len() }

// Get returns the value of key.
func (m *Map[V]) Get(key string) (V, bool) { return m.root.Get(key) }

// Set stores v under key and returns what was there before.
func (m *Map[V]) Set(key string, v V) (old V, had bool) { return m.root.Set(m.mine(), key, v) }

// Delete removes key and returns what was there.
func (m *Map[V]) Delete(key string) (old V, had bool) { return m.root.Delete(m.mine(), key) }

// Ref returns where the value of key is stored, for a change in place; nil if the
// key is not there. It is valid until the next change or Clone of the map.
func (m *Map[V]) Ref(key string) *V { return m.root.Ref(m.mine(), key) }

// Next returns the first key after the given one, and its value; false if there is
// none.
func (m *Map[V]) Next(after string) (key string, v V, ok bool) { return m.root.Next(after) }

// Seek returns the first key that is not before the given one, and its value.
func (m *Map[V]) Seek(from string) (key string, v V, ok bool) { return m.root.Seek(from) }

// Each calls yield for each key in ascending order until it returns false. The map
// must not change meanwhile.
func (m *Map[V]) Each(yield func(key string, v V) bool) { m.root.Each(yield) }

// From is Each without the keys before the given one.
func (m *Map[V]) From(key string, yield func(key string, v V) bool) { m.root.From(key, yield) }
