package trace

import (
	"slices"
	"strings"

	"zabsim/internal/nearest"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// opRow says which arguments an operation takes.
type opRow struct {
	name string
	code txn.Op
	args string
}

// opTable is every operation of the server's level. A recorder may write the data
// and version that some operations have no use for.
var opTable = []opRow{
	{"create", txn.OpCreate, "path data acl flags"},
	{"create2", txn.OpCreate2, "path data acl flags"},
	{"createContainer", txn.OpCreateContainer, "path data acl flags"},
	{"createTTL", txn.OpCreateTTL, "path data acl flags ttl"},
	{"delete", txn.OpDelete, "path version data"},
	{"exists", txn.OpExists, "path watch"},
	{"getData", txn.OpGetData, "path watch"},
	{"getChildren", txn.OpGetChildren, "path watch"},
	{"getChildren2", txn.OpGetChildren2, "path watch"},
	{"setData", txn.OpSetData, "path data version"},
	{"getACL", txn.OpGetACL, "path"},
	{"sync", txn.OpSync, "path version"},
	{"getAllChildrenNumber", txn.OpGetAllChildrenNumber, "path"},
	{"setACL", txn.OpSetACL, "path acl version"},
	{"check", txn.OpCheck, "path version data"},
	{"multi", txn.OpMulti, "ops"},
	{"multiRead", txn.OpMultiRead, "ops"},
	{"checkWatches", txn.OpCheckWatches, "path type"},
	{"removeWatches", txn.OpRemoveWatches, "path type"},
	{"addWatch", txn.OpAddWatch, "path mode"},
	{"setWatches", txn.OpSetWatches, "rel data exist child"},
	{"setWatches2", txn.OpSetWatches2, "rel data exist child persistent recursive"},
	{"addAuth", txn.OpAuth, "scheme auth"},
	{"getEphemerals", txn.OpGetEphemerals, "prefix"},
	{"whoAmI", txn.OpWhoAmI, ""},
	{"ping", txn.OpPing, ""},
	{"close", txn.OpCloseSession, ""},
	{"deleteContainer", txn.OpDeleteContainer, "path"},
	{"reconfig", txn.OpReconfig, "path data version"},
	{"rawOp", txn.OpNone, "code path body"},
	{"pipeline", txn.OpNone, "ops"},

	{"connect", txn.OpNone, "timeout lastZxid bind"},
	{"reconnect", txn.OpNone, "timeout lastZxid badPasswd unknownId"},
	{"disconnect", txn.OpNone, ""},
	{"serverDropsConnection", txn.OpNone, ""},
	{"expire", txn.OpNone, ""},
	{"expireByTimeout", txn.OpNone, ""},
	{"sleep", txn.OpNone, "ms"},
	{"containerCheck", txn.OpNone, "maxNeverUsedIntervalMs"},
	{"waitGone", txn.OpNone, "path ms"},
	{"restart", txn.OpNone, ""},
}

// harnessOps are those that no session takes.
var harnessOps = []string{"sleep", "containerCheck", "waitGone", "restart"}

// sessionOps are those that are no request of a client.
var sessionOps = []string{"connect", "reconnect", "disconnect", "serverDropsConnection", "expire", "expireByTimeout"}

// IsRequest tells whether the operation is sent by a connected client.
func (o *Op) IsRequest() bool {
	return !slices.Contains(harnessOps, o.Name) && !slices.Contains(sessionOps, o.Name)
}

// op reads the operation called name, whose arguments are in o.
func (s *scan) op(name string, o *object) Op {
	i := slices.IndexFunc(opTable, func(r opRow) bool { return r.name == name })
	if i < 0 {
		var names []string
		for _, r := range opTable {
			names = append(names, r.name)
		}
		s.fail("unknown operation %q%s", name, nearest.Hint(name, names))
		return Op{}
	}
	row := opTable[i]
	op := Op{Name: name, Code: row.code, Version: txn.AnyVersion, Data: Data{Null: true}}
	switch name {
	case "checkWatches", "removeWatches":
		op.Flags = 3
	case "setWatches", "setWatches2":
		op.Watches = s.watchLists(o, row.args)
		return op
	}
	for _, arg := range strings.Fields(row.args) {
		s.arg(&op, arg, o)
	}
	if name == "createTTL" && !o.has("ttl") || name == "rawOp" && !o.has("code") {
		s.fail("%s: an argument is missing: %s", name, row.args)
	}
	return op
}

// arg reads one argument of op.
func (s *scan) arg(op *Op, name string, o *object) {
	switch name {
	case "path", "prefix":
		read := func(v value) { t := s.text(v); op.Path, op.NoPath = t.Value, t.Null }
		if op.Name == "rawOp" || op.Name == "reconfig" {
			o.find(name, read)
		} else {
			o.need(name, read)
		}
	case "data":
		o.find(name, set(s.data, &op.Data))
	case "acl":
		op.HasACL = o.find(name, func(v value) {
			if v.kind != kindNull {
				op.ACL, op.NullID = s.aclOf(v)
			}
		})
	case "flags", "mode", "type":
		o.find(name, set(s.int32, &op.Flags))
	case "version":
		o.find(name, set(s.int32, &op.Version))
	case "ttl":
		o.find(name, set(s.int64, &op.TTL))
	case "watch":
		o.find(name, set(s.boolean, &op.Watch))
	case "ops":
		o.need(name, func(v value) { s.members(op, v) })
	case "scheme":
		o.need(name, set(s.str, &op.Scheme))
	case "auth":
		o.need(name, set(s.text, &op.Auth))
	default:
		s.harnessArg(op, name, o)
	}
}

// harnessArg reads an argument of a connection's or the harness's operation.
func (s *scan) harnessArg(op *Op, name string, o *object) {
	switch name {
	case "timeout":
		o.need(name, set(s.int32, &op.Timeout))
	case "lastZxid":
		o.find(name, set(s.int64, &op.LastZxid))
	case "bind":
		o.find(name, set(s.str, &op.Bind))
	case "badPasswd":
		o.find(name, set(s.boolean, &op.BadPasswd))
	case "unknownId":
		o.find(name, set(s.boolean, &op.UnknownID))
	case "ms":
		o.need(name, func(v value) {
			if op.Millis = s.int64(v); op.Millis < 0 || op.Millis > 86_400_000 {
				s.fail("want 0 to 86400000 (a day), got %s", v.text)
			}
		})
	case "maxNeverUsedIntervalMs":
		o.find(name, set(s.int64, &op.NeverUsed))
	case "code":
		o.need(name, set(s.int32, &op.RawCode))
	case "body":
		o.find(name, func(v value) {
			d := s.data(v)
			op.RawBody = d.Bytes()
		})
	}
}

// members reads the operations inside of a multi, multiRead or pipeline.
func (s *scan) members(op *Op, v value) {
	op.Ops = []Op{}
	s.each(v, func(e value) {
		o := s.object(e)
		var name string
		o.need("op", set(s.str, &name))
		if s.err != nil {
			return
		}
		m := s.op(name, &o)
		switch {
		case !m.IsRequest() || name == "pipeline" || op.Name != "pipeline" && m.Ops != nil:
			s.fail("%s can't be inside of %s", name, op.Name)
		case op.Name == "multi" || op.Name == "multiRead":
			if m.Code == txn.OpNone {
				s.fail("%s can't be inside of %s", name, op.Name)
			}
		}
		o.done()
		op.Ops = append(op.Ops, m)
	})
}

func (s *scan) watchLists(o *object, args string) *txn.WatchLists {
	w := &txn.WatchLists{}
	o.need("rel", func(v value) { w.Relative = zxid.Zxid(s.int64(v)) })
	for _, f := range []struct {
		name string
		to   *[]string
	}{{"data", &w.Data}, {"exist", &w.Exist}, {"child", &w.Child}, {"persistent", &w.Persistent}, {"recursive", &w.Recursives}} {
		if slices.Contains(strings.Fields(args), f.name) {
			o.find(f.name, set(s.strings, f.to))
		}
	}
	return w
}

// acl reads an access list that a server gives.
func (s *scan) acl(v value) []txn.ACL {
	list, null := s.aclOf(v)
	if null {
		s.fail("an id is null, which no server stores")
	}
	return list
}

// aclOf reads an access list that a client sends; true if an id is null. A null
// scheme is like an empty one: there is no such scheme.
func (s *scan) aclOf(v value) (list []txn.ACL, null bool) {
	list = []txn.ACL{}
	s.each(v, func(e value) {
		var a txn.ACL
		o := s.object(e)
		o.need("p", set(s.int32, &a.Perms))
		o.need("s", func(v value) { a.Scheme = s.text(v).Value })
		o.need("i", func(v value) {
			t := s.text(v)
			a.ID.ID, null = t.Value, null || t.Null
		})
		o.done()
		list = append(list, a)
	})
	return list, null
}

// rawBody is the body of a rawOp: one string in jute if a path is given.
func rawBody(op *Op, hasPath bool) string {
	if !hasPath {
		return op.RawBody
	}
	if op.NoPath {
		return "\xff\xff\xff\xff"
	}
	n := len(op.Path)
	return string([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}) + op.Path
}
