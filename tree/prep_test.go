package tree

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/internal/fp"
	"zabsim/zab/acl"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

const me txn.SessionID = 0x100000000000001

// desk validates and applies requests of one session.
type desk struct {
	t    *testing.T
	tree *Tree
	next zxid.Zxid
}

func newDesk(t *testing.T, bugs ...bug.Switch) *desk {
	var s bug.Set
	for _, b := range bugs {
		s = s.With(b)
	}
	return &desk{t: t, tree: New(&Config{Bugs: s, ExtendedTypes: true})}
}

// prep validates and does not apply.
func (d *desk) prep(r txn.Request) *txn.Txn {
	if r.Session == 0 {
		r.Session = me
	}
	d.next++
	x := d.tree.Prep(&r, txn.SessionCheck{}, d.next, int64(d.next)*nanosPerMilli)
	require.Equal(d.t, x.Sum(), x.Hash)
	require.Equal(d.t, d.next, x.Zxid)
	return x
}

// do validates and applies.
func (d *desk) do(r txn.Request) txn.Result { return d.tree.Apply(d.prep(r)) }

func (d *desk) create(path string) {
	d.t.Helper()
	require.Equal(d.t, txn.OK, d.do(txn.Request{Op: txn.OpCreate, Path: path}).Err)
}

func multi(ops ...txn.Request) txn.Request {
	return txn.Request{Op: txn.OpMulti, More: &txn.RequestMore{Ops: ops}}
}

// Goal: what the session tracker says is the answer where ZooKeeper would ask it:
// behind the mode, before the path, and not at all for the server's own requests.
func TestSessionChecks(t *testing.T) {
	d := newDesk(t)
	check := txn.SessionCheck{Session: txn.SessionExpired, Global: txn.EphemeralOnLocalSession}
	for _, c := range []struct {
		r    txn.Request
		want txn.Code
	}{
		{txn.Request{Op: txn.OpCreate, Path: "bad"}, txn.SessionExpired},
		{txn.Request{Op: txn.OpCreate, Path: "bad", Flags: modeSequential}, txn.SessionExpired},
		{txn.Request{Op: txn.OpCreate, Path: "bad", Flags: modeEphemeral}, txn.EphemeralOnLocalSession},
		{txn.Request{Op: txn.OpCreate2, Path: "bad", Flags: modeEphemeralSequential}, txn.EphemeralOnLocalSession},
		{txn.Request{Op: txn.OpCreate, Path: "bad", Flags: 7}, txn.BadArguments},
		{txn.Request{Op: txn.OpCreateTTL, Path: "bad", Flags: modeTTL, TTL: maxTTL + 1}, txn.BadArguments},
		{txn.Request{Op: txn.OpCreateTTL, Path: "bad", Flags: modeTTL, TTL: maxTTL}, txn.SessionExpired},
		{txn.Request{Op: txn.OpDelete, Path: "bad"}, txn.SessionExpired},
		{txn.Request{Op: txn.OpSetData, Path: "bad"}, txn.SessionExpired},
		{txn.Request{Op: txn.OpSetACL, Path: "bad"}, txn.SessionExpired},
		{txn.Request{Op: txn.OpDeleteContainer, Path: "bad"}, txn.BadArguments},
		{txn.Request{Op: txn.OpReconfig}, txn.ReconfigDisabled},
		{txn.Request{Op: txn.OpCreateSession, Timeout: 7}, txn.OK},
		{txn.Request{Op: txn.OpCloseSession}, txn.OK},
		{txn.Request{Op: txn.OpGetData}, txn.Unimplemented},
	} {
		x := d.tree.Prep(&c.r, check, 1, 0)
		assert.Equal(t, c.want, x.Err, "%+v", c.r)
		assert.Equal(t, c.want != txn.OK, x.Op == txn.OpError)
		if c.want != txn.OK {
			assert.Equal(t, c.r.Op, x.Of)
			assert.Empty(t, x.Path)
		}
	}
	x := d.tree.Prep(&txn.Request{Op: txn.OpMulti, More: &txn.RequestMore{Ops: []txn.Request{
		{Op: txn.OpCheck, Path: "/"}, {Op: txn.OpCheck, Path: "/"},
	}}}, txn.SessionCheck{Session: txn.SessionMoved}, 2, 0)
	require.Equal(t, txn.OpMulti, x.Op)
	assert.Equal(t, txn.SessionMoved, x.More.Ops[0].Err)
	assert.Equal(t, txn.RuntimeInconsistency, x.More.Ops[1].Err)
}

