package cnxn

import (
	"strconv"

	"zabsim/sim/client"
	"zabsim/zab/txn"
)

// Ask is one call of ZooKeeper's Java API.
type Ask struct {
	// Req is what is asked, with the client's paths. Session, Cxid and Auth are not
	// read. Besides what a server knows it may be:
	//   - OpAuth: addAuthInfo with Path as the scheme and Data. It completes at once;
	//     an identity that is refused ends the session.
	//   - OpCheckWatches: removeWatches of Watcher with Flags as the WatcherType;
	//     OpRemoveWatches: removeAllWatches.
	//   - OpCloseSession: close.
	// A create without More has the open access list; a More without ACL is the
	// empty or missing list, which is refused.
	Req txn.Request
	Tag uint32
	// Watcher is whom Req.Watch or OpAddWatch register, or OpCheckWatches removes. None
	// with Req.Watch is the default watcher.
	Watcher Watcher
	// Local lets a removal do without the server.
	Local bool
	// NullPath says that the path is null, not "".
	NullPath bool
}

// Exception is a Java exception that is no KeeperException: the call is refused.
type Exception struct{ Class, Message string }

// Error returns both.
func (e *Exception) Error() string { return e.Class + ": " + e.Message }

func illegal(message string) *Exception { return &Exception{"IllegalArgumentException", message} }

// Ask performs a call. Either it is refused, and then nothing happens, or it
// completes, now or later. A call before Start waits for it.
func (c *Client) Ask(a *Ask, out *Out) *Exception {
	p, done, e := c.prepare(a, client.OpNone)
	switch {
	case e != nil:
		return e
	case done != nil:
		out.complete(*done)
		return nil
	case a.Req.Op == txn.OpAuth:
		c.addAuth(&p, out)
		return nil
	case a.Req.Op == txn.OpCloseSession && !c.Alive():
		out.complete(Completion{Tag: a.Tag, Op: txn.OpCloseSession})
		return nil
	}
	c.post(p, out)
	return nil
}

// prepare checks a call as the Java client does, and makes the request. done is a
// completion that needs no server.
func (c *Client) prepare(a *Ask, from client.Op) (p packet, done *Completion, e *Exception) {
	code, e := a.check()
	if e != nil {
		return p, nil, e
	}
	if code != txn.OK || a.isEmptyMulti() {
		return p, &Completion{Tag: a.Tag, Op: a.Req.Op, Code: code, Result: txn.Result{Err: code}}, nil
	}
	r := new(txn.Request)
	*r = a.Req
	r.Session, r.Cxid, r.Auth = 0, 0, nil
	p = packet{req: r, tag: a.Tag, call: from}
	c.prefixRequest(r)
	switch {
	case r.Op == txn.OpAddWatch:
		p.watcher, p.table = a.Watcher, uint8(persistentTable)+1
		if r.Flags == int32(client.WatchRecursive) {
			p.table = uint8(recursiveTable) + 1
		}
	case r.Op == txn.OpCheckWatches || r.Op == txn.OpRemoveWatches:
		p.removes, p.local = WatcherType(r.Flags), a.Local
		if r.Op == txn.OpCheckWatches {
			p.watcher = a.Watcher
		}
	case r.Watch:
		p.watcher, p.table = a.Watcher, uint8(dataTable)+1
		if p.watcher == 0 {
			p.watcher = DefaultWatcher
		}
		if r.Op == txn.OpGetChildren || r.Op == txn.OpGetChildren2 {
			p.table = uint8(childTable) + 1
		}
	}
	return p, nil, nil
}

func (a *Ask) isEmptyMulti() bool {
	return (a.Req.Op == txn.OpMulti || a.Req.Op == txn.OpMultiRead) && (a.Req.More == nil || len(a.Req.More.Ops) == 0)
}

// prefixRequest puts the chroot before the paths of a request. The root can't be
// deleted, and is not under a chroot either; getEphemerals is not translated.
func (c *Client) prefixRequest(r *txn.Request) {
	if !c.rooted() {
		return
	}
	switch r.Op {
	case txn.OpAuth, txn.OpGetEphemerals, txn.OpCloseSession, txn.OpWhoAmI:
		return
	case txn.OpDelete:
		if r.Path == "/" {
			return
		}
	case txn.OpMulti, txn.OpMultiRead:
		more := *r.More
		more.Ops = append([]txn.Request(nil), more.Ops...)
		for i := range more.Ops {
			more.Ops[i].Path = c.prefix(more.Ops[i].Path)
		}
		r.More = &more
		return
	}
	r.Path = c.prefix(r.Path)
}

