package cnxn

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/client"
	"zabsim/zab/txn"
)

const unset = txn.Code(1)

// Which reply registers which watch is seen in what comes back on a new connection.
func TestRegistration(t *testing.T) {
	for _, c := range []struct {
		op    txn.Op
		flags int32
		code  txn.Code
		want  txn.WatchLists
	}{
		{txn.OpGetData, 0, txn.OK, txn.WatchLists{Data: []string{"/a"}}},
		{txn.OpGetData, 0, txn.NoNode, txn.WatchLists{}},
		{txn.OpGetData, 0, txn.NoAuth, txn.WatchLists{}},
		{txn.OpExists, 0, txn.OK, txn.WatchLists{Data: []string{"/a"}}},
		{txn.OpExists, 0, txn.NoNode, txn.WatchLists{Exist: []string{"/a"}}},
		{txn.OpExists, 0, txn.SystemError, txn.WatchLists{}},
		{txn.OpGetChildren, 0, txn.OK, txn.WatchLists{Child: []string{"/a"}}},
		{txn.OpGetChildren2, 0, txn.OK, txn.WatchLists{Child: []string{"/a"}}},
		{txn.OpGetChildren2, 0, txn.NoNode, txn.WatchLists{}},
		{txn.OpAddWatch, 0, txn.OK, txn.WatchLists{Persistent: []string{"/a"}}},
		{txn.OpAddWatch, 1, txn.OK, txn.WatchLists{Recursives: []string{"/a"}}},
		{txn.OpAddWatch, 1, txn.NoNode, txn.WatchLists{Recursives: []string{"/a"}}},
		{txn.OpAddWatch, 1, txn.SystemError, txn.WatchLists{}},
	} {
		r := newRig(t, Config{})
		r.start()
		r.watch(c.op, "/a", 1, c.flags, c.code)
		r.closed()
		r.fire(TimerBackoff)
		r.connect()
		if len(r.sent) == 0 {
			assert.Equal(t, c.want, txn.WatchLists{}, "%+v", c)
			continue
		}
		assert.Equal(t, &c.want, r.sent[0].Req.More.Watches, "%+v", c)
	}
}

// One watcher in each table on /a, a persistent one on its parent and a recursive
// one above: whom does an event call, and whom a second time?
func TestDispatch(t *testing.T) {
	for _, c := range []struct {
		event       txn.EventType
		path        string
		first, then string
	}{
		{txn.NodeCreated, "/r/a", "w1,w2,w5,w6", "w5,w6"},
		{txn.NodeDataChanged, "/r/a", "w1,w2,w5,w6", "w5,w6"},
		{txn.NodeChildrenChanged, "/r/a", "w3,w5", "w5"},
		{txn.NodeDeleted, "/r/a", "w1,w2,w3,w5,w6", "w5,w6"},
		{txn.NodeDeleted, "/r", "w4,w6", "w4,w6"},
		{txn.NodeChildrenChanged, "/r", "w4", "w4"},
		{txn.NodeCreated, "/r/a/b/c", "w6", "w6"},
		{txn.NodeCreated, "/rr", "", ""},
		{txn.NodeCreated, "/", "", ""},
	} {
		r := newRig(t, Config{})
		r.start()
		r.watch(txn.OpGetData, "/r/a", 1, 0, txn.OK)
		r.watch(txn.OpExists, "/r/a", 2, 0, txn.NoNode)
		r.watch(txn.OpGetChildren, "/r/a", 3, 0, txn.OK)
		r.watch(txn.OpAddWatch, "/r", 4, 0, txn.OK)
		r.watch(txn.OpAddWatch, "/r/a", 5, 0, txn.OK)
		r.watch(txn.OpAddWatch, "/r", 6, 1, txn.OK)
		for _, who := range []string{c.first, c.then} {
			want := ""
			if who != "" {
				want = "event " + c.event.String() + " CONNECTED " + c.path + " to " + who
			}
			assert.Equal(t, want, r.event(c.event, c.path))
		}
	}
}

