package watch

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/internal/fp"
	"zabsim/internal/statecheck"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// said takes the events, as "1 NodeCreated /a 7".
func said(t *Tables) []string {
	var all []string
	for _, e := range t.Events() {
		all = append(all, fmt.Sprintf("%d %v %s %d", e.To, e.Type, e.Path, uint64(e.Zxid)))
	}
	t.ResetEvents()
	return all
}

func TestOneShotsEnd(t *testing.T) {
	var w Tables
	w.Add("/a", 2, Data)
	w.Add("/a", 1, Data)
	w.Add("/a", 1, Data)
	w.Add("/a", 1, Children)
	assert.Equal(t, 3, w.Len())
	w.NodeDataChanged("/a", nil, 5)
	assert.Equal(t, []string{"1 NodeDataChanged /a 5", "2 NodeDataChanged /a 5"}, said(&w))
	w.NodeDataChanged("/a", nil, 6)
	assert.Empty(t, said(&w))
	w.NodeCreated("/a/b", nil, nil, 7)
	assert.Equal(t, []string{"1 NodeChildrenChanged /a 7"}, said(&w))
	assert.Zero(t, w.Len())
}

// Who has heard of a deletion by the data table does not hear of it by the child
// table, but that watch ends, too.
func TestDeletionIsToldOnce(t *testing.T) {
	var w Tables
	w.Add("/a", 1, Data)
	w.Add("/a", 1, Children)
	w.Add("/a", 2, Children)
	w.Add("/", 1, Children)
	w.AddPersistent("/", 3, true)
	w.AddPersistent("/a", 4, false)
	w.NodeDeleted("/a", nil, nil, 9)
	assert.Equal(t, []string{"1 NodeDeleted /a 9", "3 NodeDeleted /a 9", "4 NodeDeleted /a 9",
		"2 NodeDeleted /a 9", "1 NodeChildrenChanged / 9"}, said(&w))
	assert.False(t, w.Has("/a", 1, TypeAny))
	assert.True(t, w.Has("/a", 4, TypeAny))
}

// An event has the access list that decides whether it is sent, and the watch ends
// whether it is or not.
func TestEventsCarryTheAccessList(t *testing.T) {
	node, parent := []txn.ACL{{Perms: 8}}, []txn.ACL{{Perms: 16}}
	acls := func(w *Tables) (all []int32) {
		for _, e := range w.Events() {
			if e.ACL == nil {
				all = append(all, 0)
			} else {
				all = append(all, e.ACL[0].Perms)
			}
		}
		w.ResetEvents()
		return all
	}
	for _, c := range []struct {
		bugs bug.Set
		want []int32
	}{{bug.Set{}, []int32{8, 16, 8, 8, 8, 16}}, {bug.Set{}.With(bug.EventsIgnoreACL), make([]int32, 6)}} {
		w := New(c.bugs)
		w.Add("/a/b", 1, Data)
		w.Add("/a", 1, Children)
		w.NodeCreated("/a/b", node, parent, 1)
		w.Add("/a/b", 1, Data)
		w.NodeDataChanged("/a/b", node, 2)
		w.Add("/a/b", 1, Data)
		w.Add("/a/b", 2, Children)
		w.Add("/a", 1, Children)
		w.NodeDeleted("/a/b", node, parent, 3)
		assert.Equal(t, c.want, acls(&w))
		assert.Zero(t, w.Len())
	}
}

// A recursive watch hears of all at and below its path, once for each change, and
// never of children.
func TestRecursive(t *testing.T) {
	var w Tables
	w.AddPersistent("/a", 1, true)
	w.AddPersistent("/a/b", 1, true)
	w.AddPersistent("/", 2, true)
	w.Add("/a/b/c", 1, Data)
	w.NodeCreated("/a/b/c", nil, nil, 1)
	w.NodeCreated("/ab", nil, nil, 2)
	w.NodeDataChanged("/", nil, 3)
	w.NodeDeleted("/a", nil, nil, 4)
	assert.Equal(t, []string{"1 NodeCreated /a/b/c 1", "2 NodeCreated /a/b/c 1", "2 NodeCreated /ab 2",
		"2 NodeDataChanged / 3", "1 NodeDeleted /a 4", "2 NodeDeleted /a 4"}, said(&w))
}