// check finds what the Java client refuses itself: as an exception, or with the
// code of a KeeperException. It may turn a multi into a multiRead.
func (a *Ask) check() (txn.Code, *Exception) {
	r := &a.Req
	switch r.Op {
	case txn.OpAuth, txn.OpCloseSession, txn.OpWhoAmI:
		return txn.OK, nil
	case txn.OpMulti, txn.OpMultiRead:
		return a.checkMulti()
	case txn.OpCheckWatches:
		if a.Watcher == 0 {
			return txn.OK, noWatcher()
		}
	}
	if e := a.checkPath(); e != nil {
		return txn.OK, e
	}
	switch {
	case r.Op == txn.OpAddWatch && a.Watcher == 0:
		return txn.OK, noWatcher()
	case r.Op.IsCreate():
		if e := checkTTL(r); e != nil {
			return txn.OK, e
		}
		if r.More != nil && len(r.More.ACL) == 0 {
			return txn.InvalidACL, nil
		}
	case r.Op == txn.OpSetACL && (r.More == nil || len(r.More.ACL) == 0):
		return txn.InvalidACL, nil
	}
	return txn.OK, nil
}

func noWatcher() *Exception { return illegal("Invalid Watcher, shouldn't be null!") }

func (a *Ask) checkPath() *Exception {
	path, sequential := a.Req.Path, isSequential(&a.Req)
	if a.NullPath {
		if !sequential {
			return illegal("Path cannot be null")
		}
		path = "null"
	}
	if why := CheckPath(path, sequential); why != "" {
		return illegal(why)
	}
	return nil
}

func isSequential(r *txn.Request) bool {
	return r.Op.IsCreate() && r.Flags >= 0 && r.Flags <= int32(client.PersistentSequentialTTL) && client.CreateMode(r.Flags).IsSequential()
}

// ttlMax is the largest time to live in milliseconds (EphemeralType.TTL.maxValue).
const ttlMax = 1<<40 - 1

var modeNames = [...]string{"PERSISTENT", "EPHEMERAL", "PERSISTENT_SEQUENTIAL", "EPHEMERAL_SEQUENTIAL", "CONTAINER",
	"PERSISTENT_WITH_TTL", "PERSISTENT_SEQUENTIAL_WITH_TTL"}

// checkTTL is EphemeralType.validateTTL. A create that has none says -1 in Java.
func checkTTL(r *txn.Request) *Exception {
	if r.Flags == int32(client.PersistentTTL) || r.Flags == int32(client.PersistentSequentialTTL) {
		if r.Op != txn.OpCreateTTL || r.TTL <= 0 || r.TTL > ttlMax {
			return illegal("ttl must be positive and cannot be larger than: " + strconv.FormatInt(ttlMax, 10))
		}
		return nil
	}
	if r.Op == txn.OpCreateTTL && r.TTL >= 0 && r.Flags >= 0 && int(r.Flags) < len(modeNames) {
		return illegal("ttl not valid for mode: " + modeNames[r.Flags])
	}
	return nil
}

// checkMulti is Op.validate of each member, and then MultiOperationRecord's rule
// that reads and writes don't mix.
func (a *Ask) checkMulti() (txn.Code, *Exception) {
	if a.Req.More == nil {
		return txn.OK, nil
	}
	ops := a.Req.More.Ops
	for i := range ops {
		if ops[i].Op.IsCreate() && (ops[i].Flags < 0 || int(ops[i].Flags) >= len(modeNames)) {
			return txn.BadArguments, nil
		}
		if why := CheckPath(ops[i].Path, isSequential(&ops[i])); why != "" {
			return txn.OK, illegal(why)
		}
		if ops[i].Op.IsCreate() {
			if e := checkTTL(&ops[i]); e != nil {
				return txn.OK, e
			}
		}
	}
	for i := range ops {
		if isRead(ops[i].Op) != isRead(ops[0].Op) {
			return txn.OK, illegal("Mixing read and write operations (transactions) is not allowed in a multi request.")
		}
	}
	if len(ops) > 0 && isRead(ops[0].Op) {
		a.Req.Op = txn.OpMultiRead
	}
	return txn.OK, nil
}

func isRead(o txn.Op) bool { return o == txn.OpGetData || o == txn.OpGetChildren }

// addAuth adds an identity to all connections of the session. p is unsent.
func (c *Client) addAuth(p *packet, out *Out) {
	if c.Alive() && !c.closing {
		id := identity{p.req.Path, p.req.Data}
		c.auth = append(c.auth, id)
		if c.phase == phaseConnected {
			c.sendAuth(id, out)
		} else if c.phase != phaseNew {
			// The new connection gets it twice, as from the Java client.
			p.quiet = true
			p.req.Seal()
			c.queue = append(c.queue, *p)
		}
	}
	out.complete(Completion{Tag: p.tag, Op: txn.OpAuth})
}