// The zxid of the change is handed on; each watcher is called once.
func TestWatcherIdentity(t *testing.T) {
	r := newRig(t, Config{})
	r.start()
	for _, w := range []Watcher{2, 1, 2, DefaultWatcher} {
		r.watch(txn.OpGetData, "/a", w, 0, txn.OK)
		r.watch(txn.OpGetChildren, "/a", w, 0, txn.OK)
	}
	assert.Equal(t, 6, r.c.Watches())
	assert.Equal(t, "event NodeDeleted CONNECTED /a to w1,w2,default", r.event(txn.NodeDeleted, "/a"))
	assert.EqualValues(t, 99, r.out.events[0].Zxid)
	assert.Zero(t, r.c.Watches())
	r.watch(txn.OpGetData, "/a", 0, 0, txn.OK)
	assert.Equal(t, "event NodeDeleted CONNECTED /a to default", r.event(txn.NodeDeleted, "/a"))
}

func TestRemoval(t *testing.T) {
	remove := func(w Watcher, kind WatcherType, local bool) Ask {
		op := txn.OpCheckWatches
		if w == 0 {
			op = txn.OpRemoveWatches
		}
		return Ask{Req: txn.Request{Op: op, Path: "/a", Flags: int32(kind)}, Watcher: w, Local: local}
	}
	for _, c := range []struct {
		name  string
		ask   Ask
		reply txn.Code // unset: the connection goes
		want  string
		left  int
	}{
		{"data", remove(1, TypeData, false), txn.OK, "event DataWatchRemoved CONNECTED /a to w1; done 0 OK", 5},
		{"children", remove(3, TypeChildren, false), txn.OK, "event ChildWatchRemoved CONNECTED /a to w3; done 0 OK", 5},
		{"children of who has none", remove(1, TypeChildren, false), txn.OK, "done 0 NOWATCHER", 6},
		{"persistent", remove(4, TypePersistent, false), txn.OK, "event PersistentWatchRemoved CONNECTED /a to w4; done 0 OK", 5},
		{"recursive", remove(5, TypePersistentRecursive, false), txn.OK, "event PersistentWatchRemoved CONNECTED /a to w5; done 0 OK", 5},
		{"persistent is not recursive", remove(5, TypePersistent, false), txn.OK, "done 0 NOWATCHER", 6},
		{"any", remove(5, TypeAny, false), txn.OK, "event PersistentWatchRemoved CONNECTED /a to w5; done 0 OK", 5},
		{"unknown type", remove(5, 9, false), txn.OK, "done 0 NOWATCHER", 6},
		{"all", remove(0, TypeAny, false), txn.OK, "event ChildWatchRemoved CONNECTED /a to w3; " +
			"event DataWatchRemoved CONNECTED /a to w1,w2; event PersistentWatchRemoved CONNECTED /a to w4,w5; done 0 OK", 1},
		{"all of data", remove(0, TypeData, false), txn.OK, "event DataWatchRemoved CONNECTED /a to w1,w2; done 0 OK", 4},
		{"the server says no", remove(1, TypeData, false), txn.NoWatcher, "done 0 NOWATCHER", 6},
		{"the client knows first", remove(3, TypeData, false), txn.SystemError, "done 0 NOWATCHER", 6},
		{"local although it says no", remove(1, TypeData, true), txn.NoWatcher, "event DataWatchRemoved CONNECTED /a to w1; done 0 OK", 5},
		{"lost", remove(1, TypeData, false), unset, "state SUSPENDED; done 0 CONNECTIONLOSS", 6},
		{"local although lost", remove(1, TypeData, true), unset, "state SUSPENDED; event DataWatchRemoved SUSPENDED /a to w1; done 0 OK", 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, Config{})
			r.start()
			r.watch(txn.OpGetData, "/a", 1, 0, txn.OK)
			r.watch(txn.OpExists, "/a", 2, 0, txn.NoNode)
			r.watch(txn.OpGetChildren, "/a", 3, 0, txn.OK)
			r.watch(txn.OpAddWatch, "/a", 4, 0, txn.OK)
			r.watch(txn.OpAddWatch, "/a", 5, 1, txn.OK)
			r.watch(txn.OpGetData, "/b", 1, 0, txn.OK)
			require.Contains(t, r.ask(c.ask), "send")
			got := ""
			if c.reply == unset {
				got = r.closed()
			} else {
				got = r.reply(r.c.xid, 0, txn.Result{Err: c.reply})
			}
			assert.Equal(t, c.want, got)
			assert.Equal(t, c.left, r.c.Watches())
		})
	}
}

