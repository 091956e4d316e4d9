package conform

import (
	"fmt"
	"slices"

	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/txn"
)

func (w *walk) fail(check, detail string) {
	if w.check == "" {
		w.check, w.detail = check, detail
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

// judge looks at what is left when all is applied.
func (w *walk) judge() {
	w.legal()
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
		if g.open && g.session != 0 && !lives && !w.local {
			w.fail("reference", g.label+" has a connection, and its session has ended")
		}
		if lives && w.local && !(w.raises && w.owns(g.session)) {
			w.fail("reference", "a local session is one of the ensemble, though it never asked for an ephemeral node")
		}
		if g.open && len(g.waits) > 0 && !w.ending(g.session) && w.connections(g.session) == 1 {
			w.fail("reference", fmt.Sprintf("%s is open and waits for %d, though nothing is in the way", g.label, g.waits))
		}
	}
}

// legal looks at what servers themselves found to be against the protocol.
func (w *walk) legal() {
	for _, text := range w.e.illegal {
		w.fail("flag-state", text)
	}
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
