package zab

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"zabsim/tree"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// newSessionRig returns n servers that are down, keep sessions, and have an empty
// tree on their disks.
func newSessionRig(t testing.TB, n int, change ...func(*Config)) *rig {
	r := newRig(t, n)
	for id := quorum.ServerID(1); int(id) <= n; id++ {
		c := &r.cfgs[id]
		c.Sessions = true
		for _, f := range change {
			f(c)
		}
		img := imageOf(0, 0, nil)
		machine := tree.New(&tree.Config{Bugs: c.Bugs, ExtendedTypes: true})
		img.Snaps = []*Snapshot{NewSnapshot(0, 0, 0, machine)}
		r.disk(id, img)
	}
	return r
}

// sessionEnsemble is ensemble with sessions and a tree; n1 leads.
func sessionEnsemble(t testing.TB, n int, change ...func(*Config)) *rig {
	r := newSessionRig(t, n, change...)
	var followers []quorum.ServerID
	for id := quorum.ServerID(1); int(id) <= n; id++ {
		if r.start(id); id != 1 {
			followers = append(followers, id)
		}
	}
	r.elect(1, followers...).settle()
	require.True(t, r.servers[1].serving)
	r.take()
	return r
}

// lone returns a standalone server.
func lone(t testing.TB, change ...func(*Config)) *rig {
	r := newSessionRig(t, 1, append(change, func(c *Config) { c.Standalone = true })...)
	r.start(1).settle()
	require.True(t, r.servers[1].serving)
	r.take()
	return r
}

func with(b bug.Switch) func(*Config) { return func(c *Config) { c.Bugs = c.Bugs.With(b) } }

// attach opens a connection and says m, a ConnectRequest.
func (r *rig) attach(at quorum.ServerID, m ClientMsg) *rigClient {
	c := &rigClient{r: r, at: at, id: m.Session, conn: host.ConnID(len(r.conns) + 1)}
	r.conns = append(r.conns, &rigConn{plane: PlaneClient, side: [2]quorum.ServerID{0, at}, open: [2]bool{true, true}, client: c})
	m.Kind = ConnectRequest
	c.say(m)
	return c
}

// open makes a new session with a time-out in milliseconds.
func (r *rig) open(at quorum.ServerID, timeout int32) *rigClient {
	c := r.attach(at, ClientMsg{Connect: &Connect{TimeoutMillis: timeout, Addr: "127.0.0.1"}})
	r.settle()
	require.Len(r.t, c.heard, 1)
	c.id = c.heard[0].Session
	require.NotZero(r.t, c.id)
	return c
}

// resume comes back to a session at a server; nothing is delivered yet.
func (c *rigClient) resume(at quorum.ServerID) *rigClient {
	d := c.r.attach(at, ClientMsg{Session: c.id, Connect: &Connect{TimeoutMillis: 4000, Password: Password(c.id), Addr: "127.0.0.1"}})
	d.cxid = c.cxid
	return d
}

func (c *rigClient) request(q txn.Request) *rigClient {
	c.cxid++
	q.Session, q.Cxid = c.id, c.cxid
	c.say(ClientMsg{Kind: ClientRequest, Session: c.id, Req: &q})
	return c
}

// create makes a node; flags is 1 for an ephemeral one.
func (c *rigClient) create(path string, flags int32) *rigClient {
	return c.request(txn.Request{Op: txn.OpCreate, Path: path, Flags: flags})
}

func (c *rigClient) exists(path string, watch bool) *rigClient {
	return c.request(txn.Request{Op: txn.OpExists, Path: path, Watch: watch})
}

func (c *rigClient) close() *rigClient { return c.request(txn.Request{Op: txn.OpCloseSession}) }
func (c *rigClient) ping() *rigClient {
	c.say(ClientMsg{Kind: ClientPing, Session: c.id})
	return c
}

// news settles and returns what the client heard since the last call, one line each:
// "1 create OK", "event NodeCreated /a", "session 4000", "no session", "pong",
// "closed".
func (c *rigClient) news() []string {
	c.r.settle()
	got := []string{}
	for i := range c.heard {
		got = append(got, c.heard[i].line())
	}
	c.heard = c.heard[:0]
	if c.closed {
		got = append(got, "closed")
	}
	return got
}

func (m *ClientMsg) line() string {
	switch m.Kind {
	case ConnectResponse:
		if m.Session == 0 {
			return fmt.Sprintf("no session %d %x", m.Connect.TimeoutMillis, strings.Trim(m.Connect.Password, "\x00"))
		}
		return fmt.Sprintf("session %d", m.Connect.TimeoutMillis)
	case ClientPong:
		return "pong"
	case ClientEvent:
		return fmt.Sprintf("event %v %s", m.Event.Type, m.Event.Path)
	}
	text := fmt.Sprintf("%d %v %v", m.Cxid, m.Op, m.Result.Err)
	if more := m.Result.More; more != nil {
		for i := range more.Results {
			text += fmt.Sprintf(" %v", more.Results[i].Err)
		}
	}
	return text
}

// pass lets time go by on all servers; no timer fires.
func (r *rig) pass(d host.Duration) *rig {
	r.now = r.now.Add(d)
	return r
}

// expiry lets the expiry thread of a server wake when its timer says.
func (r *rig) expiry(id quorum.ServerID) *rig {
	after := r.timers[id][TimerSession]
	return r.pass(after).fire(id, TimerSession).settle()
}

// sessionsOf returns the sessions that a server's database knows.
func (r *rig) sessionsOf(id quorum.ServerID) (list []txn.SessionID) {
	r.servers[id].sm.Sessions(func(s txn.SessionID, _ int32) bool {
		list = append(list, s)
		return true
	})
	return list
}

// txnsOf returns a server's log, "1.1 createSession", "1.2 error SESSIONMOVED".
func (r *rig) txnsOf(id quorum.ServerID, after zxid.Zxid) []string {
	got := []string{}
	for l, i := r.servers[id].Log(), 0; i < l.Len(); i++ {
		t := l.At(i).Txn
		if t.Zxid <= after {
			continue
		}
		text := t.Zxid.String() + " " + t.Op.String()
		if t.Op == txn.OpError {
			text += " " + t.Err.String()
		}
		if t.Op == txn.OpCloseSession && t.More != nil {
			text += " " + strings.Join(t.More.Paths, " ")
		}
		got = append(got, text)
	}
	return got
}
