package tree

import (
	"zabsim/internal/fp"
	"zabsim/tree/watch"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// beginEvents forgets the events of the last Apply or Read.
func (t *Tree) beginEvents() { t.watches.ResetEvents() }

// nodeCreated triggers the watches of a new node and of its parent's children.
func (t *Tree) nodeCreated(path string, acl, parentACL []txn.ACL, z zxid.Zxid) {
	t.watches.NodeCreated(path, acl, parentACL, z)
}

// nodeDeleted triggers the watches of a node that is gone and of its parent's
// children. The lists are those in force before.
func (t *Tree) nodeDeleted(path string, acl, parentACL []txn.ACL, z zxid.Zxid) {
	t.watches.NodeDeleted(path, acl, parentACL, z)
}

// nodeDataChanged triggers the watches of a node's data.
func (t *Tree) nodeDataChanged(path string, acl []txn.ACL, z zxid.Zxid) {
	t.watches.NodeDataChanged(path, acl, z)
}

// Events implements txn.StateMachine.
func (t *Tree) Events() []txn.Event { return t.watches.Events() }

// Unwatch implements txn.StateMachine.
func (t *Tree) Unwatch(w txn.Watcher) { t.watches.Unwatch(w) }

// cloneHooks gives a clone its own copy of the announced changes and the watches.
func (t *Tree) cloneHooks(c *Tree) {
	c.pending = t.cloneOutstanding()
	c.watches = watch.Tables{}
	t.watches.CloneInto(&c.watches)
}

// dropHooks leaves a copy without announced changes and watches, as one that is
// loaded from a snapshot is.
func (t *Tree) dropHooks() {
	t.pending = outstanding{}
	t.watches = watch.New(t.cfg.Bugs)
}

// hashHooks adds the announced changes and the watches to a fingerprint.
func (t *Tree) hashHooks(h fp.Hash) fp.Hash {
	return t.watches.Fingerprint(t.hashOutstanding(h))
}