// A one-shot, a persistent and a recursive watch of one connection on one path are
// three watches, which send one event and end one by one (ZOOKEEPER-4466, 4471,
// 4472). In 3.8.0 they were one.
func TestModesOnOnePath(t *testing.T) {
	var w Tables
	w.AddPersistent("/a", 1, false)
	w.AddPersistent("/a", 1, true)
	w.Add("/a", 1, Data)
	w.Add("/a", 1, Children)
	w.NodeDataChanged("/a", nil, 1)
	assert.Equal(t, []string{"1 NodeDataChanged /a 1"}, said(&w))
	assert.False(t, w.Has("/a", 1, TypeData))
	assert.True(t, w.Has("/a", 1, TypeChildren))
	assert.False(t, w.Has("/a", 2, TypeAny))
	assert.True(t, w.Remove("/a", 1, TypeChildren))
	assert.False(t, w.Remove("/a", 1, TypeChildren))
	w.NodeCreated("/a/b", nil, nil, 2)
	assert.Equal(t, []string{"1 NodeCreated /a/b 2", "1 NodeChildrenChanged /a 2"}, said(&w))
	assert.True(t, w.Remove("/a", 1, TypePersistent))
	w.NodeCreated("/a/c", nil, nil, 3)
	assert.Equal(t, []string{"1 NodeCreated /a/c 3"}, said(&w))
	assert.True(t, w.Has("/a", 1, TypePersistentRecursive))
	assert.True(t, w.Remove("/a", 1, TypeAny))
	assert.False(t, w.Remove("/a", 1, TypeAny))
	assert.Zero(t, w.Len())
}

// Each switch alone makes its difference.
func TestSwitches(t *testing.T) {
	for _, c := range []struct {
		b    bug.Switch
		do   func(w *Tables) any
		want [2]any // without, with the switch
	}{
		{bug.OneShotReplacesPersistent, func(w *Tables) any {
			w.AddPersistent("/a", 1, false)
			w.Add("/a", 1, Data)
			w.NodeDataChanged("/a", nil, 1)
			w.NodeDataChanged("/a", nil, 2)
			return len(said(w))
		}, [2]any{2, 1}},
		{bug.OneShotReplacesPersistent, func(w *Tables) any {
			w.AddPersistent("/a", 1, true)
			w.AddPersistent("/a", 1, false)
			w.NodeCreated("/a/b", nil, nil, 1)
			return len(said(w))
		}, [2]any{2, 1}},
		{bug.RecursiveInChildTable, func(w *Tables) any {
			w.AddPersistent("/a", 1, true)
			w.data.unwatch(1)
			w.NodeCreated("/a/b", nil, nil, 1)
			w.NodeDeleted("/a/b", nil, nil, 2)
			return len(said(w))
		}, [2]any{0, 1}},
		{bug.CheckWatchesOfAnybody, func(w *Tables) any {
			w.Add("/a", 1, Data)
			return w.Has("/a", 2, TypeAny)
		}, [2]any{false, true}},
		{bug.CheckWatchesOfAnybody, func(w *Tables) any { return w.CanCheck("a", TypeData) }, [2]any{true, false}},
		{bug.CheckWatchesOfAnybody, func(w *Tables) any {
			w.AddPersistent("/a", 1, true)
			w.Add("a/c", 1, Children)
			return fmt.Sprint(w.CanCheck("a/b", TypeData), w.CanCheck("a/b", TypeChildren), w.CanCheck("a/b", TypeAny),
				w.CanCheck("/a/b", TypeAny), w.CanCheck("", TypeAny))
		}, [2]any{"true true true true true", "false true false true true"}},
		{bug.RemoveWatchesByTable, func(w *Tables) any {
			w.AddPersistent("/a", 1, false)
			w.Remove("/a", 1, TypeChildren)
			w.NodeCreated("/a/b", nil, nil, 1)
			return len(said(w))
		}, [2]any{1, 0}},
		{bug.RemoveWatchesByTable, func(w *Tables) any {
			w.AddPersistent("/a", 1, true)
			return fmt.Sprint(w.KnowsType(5), w.Has("/a", 1, 5), w.Remove("/a", 1, 5))
		}, [2]any{"true true true", "false false false"}},
		{bug.EventWithoutZxid, func(w *Tables) any {
			w.Add("/a", 1, Data)
			w.NodeDataChanged("/a", nil, 7)
			return w.Events()[0].Zxid
		}, [2]any{zxid.Zxid(7), zxid.Zxid(0)}},
	} {
		for i, bugs := range []bug.Set{{}, bug.Set{}.With(c.b)} {
			w := New(bugs)
			assert.Equal(t, c.want[i], c.do(&w), "%v %d", c.b, i)
		}
	}
}