// Goal: each switch of a release changes one answer, and the newest gives the other.
func TestSwitches(t *testing.T) {
	ipv6 := &txn.RequestMore{ACL: []txn.ACL{{Perms: 31, ID: txn.ID{Scheme: "ip", ID: "::1"}}}}
	for name, c := range map[string]struct {
		b        bug.Switch
		r        txn.Request
		old, new txn.Code
	}{
		"ipv6":        {bug.IPv4Only, txn.Request{Op: txn.OpCreate, Path: "/x", More: ipv6}, txn.InvalidACL, txn.OK},
		"ipv6 setACL": {bug.IPv4Only, txn.Request{Op: txn.OpSetACL, Path: "/a", Version: -1, More: ipv6}, txn.InvalidACL, txn.OK},
		"lone check":  {bug.LoneCheckUnanswered, txn.Request{Op: txn.OpCheck, Path: "/a"}, txn.OK, txn.Unimplemented},
		"lone check that fails": {
			bug.LoneCheckUnanswered, txn.Request{Op: txn.OpCheck, Path: "/a", Version: 3}, txn.BadVersion, txn.Unimplemented,
		},
		"deleteContainer of a client": {
			bug.DeleteContainerMisread, txn.Request{Op: txn.OpDeleteContainer, Path: "/a"}, txn.BadArguments, txn.OK,
		},
		"mode in multi": {
			bug.MultiCreatePlain, multi(txn.Request{Op: txn.OpCreate, Path: "/x", Flags: 9}), txn.OK, txn.MarshallingError,
		},
		"time to live in multi": {
			bug.MultiCreatePlain, multi(txn.Request{Op: txn.OpDelete, Path: "/no"}, txn.Request{Op: txn.OpCreate, Path: "/x", Flags: 5}),
			txn.OK, txn.MarshallingError,
		},
		"no time to live": {
			bug.TTLOpcodeWithoutTTL, txn.Request{Op: txn.OpCreateTTL, Path: "/x", TTL: -1}, txn.OK, txn.BadArguments,
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, c.b)
			d.create("/a")
			assert.Equal(t, c.old, d.prep(c.r).Err, "old")
			d = newDesk(t)
			d.create("/a")
			assert.Equal(t, c.new, d.prep(c.r).Err, "new")
		})
	}
}

// Goal: a createTTL without a time to live ends a server that applies it, if its
// release had that bug.
func TestImpossibleTTLEndsTheServer(t *testing.T) {
	d := newDesk(t, bug.TTLOpcodeWithoutTTL)
	x := d.prep(txn.Request{Op: txn.OpCreateTTL, Path: "/x", TTL: -1})
	assert.Empty(t, d.tree.Crashed())
	d.tree.Apply(x)
	assert.NotEmpty(t, d.tree.Crashed())
	assert.Nil(t, d.tree.find("/x"))
}