// A recipe takes a watch back by its handle.
func TestRemoveByHandle(t *testing.T) {
	for _, c := range []struct {
		call client.Call
		kind WatcherType
	}{
		{client.Call{Op: client.OpGet, Path: "/x", Watch: true}, TypeData},
		{client.Call{Op: client.OpExists, Path: "/x", Watch: true}, TypeData},
		{client.Call{Op: client.OpChildren, Path: "/x", Watch: true}, TypeChildren},
		{client.Call{Op: client.OpAddWatch, Path: "/x"}, TypeAny},
		{client.Call{Op: client.OpAddWatch, Path: "/x", WatchMode: client.WatchRecursive}, TypeAny},
	} {
		r := newRig(t, Config{Chroot: "/app"})
		r.start()
		r.submit(1, 4, c.call)
		r.reply(1, 0, txn.Result{})
		assert.EqualValues(t, 4, r.done[0].Response.ID)
		require.Equal(t, "send checkWatches /app/x #2", r.submit(2, 0, client.Call{Op: client.OpRemoveWatch, ID: 4}))
		assert.EqualValues(t, c.kind, r.sent[0].Req.Flags)
		assert.Contains(t, r.reply(2, 0, txn.Result{}), "to w4; done 2 OK")
		r.submit(3, 0, client.Call{Op: client.OpRemoveWatch, ID: 4})
		assert.Equal(t, client.ErrNoWatcher, r.done[0].Response.Code)
	}
	r := newRig(t, Config{})
	r.start()
	r.submit(1, 4, client.Call{Op: client.OpGet, Path: "/x", Watch: true})
	r.reply(1, 0, txn.Result{Err: txn.NoNode})
	assert.Zero(t, r.done[0].Response.ID, "no node, no watch")
	r.submit(2, 4, get("/x"))
	r.reply(2, 0, txn.Result{})
	assert.Zero(t, r.done[0].Response.ID, "not asked for")
	r.submit(3, 4, client.Call{Op: client.OpExists, Path: "/x", Watch: true})
	r.reply(3, 0, txn.Result{Err: txn.NoNode})
	assert.EqualValues(t, 4, r.done[0].Response.ID)
	assert.Equal(t, client.OK, r.done[0].Response.Code)
	assert.False(t, r.done[0].Response.Found)
}

// A session event tells all watchers once, and only what they don't know.
func TestSessionEvents(t *testing.T) {
	r := newRig(t, Config{SessionEvents: true})
	r.start()
	r.watch(txn.OpGetData, "/a", 2, 0, txn.OK)
	r.watch(txn.OpGetChildren, "/a", 2, 0, txn.OK)
	r.watch(txn.OpAddWatch, "/a", 1, 1, txn.OK)
	assert.Equal(t, "state SUSPENDED; event Session SUSPENDED  to w1,w2,default", r.closed())
	r.fire(TimerBackoff)
	assert.Empty(t, r.do(r.c.DialFailed))
	r.fire(TimerBackoff)
	assert.Contains(t, r.connect(), "state CONNECTED; event Session CONNECTED  to w1,w2,default")
}
