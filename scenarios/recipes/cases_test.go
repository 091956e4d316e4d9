package recipes_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/scenarios/recipes"
	"zabsim/sim/client"
)

func alone(run func(c client.Client)) []*client.Program {
	return []*client.Program{{Name: "alone", Run: run}}
}

// holder makes the lock's nodes, takes the lock and goes on.
func holder(t *testing.T, then func(c client.Client, lock *recipes.Lock, token int64)) []*client.Program {
	return alone(func(c client.Client) {
		c.Create("/lock", "", client.Persistent)
		c.Create("/resource", "0 ", client.Persistent)
		lock := recipes.NewLock(c, "/lock")
		token, err := lock.Acquire()
		require.NoError(t, err)
		then(c, lock, token)
	})
}

// Goal: the fence holds even between the read and the write. Method: a later holder
// writes when the write arrives at the server.
func TestWriteIsFenced(t *testing.T) {
	f := newFake(t, 1, holder(t, func(c client.Client, lock *recipes.Lock, token int64) {
		_, err := lock.Write("/resource", "first")
		assert.NoError(t, err)
		_, err = lock.Write("/resource", "second")
		assert.Equal(t, recipes.ErrFenced, err)
		_, err = lock.Write("/resource", "third")
		assert.Equal(t, recipes.ErrFenced, err)
		assert.NoError(t, lock.Release())
		_, err = lock.Write("/resource", "fourth")
		assert.Equal(t, recipes.ErrNotHeld, err)
	})...)
	f.fault = func(n int, c *fclient, call *client.Call) loss {
		if call.Op == client.OpSet && strings.HasSuffix(call.Data, "second") {
			resource := f.nodes["/resource"]
			resource.data = "99999999999 later"
			resource.stat.Version++
		}
		return lossNone
	}
	f.run(1000)
	assert.Equal(t, "99999999999 later", f.nodes["/resource"].data)
	assert.Len(t, f.said("fenced out"), 2)
	assert.Len(t, f.said("fenced write"), 1)
}

// Goal: a suspended holder does not act; it goes on if its session lives.
func TestSuspendedHolderWaits(t *testing.T) {
	var f *fake
	f = newFake(t, 1, holder(t, func(c client.Client, lock *recipes.Lock, token int64) {
		assert.True(t, lock.Held())
		assert.Equal(t, token, lock.Token())
		f.become(f.clients[0], client.Suspended)
		f.clients[0].back = f.now + int64(time.Second)
		before := f.served
		assert.False(t, lock.Held())
		c.Spawn("look", func(c client.Client) {
			c.Sleep(900 * time.Millisecond)
			assert.Equal(t, before, f.served, "nothing was sent")
		})
		_, err := lock.Write("/resource", "x")
		assert.NoError(t, err)
		assert.GreaterOrEqual(t, f.now, int64(time.Second))
		assert.True(t, lock.Held())
		_, err = lock.Acquire()
		assert.Equal(t, recipes.ErrHeld, err)
	})...)
	f.run(1000)
	assert.Len(t, f.said("suspended"), 1)
}

func TestTryAcquireLeavesTheLine(t *testing.T) {
	f := newFake(t, 1, holder(t, func(c client.Client, lock *recipes.Lock, token int64) {
		second := recipes.NewLock(c, "/lock") // in this test one client stands in line twice
		for _, timeout := range []time.Duration{0, time.Second} {
			start := c.Now()
			_, err := second.TryAcquire(timeout)
			assert.Equal(t, recipes.ErrNotAcquired, err)
			assert.Equal(t, timeout, c.Now()-start)
			assert.Len(t, lineNames(c), 1)
		}
		release := c.Spawn("release", func(c client.Client) {
			c.Sleep(time.Second)
			assert.NoError(t, removeFirst(c))
		})
		later, err := second.TryAcquire(time.Minute)
		assert.NoError(t, err)
		assert.Greater(t, later, token)
		c.Wait(release)
		assert.NoError(t, second.Release())
		assert.Equal(t, recipes.ErrNotHeld, second.Release())
	})...)
	f.run(1000)
}

func lineNames(c client.Client) []string {
	names, _, _ := c.Children("/lock")
	return names
}

// removeFirst deletes the first node by hand: a Lock belongs to its task.
func removeFirst(c client.Client) error {
	names := lineNames(c)
	for _, n := range names {
		if strings.HasSuffix(n, "0000000000") {
			return c.Delete("/lock/"+n, client.AnyVersion)
		}
	}
	return client.ErrNoNode
}

// Goal: two nodes of one attempt don't block the line. Method: a deposed leader hides
// the first from the client that looks for it.
func TestSecondNodeOfOneAttemptIsRemoved(t *testing.T) {
	for hide := range 3 {
		f := newFake(t, 1, lockClients()...)
		creates, hidden, creator, name := 0, (*node)(nil), (*fclient)(nil), ""
		f.fault = func(n int, c *fclient, call *client.Call) loss {
			if hidden != nil { // shown again
				f.nodes[name], hidden = hidden, nil
			}
			if call.Op == client.OpCreate && call.Mode == client.EphemeralSequential {
				if creates++; creates == 1+hide {
					creator = c
					return lossAfter
				}
			}
			if c == creator && call.Op == client.OpChildren && name == "" {
				for p, n := range f.nodes {
					if n.stat.EphemeralOwner == c.session.ID {
						name, hidden = p, n
						delete(f.nodes, p)
						break
					}
				}
			}
			return lossNone
		}
		f.run(stepsMax)
		checkLock(t, f)
		require.NotEmpty(t, name)
	}
}

