package cnxn

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/internal/fp"
	"zabsim/internal/statecheck"
	"zabsim/sim/client"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// move is one random input. Its numbers are taken modulo what there is, so that
// most inputs mean something.
type move struct{ kind, a, b int }

func (m move) apply(c *Client, tag uint32, out *Out) {
	if m.kind >= calls {
		m.advance(c, tag, out)
		return
	}
	path := []string{"/a", "/a/b", "/c", "bad"}[m.b%4]
	switch m.kind {
	case 0:
		c.DialDone(host.ConnID(tag), out)
	case 1:
		c.DialFailed(out)
	case 2:
		c.ConnClosed(c.Conn(), out)
	case 3:
		if timer := Timer(m.a % int(TimerCount)); c.Running(timer) {
			c.TimerFired(timer, out)
		}
	case 4:
		session := txn.SessionID(1)
		if m.a%8 == 0 {
			session = 0
		}
		c.Received(c.Conn(), &zab.ClientMsg{Kind: zab.ConnectResponse, Session: session, Connect: &zab.Connect{TimeoutMillis: 9000, Password: "p"}}, out)
	case 5, 6:
		reply := zab.ClientMsg{Kind: zab.ClientReply, Cxid: 1 << 30, Zxid: zxid.Zxid(tag)}
		if len(c.pending) > 0 && m.b%16 != 0 {
			reply.Cxid = c.pending[0].req.Cxid
		}
		reply.Result.Err = []txn.Code{txn.OK, txn.OK, txn.NoNode, txn.NoWatcher}[m.a%4]
		c.Received(c.Conn(), &reply, out)
	case 7:
		c.Received(c.Conn(), &zab.ClientMsg{Kind: zab.ClientEvent, Event: &txn.Event{Type: txn.EventType(m.a%5 + 1), Path: path}}, out)
	case 8:
		c.Received(c.Conn(), &zab.ClientMsg{Kind: zab.ClientReply, Op: txn.OpAuth, Result: txn.Result{Err: []txn.Code{0, 0, 0, txn.AuthFailed}[m.a%4]}}, out)
	case 9:
		op := []client.Op{client.OpClose, client.OpNewSession, client.OpAddAuth, client.OpSession}[m.a%4]
		c.Submit(&client.Call{Op: op, Path: "digest", Data: path}, tag, 0, out)
	case 10:
		c.Submit(&client.Call{Op: client.OpRemoveWatch, ID: uint32(m.a)}, tag, 0, out)
	case 11:
		c.Start(out)
	default:
		op := []client.Op{client.OpGet, client.OpExists, client.OpChildren, client.OpAddWatch, client.OpSet, client.OpMulti}[m.a%6]
		c.Submit(&client.Call{Op: op, Path: path, Watch: true}, tag, Watcher(tag%16), out)
	}
}

const calls = 20 // the first kind of move that advances

// advance does what brings the client closer to a connection.
func (m move) advance(c *Client, tag uint32, out *Out) {
	switch c.phase {
	case phaseNew:
		c.Start(out)
	case phaseBackoff:
		c.TimerFired(TimerBackoff, out)
	case phaseDialing:
		c.DialDone(host.ConnID(tag), out)
	case phaseHandshake:
		move{4, max(m.a, 1), m.b}.apply(c, tag, out)
	case phaseConnected:
		move{5, m.a, max(m.b, 1)}.apply(c, tag, out)
	}
}

var moves = rapid.Custom(func(t *rapid.T) move {
	return move{rapid.IntRange(0, 2*calls).Draw(t, "kind"), rapid.IntRange(0, 31).Draw(t, "a"), rapid.IntRange(0, 31).Draw(t, "b")}
})

