package tree

import (
	"encoding/binary"
	"slices"

	"zabsim/internal/fp"
	"zabsim/zab/txn"
)

// acls is an access list that many nodes share. It never changes.
type acls struct {
	list []txn.ACL
	hash fp.Hash
}

func newACLs(list []txn.ACL) *acls { return &acls{list, txn.HashACL(fp.New(0x7A61), list)} }

// The lists of ZooDefs.Ids: OPEN_ACL_UNSAFE, READ_ACL_UNSAFE.
var (
	openACL = newACLs([]txn.ACL{{Perms: 31, ID: txn.ID{Scheme: "world", ID: "anyone"}}})
	readACL = newACLs([]txn.ACL{{Perms: 1, ID: txn.ID{Scheme: "world", ID: "anyone"}}})
)

// key8 is a number as a key, in its order. The caller's copy stays on the stack if
// the key is only looked up.
func key8(x uint64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], x)
	return string(b[:])
}

// intern returns the one copy of a transaction's access list
// (ReferenceCountedACLCache). Lists that nobody uses any more are kept: there are
// few.
func (t *Tree) intern(x *txn.Txn) *acls {
	if x.More == nil {
		return openACL
	}
	a := acls{x.More.ACL, txn.HashACL(fp.New(0x7A61), x.More.ACL)}
	if a.hash == openACL.hash && slices.Equal(a.list, openACL.list) {
		return openACL
	}
	old, ok := t.lists.Get(key8(uint64(a.hash)))
	if ok && slices.Equal(old.list, a.list) {
		return old
	}
	c := &acls{a.list, a.hash}
	if !ok { // or two lists have one hash, and the second stays alone
		t.lists.Set(t.mine(), key8(uint64(a.hash)), c)
	}
	return c
}
