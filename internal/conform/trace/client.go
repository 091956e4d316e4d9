package trace

import "slices"

// clientNames are all operations above the client library.
var clientNames = []string{"open", "close", "create", "delete", "exists", "getData", "setData", "getChildren", "getACL", "setACL",
	"addWatch", "removeWatches", "removeAllWatches", "multi", "sync", "addAuthInfo", "addAuthInfo-and-wait", "serverDropsConnection",
	"expire", "disconnect", "getEphemerals", "getAllChildrenNumber", "whoAmI"}

func (s *scan) clientStep(o *object) ClientStep {
	var c ClientStep
	o.need("i", func(v value) { c.Index = int(s.integer(v, 32)) })
	o.need("c", set(s.str, &c.Client))
	o.need("op", set(s.str, &c.Op))
	if s.err == nil && !slices.Contains(clientNames, c.Op) {
		s.fail("unknown operation %q of the client library", c.Op)
	}
	o.need("args", func(v value) { c.Args = s.clientArgs(v) })
	o.need("res", func(v value) { c.Res = s.clientRes(v) })
	o.need("events", func(v value) {
		e := s.object(v)
		for _, handle := range e.v.keys {
			d := ClientDelivery{Client: handle}
			e.need(handle, func(v value) {
				s.each(v, func(v value) { d.Events = append(d.Events, s.clientEvent(v)) })
			})
			c.Events = append(c.Events, d)
		}
	})
	o.done()
	return c
}

func (s *scan) clientArgs(v value) ClientArgs {
	a := ClientArgs{Version: -1, Path: Text{Null: true}, Watch: Text{Null: true}}
	o := s.object(v)
	o.find("path", set(s.text, &a.Path))
	o.find("data", set(s.data, &a.Data))
	o.find("mode", set(s.str, &a.Mode))
	o.find("acl", func(v value) {
		if v.kind == kindString {
			a.ACLName = v.text
		} else {
			a.ACL = s.acl(v)
		}
	})
	o.find("watch", set(s.text, &a.Watch))
	o.find("version", set(s.int32, &a.Version))
	o.find("timeout", set(s.int32, &a.Timeout))
	o.find("chroot", set(s.str, &a.Chroot))
	o.find("scheme", set(s.str, &a.Scheme))
	o.find("auth", set(s.str, &a.Auth))
	o.find("type", set(s.str, &a.Type))
	o.find("local", set(s.boolean, &a.Local))
	o.find("ops", func(v value) {
		a.Ops = []ClientOp{}
		s.each(v, func(e value) {
			var op ClientOp
			m := s.object(e)
			m.need("type", set(s.str, &op.Type))
			m.need("path", set(s.str, &op.Path))
			m.done()
			a.Ops = append(a.Ops, op)
		})
	})
	o.done()
	return a
}

func (s *scan) clientRes(v value) ClientRes {
	var r ClientRes
	o := s.object(v)
	o.find("err", set(s.code(), &r.Err))
	o.find("exception", set(s.str, &r.Exception))
	o.find("message", func(v value) { r.Message = s.text(v).Value })
	o.find("value", func(v value) { r.Value = s.clientValue(v) })
	o.find("results", func(v value) {
		code := s.code()
		s.each(v, func(e value) { r.Results = append(r.Results, code(e)) })
	})
	o.find("timeout", sparse(s.int64, &r.Timeout))
	o.find("reconnected", sparse(s.boolean, &r.Reconnected))
	o.done()
	return r
}

func (s *scan) clientValue(v value) *ClientValue {
	c := &ClientValue{}
	switch v.kind {
	case kindString:
		c.Text = &v.text
	case kindList:
		c.List = s.strings(v)
	case kindObject:
		o := s.object(v)
		if o.has("czxid") {
			st := s.clientStat(v)
			c.Stat = &st
			return c
		}
		o.find("data", sparse(s.data, &c.Data))
		o.need("stat", func(v value) {
			if c.NoStat = v.kind == kindNull; !c.NoStat {
				st := s.clientStat(v)
				c.Stat = &st
			}
		})
		o.done()
	default:
		s.fail("want a string, a list or an object, got %v", v.kind)
	}
	return c
}

// clientStat reads a stat without times.
func (s *scan) clientStat(v value) Stat {
	var t Stat
	o := s.object(v)
	o.need("czxid", set(s.int64, &t.Czxid))
	o.need("mzxid", set(s.int64, &t.Mzxid))
	o.need("pzxid", set(s.int64, &t.Pzxid))
	s.statRest(&o, &t)
	o.done()
	return t
}

func (s *scan) clientEvent(v value) ClientEvent {
	var e ClientEvent
	o := s.object(v)
	o.need("w", set(s.str, &e.Watcher))
	o.need("type", set(s.str, &e.Type))
	o.need("state", set(s.str, &e.State))
	o.need("path", set(s.text, &e.Path))
	o.done()
	return e
}
