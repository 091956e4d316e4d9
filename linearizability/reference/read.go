package reference

import (
	"strings"

	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// read executes a request that is no update.
func (s *step) read(r *txn.Request) txn.Result {
	switch r.Op {
	case txn.OpExists:
		return s.exists(r)
	case txn.OpGetData:
		return s.getData(r)
	case txn.OpGetChildren, txn.OpGetChildren2:
		return s.getChildren(r)
	case txn.OpGetACL:
		return s.getACL(r)
	case txn.OpGetAllChildrenNumber:
		return s.countBelow(r)
	case txn.OpGetEphemerals:
		return s.getEphemerals(r)
	case txn.OpMultiRead:
		return s.multiRead(r)
	case txn.OpWhoAmI:
		return whoAmI(r.Auth)
	case txn.OpAddWatch:
		return s.addWatch(r)
	case txn.OpCheckWatches, txn.OpRemoveWatches:
		return s.removeWatches(r)
	case txn.OpSetWatches, txn.OpSetWatches2:
		return s.setWatches(r)
	case txn.OpSync, txn.OpPing, txn.OpAuth:
		return txn.Result{}
	}
	return failed(txn.Unimplemented)
}

// readable returns the node at a path if who asks may READ it.
func (s *step) readable(r *txn.Request) (*node, txn.Code) {
	n := s.find(r.Path)
	if n == nil {
		return nil, txn.NoNode
	}
	if !allowed(n.acl, permRead, r.Auth) {
		return nil, txn.NoAuth
	}
	return n, txn.OK
}

// exists leaves its watch on a node that is not there, too.
func (s *step) exists(r *txn.Request) txn.Result {
	if strings.ContainsRune(r.Path, 0) {
		return failed(txn.BadArguments)
	}
	n, code := s.readable(r)
	if code == txn.NoAuth && s.cfg.Bugs.Has(bug.ExistsUnchecked) {
		n, code = s.find(r.Path), txn.OK
	}
	if r.Watch && code != txn.NoAuth {
		s.leave(dataTable, r.Path, standard)
	}
	if code != txn.OK {
		return failed(code)
	}
	return txn.Result{Stat: s.statOf(n)}
}

func (s *step) getData(r *txn.Request) txn.Result {
	n, code := s.readable(r)
	if code != txn.OK {
		return failed(code)
	}
	if r.Watch {
		s.leave(dataTable, r.Path, standard)
	}
	return txn.Result{Stat: s.statOf(n), Data: n.data, Null: n.null}
}

func (s *step) getChildren(r *txn.Request) txn.Result {
	n, code := s.readable(r)
	if code != txn.OK {
		return failed(code)
	}
	if r.Watch {
		s.leave(childTable, r.Path, standard)
	}
	res := txn.Result{More: &txn.ResultMore{Names: s.children(n)}}
	if r.Op == txn.OpGetChildren2 {
		res.Stat = s.statOf(n)
	}
	return res
}

// getACL hides what passwords hash to from those who may READ only.
func (s *step) getACL(r *txn.Request) txn.Result {
	n := s.find(r.Path)
	if n == nil {
		return failed(txn.NoNode)
	}
	if !allowed(n.acl, permRead|permAdmin, r.Auth) {
		return failed(txn.NoAuth)
	}
	acl := append([]txn.ACL{}, n.acl...)
	if !allowed(n.acl, permAdmin, r.Auth) {
		for i := range acl {
			if user, _, ok := strings.Cut(acl[i].ID.ID, ":"); ok && acl[i].Scheme == "digest" {
				acl[i].ID.ID = user + ":x"
			}
		}
	}
	return txn.Result{Stat: s.statOf(n), More: &txn.ResultMore{ACL: acl}}
}

// countBelow counts all descendants. Asked about the empty path, another name of the
// root, ZooKeeper counts the root, too.
func (s *step) countBelow(r *txn.Request) txn.Result {
	n, code := s.readable(r)
	if code != txn.OK {
		return failed(code)
	}
	count := 0
	for i := range s.nodes {
		p := s.nodes[i].path
		switch {
		case r.Path == "", n.path == "/" && p != "/", strings.HasPrefix(p, n.path+"/"):
			count++
		}
	}
	return txn.Result{More: &txn.ResultMore{Number: int32(count)}}
}

// getEphemerals compares text, not components: /a matches /ab.
func (s *step) getEphemerals(r *txn.Request) txn.Result {
	names := []string{}
	trimmed := strings.TrimFunc(r.Path, func(c rune) bool { return c <= ' ' })
	for _, p := range s.ephemerals(r.Session) {
		if trimmed == "" || trimmed == "/" || strings.HasPrefix(p, r.Path) {
			names = append(names, p)
		}
	}
	return txn.Result{More: &txn.ResultMore{Names: names}}
}

// multiRead executes its members one by one; they leave no watches.
func (s *step) multiRead(r *txn.Request) txn.Result {
	results := []txn.Result{}
	if r.More != nil {
		for i := range r.More.Ops {
			m := r.More.Ops[i]
			m.Session, m.Auth, m.Watch = r.Session, r.Auth, false
			if m.Op != txn.OpGetData && m.Op != txn.OpGetChildren {
				return failed(txn.MarshallingError)
			}
			res := s.read(&m)
			res.Op = m.Op
			if res.Err != txn.OK {
				res = txn.Result{Err: res.Err, Op: txn.OpError}
			}
			results = append(results, res)
		}
	}
	return txn.Result{More: &txn.ResultMore{Results: results}}
}

// whoAmI tells users, not what their passwords hash to.
func whoAmI(auth []txn.ID) txn.Result {
	ids := []txn.ID{}
	for _, id := range auth {
		switch id.Scheme {
		case "digest":
			id.ID, _, _ = strings.Cut(id.ID, ":")
		case "ip":
		default:
			id.ID = ""
		}
		ids = append(ids, id)
	}
	return txn.Result{More: &txn.ResultMore{IDs: ids}}
}
