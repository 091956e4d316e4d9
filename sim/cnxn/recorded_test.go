package cnxn

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/host"
	"zabsim/zab/txn"
)

// Goal: the Java API answers as the Java client 3.8.0 did, and calls the same
// watchers. Method: the recordings of that client, against a fake server.
func TestRecordings(t *testing.T) {
	files, err := filepath.Glob("testdata/client-*.jsonl")
	require.NoError(t, err)
	require.Len(t, files, 10)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".jsonl"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			p := &player{t: t, server: newFakeServer(), clients: map[string]*played{}}
			for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
				if i > 0 {
					p.step(line)
				}
			}
		})
	}
}

type recordedStep struct {
	I      int                       `json:"i"`
	C      string                    `json:"c"`
	Op     string                    `json:"op"`
	Args   recordedArgs              `json:"args"`
	Res    map[string]any            `json:"res"`
	Events map[string][]recordedCall `json:"events"`
}

type recordedCall struct {
	W     string  `json:"w"`
	Type  string  `json:"type"`
	State string  `json:"state"`
	Path  *string `json:"path"`
}

type recordedArgs struct {
	Path    *string         `json:"path"`
	Data    *string         `json:"data"`
	Mode    string          `json:"mode"`
	ACL     json.RawMessage `json:"acl"`
	Version *int32          `json:"version"`
	Watch   *string         `json:"watch"`
	Type    string          `json:"type"`
	Local   bool            `json:"local"`
	Scheme  string          `json:"scheme"`
	Auth    string          `json:"auth"`
	Chroot  string          `json:"chroot"`
	Timeout int32           `json:"timeout"`
	Ops     []recordedArgs  `json:"ops"`
}

func (a *recordedArgs) java() JavaArgs {
	j := JavaArgs{Path: a.Path, Data: a.Data, Mode: a.Mode, Version: -1, Watch: a.Watch, Type: a.Type, Local: a.Local, Scheme: a.Scheme, Auth: a.Auth}
	if a.Version != nil {
		j.Version = *a.Version
	}
	if len(a.ACL) > 0 {
		j.ACL = []txn.ACL{{Perms: 31, ID: txn.ID{Scheme: "auth"}}}
	}
	for i := range a.Ops {
		j.Ops = append(j.Ops, JavaOp{Type: a.Ops[i].Type, JavaArgs: a.Ops[i].java()})
	}
	return j
}

type played struct {
	name string
	*Java
	conn host.ConnID
	done *Completion
}

// player runs clients against the server, one step at a time.
type player struct {
	t       *testing.T
	server  *fakeServer
	clients map[string]*played
	order   []*played
	conns   host.ConnID
	dials   []*played
	events  map[string][]recordedCall
}

func (p *player) step(line string) {
	var s recordedStep
	require.NoError(p.t, json.Unmarshal([]byte(line), &s))
	p.events = map[string][]recordedCall{}
	got := p.perform(&s)
	assert.Equal(p.t, s.Res, got, line)
	assert.Equal(p.t, s.Events, p.events, line)
}

func (p *player) perform(s *recordedStep) map[string]any {
	c := p.clients[s.C]
	var out Out
	switch s.Op {
	case "open":
		c = &played{name: s.C, Java: NewJava(&Config{Servers: 1, TimeoutMillis: s.Args.Timeout, Chroot: s.Args.Chroot})}
		p.clients[s.C], p.order = c, append(p.order, c)
		c.Client.Start(&out)
		p.apply(c, &out)
		p.settle()
		return map[string]any{"err": "OK", "timeout": float64(c.Client.TimeoutMillis())}
	case "serverDropsConnection":
		p.server.conns[c.conn].closed = true
		p.settle()
		return map[string]any{"reconnected": c.Client.Conn() != 0}
	case "expire":
		p.server.zxid++
		p.server.expire(c.Client.Session())
		p.settle()
		return map[string]any{}
	}
	c.done = nil
	args := s.Args.java()
	if e := c.Do(1, s.Op, &args, &out); e != nil {
		return map[string]any{"exception": e.Class, "message": e.Message}
	}
	p.apply(c, &out)
	p.settle()
	require.NotNil(p.t, c.done, "%+v", s)
	return p.result(s.Op, c.Result(c.done))
}

// settle carries messages until nothing moves.
func (p *player) settle() {
	for moved := true; moved; {
		moved = false
		dials := p.dials
		p.dials = nil
		for _, c := range dials {
			var out Out
			p.conns++
			c.conn, moved = p.conns, true
			c.Client.DialDone(c.conn, &out)
			p.apply(c, &out)
		}
		for _, c := range p.order {
			conn := p.server.conns[c.conn]
			if conn == nil {
				continue
			}
			msgs := conn.out
			conn.out = nil
			for i := range msgs {
				var out Out
				moved = true
				c.Client.Received(c.conn, &msgs[i], &out)
				p.apply(c, &out)
			}
			if conn.closed {
				var out Out
				delete(p.server.conns, c.conn)
				c.Client.ConnClosed(c.conn, &out)
				p.apply(c, &out)
				moved = true
			}
		}
	}
}

func (p *player) apply(c *played, out *Out) {
	for i := range out.Effects {
		switch e := &out.Effects[i]; e.Kind {
		case Dial:
			p.dials = append(p.dials, c)
		case Send:
			p.server.receive(e.Conn, out.Msg(e))
		case SetTimer:
			if e.Timer == TimerBackoff {
				var more Out
				c.Client.TimerFired(TimerBackoff, &more)
				p.apply(c, &more)
			}
		case Complete:
			d := *out.Completion(e)
			c.done = &d
		case Notify:
			for _, call := range c.Calls(out.Event(e)) {
				r := recordedCall{W: call.Watcher, Type: call.Type, State: call.State}
				if call.Type != "None" {
					r.Path = &call.Path
				}
				p.events[c.name] = append(p.events[c.name], r)
			}
		}
	}
}

func (p *player) result(op string, r JavaResult) map[string]any {
	m := map[string]any{"err": r.Err}
	list := func(names []string) []any {
		l := []any{}
		for _, n := range names {
			l = append(l, n)
		}
		return l
	}
	switch {
	case op == "multi" && r.Err == "OK":
		m["value"] = list(r.Multi)
	case op == "multi":
		m["results"] = list(r.Multi)
	case r.Err != "OK":
	case op == "create":
		m["value"] = r.Path
	case op == "getData":
		m["value"] = map[string]any{"data": *r.Data, "stat": p.stat(r.Stat)}
	case op == "exists":
		m["value"] = map[string]any{"stat": p.stat(r.Stat)}
	case op == "setData":
		m["value"] = p.stat(r.Stat)
	case op == "getChildren":
		m["value"] = list(r.Names)
	}
	return m
}

func (p *player) stat(s *txn.Stat) any {
	if s == nil {
		return nil
	}
	owner := "0"
	for _, c := range p.order {
		if s.EphemeralOwner != 0 && c.Client.Session() == s.EphemeralOwner {
			owner = c.name
		}
	}
	return map[string]any{
		"czxid": float64(s.Czxid), "mzxid": float64(s.Mzxid), "pzxid": float64(s.Pzxid), "version": float64(s.Version),
		"cversion": float64(s.Cversion), "aversion": float64(s.Aversion), "ephemeralOwner": owner,
		"dataLength": float64(s.DataLength), "numChildren": float64(s.NumChildren),
	}
}
