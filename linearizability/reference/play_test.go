package reference

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// client is a session of a trace.
type client struct {
	id      txn.SessionID
	watcher txn.Watcher // 0: not connected
	addr    string
	ids     []txn.ID
}

// player executes a trace on a model.
type player struct {
	*testing.T
	m        *Model
	last     zxid.Zxid
	clients  map[string]*client
	labels   []string // by session id - 1
	watchers map[txn.Watcher]string
	answers  int // compared
	skipped  int
}

// play returns how many answers it compared, and how many lines it left out.
func play(t *testing.T, trace [][]byte) (answers, skipped int) {
	var h header
	require.NoError(t, json.Unmarshal(trace[0], &h))
	p := &player{T: t, m: serverOf(t, h), clients: map[string]*client{}, watchers: map[txn.Watcher]string{}}
	var raw []byte
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s", raw)
		}
	})
	for _, raw = range trace[1:] {
		var s line
		require.NoError(t, json.Unmarshal(raw, &s))
		if s.Final != nil {
			p.compareFinal(s.Final)
			break
		}
		if !p.step(&s) {
			break
		}
		if t.Failed() {
			t.FailNow()
		}
		for _, x := range s.Txns {
			p.last = zxid.Zxid(x.Zxid)
		}
	}
	return p.answers, p.skipped
}

// step plays one line; false if the server did not survive it.
func (p *player) step(s *line) bool {
	var a wireArgs
	var res wireRes
	require.NoError(p, json.Unmarshal(s.Args, &a))
	require.NoError(p, json.Unmarshal(s.Res, &res))
	if res.Err == "CONNECTION_CLOSED" && s.Op != "connect" {
		return false // it died, or will
	}
	if hasNull(s.Args) || res.Err == "NOT_CONNECTED" {
		p.skipped++
		return true // what a Request can't hold, or was never sent
	}
	var got []txn.Event
	c := p.clients[s.S]
	switch s.Op {
	case "connect":
		p.connect(s, &a, &res)
	case "reconnect":
		if res.Err == "OK" {
			p.m.Unwatch(c.watcher)
			p.open(s.S, c, "127.0.0.1")
		}
	case "disconnect", "serverDropsConnection":
		p.close(c)
	case "restart":
		for _, c := range p.clients {
			p.close(c)
		}
	case "pipeline":
		got = p.pipeline(c, &a, &res, s)
	case "addAuth":
		p.addAuth(c, &a, &res)
	case "sleep", "containerCheck", "waitGone", "expire", "expireByTimeout":
		got = p.server(s)
	default:
		got = p.ask(c, s.Op, &a, &res)
	}
	p.compareEvents(s, got)
	for label, events := range s.Events {
		if slices.ContainsFunc(events, func(e wireEvent) bool { return e.Type == "ConnectionClosed" }) && s.Op != "reconnect" {
			p.close(p.clients[label])
		}
	}
	if s.Op == "reconnect" && res.Err != "OK" && len(s.Events[s.S]) > 0 {
		p.close(c)
	}
	return true
}

// hasNull tells whether a path or an id is null, which a Request can't say.
func hasNull(args []byte) bool {
	for _, s := range []string{`"path":null`, `"i":null`, `"s":null`, `"auth":null`} {
		if bytes.Contains(args, []byte(s)) {
			return true
		}
	}
	return false
}

func (p *player) connect(s *line, a *wireArgs, res *wireRes) {
	if res.Err != "OK" {
		return
	}
	p.labels = append(p.labels, res.Session)
	c := &client{id: txn.SessionID(len(p.labels))}
	p.clients[res.Session] = c
	p.open(res.Session, c, or(a.Bind, "127.0.0.1"))
	r := &txn.Request{Session: c.id, Op: txn.OpCreateSession, Timeout: a.Timeout}
	_, events := p.m.Do(p.last+1, int64(p.last+1), r, Caller{})
	assert.Empty(p, events)
}

func (p *player) open(label string, c *client, addr string) {
	c.addr = addr
	c.ids = []txn.ID{{Scheme: "ip", ID: addr}}
	c.watcher = txn.Watcher(len(p.watchers) + 1)
	p.watchers[c.watcher] = label
}

func (p *player) close(c *client) {
	p.m.Unwatch(c.watcher)
	c.watcher = 0
}

