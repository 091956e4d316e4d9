package tree

import (
	"strings"

	"zabsim/internal/fp"
)

// ZooKeeper keeps its nodes twice: in a map by path, and as names in the parent. The
// tree here has one copy, so that the two can't differ, but for bug.ExistsByMap:
// orphans holds, by path, the nodes that are in the map while their parent does not
// name them, each with what is below it.

// orphan finds a node by path that the way from the root does not lead to; nil if
// there is none.
func (t *Tree) orphan(path string) *node {
	if t.orphans.Len() == 0 {
		return nil
	}
	for end := len(path); end > 0; end = strings.LastIndexByte(path[:end], '/') {
		n, ok := t.orphans.Get(path[:end])
		for rest, last := path[end:], end == len(path); ok && !last; {
			var name string
			name, rest, last = next(rest[1:])
			rest = "/" + rest
			n, ok = n.children.Get(name)
		}
		if ok {
			return n
		}
	}
	return nil
}

// mutOrphan is orphan for writing.
func (t *Tree) mutOrphan(path string) *node {
	if t.orphans.Len() == 0 {
		return nil
	}
	o := t.mine()
	for end := len(path); end > 0; end = strings.LastIndexByte(path[:end], '/') {
		at := t.orphans.Ref(o, path[:end])
		if at == nil {
			continue
		}
		*at = (*at).mine(o)
		n := *at
		for rest, last := path[end:], end == len(path); n != nil && !last; {
			var name string
			name, rest, last = next(rest[1:])
			rest = "/" + rest
			n = n.mutChild(o, name)
		}
		if n != nil {
			return n
		}
	}
	return nil
}

// abandon makes orphans of the children of a node that is deleted.
func (t *Tree) abandon(path string, n *node) {
	n.children.Each(func(name string, kid *node) bool {
		child := path + "/" + name
		t.orphans.Set(t.mine(), child, kid)
		t.digest = t.digest.Add(slotOrphan, fp.New(0x7A6F).String(child))
		return true
	})
}

// takeOrphan takes an orphan out; false if path is none.
func (t *Tree) takeOrphan(path string) (*node, bool) {
	if t.orphans.Len() == 0 {
		return nil, false
	}
	n, had := t.orphans.Delete(t.mine(), path)
	if had {
		t.digest = t.digest.Sub(slotOrphan, fp.New(0x7A6F).String(path))
	}
	return n, had
}

// Orphans calls yield for the nodes that can be read and that their parents do not
// list, until it returns false. Only releases with bug.ExistsByMap have any.
func (t *Tree) Orphans(yield func(path string) bool) {
	t.orphans.Each(func(path string, _ *node) bool { return yield(path) })
}
