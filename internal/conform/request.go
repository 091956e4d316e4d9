package conform

import (
	"zabsim/internal/conform/trace"
	"zabsim/zab/txn"
)

// request makes of op what a client of session id would send.
func request(op *trace.Op, id txn.SessionID, cxid uint32) *txn.Request {
	r := &txn.Request{Session: id, Cxid: cxid}
	if op.Name == "rawOp" {
		raw(r, op.RawCode, op.RawBody)
		return r.Seal()
	}
	fill(r, op)
	return r.Seal()
}

// fill gives r the operation and its arguments.
func fill(r *txn.Request, op *trace.Op) {
	r.Op, r.Path, r.NullPath, r.Watch = op.Code, op.Path, op.NoPath, op.Watch
	r.Malformed = op.NullID
	r.Version, r.Flags, r.TTL = op.Version, op.Flags, op.TTL
	switch op.Code {
	case txn.OpCreate, txn.OpCreate2, txn.OpCreateContainer, txn.OpCreateTTL, txn.OpSetData, txn.OpReconfig:
		r.Null, r.Data = op.Data.Null, op.Data.Bytes()
	case txn.OpAuth:
		r.Path, r.Data, r.Null = op.Scheme, op.Auth.Value, op.Auth.Null
	}
	if !op.Code.IsCreate() && op.Code != txn.OpSetACL && op.Ops == nil && op.Watches == nil {
		return
	}
	m := &txn.RequestMore{ACL: op.ACL, Watches: op.Watches}
	if op.Code.IsCreate() && !op.HasACL {
		return // a request without a list has world:anyone:cdrwa
	}
	for i := range op.Ops {
		var member txn.Request
		fill(&member, &op.Ops[i])
		m.Ops = append(m.Ops, member)
	}
	r.More = m
}