// Goal: what a create within a multi becomes, by operation and mode.
func TestOperationOfMultiMembers(t *testing.T) {
	for _, c := range []struct {
		op       txn.Op
		mode     int32
		old, new txn.Op // OpError: the multi is unreadable
	}{
		{txn.OpCreate, modePersistent, txn.OpCreate, txn.OpCreate},
		{txn.OpCreate2, modeEphemeral, txn.OpCreate, txn.OpCreate2},
		{txn.OpCreate2, modeContainer, txn.OpCreateContainer, txn.OpCreateContainer},
		{txn.OpCreateContainer, modePersistent, txn.OpCreate, txn.OpCreateContainer},
		{txn.OpCreateTTL, modePersistent, txn.OpCreate, txn.OpCreate},
		{txn.OpCreateTTL, modeTTL, txn.OpCreateTTL, txn.OpCreateTTL},
		{txn.OpCreate, modeTTL, txn.OpError, txn.OpError},
		{txn.OpCreate2, modeSequentialTTL, txn.OpError, txn.OpError},
		{txn.OpSetACL, 0, txn.OpError, txn.OpError},
		{txn.OpGetData, 0, txn.OpError, txn.OpError},
		{txn.OpMulti, 0, txn.OpError, txn.OpError},
		{txn.OpDeleteContainer, 0, txn.OpError, txn.OpError},
	} {
		for _, side := range []struct {
			want txn.Op
			bugs []bug.Switch
		}{{c.old, []bug.Switch{bug.MultiCreatePlain}}, {c.new, nil}} {
			d := newDesk(t, side.bugs...)
			x := d.prep(multi(txn.Request{Op: txn.OpSetData, Path: "/"}, txn.Request{Op: c.op, Path: "/x", Flags: c.mode, TTL: 5}))
			if side.want == txn.OpError {
				assert.Equal(t, txn.MarshallingError, x.Err, "%v %d", c.op, c.mode)
				assert.Nil(t, x.More)
				assert.Empty(t, d.tree.pending.list, "nothing of an unreadable multi stays announced")
				continue
			}
			require.Equal(t, txn.OpMulti, x.Op, "%v %d", c.op, c.mode)
			assert.Equal(t, side.want, x.More.Ops[1].Op, "%v %d", c.op, c.mode)
		}
	}
}

// Goal: the owner that a new node gets goes by the operation, the one that is
// announced by the mode.
func TestOwners(t *testing.T) {
	for _, c := range []struct {
		op                txn.Op
		mode              int32
		stored, announced uint64
	}{
		{txn.OpCreate, modePersistent, 0, 0},
		{txn.OpCreate, modeEphemeral, uint64(me), uint64(me)},
		{txn.OpCreate2, modeContainer, 0, containerOwner},
		{txn.OpCreateContainer, modeContainer, containerOwner, containerOwner},
		{txn.OpCreateContainer, modeEphemeral, containerOwner, uint64(me)},
		{txn.OpCreateTTL, modeTTL, ttlOwner | 5, ttlOwner | 5},
	} {
		d := newDesk(t)
		x := d.prep(txn.Request{Op: c.op, Path: "/x", Flags: c.mode, TTL: 5})
		assert.Equal(t, c.stored, x.Owner, "%v %d", c.op, c.mode)
		got, ok := d.tree.lookup("/x")
		assert.True(t, ok)
		assert.Equal(t, c.announced, got.owner, "%v %d", c.op, c.mode)
	}
}

func TestSequentialNames(t *testing.T) {
	for number, want := range map[int32]string{
		0: "/a0000000000", 7: "/a0000000007", 2147483647: "/a2147483647", -1: "/a-000000001", -2147483648: "/a-2147483648",
	} {
		assert.Equal(t, want, sequential("/a", number))
		assert.Equal(t, fmt.Sprintf("/a%010d", number), sequential("/a", number))
	}
}

// Goal: a version that would be -1 is 0, except in releases that did not know.
func TestVersionsSkipMinusOne(t *testing.T) {
	d := newDesk(t)
	old := newDesk(t, bug.VersionMinusOne)
	for _, c := range []struct{ version, expected, want, old int32 }{
		{-2, -1, 0, -1}, {-2, -2, 0, -1}, {-1, -1, 0, 0}, {2147483647, -1, -2147483648, -2147483648}, {0, 0, 1, 1},
	} {
		got, ok := d.tree.nextVersion(c.version, c.expected)
		assert.True(t, ok)
		assert.Equal(t, c.want, got)
		got, _ = old.tree.nextVersion(c.version, c.expected)
		assert.Equal(t, c.old, got)
	}
	_, ok := d.tree.nextVersion(3, 2)
	assert.False(t, ok)
}

