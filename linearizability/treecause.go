package linearizability

import (
	"fmt"
	"sort"
	"strings"

	"zabsim/linearizability/history"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// cause is a change that a watch may tell of.
type cause struct {
	path string
	zxid zxid.Zxid
	typ  txn.EventType
}

// ledger holds what watches are told of, in order and by path.
type ledger struct {
	all    []cause
	byPath map[string][]cause
}

// newLedger lists the causes of events (protocol fact 12.2).
func newLedger(h *history.History) *ledger {
	l := &ledger{byPath: map[string][]cause{}}
	add := func(path string, z zxid.Zxid, typ txn.EventType) {
		c := cause{path, z, typ}
		l.all, l.byPath[path] = append(l.all, c), append(l.byPath[path], c)
	}
	children := func(path string, z zxid.Zxid) {
		if i := strings.LastIndexByte(path, '/'); i > 0 {
			add(path[:i], z, txn.NodeChildrenChanged)
		} else if i == 0 {
			add("/", z, txn.NodeChildrenChanged)
		}
	}
	changes(h, func(t *txn.Txn) {
		switch {
		case t.Op.IsCreate():
			add(t.Path, t.Zxid, txn.NodeCreated)
			children(t.Path, t.Zxid)
		case t.Op == txn.OpDelete, t.Op == txn.OpDeleteContainer:
			add(t.Path, t.Zxid, txn.NodeDeleted)
			children(t.Path, t.Zxid)
		case t.Op == txn.OpSetData:
			add(t.Path, t.Zxid, txn.NodeDataChanged)
		}
	})
	return l
}

// between returns the causes of a list that is in order, from a zxid on, excluded, up
// to another one, included.
func between(list []cause, from, to zxid.Zxid) []cause {
	a := sort.Search(len(list), func(n int) bool { return list[n].zxid > from })
	b := sort.Search(len(list), func(n int) bool { return list[n].zxid > to })
	return list[a:max(a, b)]
}

// count returns how often something happened: a multi may do the same twice.
func (l *ledger) count(x cause) int {
	n := 0
	for _, c := range between(l.byPath[x.path], x.zxid-1, x.zxid) {
		if c == x {
			n++
		}
	}
	return n
}

// explains tells whether an event has a cause after a zxid. One without a zxid may tell
// a client that comes back of what it has missed, which the server infers from what is
// there now (protocol fact 12.4): a node that was deleted and made again has new data.
func (l *ledger) explains(e *history.Event, after zxid.Zxid) bool {
	typ := txn.EventType(e.Type)
	for _, c := range l.byPath[e.Path] {
		if c.zxid <= after || e.Zxid != 0 && (c.zxid != e.Zxid || c.typ != typ) {
			continue
		}
		if c.typ == typ || e.Zxid == 0 && c.typ == txn.NodeCreated && typ != txn.NodeDeleted {
			return true
		}
	}
	return false
}

// present tells whether a node that was made by a known transaction is there after z.
func (l *ledger) present(path string, z zxid.Zxid) bool {
	there := false
	for _, c := range between(l.byPath[path], 0, z) {
		there = c.typ == txn.NodeCreated || there && c.typ != txn.NodeDeleted
	}
	return there
}

// everybodyReads tells whether no access list that was committed may withhold an event.
func everybodyReads(h *history.History) bool {
	open := true
	look := func(t *txn.Txn) {
		if t.More == nil || t.More.ACL == nil {
			return
		}
		world := false
		for _, a := range t.More.ACL {
			world = world || a.Scheme == "world" && a.Perms&1 != 0
		}
		open = open && world
	}
	changes(h, look)
	return open
}

// tooOften finds a session that was told more often of a node than it has asked to be,
// where all its watches were one-shot ones. Nothing is claimed of nodes at or below a
// persistent watch. It needs no turns.
func tooOften(h *history.History) string {
	type place struct {
		client  int
		session uint32
		path    string
	}
	asked, lasting := map[place]int{}, map[place]bool{}
	for i := range h.Calls {
		switch c := &h.Calls[i]; {
		case c.Req == nil:
		case c.Req.Op == txn.OpAddWatch:
			lasting[place{c.Client, c.Session, c.Req.Path}] = true
		case c.Req.Watch:
			asked[place{c.Client, c.Session, c.Req.Path}]++
		}
	}
	under := func(p place) bool {
		for {
			if lasting[p] || p.path == "" {
				return lasting[p]
			}
			p.path = p.path[:max(strings.LastIndexByte(p.path, '/'), 0)]
		}
	}
	for i := range h.Watched {
		e := &h.Watched[i]
		p := place{e.Client, e.Session, e.Path}
		if e.Type < 1 || e.Type > int8(txn.NodeChildrenChanged) || under(p) {
			continue
		}
		if asked[p]--; asked[p] < 0 {
			return fmt.Sprintf("c%d was told %v of %s at %s, and all its watches there had fired", e.Client, txn.EventType(e.Type), e.Path, e.Zxid)
		}
	}
	return ""
}
