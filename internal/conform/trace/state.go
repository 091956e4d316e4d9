package trace

import (
	"slices"
	"strconv"
	"strings"

	"zabsim/internal/nearest"
	"zabsim/zab/txn"
)

// eventTypes are what a watch may deliver, and ConnectionClosed.
var eventTypes = func() []string {
	list := []string{ConnectionClosed}
	for t := txn.NodeCreated; t <= txn.PersistentWatchRemoved; t++ {
		list = append(list, t.String())
	}
	return list
}()

func (s *scan) event(v value) Event {
	var e Event
	o := s.object(v)
	o.need("type", set(s.str, &e.Type))
	if s.err == nil && !slices.Contains(eventTypes, e.Type) {
		s.fail("unknown type %q of an event%s", e.Type, nearest.Hint(e.Type, eventTypes))
	}
	if e.Type != ConnectionClosed {
		o.need("path", set(s.str, &e.Path))
		o.find("state", set(s.str, &e.State))
	}
	o.done()
	return e
}

func (s *scan) deliveries(v value) []Delivery {
	var list []Delivery
	o := s.object(v)
	for _, session := range o.v.keys {
		d := Delivery{Session: session}
		o.need(session, func(v value) {
			s.each(v, func(e value) { d.Events = append(d.Events, s.event(e)) })
		})
		list = append(list, d)
	}
	return list
}

// txnOps are the transactions that a server applies.
var txnOps = []txn.Op{txn.OpCreate, txn.OpCreate2, txn.OpCreateContainer, txn.OpCreateTTL, txn.OpDelete, txn.OpDeleteContainer,
	txn.OpSetData, txn.OpSetACL, txn.OpCheck, txn.OpReconfig, txn.OpMulti, txn.OpError, txn.OpCreateSession, txn.OpCloseSession}

// txn reads a transaction, or a member of a multi.
func (s *scan) txn(v value, member bool) Txn {
	var t Txn
	o := s.object(v)
	if !member {
		o.need("zxid", set(s.int64, &t.Zxid))
		o.need("s", set(s.str, &t.Session))
	}
	o.need("type", set(s.str, &t.Type))
	if s.err != nil {
		return t
	}
	if t.Type == NotApplied && member {
		o.done()
		return t
	}
	i := slices.IndexFunc(txnOps, func(op txn.Op) bool { return op.String() == t.Type })
	if i < 0 || member && (txnOps[i] == txn.OpMulti || txnOps[i] == txn.OpCreateSession || txnOps[i] == txn.OpCloseSession) {
		s.fail("unknown transaction %q", t.Type)
		return t
	}
	switch txnOps[i] {
	case txn.OpMulti:
		t.Ops = []Txn{}
		o.need("ops", func(v value) {
			s.each(v, func(e value) { t.Ops = append(t.Ops, s.txn(e, true)) })
		})
	case txn.OpError:
		if !member {
			o.need("of", set(s.str, &t.Of))
		}
		o.need("err", set(s.code(), &t.Err))
	case txn.OpCreateSession:
	case txn.OpCloseSession:
		o.need("deleted", set(s.strings, &t.Deleted))
	default:
		o.need("path", set(s.str, &t.Path))
	}
	o.done()
	return t
}

func (s *scan) final(v value) *Final {
	f := &Final{}
	o := s.object(v)
	o.need("lastZxid", set(s.int64, &f.LastZxid))
	o.need("sessions", set(s.strings, &f.Sessions))
	o.need("ephemerals", func(v value) {
		e := s.object(v)
		for _, session := range e.v.keys {
			w := Owned{Session: session}
			e.need(session, set(s.strings, &w.Paths))
			f.Ephemerals = append(f.Ephemerals, w)
		}
	})
	o.need("nodes", func(v value) {
		s.each(v, func(e value) { f.Nodes = append(f.Nodes, s.node(e)) })
	})
	o.done()
	return f
}

func (s *scan) node(v value) Node {
	var n Node
	o := s.object(v)
	o.need("path", set(s.str, &n.Path))
	o.need("kind", func(v value) {
		n.Kind = s.str(v)
		if s.err == nil && !isKind(n.Kind) {
			s.fail("want persistent, ephemeral:<session>, container or ttl:<milliseconds>, got %q", n.Kind)
		}
	})
	o.need("data", set(s.data, &n.Data))
	o.need("acl", set(s.acl, &n.ACL))
	o.need("stat", set(s.stat, &n.Stat))
	o.done()
	return n
}

func isKind(kind string) bool {
	head, arg, _ := strings.Cut(kind, ":")
	switch head {
	case "persistent", "container":
		return kind == head
	case "ephemeral":
		return arg != ""
	case "ttl":
		_, err := strconv.ParseInt(arg, 10, 64)
		return err == nil
	}
	return false
}