// Goal: a client is a value, and keeps its books. Method: random inputs to a client
// and, from the middle on, to its copy; each call completes once, the copy and the
// original do the same, and no bookkeeping differs from a new count.
func TestRandomInputs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{
			Servers: 3, TimeoutMillis: 9000, KeepQueued: rapid.Bool().Draw(t, "keep"),
			SessionEvents: rapid.Bool().Draw(t, "events"), NoWatchReset: rapid.Bool().Draw(t, "reset"),
		}
		c := New(&cfg)
		var out, again Out
		open := map[uint32]bool{}
		var timers [TimerCount]bool
		list := rapid.SliceOfN(moves, 1, 120).Draw(t, "moves")
		for i, m := range list {
			tag := uint32(i + 1)
			var dup Client
			quiet := m.kind < 9 || m.kind == 11 || m.kind >= calls
			c.CloneInto(&dup)
			before := c.Fingerprint()
			require.Equal(t, before, dup.Fingerprint())
			open[tag] = !quiet
			out.Reset()
			if m.kind == 3 { // it fires once
				timers[m.a%int(TimerCount)] = false
			}
			if m.kind >= calls && c.phase == phaseBackoff {
				timers[TimerBackoff] = false
			}
			m.apply(c, tag, &out)
			require.Equal(t, before, dup.Fingerprint(), "the copy is its own")
			checkWatches(t, &dup)
			again.Reset()
			m.apply(&dup, tag, &again)
			require.Equal(t, fmt.Sprint(out.Effects, out.events), fmt.Sprint(again.Effects, again.events))
			require.Equal(t, c.Fingerprint(), dup.Fingerprint())
			for j := range out.Effects {
				switch e := &out.Effects[j]; e.Kind {
				case SetTimer:
					timers[e.Timer] = true
				case StopTimer:
					timers[e.Timer] = false
				case Complete:
					d := out.Completion(e)
					require.True(t, open[d.Tag], "tag %d completes twice", d.Tag)
					open[d.Tag] = false
				}
			}
			for timer := range TimerCount {
				require.Equal(t, timers[timer], c.Running(timer), "%v", timer)
			}
			check(t, c, open)
		}
	})
}

func check(t *rapid.T, c *Client, open map[uint32]bool) {
	waiting := 0
	for _, o := range open {
		if o {
			waiting++
		}
	}
	sent, queued := c.Outstanding()
	if c.opening {
		waiting--
	}
	require.Equal(t, waiting, sent+queued, "who waits is in a list")
	require.Equal(t, c.phase == phaseConnected, c.state == client.Connected)
	require.Equal(t, c.phase == phaseDead, !c.Alive())
	require.Equal(t, c.phase == phaseHandshake || c.phase == phaseConnected, c.conn != 0)
	if c.phase == phaseConnected {
		require.Zero(t, queued)
	} else {
		require.Zero(t, sent)
	}
	checkWatches(t, c)
}

func checkWatches(t *rapid.T, c *Client) {
	var sum fp.Sum
	for table, list := range c.watches.table {
		for i, w := range list {
			sum = sum.Add(uint64(table), w.hash())
			require.True(t, i == 0 || list[i-1].compare(w) < 0, "sorted")
		}
	}
	require.Equal(t, sum, c.watches.sum)
}

// No field is forgotten by Fingerprint or CloneInto. The sum of the watches stands
// for their tables, so that the tables are added here for the test of the clone.
func TestNoFieldForgotten(t *testing.T) {
	fresh := func() any {
		r := newRig(t, Config{})
		r.start()
		c := &r.c
		two := func(path string) []packet {
			p := packet{req: (&txn.Request{Op: txn.OpGetData, Path: path}).Seal(), tag: 1, watcher: 2, table: 1, removes: TypeAny, local: true, quiet: true, call: client.OpGet}
			q := p
			q.tag = 2
			return []packet{p, q}
		}
		c.pending, c.queue = two("/a"), two("/b")
		c.auth = []identity{{"digest", "a"}, {"ip", "b"}}
		for table := range tableCount {
			c.watches.add(table, watch{"/a", 1})
			c.watches.add(table, watch{"/b", 2})
		}
		return c
	}
	clone := func(src any) any {
		dst := new(Client)
		src.(*Client).CloneInto(dst)
		return dst
	}
	hash := func(v any) uint64 {
		c := v.(*Client)
		h := c.Fingerprint()
		for _, list := range c.watches.table {
			for i := range list {
				h = h.Word(uint64(list[i].hash()))
			}
		}
		return uint64(h)
	}
	statecheck.Fields(t, fresh, clone, hash, "cfg: configuration, the same for a whole run", "*txn.Request: immutable")
}

// Copies of one client that go different ways don't meet again.
func TestCopiesDrift(t *testing.T) {
	r := newRig(t, Config{})
	r.start()
	auth := func(c *Client, data string) {
		c.Ask(&Ask{Req: txn.Request{Op: txn.OpAuth, Path: "digest", Data: data}}, &r.out)
	}
	for _, data := range []string{"1", "2", "3"} { // room for a fourth
		auth(&r.c, data)
	}
	var dup Client
	r.c.CloneInto(&dup)
	auth(&r.c, "a")
	before := r.c.Fingerprint()
	auth(&dup, "b")
	require.Equal(t, before, r.c.Fingerprint())
	require.NotEqual(t, before, dup.Fingerprint())
}

