package tree

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// fuzzyOrphan is the story of zab/bug/fuzzy-orphan.md: a node is deleted, made again
// and given a child while the snapshot is between its parent and itself. It returns
// the tree in memory, and the one that the snapshot and the log give.
func fuzzyOrphan(t *testing.T, bugs bug.Set, child txn.Op) (memory, reopened *Tree) {
	s := New(&Config{Bugs: bugs})
	z := zxid.Zxid(1)
	var log []*txn.Txn
	do := func(op txn.Op, path string) {
		z++
		x := s.Prep(&txn.Request{Op: op, Path: path, Version: txn.AnyVersion}, txn.SessionCheck{}, z, 0)
		require.Equal(t, txn.OK, s.Apply(x).Err)
		log = append(log, x)
	}
	do(txn.OpCreate, "/a")
	do(txn.OpCreate, "/a/b")
	log = nil
	d := s.Dump().(*dump)
	d.Next(s)
	assert.Equal(t, "/", d.At())
	d.Next(s)
	assert.Equal(t, "/a", d.At(), "with the name b")
	do(txn.OpDelete, "/a/b")
	do(txn.OpCreate, "/a/b")
	do(child, "/a/b/c")
	d.Next(s)
	assert.Equal(t, "/a/b", d.At(), "with the name c")
	d.Next(s)
	assert.Equal(t, "/a/b/c", d.At())
	for d.Next(s) {
	}
	r := d.State().(*Tree)
	for _, x := range log {
		r.Apply(x)
	}
	return s, r
}

// Goal: what FUZZY-ORPHAN leaves behind, as clients and the leader see it.
func TestFuzzyOrphan(t *testing.T) {
	memory, reopened := fuzzyOrphan(t, bug.Set{}.With(bug.ExistsByMap), txn.OpCreate)
	read := func(s *Tree, op txn.Op, path string) txn.Result { return s.Read(&txn.Request{Op: op, Path: path}, 0) }
	assert.Equal(t, txn.OK, read(reopened, txn.OpGetData, "/a/b/c").Err, "it can be read")
	assert.Equal(t, []string{"c"}, read(memory, txn.OpGetChildren, "/a/b").More.Names)
	assert.Empty(t, read(reopened, txn.OpGetChildren, "/a/b").More.Names, "and not listed")
	assert.Zero(t, read(reopened, txn.OpExists, "/a/b").Stat.NumChildren)
	assert.Equal(t, memory.TreeDigest(), reopened.TreeDigest(), "ZooKeeper's digest sees the same nodes")
	assert.NotEqual(t, memory.Digest(), reopened.Digest(), "ours does not")

	remove := &txn.Request{Op: txn.OpDelete, Path: "/a/b", Version: txn.AnyVersion}
	assert.Equal(t, txn.NotEmpty, memory.Prep(remove, txn.SessionCheck{}, 9, 0).Err)
	x := reopened.Prep(remove, txn.SessionCheck{}, 9, 0)
	require.Equal(t, txn.OpDelete, x.Op, "as a leader it lets the parent be deleted")
	assert.Equal(t, txn.OK, reopened.Apply(x).Err)
	assert.Equal(t, txn.NoNode, read(reopened, txn.OpExists, "/a/b").Err)
	assert.Equal(t, txn.OK, read(reopened, txn.OpGetData, "/a/b/c").Err, "a node without a parent")

	d := reopened.Dump()
	for d.Next(reopened) {
	}
	assert.Equal(t, txn.NoNode, read(d.State().(*Tree), txn.OpGetData, "/a/b/c").Err, "the next snapshot loses it")
}

// Goal: with create2 the parent's counters are wrong, too, which ZooKeeper's digest
// sees; without the bug nothing differs.
func TestFuzzyOrphanByOtherWays(t *testing.T) {
	memory, reopened := fuzzyOrphan(t, bug.Set{}.With(bug.ExistsByMap), txn.OpCreate2)
	assert.NotEqual(t, memory.TreeDigest(), reopened.TreeDigest())
	for _, op := range []txn.Op{txn.OpCreate, txn.OpCreate2} {
		memory, reopened = fuzzyOrphan(t, bug.Set{}, op)
		assert.Equal(t, memory.text(), reopened.text())
		assert.Equal(t, memory.Digest(), reopened.Digest())
	}
}

// Goal: an orphan is a node like any other, with what is below it: it can be written,
// given children and deleted, its clone is its own, and a delete of it makes orphans of
// its children.
func TestOrphans(t *testing.T) {
	_, s := fuzzyOrphan(t, bug.Set{}.With(bug.ExistsByMap), txn.OpCreate)
	z := zxid.Zxid(20)
	do := func(r txn.Request) txn.Code {
		z++
		r.Version = txn.AnyVersion
		return s.Apply(s.Prep(&r, txn.SessionCheck{}, z, 0)).Err
	}
	orphans := func(s *Tree) (all []string) {
		s.Orphans(func(path string) bool {
			all = append(all, path)
			return true
		})
		return all
	}
	assert.Equal(t, txn.OK, do(txn.Request{Op: txn.OpCreate, Path: "/a/b/c/d"}))
	assert.Equal(t, txn.OK, do(txn.Request{Op: txn.OpCreate, Path: "/a/b/c/d/e"}))
	before := s.Clone().(*Tree)
	assert.Equal(t, txn.OK, do(txn.Request{Op: txn.OpSetData, Path: "/a/b/c", Data: "x"}))
	assert.Equal(t, txn.OK, do(txn.Request{Op: txn.OpSetData, Path: "/a/b/c/d/e", Data: "y"}))
	assert.Equal(t, []string{"/a/b/c"}, orphans(s))
	assert.Equal(t, []string{"", "", "x", "y"}, []string{
		before.find("/a/b/c").data, before.find("/a/b/c/d/e").data, s.find("/a/b/c").data, s.find("/a/b/c/d/e").data,
	})
	assert.Equal(t, txn.NodeExists, do(txn.Request{Op: txn.OpCreate, Path: "/a/b/c"}))
	assert.Equal(t, txn.NotEmpty, do(txn.Request{Op: txn.OpDelete, Path: "/a/b/c"}))
	s.Apply(&txn.Txn{Op: txn.OpDelete, Path: "/a/b/c", Zxid: 50})
	assert.Equal(t, []string{"/a/b/c/d"}, orphans(s))
	assert.Nil(t, s.find("/a/b/c"))
	assert.Nil(t, s.find("/a/b/c/d/f"))
	assert.NotNil(t, s.find("/a/b/c/d/e"))
	assert.Equal(t, txn.NoNode, do(txn.Request{Op: txn.OpDelete, Path: "/a/b/c/d/e/f"}))
	s.Apply(&txn.Txn{Op: txn.OpDelete, Path: "/a/b/c/d/e", Zxid: 51})
	s.Apply(&txn.Txn{Op: txn.OpCreate, Path: "/a/b/c", Zxid: 52, ParentCversion: -1})
	s.Apply(&txn.Txn{Op: txn.OpDelete, Path: "/a/b/c/d", Zxid: 53})
	assert.Empty(t, orphans(s))
	s.sound(t)
}
