package zkadapter_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/scenarios/recipes/zkadapter"
	"zabsim/sim/client"
)

// stub is a server behind a pipe that knows three things: to open a session, to
// answer deletes and syncs with OK, and to end a session. Of all else it hangs up.
type stub struct {
	mu       sync.Mutex
	sessions int64            // opened so far
	refuse   bool             // the next one who comes back with a session is told that it has expired
	served   map[int64]int    // operations by session
	hangUp   func(n int) bool // before the answer to the n-th operation
	n        int
}

func (s *stub) dial(string, string, time.Duration) (net.Conn, error) {
	near, far := net.Pipe()
	go func() {
		defer far.Close()
		s.talk(far)
	}()
	return near, nil
}

func (s *stub) talk(c net.Conn) {
	frame := func() []byte {
		var size [4]byte
		if _, err := io.ReadFull(c, size[:]); err != nil {
			return nil
		}
		buf := make([]byte, binary.BigEndian.Uint32(size[:]))
		io.ReadFull(c, buf)
		return buf
	}
	send := func(b []byte) { c.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)) }
	hello := frame()
	if len(hello) < 24 {
		return
	}
	id := s.open(int64(binary.BigEndian.Uint64(hello[16:])))
	reply := binary.BigEndian.AppendUint32(nil, 0)
	reply = binary.BigEndian.AppendUint32(reply, 4000)
	reply = binary.BigEndian.AppendUint64(reply, uint64(id))
	send(append(binary.BigEndian.AppendUint32(reply, 16), make([]byte, 16)...))
	for id != 0 {
		b := frame()
		if len(b) < 8 {
			return
		}
		xid, op := binary.BigEndian.Uint32(b), int32(binary.BigEndian.Uint32(b[4:]))
		if op != 11 && op != -11 && s.serve(id) { // neither ping nor close
			return
		}
		reply := binary.BigEndian.AppendUint32(nil, xid)
		reply = binary.BigEndian.AppendUint64(reply, 7)
		reply = binary.BigEndian.AppendUint32(reply, 0)
		send(append(reply, 0, 0, 0, 1, '/')) // as a path, for sync
		if op == -11 {
			return
		}
	}
}

func (s *stub) open(old int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old != 0 && s.refuse {
		s.refuse = false
		return 0
	}
	if old != 0 {
		return old
	}
	s.sessions++
	return s.sessions
}

func (s *stub) serve(session int64) (hangUp bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	s.served[session]++
	return s.hangUp != nil && s.hangUp(s.n)
}

func (s *stub) run(p func(c client.Client), more ...zkadapter.Option) error {
	s.served = map[int64]int{}
	return zkadapter.RunProgram([]string{"127.0.0.1:1"}, &client.Program{Name: "p", Run: p},
		append(more, zkadapter.WithDialer(s.dial), zkadapter.WithSeed(1))...)
}

// settled repeats do while it is lost: a request that waits during a round of
// dialling may be given up unsent.
func settled(do func() error) (err error) {
	for err = client.ErrConnectionLoss; err == client.ErrConnectionLoss; {
		err = do()
	}
	return err
}

// Goal: a lost reply is told, the session comes back, and what was asked before the
// expiry never happens in a session that nobody asked for.
func TestLossThenExpiry(t *testing.T) {
	var s stub
	s.hangUp = func(n int) bool {
		s.refuse = n == 3
		return n == 1 || n == 3
	}
	require.NoError(t, s.run(func(c client.Client) {
		events := c.SessionEvents()
		for c.Session().State == client.Connecting {
			c.Wait(events)
			c.Next(events)
		}
		for c.WaitTimeout(0, events) == 0 {
			c.Next(events)
		}
		assert.Equal(t, client.ErrConnectionLoss, c.Delete("/a", 0))
		assert.Contains(t, []client.State{client.Suspended, client.Connected}, c.Session().State)
		assert.NoError(t, settled(func() error { return c.Sync("/a") }))
		assert.Equal(t, client.SessionID(1), c.Session().ID)
		assert.Equal(t, client.ErrConnectionLoss, c.Delete("/a", 0))
		assert.Equal(t, client.ErrSessionExpired, settled(func() error { return c.Delete("/a", 0) }))
		assert.Equal(t, client.ErrSessionExpired, c.Sync("/a"))
		assert.Equal(t, client.Expired, c.Session().State)
		c.Sleep(1500 * time.Millisecond) // after 1 s the library would open a session by itself
		assert.NoError(t, c.NewSession())
		assert.Equal(t, client.Session{ID: 2, State: client.Connected, Timeout: 10 * time.Second}, c.Session())
		assert.NoError(t, settled(func() error { return c.Delete("/a", 0) }))
		var states []client.State
		for c.WaitTimeout(0, events) == 0 {
			states = append(states, c.Next(events).State)
		}
		assert.Equal(t, []client.State{client.Suspended, client.Connected, client.Suspended, client.Expired,
			client.Connecting, client.Connected}, states)
	}))
	assert.Equal(t, map[int64]int{1: 3, 2: 1}, s.served)
	assert.EqualValues(t, 2, s.sessions)
}

// Goal: tasks of one client never run at the same moment. Method: they add to one
// variable without a lock between calls, also for the race detector.
func TestTasksTakeTurns(t *testing.T) {
	var s stub
	sum, inside := 0, false
	require.NoError(t, s.run(func(c client.Client) {
		var tasks []client.Waitable
		flag := c.NewFlag()
		for range 8 {
			tasks = append(tasks, c.Spawn("add", func(c client.Client) {
				c.Wait(flag)
				for range 200 {
					assert.False(t, inside)
					inside = true
					sum++
					time.Sleep(time.Microsecond)
					inside = false
					c.Rand(7)
				}
			}))
		}
		c.Sleep(time.Millisecond)
		assert.Zero(t, sum)
		c.Raise(flag)
		for _, task := range tasks {
			c.Wait(task)
		}
		assert.Equal(t, 1600, sum)
		assert.Equal(t, -1, c.WaitTimeout(time.Millisecond, client.Task{}))
		assert.Equal(t, 0, c.Wait(client.Flag{}, client.Watch{}))
		assert.Equal(t, client.EventNotWatching, c.Next(client.Watch{}).Type)
		_, _, err := c.CreateStat("/a", "", client.Persistent)
		assert.ErrorIs(t, err, client.ErrNotBuilt)
		assert.ErrorIs(t, c.RemoveWatch(client.Watch{}), client.ErrNotBuilt)
	}))
}

// Goal: a program can be stopped at a call. Deferred functions run, calls in them do
// not return, and a panic of one task ends the others.
func TestStopAndPanic(t *testing.T) {
	var s stub
	var log []string
	ctx, cancel := context.WithCancelCause(context.Background())
	enough := errors.New("enough")
	err := s.run(func(c client.Client) {
		defer func() { log = append(log, "end") }()
		defer func() { c.Sync("/a"); log = append(log, "synced") }()
		defer func() { _ = recover() }()
		c.Spawn("stop", func(c client.Client) { cancel(enough); c.Sleep(time.Hour) })
		c.Wait()
	}, zkadapter.WithContext(ctx))
	assert.Equal(t, enough, err)
	assert.Equal(t, []string{"end"}, log)

	err = s.run(func(c client.Client) {
		c.Spawn("bad", func(c client.Client) { panic("no idea") })
		c.Sleep(time.Hour)
	})
	assert.EqualError(t, err, "zkadapter: client c1, task 1 (bad): panic: no idea")
	assert.Error(t, zkadapter.RunProgram(nil, &client.Program{Run: func(client.Client) {}}))
}
