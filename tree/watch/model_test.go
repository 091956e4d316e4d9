package watch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"zabsim/internal/fp"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// one is one watch of the model.
type one struct {
	child bool // the table
	path  string
	w     txn.Watcher
	m     mode // a single one
}

// model is a list of watches, searched from the beginning each time.
type model struct {
	bugs   bug.Set
	list   []one
	events []txn.Event
}

func (m *model) drop(f func(o one) bool) bool {
	n := len(m.list)
	m.list = slices.DeleteFunc(m.list, f)
	return len(m.list) < n
}

func (m *model) add(o one) {
	if m.bugs.Has(bug.OneShotReplacesPersistent) {
		m.drop(func(x one) bool { return x.child == o.child && x.path == o.path && x.w == o.w })
	}
	if !slices.Contains(m.list, o) {
		m.list = append(m.list, o)
	}
}

func (m *model) addPersistent(path string, w txn.Watcher, rec bool) {
	md := persistent
	if rec {
		md = recursive
	}
	m.add(one{false, path, w, md})
	if !rec || m.bugs.Has(bug.RecursiveInChildTable) {
		m.add(one{true, path, w, md})
	}
}

// is tells whether a type stands for a watch.
func (m *model) is(o one, typ int32) bool {
	byTable := m.bugs.Has(bug.RemoveWatchesByTable)
	switch typ {
	case 1:
		return o.child && (byTable || o.m == standard)
	case 2:
		return !o.child && (byTable || o.m == standard)
	case 3:
		return true
	case 4:
		return !byTable && o.m == persistent
	case 5:
		return !byTable && o.m == recursive
	}
	return false
}

func (m *model) has(path string, w txn.Watcher, typ int32) bool {
	return slices.ContainsFunc(m.list, func(o one) bool {
		return o.path == path && m.is(o, typ) && (o.w == w || m.bugs.Has(bug.CheckWatchesOfAnybody))
	})
}

func (m *model) remove(path string, w txn.Watcher, typ int32) bool {
	return m.drop(func(o one) bool { return o.path == path && o.w == w && m.is(o, typ) })
}

// trigger tells who watches path in one table, except for the told ones, and
// returns all of them.
func (m *model) trigger(child bool, typ txn.EventType, path string, acl []txn.ACL, z zxid.Zxid, told []txn.Watcher) []txn.Watcher {
	var reached []txn.Watcher
	for _, o := range m.list {
		here := o.path == path && (o.m != recursive || typ != txn.NodeChildrenChanged)
		below := o.m == recursive && typ != txn.NodeChildrenChanged && (o.path == "/" || o.path != "" && strings.HasPrefix(path, o.path+"/"))
		if o.child == child && (here || below) && !slices.Contains(reached, o.w) {
			reached = append(reached, o.w)
		}
	}
	m.drop(func(o one) bool { return o.child == child && o.path == path && o.m == standard })
	slices.Sort(reached)
	for _, w := range reached {
		if !slices.Contains(told, w) {
			m.tell(txn.Event{To: w, Type: typ, Zxid: z, Path: path, ACL: acl})
		}
	}
	return reached
}

func (m *model) tell(e txn.Event) {
	if m.bugs.Has(bug.EventWithoutZxid) {
		e.Zxid = 0
	}
	if m.bugs.Has(bug.EventsIgnoreACL) {
		e.ACL = nil
	}
	m.events = append(m.events, e)
}

func up(path string) string {
	if i := strings.LastIndex(path, "/"); i > 0 {
		return path[:i]
	}
	return "/"
}

func (m *model) created(path string, acl, parentACL []txn.ACL, z zxid.Zxid) {
	m.trigger(false, txn.NodeCreated, path, acl, z, nil)
	m.trigger(true, txn.NodeChildrenChanged, up(path), parentACL, z, nil)
}

func (m *model) deleted(path string, acl, parentACL []txn.ACL, z zxid.Zxid) {
	told := m.trigger(false, txn.NodeDeleted, path, acl, z, nil)
	m.trigger(true, txn.NodeDeleted, path, acl, z, told)
	m.trigger(true, txn.NodeChildrenChanged, up(path), parentACL, z, nil)
}

