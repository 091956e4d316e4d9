package cnxn

import (
	"zabsim/sim/client"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Submit performs a call of a recipe, which completes with tag, now or later, with
// Completion.Response. Watcher is the handle of the watch that the call may leave;
// Response.ID is it if the watch was left, else 0. What the client library has
// nothing to do with, such as a Sleep, is answered with ErrNotBuilt.
func (c *Client) Submit(call *client.Call, tag uint32, w Watcher, out *Out) {
	a := Ask{Tag: tag, Watcher: w}
	code := client.OK
	switch call.Op {
	case client.OpSession:
		out.complete(Completion{Tag: tag, Response: client.Response{Session: c.sessionInfo()}})
		return
	case client.OpNewSession:
		if c.phase == phaseDead {
			c.restart(tag, out)
			return
		}
		code = client.ErrInvalidState
	case client.OpRemoveWatch:
		code = c.askRemove(&a, call)
	default:
		code = askOf(&a, call)
	}
	if code != client.OK {
		d := Completion{Tag: tag, Code: txn.Unimplemented, Response: client.Response{Code: code}}
		if code != client.ErrNotBuilt { // which ZooKeeper does not have
			d.Code = txn.Code(code)
		}
		out.complete(d)
		return
	}
	c.perform(&a, call.Op, out)
}

// perform is Ask for Submit: refusals are codes.
func (c *Client) perform(a *Ask, op client.Op, out *Out) {
	from := len(out.done)
	p, done, e := c.prepare(a, op)
	switch {
	case e != nil:
		out.complete(Completion{Tag: a.Tag, Op: a.Req.Op, Code: txn.BadArguments})
	case done != nil:
		out.complete(*done)
	case op == client.OpAddAuth:
		c.addAuth(&p, out)
	case op == client.OpClose && !c.Alive():
		out.complete(Completion{Tag: a.Tag, Op: txn.OpCloseSession})
	default:
		c.post(p, out)
		return
	}
	for i := from; i < len(out.done); i++ {
		out.done[i].Response.Code = client.Code(out.done[i].Code)
	}
}

// askRemove finds the watch that a recipe takes back.
func (c *Client) askRemove(a *Ask, call *client.Call) client.Code {
	t, path, found := c.watches.find(Watcher(call.ID))
	path, inside := c.strip(path)
	if !found || !inside {
		return client.ErrNoWatcher
	}
	// Persistent watches have types of their own only in new servers.
	kind := [tableCount]WatcherType{TypeData, TypeData, TypeChildren, TypeAny, TypeAny}[t]
	a.Watcher = Watcher(call.ID)
	a.Req = txn.Request{Op: txn.OpCheckWatches, Path: path, Flags: int32(kind)}
	return client.OK
}

// askOf turns a call into an Ask.
func askOf(a *Ask, call *client.Call) client.Code {
	r := &a.Req
	r.Path, r.Watch = call.Path, call.Watch && a.Watcher != 0
	switch call.Op {
	case client.OpCreate, client.OpCreateStat, client.OpCreateTTL:
		r.Op = createOp(call.Op, call.Mode)
		r.Data, r.Flags, r.TTL, r.More = call.Data, int32(call.Mode), int64(call.Duration/1_000_000), aclOf(call.ACL, true)
	case client.OpDelete:
		r.Op, r.Version = txn.OpDelete, call.Version
	case client.OpExists:
		r.Op = txn.OpExists
	case client.OpGet:
		r.Op = txn.OpGetData
	case client.OpSet:
		r.Op, r.Data, r.Version = txn.OpSetData, call.Data, call.Version
	case client.OpChildren:
		r.Op = txn.OpGetChildren2
	case client.OpMulti:
		r.Op, r.More = txn.OpMulti, &txn.RequestMore{Ops: make([]txn.Request, len(call.Ops))}
		for i := range call.Ops {
			multiOp(&r.More.Ops[i], &call.Ops[i])
		}
	case client.OpSync:
		r.Op = txn.OpSync
	case client.OpGetACL:
		r.Op = txn.OpGetACL
	case client.OpSetACL:
		r.Op, r.Version, r.More = txn.OpSetACL, call.Version, aclOf(call.ACL, false)
	case client.OpAddAuth:
		r.Op, r.Data = txn.OpAuth, call.Data
	case client.OpAddWatch:
		r.Op, r.Flags = txn.OpAddWatch, int32(call.WatchMode)
	case client.OpClose:
		r.Op = txn.OpCloseSession
	default:
		return client.ErrNotBuilt
	}
	if r.Watch && call.Op != client.OpExists && call.Op != client.OpGet && call.Op != client.OpChildren {
		r.Watch = false
	}
	return client.OK
}

func createOp(op client.Op, mode client.CreateMode) txn.Op {
	switch {
	case op == client.OpCreateTTL:
		return txn.OpCreateTTL
	case mode == client.Container:
		return txn.OpCreateContainer
	case op == client.OpCreateStat:
		return txn.OpCreate2
	}
	return txn.OpCreate
}

func multiOp(r *txn.Request, m *client.MultiOp) {
	*r = txn.Request{Path: m.Path, Data: m.Data, Version: m.Version}
	switch m.Op {
	case client.OpCreate:
		r.Op, r.Flags, r.More = createOp(client.OpCreate, m.Mode), int32(m.Mode), aclOf(m.ACL, true)
	case client.OpDelete:
		r.Op = txn.OpDelete
	case client.OpSet:
		r.Op = txn.OpSetData
	default:
		r.Op = txn.OpCheck
	}
}

// aclOf converts an access list. With open, the open list is nil, as is none.
func aclOf(acl []client.ACL, open bool) *txn.RequestMore {
	if open && (len(acl) == 0 || len(acl) == 1 && acl[0] == client.OpenACL()) {
		return nil
	}
	more := &txn.RequestMore{ACL: make([]txn.ACL, len(acl))}
	for i, a := range acl {
		more.ACL[i] = txn.ACL{Perms: int32(a.Perms), ID: txn.ID{Scheme: a.Scheme, ID: a.ID}}
	}
	return more
}

func (c *Client) sessionInfo() client.Session {
	s := client.Session{ID: client.SessionID(c.session), State: c.state}
	if c.session != 0 {
		setMillis(&s.Timeout, c.timeout)
	}
	return s
}

// setMillis converts to a time.Duration without package time, which is banned here.
func setMillis[T ~int64](dst *T, millis int32) { *dst = T(millis) * 1_000_000 }

// response turns what a request ended with into the answer to a recipe.
func (c *Client) response(p *packet, d *Completion, registered bool) client.Response {
	r := &d.Result
	a := client.Response{Code: client.Code(d.Code), Found: r.Err == txn.OK && p.call == client.OpExists}
	if !d.Sent && d.Code == txn.ConnectionLoss && c.closing || d.Code == txn.SessionExpired && c.state == client.Closed {
		a.Code = client.ErrClosing
	}
	if registered {
		a.ID = uint32(p.watcher)
	}
	if p.call == client.OpMulti && r.More != nil {
		a.Results = make([]client.MultiResult, len(r.More.Results))
		for i := range a.Results {
			m := &r.More.Results[i]
			a.Results[i] = client.MultiResult{Code: client.Code(m.Err), Stat: statOf(&m.Stat)}
			if m.More != nil {
				a.Results[i].Name = m.More.Path
				if !c.cfg.StripMulti {
					a.Results[i].Name, _ = c.strip(m.More.Path)
				}
			}
		}
	}
	if d.Code != txn.OK {
		return a
	}
	a.Data, a.Stat = r.Data, statOf(&r.Stat)
	if r.More == nil {
		return a
	}
	a.Names = r.More.Names
	if p.req.Op.IsCreate() {
		a.Data = r.More.Path
	}
	for _, g := range r.More.ACL {
		a.ACL = append(a.ACL, client.ACL{Perms: client.Perms(g.Perms), Scheme: g.Scheme, ID: g.ID.ID})
	}
	return a
}

func statOf(s *txn.Stat) client.Stat {
	z := func(z zxid.Zxid) client.Zxid { return client.Zxid(z) }
	return client.Stat{
		Czxid: z(s.Czxid), Mzxid: z(s.Mzxid), Pzxid: z(s.Pzxid), Ctime: s.Ctime, Mtime: s.Mtime,
		Version: s.Version, Cversion: s.Cversion, Aversion: s.Aversion,
		EphemeralOwner: client.SessionID(s.EphemeralOwner), DataLength: s.DataLength, NumChildren: s.NumChildren,
	}
}
