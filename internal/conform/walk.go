package conform

import (
	"fmt"
	"slices"

	"zabsim/internal/conform/trace"
	"zabsim/zab"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Walk lets clients of an ensemble of three do what they like: connect, come back with
// the right password or a wrong one, make ephemeral nodes, watch, close, lose their
// connection, be expired, while the disks lag now and then. What they do, draw says: a
// number below n. The check that broke and how are returned, "" if none did. With local
// sessions, servers make sessions of their own, and raise them for an ephemeral node.
func Walk(bugs bug.Set, local bool, draw func(n int) int) (check, detail string) {
	w, err := begin(bugs, local)
	if err != nil {
		return "disk-opens", err.Error()
	}
	w.draw, w.raises = draw, draw(4) > 0
	for id := range w.e.nodes {
		w.e.nodes[id].cfg.LocalSessionsUpgrade = local && w.raises
	}
	for range walkSteps {
		w.act()
	}
	w.alias = 0
	w.hold(false)
	w.judge()
	w.linger()
	w.legal()
	return w.check, w.detail
}

// begin starts an ensemble of three for somebody to walk in.
func begin(bugs bug.Set, local bool) (*walk, error) {
	s := trace.Settings{TickMillis: 2000, MinSession: 4000, MaxSession: 40_000, LocalSessions: local}
	sys, err := NewEnsemble(3, &trace.Trace{Settings: s}, bugs, Tree)
	if err != nil {
		return nil, err
	}
	return &walk{e: sys.(*ensemble), local: local}, nil
}

const walkSteps = 40

// walk is one under way.
type walk struct {
	e             *ensemble
	local, raises bool // localSessionsEnabled, localSessionsUpgradingEnabled
	draw          func(n int) int
	guests        []*guest
	updates       []update
	lapsing       bool          // time passes, and nobody speaks
	alias         txn.SessionID // whose name the next requests carry; nobody may believe it. 0: their own
	cxid          uint32        // of the last request: a client goes on counting when it connects again
	check, detail string        // the first that broke
}

// update is one that was asked for: behind it waits what its session asks at the same
// server, on whatever connection.
type update struct {
	session txn.SessionID
	cxid    uint32
	at      quorum.ServerID
	zxid    zxid.Zxid // 0 until it is committed
}

// guest is a connection of a session, and the session.
type guest struct {
	label   string
	conn    host.ConnID
	session txn.SessionID
	waits   []uint32 // the cxids of what it asked and was not answered: answers come in order
	open    bool     // as far as it knows
	ended   bool     // its closeSession was answered
	owns    bool     // it has asked for an ephemeral node
	parting bool     // it has asked for what ends the connection
	wrong   bool     // it does not know the password, and must have no effect
	ending  bool     // it has asked for its end, or somebody expired it
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
		if h.Txn != nil {
			w.committed(h.Txn)
			continue
		}
		i := slices.IndexFunc(w.guests, func(g *guest) bool { return g.conn == h.Conn })
		if i < 0 {
			continue
		}
		g := w.guests[i]
		switch {
		case h.Closed:
			g.open = false
			if g.session != 0 && !g.wrong && !g.parting && !w.lapsing && !w.ending(g.session) && w.connections(g.session) == 1 {
				w.fail("reference", g.label+" has lost its connection, and nobody has a reason to end it")
			}
		case h.Msg != nil && h.Msg.Kind == zab.ConnectResponse && h.Msg.Session != 0:
			g.session = h.Msg.Session
		case h.Msg != nil && h.Msg.Kind == zab.ClientReply:
			w.answer(g, h.Msg)
		}
	}
}

// come opens a connection to a session, 0 for a new one.
func (w *walk) come(label string, id txn.SessionID, password string) *guest {
	g := &guest{label: label, session: id, open: true, wrong: id != 0 && password != zab.Password(id)}
	g.conn, _ = w.e.Dial(label)
	w.e.visit(g.conn).settled = true // it goes where it wants itself
	w.guests = append(w.guests, g)
	w.e.Send(g.conn, []zab.ClientMsg{{Kind: zab.ConnectRequest, Session: id, Connect: &zab.Connect{TimeoutMillis: sessionTimeoutMillis, Password: password}}})
	w.listen()
	return g
}

