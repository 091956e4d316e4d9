package conform

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/internal/conform/trace"
	"zabsim/zab/txn"
)

func pipeline(ops ...trace.Op) *trace.Step {
	return &trace.Step{Op: trace.Op{Name: "pipeline", Ops: ops}}
}

func op(code txn.Op, path string) trace.Op {
	return trace.Op{Name: code.String(), Code: code, Path: path}
}

// Goal: the pipelines that race in ZooKeeper may end a trace, and no others.
func TestRacingPipelines(t *testing.T) {
	set, read, acl := op(txn.OpSetData, "/a"), op(txn.OpGetData, "/a"), op(txn.OpSetACL, "/a")
	child, other := op(txn.OpCreate, "/a/b"), op(txn.OpSetData, "/b")
	end, auth := op(txn.OpCloseSession, ""), op(txn.OpAuth, "")
	multi := trace.Op{Name: "multi", Code: txn.OpMulti, Ops: []trace.Op{set}}
	for _, c := range []struct {
		step  *trace.Step
		quota bool
		ends  string
	}{
		{pipeline(end, read), false, "requests pipelined behind a close"},
		{pipeline(read, end), false, ""},
		{pipeline(set, auth), false, "addAuth pipelined with other requests"},
		{pipeline(auth), false, ""},
		{pipeline(acl, set), false, "setACL pipelined with later requests on the same node"},
		{pipeline(acl, read), false, "setACL pipelined with later requests on the same node"},
		{pipeline(acl, child), false, "setACL pipelined with later requests on the same node"},
		{pipeline(acl, multi), false, "setACL pipelined with later requests on the same node"},
		{pipeline(op(txn.OpSetACL, "/"), set), false, "setACL pipelined with later requests on the same node"},
		{pipeline(set, acl), false, ""},
		{pipeline(acl, other), false, ""},
		{pipeline(set, other), true, "writes pipelined under an enforced quota"},
		{pipeline(set, multi), true, "writes pipelined under an enforced quota"},
		{pipeline(set, other), false, ""},
		{pipeline(set, read), true, ""},
		{&trace.Step{Op: multi}, true, ""},
	} {
		assert.Equal(t, c.ends, races(c.step, c.quota, false).ends, "%v", c.step.Op.Ops)
	}
}

// Goal: events of one closing session come in any order, all others in theirs.
func TestOrderOfEvents(t *testing.T) {
	a, b := trace.Event{Type: "NodeDeleted", Path: "/a"}, trace.Event{Type: "NodeDeleted", Path: "/b"}
	end := trace.Event{Type: trace.ConnectionClosed}
	differs := func(deleted []string, want, got []trace.Event) bool {
		st := &trace.Step{Txns: []trace.Txn{{Type: "closeSession", Deleted: deleted}}}
		c := &comparer{zxids: Identity(), allowed: races(st, false, false)}
		c.events([]trace.Delivery{{Session: "s0", Events: want}}, []trace.Delivery{{Session: "s0", Events: got}})
		return len(c.diffs) > 0
	}
	two := []string{"/a", "/b"}
	assert.False(t, differs(two, []trace.Event{a, b}, []trace.Event{b, a}))
	assert.True(t, differs(two[:1], []trace.Event{a, b}, []trace.Event{b, a}), "only one was deleted")
	assert.True(t, differs(two, []trace.Event{a, b}, []trace.Event{a, a}))
	assert.True(t, differs(two, []trace.Event{a, end}, []trace.Event{end, a}), "the connection closes last")
}

// Goal: the deletions of one pass of the container manager come in any order, and
// their zxids stand for each other from then on.
func TestOrderOfContainers(t *testing.T) {
	gone := func(z int64, path string) trace.Txn {
		return trace.Txn{Zxid: z, Session: trace.Server, Type: "deleteContainer", Path: path}
	}
	differs := func(want, got []trace.Txn, z *Mapping) bool {
		c := &comparer{zxids: z}
		c.txns(want, pairContainers(want, got, z))
		return len(c.diffs) > 0
	}
	z := Identity()
	assert.False(t, differs([]trace.Txn{gone(4, "/a"), gone(5, "/b")}, []trace.Txn{gone(4, "/b"), gone(5, "/a")}, z))
	assert.True(t, z.Fits(4, 5))
	assert.False(t, z.Fits(4, 6))
	z = Identity()
	assert.True(t, differs([]trace.Txn{gone(4, "/a"), gone(5, "/b")}, []trace.Txn{gone(4, "/b"), gone(5, "/c")}, z))
	assert.True(t, differs([]trace.Txn{gone(4, "/a")}, []trace.Txn{gone(4, "/b")}, Identity()))
}

// Goal: what an entry of scheme auth expands to is a set; other lists have an order.
func TestOrderOfAuthEntries(t *testing.T) {
	entry := func(scheme, id string, perms int32) txn.ACL {
		return txn.ACL{Perms: perms, ID: txn.ID{Scheme: scheme, ID: id}}
	}
	a, b := entry("digest", "a:x", 31), entry("digest", "b:x", 31)
	any := allowed{authACL: true}
	assert.True(t, any.sameACL([]txn.ACL{a, b}, []txn.ACL{b, a}))
	assert.False(t, (&allowed{}).sameACL([]txn.ACL{a, b}, []txn.ACL{b, a}), "nobody said auth")
	assert.False(t, any.sameACL([]txn.ACL{a, entry("digest", "b:x", 1)}, []txn.ACL{entry("digest", "b:x", 1), a}))
	assert.False(t, any.sameACL([]txn.ACL{a, entry("ip", "1.1.1.1", 31)}, []txn.ACL{entry("ip", "1.1.1.1", 31), a}))
	assert.False(t, any.sameACL([]txn.ACL{a}, []txn.ACL{b}))
	assert.False(t, any.sameACL(nil, []txn.ACL{}))
	assert.True(t, hasAuthACL(&trace.Op{Ops: []trace.Op{{ACL: []txn.ACL{entry("auth", "", 31)}}}}))
	assert.False(t, hasAuthACL(&trace.Op{ACL: []txn.ACL{a}}))
}

// Goal: only watch events to the session that expires are left out.
func TestEventsToAnExpiringSession(t *testing.T) {
	e, end := trace.Event{Type: "NodeDeleted", Path: "/a"}, trace.Event{Type: trace.ConnectionClosed}
	got := withoutExpiring([]trace.Delivery{{Session: "s0", Events: []trace.Event{e, end}}, {Session: "s1", Events: []trace.Event{e}}}, "s0")
	assert.Equal(t, []trace.Delivery{{Session: "s0", Events: []trace.Event{end}}, {Session: "s1", Events: []trace.Event{e}}}, got)
}
