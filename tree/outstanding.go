package tree

import (
	"slices"

	"zabsim/internal/fp"
	"zabsim/zab/acl"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// change is what a node will be when a transaction that Prep made is applied
// (ZooKeeperServer.ChangeRecord). The key is the path as requests spell it: the
// root has changes under "" as the parent of its children, and under "/".
type change struct {
	zxid                        zxid.Zxid
	path                        string
	version, cversion, aversion int32
	children                    int32
	dataLength                  int32
	gone                        bool // the node is deleted
	lost                        bool // nobody finds the change any more
	owner                       uint64
	acl                         []txn.ACL
}

// outstanding is the changes that are announced and not applied, oldest first
// (ZooKeeperServer.outstandingChanges). A node may have several; the last counts.
// Adding and dropping allocate nothing once the slices have grown.
type outstanding struct {
	list []change
	sums []uint32 // of the paths: a search looks at few strings
	head int      // the first that is not done
}

func pathSum(path string) uint32 { return uint32(fp.New(0x7063).String(path).Done()) }

// find returns the last change of path, nil if there is none. It is valid until
// the next add.
func (o *outstanding) find(path string) *change {
	if o.head == len(o.list) {
		return nil
	}
	sum := pathSum(path)
	for i := len(o.list) - 1; i >= o.head; i-- {
		if o.sums[i] == sum && o.list[i].path == path && !o.list[i].lost {
			return &o.list[i]
		}
	}
	return nil
}

func (o *outstanding) add(c change) {
	o.list = append(o.list, c)
	o.sums = append(o.sums, pathSum(c.path))
}

// done drops the changes up to z.
func (o *outstanding) done(z zxid.Zxid) {
	for o.head < len(o.list) && o.list[o.head].zxid <= z {
		o.list[o.head] = change{} // lets go of what it holds
		o.head++
	}
	switch {
	case o.head == len(o.list):
		o.cut(0)
		o.head = 0
	case o.head > len(o.list)/2:
		n := copy(o.list, o.list[o.head:])
		copy(o.sums, o.sums[o.head:])
		o.cut(n)
		o.head = 0
	}
}

// cut keeps the first n changes.
func (o *outstanding) cut(n int) {
	clear(o.list[n:])
	o.list, o.sums = o.list[:n], o.sums[:n]
}

// forget makes the earlier changes of the nodes unfindable that have one from mark on,
// but for those that a member of ops names: what a failing multi of releases with
// bug.MultiRollbackForgetsPrior does to the parents of its members
// (PrepRequestProcessor.rollbackPendingChanges).
func (o *outstanding) forget(mark int, ops []txn.Request) {
	for _, c := range o.list[mark:] {
		if slices.ContainsFunc(ops, func(r txn.Request) bool { return r.Path == c.path }) {
			continue
		}
		for i := range o.list[:mark] {
			o.list[i].lost = o.list[i].lost || o.list[i].path == c.path
		}
	}
}

// lookup returns what the node will be when all that is announced is applied;
// false if it will not be there (PrepRequestProcessor.getRecordForPath).
func (t *Tree) lookup(path string) (change, bool) {
	if c := t.pending.find(path); c != nil {
		return *c, !c.gone
	}
	n := t.find(path)
	if n == nil {
		return change{}, false
	}
	return change{
		path: path, version: n.version, cversion: n.cversion, aversion: n.aversion, children: n.numChildren(),
		dataLength: int32(len(n.data)), owner: n.owner, acl: n.acl(),
	}, true
}

// permitted looks up a node that is to be changed; NoNode or NoAuth if it can't be.
func (t *Tree) permitted(path string, perm int32, ids []txn.ID) (change, txn.Code) {
	c, ok := t.lookup(path)
	if !ok {
		return c, txn.NoNode
	}
	if !acl.Allows(c.acl, perm, ids) {
		return c, txn.NoAuth
	}
	return c, txn.OK
}

// outstandingDone drops the changes of transactions up to z: they are applied.
func (t *Tree) outstandingDone(z zxid.Zxid) { t.pending.done(z) }

// Forget implements txn.StateMachine.
func (t *Tree) Forget() {
	t.pending.cut(0)
	t.pending.head = 0
}

// cloneOutstanding returns a copy that shares nothing that is written.
func (t *Tree) cloneOutstanding() outstanding {
	live := t.pending.list[t.pending.head:]
	if len(live) == 0 {
		return outstanding{}
	}
	return outstanding{
		list: append([]change(nil), live...),
		sums: append([]uint32(nil), t.pending.sums[t.pending.head:]...),
	}
}

// hashOutstanding adds what is announced to h.
func (t *Tree) hashOutstanding(h fp.Hash) fp.Hash {
	live := t.pending.list[t.pending.head:]
	h = h.Word(uint64(len(live)))
	for i := range live {
		c := &live[i]
		if c.lost {
			h = h.Bool(true)
		}
		h = h.Word(uint64(c.zxid)).String(c.path).Bool(c.gone).
			Word(uint64(uint32(c.version))<<32 | uint64(uint32(c.cversion))).
			Word(uint64(uint32(c.aversion))<<32 | uint64(uint32(c.children))).
			Word(uint64(uint32(c.dataLength))).Word(c.owner)
		h = txn.HashACL(h, c.acl)
	}
	return h
}
