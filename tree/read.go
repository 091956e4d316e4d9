package tree

import (
	"strings"

	"zabsim/tree/watch"
	"zabsim/zab/acl"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// Read implements txn.StateMachine (FinalRequestProcessor.processRequest). Paths are
// not checked, they are looked up as they are: what can't be a path is NoNode. A
// request that fails leaves no watch, except exists of a node that is not there.
func (t *Tree) Read(r *txn.Request, w txn.Watcher) txn.Result {
	t.beginEvents()
	if cantRead(r) {
		return txn.Result{Err: txn.MarshallingError}
	}
	switch r.Op {
	case txn.OpPing:
		return txn.Result{}
	case txn.OpSync:
		return txn.Result{More: &txn.ResultMore{Path: r.Path}}
	case txn.OpExists:
		return t.exists(r, w)
	case txn.OpGetData:
		return t.getData(r, r.Auth, w)
	case txn.OpGetACL:
		return t.getACL(r)
	case txn.OpGetChildren, txn.OpGetChildren2:
		return t.getChildren(r, r.Auth, w)
	case txn.OpGetAllChildrenNumber:
		return t.getAllChildrenNumber(r)
	case txn.OpGetEphemerals:
		return t.getEphemerals(r)
	case txn.OpMultiRead:
		return t.multiRead(r)
	case txn.OpWhoAmI:
		ids := make([]txn.ID, len(r.Auth))
		for i, id := range r.Auth {
			ids[i] = txn.ID{Scheme: id.Scheme, ID: acl.User(id)}
		}
		return txn.Result{More: &txn.ResultMore{IDs: ids}}
	}
	return t.readWatches(r, w)
}

// readable returns the node of a path that is read; NoNode or NoAuth if it can't be.
func (t *Tree) readable(path string, perm int32, ids []txn.ID) (*node, txn.Code) {
	n := t.find(path)
	if n == nil {
		return nil, txn.NoNode
	}
	if !acl.Allows(n.acl(), perm, ids) {
		return nil, txn.NoAuth
	}
	return n, txn.OK
}

func (t *Tree) exists(r *txn.Request, w txn.Watcher) txn.Result {
	if strings.IndexByte(r.Path, 0) >= 0 {
		return txn.Result{Err: txn.BadArguments}
	}
	n := t.find(r.Path)
	if n != nil && !t.cfg.Bugs.Has(bug.ExistsUnchecked) && !acl.Allows(n.acl(), acl.Read, r.Auth) {
		return txn.Result{Err: txn.NoAuth}
	}
	if r.Watch {
		t.watches.Add(r.Path, w, watch.Data)
	}
	if n == nil {
		return txn.Result{Err: txn.NoNode}
	}
	return txn.Result{Stat: n.stat()}
}

func (t *Tree) getData(r *txn.Request, ids []txn.ID, w txn.Watcher) txn.Result {
	n, code := t.readable(r.Path, acl.Read, ids)
	if code != txn.OK {
		return txn.Result{Err: code}
	}
	if r.Watch {
		t.watches.Add(r.Path, w, watch.Data)
	}
	return txn.Result{Data: n.data, Null: n.null, Stat: n.stat()}
}

// getACL shows the list to who may READ or ADMIN, and digests to who may ADMIN.
func (t *Tree) getACL(r *txn.Request) txn.Result {
	n, code := t.readable(r.Path, acl.Read|acl.Admin, r.Auth)
	if code != txn.OK {
		return txn.Result{Err: code}
	}
	list := n.acl()
	if !acl.Allows(list, acl.Admin, r.Auth) {
		list = acl.Masked(list)
	}
	return txn.Result{Stat: n.stat(), More: &txn.ResultMore{ACL: list}}
}

func (t *Tree) getChildren(r *txn.Request, ids []txn.ID, w txn.Watcher) txn.Result {
	n, code := t.readable(r.Path, acl.Read, ids)
	if code != txn.OK {
		return txn.Result{Err: code}
	}
	names := make([]string, 0, n.numChildren())
	n.eachChild(func(name string) bool {
		names = append(names, name)
		return true
	})
	if r.Watch {
		t.watches.Add(r.Path, w, watch.Children)
	}
	res := txn.Result{More: &txn.ResultMore{Names: names}}
	if r.Op == txn.OpGetChildren2 {
		res.Stat = n.stat()
	}
	return res
}

// getAllChildrenNumber counts all nodes below a path. By its other name, "", the
// root counts itself, too (DataTree.getAllChildrenNumber).
func (t *Tree) getAllChildrenNumber(r *txn.Request) txn.Result {
	n, code := t.readable(r.Path, acl.Read, r.Auth)
	if code != txn.OK {
		return txn.Result{Err: code}
	}
	var number, bytes int64
	switch r.Path {
	case "":
		number = int64(t.count)
	case "/":
		number = int64(t.count) - 1
	default:
		n.weigh(&number, &bytes)
		number--
	}
	return txn.Result{More: &txn.ResultMore{Number: int32(number)}}
}

// getEphemerals lists the session's ephemeral nodes whose paths begin with the
// prefix: also "/ab" with "/a".
func (t *Tree) getEphemerals(r *txn.Request) txn.Result {
	prefix := r.Path
	if all := strings.Trim(prefix, javaSpace); all == "" || all == "/" {
		prefix = ""
	}
	var names []string
	t.ephemeralsOf(r.Session, func(path string) bool {
		if strings.HasPrefix(path, prefix) {
			names = append(names, path)
		}
		return true
	})
	return txn.Result{More: &txn.ResultMore{Names: names}}
}

// javaSpace is what String.trim cuts off.
const javaSpace = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0e\x0f" +
	"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f "

// multiRead reads data and names of children, each member with its own error. Watches
// are not left: the members' flags get lost on the way (Op.getData). Any other
// member makes the whole unreadable.
func (t *Tree) multiRead(r *txn.Request) txn.Result {
	var ops []txn.Request
	if r.More != nil {
		ops = r.More.Ops
	}
	for i := range ops {
		if op := ops[i].Op; op != txn.OpGetData && op != txn.OpGetChildren {
			return txn.Result{Err: txn.MarshallingError}
		}
	}
	results := make([]txn.Result, len(ops))
	for i := range ops {
		m := txn.Request{Op: ops[i].Op, Path: ops[i].Path}
		if m.Op == txn.OpGetData {
			results[i] = t.getData(&m, r.Auth, 0)
		} else {
			results[i] = t.getChildren(&m, r.Auth, 0)
		}
		results[i].Op = m.Op
		if results[i].Err != txn.OK {
			results[i].Op = txn.OpError
		}
	}
	return txn.Result{More: &txn.ResultMore{Results: results}}
}
