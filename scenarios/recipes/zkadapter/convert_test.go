package zkadapter

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/go-zookeeper/zk"
	"github.com/stretchr/testify/assert"

	"zabsim/sim/client"
)

func TestErrorsBecomeCodes(t *testing.T) {
	seen := map[client.Code]int{}
	for _, c := range codes {
		assert.Equal(t, c.code, codeOf(fmt.Errorf("wrapped: %w", c.err)))
		seen[c.code]++
	}
	assert.Greater(t, len(seen), 15)
	for err, want := range map[error]client.Code{
		nil:                                client.OK,
		errors.New("unknown error: -2"):    client.ErrRuntimeInconsistency,
		errors.New("unknown error: -125"):  client.ErrQuotaExceeded,
		errors.New("unknown error: x"):     client.ErrConnectionLoss,
		errors.New("write: broken pipe"):   client.ErrConnectionLoss,
		zk.ErrNoChildrenForEphemerals:      client.ErrNoChildrenForEphemerals,
		fmt.Errorf("%w", zk.ErrNodeExists): client.ErrNodeExists,
	} {
		assert.Equal(t, want, codeOf(err), "%v", err)
	}
}

// Goal: no field of a Stat is mixed up or forgotten. Method: number them all.
func TestStatKeepsEveryField(t *testing.T) {
	var s zk.Stat
	v := reflect.ValueOf(&s).Elem()
	for i := range v.NumField() {
		v.Field(i).SetInt(int64(100 + i))
	}
	out := statOf(&s)
	got := reflect.ValueOf(out)
	assert.Equal(t, v.NumField(), got.NumField())
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		assert.Equal(t, v.Field(i).Int(), got.FieldByName(name).Int(), name)
	}
	assert.Zero(t, statOf(nil))
}

func TestEventsOfNodesOnly(t *testing.T) {
	for _, typ := range []zk.EventType{zk.EventNodeCreated, zk.EventNodeDeleted, zk.EventNodeDataChanged, zk.EventNodeChildrenChanged} {
		e, ok := eventOf(zk.Event{Type: typ, Path: "/a"})
		assert.True(t, ok)
		assert.Equal(t, client.Event{Type: client.EventType(typ), State: client.Connected, Path: "/a"}, e)
	}
	for _, typ := range []zk.EventType{zk.EventNotWatching, zk.EventSession} {
		_, ok := eventOf(zk.Event{Type: typ})
		assert.False(t, ok)
	}
}

func TestStatesOfASession(t *testing.T) {
	for _, c := range []struct {
		old   client.State
		heard zk.State
		want  client.State
	}{
		{client.Connecting, zk.StateConnecting, client.Connecting},
		{client.Connecting, zk.StateConnected, client.Connecting},
		{client.Connecting, zk.StateDisconnected, client.Connecting},
		{client.Connecting, zk.StateHasSession, client.Connected},
		{client.Connected, zk.StateDisconnected, client.Suspended},
		{client.Suspended, zk.StateConnected, client.Suspended},
		{client.Suspended, zk.StateHasSession, client.Connected},
		{client.Suspended, zk.StateExpired, client.Expired},
		{client.Expired, zk.StateHasSession, client.Expired},
		{client.Closed, zk.StateHasSession, client.Closed},
	} {
		assert.Equal(t, c.want, stateAfter(c.old, c.heard), "%v, %v", c.old, c.heard)
	}
}

func TestMultiIsMappedOrRefused(t *testing.T) {
	ops, ok := multiOf([]client.MultiOp{client.CreateOp("/a", "x", client.EphemeralSequential), client.DeleteOp("/b", 2),
		client.SetOp("/c", "y", 3), client.CheckOp("/d", 4)})
	assert.True(t, ok)
	acl := []zk.ACL{{Perms: 31, Scheme: "world", ID: "anyone"}}
	assert.Equal(t, []any{&zk.CreateRequest{Path: "/a", Data: []byte("x"), Acl: acl, Flags: 3},
		&zk.DeleteRequest{Path: "/b", Version: 2}, &zk.SetDataRequest{Path: "/c", Data: []byte("y"), Version: 3},
		&zk.CheckVersionRequest{Path: "/d", Version: 4}}, ops)
	assert.Equal(t, []client.ACL{client.OpenACL()}, fromACL(acl))
	_, ok = multiOf([]client.MultiOp{client.CreateOp("/a", "", client.Container)})
	assert.False(t, ok)
	assert.Equal(t, []client.MultiResult{{Code: client.ErrNoNode}, {Name: "/a"}},
		resultsOf([]zk.MultiResponse{{Error: zk.ErrNoNode}, {String: "/a"}}))
}
