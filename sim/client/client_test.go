package client_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/client"
)

// port answers everything with one response and remembers the calls.
type port struct {
	response client.Response
	calls    []client.Call
}

func (p *port) Name() string { return "c7" }

func (p *port) Do(call client.Call) *client.Response {
	p.calls = append(p.calls, call)
	return &p.response
}

func (p *port) Spawn(name string, run func(client.Client)) client.Task {
	run(client.New(p))
	return client.Task{ID: 1}
}

// Goal: each method asks for its own operation and returns its own fields of the
// response. Method: call them all against a port that fills every field.
func TestMethodsBecomeCalls(t *testing.T) {
	stat := client.Stat{Version: 3}
	p := &port{response: client.Response{ID: 9, Number: 2, Data: "d", Found: true, Stat: stat,
		Names: []string{"b", "a"}, ACL: []client.ACL{client.OpenACL()}, Results: []client.MultiResult{{Name: "/r"}},
		Event: client.Event{Path: "/e"}, Session: client.Session{ID: 5}}}
	c := client.New(p)
	open := []client.ACL{client.OpenACL()}
	mine := client.ACL{Perms: client.PermRead, Scheme: "digest", ID: "me"}
	w := client.Watch{ID: 9}
	table := []struct {
		got    []any
		call   client.Call
		result []any
	}{
		{all(c.Create("/a", "x", client.Ephemeral)), client.Call{Op: client.OpCreate, Path: "/a", Data: "x", Mode: client.Ephemeral, ACL: open}, []any{"d", nil}},
		{all(c.Create("/a", "", client.Persistent, mine)), client.Call{Op: client.OpCreate, Path: "/a", ACL: []client.ACL{mine}}, []any{"d", nil}},
		{all(c.CreateTTL("/a", "x", client.PersistentTTL, 4)), client.Call{Op: client.OpCreateTTL, Path: "/a", Data: "x", Mode: client.PersistentTTL, Duration: 4, ACL: open}, []any{"d", nil}},
		{all(c.CreateStat("/a", "x", client.Container)), client.Call{Op: client.OpCreateStat, Path: "/a", Data: "x", Mode: client.Container, ACL: open}, []any{"d", stat, nil}},
		{all(c.Delete("/a", 2)), client.Call{Op: client.OpDelete, Path: "/a", Version: 2}, []any{nil}},
		{all(c.Exists("/a")), client.Call{Op: client.OpExists, Path: "/a"}, []any{true, stat, nil}},
		{all(c.ExistsW("/a")), client.Call{Op: client.OpExists, Path: "/a", Watch: true}, []any{true, stat, w, nil}},
		{all(c.Get("/a")), client.Call{Op: client.OpGet, Path: "/a"}, []any{"d", stat, nil}},
		{all(c.GetW("/a")), client.Call{Op: client.OpGet, Path: "/a", Watch: true}, []any{"d", stat, w, nil}},
		{all(c.Set("/a", "x")), client.Call{Op: client.OpSet, Path: "/a", Data: "x", Version: -1}, []any{stat, nil}},
		{all(c.CompareAndSet("/a", "x", 3)), client.Call{Op: client.OpSet, Path: "/a", Data: "x", Version: 3}, []any{stat, nil}},
		{all(c.Children("/a")), client.Call{Op: client.OpChildren, Path: "/a"}, []any{[]string{"b", "a"}, stat, nil}},
		{all(c.ChildrenW("/a")), client.Call{Op: client.OpChildren, Path: "/a", Watch: true}, []any{[]string{"b", "a"}, stat, w, nil}},
		{all(c.Multi(client.CheckOp("/a", 1))), client.Call{Op: client.OpMulti, Ops: []client.MultiOp{{Op: client.OpCheck, Path: "/a", Version: 1}}}, []any{[]client.MultiResult{{Name: "/r"}}, nil}},
		{all(c.Sync("/a")), client.Call{Op: client.OpSync, Path: "/a"}, []any{nil}},
		{all(c.GetACL("/a")), client.Call{Op: client.OpGetACL, Path: "/a"}, []any{open, stat, nil}},
		{all(c.SetACL("/a", 2, mine)), client.Call{Op: client.OpSetACL, Path: "/a", Version: 2, ACL: []client.ACL{mine}}, []any{stat, nil}},
		{all(c.AddAuth("digest", "me:pw")), client.Call{Op: client.OpAddAuth, Path: "digest", Data: "me:pw"}, []any{nil}},
		{all(c.AddWatch("/a", client.WatchRecursive)), client.Call{Op: client.OpAddWatch, Path: "/a", WatchMode: client.WatchRecursive}, []any{w, nil}},
		{all(c.RemoveWatch(w)), client.Call{Op: client.OpRemoveWatch, ID: 9}, []any{nil}},
		{all(c.SessionEvents()), client.Call{Op: client.OpSessionEvents}, []any{w}},
		{all(c.Next(w)), client.Call{Op: client.OpNext, ID: 9}, []any{client.Event{Path: "/e"}}},
		{all(c.Session()), client.Call{Op: client.OpSession}, []any{client.Session{ID: 5}}},
		{all(c.NewSession()), client.Call{Op: client.OpNewSession}, []any{nil}},
		{all(c.Close()), client.Call{Op: client.OpClose}, []any{nil}},
		{all(c.Now()), client.Call{Op: client.OpNow}, []any{time.Duration(2)}},
		{all(c.Rand(6)), client.Call{Op: client.OpRand, Number: 6}, []any{2}},
		{all(c.Wait(client.Task{ID: 4})), client.Call{Op: client.OpWait, Duration: client.Forever, Signals: []client.Signal{{Kind: client.SignalTask, ID: 4}}}, []any{2}},
		{all(c.WaitTimeout(-5, w)), client.Call{Op: client.OpWait, Signals: []client.Signal{{Kind: client.SignalWatch, ID: 9}}}, []any{2}},
		{all(c.NewFlag()), client.Call{Op: client.OpNewFlag}, []any{client.Flag{ID: 9}}},
	}
	require.Len(t, p.calls, len(table))
	for i, x := range table {
		assert.Equal(t, x.call, p.calls[i])
		assert.Equal(t, x.result, x.got, "%v", x.call.Op)
	}
	c.Sleep(-1)
	c.Note("word", "detail")
	c.Raise(client.Flag{ID: 3})
	assert.Equal(t, []client.Call{{Op: client.OpSleep}, {Op: client.OpNote, Path: "word", Data: "detail"},
		{Op: client.OpRaise, ID: 3}}, p.calls[len(table):])
	assert.Equal(t, client.Task{ID: 1}, c.Spawn("s", func(c client.Client) { c.Sync("/spawned") }))
	assert.Equal(t, "/spawned", p.calls[len(table)+3].Path)
	assert.Equal(t, "c7", c.Name())
	assert.Panics(t, func() { c.Rand(0) })
}

