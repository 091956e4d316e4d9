package tree

import (
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

const nanosPerMilli = 1_000_000

// Apply implements txn.StateMachine (DataTree.processTxn). It never validates: what
// can't be done, as may happen when a log is replayed over a fuzzy snapshot, is
// left, with the code of the reason.
func (t *Tree) Apply(x *txn.Txn) txn.Result {
	t.beginEvents()
	t.outstandingDone(x.Zxid)
	return t.apply(x, x.Zxid, x.WallNano/nanosPerMilli, x.Session)
}

// apply applies a transaction, or a member of a multi with the head of the multi.
func (t *Tree) apply(x *txn.Txn, z zxid.Zxid, ms int64, id txn.SessionID) txn.Result {
	switch x.Op {
	case txn.OpCreate, txn.OpCreate2, txn.OpCreateTTL, txn.OpCreateContainer:
		return t.create(x, z, ms)
	case txn.OpDelete, txn.OpDeleteContainer:
		return txn.Result{Err: t.remove(x.Path, z)}
	case txn.OpSetData, txn.OpReconfig:
		return t.setData(x, z, ms)
	case txn.OpSetACL:
		return t.setACL(x)
	case txn.OpCheck:
		return txn.Result{}
	case txn.OpMulti:
		return t.multi(x, z, ms, id)
	case txn.OpCreateSession:
		t.openSession(id, x.Timeout)
		return txn.Result{}
	case txn.OpCloseSession:
		var listed []string
		if x.More != nil {
			listed = x.More.Paths
		}
		t.closeSession(id, listed, z)
		return txn.Result{}
	case txn.OpError:
		return txn.Result{Err: x.Err}
	}
	return txn.Result{Err: txn.Unimplemented}
}

// create makes a node (DataTree.createNode). Over a node that exists already, it
// still sets the access list (ZOOKEEPER-4846) and raises the parent's counters
// (ZOOKEEPER-1046), with any kind of create.
func (t *Tree) create(x *txn.Txn, z zxid.Zxid, ms int64) txn.Result {
	above, name, ok := split(x.Path)
	if !ok {
		return txn.Result{Err: txn.BadArguments}
	}
	parent := t.mut(above)
	if parent == nil {
		return txn.Result{Err: txn.NoNode}
	}
	if x.Op == txn.OpCreateTTL && kindOf(x.Owner) != timeToLive && t.cfg.Bugs.Has(bug.TTLOpcodeWithoutTTL) {
		t.dead = true
		return txn.Result{Err: txn.SystemError}
	}
	access := t.intern(x)
	if t.orphans.Len() > 0 && t.orphan(x.Path) != nil { // bug.ExistsByMap: no name for it in the parent
		t.regrant(x.Path, t.mutOrphan(x.Path), access)
		if x.Op == txn.OpCreate {
			t.raise(above, parent, x, z, true)
		}
		return txn.Result{Err: txn.NodeExists}
	}
	n := &node{
		own: t.owner, czxid: z, mzxid: z, pzxid: z, ctime: ms, mtime: ms,
		owner: x.Owner, access: access, data: x.Data, null: x.Null,
	}
	old, exists := parent.children.Set(t.owner, name, n)
	if exists {
		t.keep(x.Path, parent, name, old, n.access)
	}
	t.raise(above, parent, x, z, exists)
	if exists {
		return txn.Result{Err: txn.NodeExists}
	}
	t.number(n)
	t.enter(x.Path, n)
	r := txn.Result{More: &txn.ResultMore{Path: x.Path}}
	if x.Op != txn.OpCreate {
		r.Stat = n.stat()
	}
	if isUsage(x.Path) {
		t.countUsage(usagePrefix(x.Path))
	}
	if !t.charge(x.Path, int64(len(x.Data)), 1) {
		return txn.Result{Err: txn.SystemError}
	}
	t.nodeCreated(x.Path, n.acl(), parent.acl(), z)
	return r
}

// keep puts a node back that a create found in its place, with the new access list.
func (t *Tree) keep(path string, parent *node, name string, old *node, access *acls) {
	if old.access != access || t.numbered() {
		old = old.mine(t.owner)
		t.regrant(path, old, access)
	}
	parent.children.Set(t.owner, name, old)
}

// regrant gives a node that a create found in its place the access list of the create
// (ZOOKEEPER-4846): that of a fuzzy snapshot may mean nothing.
func (t *Tree) regrant(path string, n *node, access *acls) {
	if t.cfg.Bugs.Has(bug.ACLMissingOnReplay) {
		return
	}
	n.access = access
	t.number(n)
	t.rehash(path, n)
}

// raise sets the counters of a parent whose child was made, unless they are ahead
// already: replay must not turn them back (fact 13.2, ZOOKEEPER-3249). The number is
// the leader's (ZOOKEEPER-1046).
func (t *Tree) raise(path string, parent *node, x *txn.Txn, z zxid.Zxid, exists bool) {
	cversion := x.ParentCversion
	if cversion == -1 {
		cversion = parent.cversion + 1
	}
	ahead := parent.cversion >= cversion
	switch {
	case t.cfg.Bugs.Has(bug.CversionByIncrement):
		cversion, ahead = parent.cversion+1, exists
	case t.cfg.Bugs.Has(bug.ReplayTurnsBack) && (!exists || x.Op != txn.OpCreate):
		ahead = exists
	}
	if !ahead {
		parent.cversion, parent.pzxid = cversion, z
		t.rehash(path, parent)
	}
}

// remove deletes a node (DataTree.deleteNode). If it is gone already, the parent's
// pzxid is still raised (ZOOKEEPER-3125). If it has children, they came later than
// this deletion, in the content of a fuzzy snapshot: they go, too, and replay makes
// them again. ZooKeeper leaves them without a parent, which loses their names.
func (t *Tree) remove(path string, z zxid.Zxid) txn.Code {
	above, name, ok := split(path)
	if !ok {
		return txn.BadArguments
	}
	parent := t.mut(above)
	if parent == nil {
		return txn.NoNode
	}
	n, had := parent.children.Delete(t.owner, name)
	if !had {
		n, had = t.takeOrphan(path)
	}
	later := z > parent.pzxid
	if t.cfg.Bugs.Has(bug.DeleteLeavesPzxid) {
		later = had
	}
	if later {
		parent.pzxid = z
		t.rehash(above, parent)
	}
	if !had {
		return txn.NoNode
	}
	if !t.drop(path, n) {
		return txn.SystemError
	}
	t.nodeDeleted(path, n.acl(), parent.acl(), z)
	return txn.OK
}

// drop forgets a node that was taken out, and all below it; false if that ends the
// server.
func (t *Tree) drop(path string, n *node) bool {
	ok := true
	switch {
	case n.children.Len() == 0:
	case t.cfg.Bugs.Has(bug.ExistsByMap):
		t.abandon(path, n)
	default:
		n.children.Each(func(name string, kid *node) bool {
			ok = t.drop(path+"/"+name, kid)
			return ok
		})
	}
	t.leave(path, n)
	t.unnumber(n)
	return t.charge(path, -int64(len(n.data)), -1) && ok
}

func (t *Tree) setData(x *txn.Txn, z zxid.Zxid, ms int64) txn.Result {
	n := t.mut(x.Path)
	if n == nil {
		return txn.Result{Err: txn.NoNode}
	}
	more := int64(len(x.Data) - len(n.data))
	t.fill(x.Path, n, x.Data, x.Null)
	n.mtime, n.mzxid, n.version = ms, z, x.Version
	t.rehash(x.Path, n)
	r := txn.Result{Stat: n.stat()}
	if !t.charge(x.Path, more, 0) {
		return txn.Result{Err: txn.SystemError}
	}
	t.nodeDataChanged(x.Path, n.acl(), z)
	return r
}

func (t *Tree) setACL(x *txn.Txn) txn.Result {
	n := t.mut(x.Path)
	if n == nil {
		return txn.Result{Err: txn.NoNode}
	}
	t.unnumber(n)
	n.access, n.aversion = t.intern(x), x.Version
	t.number(n)
	t.rehash(x.Path, n)
	return txn.Result{Stat: n.stat()}
}

// multi applies all members or none. If one is an error, those before it report OK
// and those behind it RuntimeInconsistency, unless they are errors themselves. The
// whole is OK: its results tell (fact 8.4, MultiResponse).
func (t *Tree) multi(x *txn.Txn, z zxid.Zxid, ms int64, id txn.SessionID) txn.Result {
	if x.More == nil {
		return txn.Result{More: &txn.ResultMore{}}
	}
	ops := x.More.Ops
	failed := false
	for i := range ops {
		failed = failed || ops[i].Op == txn.OpError
	}
	results := make([]txn.Result, len(ops))
	behind := txn.OK
	for i := range ops {
		m, r := &ops[i], &results[i]
		switch {
		case m.Op == txn.OpError:
			r.Op, r.Err, behind = txn.OpError, m.Err, txn.RuntimeInconsistency
		case failed:
			r.Op, r.Err = txn.OpError, behind
		case m.Op == txn.OpMulti: // ZooKeeper's record can't hold one
			r.Op, r.Err = txn.OpError, txn.Unimplemented
		default:
			*r = t.apply(m, z, ms, id)
			if r.Op = m.Op; r.Err != txn.OK {
				r.Op = txn.OpError
			}
		}
	}
	return txn.Result{More: &txn.ResultMore{Results: results}}
}
