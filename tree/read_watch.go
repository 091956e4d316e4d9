package tree

import (
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// The modes of addWatch (ZooDefs.AddWatchModes).
const (
	addPersistent = 0
	addRecursive  = 1
)

// readWatches answers the requests that are about watches alone. No access list is
// looked at, and the nodes need not exist.
func (t *Tree) readWatches(r *txn.Request, w txn.Watcher) txn.Result {
	switch r.Op {
	case txn.OpAddWatch:
		if r.Flags != addPersistent && r.Flags != addRecursive {
			return txn.Result{Err: txn.MarshallingError}
		}
		t.watches.AddPersistent(r.Path, w, r.Flags == addRecursive)
		return txn.Result{}
	case txn.OpCheckWatches:
		if !t.watches.KnowsType(r.Flags) || !t.watches.CanCheck(r.Path, r.Flags) {
			return txn.Result{Err: txn.MarshallingError}
		}
		return watchResult(t.watches.Has(r.Path, w, r.Flags))
	case txn.OpRemoveWatches:
		if !t.watches.KnowsType(r.Flags) {
			return txn.Result{Err: txn.MarshallingError}
		}
		return watchResult(t.watches.Remove(r.Path, w, r.Flags))
	case txn.OpSetWatches, txn.OpSetWatches2:
		t.setWatches(r, w)
		return txn.Result{}
	}
	return txn.Result{Err: txn.Unimplemented}
}

func watchResult(found bool) txn.Result {
	if !found {
		return txn.Result{Err: txn.NoWatcher}
	}
	return txn.Result{}
}

// setWatches leaves the watches of a client that comes back. setWatches, the older
// one, knows no persistent watches.
func (t *Tree) setWatches(r *txn.Request, w txn.Watcher) {
	if r.More == nil || r.More.Watches == nil {
		return
	}
	lists := *r.More.Watches
	if r.Op == txn.OpSetWatches {
		lists.Persistent, lists.Recursives = nil, nil
	}
	t.watches.SetWatches(w, &lists, func(path string) (mzxid, pzxid zxid.Zxid, acl []txn.ACL, ok bool) {
		n := t.find(path)
		if n == nil {
			return 0, 0, nil, false
		}
		return n.mzxid, n.pzxid, n.acl(), true
	})
}
