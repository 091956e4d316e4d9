package cnxn

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"zabsim/sim/client"
	"zabsim/zab/txn"
)

func TestCheckPath(t *testing.T) {
	for path, want := range map[string]string{
		"/": "", "/a": "", "/a/b": "", "/...": "", "/.a": "", "/a.": "", "/a..": "", "/é中": "", "/\u00a0": "", "/\uf900": "", "/\uffef": "",
		"":             "Path length must be > 0",
		"a":            "Path must start with / character",
		"/a/":          "Path must not end with / character",
		"//":           "Path must not end with / character",
		"/a//b":        `Invalid path string "/a//b" caused by empty node name specified @3`,
		"//a":          `Invalid path string "//a" caused by empty node name specified @1`,
		"/.":           `Invalid path string "/." caused by relative paths not allowed @1`,
		"/..":          `Invalid path string "/.." caused by relative paths not allowed @2`,
		"/é/../b":      `Invalid path string "/é/../b" caused by relative paths not allowed @4`,
		"/a\x00":       "Invalid path string \"/a\x00\" caused by null character not allowed @2",
		"/a\x1f":       "Invalid path string \"/a\x1f\" caused by invalid character @2",
		"/\x7f":        "Invalid path string \"/\x7f\" caused by invalid character @1",
		"/é\u009f":     "Invalid path string \"/é\u009f\" caused by invalid character @2",
		"/\uf8ff":      "Invalid path string \"/\uf8ff\" caused by invalid character @1",
		"/\ufff0":      "Invalid path string \"/\ufff0\" caused by invalid character @1",
		"/a\U0001f600": "Invalid path string \"/a\U0001f600\" caused by invalid character @2",
		"/a\xff":       "Invalid path string \"/a\xff\" caused by invalid character @2",
	} {
		assert.Equal(t, want, CheckPath(path, false), "%q", path)
	}
	for _, path := range []string{"/", "/a/", "/.", "/a/.."} {
		assert.Empty(t, CheckPath(path, true), path)
	}
	assert.Equal(t, "Path must start with / character", CheckPath("", true))
}

func TestRefusals(t *testing.T) {
	r := newRig(t, Config{})
	r.start()
	req := func(q txn.Request) Ask { return Ask{Req: q} }
	multi := func(ops ...txn.Request) Ask {
		return req(txn.Request{Op: txn.OpMulti, More: &txn.RequestMore{Ops: ops}})
	}
	const ttl = "IllegalArgumentException: ttl must be positive and cannot be larger than: 1099511627775"
	for _, c := range []struct {
		ask  Ask
		want string
	}{
		{req(txn.Request{Op: txn.OpGetData}), "IllegalArgumentException: Path length must be > 0"},
		{Ask{Req: txn.Request{Op: txn.OpGetData}, NullPath: true}, "IllegalArgumentException: Path cannot be null"},
		{req(txn.Request{Op: txn.OpGetEphemerals, Path: "x"}), "IllegalArgumentException: Path must start with / character"},
		{req(txn.Request{Op: txn.OpAddWatch, Path: "/a"}), "IllegalArgumentException: Invalid Watcher, shouldn't be null!"},
		{req(txn.Request{Op: txn.OpAddWatch}), "IllegalArgumentException: Path length must be > 0"},
		{req(txn.Request{Op: txn.OpCheckWatches}), "IllegalArgumentException: Invalid Watcher, shouldn't be null!"},
		{req(txn.Request{Op: txn.OpCreate, Path: "/a", Flags: 5}), ttl},
		{req(txn.Request{Op: txn.OpCreateTTL, Path: "/a", Flags: 6}), ttl},
		{req(txn.Request{Op: txn.OpCreateTTL, Path: "/a", Flags: 5, TTL: 1 << 40}), ttl},
		{req(txn.Request{Op: txn.OpCreateTTL, Path: "/a", Flags: 1, TTL: 5}), "IllegalArgumentException: ttl not valid for mode: EPHEMERAL"},
		{req(txn.Request{Op: txn.OpCreate, Path: "/a", More: &txn.RequestMore{}}), "done 0 INVALIDACL unsent"},
		{req(txn.Request{Op: txn.OpSetACL, Path: "/a"}), "done 0 INVALIDACL unsent"},
		{multi(), "done 0 OK unsent"},
		{req(txn.Request{Op: txn.OpMulti}), "done 0 OK unsent"},
		{req(txn.Request{Op: txn.OpMultiRead}), "done 0 OK unsent"},
		{multi(txn.Request{Op: txn.OpCreate, Path: "/a", Flags: 7}), "done 0 BADARGUMENTS unsent"},
		{multi(txn.Request{Op: txn.OpDelete, Path: "a"}), "IllegalArgumentException: Path must start with / character"},
		{multi(txn.Request{Op: txn.OpCreate, Path: "/a", Flags: 5}), ttl},
		{multi(txn.Request{Op: txn.OpGetData, Path: "/a"}, txn.Request{Op: txn.OpDelete, Path: "/a"}),
			"IllegalArgumentException: Mixing read and write operations (transactions) is not allowed in a multi request."},
	} {
		assert.Equal(t, c.want, r.ask(c.ask), "%+v", c.ask)
	}
	assert.Equal(t, "send multiRead  #1", r.ask(multi(txn.Request{Op: txn.OpGetData, Path: "/a"})))
	r.submit(1, 0, get("a"))
	assert.Equal(t, client.ErrBadArguments, r.done[0].Response.Code)
	assert.False(t, r.done[0].Sent)
	r.submit(1, 0, client.Call{Op: client.OpSleep})
	assert.Equal(t, client.ErrNotBuilt, r.done[0].Response.Code)
}

