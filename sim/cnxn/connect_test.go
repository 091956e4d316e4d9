package cnxn

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/client"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/txn"
)

func get(path string) client.Call { return client.Call{Op: client.OpGet, Path: path} }

func TestHandshake(t *testing.T) {
	r := newRig(t, Config{})
	assert.Equal(t, "dial 0; connect+10.000s", r.timed(r.c.Start))
	assert.Empty(t, r.do(r.c.Start), "once")
	assert.Equal(t, `connect+10.000s; send connect 0 "" zxid 0 timeout 30000`, r.timed(func(o *Out) { r.c.DialDone(1, o) }))
	assert.Equal(t, client.Connecting, r.c.State())
	m := zab.ClientMsg{Kind: zab.ConnectResponse, Session: 7, Connect: &zab.Connect{TimeoutMillis: 12_000, Password: "pw"}}
	assert.Equal(t, "stop connect; ping+3.000s; read+8.000s; expire+16.000s; state CONNECTED",
		r.timed(func(o *Out) { r.c.Received(1, &m, o) })[:len("stop connect; ping+3.000s; read+8.000s; expire+16.000s; state CONNECTED")])
	assert.Equal(t, "send ping; ping+3.000s", r.timed(func(o *Out) { r.c.TimerFired(TimerPing, o) }))
	pong := zab.ClientMsg{Kind: zab.ClientPong}
	assert.Equal(t, "read+8.000s; expire+16.000s", r.timed(func(o *Out) { r.c.Received(1, &pong, o) }))
	assert.EqualValues(t, 7, r.c.Session())
	assert.EqualValues(t, 12_000, r.c.TimeoutMillis())
}

func TestTimeouts(t *testing.T) {
	for _, c := range []struct {
		millis              int32
		servers             int
		connect, read, ping host.Duration
	}{
		{30_000, 3, 10_000, 20_000, 9_000},
		{30_000, 1, 30_000, 20_000, 9_000},
		{40_000, 3, 13_333, 26_666, 10_000},
		{6_000, 5, 1_200, 4_000, 1_000},
		{5_000, 5, 1_000, 3_333, 1_000},
		{1_500, 2, 750, 1_000, 500},
		{0, 0, 0, 0, 0},
	} {
		assert.Equal(t, c.connect*host.Millisecond, ConnectTimeout(c.millis, c.servers), "%+v", c)
		assert.Equal(t, c.read*host.Millisecond, ReadTimeout(c.millis), "%+v", c)
		assert.Equal(t, c.ping*host.Millisecond, PingInterval(c.millis), "%+v", c)
	}
}

// Servers are tried in turn; a round that ends pauses for a second more, and a
// round begins at the last server that was good.
func TestRoundRobin(t *testing.T) {
	r := newRig(t, Config{})
	r.do(r.c.Start)
	fail := func() string { return r.timed(r.c.DialFailed) }
	next := func() string { return r.fire(TimerBackoff) }
	assert.Equal(t, "stop connect; backoff+0.100s", fail())
	assert.Equal(t, "dial 1", next())
	assert.Equal(t, "stop connect; backoff+0.100s", fail())
	assert.Equal(t, "dial 2", next())
	assert.Equal(t, "stop connect; backoff+1.100s", fail())
	assert.Equal(t, "dial 0", next())
	fail()
	assert.Equal(t, "dial 1", next())
	r.connect()
	assert.Equal(t, "stop read; stop ping; state SUSPENDED; backoff+0.100s..1.000s", r.timed(func(o *Out) { r.c.ConnClosed(r.conn, o) }))
	assert.Equal(t, "dial 2", next())
	fail()
	next()
	assert.Equal(t, "stop connect; backoff+1.100s..1.000s", fail())
	assert.Equal(t, "dial 1", next())
}