func all(values ...any) []any { return values }

func TestErrorsCanBeComparedAndWrapped(t *testing.T) {
	p := &port{response: client.Response{Code: client.ErrNoNode}}
	c := client.New(p)
	_, _, err := c.Get("/a")
	assert.True(t, err == client.ErrNoNode)
	assert.ErrorIs(t, fmt.Errorf("get: %w", err), client.ErrNoNode)
	assert.EqualError(t, err, "zookeeper: NONODE")
	assert.False(t, client.OutcomeUnknown(err))
	assert.True(t, client.OutcomeUnknown(client.ErrConnectionLoss))
	assert.True(t, client.OutcomeUnknown(fmt.Errorf("set: %w", client.ErrSessionExpired)))
	assert.False(t, client.OutcomeUnknown(nil))

	p.response.Code = client.ErrNotBuilt
	_, err = c.AddWatch("/a", client.WatchPersistent)
	assert.EqualError(t, err, "zabsim: addWatch is not built")
	assert.ErrorIs(t, err, client.ErrNotBuilt)
	var not client.NotBuilt
	require.True(t, errors.As(err, &not))
	assert.Equal(t, client.OpAddWatch, not.Op)
	assert.PanicsWithValue(t, client.NotBuilt{Op: client.OpNow}, func() { c.Now() }, "no error result: stops by name")
}

// Goal: calls and responses are immutable once handed over. Method: change every
// slice on the recipe's side and look at the host's.
func TestSlicesAreCopiedBothWays(t *testing.T) {
	p := &port{response: client.Response{Names: []string{"b", "a"}, ACL: []client.ACL{{ID: "x"}}, Results: []client.MultiResult{{Name: "/r"}}}}
	c := client.New(p)
	acl := []client.ACL{{ID: "mine"}}
	ops := []client.MultiOp{client.CreateOp("/a", "", client.Persistent, acl...)}
	results, _ := c.Multi(ops...)
	c.Create("/a", "", client.Persistent, acl...)
	c.SetACL("/a", 0, acl...)
	names, _, _ := c.Children("/")
	list, _, _ := c.GetACL("/")
	acl[0].ID, ops[0].Path, ops[0].ACL[0].ID = "changed", "changed", "changed"
	results[0].Name, names[0], list[0].ID = "changed", "changed", "changed"
	assert.NotContains(t, fmt.Sprint(p.calls), "changed")
	assert.NotContains(t, fmt.Sprint(p.response), "changed")
}

func TestNames(t *testing.T) {
	for op := client.OpNone; op <= client.OpRaise; op++ {
		assert.NotEqual(t, "?", op.String())
	}
	assert.Equal(t, []string{"raise", "?", "wait", "createTTL"}, []string{client.OpRaise.String(),
		(client.OpRaise + 1).String(), client.OpWait.String(), client.OpCreateTTL.String()})
	assert.True(t, client.OpNow.Instant())
	assert.False(t, client.OpSleep.Instant())
	assert.True(t, client.OpRemoveWatch.IsServer())
	assert.False(t, client.OpSessionEvents.IsServer())
	assert.Equal(t, "cdrwa", client.PermAll.String())
	assert.Equal(t, "NodeChildrenChanged NotWatching EXPIRED ephemeral recursive CODE?", fmt.Sprint(client.EventNodeChildrenChanged, " ",
		client.EventNotWatching, " ", client.Expired, " ", client.Ephemeral, " ", client.WatchRecursive, " ", client.Code(-9999).String()))
	assert.True(t, client.EphemeralSequential.IsEphemeral() && client.EphemeralSequential.IsSequential())
	assert.False(t, client.Container.IsEphemeral() || client.Container.IsSequential())
}

// The interface must name no type of a host: everything in it is Go's, or ours.
func TestClientLeaksNoForeignType(t *testing.T) {
	it := reflect.TypeFor[client.Client]()
	for i := range it.NumMethod() {
		m := it.Method(i).Type
		for j := range m.NumIn() + m.NumOut() {
			var x reflect.Type
			if j < m.NumIn() {
				x = m.In(j)
			} else {
				x = m.Out(j - m.NumIn())
			}
			for x.Kind() == reflect.Slice || x.Kind() == reflect.Pointer {
				x = x.Elem()
			}
			assert.Contains(t, []string{"", "time", "zabsim/sim/client"}, x.PkgPath(), it.Method(i).Name)
		}
	}
}
