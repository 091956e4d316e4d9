package tree

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/internal/fp"
	"zabsim/zab/txn"
)

// Goal: the digests, counts and indexes that Apply keeps are those of the content,
// and a clone never sees what is done to another one. Method: random transactions;
// everything counted anew; clones written down and compared at the end.
func TestSoundAndClonesStandStill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newTale(t)
		type still struct {
			tree *Tree
			text string
			name fp.Hash
		}
		var clones []still
		for range rapid.IntRange(0, 120).Draw(t, "steps") {
			if s.int(8, "clone") == 0 {
				c := s.tree.Clone().(*Tree)
				clones = append(clones, still{c, s.tree.text(), s.tree.Fingerprint()})
				if s.int(2, "go on with the clone") == 0 {
					clones[len(clones)-1].tree, s.tree = s.tree, c
				}
			}
			s.step()
		}
		s.tree.sound(t)
		for _, c := range clones {
			require.Equal(t, c.text, c.tree.text())
			require.Equal(t, c.name, c.tree.Fingerprint())
			c.tree.sound(t)
		}
	})
}

// Goal: a dump that is taken while transactions go on ends up as the live tree once
// all of them are applied to it again (fact 13.2), and cloning it half-way changes
// nothing.
func TestDumpAndReplay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newTale(t)
		for range rapid.IntRange(0, 60).Draw(t, "before") {
			s.step()
		}
		from := len(s.log)
		var d txn.Dump = s.tree.Dump()
		for more := true; more; {
			for range s.int(4, "meanwhile") {
				s.step()
			}
			if s.int(6, "clone") == 0 {
				c := d.Clone()
				require.Equal(t, d.Fingerprint(), c.Fingerprint())
				d.Next(s.tree)
				d.Next(s.tree)
				d = c
			}
			more = d.Next(s.tree)
		}
		for range s.int(5, "after") {
			s.step()
		}
		fuzzy := d.State().(*Tree)
		fuzzy.sound(t)
		for _, x := range s.log[from:] {
			fuzzy.Apply(x)
		}
		fuzzy.sound(t)
		require.Equal(t, s.tree.text(), fuzzy.text())
		require.Equal(t, s.tree.Digest(), fuzzy.Digest())
		require.Equal(t, s.tree.TreeDigest(), fuzzy.TreeDigest())
		if len(s.log) == from {
			require.Equal(t, s.tree.count, fuzzy.count)
		}
	})
}

// TestDumpIsFuzzy: the dump sees each node at its own time.
func TestDumpIsFuzzy(t *testing.T) {
	s := New(&Config{})
	do := func(op txn.Op, path string, z int) {
		r := s.Apply((&txn.Txn{Op: op, Path: path, Zxid: 1<<32 + 1, ParentCversion: int32(z)}).Seal())
		require.Equal(t, txn.OK, r.Err, path)
	}
	do(txn.OpCreate, "/a", 1)
	do(txn.OpCreate, "/b", 2)
	do(txn.OpCreate, "/b/x", 1)
	d := s.Dump()
	require.True(t, d.Next(s)) // the root
	require.True(t, d.Next(s)) // "/a"
	do(txn.OpCreate, "/a/late", 1)
	do(txn.OpCreate, "/b/y", 2)
	do(txn.OpDelete, "/b/x", 0)
	do(txn.OpCreate, "/c", 3)
	for d.Next(s) {
	}
	fuzzy := d.State().(*Tree)
	assert.Nil(t, fuzzy.find("/a/late"), "came behind the dump")
	assert.Nil(t, fuzzy.find("/b/x"), "went before it")
	assert.NotNil(t, fuzzy.find("/b/y"), "came before it")
	assert.Nil(t, fuzzy.find("/c"), "is not in the list that was copied with the root")
	assert.Equal(t, int32(2), fuzzy.root.cversion)
}

// TestNew: the nodes that a fresh server has (the last lines of the recordings).
func TestNew(t *testing.T) {
	s := New(&Config{})
	assert.Equal(t, txn.Stat{NumChildren: 1, Cversion: -1}, s.find("/").stat())
	assert.Equal(t, txn.Stat{NumChildren: 2, Cversion: -2}, s.find("/zookeeper").stat())
	assert.Equal(t, txn.Stat{}, s.find("/zookeeper/quota").stat())
	assert.Equal(t, txn.Stat{Aversion: -1}, s.find("/zookeeper/config").stat())
	assert.Equal(t, "READ", map[int32]string{1: "READ"}[s.find("/zookeeper/config").acl()[0].Perms])
	assert.Equal(t, int32(31), s.find("/").acl()[0].Perms)
	assert.Equal(t, 4, s.Len())
	s.sound(t)
}

