package reference

import (
	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// multi executes all members on a copy, which becomes the tree if none of them failed
// (fact 8.5).
func (s *step) multi(r *txn.Request) (txn.Result, []txn.Event) {
	var members []txn.Request
	if r.More != nil {
		members = r.More.Ops
	}
	for i := range members {
		if !s.legible(&members[i]) {
			return failed(txn.MarshallingError), nil
		}
	}
	trial := *s
	trial.Model = s.Clone()
	results := make([]txn.Result, len(members))
	bad := -1
	for i := range members {
		if bad >= 0 {
			continue
		}
		m, ok := s.asMember(&members[i], r)
		if !ok {
			return failed(txn.MarshallingError), nil
		}
		results[i] = trial.update(&m)
		results[i].Op = m.Op
		if results[i].Err == txn.MarshallingError {
			return failed(txn.MarshallingError), nil // a quota that can't be read, not the client's mistake
		}
		if results[i].Err != txn.OK {
			bad = i
		}
	}
	if bad < 0 {
		*s.Model = *trial.Model
		return txn.Result{More: &txn.ResultMore{Results: results}}, trial.events
	}
	for i := range results {
		code := results[i].Err
		if i > bad {
			code = txn.RuntimeInconsistency
		}
		results[i] = txn.Result{Err: code, Op: txn.OpError}
	}
	return txn.Result{More: &txn.ResultMore{Results: results}}, nil
}

// legible tells whether a member can be read (MultiOperationRecord.deserialize). If not,
// the multi as a whole can't.
func (s *step) legible(m *txn.Request) bool {
	switch m.Op {
	case txn.OpCreate, txn.OpCreate2, txn.OpCreateContainer:
		exists := m.Flags >= 0 && m.Flags <= modeSequentialTTL && !hasTTL(m.Flags)
		return exists || s.cfg.Bugs.Has(bug.MultiCreatePlain)
	case txn.OpCreateTTL, txn.OpDelete, txn.OpSetData, txn.OpCheck:
		return true
	}
	return false
}

// asMember returns a member as MultiOperationRecord reads it: who asks is who sent the
// multi, and the mode decides which kind of create it is. False if that is none that the
// request has the fields of.
func (s *step) asMember(member, multi *txn.Request) (txn.Request, bool) {
	m := *member
	m.Session, m.Auth = multi.Session, multi.Auth
	switch {
	case !m.Op.IsCreate():
	case hasTTL(m.Flags):
		return m, m.Op == txn.OpCreateTTL
	case m.Flags == modeContainer:
		m.Op = txn.OpCreateContainer
	case m.Op == txn.OpCreateTTL, s.cfg.Bugs.Has(bug.MultiCreatePlain):
		m.Op = txn.OpCreate
	}
	return m, true
}
