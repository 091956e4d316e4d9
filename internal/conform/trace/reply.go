package trace

import (
	"slices"

	"zabsim/internal/nearest"
	"zabsim/zab/txn"
)

// harnessCodes are answers that no server gives.
var harnessCodes = []string{NotConnected, ClosedCode, NoReply, ServerDown}

// codes are the names of KeeperException.Code.
var codes = func() []string {
	var list []string
	for c := 0; c >= -128; c-- {
		if name := txn.Code(c).String(); len(name) < 4 || name[:4] != "CODE" {
			list = append(list, name)
		}
	}
	return list
}()

// code reads the name of a result code, or of what harness lists.
func (s *scan) code(harness ...string) func(value) string {
	return func(v value) string {
		name := s.str(v)
		if s.err == nil && !slices.Contains(codes, name) && !slices.Contains(harness, name) {
			s.fail("unknown code %q%s", name, nearest.Hint(name, append(slices.Clone(codes), harness...)))
		}
		return name
	}
}

// reply reads the answer to op.
func (s *scan) reply(op *Op, v value) Reply {
	var r Reply
	o := s.object(v)
	defer o.done()
	switch op.Name {
	case "pipeline":
		r.Stream = []Item{}
		if o.has("err") {
			break // the session was not connected
		}
		o.need("stream", func(v value) { s.stream(op, &r, v) })
		return r
	case "disconnect", "serverDropsConnection", "expire", "expireByTimeout", "sleep", "containerCheck":
		return r
	case "waitGone":
		o.need("gone", sparse(s.boolean, &r.Gone))
		return r
	case "restart":
		o.need("zxid", sparse(s.int64, &r.Zxid))
		return r
	}
	o.need("err", set(s.code(harnessCodes...), &r.Err))
	s.replyFields(op, &r, &o)
	if op.IsRequest() && r.Zxid == nil && !slices.Contains(harnessCodes, r.Err) {
		s.fail(`the field "zxid" is missing: every answer of a server has one`)
	}
	return r
}

// replyFields reads what an answer to op may have besides its code.
func (s *scan) replyFields(op *Op, r *Reply, o *object) {
	if op.Name == "connect" || op.Name == "reconnect" {
		o.find("timeout", sparse(s.int64, &r.Timeout))
		o.find("session", sparse(s.text, &r.Session))
		o.find("closed", sparse(s.boolean, &r.Closed))
		return
	}
	o.find("zxid", sparse(s.int64, &r.Zxid))
	o.find("bodyBytes", sparse(s.int64, &r.BodyBytes))
	o.find("emptyBody", set(s.boolean, &r.EmptyBody))
	stat := func() { o.find("stat", sparse(s.stat, &r.Stat)) }
	switch op.Code {
	case txn.OpCreate, txn.OpCreate2, txn.OpCreateContainer, txn.OpCreateTTL, txn.OpSync:
		o.find("path", sparse(s.text, &r.Path))
		stat()
	case txn.OpExists, txn.OpSetData, txn.OpSetACL:
		stat()
	case txn.OpGetData, txn.OpReconfig:
		o.find("data", sparse(s.data, &r.Data))
		stat()
	case txn.OpGetChildren, txn.OpGetChildren2:
		o.find("children", set(s.strings, &r.Children))
		stat()
	case txn.OpGetACL:
		o.find("acl", set(s.acl, &r.ACL))
		stat()
	case txn.OpGetEphemerals:
		o.find("ephemerals", set(s.strings, &r.Ephemerals))
	case txn.OpGetAllChildrenNumber:
		o.find("number", sparse(s.int64, &r.Number))
	case txn.OpWhoAmI:
		o.find("who", set(s.strings, &r.Who))
	case txn.OpAddWatch:
		o.find("code", sparse(s.int64, &r.Code))
	case txn.OpMulti, txn.OpMultiRead:
		o.find("results", func(v value) { s.results(r, v) })
	}
}

func (s *scan) stat(v value) Stat {
	var t Stat
	o := s.object(v)
	o.need("czxid", set(s.int64, &t.Czxid))
	o.need("mzxid", set(s.int64, &t.Mzxid))
	o.need("pzxid", set(s.int64, &t.Pzxid))
	o.need("ctime", set(s.when, &t.CTime))
	o.need("mtime", set(s.when, &t.MTime))
	s.statRest(&o, &t)
	o.done()
	return t
}

// statRest reads what the stats of both levels have.
func (s *scan) statRest(o *object, t *Stat) {
	int32 := func(v value) int64 { return s.integer(v, 32) }
	o.need("version", set(int32, &t.Version))
	o.need("cversion", set(int32, &t.Cversion))
	o.need("aversion", set(int32, &t.Aversion))
	o.need("ephemeralOwner", set(s.str, &t.Owner))
	o.need("dataLength", set(int32, &t.DataLength))
	o.need("numChildren", set(int32, &t.NumChildren))
}

// when reads a time: the zxid of the transaction that it is the time of, or other.
func (s *scan) when(v value) int64 {
	if v.kind == kindString && v.text == "other" {
		return Other
	}
	if v.kind != kindNumber {
		s.fail(`want the zxid of the transaction that made it, or "other", got %v`, v.kind)
		return 0
	}
	return s.int64(v)
}

// memberTypes are the results that a multi or multiRead has.
var memberTypes = []string{"create", "create2", "setData", "delete", "check", "getData", "getChildren", "error"}

func (s *scan) results(r *Reply, v value) {
	r.Results = []Member{}
	s.each(v, func(e value) {
		var m Member
		o := s.object(e)
		o.need("type", set(s.str, &m.Type))
		if s.err == nil && !slices.Contains(memberTypes, m.Type) {
			s.fail("unknown type %q of a result%s", m.Type, nearest.Hint(m.Type, memberTypes))
		}
		switch m.Type {
		case "create", "create2":
			o.need("path", sparse(s.text, &m.Path))
		case "getChildren":
			o.need("children", set(s.strings, &m.Children))
		case "getData":
			o.need("data", sparse(s.data, &m.Data))
		case "error":
			o.need("err", set(s.code(), &m.Err))
			o.find("hdrErr", set(s.code(), &m.HdrErr))
		}
		if m.Type == "create2" || m.Type == "setData" || m.Type == "getData" {
			o.need("stat", sparse(s.stat, &m.Stat))
		}
		o.done()
		r.Results = append(r.Results, m)
	})
}

func (s *scan) stream(op *Op, r *Reply, v value) {
	s.each(v, func(e value) {
		var i Item
		o := s.object(e)
		if o.find("event", func(v value) { ev := s.event(v); i.Event = &ev }) {
			o.done()
			r.Stream = append(r.Stream, i)
			return
		}
		o.need("reply", func(v value) {
			n := s.int64(v)
			if n < 0 || n >= int64(len(op.Ops)) {
				s.fail("there is no operation %d: the pipeline has %d", n, len(op.Ops))
				n = 0
			}
			i.Index = int(n)
		})
		if s.err != nil {
			return
		}
		o.need("res", func(v value) { i.Reply = s.reply(&op.Ops[i.Index], v) })
		o.done()
		r.Stream = append(r.Stream, i)
	})
}