func (p *player) addAuth(c *client, a *wireArgs, res *wireRes) {
	ids, ok := p.m.Authenticate(c.ids, c.addr, or(a.Scheme, ""), or(a.Auth, ""))
	assert.Equal(p, res.Err == "OK", ok)
	c.ids = ids
	p.m.SetIDs(c.watcher, ids)
	p.answers++
}

// ask executes a request and compares the answer.
func (p *player) ask(c *client, op string, a *wireArgs, want *wireRes) []txn.Event {
	if op == "close" {
		op = "closeSession"
	}
	r := a.request(p, op, c.id, c.ids)
	who := Caller{Watcher: c.watcher}
	if _, lives := p.m.SessionTimeout(c.id); !lives {
		who.Session, who.Global = txn.SessionExpired, txn.SessionExpired
	}
	if r.Op.IsUpdate() {
		p.last++
	}
	got, events := p.m.Do(p.last, int64(p.last), r, who)
	if want.Zxid != nil {
		assert.EqualValues(p, *want.Zxid, p.last)
	}
	p.compare(r, want, &got)
	p.answers++
	return events
}

func (p *player) pipeline(c *client, a *wireArgs, res *wireRes, s *line) []txn.Event {
	wants := make([]*wireRes, len(a.Ops))
	for i := range res.Stream {
		if item := &res.Stream[i]; item.Reply != nil {
			wants[*item.Reply] = &item.Res
		} else {
			s.Events = addEvent(s.Events, s.S, *item.Event)
		}
	}
	var all []txn.Event
	for i := range a.Ops {
		if wants[i] == nil {
			continue
		}
		all = append(all, p.ask(c, a.Ops[i].Op, &a.Ops[i], wants[i])...)
	}
	return all
}

func addEvent(to map[string][]wireEvent, label string, e wireEvent) map[string][]wireEvent {
	if to == nil {
		to = map[string][]wireEvent{}
	}
	to[label] = append(to[label], e)
	return to
}

// server executes what the server did by itself: expiry and the container manager.
func (p *player) server(s *line) []txn.Event {
	var all []txn.Event
	for _, x := range s.Txns {
		r := &txn.Request{Op: opcodes[x.Type], Path: x.Path}
		if r.Op == txn.OpCloseSession {
			r.Session = p.clients[x.S].id
			p.m.Unwatch(p.clients[x.S].watcher) // its own events are left out of the trace
		}
		res, events := p.m.Do(zxid.Zxid(x.Zxid), int64(x.Zxid), r, Caller{})
		assert.Equal(p, txn.OK, res.Err)
		all = append(all, events...)
	}
	return all
}

func (p *player) compareEvents(s *line, got []txn.Event) {
	have := map[string][]wireEvent{}
	for _, e := range got {
		label := p.watchers[e.To]
		have[label] = append(have[label], wireEvent{e.Type.String(), e.Path})
	}
	// The order in which one session's ephemeral nodes go is that of a hash set.
	anyOrder := s.Op == "close" || s.Op == "pipeline" || !strings.HasPrefix(s.S, "s") || strings.HasPrefix(s.Op, "expire")
	for label := range p.clients {
		want := slices.DeleteFunc(slices.Clone(s.Events[label]), func(e wireEvent) bool { return e.Type == "ConnectionClosed" })
		if anyOrder {
			for _, list := range [][]wireEvent{want, have[label]} {
				slices.SortFunc(list, func(a, b wireEvent) int {
					return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Type, b.Type))
				})
			}
		}
		assert.Equal(p, fmt.Sprint(want), fmt.Sprint(have[label]), "events of %s", label)
	}
}