// ask says requests in one breath.
func (w *walk) ask(g *guest, list ...txn.Request) {
	var msgs []zab.ClientMsg
	for _, r := range list {
		w.cxid++
		r.Session, r.Cxid = g.session, w.cxid
		if w.alias != 0 {
			r.Session = w.alias
		}
		g.parting = g.parting || r.Op == txn.OpCheck
		g.waits = append(g.waits, w.cxid)
		if r.Op.IsUpdate() && r.Op != txn.OpCheck && g.open {
			w.updates = append(w.updates, update{g.session, w.cxid, w.e.visit(g.conn).at, 0})
		}
		g.owns, g.ending = g.owns || wantsEphemeral(&r), g.ending || r.Op == txn.OpCloseSession
		msgs = append(msgs, zab.ClientMsg{Kind: zab.ClientRequest, Session: g.session, Req: &r})
	}
	w.e.Send(g.conn, msgs)
	w.listen()
}

func (w *walk) act() {
	if len(w.guests) == 0 || w.draw(12) == 0 && !w.e.held {
		w.hold(false)
		if g := w.come(fmt.Sprint("s", len(w.guests)), 0, ""); g.session == 0 || !g.open {
			w.fail("reference", g.label+" asked for a session and has none, though nothing is in the way")
		}
		return
	}
	g := w.guests[w.draw(len(w.guests))]
	path := fmt.Sprint("/n", w.draw(6))
	create := w.create(path)
	if w.alias = 0; w.draw(12) == 0 {
		w.alias = w.guests[w.draw(len(w.guests))].session
	}
	end := txn.Request{Op: txn.OpCloseSession}
	remove := txn.Request{Op: txn.OpDelete, Path: path, Version: txn.AnyVersion}
	switch what := w.draw(15); {
	case what >= 9 || g.session == 0:
		w.elsewhere(g, what)
	case !g.open:
	case what < 3:
		w.ask(g, create)
	case what < 4:
		w.ask(g, remove)
	case what < 5 && w.draw(6) == 0:
		w.ask(g, txn.Request{Op: txn.OpCheck, Path: path})
	case what < 6:
		w.ask(g, txn.Request{Op: txn.OpExists, Path: path, Watch: true})
	case what < 7:
		w.ask(g, end)
	case what < 8 && w.draw(2) == 0:
		w.ask(g, remove, end, create) // the end waits for the commit of what is before it
	case what < 8:
		w.ask(g, end, create)
	default:
		w.e.HangUp(g.conn)
		g.open = false
		w.listen()
	}
}

// create makes a node in one of the ways there are, most often an ephemeral one.
func (w *walk) create(path string) txn.Request {
	r := txn.Request{Op: txn.OpCreate, Path: path, Flags: 1}
	switch w.draw(8) {
	case 0:
		r.Op = txn.OpCreate2
	case 1:
		r = txn.Request{Op: txn.OpMulti, More: &txn.RequestMore{Ops: []txn.Request{r, {Op: txn.OpDelete, Path: path, Version: txn.AnyVersion}}}}
	case 2:
		r.Flags = 0
	case 3:
		r.Flags = 0
		r = txn.Request{Op: txn.OpMulti, More: &txn.RequestMore{Ops: []txn.Request{r}}}
	}
	return r
}

// wantsEphemeral tells whether a request of create makes an ephemeral node.
func wantsEphemeral(r *txn.Request) bool {
	return r.Flags == 1 || r.More != nil && wantsEphemeral(&r.More.Ops[0])
}

// elsewhere does what the guest does not do on its connection.
func (w *walk) elsewhere(g *guest, what int) {
	switch {
	case g.session == 0 || what >= 12:
		w.hold(!w.e.held)
	case what < 10:
		_, global := w.e.Machine().SessionTimeout(g.session)
		g.ending = g.ending || global || w.owns(g.session) // its createSession may be on its way
		w.e.Expire(g.session)
		w.listen()
	case what < 11:
		w.e.homes[g.label] = quorum.ServerID(w.draw(3)) // to any server, and to where it was
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
