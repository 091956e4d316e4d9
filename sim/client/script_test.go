package client_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/client"
)

func script(t *testing.T, ops ...client.ScriptOp) *client.Script {
	s, err := client.NewScript(ops...)
	require.NoError(t, err)
	return s
}

func TestScriptAsksInOrder(t *testing.T) {
	s := script(t,
		client.ScriptOp{Kind: client.ScriptGet, Key: "/a"},
		client.ScriptOp{Kind: client.ScriptCAS, Key: "/a", Value: "1", Version: client.LastSeen, NotBefore: 50},
		client.ScriptOp{Kind: client.ScriptSyncGet, Key: "/b"},
		client.ScriptOp{Kind: client.ScriptSyncGet, Key: "/a"},
		client.ScriptOp{Kind: client.ScriptSet, Key: "/b", Value: "2"},
		client.ScriptOp{Kind: client.ScriptCAS, Key: "/a", Value: "3", Version: client.LastSeen},
		client.ScriptOp{Kind: client.ScriptCAS, Key: "/b", Value: "4", Version: 9},
	)
	c := s.Start()
	step := func(want client.Call, notBefore int64, r client.Response) {
		t.Helper()
		call, at, ok := c.Next()
		require.True(t, ok)
		assert.Equal(t, want, call)
		assert.Equal(t, notBefore, at)
		c.Answer(&r)
	}
	seen := func(v int32) client.Response { return client.Response{Stat: client.Stat{Version: v}} }
	step(client.Call{Op: client.OpGet, Path: "/a"}, 0, seen(7))
	step(client.Call{Op: client.OpSet, Path: "/a", Data: "1", Version: 7}, 50, client.Response{Code: client.ErrBadVersion})
	step(client.Call{Op: client.OpSync, Path: "/b"}, 0, client.Response{Code: client.ErrConnectionLoss}) // no get follows
	step(client.Call{Op: client.OpSync, Path: "/a"}, 0, client.Response{})
	step(client.Call{Op: client.OpGet, Path: "/a"}, 0, seen(8))
	step(client.Call{Op: client.OpSet, Path: "/b", Data: "2", Version: client.AnyVersion}, 0, seen(1))
	step(client.Call{Op: client.OpSet, Path: "/a", Data: "3", Version: 8}, 0, seen(9))
	step(client.Call{Op: client.OpSet, Path: "/b", Data: "4", Version: 9}, 0, seen(10))
	_, _, ok := c.Next()
	assert.False(t, ok)
	assert.Equal(t, s.Len(), c.Index())
	_, _, ok = new(client.ScriptClient).Next()
	assert.False(t, ok, "the zero value has nothing to do")
}

// Goal: a search can copy, compare and name script clients. Method: copies drift
// apart exactly when they are answered differently.
func TestScriptClientIsAPlainValue(t *testing.T) {
	s := script(t,
		client.ScriptOp{Kind: client.ScriptSyncGet, Key: "/a"},
		client.ScriptOp{Kind: client.ScriptCAS, Key: "/a", Value: "1", Version: client.LastSeen},
	)
	a := s.Start()
	var b client.ScriptClient
	a.CloneInto(&b)
	assert.True(t, a == b)
	words := map[[5]uint64]bool{a.Words(): true}
	a.Answer(&client.Response{})
	assert.False(t, a == b)
	words[a.Words()] = true
	a.CloneInto(&b)
	a.Answer(&client.Response{Stat: client.Stat{Version: 4}})
	b.Answer(&client.Response{Stat: client.Stat{Version: 5}})
	words[a.Words()], words[b.Words()] = true, true
	assert.Len(t, words, 4, "sync done, get done, and two versions seen all differ")
}

func TestScriptRefusesNonsense(t *testing.T) {
	var many []client.ScriptOp
	for _, key := range []string{"/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9"} {
		many = append(many, client.ScriptOp{Kind: client.ScriptCAS, Key: key, Version: client.LastSeen})
	}
	for want, ops := range map[string][]client.ScriptOp{
		"operation 0: unknown kind 9":       {{Kind: 9, Key: "/a"}},
		"operation 1: key \"a\" is no path": {{Key: "/a"}, {Key: "a"}},
		"operation 0: negative time":        {{Key: "/a", NotBefore: -1}},
		"9 keys with LastSeen, at most 8":   many,
	} {
		_, err := client.NewScript(ops...)
		assert.ErrorContains(t, err, want)
	}
	script(t, many[:8]...)
}
