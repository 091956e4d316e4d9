package reference

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// bench is a model with one client, for what the recordings of an old release can't show.
type bench struct {
	*testing.T
	m *Model
	z zxid.Zxid
}

func newBench(t *testing.T, cfg Config) *bench {
	cfg.ExtendedTypes = true
	return &bench{T: t, m: New(cfg)}
}

func (b *bench) do(r txn.Request) (txn.Result, []txn.Event) {
	if r.Op.IsUpdate() {
		b.z++
	}
	return b.m.Do(b.z, int64(b.z), &r, Caller{Watcher: 1})
}

func (b *bench) ok(r txn.Request) txn.Result {
	res, _ := b.do(r)
	require.Equal(b.T, txn.OK, res.Err, "%s %s", r.Op, r.Path)
	return res
}

func (b *bench) fails(want txn.Code, r txn.Request) {
	b.Helper()
	before := b.m.Clone()
	before.SetIDs(1, r.Auth)
	res, events := b.do(r)
	assert.Equal(b, want, res.Err)
	assert.Empty(b, events)
	assert.True(b, before.Equal(b.m), "a request that fails changes nothing")
}

func (b *bench) events(r txn.Request) []string {
	_, events := b.do(r)
	text := []string{}
	for _, e := range events {
		text = append(text, e.Type.String()+" "+e.Path)
	}
	return text
}

func TestExistsAsksForRead(t *testing.T) {
	secret := &txn.RequestMore{ACL: []txn.ACL{{Perms: permRead, ID: txn.ID{Scheme: "digest", ID: "u:x"}}}}
	b := newBench(t, Config{})
	b.ok(txn.Request{Op: txn.OpCreate, Path: "/a", More: secret})
	b.fails(txn.NoAuth, txn.Request{Op: txn.OpExists, Path: "/a", Watch: true})
	assert.Empty(t, b.m.watches)

	old := newBench(t, Config{Bugs: bug.Set{}.With(bug.ExistsUnchecked)})
	old.ok(txn.Request{Op: txn.OpCreate, Path: "/a", More: secret})
	old.ok(txn.Request{Op: txn.OpExists, Path: "/a", Watch: true})
	assert.Len(t, old.m.watches, 1)
}

func TestKindsOfWatchesLiveSideBySide(t *testing.T) {
	b := newBench(t, Config{})
	b.ok(txn.Request{Op: txn.OpCreate, Path: "/a"})
	b.ok(txn.Request{Op: txn.OpAddWatch, Path: "/a", Flags: 1})
	b.ok(txn.Request{Op: txn.OpGetData, Path: "/a", Watch: true})
	for range 2 {
		assert.Equal(t, []string{"NodeDataChanged /a"}, b.events(txn.Request{Op: txn.OpSetData, Path: "/a", Version: -1}))
	}
	assert.Equal(t, []string{"NodeCreated /a/b"}, b.events(txn.Request{Op: txn.OpCreate, Path: "/a/b"}))
	b.fails(txn.NoWatcher, txn.Request{Op: txn.OpRemoveWatches, Path: "/a", Flags: 2})
	b.fails(txn.NoWatcher, txn.Request{Op: txn.OpRemoveWatches, Path: "/a", Flags: 4})
	b.ok(txn.Request{Op: txn.OpRemoveWatches, Path: "/a", Flags: 5})
	assert.Empty(t, b.m.watches)

	old := newBench(t, Config{Bugs: bug.Set{}.With(bug.OneShotReplacesPersistent)})
	old.ok(txn.Request{Op: txn.OpCreate, Path: "/a"})
	old.ok(txn.Request{Op: txn.OpAddWatch, Path: "/a"})
	old.ok(txn.Request{Op: txn.OpGetData, Path: "/a", Watch: true})
	assert.Len(t, old.events(txn.Request{Op: txn.OpSetData, Path: "/a", Version: -1}), 1)
	assert.Empty(t, old.events(txn.Request{Op: txn.OpSetData, Path: "/a", Version: -1}))
}

func TestLoneCheck(t *testing.T) {
	newBench(t, Config{}).fails(txn.Unimplemented, txn.Request{Op: txn.OpCheck, Path: "/"})
	newBench(t, Config{Bugs: bug.Set{}.With(bug.LoneCheckUnanswered)}).ok(txn.Request{Op: txn.OpCheck, Path: "/"})
}

func TestMembersOfOtherKinds(t *testing.T) {
	b := newBench(t, Config{})
	multi := func(ops ...txn.Request) txn.Request {
		return txn.Request{Op: txn.OpMulti, More: &txn.RequestMore{Ops: ops}}
	}
	res := b.ok(multi(txn.Request{Op: txn.OpCreate2, Path: "/a"}, txn.Request{Op: txn.OpCreateTTL, Path: "/b", TTL: 5}))
	assert.Equal(t, txn.OpCreate2, res.More.Results[0].Op)
	assert.EqualValues(t, 1, res.More.Results[0].Stat.Czxid)
	assert.Equal(t, txn.OpCreate, res.More.Results[1].Op)
	for _, op := range []txn.Op{txn.OpSetACL, txn.OpGetData, txn.OpDeleteContainer, txn.OpMulti, txn.OpSync} {
		b.fails(txn.MarshallingError, multi(txn.Request{Op: txn.OpDelete, Path: "/a"}, txn.Request{Op: op, Path: "/a"}))
	}
	b.fails(txn.MarshallingError, multi(txn.Request{Op: txn.OpCreate, Path: "/c"}, txn.Request{Op: txn.OpCreate, Path: "/d", Flags: 5}))
}