func TestChroot(t *testing.T) {
	r := newRig(t, Config{Chroot: "/app"})
	r.start()
	path := func(a Ask) string {
		r.ask(a)
		return r.sent[0].Req.Path
	}
	for _, c := range []struct {
		op         txn.Op
		path, want string
	}{
		{txn.OpGetData, "/x", "/app/x"}, {txn.OpGetData, "/", "/app"}, {txn.OpSync, "/", "/app"}, {txn.OpCreate, "/x", "/app/x"},
		{txn.OpDelete, "/", "/"}, {txn.OpDelete, "/x", "/app/x"}, {txn.OpGetEphemerals, "/x", "/x"}, {txn.OpGetAllChildrenNumber, "/x", "/app/x"},
	} {
		assert.Equal(t, c.want, path(Ask{Req: txn.Request{Op: c.op, Path: c.path}}), "%v", c)
	}
	r = newRig(t, Config{Chroot: "/app"})
	r.start()
	r.submit(1, 0, client.Call{Op: client.OpCreateStat, Path: "/x"})
	shared := &txn.ResultMore{Path: "/app/x0"}
	r.reply(1, 2, txn.Result{More: shared, Stat: txn.Stat{Czxid: 2}})
	assert.Equal(t, "/x0", r.done[0].Response.Data)
	assert.EqualValues(t, 2, r.done[0].Response.Stat.Czxid)
	assert.Equal(t, "/app/x0", shared.Path, "results are shared")

	ops := []client.MultiOp{client.CreateOp("/app", "", client.Persistent), client.CheckOp("/", 3)}
	r.submit(2, 0, client.Call{Op: client.OpMulti, Ops: ops})
	assert.Equal(t, "/app/app", r.sent[0].Req.More.Ops[0].Path)
	assert.Equal(t, "/app", r.sent[0].Req.More.Ops[1].Path)
	for i, strip := range []bool{false, true} {
		r.c.cfg.StripMulti = strip
		if i > 0 {
			r.submit(2, 0, client.Call{Op: client.OpMulti, Ops: ops})
		}
		r.reply(r.c.xid, 3, txn.Result{More: &txn.ResultMore{Results: []txn.Result{{Op: txn.OpCreate, More: &txn.ResultMore{Path: "/app/app"}}, {Op: txn.OpCheck}}}})
		assert.Equal(t, "/app", r.done[0].Response.Results[0].Name)
		assert.Equal(t, []string{"/app/app", "/app"}[i], r.done[0].Result.More.Results[0].More.Path)
	}

	members := &txn.RequestMore{Ops: []txn.Request{{Op: txn.OpDelete, Path: "/a"}}}
	r.ask(Ask{Req: txn.Request{Op: txn.OpMulti, More: members}})
	assert.Equal(t, "/a", members.Ops[0].Path, "requests are shared")
	r.reply(r.c.xid, 4, txn.Result{})

	r.watch(txn.OpAddWatch, "/", 1, 1, txn.OK)
	assert.Equal(t, "event NodeDeleted CONNECTED / to w1", r.event(txn.NodeDeleted, "/app"))
	assert.Equal(t, "event NodeCreated CONNECTED /y to w1", r.event(txn.NodeCreated, "/app/y"))
	assert.Empty(t, r.event(txn.NodeCreated, "/other"))
}

