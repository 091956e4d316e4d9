package conform

import (
	"strconv"

	"zabsim/internal/conform/trace"
	"zabsim/zab"
	"zabsim/zab/txn"
)

// observed is what one step caused, in the terms of a trace.
type observed struct {
	reply     trace.Reply
	answered  bool // a reply arrived
	ownBefore int
	events    []trace.Delivery
	txns      []trace.Txn
}

// observer turns what a System says into the terms of a trace.
type observer struct {
	labels []label
	times  map[int64]int64 // millisecond of a transaction to its zxid
}

// label names a session.
type label struct {
	id   txn.SessionID
	name string
}

func (o *observer) name(id txn.SessionID) string {
	if id == 0 {
		return trace.Server
	}
	for i := range o.labels {
		if o.labels[i].id == id {
			return o.labels[i].name
		}
	}
	return "?" + strconv.FormatUint(uint64(id), 16)
}

// when is the transaction that has the time millis.
func (o *observer) when(millis int64) int64 {
	if millis == 0 {
		return 0
	}
	if z, ok := o.times[millis]; ok {
		return z
	}
	return trace.Other
}

// applied notes a transaction.
func (o *observer) applied(t *txn.Txn) trace.Txn {
	o.times[t.WallNano/1_000_000] = int64(t.Zxid)
	r := trace.Txn{Zxid: int64(t.Zxid), Session: o.name(t.Session)}
	o.fillTxn(&r, t)
	return r
}

func (o *observer) fillTxn(r *trace.Txn, t *txn.Txn) {
	r.Type = t.Op.String()
	switch t.Op {
	case txn.OpCreateSession:
	case txn.OpCloseSession:
		r.Deleted = []string{}
		if t.More != nil {
			r.Deleted = append(r.Deleted, t.More.Paths...)
		}
	case txn.OpError:
		r.Of, r.Err = t.Of.String(), t.Err.String()
	case txn.OpMulti:
		r.Ops = []trace.Txn{}
		if t.More == nil {
			return
		}
		failed := false
		for i := range t.More.Ops {
			failed = failed || t.More.Ops[i].Op == txn.OpError
		}
		for i := range t.More.Ops {
			m := &t.More.Ops[i]
			if failed && (m.Op != txn.OpError || m.Err == txn.OK) {
				r.Ops = append(r.Ops, trace.Txn{Type: trace.NotApplied})
				continue
			}
			var member trace.Txn
			o.fillTxn(&member, m)
			member.Of = ""
			r.Ops = append(r.Ops, member)
		}
	default:
		r.Path = t.Path
	}
}

func (o *observer) stat(s *txn.Stat) *trace.Stat {
	owner := "0"
	if s.EphemeralOwner != 0 {
		owner = o.name(s.EphemeralOwner)
	}
	return &trace.Stat{
		Czxid: int64(s.Czxid), Mzxid: int64(s.Mzxid), Pzxid: int64(s.Pzxid), CTime: o.when(s.Ctime), MTime: o.when(s.Mtime),
		Version: int64(s.Version), Cversion: int64(s.Cversion), Aversion: int64(s.Aversion),
		Owner: owner, DataLength: int64(s.DataLength), NumChildren: int64(s.NumChildren),
	}
}

// reply is the answer m to op.
func (o *observer) reply(op *trace.Op, m *zab.ClientMsg) trace.Reply {
	z := int64(m.Zxid)
	r := trace.Reply{Err: m.Result.Err.String(), Zxid: &z}
	if m.Kind == zab.ClientPong {
		r.Err = txn.OK.String()
		return r
	}
	if m.Result.Err != txn.OK {
		return r
	}
	res := &m.Result
	more := res.More
	if more == nil {
		more = &txn.ResultMore{}
	}
	switch op.Code {
	case txn.OpCreate, txn.OpCreate2, txn.OpCreateContainer, txn.OpCreateTTL:
		r.Path = &trace.Text{Value: more.Path}
		if op.Code != txn.OpCreate {
			r.Stat = o.stat(&res.Stat)
		}
	case txn.OpSync: // the server gives the path back
		r.Path = &trace.Text{Value: op.Path, Null: op.NoPath}
	case txn.OpExists, txn.OpSetData, txn.OpSetACL:
		r.Stat = o.stat(&res.Stat)
	case txn.OpGetData:
		r.Data, r.Stat = &trace.Data{Null: res.Null, Text: res.Data}, o.stat(&res.Stat)
	case txn.OpGetChildren:
		r.Children = orEmpty(more.Names)
	case txn.OpGetChildren2:
		r.Children, r.Stat = orEmpty(more.Names), o.stat(&res.Stat)
	case txn.OpGetACL:
		r.ACL, r.Stat = append([]txn.ACL{}, more.ACL...), o.stat(&res.Stat)
	case txn.OpGetEphemerals:
		r.Ephemerals = orEmpty(more.Names)
	case txn.OpGetAllChildrenNumber:
		n := int64(more.Number)
		r.Number = &n
	case txn.OpWhoAmI:
		r.Who = []string{}
		for _, id := range more.IDs {
			r.Who = append(r.Who, id.Scheme+":"+id.ID)
		}
	case txn.OpAddWatch:
		n := int64(0) // the body is an error code that nobody sets
		r.Code = &n
	case txn.OpMulti, txn.OpMultiRead:
		r.Results = o.members(more.Results)
	}
	return r
}

func (o *observer) members(list []txn.Result) []trace.Member {
	members := []trace.Member{}
	for i := range list {
		res := &list[i]
		m := trace.Member{Type: res.Op.String()}
		var more txn.ResultMore
		if res.More != nil {
			more = *res.More
		}
		switch res.Op {
		case txn.OpError:
			if m.Err = res.Err.String(); res.Err != txn.OK {
				m.HdrErr = m.Err
			}
		case txn.OpCreate:
			m.Path = &trace.Text{Value: more.Path}
		case txn.OpCreate2, txn.OpCreateContainer, txn.OpCreateTTL:
			m.Type = "create2"
			m.Path, m.Stat = &trace.Text{Value: more.Path}, o.stat(&res.Stat)
		case txn.OpSetData:
			m.Stat = o.stat(&res.Stat)
		case txn.OpGetData:
			m.Data, m.Stat = &trace.Data{Null: res.Null, Text: res.Data}, o.stat(&res.Stat)
		case txn.OpGetChildren:
			m.Children = orEmpty(more.Names)
		}
		members = append(members, m)
	}
	return members
}

func orEmpty(list []string) []string { return append([]string{}, list...) }

// deliver adds an event to what arrived at a session.
func (s *observed) deliver(session string, e trace.Event) {
	for i := range s.events {
		if s.events[i].Session == session {
			s.events[i].Events = append(s.events[i].Events, e)
			return
		}
	}
	s.events = append(s.events, trace.Delivery{Session: session, Events: []trace.Event{e}})
}

// at returns what arrived at a session.
func at(list []trace.Delivery, session string) []trace.Event {
	for i := range list {
		if list[i].Session == session {
			return list[i].Events
		}
	}
	return nil
}
