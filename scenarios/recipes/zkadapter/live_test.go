package zkadapter_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/scenarios/recipes"
	"zabsim/scenarios/recipes/zkadapter"
	"zabsim/sim/client"
)

// servers returns the real ensemble that ZABSIM_ZOOKEEPER names ("host:port,..."),
// with a tick of at most 500 ms. Tests that need one are skipped without it.
func servers(t *testing.T) []string {
	list := os.Getenv("ZABSIM_ZOOKEEPER")
	if list == "" {
		t.Skip("set ZABSIM_ZOOKEEPER to host:port of a real server")
	}
	return strings.Split(list, ",")
}

// book holds the notes of all clients in the order in which they were made.
type book struct {
	mu    sync.Mutex
	notes []string
}

func (b *book) note(client, word, detail string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notes = append(b.notes, client+" "+word+": "+detail)
}

// with returns the notes that have a word.
func (b *book) with(word string) (out []string) {
	for _, n := range b.notes {
		if strings.Contains(n, " "+word+": ") {
			out = append(out, n)
		}
	}
	return out
}

// cutter dials and cuts connections: each after a while, and all while it is closed.
type cutter struct {
	after  time.Duration
	lossy  int // one in so many reads loses what it has read, and the connection
	mu     sync.Mutex
	closed bool
	conns  []net.Conn
}

func (x *cutter) dial(network, address string, limit time.Duration) (net.Conn, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return nil, errors.New("cut")
	}
	c, err := net.DialTimeout(network, address, limit)
	if err == nil {
		x.conns = append(x.conns, c)
		if x.after > 0 {
			time.AfterFunc(x.after/2+rand.N(x.after), func() { c.Close() })
		}
		if x.lossy > 0 {
			c = &lossyConn{Conn: c, one: x.lossy}
		}
	}
	return c, err
}

// lossyConn loses replies, not the first.
type lossyConn struct {
	net.Conn
	one, n int
}

// Read loses what it has read now and then.
func (c *lossyConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.n++; err == nil && c.n > 4 && rand.IntN(c.one) == 0 {
		c.Close()
		return 0, errors.New("lost")
	}
	return n, err
}

func (x *cutter) shut(closed bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.closed = closed
	for _, c := range x.conns {
		c.Close()
	}
}

// together runs programs, each as a client of its own.
func together(t *testing.T, list []string, b *book, x *cutter, programs ...*client.Program) {
	var wg sync.WaitGroup
	for i, p := range programs {
		wg.Go(func() {
			assert.NoError(t, zkadapter.RunProgram(list, p, zkadapter.WithName(fmt.Sprint("c", i+1)),
				zkadapter.WithNotes(b.note), zkadapter.WithDialer(x.dial), zkadapter.WithSessionTimeout(2*time.Second)))
		})
	}
	wg.Wait()
	t.Log(strings.Join(b.notes, "\n"))
}

// once runs one function as a client.
func once(t *testing.T, list []string, run func(c client.Client)) {
	require.NoError(t, zkadapter.RunProgram(list, &client.Program{Name: "once", Run: run}))
}

func fresh(prefix string) string { return fmt.Sprintf("/%s-%08x", prefix, rand.Uint32()) }

func TestLiveLock(t *testing.T) {
	list := servers(t)
	for _, x := range []*cutter{{}, {after: 400 * time.Millisecond}, {lossy: 15}} {
		var b book
		root := fresh("test") + "/lock"
		p := recipes.LockProgram(root, 4, 100*time.Millisecond)
		together(t, list, &b, x, p, p, p)
		require.Len(t, b.with("done"), 3)
		holder := ""
		for _, n := range b.notes {
			who, rest, _ := strings.Cut(n, " ")
			switch word, _, _ := strings.Cut(rest, ":"); word {
			case "acquired":
				assert.Empty(t, holder, n)
				holder = who
			case "released", "lost":
				holder = ""
			}
		}
		once(t, list, func(c client.Client) {
			_, stat, err := c.Get(strings.TrimSuffix(root, "lock") + "resource")
			assert.NoError(t, err)
			assert.GreaterOrEqual(t, int(stat.Version), 12)
			names, _, _ := c.Children(root)
			assert.Empty(t, names)
		})
	}
}

func TestLiveLockOverExpiry(t *testing.T) {
	list := servers(t)
	var b book
	root := fresh("test") + "/lock"
	p := recipes.LockProgram(root, 3, 400*time.Millisecond)
	x := &cutter{}
	time.AfterFunc(500*time.Millisecond, func() { x.shut(true) })
	time.AfterFunc(6*time.Second, func() { x.shut(false) })
	together(t, list, &b, x, p, p)
	assert.Len(t, b.with("done"), 2)
	assert.NotEmpty(t, b.with("session"), "sessions have expired")
}

