package linearizability

import (
	"zabsim/linearizability/history"
	"zabsim/linearizability/reference"
	"zabsim/zab/txn"
)

// startModel returns the tree before the first transaction.
func startModel(h *history.History) *reference.Model {
	cfg := reference.Config{}
	changes(h, func(t *txn.Txn) {
		// No server commits such a node unless it was told to allow them.
		cfg.ExtendedTypes = cfg.ExtendedTypes || t.Op == txn.OpCreateTTL
	})
	m := reference.New(cfg)
	for _, path := range h.Seeds {
		m.Do(0, 0, &txn.Request{Op: txn.OpCreate, Path: path}, reference.Caller{})
	}
	return m
}

// requestOf returns a request that has the effect of t whatever is asked of the
// conditions, which were met: it asks for any version, and with the rights of a
// superuser. It is nil for a transaction without an effect on the tree, and for one
// that no request can have led to.
func requestOf(t *txn.Txn) *txn.Request {
	q := &txn.Request{Session: t.Session, Cxid: t.Cxid, Op: t.Op, Path: t.Path, Data: t.Data, Null: t.Null, Version: txn.AnyVersion,
		Timeout: t.Timeout, Auth: []txn.ID{{Scheme: "super"}}}
	switch t.Op {
	case txn.OpSetData, txn.OpDelete, txn.OpDeleteContainer, txn.OpCreateSession, txn.OpCloseSession, txn.OpCheck:
		return q
	case txn.OpSetACL:
		if t.More == nil {
			return nil
		}
		q.More = &txn.RequestMore{ACL: t.More.ACL}
		return q
	case txn.OpMulti:
		return multiOf(t, q)
	case txn.OpCreate, txn.OpCreate2, txn.OpCreateTTL, txn.OpCreateContainer:
		switch {
		case t.Owner == 1<<63:
			q.Op, q.Flags = txn.OpCreateContainer, 4
		case t.Owner>>56 == 0xff:
			q.Op, q.Flags, q.TTL = txn.OpCreateTTL, 5, int64(t.Owner&(1<<40-1))
		case ownedBySession(t.Owner):
			q.Flags, q.Session = 1, txn.SessionID(t.Owner)
		}
		if t.More != nil && t.More.ACL != nil {
			q.More = &txn.RequestMore{ACL: t.More.ACL}
		}
		return q
	}
	return nil
}

// multiOf returns the multi q with the members of t, nil if one of them has failed.
func multiOf(t *txn.Txn, q *txn.Request) *txn.Request {
	if t.More == nil || anyFailed(t.More.Ops) {
		return nil
	}
	q.More = &txn.RequestMore{}
	for i := range t.More.Ops {
		member := t.More.Ops[i]
		member.Session = t.Session
		x := requestOf(&member)
		if x == nil {
			return nil
		}
		x.Auth = nil
		q.More.Ops = append(q.More.Ops, *x)
	}
	return q
}