// Goal: the content of a node that Apply makes and changes, and what it answers.
func TestApply(t *testing.T) {
	s := New(&Config{})
	acl := []txn.ACL{{Perms: 3, ID: txn.ID{Scheme: "ip", ID: "1.2.3.4"}}}
	r := s.Apply(&txn.Txn{Op: txn.OpCreate, Zxid: 5, WallNano: 7e6, Path: "/a", Data: "x", ParentCversion: 1})
	assert.Equal(t, txn.Result{More: &txn.ResultMore{Path: "/a"}}, r)
	r = s.Apply(&txn.Txn{Op: txn.OpCreate2, Zxid: 6, WallNano: 8e6, Path: "/a/b", Null: true, ParentCversion: 1, Owner: 9,
		More: &txn.TxnMore{ACL: acl}})
	assert.Equal(t, txn.Result{More: &txn.ResultMore{Path: "/a/b"}, Stat: txn.Stat{
		Czxid: 6, Mzxid: 6, Pzxid: 6, Ctime: 8, Mtime: 8, EphemeralOwner: 9}}, r)
	assert.Equal(t, acl, s.find("/a/b").acl())
	r = s.Apply(&txn.Txn{Op: txn.OpSetData, Zxid: 7, WallNano: 9e6, Path: "/a", Data: "xyz", Version: 4})
	assert.Equal(t, txn.Result{Stat: txn.Stat{Czxid: 5, Mzxid: 7, Pzxid: 6, Ctime: 7, Mtime: 9, Version: 4, Cversion: 1,
		DataLength: 3, NumChildren: 1}}, r)
	r = s.Apply(&txn.Txn{Op: txn.OpSetACL, Zxid: 8, Path: "/a", Version: 2, More: &txn.TxnMore{ACL: acl}})
	assert.Equal(t, int32(2), r.Stat.Aversion)
	assert.Equal(t, txn.Result{}, s.Apply(&txn.Txn{Op: txn.OpCheck, Zxid: 9, Path: "/a"}))
	assert.Equal(t, txn.Result{Err: txn.BadVersion}, s.Apply(&txn.Txn{Op: txn.OpError, Err: txn.BadVersion, Zxid: 10}))
	assert.Equal(t, txn.Result{Err: txn.NoNode}, s.Apply(&txn.Txn{Op: txn.OpSetData, Zxid: 10, Path: "/b"}))
	assert.Equal(t, txn.Result{}, s.Apply(&txn.Txn{Op: txn.OpDelete, Zxid: 11, Path: "/a/b"}))
	assert.Equal(t, txn.Stat{Czxid: 5, Mzxid: 7, Pzxid: 11, Ctime: 7, Mtime: 9, Version: 4, Cversion: 2, Aversion: 2, DataLength: 3},
		s.find("/a").stat())
	for _, path := range []string{"", "/", "a", "//", "/a/", "/x/y", "//x"} {
		for _, op := range []txn.Op{txn.OpCreate, txn.OpDelete} {
			assert.NotEqual(t, txn.OK, s.Apply(&txn.Txn{Op: op, Zxid: 12, Path: path}).Err, "%v %q", op, path)
		}
	}
	s.sound(t)
}

// TestReplayedCreate: over a node that is there, create raises the parent and sets
// the access list, whatever its kind.
func TestReplayedCreate(t *testing.T) {
	s := New(&Config{})
	s.Apply(&txn.Txn{Op: txn.OpCreate, Zxid: 5, Path: "/a", Data: "x", ParentCversion: 1})
	for i, op := range []txn.Op{txn.OpCreate, txn.OpCreate2, txn.OpCreateTTL, txn.OpCreateContainer} {
		z := 10 + s.root.pzxid
		acl := []txn.ACL{{Perms: int32(i)}}
		r := s.Apply(&txn.Txn{Op: op, Zxid: z, Path: "/a", Owner: ttlOwner | 1, ParentCversion: int32(i + 2), More: &txn.TxnMore{ACL: acl}})
		assert.Equal(t, txn.NodeExists, r.Err)
		assert.Equal(t, z, s.root.pzxid)
		assert.Equal(t, int32(i+2), s.root.cversion)
		assert.Equal(t, acl, s.find("/a").acl())
		assert.Equal(t, "x", s.find("/a").data)
	}
	s.Apply(&txn.Txn{Op: txn.OpCreate, Zxid: 6, Path: "/c", ParentCversion: 2})
	assert.Equal(t, int32(5), s.root.cversion, "never lower")
	s.Apply(&txn.Txn{Op: txn.OpDelete, Zxid: 3, Path: "/b"})
	assert.EqualValues(t, 45, s.root.pzxid, "never lower")
	s.Apply(&txn.Txn{Op: txn.OpDelete, Zxid: 50, Path: "/b"})
	assert.EqualValues(t, 50, s.root.pzxid, "though there was nothing to delete")
	s.sound(t)
}

// TestFailedMultiAppliesNothing: and what its members answer.
func TestFailedMultiAppliesNothing(t *testing.T) {
	s := New(&Config{})
	before := s.Fingerprint()
	member := txn.Txn{Op: txn.OpCreate, Path: "/a", ParentCversion: 1}
	bad := txn.Txn{Op: txn.OpError, Err: txn.NoNode}
	r := s.Apply(&txn.Txn{Op: txn.OpMulti, Zxid: 5, More: &txn.TxnMore{Ops: []txn.Txn{member, bad, member}}})
	assert.Equal(t, []txn.Result{
		{Op: txn.OpError}, {Op: txn.OpError, Err: txn.NoNode}, {Op: txn.OpError, Err: txn.RuntimeInconsistency},
	}, r.More.Results)
	assert.Equal(t, before, s.Fingerprint())
	r = s.Apply(&txn.Txn{Op: txn.OpMulti, Zxid: 5, WallNano: 3e6, More: &txn.TxnMore{Ops: []txn.Txn{
		member, {Op: txn.OpCheck, Path: "/a"}, {Op: txn.OpSetData, Path: "/a", Version: 1}, {Op: txn.OpDelete, Path: "/a"}}}})
	ops := make([]txn.Op, 0, 4)
	for _, m := range r.More.Results {
		assert.Equal(t, txn.OK, m.Err)
		ops = append(ops, m.Op)
	}
	assert.Equal(t, []txn.Op{txn.OpCreate, txn.OpCheck, txn.OpSetData, txn.OpDelete}, ops)
	assert.EqualValues(t, 5, r.More.Results[2].Stat.Mzxid)
	assert.EqualValues(t, 3, r.More.Results[2].Stat.Ctime)
	assert.Equal(t, txn.Result{More: &txn.ResultMore{}}, s.Apply(&txn.Txn{Op: txn.OpMulti, Zxid: 6}))
}