func TestConnectTimeout(t *testing.T) {
	r := newRig(t, Config{})
	r.do(r.c.Start)
	assert.Equal(t, "abandon 0", r.fire(TimerConnect))
	assert.Equal(t, "close 9", r.do(func(o *Out) { r.c.DialDone(9, o) }), "too late")
	r.fire(TimerBackoff)
	r.conn = 2
	r.do(func(o *Out) { r.c.DialDone(2, o) })
	assert.Equal(t, "close 2", r.fire(TimerConnect), "a server that does not answer the handshake")
	assert.Equal(t, client.Connecting, r.c.State(), "never connected is not suspended")
}

func TestReadTimeout(t *testing.T) {
	r := newRig(t, Config{})
	r.start()
	assert.Equal(t, "close 1; state SUSPENDED", r.fire(TimerRead))
	assert.Empty(t, r.fire(TimerRead), "stale")
	assert.Empty(t, r.fire(TimerPing), "stale")
	assert.Empty(t, r.closed(), "of our own making")
}

// What was sent is lost; what was not is lost too, in Java, with the next dial that
// fails; and survives with KeepQueued.
func TestLoss(t *testing.T) {
	for _, keep := range []bool{false, true} {
		r := newRig(t, Config{KeepQueued: keep})
		r.start()
		assert.Equal(t, "send getData /a #1", r.submit(1, 0, get("/a")))
		assert.Equal(t, "send getData /b #2", r.submit(2, 0, get("/b")))
		assert.Equal(t, "state SUSPENDED; done 1 CONNECTIONLOSS; done 2 CONNECTIONLOSS", r.closed())
		assert.Equal(t, client.ErrConnectionLoss, r.done[0].Response.Code)
		assert.Empty(t, r.submit(3, 0, get("/c")))
		r.fire(TimerBackoff)
		if !keep {
			assert.Equal(t, "done 3 CONNECTIONLOSS unsent", r.do(r.c.DialFailed))
		} else {
			assert.Empty(t, r.do(r.c.DialFailed))
		}
		assert.Empty(t, r.submit(4, 0, get("/d")))
		r.fire(TimerBackoff)
		want := "state CONNECTED; send getData /d #3"
		if keep {
			want = "state CONNECTED; send getData /c #3; send getData /d #4"
		}
		assert.Equal(t, want, r.connect())
	}
}

func TestRepliesInOrder(t *testing.T) {
	r := newRig(t, Config{})
	r.start()
	r.submit(1, 0, get("/a"))
	r.submit(2, 0, get("/b"))
	assert.Equal(t, "done 1 OK", r.reply(1, 5, txn.Result{Data: "x"}))
	assert.Equal(t, "x", r.done[0].Response.Data)
	assert.EqualValues(t, 5, r.done[0].Zxid)
	r.submit(3, 0, get("/c"))
	assert.Equal(t, "close 1; state SUSPENDED; done 2 CONNECTIONLOSS; done 3 CONNECTIONLOSS", r.reply(3, 9, txn.Result{}))
	assert.EqualValues(t, 5, r.c.LastZxid(), "a reply that can't be has no zxid to go by")
	r.fire(TimerBackoff)
	r.connect()
	assert.Equal(t, "close 2; state SUSPENDED", r.reply(3, 9, txn.Result{}), "nothing was asked")
}

// The zxid that a client has seen comes from replies only, and not from errors of
// the server that have none.
func TestLastZxid(t *testing.T) {
	r := newRig(t, Config{})
	r.start()
	r.submit(1, 0, get("/a"))
	r.reply(1, 5, txn.Result{})
	r.submit(2, 0, get("/a"))
	r.reply(2, 0, txn.Result{Err: txn.SystemError})
	r.receive(zab.ClientMsg{Kind: zab.ClientPong, Zxid: 9})
	r.event(txn.NodeDeleted, "/a")
	assert.EqualValues(t, 5, r.c.LastZxid())
	r.closed()
	r.fire(TimerBackoff)
	assert.Equal(t, `send connect 7 "pw" zxid 5 timeout 30000`, r.do(func(o *Out) { r.c.DialDone(2, o) }))
}