// compare compares an answer with the recorded one.
func (p *player) compare(r *txn.Request, want *wireRes, got *txn.Result) {
	code := want.Err
	if code == "NO_REPLY" {
		code = "OK"
	}
	require.Equal(p, code, cmp.Or(map[txn.Code]string{txn.SessionMoved: "CONNECTION_CLOSED"}[got.Err], got.Err.String()))
	more := got.More
	if more == nil {
		more = &txn.ResultMore{}
	}
	if want.Path != nil && r.Op != txn.OpSync {
		assert.Equal(p, *want.Path, more.Path)
	}
	if want.Stat != nil {
		p.compareStat(want.Stat, &got.Stat)
	}
	if r.Op == txn.OpGetData && code == "OK" {
		data, null := text(p, want.Data)
		assert.Equal(p, []any{data, null}, []any{got.Data, got.Null})
	}
	if want.Children != nil {
		assert.Equal(p, *want.Children, more.Names)
	}
	if want.Ephemerals != nil {
		assert.Equal(p, *want.Ephemerals, more.Names)
	}
	if want.ACL != nil {
		p.compareACL(*want.ACL, more.ACL)
	}
	if want.Number != nil {
		assert.Equal(p, *want.Number, more.Number)
	}
	if r.Op == txn.OpWhoAmI {
		who := []string{}
		for _, id := range more.IDs {
			who = append(who, id.Scheme+":"+id.ID)
		}
		slices.Sort(who)
		assert.Equal(p, want.Who, who)
	}
	if want.Results != nil {
		p.compareMembers(r, *want.Results, more.Results)
	}
}

func (p *player) compareMembers(r *txn.Request, want []wireRes, got []txn.Result) {
	require.Len(p, got, len(want))
	for i := range want {
		w, g := &want[i], &got[i]
		if w.Type == "error" {
			assert.Equal(p, txn.OpError, g.Op)
			assert.Equal(p, w.Err, g.Err.String(), "member %d", i)
			continue
		}
		require.Equal(p, txn.OK, g.Err, "member %d", i)
		if op := g.Op; op == txn.OpCreateTTL || op == txn.OpCreateContainer {
			assert.Equal(p, "create2", w.Type)
		} else {
			assert.Equal(p, w.Type, op.String())
		}
		w.Err = "OK"
		p.compare(&txn.Request{Op: g.Op}, w, g)
	}
}

func (p *player) compareStat(w *wireStat, g *txn.Stat) {
	owner := "0"
	if g.EphemeralOwner != 0 {
		owner = p.labels[g.EphemeralOwner-1]
	}
	ctime, mtime := w.Ctime, w.Mtime
	if ctime == "other" {
		ctime = float64(g.Ctime)
	}
	if mtime == "other" {
		mtime = float64(g.Mtime)
	}
	assert.Equal(p, []any{
		w.Czxid, w.Mzxid, w.Pzxid, ctime, mtime, w.EphemeralOwner, w.Version, w.Cversion, w.Aversion, w.DataLength, w.NumChildren,
	}, []any{
		uint64(g.Czxid), uint64(g.Mzxid), uint64(g.Pzxid), float64(g.Ctime), float64(g.Mtime), owner,
		g.Version, g.Cversion, g.Aversion, g.DataLength, g.NumChildren,
	})
}

// compareACL compares sets: what scheme auth expands to comes from a hash set.
func (p *player) compareACL(want []wireACL, got []txn.ACL) {
	assert.ElementsMatch(p, toACL(want), got)
}

// compareFinal compares the tree, the sessions and their ephemeral nodes.
func (p *player) compareFinal(raw []byte) {
	var f struct {
		Sessions   []string
		Ephemerals map[string][]string
		Nodes      []struct {
			Path, Kind string
			Data       json.RawMessage
			ACL        []wireACL
			Stat       *wireStat
		}
	}
	require.NoError(p, json.Unmarshal(raw, &f))
	var sessions []string
	for _, s := range p.m.sessions {
		sessions = append(sessions, p.labels[s.id-1])
	}
	assert.ElementsMatch(p, f.Sessions, sessions)
	paths := []string{}
	for _, n := range f.Nodes {
		paths = append(paths, n.Path)
		got := p.m.find(n.Path)
		if !assert.NotNil(p, got, n.Path) {
			continue
		}
		data, null := text(p, n.Data)
		assert.Equal(p, []any{data, null}, []any{got.data, got.null}, n.Path)
		kind := [...]string{"persistent", "ephemeral:", "container", "ttl:"}[got.kind]
		if got.kind == ephemeral {
			kind += p.labels[got.owner-1]
		}
		if got.kind == timed {
			kind += fmt.Sprint(got.ttl)
		}
		assert.Equal(p, n.Kind, kind, n.Path)
		p.compareACL(n.ACL, got.acl)
		stat := p.m.statOf(got)
		p.compareStat(n.Stat, &stat)
	}
	for i := range p.m.nodes {
		assert.Contains(p, paths, p.m.nodes[i].path)
	}
}
