package cnxn

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/txn"
)

// What the recordings do not show of the names.
func TestJavaNames(t *testing.T) {
	j := NewJava(&Config{Servers: 1, TimeoutMillis: 9000})
	var out Out
	path := "/a"
	for op, args := range map[string]JavaArgs{
		"fly":              {},
		"create":           {Path: &path, Mode: "ROUND"},
		"removeAllWatches": {Path: &path, Type: "Some"},
		"multi":            {Ops: []JavaOp{{Type: "fly"}}},
	} {
		e := j.Do(1, op, &args, &out)
		require.NotNil(t, e, op)
		assert.Equal(t, "NoSuchMethodError", e.Class, op)
	}
	assert.False(t, IsJavaOp("fly"))
	assert.True(t, IsJavaOp("whoAmI"))
	assert.Equal(t, j.Watcher("w1"), j.Watcher("w1"))
	assert.NotEqual(t, j.Watcher("w1"), j.Watcher("w2"))
	assert.Equal(t, "w2", j.Name(j.Watcher("w2")))
	assert.Equal(t, "default", j.Name(j.Watcher("default")))
	assert.Equal(t, "?", j.Name(9))
	var dup Java
	j.CloneInto(&dup)
	dup.Watcher("w3")
	assert.Equal(t, "?", j.Name(3))
}

// The requests that the Java client makes of the less common methods.
func TestJavaRequests(t *testing.T) {
	path, data := "/a", "d"
	for _, c := range []struct {
		op   string
		args JavaArgs
		want txn.Request
	}{
		{"create", JavaArgs{Path: &path, Mode: "CONTAINER"}, txn.Request{Op: txn.OpCreateContainer, Path: path, Flags: 4, Null: true}},
		{"create2", JavaArgs{Path: &path, Data: &data, Mode: "EPHEMERAL"}, txn.Request{Op: txn.OpCreate2, Path: path, Data: data, Flags: 1}},
		{"createTTL", JavaArgs{Path: &path, Data: &data, Mode: "PERSISTENT_WITH_TTL", TTL: 7}, txn.Request{Op: txn.OpCreateTTL, Path: path, Data: data, Flags: 5, TTL: 7}},
		{"getEphemerals", JavaArgs{Path: &path}, txn.Request{Op: txn.OpGetEphemerals, Path: path}},
		{"removeAllWatches", JavaArgs{Path: &path, Type: "PersistentRecursive"}, txn.Request{Op: txn.OpRemoveWatches, Path: path, Flags: 5}},
	} {
		j := NewJava(&Config{Servers: 1, TimeoutMillis: 9000})
		var out Out
		require.Nil(t, j.Do(1, c.op, &c.args, &out))
		require.Len(t, j.Client.queue, 1)
		assert.Equal(t, *c.want.Seal(), *j.Client.queue[0].req, c.op)
	}
	j := NewJava(&Config{Servers: 1, TimeoutMillis: 9000})
	var out Out
	require.Nil(t, j.Do(1, "create", &JavaArgs{Path: &path, NoACL: true}, &out))
	assert.Equal(t, "INVALIDACL", j.Result(out.Completion(&out.Effects[0])).Err)
}

func TestJavaResults(t *testing.T) {
	j := NewJava(&Config{})
	acl := []txn.ACL{{Perms: 1}}
	r := j.Result(&Completion{Op: txn.OpGetACL, Result: txn.Result{Stat: txn.Stat{Aversion: 3}, More: &txn.ResultMore{ACL: acl}}})
	assert.Equal(t, JavaResult{Err: "OK", ACL: acl, Stat: &txn.Stat{Aversion: 3}}, r)
	r = j.Result(&Completion{Op: txn.OpGetData, Result: txn.Result{Null: true}})
	assert.Equal(t, JavaResult{Err: "OK", Stat: &txn.Stat{}}, r, "null is not empty")
	r = j.Result(&Completion{Op: txn.OpExists, Result: txn.Result{Err: txn.NoNode}})
	assert.Equal(t, JavaResult{Err: "OK"}, r)
	r = j.Result(&Completion{Op: txn.OpGetData, Code: txn.NoAuth, Result: txn.Result{Err: txn.NoAuth}})
	assert.Equal(t, JavaResult{Err: "NOAUTH"}, r)
	r = j.Result(&Completion{Op: txn.OpGetAllChildrenNumber, Result: txn.Result{More: &txn.ResultMore{Number: 4}}})
	assert.Equal(t, JavaResult{Err: "OK", Number: 4}, r)
}
