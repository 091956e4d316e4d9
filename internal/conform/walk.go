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
func Walk(bugs bug.Set, local bool, machine Machine, draw func(n int) int) (check, detail string) {
	s := trace.Settings{TickMillis: 2000, MinSession: 4000, MaxSession: 40_000, LocalSessions: local}
	sys, err := NewEnsemble(3, &trace.Trace{Settings: s}, bugs, machine)
	if err != nil {
		return "disk-opens", err.Error()
	}
	w := &walk{e: sys.(*ensemble), local: local, draw: draw}
	w.raises = draw(4) > 0
	for id := range w.e.nodes {
		w.e.nodes[id].cfg.LocalSessionsUpgrade = local && w.raises
	}
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
	local, raises bool // localSessionsEnabled, localSessionsUpgradingEnabled
	draw          func(n int) int
	guests        []*guest
	updates       []update
	lapsing       bool   // time passes, and nobody speaks
	cxid          uint32 // of the last request: a client goes on counting when it connects again
	check, detail string // the first that broke
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

func (w *walk) committed(t *txn.Txn) {
	if t.Op == txn.OpError && t.Of == txn.OpCheck {
		w.fail("reference", "a check that stands alone is refused where it arrives, and here it took a zxid")
	}
	for i := range w.updates {
		if u := &w.updates[i]; u.session == t.Session && u.cxid == t.Cxid {
			u.zxid = t.Zxid
		}
	}
}

// overtakes tells whether an answer came before the commit of what the session asked
// before at the same server.
func (w *walk) overtakes(g *guest, m *zab.ClientMsg) bool {
	return slices.ContainsFunc(w.updates, func(u update) bool {
		return u.session == g.session && u.cxid < m.Cxid && u.at == w.e.visit(g.conn).at && (u.zxid == 0 || u.zxid > m.Zxid)
	})
}

// answer looks at what somebody was told: each request is answered once, in order, and
// a session is told that it is expired or has moved only if that may be.
func (w *walk) answer(g *guest, m *zab.ClientMsg) {
	if i := slices.Index(g.waits, m.Cxid); i >= 0 && m.Result.Err == txn.Unimplemented {
		g.waits = g.waits[i:] // it waits for nothing (UnimplementedRequestProcessor), and the connection ends
	}
	for w.local && w.connections(g.session) > 1 && len(g.waits) > 1 && g.waits[0] != m.Cxid {
		// A server that has not yet heard that a session was raised elsewhere drops its
		// requests, and tells nobody (LearnerSessionTracker.touchSession).
		g.waits = g.waits[1:]
	}
	if len(g.waits) == 0 || g.waits[0] != m.Cxid {
		w.fail("session-order", fmt.Sprintf("%s waits for %d and is answered %d", g.label, g.waits, m.Cxid))
		return
	}
	g.waits = g.waits[1:]
	if !w.local && m.Result.Err != txn.Unimplemented && w.overtakes(g, m) {
		w.fail("session-order", fmt.Sprintf("%s is answered %d at %v, and what it asked there before is not in that", g.label, m.Cxid, m.Zxid))
	}
	g.ended = g.ended || m.Op == txn.OpCloseSession && m.Result.Err == txn.OK
	w.code(g, m.Op, m.Result.Err)
	if m.Result.More == nil {
		return
	}
	for i := range m.Result.More.Results {
		w.code(g, m.Op, m.Result.More.Results[i].Err)
	}
}

func (w *walk) code(g *guest, op txn.Op, code txn.Code) {
	right := false
	switch code {
	case txn.OK, txn.NoNode, txn.NodeExists:
		right = op != txn.OpCheck
	case txn.RuntimeInconsistency:
		right = op == txn.OpMulti
	case txn.SessionExpired:
		// A local session is not known at another server, nor to the leader that is asked
		// for an ephemeral node of it.
		right = w.ending(g.session) || w.local && (w.connections(g.session) > 1 || !w.raises && g.owns)
	case txn.EphemeralOnLocalSession:
		right = w.local && !w.raises && g.owns
	case txn.SessionMoved:
		right = w.connections(g.session) > 1
	case txn.Unimplemented:
		right = op == txn.OpCheck // outside of a multi
	}
	if !right {
		w.fail("reference", fmt.Sprintf("%s is answered %v with %v", g.label, op, code))
	}
}

// ending tells whether somebody wants the end of a session.
func (w *walk) ending(id txn.SessionID) bool {
	return slices.ContainsFunc(w.guests, func(g *guest) bool { return g.session == id && g.ending })
}

// connections counts those that a session has had.
func (w *walk) connections(id txn.SessionID) (n int) {
	for _, g := range w.guests {
		if g.session == id && !g.wrong {
			n++
		}
	}
	return n
}

// come opens a connection to a session, 0 for a new one.
func (w *walk) come(label string, id txn.SessionID, password string) *guest {
	g := &guest{label: label, session: id, open: true}
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
		w.come(g.label, g.session, zab.Password(g.session))
	default: // a wrong password, while nothing else goes on: nobody must notice
		w.hold(false)
		was := w.opened()
		w.come(g.label, g.session, zab.Password(g.session+1)).wrong = true
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
		_, lives := w.e.Machine().SessionTimeout(g.session)
		if lives && g.ended {
			w.fail("tree-ephemerals", "a session has outlived its closeSession")
		}
		if lives && w.local && !(w.raises && w.owns(g.session)) {
			w.fail("reference", "a local session is one of the ensemble, though it never asked for an ephemeral node")
		}
		if g.open && len(g.waits) > 0 && !w.ending(g.session) && w.connections(g.session) == 1 {
			w.fail("reference", fmt.Sprintf("%s is open and waits for %d, though nothing is in the way", g.label, g.waits))
		}
	}
	w.linger()
}

func (w *walk) owns(id txn.SessionID) bool {
	return slices.ContainsFunc(w.guests, func(g *guest) bool { return g.session == id && g.owns })
}

// linger lets time pass: who is heard of keeps its session, however many there are, and
// who is silent loses it.
func (w *walk) linger() {
	for len(w.guests) < lingerers {
		w.come(fmt.Sprint("s", len(w.guests)), 0, "")
	}
	for i := range 4 {
		for _, g := range w.guests {
			if g.open && g.session != 0 {
				w.ask(g, txn.Request{Op: txn.OpExists, Path: "/n0"})
			}
		}
		if g := w.guests[len(w.guests)-1-i]; g.open { // what is left of its place must not take another's
			w.ask(g, txn.Request{Op: txn.OpCloseSession})
		}
		was := w.opened()
		w.e.Sleep(lingerMillis * host.Millisecond)
		w.listen()
		if !slices.Equal(was, w.opened()) {
			w.fail("reference", "a session has expired that is heard of in time")
		}
	}
	w.lapsing = true
	w.e.Sleep(3 * sessionTimeoutMillis * host.Millisecond)
	w.listen()
	for _, g := range w.guests {
		if g.open && g.session != 0 {
			w.fail("reference", g.label+" is silent for three times its time-out, and has not expired")
		}
	}
}

// lingerers are more than the sessions that a PING has room for, at each server.
const lingerers = 15

const (
	sessionTimeoutMillis = 4000
	// lingerMillis is so long that a leader hears of a session in time if it hears of it
	// each time, half a tick later at most, and not if once it does not.
	lingerMillis = 2900
)
