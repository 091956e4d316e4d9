package tree

import (
	"slices"
	"strconv"

	"zabsim/tree/zpath"
	"zabsim/zab/acl"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// The create modes, as the wire has them (CreateMode.toFlag).
const (
	modePersistent          = 0
	modeEphemeral           = 1
	modeSequential          = 2
	modeEphemeralSequential = 3
	modeContainer           = 4
	modeTTL                 = 5
	modeSequentialTTL       = 6
)

// maxTTL is the largest time to live in milliseconds (EphemeralType.TTL).
const maxTTL = ttlMask

func validMode(mode int32) bool     { return mode >= modePersistent && mode <= modeSequentialTTL }
func ephemeralMode(mode int32) bool { return mode == modeEphemeral || mode == modeEphemeralSequential }
func ttlMode(mode int32) bool       { return mode == modeTTL || mode == modeSequentialTTL }

func sequentialMode(mode int32) bool {
	return mode == modeSequential || mode == modeEphemeralSequential || mode == modeSequentialTTL
}

// isEphemeral tells whether a node belongs to a session. Without the extended
// types a node with a time to live counts as one (EphemeralType.get).
func (t *Tree) isEphemeral(owner uint64) bool {
	k := kindOf(owner)
	return k == ephemeral || k == timeToLive && !t.cfg.ExtendedTypes
}

// prepCreate validates a create of any kind (pRequest2TxnCreate).
func (t *Tree) prepCreate(who asker, r *txn.Request, op txn.Op, x *txn.Txn) txn.Code {
	if code := t.checkMode(who, r, op); code != txn.OK {
		return code
	}
	if !zpath.Splits(r.Path) {
		return txn.BadArguments
	}
	list, code := acl.Open, txn.OK
	if r.More != nil {
		if list, code = acl.Fix(r.More.ACL, who.ids, t.cfg.Bugs.Has(bug.IPv4Only)); code != txn.OK {
			return code
		}
	}
	parent, ok := t.lookup(zpath.Parent(r.Path))
	if !ok {
		return txn.NoNode
	}
	if !acl.Allows(parent.acl, acl.Create, who.ids) {
		return txn.NoAuth
	}
	path := r.Path
	if sequentialMode(r.Flags) {
		path = sequential(path, parent.cversion)
	}
	if !zpath.Valid(path) {
		return txn.BadArguments
	}
	if _, ok := t.lookup(path); ok {
		return txn.NodeExists
	}
	if t.isEphemeral(parent.owner) {
		return txn.NoChildrenForEphemerals
	}
	if code := t.checkQuota(path, int64(dataLength(r)), 1); code != txn.OK {
		return code
	}
	x.Path, x.Data, x.Null = path, data(r), r.Null
	x.ParentCversion, x.Owner = parent.cversion+1, storedOwner(who, r, op)
	if !slices.Equal(list, acl.Open) {
		x.More = &txn.TxnMore{ACL: list}
	}
	t.announceCreate(who, r, parent, list, x)
	return txn.OK
}

// checkMode checks the mode, the time to live and the session
// (validateCreateRequest).
func (t *Tree) checkMode(who asker, r *txn.Request, op txn.Op) txn.Code {
	ttl := int64(-1)
	if op == txn.OpCreateTTL {
		ttl = r.TTL
	}
	switch {
	case !validMode(r.Flags):
		return txn.BadArguments
	case ttlMode(r.Flags) && !t.cfg.ExtendedTypes:
		return txn.Unimplemented
	case ttlMode(r.Flags) && (ttl <= 0 || ttl > maxTTL), !ttlMode(r.Flags) && ttl >= 0:
		return txn.BadArguments
	case op == txn.OpCreateTTL && !ttlMode(r.Flags) && !t.cfg.Bugs.Has(bug.TTLOpcodeWithoutTTL):
		return txn.BadArguments
	case ephemeralMode(r.Flags):
		return who.check.Global
	}
	return who.check.Session
}

// storedOwner returns the owner of the node as Apply makes it. The operation
// decides, not the mode: a create with the mode of a container makes a plain node,
// and a createContainer makes a container whatever its mode says. 0 for a createTTL
// is a time to live that can't be.
func storedOwner(who asker, r *txn.Request, op txn.Op) uint64 {
	switch {
	case op == txn.OpCreateContainer:
		return containerOwner
	case op == txn.OpCreateTTL && ttlMode(r.Flags):
		return ttlOwner | uint64(r.TTL)
	case op != txn.OpCreateTTL && ephemeralMode(r.Flags):
		return uint64(who.session)
	}
	return 0
}

// announceCreate announces the new node and its parent. Here the mode decides
// about the owner, whatever the operation is; who asks next sees that until the
// transaction is applied.
func (t *Tree) announceCreate(who asker, r *txn.Request, parent change, list []txn.ACL, x *txn.Txn) {
	owner := uint64(0)
	switch {
	case r.Flags == modeContainer:
		owner = containerOwner
	case ttlMode(r.Flags):
		owner = ttlOwner | uint64(r.TTL)
	case ephemeralMode(r.Flags):
		owner = uint64(who.session)
	}
	parent.zxid = x.Zxid
	parent.children++
	parent.cversion = x.ParentCversion
	t.pending.add(parent)
	t.pending.add(change{zxid: x.Zxid, path: x.Path, dataLength: int32(len(x.Data)), owner: owner, acl: list})
}

// sequential adds the number of a sequential node, ten characters at least.
func sequential(path string, number int32) string {
	var digits [12]byte
	text := strconv.AppendInt(digits[:0], int64(number), 10)
	var room [96]byte
	name := append(room[:0], path...)
	if number < 0 {
		name, text = append(name, '-'), text[1:]
	}
	for k := len(text); k < 10 && (number >= 0 || k < 9); k++ {
		name = append(name, '0')
	}
	return string(append(name, text...))
}
