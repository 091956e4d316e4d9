package tree

import (
	"slices"

	"zabsim/tree/zpath"
	"zabsim/zab/acl"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// asker is who a request is from, the same for all members of a multi.
type asker struct {
	session txn.SessionID
	ids     []txn.ID
	check   txn.SessionCheck
}

// Prep implements txn.StateMachine. The checks are those of
// PrepRequestProcessor.pRequest2Txn in its order (protocol fact 11.5): the first
// that fails is the answer. One thing is not ZooKeeper's: a multi that fails by an
// error that nobody expects leaves nothing announced behind, either.
func (t *Tree) Prep(r *txn.Request, s txn.SessionCheck, z zxid.Zxid, wallNano int64) *txn.Txn {
	x := &txn.Txn{Zxid: z, Session: r.Session, Cxid: r.Cxid, WallNano: wallNano}
	who := asker{session: r.Session, ids: r.Auth, check: s}
	mark := len(t.pending.list)
	var code txn.Code
	switch {
	case cantPrep(r, r.Op):
		code = txn.MarshallingError
	case r.Op == txn.OpMulti:
		code = t.prepMulti(who, r, x)
	case r.Op == txn.OpCheck && !t.cfg.Bugs.Has(bug.LoneCheckUnanswered):
		code = txn.Unimplemented // it is for members of a multi
	default:
		code = t.prep(who, r, r.Op, x)
	}
	if code != txn.OK {
		t.pending.cut(mark)
		fail(x, r.Op, code)
	}
	return x.Seal()
}

// fail makes an error of a transaction.
func fail(x *txn.Txn, of txn.Op, code txn.Code) {
	*x = txn.Txn{
		Zxid: x.Zxid, Session: x.Session, Cxid: x.Cxid, WallNano: x.WallNano,
		Op: txn.OpError, Of: of, Err: code,
	}
}

// prep validates one operation and fills x. MarshallingError is what an exception
// comes to that is no KeeperException. On an error the caller drops what was
// announced.
func (t *Tree) prep(who asker, r *txn.Request, op txn.Op, x *txn.Txn) txn.Code {
	x.Op = op
	switch op {
	case txn.OpCreate, txn.OpCreate2, txn.OpCreateTTL, txn.OpCreateContainer:
		return t.prepCreate(who, r, op, x)
	case txn.OpDelete:
		return t.prepDelete(who, r, x)
	case txn.OpDeleteContainer:
		return t.prepDeleteContainer(who, r, x)
	case txn.OpSetData:
		return t.prepSetData(who, r, x)
	case txn.OpSetACL:
		return t.prepSetACL(who, r, x)
	case txn.OpCheck:
		return t.prepCheck(who, r, x)
	case txn.OpCreateSession:
		x.Timeout = r.Timeout
		return txn.OK
	case txn.OpCloseSession:
		t.prepClose(who, x)
		return txn.OK
	case txn.OpReconfig:
		return txn.ReconfigDisabled // before anything else is looked at
	}
	return txn.Unimplemented
}

func (t *Tree) prepDelete(who asker, r *txn.Request, x *txn.Txn) txn.Code {
	if who.check.Session != txn.OK {
		return who.check.Session
	}
	if !zpath.Splits(r.Path) || zpath.Reserved(r.Path) {
		return txn.BadArguments
	}
	parent, code := t.permitted(zpath.Parent(r.Path), acl.Delete, who.ids)
	if code != txn.OK {
		return code
	}
	c, ok := t.lookup(r.Path)
	switch {
	case !ok:
		return txn.NoNode
	case r.Version != txn.AnyVersion && r.Version != c.version:
		return txn.BadVersion
	case c.children > 0:
		return txn.NotEmpty
	}
	t.announceDelete(parent, r.Path, x)
	return txn.OK
}

func (t *Tree) announceDelete(parent change, path string, x *txn.Txn) {
	x.Path = path
	parent.zxid = x.Zxid
	parent.children--
	t.pending.add(parent)
	t.pending.add(change{zxid: x.Zxid, path: path, gone: true})
}

// prepDeleteContainer is what the container manager asks for. It looks neither at
// the session nor at permissions, and spares nothing but ephemeral nodes.
func (t *Tree) prepDeleteContainer(who asker, r *txn.Request, x *txn.Txn) txn.Code {
	if who.session != 0 && t.cfg.Bugs.Has(bug.DeleteContainerMisread) {
		return txn.BadArguments // the length before the path is taken for a part of it
	}
	if !zpath.Splits(r.Path) || zpath.Reserved(r.Path) {
		return txn.BadArguments
	}
	c, ok := t.lookup(r.Path)
	if !ok {
		return txn.NoNode
	}
	if c.children > 0 {
		return txn.NotEmpty
	}
	if t.isEphemeral(c.owner) {
		return txn.BadVersion
	}
	parent, ok := t.lookup(zpath.Parent(r.Path))
	if !ok {
		return txn.NoNode
	}
	t.announceDelete(parent, r.Path, x)
	return txn.OK
}

func (t *Tree) prepSetData(who asker, r *txn.Request, x *txn.Txn) txn.Code {
	if who.check.Session != txn.OK {
		return who.check.Session
	}
	if !zpath.Valid(r.Path) {
		return txn.BadArguments
	}
	c, code := t.permitted(r.Path, acl.Write, who.ids)
	if code != txn.OK {
		return code
	}
	length := dataLength(r)
	if code := t.checkQuota(r.Path, int64(length)-int64(c.dataLength), 0); code != txn.OK {
		return code
	}
	version, ok := t.nextVersion(c.version, r.Version)
	if !ok {
		return txn.BadVersion
	}
	x.Path, x.Data, x.Null, x.Version = r.Path, data(r), r.Null, version
	c.zxid, c.version, c.dataLength = x.Zxid, version, length
	t.pending.add(c)
	return txn.OK
}

// data returns what the request writes: nothing beside a null.
func data(r *txn.Request) string {
	if r.Null {
		return ""
	}
	return r.Data
}

func dataLength(r *txn.Request) int32 { return int32(len(data(r))) }

// nextVersion returns the version after an update that expects one; false if it is
// another (PrepRequestProcessor.checkAndIncVersion). -1 is left out: nobody could
// expect it.
func (t *Tree) nextVersion(version, expected int32) (int32, bool) {
	if expected != txn.AnyVersion && expected != version {
		return 0, false
	}
	version++
	if version == txn.AnyVersion && !t.cfg.Bugs.Has(bug.VersionMinusOne) {
		version = 0
	}
	return version, true
}

func (t *Tree) prepSetACL(who asker, r *txn.Request, x *txn.Txn) txn.Code {
	if who.check.Session != txn.OK {
		return who.check.Session
	}
	if !zpath.Valid(r.Path) {
		return txn.BadArguments
	}
	var asked []txn.ACL
	if r.More != nil {
		asked = r.More.ACL
	}
	list, code := acl.Fix(asked, who.ids, t.cfg.Bugs.Has(bug.IPv4Only))
	if code != txn.OK {
		return code
	}
	c, code := t.permitted(r.Path, acl.Admin, who.ids)
	if code != txn.OK {
		return code
	}
	version, ok := t.nextVersion(c.aversion, r.Version)
	if !ok {
		return txn.BadVersion
	}
	x.Path, x.Version, x.More = r.Path, version, &txn.TxnMore{ACL: list}
	// The list stays as it was: until the transaction is applied, ZooKeeper checks
	// later requests against the old one.
	c.zxid, c.aversion = x.Zxid, version
	t.pending.add(c)
	return txn.OK
}

func (t *Tree) prepCheck(who asker, r *txn.Request, x *txn.Txn) txn.Code {
	if who.check.Session != txn.OK {
		return who.check.Session
	}
	if !zpath.Valid(r.Path) {
		return txn.BadArguments
	}
	c, code := t.permitted(r.Path, acl.Read, who.ids)
	if code != txn.OK {
		return code
	}
	if _, ok := t.nextVersion(c.version, r.Version); !ok {
		return txn.BadVersion
	}
	x.Path = r.Path
	return txn.OK
}

// prepClose lists the ephemeral nodes that the session will have when all that is
// announced is applied, and announces that they go. The parents keep their number
// of children in it: ZooKeeper takes such a parent for not empty until the
// transaction is applied.
func (t *Tree) prepClose(who asker, x *txn.Txn) {
	var paths []string
	t.ephemeralsOf(who.session, func(path string) bool {
		paths = append(paths, path)
		return true
	})
	live := t.pending.list[t.pending.head:]
	for i := range live {
		c := &live[i]
		k, found := slices.BinarySearch(paths, c.path)
		switch {
		case c.gone && found:
			paths = slices.Delete(paths, k, k+1)
		case !c.gone && !found && c.owner == uint64(who.session) && c.owner != 0:
			paths = slices.Insert(paths, k, c.path)
		}
	}
	for _, path := range paths {
		if parent, ok := t.lookup(zpath.Parent(path)); ok {
			parent.zxid = x.Zxid
			t.pending.add(parent)
		}
		t.pending.add(change{zxid: x.Zxid, path: path, gone: true})
	}
	if len(paths) > 0 && !t.cfg.Bugs.Has(bug.CloseWithoutPaths) { // ZOOKEEPER-3145
		x.More = &txn.TxnMore{Paths: paths}
	}
}
