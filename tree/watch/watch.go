// Package watch is the watches of one server: which connection wants to hear of
// which path, and what it is told when a node changes (protocol.md, section 12;
// DataTree.dataWatches and childWatches, each a WatchManager).
//
// There are two tables. The data table has the watches of exists and getData, the
// child table those of getChildren. A persistent watch is in both, a recursive one
// in the data table, where it hears of all that is below its path, too.
package watch

import (
	"strings"

	"zabsim/internal/fp"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Kind is the table of a one-shot watch.
type Kind uint8

// The kinds of one-shot watches.
const (
	Data     Kind = iota // exists, getData
	Children             // getChildren, getChildren2
)

// What checkWatches and removeWatches look for (Watcher.WatcherType).
const (
	TypeChildren            int32 = 1 // one-shot watches of children
	TypeData                int32 = 2 // one-shot watches of data
	TypeAny                 int32 = 3
	TypePersistent          int32 = 4
	TypePersistentRecursive int32 = 5
)

// Tables is the watches of one server. The zero value is empty, ready and behaves
// as the newest release does. Copy it by CloneInto alone.
type Tables struct {
	bugs        bug.Set
	data, child table
	events      []txn.Event
	found, told []txn.Watcher // whom a trigger reaches: kept for their memory alone
}

// New returns empty tables that behave as a release with the given bugs.
func New(bugs bug.Set) Tables { return Tables{bugs: bugs} }

// CloneInto makes dst an independent copy of t in O(1), apart from the events that
// t still holds. Dst's memory for events is used again.
func (t *Tables) CloneInto(dst *Tables) {
	if t == dst {
		return
	}
	t.data.share()
	t.child.share()
	dst.bugs, dst.data, dst.child = t.bugs, t.data, t.child
	dst.events = append(dst.events[:0], t.events...)
}

// Add leaves a one-shot watch (DataTree.statNode, getData, getChildren). The watch
// of watcher 0, who is nobody, is none.
func (t *Tables) Add(path string, w txn.Watcher, kind Kind) {
	if kind == Children {
		t.add(&t.child, path, w, standard)
	} else {
		t.add(&t.data, path, w, standard)
	}
}

// AddPersistent leaves a watch that no event ends (DataTree.addWatch).
func (t *Tables) AddPersistent(path string, w txn.Watcher, isRecursive bool) {
	m := persistent
	if isRecursive {
		m = recursive
	}
	t.add(&t.data, path, w, m)
	if !isRecursive || t.bugs.Has(bug.RecursiveInChildTable) {
		t.add(&t.child, path, w, m)
	}
}

func (t *Tables) add(in *table, path string, w txn.Watcher, m mode) {
	if w == 0 {
		return
	}
	h := hashPath(path)
	if !t.bugs.Has(bug.OneShotReplacesPersistent) {
		m |= in.modes(h, path, w)
	}
	in.set(h, path, w, m)
}

// KnowsType tells whether a checkWatches or removeWatches of that type can be read
// at all; if not, the answer is MarshallingError (WatcherType.fromInt).
func (t *Tables) KnowsType(typ int32) bool {
	if t.bugs.Has(bug.RemoveWatchesByTable) {
		return typ >= TypeChildren && typ <= TypeAny
	}
	return typ >= TypeChildren && typ <= TypePersistentRecursive
}

// CanCheck tells whether checkWatches gets as far as to look; if not, the answer is
// MarshallingError. Bug.CheckWatchesOfAnybody comes with a walk from the path to the
// root, which fails if it has to go beyond a path's first name without having come
// to "/" (PathParentIterator.next).
func (t *Tables) CanCheck(path string, typ int32) bool {
	if !t.KnowsType(typ) || !t.bugs.Has(bug.CheckWatchesOfAnybody) || path == "" || path[0] == '/' {
		return t.KnowsType(typ)
	}
	if strings.IndexByte(path, '/') < 0 {
		return false
	}
	h := hashPath(path)
	data, child := t.wanted(typ)
	fails := func(in *table) bool { return in.recursives > 0 && in.modesOfAll(h, path) == 0 }
	return !(data != 0 && fails(&t.data) || child != 0 && fails(&t.child))
}

// wanted returns the modes that a type stands for in each table.
func (t *Tables) wanted(typ int32) (data, child mode) {
	if !t.KnowsType(typ) {
		return 0, 0
	}
	only := standard
	if t.bugs.Has(bug.RemoveWatchesByTable) {
		only = allModes
	}
	switch typ {
	case TypeChildren:
		return 0, only
	case TypeData:
		return only, 0
	case TypePersistent:
		return persistent, persistent
	case TypePersistentRecursive:
		return recursive, recursive
	}
	return allModes, allModes
}

// Has tells whether w watches path in one of the ways that a type stands for
// (DataTree.containsWatcher). False stands for NoWatcher.
func (t *Tables) Has(path string, w txn.Watcher, typ int32) bool {
	data, child := t.wanted(typ)
	h := hashPath(path)
	if t.bugs.Has(bug.CheckWatchesOfAnybody) {
		return t.data.modesOfAll(h, path)&data != 0 || t.child.modesOfAll(h, path)&child != 0
	}
	return t.data.modes(h, path, w)&data != 0 || t.child.modes(h, path, w)&child != 0
}

// Remove ends the watches of w on path that a type stands for
// (DataTree.removeWatch); false if there is none, which is NoWatcher.
func (t *Tables) Remove(path string, w txn.Watcher, typ int32) bool {
	data, child := t.wanted(typ)
	h := hashPath(path)
	had := t.data.modes(h, path, w)
	hadChild := t.child.modes(h, path, w)
	t.data.set(h, path, w, had&^data)
	t.child.set(h, path, w, hadChild&^child)
	return had&data != 0 || hadChild&child != 0
}

// Unwatch ends all watches of a connection that is gone (DataTree.removeCnxn). It
// takes time in proportion to the number of all watches.
func (t *Tables) Unwatch(w txn.Watcher) {
	t.data.unwatch(w)
	t.child.unwatch(w)
}

// Len returns the number of watches, where those of one connection on one path and
// in one table count as one (DataTree.getWatchCount).
func (t *Tables) Len() int { return int(t.data.size) + int(t.child.size) }

// Events returns what was triggered since ResetEvents, in the order in which each
// connection is told. It is valid until the next call of a method.
func (t *Tables) Events() []txn.Event { return t.events }

// ResetEvents forgets the events, and keeps their memory.
func (t *Tables) ResetEvents() {
	clear(t.events)
	t.events = t.events[:0]
}

// Fingerprint adds the watches to h. The events are no part of them: whoever takes
// them has them.
func (t *Tables) Fingerprint(h fp.Hash) fp.Hash {
	for _, in := range [...]*table{&t.data, &t.child} {
		h = h.Word(uint64(in.sum.Hash())).Word(uint64(uint32(in.size))<<32 | uint64(uint32(in.recursives)))
	}
	return h
}

// SetWatches is a client that comes back with the watches it had: what it missed
// it is told, and what is as it was is watched again (DataTree.setWatches, protocol
// fact 12.4). Stat returns a node's zxids, or false if there is no such node.
//
// The events have zxid 0, which stands for none (-1 on the wire), and no access list
// withholds them: ZooKeeper sends them also to who may not READ the node. Stat's
// access list is not used.
func (t *Tables) SetWatches(w txn.Watcher, lists *txn.WatchLists,
	stat func(path string) (mzxid, pzxid zxid.Zxid, acl []txn.ACL, ok bool),
) {
	if w == 0 || lists == nil {
		return
	}
	for _, path := range lists.Data {
		switch mzxid, _, _, ok := stat(path); {
		case !ok:
			t.tell(w, txn.NodeDeleted, path, 0, nil)
		case mzxid > lists.Relative:
			t.tell(w, txn.NodeDataChanged, path, 0, nil)
		default:
			t.Add(path, w, Data)
		}
	}
	for _, path := range lists.Exist {
		if _, _, _, ok := stat(path); ok {
			t.tell(w, txn.NodeCreated, path, 0, nil)
		} else {
			t.Add(path, w, Data)
		}
	}
	for _, path := range lists.Child {
		switch _, pzxid, _, ok := stat(path); {
		case !ok:
			t.tell(w, txn.NodeDeleted, path, 0, nil)
		case pzxid > lists.Relative:
			t.tell(w, txn.NodeChildrenChanged, path, 0, nil)
		default:
			t.Add(path, w, Children)
		}
	}
	for _, path := range lists.Persistent {
		t.AddPersistent(path, w, false)
	}
	for _, path := range lists.Recursives {
		t.AddPersistent(path, w, true)
	}
}