func TestVersionIsNeverMinusOne(t *testing.T) {
	s := &step{Model: New(Config{})}
	assert.EqualValues(t, 1, s.next(0))
	assert.EqualValues(t, math.MinInt32, s.next(math.MaxInt32))
	assert.EqualValues(t, 0, s.next(-2))
	assert.EqualValues(t, 0, s.next(-1))
	s.cfg.Bugs = s.cfg.Bugs.With(bug.VersionMinusOne)
	assert.EqualValues(t, -1, s.next(-2))
}

// The check of a quota sees the tree before the multi.
func TestQuotaOvershootsInMulti(t *testing.T) {
	b := newBench(t, Config{EnforceQuota: true})
	for _, p := range []string{"/a", quotaRoot + "/a"} {
		b.ok(txn.Request{Op: txn.OpCreate, Path: p})
	}
	b.ok(txn.Request{Op: txn.OpCreate, Path: quotaRoot + "/a" + limitsName, Data: "countHardLimit=2"})
	b.ok(txn.Request{Op: txn.OpCreate, Path: quotaRoot + "/a" + statsName})
	b.ok(txn.Request{Op: txn.OpMulti, More: &txn.RequestMore{Ops: []txn.Request{
		{Op: txn.OpCreate, Path: "/a/b"}, {Op: txn.OpCreate, Path: "/a/c", Data: "xyz"},
	}}})
	assert.Equal(t, "count=3,bytes=3", b.m.find(quotaRoot+"/a"+statsName).data)
	b.fails(txn.QuotaExceeded, txn.Request{Op: txn.OpCreate, Path: "/a/d"})
	b.ok(txn.Request{Op: txn.OpSetData, Path: quotaRoot + "/a" + limitsName, Data: "garbage", Version: -1})
	b.fails(txn.MarshallingError, txn.Request{Op: txn.OpCreate, Path: "/a/d"})
	b.ok(txn.Request{Op: txn.OpSetData, Path: quotaRoot + "/a" + statsName, Data: "garbage", Version: -1})
	b.ok(txn.Request{Op: txn.OpDelete, Path: "/a/b", Version: -1})
	assert.Equal(t, "garbage", b.m.find(quotaRoot+"/a"+statsName).data)
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		addr, net string
		in        bool
	}{
		{"127.0.0.1", "127.0.0.1", true},
		{"127.0.0.1", "127.0.0.0/24", true},
		{"127.0.1.1", "127.0.0.0/24", false},
		{"127.0.0.2", "127.0.0.3/31", true},
		{"127.0.0.2", "127.0.0.3/32", false},
		{"1.2.3.4", "9.9.9.9/0", true},
		{"::1", "::/64", true},
		{"1::1", "::/64", false},
		{"::1", "0.0.0.0/0", false},
		{"1.2.3.4", "1.2.3.4/33", false},
	} {
		assert.Equal(t, c.in, inNet(c.addr, c.net), "%s in %s", c.addr, c.net)
	}
	for text, good := range map[string]bool{
		"1:2:3:4:5:6:7:8": true, "::": true, "1::": true, "1:2:3:4:5:6:7::": true, "1:2:3:4:5:6:7:8::": false, "1::2::3": false,
		":::": false, "12345::": false, "g::": false, "1:2": false, ":": false,
	} {
		assert.Equal(t, good, parseAddr(text) != nil, text)
	}
}

// A clone does not notice what happens to the model, and models that were asked the
// same are equal.
func TestClone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := New(Config{ExtendedTypes: true})
		var z zxid.Zxid
		act := func(n int) (all []*txn.Request) {
			for range n {
				r := drawUpdate(rapidDraw{t}, m)
				z++
				r.Session = 1
				all = append(all, r)
				m.Do(z, int64(z), r, Caller{Watcher: 1})
			}
			return all
		}
		act(10)
		copied, at := m.Clone(), z
		before := copied.Hash()
		require.True(t, m.Equal(copied))
		require.Equal(t, m.Hash(), before)
		later := act(10)
		require.Equal(t, before, copied.Hash(), "the clone changed")
		require.Equal(t, m.Equal(copied), m.Hash() == copied.Hash())
		for _, r := range later {
			at++
			copied.Do(at, int64(at), r, Caller{Watcher: 1})
		}
		require.True(t, m.Equal(copied))
		require.Equal(t, m.Hash(), copied.Hash())
	})
}

func BenchmarkDo(b *testing.B) {
	b.ReportAllocs()
	m := New(Config{})
	r := &txn.Request{Op: txn.OpCreate, Path: "/a", Flags: modeSequential}
	d := &txn.Request{Op: txn.OpSetData, Path: "/zookeeper", Version: txn.AnyVersion}
	for i := range 20 {
		m.Do(zxid.Zxid(i+1), 0, r, Caller{})
	}
	for i := range b.N {
		m.Clone().Do(zxid.Zxid(i+100), 0, d, Caller{})
	}
}
