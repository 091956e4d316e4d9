package cnxn

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"zabsim/sim/client"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// rig drives one client by hand and writes down what it wants.
type rig struct {
	t    testing.TB
	c    Client
	out  Out
	conn host.ConnID
	sent []zab.ClientMsg // by the last input
	done []Completion
}

func newRig(t testing.TB, cfg Config) *rig {
	if cfg.Servers == 0 {
		cfg.Servers = 3
	}
	if cfg.TimeoutMillis == 0 {
		cfg.TimeoutMillis = 30_000
	}
	r := &rig{t: t}
	r.c.Init(&cfg)
	return r
}

// do runs an input and returns its effects as one line; timers on request only.
func (r *rig) do(input func(*Out)) string { return r.effects(input, false) }

// timed is do with timers.
func (r *rig) timed(input func(*Out)) string { return r.effects(input, true) }

func (r *rig) effects(input func(*Out), timers bool) string {
	r.out.Reset()
	r.sent, r.done = nil, nil
	input(&r.out)
	var words []string
	for i := range r.out.Effects {
		e := &r.out.Effects[i]
		switch e.Kind {
		case Dial, Abandon:
			words = append(words, fmt.Sprintf("%v %d", e.Kind, e.Server))
		case Close:
			words = append(words, fmt.Sprintf("close %d", e.Conn))
		case Send:
			m := r.out.Msg(e)
			require.Equal(r.t, r.c.conn, e.Conn)
			r.sent = append(r.sent, *m)
			words = append(words, "send "+msgText(m))
		case Complete:
			d := r.out.Completion(e)
			r.done = append(r.done, *d)
			sent := ""
			if !d.Sent {
				sent = " unsent"
			}
			words = append(words, fmt.Sprintf("done %d %v%s", d.Tag, d.Code, sent))
		case Notify:
			v := r.out.Event(e)
			words = append(words, fmt.Sprintf("event %v %v %s to %v", v.Type, v.State, v.Path, names(v.Watchers)))
		case NewState:
			require.Equal(r.t, r.c.State(), e.State)
			words = append(words, "state "+e.State.String())
		case SetTimer:
			if timers {
				w := fmt.Sprintf("%v+%v", e.Timer, e.After)
				if e.Jitter > 0 {
					w += fmt.Sprintf("..%v", e.Jitter)
				}
				words = append(words, w)
			}
		case StopTimer:
			if timers {
				words = append(words, fmt.Sprintf("stop %v", e.Timer))
			}
		}
	}
	return strings.Join(words, "; ")
}

func names(who []Watcher) string {
	var s []string
	for _, w := range who {
		if w == DefaultWatcher {
			s = append(s, "default")
			continue
		}
		s = append(s, fmt.Sprintf("w%d", w))
	}
	return strings.Join(s, ",")
}

func msgText(m *zab.ClientMsg) string {
	switch m.Kind {
	case zab.ConnectRequest:
		return fmt.Sprintf("connect %d %q zxid %d timeout %d", m.Session, m.Connect.Password, m.Zxid, m.Connect.TimeoutMillis)
	case zab.ClientPing:
		return "ping"
	}
	return fmt.Sprintf("%v %s #%d", m.Req.Op, m.Req.Path, m.Req.Cxid)
}

// connect brings the client from a dial to CONNECTED.
func (r *rig) connect() string {
	r.conn++
	r.do(func(o *Out) { r.c.DialDone(r.conn, o) })
	return r.accept()
}

func (r *rig) accept() string {
	return r.receive(zab.ClientMsg{Kind: zab.ConnectResponse, Session: 7, Connect: &zab.Connect{TimeoutMillis: 12_000, Password: "pw"}})
}

func (r *rig) start() string {
	r.do(r.c.Start)
	return r.connect()
}

func (r *rig) receive(m zab.ClientMsg) string {
	return r.do(func(o *Out) { r.c.Received(r.conn, &m, o) })
}

func (r *rig) reply(cxid uint32, z zxid.Zxid, res txn.Result) string {
	return r.receive(zab.ClientMsg{Kind: zab.ClientReply, Op: txn.OpGetData, Cxid: cxid, Zxid: z, Result: res})
}

func (r *rig) event(k txn.EventType, path string) string {
	return r.receive(zab.ClientMsg{Kind: zab.ClientEvent, Event: &txn.Event{Type: k, Path: path, Zxid: 99}})
}

func (r *rig) fire(t Timer) string { return r.do(func(o *Out) { r.c.TimerFired(t, o) }) }

func (r *rig) closed() string { return r.do(func(o *Out) { r.c.ConnClosed(r.conn, o) }) }

func (r *rig) submit(tag uint32, w Watcher, call client.Call) string {
	return r.do(func(o *Out) { r.c.Submit(&call, tag, w, o) })
}

func (r *rig) ask(a Ask) string {
	var e *Exception
	text := r.do(func(o *Out) { e = r.c.Ask(&a, o) })
	if e != nil {
		require.Empty(r.t, text)
		return e.Error()
	}
	return text
}

// watch leaves a watch and answers with code.
func (r *rig) watch(op txn.Op, path string, w Watcher, flags int32, code txn.Code) {
	text := r.ask(Ask{Req: txn.Request{Op: op, Path: path, Watch: true, Flags: flags}, Watcher: w})
	require.Contains(r.t, text, "send")
	r.reply(r.c.xid, 0, txn.Result{Err: code})
}
