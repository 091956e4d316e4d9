package tree

import (
	"zabsim/internal/fp"
	"zabsim/tree/btree"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// node is a znode (DataNode). Its name is the key in its parent's children. The
// order of the fields keeps it at 128 bytes.
type node struct {
	own                 *btree.Owner // who may change the node in place
	czxid, mzxid, pzxid zxid.Zxid
	ctime, mtime        int64 // milliseconds on the leader's clock
	owner               uint64
	version, cversion   int32 // cversion counts the children ever made (fact 11.2)
	aversion            int32
	crc                 uint32  // its part of the tree digest
	hash                fp.Hash // its part of Digest
	access              *acls
	data                string
	children            btree.Root[*node]
	null                bool   // data is null, which is not empty
	number              uint32 // of the access list, if they have numbers
}

// mine returns n if o may change it, else a copy that o may change.
func (n *node) mine(o *btree.Owner) *node {
	if n.own == o {
		return n
	}
	c := *n
	c.own = o
	return &c
}

// acl returns the access list, which nobody changes.
func (n *node) acl() []txn.ACL { return n.access.list }

func (n *node) numChildren() int32 { return int32(n.children.Len()) }

// eachChild calls yield for the names of the children in ascending order until it
// returns false.
func (n *node) eachChild(yield func(name string) bool) {
	n.children.Each(func(name string, _ *node) bool { return yield(name) })
}

// stat returns what clients see (DataNode.copyStat): a cversion that counts
// deletions, too, and no owner but a session.
func (n *node) stat() txn.Stat {
	s := txn.Stat{
		Czxid: n.czxid, Mzxid: n.mzxid, Pzxid: n.pzxid, Ctime: n.ctime, Mtime: n.mtime,
		Version: n.version, Cversion: 2*n.cversion - n.numChildren(), Aversion: n.aversion,
		DataLength: int32(len(n.data)), NumChildren: n.numChildren(),
	}
	if kindOf(n.owner) == ephemeral {
		s.EphemeralOwner = txn.SessionID(n.owner)
	}
	return s
}

// kind is what the stored owner says about a node (EphemeralType, fact 11.1).
type kind uint8

const (
	persistent kind = iota
	ephemeral
	container
	timeToLive
)

// The special owners. A session's id never looks like them: its first byte is the
// id of a server, below 254, and the next two are not zero.
const (
	containerOwner = 1 << 63
	ttlOwner       = 0xff << 56
	ttlMask        = 1<<40 - 1
)

func kindOf(owner uint64) kind {
	switch {
	case owner == 0:
		return persistent
	case owner == containerOwner:
		return container
	case owner&^ttlMask == ttlOwner:
		return timeToLive
	}
	return ephemeral
}
