package conform

import (
	"fmt"
	"slices"

	"zabsim/internal/conform/trace"
	"zabsim/zab"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/txn"
)

// Walk lets clients of an ensemble of three do what they like: connect, come back with
// the right password or a wrong one, make ephemeral nodes, watch, close, lose their
// connection, be expired, while the disks lag now and then. What they do, draw says: a
// number below n. The check that broke and how are returned, "" if none did. With local
// sessions, servers make sessions of their own, and raise them for an ephemeral node.
func Walk(bugs bug.Set, local bool, machine Machine, draw func(n int) int) (check, detail string) {
	s := trace.Settings{TickMillis: 2000, MinSession: 4000, MaxSession: 40_000, LocalSessions: local}
	sys, err := NewEnsemble(3, &trace.Trace{Settings: s}, bugs, machine)
	if err != nil {
		return "disk-opens", err.Error()
	}
	w := &walk{e: sys.(*ensemble), draw: draw}
	for range walkSteps {
		w.act()
	}
	w.hold(false)
	w.judge()
	return w.check, w.detail
}

const walkSteps = 40

// walk is one under way.
type walk struct {
	e             *ensemble
	draw          func(n int) int
	guests        []*guest
	check, detail string // the first that broke
}

// guest is a connection of a session, and the session.
type guest struct {
	label   string
	conn    host.ConnID
	session txn.SessionID
	cxid    uint32
	open    bool // as far as it knows
	ended   bool // its closeSession was answered
}

func (w *walk) fail(check, detail string) {
	if w.check == "" {
		w.check, w.detail = check, detail
	}
}

// hold makes the disks lag, or no longer.
func (w *walk) hold(on bool) {
	w.e.held = on
	w.e.settle()
	w.listen()
}

// listen tells the guests what came.
func (w *walk) listen() {
	for _, h := range w.e.Take() {
		i := slices.IndexFunc(w.guests, func(g *guest) bool { return g.conn == h.Conn })
		if i < 0 {
			continue
		}
		g := w.guests[i]
		switch {
		case h.Closed:
			g.open = false
		case h.Msg != nil && h.Msg.Kind == zab.ConnectResponse && h.Msg.Session != 0:
			g.session = h.Msg.Session
		case h.Msg != nil && h.Msg.Op == txn.OpCloseSession && h.Msg.Result.Err == txn.OK:
			g.ended = true
		}
	}
}

// come opens a connection to a session, 0 for a new one.
func (w *walk) come(label string, id txn.SessionID, password string) *guest {
	g := &guest{label: label, session: id, open: true}
	g.conn, _ = w.e.Dial(label)
	w.e.visit(g.conn).settled = true // it goes where it wants itself
	w.guests = append(w.guests, g)
	w.e.Send(g.conn, []zab.ClientMsg{{Kind: zab.ConnectRequest, Session: id, Connect: &zab.Connect{TimeoutMillis: 4000, Password: password}}})
	w.listen()
	return g
}

// ask says requests in one breath.
func (w *walk) ask(g *guest, list ...txn.Request) {
	var msgs []zab.ClientMsg
	for _, r := range list {
		g.cxid++
		r.Session, r.Cxid = g.session, g.cxid
		msgs = append(msgs, zab.ClientMsg{Kind: zab.ClientRequest, Session: g.session, Req: &r})
	}
	w.e.Send(g.conn, msgs)
	w.listen()
}

func (w *walk) act() {
	if len(w.guests) == 0 || w.draw(12) == 0 && !w.e.held {
		w.hold(false)
		w.come(fmt.Sprint("s", len(w.guests)), 0, "")
		return
	}
	g := w.guests[w.draw(len(w.guests))]
	path := fmt.Sprint("/n", w.draw(6))
	create := txn.Request{Op: txn.OpCreate, Path: path, Flags: 1}
	end := txn.Request{Op: txn.OpCloseSession}
	switch what := w.draw(15); {
	case what >= 9 || g.session == 0:
		w.elsewhere(g, what)
	case !g.open:
	case what < 3:
		w.ask(g, create)
	case what < 4:
		w.ask(g, txn.Request{Op: txn.OpDelete, Path: path, Version: txn.AnyVersion})
	case what < 6:
		w.ask(g, txn.Request{Op: txn.OpExists, Path: path, Watch: true})
	case what < 7:
		w.ask(g, end)
	case what < 8:
		w.ask(g, end, create)
	default:
		w.e.HangUp(g.conn)
		g.open = false
		w.listen()
	}
}

// elsewhere does what the guest does not do on its connection.
func (w *walk) elsewhere(g *guest, what int) {
	switch {
	case g.session == 0 || what >= 12:
		w.hold(!w.e.held)
	case what < 10:
		w.e.Expire(g.session)
		w.listen()
	case what < 11:
		w.come(g.label, g.session, zab.Password(g.session))
	default: // a wrong password, while nothing else goes on: nobody must notice
		w.hold(false)
		was := w.opened()
		w.come(g.label, g.session, zab.Password(g.session+1))
		if !slices.Equal(was, w.opened()[:len(was)]) {
			w.fail("reference", "somebody who did not know the password of a session has ended a connection of it")
		}
	}
}

func (w *walk) opened() (all []bool) {
	for _, g := range w.guests {
		all = append(all, g.open)
	}
	return all
}

// judge looks at what is left when all is applied.
func (w *walk) judge() {
	for _, text := range w.e.illegal {
		w.fail("flag-state", text)
	}
	for id := range w.e.nodes {
		if w.e.nodes[id].server == nil {
			continue
		}
		sm := w.e.nodes[id].server.Machine()
		sm.(Content).Nodes(func(path string, _ uint64, _ string, _ bool, _ []txn.ACL, s txn.Stat) bool {
			if _, lives := sm.SessionTimeout(s.EphemeralOwner); s.EphemeralOwner != 0 && !lives {
				w.fail("tree-ephemerals", fmt.Sprintf("%s at n%d has outlived its session", path, id))
			}
			return true
		})
	}
	for _, g := range w.guests {
		if _, lives := w.e.Machine().SessionTimeout(g.session); lives && g.ended {
			w.fail("tree-ephemerals", "a session has outlived its closeSession")
		}
	}
}