func TestExpiry(t *testing.T) {
	r := newRig(t, Config{KeepQueued: true, SessionEvents: true})
	assert.Contains(t, r.start(), "event Session CONNECTED  to default")
	r.submit(1, 0, get("/a"))
	r.closed()
	r.submit(2, 0, get("/b"))
	r.fire(TimerBackoff)
	r.conn++
	r.do(func(o *Out) { r.c.DialDone(r.conn, o) })
	assert.Equal(t, "close 2; state EXPIRED; event Session EXPIRED  to default; done 2 SESSIONEXPIRED unsent",
		r.receive(zab.ClientMsg{Kind: zab.ConnectResponse}))
	assert.Equal(t, "done 3 SESSIONEXPIRED unsent", r.submit(3, 0, get("/b")))
	assert.Equal(t, client.ErrSessionExpired, r.done[0].Response.Code)
	assert.Equal(t, "done 4 OK unsent", r.submit(4, 0, client.Call{Op: client.OpClose}))
	assert.Equal(t, client.Expired, r.c.State(), "a close does not hide it")

	assert.Equal(t, "state CONNECTING; dial 0", r.submit(5, 0, client.Call{Op: client.OpNewSession}))
	assert.Contains(t, r.connect(), "state CONNECTED; event Session CONNECTED  to default; done 5 OK")
	r.submit(6, 0, client.Call{Op: client.OpNewSession})
	assert.Equal(t, client.ErrInvalidState, r.done[0].Response.Code)
}

// A new session may come to nothing, too.
func TestNewSessionFails(t *testing.T) {
	for _, c := range []struct {
		end  func(r *rig) string
		want client.Code
	}{
		{func(r *rig) string {
			r.conn++
			r.do(func(o *Out) { r.c.DialDone(r.conn, o) })
			return r.receive(zab.ClientMsg{Kind: zab.ConnectResponse})
		}, client.ErrSessionExpired},
		{func(r *rig) string {
			r.submit(2, 0, client.Call{Op: client.OpClose})
			return r.do(r.c.DialFailed)
		}, client.ErrClosing},
	} {
		r := newRig(t, Config{})
		r.start()
		r.fire(TimerExpire)
		r.submit(1, 0, client.Call{Op: client.OpNewSession})
		c.end(r)
		d := r.done[len(r.done)-1]
		assert.EqualValues(t, 1, d.Tag)
		assert.Equal(t, c.want, d.Response.Code)
		r.submit(3, 0, client.Call{Op: client.OpNewSession})
		r.connect()
		assert.EqualValues(t, 3, r.done[0].Tag, "and may be tried again")
	}
}

// ZOOKEEPER-4508: 4/3 of the time-out without a word end the session.
func TestLocalExpiry(t *testing.T) {
	r := newRig(t, Config{KeepQueued: true})
	r.start()
	r.closed()
	r.submit(1, 0, get("/a"))
	r.fire(TimerBackoff)
	assert.Equal(t, "abandon 1; stop connect; stop expire; state EXPIRED; done 1 SESSIONEXPIRED unsent",
		r.timed(func(o *Out) { r.c.TimerFired(TimerExpire, o) }))
	assert.Empty(t, r.fire(TimerBackoff))

	old := newRig(t, Config{NoLocalExpiry: true})
	old.do(old.c.Start)
	old.conn = 1
	old.do(func(o *Out) { old.c.DialDone(1, o) })
	m := zab.ClientMsg{Kind: zab.ConnectResponse, Session: 7, Connect: &zab.Connect{TimeoutMillis: 12_000}}
	assert.NotContains(t, old.timed(func(o *Out) { old.c.Received(1, &m, o) }), "expire")

	fresh := newRig(t, Config{})
	fresh.do(fresh.c.Start)
	assert.Empty(t, fresh.fire(TimerExpire), "without a session nothing expires")
}