// Goal: requests are validated in the state that all announced ones lead to.
func TestAnnounced(t *testing.T) {
	d := newDesk(t)
	ok := func(r txn.Request) *txn.Txn {
		t.Helper()
		x := d.prep(r)
		assert.Equal(t, txn.OK, x.Err)
		return x
	}
	a := ok(txn.Request{Op: txn.OpCreate, Path: "/a"})
	s := ok(txn.Request{Op: txn.OpCreate, Path: "/a/s-", Flags: modeSequential})
	assert.Equal(t, "/a/s-0000000000", s.Path)
	assert.Equal(t, txn.NotEmpty, d.prep(txn.Request{Op: txn.OpDelete, Path: "/a", Version: -1}).Err)
	assert.Equal(t, int32(1), ok(txn.Request{Op: txn.OpSetData, Path: "/a", Data: "x"}).Version)
	assert.Equal(t, txn.BadVersion, d.prep(txn.Request{Op: txn.OpSetData, Path: "/a", Data: "x"}).Err)
	failed := d.prep(multi(
		txn.Request{Op: txn.OpCreate, Path: "/a/s-", Flags: modeSequential},
		txn.Request{Op: txn.OpDelete, Path: "/a/s-0000000000"},
		txn.Request{Op: txn.OpSetData, Path: "/a", Version: 1},
		txn.Request{Op: txn.OpCheck, Path: "/a", Version: 1},
		txn.Request{Op: txn.OpCheck, Path: "/a", Version: 2},
	))
	for i, want := range []txn.Code{txn.OK, txn.OK, txn.OK, txn.BadVersion, txn.RuntimeInconsistency} {
		assert.Equal(t, txn.OpError, failed.More.Ops[i].Op)
		assert.Equal(t, want, failed.More.Ops[i].Err)
	}
	s2 := ok(txn.Request{Op: txn.OpCreate, Path: "/a/s-", Flags: modeSequential})
	assert.Equal(t, "/a/s-0000000001", s2.Path, "what failed took no number")
	ok(txn.Request{Op: txn.OpDelete, Path: s.Path})
	assert.Equal(t, txn.NoNode, d.prep(txn.Request{Op: txn.OpDelete, Path: s.Path}).Err)

	d.tree.Apply(a)
	got, _ := d.tree.lookup("/a")
	assert.Equal(t, int32(1), got.version, "later announcements stay")
	assert.Equal(t, int32(1), got.children)
	d.tree.Forget()
	got, _ = d.tree.lookup("/a")
	assert.Zero(t, got.version)
	_, found := d.tree.lookup(s2.Path)
	assert.False(t, found)
}

// Goal: an announced setACL raises the aversion, and does not decide yet.
func TestAnnouncedACL(t *testing.T) {
	d := newDesk(t)
	d.create("/a")
	none := &txn.RequestMore{ACL: []txn.ACL{{ID: acl.Anyone}}}
	x := d.prep(txn.Request{Op: txn.OpSetACL, Path: "/a", More: none})
	assert.Equal(t, txn.OK, d.prep(txn.Request{Op: txn.OpSetACL, Path: "/a", Version: 1, More: none}).Err)
	assert.Equal(t, txn.OK, d.prep(txn.Request{Op: txn.OpSetData, Path: "/a"}).Err)
	d.tree.Forget()
	d.tree.Apply(x)
	assert.Equal(t, txn.NoAuth, d.prep(txn.Request{Op: txn.OpSetData, Path: "/a"}).Err)
}

// Goal: a session takes its ephemeral nodes with it, those announced, too, and not
// those that are announced to go.
func TestPrepCloseSession(t *testing.T) {
	d := newDesk(t)
	d.create("/p")
	for _, path := range []string{"/p/c", "/b"} {
		d.do(txn.Request{Op: txn.OpCreate, Path: path, Flags: modeEphemeral})
	}
	d.do(txn.Request{Op: txn.OpCreate, Path: "/other", Flags: modeEphemeral, Session: me + 1})
	d.prep(txn.Request{Op: txn.OpCreate, Path: "/a", Flags: modeEphemeral})
	d.prep(txn.Request{Op: txn.OpDelete, Path: "/b"})
	x := d.prep(txn.Request{Op: txn.OpCloseSession})
	assert.Equal(t, []string{"/a", "/p/c"}, x.More.Paths)
	_, found := d.tree.lookup("/a")
	assert.False(t, found)
	assert.Equal(t, txn.NotEmpty, d.prep(txn.Request{Op: txn.OpDelete, Path: "/p"}).Err, "until it is applied")
	assert.Nil(t, d.prep(txn.Request{Op: txn.OpCloseSession}).More, "nothing is left")
	d.tree.Apply(x)
	assert.Nil(t, d.tree.find("/p/c"))
	assert.NotNil(t, d.tree.find("/other"))
}