// Every operation of a recipe becomes the request that the Java client would send.
func TestCalls(t *testing.T) {
	acl := []client.ACL{{Perms: client.PermRead, Scheme: "ip", ID: "1.2.3.4"}}
	want := &txn.RequestMore{ACL: []txn.ACL{{Perms: 1, ID: txn.ID{Scheme: "ip", ID: "1.2.3.4"}}}}
	for _, c := range []struct {
		call client.Call
		want txn.Request
	}{
		{client.Call{Op: client.OpCreate, Path: "/a", Data: "d", Mode: client.EphemeralSequential, ACL: acl},
			txn.Request{Op: txn.OpCreate, Path: "/a", Data: "d", Flags: 3, More: want}},
		{client.Call{Op: client.OpCreate, Path: "/a", ACL: []client.ACL{client.OpenACL()}}, txn.Request{Op: txn.OpCreate, Path: "/a"}},
		{client.Call{Op: client.OpCreate, Path: "/a", Mode: client.Container}, txn.Request{Op: txn.OpCreateContainer, Path: "/a", Flags: 4}},
		{client.Call{Op: client.OpCreateStat, Path: "/a"}, txn.Request{Op: txn.OpCreate2, Path: "/a"}},
		{client.Call{Op: client.OpCreateTTL, Path: "/a", Mode: client.PersistentTTL, Duration: 2 * time.Second},
			txn.Request{Op: txn.OpCreateTTL, Path: "/a", Flags: 5, TTL: 2000}},
		{client.Call{Op: client.OpDelete, Path: "/a", Version: 3}, txn.Request{Op: txn.OpDelete, Path: "/a", Version: 3}},
		{client.Call{Op: client.OpExists, Path: "/a", Watch: true}, txn.Request{Op: txn.OpExists, Path: "/a", Watch: true}},
		{client.Call{Op: client.OpGet, Path: "/a", Watch: true}, txn.Request{Op: txn.OpGetData, Path: "/a", Watch: true}},
		{client.Call{Op: client.OpSet, Path: "/a", Data: "d", Version: -1, Watch: true}, txn.Request{Op: txn.OpSetData, Path: "/a", Data: "d", Version: -1}},
		{client.Call{Op: client.OpChildren, Path: "/a", Watch: true}, txn.Request{Op: txn.OpGetChildren2, Path: "/a", Watch: true}},
		{client.Call{Op: client.OpSync, Path: "/a"}, txn.Request{Op: txn.OpSync, Path: "/a"}},
		{client.Call{Op: client.OpGetACL, Path: "/a"}, txn.Request{Op: txn.OpGetACL, Path: "/a"}},
		{client.Call{Op: client.OpSetACL, Path: "/a", Version: 2, ACL: acl}, txn.Request{Op: txn.OpSetACL, Path: "/a", Version: 2, More: want}},
		{client.Call{Op: client.OpAddWatch, Path: "/a", WatchMode: client.WatchRecursive}, txn.Request{Op: txn.OpAddWatch, Path: "/a", Flags: 1}},
		{client.Call{Op: client.OpMulti, Ops: []client.MultiOp{
			client.CreateOp("/a", "d", client.Ephemeral, acl...), client.DeleteOp("/b", 1), client.SetOp("/c", "e", 2), client.CheckOp("/d", 3),
			client.CreateOp("/e", "", client.Container)}},
			txn.Request{Op: txn.OpMulti, More: &txn.RequestMore{Ops: []txn.Request{
				{Op: txn.OpCreate, Path: "/a", Data: "d", Flags: 1, More: want}, {Op: txn.OpDelete, Path: "/b", Version: 1},
				{Op: txn.OpSetData, Path: "/c", Data: "e", Version: 2}, {Op: txn.OpCheck, Path: "/d", Version: 3},
				{Op: txn.OpCreateContainer, Path: "/e", Flags: 4}}}}},
	} {
		r := newRig(t, Config{})
		r.start()
		r.submit(1, 9, c.call)
		got := *r.sent[0].Req
		c.want.Session, c.want.Cxid = 7, 1
		assert.Equal(t, *c.want.Seal(), got, "%v", c.call.Op)
	}
}

func TestResponses(t *testing.T) {
	r := newRig(t, Config{})
	r.start()
	r.submit(1, 0, client.Call{Op: client.OpGetACL, Path: "/a"})
	r.reply(1, 4, txn.Result{Stat: txn.Stat{Aversion: 2}, More: &txn.ResultMore{ACL: []txn.ACL{{Perms: 31, ID: txn.ID{Scheme: "world", ID: "anyone"}}}}})
	assert.Equal(t, client.Response{Stat: client.Stat{Aversion: 2}, ACL: []client.ACL{client.OpenACL()}}, r.done[0].Response)
	r.submit(1, 0, client.Call{Op: client.OpChildren, Path: "/a"})
	r.reply(2, 4, txn.Result{More: &txn.ResultMore{Names: []string{"x"}}})
	assert.Equal(t, client.Response{Names: []string{"x"}}, r.done[0].Response)
	r.submit(1, 0, client.Call{Op: client.OpExists, Path: "/a"})
	r.reply(3, 4, txn.Result{Stat: txn.Stat{Version: 2}})
	assert.Equal(t, client.Response{Found: true, Stat: client.Stat{Version: 2}}, r.done[0].Response)
	r.submit(1, 0, client.Call{Op: client.OpMulti, Ops: []client.MultiOp{client.DeleteOp("/a", 0), client.DeleteOp("/b", 0), client.DeleteOp("/b", 0)}})
	r.reply(4, 4, txn.Result{More: &txn.ResultMore{Results: []txn.Result{{Op: txn.OpError}, {Op: txn.OpError, Err: txn.NoNode}, {Op: txn.OpError, Err: txn.RuntimeInconsistency}}}})
	assert.Equal(t, client.ErrNoNode, r.done[0].Response.Code)
	assert.Equal(t, []client.MultiResult{{}, {Code: client.ErrNoNode}, {Code: client.ErrRuntimeInconsistency}}, r.done[0].Response.Results)
	r.submit(5, 0, client.Call{Op: client.OpSession})
	assert.Equal(t, client.Session{ID: 7, State: client.Connected, Timeout: 12 * time.Second}, r.done[0].Response.Session)
}
