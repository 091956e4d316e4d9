package tree

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/tree/watch"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// TestReplayKeepsChildren: a node that was deleted and made again while a snapshot
// was taken, with a child in the snapshot already, keeps it after replay. Releases
// since 3.8.5 lose the child's name (fact 13.2, FUZZY-ORPHAN).
func TestReplayKeepsChildren(t *testing.T) {
	s := New(&Config{})
	z := zxid.Zxid(1)
	var log []*txn.Txn
	do := func(op txn.Op, path string) {
		z++
		x := &txn.Txn{Op: op, Path: path, Zxid: z, ParentCversion: -1}
		if above, _, _ := split(path); op == txn.OpCreate {
			x.ParentCversion = s.find(above).cversion + 1
		}
		log = append(log, x)
		require.Equal(t, txn.OK, s.Apply(x).Err)
	}
	do(txn.OpCreate, "/a")
	do(txn.OpCreate, "/a/b")
	log = nil
	d := s.Dump()
	d.Next(s) // the root
	d.Next(s) // "/a" with the name "b"
	do(txn.OpDelete, "/a/b")
	do(txn.OpCreate, "/a/b")
	do(txn.OpCreate, "/a/b/c")
	for d.Next(s) {
	}
	fuzzy := d.State().(*Tree)
	require.NotNil(t, fuzzy.find("/a/b/c"), "the schedule is right")
	for _, x := range log {
		fuzzy.Apply(x)
	}
	assert.Equal(t, s.text(), fuzzy.text())
	assert.Equal(t, s.Digest(), fuzzy.Digest())
	assert.EqualValues(t, 1, fuzzy.find("/a/b").numChildren())
}

// TestLoadedTreeBehavesAsItsRelease: what a dump ends with has empty watch tables
// of the same release.
func TestLoadedTreeBehavesAsItsRelease(t *testing.T) {
	bugs := bug.Set{}.With(bug.EventWithoutZxid)
	s := New(&Config{Bugs: bugs})
	s.Read(&txn.Request{Op: txn.OpExists, Path: "/a", Watch: true}, 1)
	d := s.Dump()
	for d.Next(s) {
	}
	assert.Equal(t, watch.New(bugs), d.Clone().State().(*Tree).watches)
	assert.NotEqual(t, watch.New(bugs), s.watches)
}

// TestMalformedTransactions: whatever a log may hold, Apply does not panic, and
// leaves a sound tree.
func TestMalformedTransactions(t *testing.T) {
	odd := append([]string{"", "/", "a", "//", "/a/", "/a//b", "/zookeeper", quotaPath, configPath, quotaPath + "/" + limitName,
		quotaPath + "/" + statName, limitPath("/zookeeper"), statPath("/zookeeper"), statPath("/zookeeper/quota"),
		limitPath("/zookeeper/quota"), statPath("/a") + "/x", limitPath("/a") + "/x"}, paths...)
	rapid.Check(t, func(t *rapid.T) {
		s := New(&Config{ExtendedTypes: true})
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			x := txn.Txn{
				Op: txn.Op(rapid.IntRange(-12, 23).Draw(t, "op")), Path: rapid.SampledFrom(odd).Draw(t, "path"),
				Zxid: zxid.Zxid(rapid.Int64().Draw(t, "zxid")), Version: rapid.Int32().Draw(t, "version"),
				Session: txn.SessionID(rapid.Uint64Range(0, 3).Draw(t, "session")), WallNano: rapid.Int64().Draw(t, "wall"),
				Owner:          rapid.SampledFrom([]uint64{0, 1, 2, 1<<64 - 1, containerOwner, ttlOwner, ttlOwner + 1}).Draw(t, "owner"),
				ParentCversion: rapid.Int32().Draw(t, "cversion"), Data: rapid.SampledFrom([]string{"", "x", "count=1,bytes=1", "="}).Draw(t, "data"),
			}
			if x.Op == txn.OpCreateTTL && kindOf(x.Owner) != timeToLive {
				x.Op = txn.OpCreate2
			}
			switch rapid.IntRange(0, 3).Draw(t, "more") {
			case 0:
				x.More = &txn.TxnMore{Paths: odd[:rapid.IntRange(0, len(odd)).Draw(t, "paths")], ACL: lists[2]}
			case 1:
				x.More = &txn.TxnMore{Ops: []txn.Txn{x, {Op: txn.OpMulti}, {Op: txn.OpSetData, Path: "/a"}}}
			}
			s.Apply(&x)
			s.Expired(x.WallNano, 1)
		}
		s.DropOrphans(1)
		s.sound(t)
		d := s.Dump()
		for d.Next(s) {
		}
		fuzzy := d.State().(*Tree)
		fuzzy.sound(t)
		require.Equal(t, s.Digest(), fuzzy.Digest())
	})
}

// TestFrozenTreeIsClonedByMany: cloning what nobody changes writes nothing; the
// race detector watches.
func TestFrozenTreeIsClonedByMany(t *testing.T) {
	s := withQuota(&Config{})
	s.Clone()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 50 {
				c := s.Clone()
				c.Apply(&txn.Txn{Op: txn.OpCreate, Path: "/app/" + string(rune('a'+i%26)), Zxid: 9, ParentCversion: 7})
				c.Dump().Next(c)
			}
		})
	}
	all.Wait()
	s.sound(t)
}
