package watch

import (
	"slices"
	"strings"

	"zabsim/internal/fp"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// change is what happened to a node, for all that may be told of it.
type change struct {
	typ  txn.EventType
	path string
	hash fp.Hash
	zxid zxid.Zxid
	acl  []txn.ACL
}

// NodeCreated triggers the watches on a node that transaction z has made and those
// on its parent's children. Acl is the new node's, parentACL that of its parent
// (DataTree.createNode).
//
// Each connection that a step reaches is told once, by ascending Watcher:
// ZooKeeper goes by the order of a hash table, and connections have no order among
// each other (protocol fact 12.3). One-shot watches end also where the event will be
// withheld: each event carries the access list that decides.
func (t *Tables) NodeCreated(path string, acl, parentACL []txn.ACL, z zxid.Zxid) {
	t.fire(&t.data, &change{typ: txn.NodeCreated, path: path, zxid: z, acl: acl})
	t.childrenChanged(path, parentACL, z)
}

// NodeDeleted triggers the watches on a node that is gone and those on its
// parent's children. Acl is the one the node had. A connection that hears of it by
// the data table does not hear of it again by the child table (DataTree.deleteNode).
// See NodeCreated for the order.
func (t *Tables) NodeDeleted(path string, acl, parentACL []txn.ACL, z zxid.Zxid) {
	c := change{typ: txn.NodeDeleted, path: path, zxid: z, acl: acl}
	if reached := t.fire(&t.data, &c); len(reached) > 0 {
		t.told = append(t.told[:0], reached...)
	}
	t.fire(&t.child, &c)
	t.told = t.told[:0]
	t.childrenChanged(path, parentACL, z)
}

// NodeDataChanged triggers the watches on a node that has new data, under the access
// list it has had before (DataTree.setData). See NodeCreated for the order.
func (t *Tables) NodeDataChanged(path string, acl []txn.ACL, z zxid.Zxid) {
	t.fire(&t.data, &change{typ: txn.NodeDataChanged, path: path, zxid: z, acl: acl})
}

// childrenChanged tells who watches the children of the parent of path.
func (t *Tables) childrenChanged(path string, acl []txn.ACL, z zxid.Zxid) {
	if t.child.size == 0 {
		return
	}
	if parent, ok := parentOf(path); ok {
		t.fire(&t.child, &change{typ: txn.NodeChildrenChanged, path: parent, zxid: z, acl: acl})
	}
}

// parentOf returns the path above path; false for the root, and for what is no path.
func parentOf(path string) (string, bool) {
	i := strings.LastIndexByte(path, '/')
	if i > 0 {
		return path[:i], true
	}
	return "/", i == 0 && path != "/"
}

// fire is WatchManager.triggerWatch. It returns whom it reached, in ascending
// order, also those who were not told because they are in t.told. The result is
// valid until the next call.
func (t *Tables) fire(in *table, c *change) []txn.Watcher {
	if in.size == 0 {
		return nil
	}
	if c.hash == 0 {
		c.hash = hashPath(c.path)
	}
	found := t.found[:0]
	var seen mode
	for _, e := range in.rows(c.hash, c.path) {
		// What recursive watches hear of children are their own events.
		if c.typ != txn.NodeChildrenChanged || e.modes != recursive {
			found = append(found, e.w)
		}
		seen |= e.modes
	}
	if seen&standard != 0 {
		in.consume(c.hash, c.path)
	}
	if in.recursives > 0 && c.typ != txn.NodeChildrenChanged {
		found = in.above(c.path, found)
	}
	t.found = found
	for _, w := range found {
		if _, told := slices.BinarySearch(t.told, w); !told {
			t.tell(w, c.typ, c.path, c.zxid, c.acl)
		}
	}
	return found
}

// above adds those who have recursive watches above path to who was found, which
// is in ascending order and stays so.
func (t *table) above(path string, found []txn.Watcher) []txn.Watcher {
	before := len(found)
	for up, ok := parentOf(path); ok; up, ok = parentOf(up) {
		for _, e := range t.rows(hashPath(up), up) {
			if e.modes&recursive != 0 {
				found = append(found, e.w)
			}
		}
	}
	if len(found) > before && len(found) > 1 {
		slices.Sort(found)
		found = slices.Compact(found)
	}
	return found
}

// tell adds an event.
func (t *Tables) tell(w txn.Watcher, typ txn.EventType, path string, z zxid.Zxid, acl []txn.ACL) {
	if t.bugs.Has(bug.EventWithoutZxid) {
		z = 0
	}
	if t.bugs.Has(bug.EventsIgnoreACL) {
		acl = nil
	}
	t.events = append(t.events, txn.Event{To: w, Type: typ, Zxid: z, Path: path, ACL: acl})
}