func TestLiveConfig(t *testing.T) {
	list := servers(t)
	var b book
	root := fresh("test")
	w := recipes.ConfigWriterProgram(root, "pool", 5, 50*time.Millisecond)
	r := recipes.ConfigReaderProgram(root, 8*time.Second)
	together(t, list, &b, &cutter{after: 500 * time.Millisecond}, w, r, w, r)
	assert.Len(t, b.with("done"), 4)
	final := b.with("cache final")
	require.Len(t, final, 4)
	once(t, list, func(c client.Client) {
		data, stat, err := c.Get(root + "/pool/a")
		assert.NoError(t, err)
		assert.Contains(t, final[0], fmt.Sprintf("/a=%s %d", data, stat.Mzxid))
	})
	for _, n := range b.with("cache group") {
		var a, z int
		fields := strings.Fields(n)
		fmt.Sscanf(fields[len(fields)-2], "a=%q", &a)
		fmt.Sscanf(fields[len(fields)-1], "b=%q", &z)
		assert.Equal(t, a, z)
	}
}

// Goal: each method of the interface does on a real server what it says.
func TestLiveMethods(t *testing.T) {
	list := servers(t)
	root := fresh("test")
	once(t, list, func(c client.Client) {
		name, err := c.Create(root, "x", client.Persistent)
		assert.NoError(t, err)
		assert.Equal(t, root, name)
		_, err = c.Create(root, "x", client.Persistent)
		assert.Equal(t, client.ErrNodeExists, err)
		found, stat, err := c.Exists(root)
		assert.True(t, found && err == nil && stat.Czxid > 0)
		found, _, w, err := c.ExistsW(root + "/later")
		assert.True(t, !found && err == nil)
		names, _, kids, err := c.ChildrenW(root)
		assert.True(t, len(names) == 0 && err == nil)
		assert.Equal(t, -1, c.WaitTimeout(0, w, kids))
		name, err = c.Create(root+"/later", "", client.Ephemeral)
		assert.NoError(t, err)
		assert.Equal(t, 0, c.WaitTimeout(0, w), "the event is there before the reply")
		assert.Equal(t, client.Event{Type: client.EventNodeCreated, State: client.Connected, Path: name}, c.Next(w))
		assert.Equal(t, client.EventNodeChildrenChanged, c.Next(kids).Type)
		assert.Equal(t, client.EventNotWatching, c.Next(kids).Type)
		_, stat, _ = c.Get(name)
		assert.Equal(t, c.Session().ID, stat.EphemeralOwner)
		results, err := c.Multi(client.SetOp(root, "y", 0), client.CheckOp(root, 7), client.DeleteOp(root, 1))
		assert.Equal(t, client.ErrBadVersion, err)
		assert.Equal(t, []client.Code{client.OK, client.ErrBadVersion, client.ErrRuntimeInconsistency},
			[]client.Code{results[0].Code, results[1].Code, results[2].Code})
		results, err = c.Multi(client.SetOp(root, "y", 0), client.CreateOp(root+"/s-", "", client.PersistentSequential))
		assert.NoError(t, err)
		assert.EqualValues(t, 1, results[0].Stat.Version)
		assert.Regexp(t, "/s-[0-9]{10}$", results[1].Name)
		_, err = c.CompareAndSet(root, "z", 0)
		assert.Equal(t, client.ErrBadVersion, err)
		assert.NoError(t, c.Sync(root))
		acl, _, err := c.GetACL(root)
		assert.NoError(t, err)
		assert.Equal(t, []client.ACL{client.OpenACL()}, acl)
		_, err = c.SetACL(root, 0, client.OpenACL())
		assert.NoError(t, err)
		assert.NoError(t, c.AddAuth("digest", "me:pw"))
		_, err = c.Create(root+"/box", "", client.Container)
		assert.NoError(t, err)
		_, err = c.CreateTTL(root+"/ttl", "", client.PersistentTTL, time.Minute)
		assert.Equal(t, client.ErrUnimplemented, err, "off by default in a server")
		assert.Equal(t, client.ErrNotEmpty, c.Delete(root, client.AnyVersion))
		_, err = c.AddWatch(root, client.WatchRecursive)
		assert.EqualError(t, err, "zabsim: addWatch is not built")
		events := c.SessionEvents()
		assert.Equal(t, client.ErrInvalidState, c.NewSession())
		old := c.Session().ID
		_, _, dying, _ := c.GetW(root)
		assert.NoError(t, c.Close())
		assert.Equal(t, client.Event{Type: client.EventNotWatching, State: client.Closed}, c.Next(dying))
		_, _, err = c.Get(root)
		assert.Equal(t, client.ErrClosing, err)
		assert.NoError(t, c.NewSession())
		assert.NotEqual(t, old, c.Session().ID)
		assert.Equal(t, client.Closed, c.Next(events).State)
		found, _, err = c.Exists(root + "/later")
		assert.True(t, !found && err == nil)
	})
}