func TestClose(t *testing.T) {
	r := newRig(t, Config{SessionEvents: true})
	r.start()
	assert.Equal(t, "send closeSession  #1", r.submit(1, 0, client.Call{Op: client.OpClose}))
	assert.Equal(t, "done 2 CONNECTIONLOSS unsent", r.submit(2, 0, get("/a")))
	assert.Equal(t, client.ErrClosing, r.done[0].Response.Code)
	assert.Equal(t, "close 1; state CLOSED; done 1 OK; event Session CLOSED  to default", r.reply(1, 8, txn.Result{}))
	r.submit(3, 0, get("/a"))
	assert.Equal(t, client.ErrClosing, r.done[0].Response.Code)
	assert.Equal(t, txn.SessionExpired, r.done[0].Code, "as in Java")

	lost := newRig(t, Config{})
	lost.start()
	lost.submit(1, 0, get("/a"))
	lost.submit(2, 0, client.Call{Op: client.OpClose})
	assert.Equal(t, "state CLOSED; done 1 CONNECTIONLOSS; done 2 OK", lost.closed())
	assert.Equal(t, client.ErrConnectionLoss, lost.done[0].Response.Code)

	away := newRig(t, Config{})
	away.do(away.c.Start)
	assert.Empty(t, away.submit(1, 0, client.Call{Op: client.OpClose}), "the dial under way is waited for")
	assert.Equal(t, "state CLOSED; done 1 OK unsent", away.do(away.c.DialFailed))

	never := newRig(t, Config{})
	assert.Equal(t, "state CLOSED; done 1 OK unsent", never.submit(1, 0, client.Call{Op: client.OpClose}))
}

// The wire order of a reconnect: ConnectRequest, identities, watches, and only
// after the answer; then what waited.
func TestReconnectOrder(t *testing.T) {
	r := newRig(t, Config{KeepQueued: true})
	r.start()
	r.ask(Ask{Req: txn.Request{Op: txn.OpAuth, Path: "digest", Data: "a:1"}})
	assert.Equal(t, "send addAuth digest #0; done 0 OK unsent", r.ask(Ask{Req: txn.Request{Op: txn.OpAuth, Path: "digest", Data: "b:2"}}))
	r.watch(txn.OpGetData, "/d", 1, 0, txn.OK)
	r.watch(txn.OpExists, "/e", 1, 0, txn.NoNode)
	r.watch(txn.OpGetChildren, "/c", 1, 0, txn.OK)
	r.submit(9, 0, get("/z"))
	r.reply(r.c.xid, 77, txn.Result{})
	r.closed()
	r.submit(1, 0, get("/q"))
	r.fire(TimerBackoff)
	r.conn++
	assert.Equal(t, `send connect 7 "pw" zxid 77 timeout 30000`, r.do(func(o *Out) { r.c.DialDone(r.conn, o) }))
	assert.Equal(t, "state CONNECTED; send addAuth digest #0; send addAuth digest #0; send setWatches  #5; send getData /q #6", r.accept())
	assert.Equal(t, "b:2", r.sent[0].Req.Data)
	assert.Equal(t, &txn.WatchLists{Relative: 77, Data: []string{"/d"}, Exist: []string{"/e"}, Child: []string{"/c"}}, r.sent[2].Req.More.Watches)
	assert.Empty(t, r.reply(5, 0, txn.Result{}), "nobody waits for it")
	assert.Equal(t, "done 1 OK", r.reply(6, 0, txn.Result{}))

	r.closed()
	r.ask(Ask{Req: txn.Request{Op: txn.OpAuth, Path: "digest", Data: "c:3"}})
	r.fire(TimerBackoff)
	r.do(r.c.DialFailed)
	r.fire(TimerBackoff)
	assert.Equal(t, 3, strings.Count(r.connect(), "addAuth"), "each identity once")
	r.reply(r.c.xid, 0, txn.Result{})

	r.watch(txn.OpAddWatch, "/r", 2, 1, txn.OK)
	r.closed()
	r.fire(TimerBackoff)
	assert.Contains(t, r.connect(), "send setWatches2", "for recursive watches alone")
	r.reply(r.c.xid, 0, txn.Result{})

	r.watch(txn.OpAddWatch, "/p", 2, 0, txn.OK)
	r.closed()
	r.fire(TimerBackoff)
	assert.Contains(t, r.connect(), "send setWatches2")
	assert.Equal(t, []string{"/p"}, r.sent[3].Req.More.Watches.Persistent)
	assert.Equal(t, []string{"/r"}, r.sent[3].Req.More.Watches.Recursives)
}