// What was at the last zxid that the client has seen, it has seen.
func TestSetWatches(t *testing.T) {
	nodes := map[string][2]zxid.Zxid{"/old": {5, 5}, "/set": {6, 5}, "/kid": {5, 6}}
	stat := func(p string) (mzxid, pzxid zxid.Zxid, acl []txn.ACL, ok bool) {
		n, ok := nodes[p]
		return n[0], n[1], []txn.ACL{{}}, ok
	}
	all := []string{"/old", "/set", "/kid", "/gone"}
	var w Tables
	w.SetWatches(1, &txn.WatchLists{Relative: 5, Data: all, Exist: all, Child: all, Persistent: []string{"/p"}, Recursives: []string{"/r"}}, stat)
	for _, e := range w.Events() {
		assert.Nil(t, e.ACL, "ZooKeeper withholds none of these")
	}
	assert.Equal(t, []string{
		"1 NodeDataChanged /set 0", "1 NodeDeleted /gone 0",
		"1 NodeCreated /old 0", "1 NodeCreated /set 0", "1 NodeCreated /kid 0",
		"1 NodeChildrenChanged /kid 0", "1 NodeDeleted /gone 0",
	}, said(&w))
	has := func(path string) (all []int32) {
		for typ := TypeChildren; typ <= TypePersistentRecursive; typ++ {
			if typ != TypeAny && w.Has(path, 1, typ) {
				all = append(all, typ)
			}
		}
		return all
	}
	assert.Equal(t, []int32{TypeChildren, TypeData}, has("/old"))
	assert.Equal(t, []int32{TypeChildren}, has("/set"))
	assert.Equal(t, []int32{TypeData}, has("/kid"))
	assert.Equal(t, []int32{TypeData}, has("/gone"))
	assert.Equal(t, []int32{TypePersistent}, has("/p"))
	assert.Equal(t, []int32{TypePersistentRecursive}, has("/r"))
}

// Nobody and nonsense leave no watch and stop nothing.
func TestNothing(t *testing.T) {
	var w Tables
	w.Add("/a", 0, Data)
	w.AddPersistent("/a", 0, true)
	w.SetWatches(0, &txn.WatchLists{Data: []string{"/a"}}, nil)
	w.SetWatches(1, nil, nil)
	w.Unwatch(1)
	assert.Zero(t, w.Len())
	for _, p := range []string{"", "/", "//", "a", "a/", "/a/", "a/b"} {
		w.AddPersistent(p, 1, true)
		w.Add(p, 1, Children)
	}
	for _, p := range []string{"", "/", "//", "a", "a/", "/a/", "a/b"} {
		w.NodeCreated(p, nil, nil, 1)
		w.NodeDataChanged(p, nil, 1)
		w.NodeDeleted(p, nil, nil, 1)
		for _, typ := range []int32{-1, 0, 6, 1 << 30} {
			assert.False(t, w.KnowsType(typ) || w.CanCheck(p, typ) || w.Has(p, 1, typ) || w.Remove(p, 1, typ))
		}
	}
	w.Unwatch(1)
	assert.Zero(t, w.Len())
	assert.Equal(t, (&Tables{}).Fingerprint(0), w.Fingerprint(0))
}

// Paths of one hash, or with the same first bits, are told apart.
func TestCollisions(t *testing.T) {
	hashes := []fp.Hash{0, 1 << 60, 2 << 60, 0x123456789, 0x1123456789, 5}
	var in table
	want := map[string]mode{}
	for i := range 40 {
		for k, h := range hashes {
			path, w := fmt.Sprintf("/%d/%d", k, i%13), txn.Watcher(1+i%3)
			in.set(h, path, w, standard)
			want[fmt.Sprint(path, w)] = standard
		}
	}
	assert.Len(t, want, int(in.size))
	for k, h := range hashes {
		for i := range 13 {
			path := fmt.Sprintf("/%d/%d", k, i)
			for w := range txn.Watcher(4) {
				assert.Equal(t, want[fmt.Sprint(path, w)], in.modes(h, path, w), "%s %d", path, w)
			}
			in.consume(h, path)
			assert.Empty(t, in.rows(h, path))
		}
	}
	assert.Zero(t, in.size)
	assert.Zero(t, in.sum)
	assert.Nil(t, in.root, "an empty table keeps its nodes")
}