// Goal: the container manager spares ephemeral nodes and parents.
func TestDeleteContainer(t *testing.T) {
	d := newDesk(t)
	d.create("/p")
	d.create("/p/c")
	d.do(txn.Request{Op: txn.OpCreate, Path: "/e", Flags: modeEphemeral})
	d.do(txn.Request{Op: txn.OpCreateContainer, Path: "/c", Flags: modeContainer})
	d.do(txn.Request{Op: txn.OpCreateTTL, Path: "/t", Flags: modeTTL, TTL: 5})
	for path, want := range map[string]txn.Code{
		"/p": txn.NotEmpty, "/e": txn.BadVersion, "/no": txn.NoNode, "/zookeeper": txn.BadArguments, "x": txn.BadArguments,
		"/c": txn.OK, "/t": txn.OK, "/p/c": txn.OK,
	} {
		d.tree.Forget()
		assert.Equal(t, want, d.prep(txn.Request{Op: txn.OpDeleteContainer, Path: path}).Err, path)
	}
	d.tree.Forget()
	d.tree.cfg = &Config{} // without the extended types a time to live is somebody's session
	assert.Equal(t, txn.BadVersion, d.prep(txn.Request{Op: txn.OpDeleteContainer, Path: "/t"}).Err)
}

// Goal: the changes that are announced are part of a state's name, and a clone has
// its own.
func TestAnnouncedIsState(t *testing.T) {
	d := newDesk(t)
	d.create("/a")
	name := d.tree.Fingerprint()
	d.prep(txn.Request{Op: txn.OpSetData, Path: "/a"})
	assert.NotEqual(t, name, d.tree.Fingerprint())
	c := d.tree.Clone().(*Tree)
	assert.Equal(t, d.tree.Fingerprint(), c.Fingerprint())
	c.Forget()
	assert.Equal(t, name, c.Fingerprint())
	assert.NotEqual(t, name, d.tree.Fingerprint())
	seen := map[fp.Hash]bool{}
	for _, x := range []change{
		{}, {zxid: 1}, {path: "/"}, {version: 1}, {cversion: 1}, {aversion: 1}, {children: 1}, {dataLength: 1}, {gone: true},
		{owner: 1}, {acl: acl.Open},
	} {
		c.Forget()
		c.pending.add(x)
		seen[c.hashOutstanding(0)] = true
	}
	assert.Len(t, seen, 11, "each field of a change counts")
}

// BenchmarkPrep is a setData that is validated and applied, with some others
// announced before it.
func BenchmarkPrep(b *testing.B) {
	for _, depth := range []int{1, 100} {
		b.Run(fmt.Sprint(depth), func(b *testing.B) {
			tree := New(&Config{})
			create := &txn.Request{Op: txn.OpCreate, Path: "/app"}
			z := zxid.Zxid(1)
			tree.Apply(tree.Prep(create, txn.SessionCheck{}, z, 0))
			r := &txn.Request{Op: txn.OpSetData, Path: "/app", Data: "x", Version: txn.AnyVersion}
			b.ReportAllocs()
			for b.Loop() {
				z++
				x := tree.Prep(r, txn.SessionCheck{}, z, 0)
				if z > zxid.Zxid(depth) {
					tree.outstandingDone(z - zxid.Zxid(depth))
				}
				if x.Err != txn.OK {
					b.Fatal(x.Err)
				}
			}
		})
	}
}
