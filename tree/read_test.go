package tree

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

const watcher txn.Watcher = 7

var (
	secret = &txn.RequestMore{ACL: []txn.ACL{{Perms: 31, ID: txn.ID{Scheme: "digest", ID: "u:x"}}}}
	known  = []txn.ID{{Scheme: "digest", ID: "u:x"}}
)

func (d *desk) read(r txn.Request) txn.Result {
	r.Session = me
	return d.tree.Read(&r, watcher)
}

// Goal: a read that fails leaves no watch, except exists of a node that is not
// there.
func TestFailedReadsLeaveNoWatch(t *testing.T) {
	for _, c := range []struct {
		op   txn.Op
		path string
		err  txn.Code
		left bool
	}{
		{txn.OpGetData, "/no", txn.NoNode, false},
		{txn.OpGetChildren, "/no", txn.NoNode, false},
		{txn.OpGetChildren2, "/no", txn.NoNode, false},
		{txn.OpExists, "/no", txn.NoNode, true},
		{txn.OpExists, "/a\x00", txn.BadArguments, false},
		{txn.OpGetData, "/s", txn.NoAuth, false},
		{txn.OpGetChildren, "/s", txn.NoAuth, false},
		{txn.OpExists, "/s", txn.NoAuth, false},
		{txn.OpGetData, "/a", txn.OK, true},
		{txn.OpGetChildren2, "/a", txn.OK, true},
		{txn.OpExists, "/a", txn.OK, true},
	} {
		d := newDesk(t)
		d.create("/a")
		d.do(txn.Request{Op: txn.OpCreate, Path: "/s", More: secret})
		assert.Equal(t, c.err, d.read(txn.Request{Op: c.op, Path: c.path, Watch: true}).Err, "%v %q", c.op, c.path)
		assert.Equal(t, c.left, d.tree.watches.Len() == 1, "%v %q", c.op, c.path)
		d.tree.Unwatch(watcher)
		d.read(txn.Request{Op: c.op, Path: c.path})
		assert.Zero(t, d.tree.watches.Len(), "without the flag")
	}
}

// Goal: up to 3.8.3, exists tells of a node that one may not read.
func TestExistsUnchecked(t *testing.T) {
	for _, c := range []struct {
		bugs []bug.Switch
		want txn.Code
	}{{nil, txn.NoAuth}, {[]bug.Switch{bug.ExistsUnchecked}, txn.OK}} {
		d := newDesk(t, c.bugs...)
		d.do(txn.Request{Op: txn.OpCreate, Path: "/s", More: secret})
		assert.Equal(t, c.want, d.read(txn.Request{Op: txn.OpExists, Path: "/s"}).Err)
		assert.Equal(t, txn.OK, d.read(txn.Request{Op: txn.OpExists, Path: "/s", Auth: known}).Err)
		assert.Equal(t, txn.NoAuth, d.read(txn.Request{Op: txn.OpGetAllChildrenNumber, Path: "/s"}).Err)
	}
}

// Goal: members of a multiRead fail each alone, leave no watches, and can be no
// other requests.
func TestMultiRead(t *testing.T) {
	d := newDesk(t)
	d.create("/a")
	d.create("/a/b")
	d.do(txn.Request{Op: txn.OpCreate, Path: "/s", More: secret})
	many := func(auth []txn.ID, ops ...txn.Request) txn.Result {
		return d.read(txn.Request{Op: txn.OpMultiRead, Auth: auth, More: &txn.RequestMore{Ops: ops}})
	}
	got := many(nil, txn.Request{Op: txn.OpGetData, Path: "/a", Watch: true}, txn.Request{Op: txn.OpGetChildren, Path: "/a"},
		txn.Request{Op: txn.OpGetData, Path: "/no"}, txn.Request{Op: txn.OpGetChildren, Path: "/s", Auth: known})
	require.Len(t, got.More.Results, 4)
	for i, want := range []txn.Code{txn.OK, txn.OK, txn.NoNode, txn.NoAuth} {
		r := got.More.Results[i]
		assert.Equal(t, want, r.Err)
		assert.Equal(t, want != txn.OK, r.Op == txn.OpError)
	}
	assert.Equal(t, []string{"b"}, got.More.Results[1].More.Names)
	assert.Equal(t, txn.OK, many(known, txn.Request{Op: txn.OpGetData, Path: "/s"}).More.Results[0].Err)
	assert.Zero(t, d.tree.watches.Len())
	assert.Empty(t, many(nil).More.Results)
	for _, op := range []txn.Op{txn.OpExists, txn.OpSetData, txn.OpMultiRead} {
		assert.Equal(t, txn.MarshallingError, many(nil, txn.Request{Op: txn.OpGetData, Path: "/a"}, txn.Request{Op: op}).Err)
	}
}

// Goal: requests about watches: what can't be read, what is not there, what a
// setWatches without persistent watches leaves, and what it tells at once.
func TestWatchRequests(t *testing.T) {
	d := newDesk(t)
	d.create("/a")
	ask := func(op txn.Op, flags int32) txn.Code {
		return d.read(txn.Request{Op: op, Path: "/a", Flags: flags}).Err
	}
	for _, bad := range []int32{-1, 2} {
		assert.Equal(t, txn.MarshallingError, ask(txn.OpAddWatch, bad))
	}
	for _, bad := range []int32{0, 6} {
		assert.Equal(t, txn.MarshallingError, ask(txn.OpCheckWatches, bad))
		assert.Equal(t, txn.MarshallingError, ask(txn.OpRemoveWatches, bad))
	}
	assert.Equal(t, txn.NoWatcher, ask(txn.OpCheckWatches, 3))
	assert.Equal(t, txn.OK, ask(txn.OpAddWatch, addRecursive))
	assert.Equal(t, txn.OK, ask(txn.OpCheckWatches, 3))
	assert.Equal(t, txn.OK, ask(txn.OpRemoveWatches, 3))
	assert.Equal(t, txn.NoWatcher, ask(txn.OpRemoveWatches, 3))

	lists := &txn.WatchLists{Relative: 1, Data: []string{"/a", "/gone"}, Exist: []string{"/a"}, Persistent: []string{"/"}}
	d.do(txn.Request{Op: txn.OpSetData, Path: "/a"})
	assert.Equal(t, txn.OK, d.read(txn.Request{Op: txn.OpSetWatches, More: &txn.RequestMore{Watches: lists}}).Err)
	var kinds []txn.EventType
	for _, e := range d.tree.Events() {
		assert.Equal(t, watcher, e.To)
		kinds = append(kinds, e.Type)
	}
	assert.Equal(t, []txn.EventType{txn.NodeDataChanged, txn.NodeDeleted, txn.NodeCreated}, kinds)
	assert.Zero(t, d.tree.watches.Len(), "all were told, and setWatches knows no persistent ones")
	assert.Len(t, lists.Persistent, 1, "the request is not changed")
	d.read(txn.Request{Op: txn.OpSetWatches2, More: &txn.RequestMore{Watches: lists}})
	assert.NotZero(t, d.tree.watches.Len())
	assert.Equal(t, txn.OK, d.read(txn.Request{Op: txn.OpPing}).Err)
	assert.Empty(t, d.tree.Events(), "of the last request alone")
	assert.Equal(t, txn.Unimplemented, d.read(txn.Request{Op: txn.OpCreate}).Err)
}