// A thousand connections that watch one path, as for a leader's lock.
func TestManyWatchersOfOnePath(t *testing.T) {
	var w Tables
	for i := range txn.Watcher(1000) {
		w.Add("/lock", i*7%1000+1, Data)
		w.Add(fmt.Sprint("/", i), i+1, Children)
	}
	assert.Len(t, w.data.root.rows, 1000, "nothing tells them apart, so they are in one leaf")
	w.Unwatch(500)
	w.NodeDeleted("/lock", nil, nil, 1)
	assert.Len(t, w.Events(), 999)
	assert.True(t, slices.IsSortedFunc(w.Events(), func(a, b txn.Event) int { return int(a.To) - int(b.To) }))
	assert.Equal(t, 999, w.Len())
	checkTable(t, &w.data)
	checkTable(t, &w.child)
}

func TestClonesAreIndependent(t *testing.T) {
	var a, b Tables
	b.Add("/old", 9, Data)
	b.NodeDataChanged("/old", nil, 1)
	for i := range 50 {
		a.Add(fmt.Sprint("/", i), 1, Data)
	}
	for i := range 3 { // so that there is room for more events
		a.NodeDataChanged(fmt.Sprint("/", i), nil, 2)
	}
	a.ResetEvents()
	a.NodeDataChanged("/7", nil, 3)
	a.CloneInto(&b)
	a.CloneInto(&a)
	assert.Equal(t, a.Events(), b.Events())
	before := a.Fingerprint(1)
	assert.Equal(t, before, b.Fingerprint(1))
	b.NodeDataChanged("/8", nil, 4)
	a.NodeDataChanged("/6", nil, 5)
	assert.Equal(t, []string{"1 NodeDataChanged /7 3", "1 NodeDataChanged /8 4"}, said(&b))
	assert.Equal(t, []string{"1 NodeDataChanged /7 3", "1 NodeDataChanged /6 5"}, said(&a))
	before = a.Fingerprint(1)
	b.Add("/new", 1, Data)
	b.AddPersistent("/9", 1, true)
	assert.Equal(t, before, a.Fingerprint(1))
	after := b.Fingerprint(1)
	a.Unwatch(1)
	a.NodeDataChanged("/9", nil, 4)
	assert.Equal(t, after, b.Fingerprint(1))
	assert.Equal(t, 46, b.Len())
	checkTable(t, &b.data)
	assert.NotEqual(t, before, after)
}

// The order in which watches came does not show.
func TestFingerprintHasNoOrder(t *testing.T) {
	var a, b Tables
	for i := range 100 {
		a.Add(fmt.Sprint("/", i), 1, Data)
		b.Add(fmt.Sprint("/", 99-i), 1, Data)
	}
	assert.Equal(t, a.Fingerprint(1), b.Fingerprint(1))
	var c Tables
	c.Add("/a", 1, Data)
	seen := []fp.Hash{c.Fingerprint(1), (&Tables{}).Fingerprint(1), c.Fingerprint(2)}
	for _, f := range []func(w *Tables){
		func(w *Tables) { w.Add("/a", 2, Data) }, func(w *Tables) { w.Add("/b", 1, Data) }, func(w *Tables) { w.Add("/a", 1, Children) },
		func(w *Tables) { w.AddPersistent("/a", 1, false) }, func(w *Tables) { w.AddPersistent("/a", 1, true) },
	} {
		var d Tables
		f(&d)
		assert.NotContains(t, seen, d.Fingerprint(1))
		seen = append(seen, d.Fingerprint(1))
	}
}

func TestNoFieldIsForgotten(t *testing.T) {
	fresh := func() any {
		var w Tables
		w.Add("/a", 1, Data)
		w.AddPersistent("/b", 2, true)
		w.AddPersistent("/b", 2, false)
		return &w
	}
	statecheck.Fields(t, fresh,
		func(x any) any {
			var c Tables
			x.(*Tables).CloneInto(&c)
			return &c
		},
		func(x any) uint64 { return uint64(x.(*Tables).Fingerprint(1)) },
		"bugs: set once, by who makes the tables",
		"data.root: named by data.sum, which checkTable compares with it",
		"child.root: named by child.sum",
		"data.owner: a licence",
		"child.owner: a licence",
		"events: they are no part of the state",
		"found: memory",
		"told: memory",
	)
}