// Each part of the state is in the fingerprint.
func TestFingerprint(t *testing.T) {
	seen := map[fp.Hash]string{}
	base := func() *rig {
		r := newRig(t, Config{SessionEvents: true})
		r.start()
		return r
	}
	for name, change := range map[string]func(r *rig){
		"nothing":   func(r *rig) {},
		"request":   func(r *rig) { r.submit(1, 0, get("/a")) },
		"tag":       func(r *rig) { r.submit(2, 0, get("/a")) },
		"path":      func(r *rig) { r.submit(1, 0, get("/b")) },
		"watcher":   func(r *rig) { r.submit(1, 1, client.Call{Op: client.OpGet, Path: "/a", Watch: true}) },
		"watcher 2": func(r *rig) { r.submit(1, 2, client.Call{Op: client.OpGet, Path: "/a", Watch: true}) },
		"watch":     func(r *rig) { r.watch(txn.OpGetData, "/a", 1, 0, txn.OK) },
		"watch 2":   func(r *rig) { r.watch(txn.OpGetData, "/a", 2, 0, txn.OK) },
		"exist":     func(r *rig) { r.watch(txn.OpExists, "/a", 1, 0, txn.NoNode) },
		"answered":  func(r *rig) { r.watch(txn.OpGetData, "/a", 1, 0, txn.NoNode) },
		"zxid":      func(r *rig) { r.submit(1, 0, get("/a")); r.reply(1, 4, txn.Result{}) },
		"auth":      func(r *rig) { r.ask(Ask{Req: txn.Request{Op: txn.OpAuth, Path: "digest", Data: "x"}}) },
		"auth 2":    func(r *rig) { r.ask(Ask{Req: txn.Request{Op: txn.OpAuth, Path: "digest", Data: "y"}}) },
		"closing":   func(r *rig) { r.submit(1, 0, client.Call{Op: client.OpClose}) },
		"lost":      func(r *rig) { r.closed() },
		"dialing":   func(r *rig) { r.closed(); r.fire(TimerBackoff) },
		"queued":    func(r *rig) { r.closed(); r.submit(1, 0, get("/a")) },
		"expired":   func(r *rig) { r.fire(TimerExpire) },
		"fresh":     func(r *rig) { r.fire(TimerExpire); r.submit(1, 0, client.Call{Op: client.OpNewSession}) },
		"fresh 2":   func(r *rig) { r.fire(TimerExpire); r.submit(2, 0, client.Call{Op: client.OpNewSession}) },
		"password":  func(r *rig) { r.c.password = "other" },
		"conn":      func(r *rig) { r.c.conn++ },
	} {
		r := base()
		change(r)
		h := r.c.Fingerprint()
		assert.Empty(t, seen[h], "the same as %s", name)
		seen[h] = name
	}
}

// Goal: a ping, its answer, a copy and an event that calls somebody allocate
// nothing once there is memory.
func TestNoAllocations(t *testing.T) {
	r := newRig(t, Config{})
	r.start()
	r.watch(txn.OpAddWatch, "/a", 1, 1, txn.OK)
	r.submit(1, 0, get("/b"))
	pong := zab.ClientMsg{Kind: zab.ClientPong}
	event := zab.ClientMsg{Kind: zab.ClientEvent, Event: &txn.Event{Type: txn.NodeCreated, Path: "/a/b/c"}}
	var out Out
	var dup Client
	for name, f := range map[string]func(){
		"ping":        func() { r.c.TimerFired(TimerPing, &out) },
		"pong":        func() { r.c.Received(1, &pong, &out) },
		"event":       func() { r.c.Received(1, &event, &out) },
		"copy":        func() { r.c.CloneInto(&dup) },
		"fingerprint": func() { r.c.Fingerprint() },
	} {
		assert.Zero(t, testing.AllocsPerRun(100, func() { out.Reset(); f() }), name)
	}
}

func BenchmarkPing(b *testing.B) {
	r := newRig(b, Config{})
	r.start()
	pong := zab.ClientMsg{Kind: zab.ClientPong}
	var out Out
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		r.c.TimerFired(TimerPing, &out)
		r.c.Received(1, &pong, &out)
	}
}

func BenchmarkGet(b *testing.B) {
	r := newRig(b, Config{})
	r.start()
	call := get("/a")
	m := zab.ClientMsg{Kind: zab.ClientReply, Zxid: 3}
	var out Out
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		r.c.Submit(&call, 1, 0, &out)
		m.Cxid = r.c.xid
		r.c.Received(1, &m, &out)
	}
}

func BenchmarkClone(b *testing.B) {
	r := newRig(b, Config{})
	r.start()
	for i := range 20 {
		r.submit(uint32(i), 0, get("/a"))
	}
	var dup Client
	b.ReportAllocs()
	for b.Loop() {
		r.c.CloneInto(&dup)
	}
}