// Many watches come back in portions of about 128 KiB, the last one first; each
// path once.
func TestSetWatchesInPortions(t *testing.T) {
	r := newRig(t, Config{})
	r.start()
	long := "/" + strings.Repeat("x", 30_000)
	for i := range 10 {
		r.watch(txn.OpGetData, long+string(rune('0'+i)), 1, 0, txn.OK)
		r.watch(txn.OpGetData, long+string(rune('0'+i)), 2, 0, txn.OK)
	}
	r.watch(txn.OpAddWatch, "/p", 1, 0, txn.OK)
	r.closed()
	r.fire(TimerBackoff)
	r.connect()
	require.Len(t, r.sent, 3)
	var sizes []int
	for _, m := range r.sent {
		sizes = append(sizes, len(m.Req.More.Watches.Data))
	}
	assert.Equal(t, []int{0, 5, 5}, sizes)
	assert.Equal(t, txn.OpSetWatches2, r.sent[0].Req.Op)
	assert.Equal(t, txn.OpSetWatches, r.sent[1].Req.Op)

	off := newRig(t, Config{NoWatchReset: true})
	off.start()
	off.watch(txn.OpGetData, "/d", 1, 0, txn.OK)
	off.watch(txn.OpAddWatch, "/p", 1, 0, txn.OK)
	off.closed()
	off.fire(TimerBackoff)
	assert.Equal(t, "state CONNECTED", off.connect())
	assert.Equal(t, 1, off.c.Watches(), "one-shot watches are gone")
}

func TestAuthFailed(t *testing.T) {
	r := newRig(t, Config{SessionEvents: true})
	r.start()
	r.watch(txn.OpGetData, "/a", 1, 0, txn.OK)
	r.ask(Ask{Req: txn.Request{Op: txn.OpAuth, Path: "nope", Data: "x"}})
	r.submit(1, 0, get("/a"))
	assert.Equal(t, "close 1; state AUTH_FAILED; event Session AUTH_FAILED  to w1,default; done 1 AUTHFAILED",
		r.receive(zab.ClientMsg{Kind: zab.ClientReply, Op: txn.OpAuth, Result: txn.Result{Err: txn.AuthFailed}}))
	assert.Equal(t, "done 2 AUTHFAILED unsent", r.submit(2, 0, get("/a")))
	assert.Empty(t, r.closed())
	r.submit(3, 0, client.Call{Op: client.OpNewSession})
	assert.NotContains(t, r.connect(), "addAuth", "a new session knows nobody")
}

// Whatever a broken server sends, the client drops the connection at worst.
func TestMalformed(t *testing.T) {
	for _, m := range []zab.ClientMsg{
		{}, {Kind: 99}, {Kind: zab.ClientEvent}, {Kind: zab.ClientEvent, Event: &txn.Event{Type: 9}}, {Kind: zab.ConnectResponse},
	} {
		r := newRig(t, Config{})
		r.start()
		assert.Equal(t, "close 1; state SUSPENDED", r.receive(m), "%+v", m)
	}
	for _, m := range []zab.ClientMsg{{}, {Kind: zab.ClientReply}, {Kind: zab.ConnectResponse, Session: 3}} {
		r := newRig(t, Config{})
		r.do(r.c.Start)
		r.conn = 1
		r.do(func(o *Out) { r.c.DialDone(1, o) })
		assert.Equal(t, "close 1", r.receive(m), "%+v", m)
	}
	r := newRig(t, Config{})
	r.start()
	old := zab.ClientMsg{Kind: zab.ClientEvent}
	assert.Empty(t, r.do(func(o *Out) { r.c.Received(5, &old, o) }), "of another connection")
	r.watch(txn.OpAddWatch, "/", 1, 1, txn.OK)
	for _, path := range []string{"", "/", "x", "//"} {
		r.event(txn.NodeCreated, path)
	}
}
