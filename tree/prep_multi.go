package tree

import (
	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// prepMulti validates a multi (protocol fact 8.5). If a member fails it is still a
// multi: errors alone, with OK for the members before, the code, and
// RuntimeInconsistency for those behind. An error comes back only if the whole
// can't be read.
func (t *Tree) prepMulti(who asker, r *txn.Request, x *txn.Txn) txn.Code {
	x.Op = txn.OpMulti
	var ops []txn.Request
	if r.More != nil {
		ops = r.More.Ops
	}
	for i := range ops {
		if _, ok := t.memberOp(&ops[i]); !ok {
			return txn.MarshallingError
		}
	}
	if len(ops) == 0 {
		return txn.OK
	}
	x.More = &txn.TxnMore{Ops: make([]txn.Txn, len(ops))}
	mark := len(t.pending.list)
	for i := range ops {
		m := &x.More.Ops[i]
		*m = txn.Txn{Zxid: x.Zxid, Session: x.Session, Cxid: x.Cxid, WallNano: x.WallNano}
		op, _ := t.memberOp(&ops[i])
		code := t.prepMember(who, &ops[i], op, m)
		if code == txn.MarshallingError {
			return code
		}
		if code != txn.OK {
			if t.cfg.Bugs.Has(bug.MultiRollbackForgetsPrior) {
				t.pending.forget(mark, ops)
			}
			t.pending.cut(mark)
			failMulti(x.More.Ops, ops, x, i, code)
			return txn.OK
		}
	}
	return txn.OK
}

// prepMember is prep for a member of a multi.
func (t *Tree) prepMember(who asker, r *txn.Request, op txn.Op, m *txn.Txn) txn.Code {
	if op == txn.OpCreateTTL && r.Op != txn.OpCreateTTL {
		return txn.MarshallingError // the record has no time to live to go with the mode
	}
	return t.prep(who, r, op, m)
}

// failMulti makes errors of all members when the one at failed did.
func failMulti(members []txn.Txn, ops []txn.Request, x *txn.Txn, failed int, code txn.Code) {
	for i := range members {
		members[i] = txn.Txn{Zxid: x.Zxid, Session: x.Session, Cxid: x.Cxid, WallNano: x.WallNano}
		switch {
		case i < failed:
			fail(&members[i], ops[i].Op, txn.OK)
		case i == failed:
			fail(&members[i], ops[i].Op, code)
		default:
			fail(&members[i], ops[i].Op, txn.RuntimeInconsistency)
		}
	}
}

// memberOp returns the operation that a member of a multi comes to: the mode of a
// create decides in parts (Op.create, MultiOperationRecord.deserialize). False if
// the multi can't be read.
func (t *Tree) memberOp(r *txn.Request) (txn.Op, bool) {
	old := t.cfg.Bugs.Has(bug.MultiCreatePlain)
	switch r.Op {
	case txn.OpDelete, txn.OpSetData, txn.OpCheck:
		return r.Op, true
	case txn.OpCreateTTL:
		return createOp(r.Flags, txn.OpCreate), true
	case txn.OpCreate, txn.OpCreate2, txn.OpCreateContainer:
		if old {
			return createOp(r.Flags, txn.OpCreate), true
		}
		return createOp(r.Flags, r.Op), validMode(r.Flags) && !ttlMode(r.Flags)
	}
	return r.Op, false
}

// createOp returns the operation that a mode asks for.
func createOp(mode int32, op txn.Op) txn.Op {
	switch {
	case mode == modeContainer:
		return txn.OpCreateContainer
	case ttlMode(mode):
		return txn.OpCreateTTL
	}
	return op
}