func (m *model) set(w txn.Watcher, lists *txn.WatchLists, stat func(string) (zxid.Zxid, zxid.Zxid, []txn.ACL, bool)) {
	for _, p := range lists.Data {
		if z, _, _, ok := stat(p); !ok {
			m.tell(txn.Event{To: w, Type: txn.NodeDeleted, Path: p})
		} else if z > lists.Relative {
			m.tell(txn.Event{To: w, Type: txn.NodeDataChanged, Path: p})
		} else {
			m.add(one{false, p, w, standard})
		}
	}
	for _, p := range lists.Exist {
		if _, _, _, ok := stat(p); ok {
			m.tell(txn.Event{To: w, Type: txn.NodeCreated, Path: p})
		} else {
			m.add(one{false, p, w, standard})
		}
	}
	for _, p := range lists.Child {
		if _, z, _, ok := stat(p); !ok {
			m.tell(txn.Event{To: w, Type: txn.NodeDeleted, Path: p})
		} else if z > lists.Relative {
			m.tell(txn.Event{To: w, Type: txn.NodeChildrenChanged, Path: p})
		} else {
			m.add(one{true, p, w, standard})
		}
	}
	for _, p := range lists.Persistent {
		m.addPersistent(p, w, false)
	}
	for _, p := range lists.Recursives {
		m.addPersistent(p, w, true)
	}
}

// pairs counts the watches as the server does: by connection, path and table.
func (m *model) pairs() int {
	seen := map[one]bool{}
	for _, o := range m.list {
		o.m = 0
		seen[o] = true
	}
	return len(seen)
}

// twin is tables with their model.
type twin struct {
	tables Tables
	model  model
}

func (x *twin) clone() *twin {
	c := &twin{model: model{bugs: x.model.bugs, list: slices.Clone(x.model.list)}}
	x.tables.CloneInto(&c.tables)
	return c
}

var watchSwitches = []bug.Switch{bug.OneShotReplacesPersistent, bug.RecursiveInChildTable, bug.CheckWatchesOfAnybody,
	bug.RemoveWatchesByTable, bug.EventWithoutZxid, bug.EventsIgnoreACL}

var (
	paths    = rapid.SampledFrom([]string{"/", "/a", "/a/b", "/a/b/c", "/a/bc", "/ab", "/b", "/b/a", "/b/a/b/c", "odd", ""})
	many     = rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("/n/%d", rapid.IntRange(0, 99).Draw(t, "n")) })
	anyPath  = rapid.OneOf(paths, paths, many)
	watchers = rapid.Uint32Range(1, 5)
)

// step does one random thing to both and compares what they say.
func (x *twin) step(t *rapid.T) {
	path, w := anyPath.Draw(t, "path"), txn.Watcher(watchers.Draw(t, "w"))
	node := rapid.SampledFrom([]string{"/a", "/a/b", "/a/b/c", "/a/bc", "/ab", "/b", "/b/a", "/b/a/b", "/n/7", "/n/8/x"})
	typ := int32(rapid.IntRange(0, 6).Draw(t, "type"))
	z := zxid.Zxid(rapid.IntRange(1, 9).Draw(t, "zxid"))
	acl, parentACL := []txn.ACL{{Perms: 1}}, []txn.ACL{{Perms: 2}}
	switch rapid.IntRange(0, 11).Draw(t, "what") {
	case 0, 1, 2:
		child := rapid.Bool().Draw(t, "child")
		kind := Data
		if child {
			kind = Children
		}
		x.tables.Add(path, w, kind)
		x.model.add(one{child, path, w, standard})
	case 3, 4:
		rec := rapid.Bool().Draw(t, "recursive")
		x.tables.AddPersistent(path, w, rec)
		x.model.addPersistent(path, w, rec)
	case 5:
		assert.Equal(t, x.model.has(path, w, typ), x.tables.Has(path, w, typ))
	case 6:
		assert.Equal(t, x.model.remove(path, w, typ), x.tables.Remove(path, w, typ))
	case 7:
		p := node.Draw(t, "node")
		x.tables.NodeCreated(p, acl, parentACL, z)
		x.model.created(p, acl, parentACL, z)
	case 8:
		p := node.Draw(t, "node")
		x.tables.NodeDeleted(p, acl, parentACL, z)
		x.model.deleted(p, acl, parentACL, z)
	case 9:
		p := rapid.OneOf(node, rapid.Just("/")).Draw(t, "node")
		x.tables.NodeDataChanged(p, acl, z)
		x.model.trigger(false, txn.NodeDataChanged, p, acl, z, nil)
	case 10:
		x.tables.Unwatch(w)
		x.model.drop(func(o one) bool { return o.w == w })
	case 11:
		list := rapid.SliceOfN(anyPath, 0, 4)
		lists := &txn.WatchLists{Relative: z, Data: list.Draw(t, "data"), Exist: list.Draw(t, "exist"), Child: list.Draw(t, "child"),
			Persistent: list.Draw(t, "persistent"), Recursives: list.Draw(t, "recursives")}
		stat := func(p string) (zxid.Zxid, zxid.Zxid, []txn.ACL, bool) {
			h := uint64(hashPath(p))
			return zxid.Zxid(h % 11), zxid.Zxid(h >> 8 % 11), acl, h&(1<<30) != 0
		}
		x.tables.SetWatches(w, lists, stat)
		x.model.set(w, lists, stat)
	}
}