// Goal: a value that was changed outside of its group's transaction is not shown.
func TestCacheShowsNoHalfGroup(t *testing.T) {
	f := newFake(t, 1, alone(func(c client.Client) {
		for _, p := range []string{"/config", "/config/g", "/config/g/a", "/config/g/b"} {
			c.Create(p, "0", client.Persistent)
		}
		c.Set("/config/g", "1")
		cache := recipes.NewConfigCache(c, "/config")
		assert.True(t, cache.Stale())
		c.Wait(cache.Ready())
		assert.Len(t, cache.Snapshot(), 2)
		assert.False(t, cache.Stale())
		c.Multi(client.SetOp("/config/g", "2", client.AnyVersion))
		c.Set("/config/g/a", "half")
		c.Sleep(time.Minute)
		value, ok := cache.Get("/config/g/a")
		assert.True(t, ok)
		assert.Equal(t, "0", value)
		c.Set("/config/g", "3")
		c.Sleep(time.Minute)
		value, _ = cache.Get("/config/g/a")
		assert.Equal(t, "half", value)
		c.Delete("/config/g/a", client.AnyVersion)
		c.Set("/config/g", "4")
		c.Sleep(time.Minute)
		_, ok = cache.Get("/config/g/a")
		assert.False(t, ok)
		c.Delete("/config/g/b", client.AnyVersion)
		c.Delete("/config/g", client.AnyVersion)
		c.Sleep(time.Minute)
		assert.Empty(t, cache.Snapshot())
		cache.Close()
		cache.Close()
	})...)
	f.run(5000)
	assert.Equal(t, []string{"/config/g"}, f.said("cache group gone"))
	assert.Len(t, f.said("cache gone"), 2)
}

// Goal: a new session on a server that is behind takes nothing back. Method: the
// nodes of an earlier time are served until the second sync.
func TestCacheTakesNothingOlder(t *testing.T) {
	programs := configClients()
	f := newFake(t, 5, programs[0], programs[1])
	var old, newest map[string]*node
	syncs := 0
	f.fault = func(n int, c *fclient, call *client.Call) loss {
		if old == nil && len(f.said("config write")) == 2 {
			old = map[string]*node{}
			for p, n := range f.nodes {
				own := *n
				old[p] = &own
			}
		}
		if newest == nil && len(f.said("done")) == 1 && f.now > int64(10*time.Second) {
			newest, f.nodes = f.nodes, old
			return lossExpiry
		}
		if newest != nil && call.Op == client.OpSync {
			if syncs++; syncs == 2 {
				f.nodes = newest
			}
		}
		return lossNone
	}
	programs[0] = recipes.ConfigWriterProgram("/config", "pool", 4, time.Millisecond)
	f.clients = append(f.clients, newFake(t, 1, &client.Program{Name: "clock", Run: func(c client.Client) {
		c.Sleep(12 * time.Second)
	}}).clients...)
	f.clients[2].number = 2
	f.clients[2].session.ID = 99
	// Wake the reader: its own calls are few.
	wake := &client.Program{Name: "reader", Run: func(c client.Client) {
		c.Spawn("prod", func(c client.Client) {
			c.Sleep(11 * time.Second)
			c.Exists("/config")
		})
		recipes.ConfigReaderProgram("/config", 30*time.Second).Run(c)
	}}
	f.clients[1].state.Program = wake
	f.run(stepsMax)
	assert.NotNil(t, newest)
	assert.GreaterOrEqual(t, syncs, 2)
	last := ""
	for _, d := range f.said("cache group") {
		assert.Greater(t, d, last, "zxids of equal length sort as text")
		last = d
	}
	assert.Contains(t, last, `a="3" b="3"`)
}

// Goal: a value that goes away while the group is read is not missing from the state
// before. Method: it is removed between the version node and the list of names.
func TestCacheSeesRemovalWhileReading(t *testing.T) {
	f := newFake(t, 1, alone(func(c client.Client) {
		for _, p := range []string{"/config", "/config/g", "/config/g/a", "/config/g/b"} {
			c.Create(p, "0", client.Persistent)
		}
		c.Set("/config/g", "1")
		cache := recipes.NewConfigCache(c, "/config")
		c.Wait(cache.Ready())
		cache.Close()
	})...)
	f.fault = func(n int, c *fclient, call *client.Call) loss {
		if call.Op == client.OpChildren && call.Path == "/config/g" && f.nodes["/config/g/b"] != nil {
			f.multi(c, []client.MultiOp{client.DeleteOp("/config/g/b", 0), client.SetOp("/config/g", "2", 1)})
		}
		return lossNone
	}
	f.run(1000)
	groups := f.said("cache group")
	require.Len(t, groups, 1)
	zxid := f.nodes["/config/g"].stat.Mzxid
	assert.Equal(t, fmt.Sprintf(`/config/g %d a="0"`, zxid), groups[0])
}