func (x *twin) compare(t assert.TestingT) {
	assert.Equal(t, x.model.events, append([]txn.Event(nil), x.tables.Events()...))
	x.tables.ResetEvents()
	x.model.events = nil
	assert.Equal(t, x.model.pairs(), x.tables.Len())
	checkTable(t, &x.tables.data)
	checkTable(t, &x.tables.child)
}

// checkTable compares what a table keeps beside its rows with the rows, and the
// order of the rows.
func checkTable(t assert.TestingT, in *table) {
	var all []entry
	var walk func(n *node)
	walk = func(n *node) {
		if n == nil {
			return
		}
		if n.kids != nil {
			assert.Empty(t, n.rows)
			for _, k := range n.kids {
				walk(k)
			}
			return
		}
		assert.True(t, slices.IsSortedFunc(n.rows, func(a, b entry) int {
			switch {
			case a.hash != b.hash:
				return cmp.Compare(a.hash, b.hash)
			case a.path != b.path:
				return strings.Compare(a.path, b.path)
			}
			return cmp.Compare(a.w, b.w)
		}))
		all = append(all, n.rows...)
	}
	walk(in.root)
	var sum fp.Sum
	recursives := int32(0)
	for _, e := range all {
		sum = sum.Add(uint64(e.w)<<8|uint64(e.modes), e.hash)
		recursives += int32(e.modes & recursive / recursive)
		assert.NotZero(t, e.modes)
		assert.NotZero(t, e.w)
		assert.Equal(t, hashPath(e.path), e.hash)
		assert.Contains(t, in.rows(e.hash, e.path), e, "a look-up does not find a row")
	}
	assert.Equal(t, sum, in.sum)
	assert.Len(t, all, int(in.size))
	assert.Equal(t, recursives, in.recursives)
}

// The tables do what a list does that is searched from the beginning, with any set
// of switches, and so does each of their clones.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var bugs bug.Set
		for _, b := range watchSwitches {
			if rapid.Bool().Draw(t, b.String()) {
				bugs = bugs.With(b)
			}
		}
		all := []*twin{{New(bugs), model{bugs: bugs}}}
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			x := all[rapid.IntRange(0, len(all)-1).Draw(t, "which")]
			if len(all) < 4 && rapid.IntRange(0, 19).Draw(t, "clone") == 0 {
				all = append(all, x.clone())
			}
			x.step(t)
			x.compare(t)
		}
		for _, x := range all { // nobody was changed by another
			for _, o := range x.model.list {
				assert.NotZero(t, x.tables.modesOf(o)&o.m)
			}
			x.compare(t)
		}
	})
}

func (t *Tables) modesOf(o one) mode {
	in := &t.data
	if o.child {
		in = &t.child
	}
	return in.modes(hashPath(o.path), o.path, o.w)
}
