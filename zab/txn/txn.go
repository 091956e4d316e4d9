// Package txn holds what the ensemble replicates: requests, transactions,
// results, and the StateMachine that applies them. It is a leaf, so that zab can
// broadcast transactions without knowing the tree, and the tree can apply them
// without knowing zab.
package txn

import (
	"zabsim/internal/fp"
	"zabsim/zab/zxid"
)

// Txn is a proposed transaction: the result of validating a request. Applying
// it never validates again (fact 8.4). It is immutable, shared by pointer, and
// carries its own fingerprint. The comment of a field names the operations that
// use it.
type Txn struct {
	Zxid    zxid.Zxid
	Session SessionID
	Cxid    uint32
	Op      Op
	Of      Op    // error: the operation that failed
	Err     Code  // error
	Null    bool  // create*, setData: Data is null, which is not empty
	Version int32 // setData, setACL: the version that the node has afterwards
	// ParentCversion is the stored cversion of the parent after a create*.
	ParentCversion int32
	Timeout        int32 // createSession: milliseconds
	// Owner is the stored ephemeralOwner of a new node: a session, or one of the
	// special values for containers and nodes with a time to live (fact 11.1).
	Owner    uint64
	WallNano int64 // the leader's clock, nanoseconds
	Path     string
	Data     string
	More     *TxnMore // nil if nothing of it is used
	Hash     fp.Hash  // of all other fields; set by Seal
}

// TxnMore is what few transactions have.
type TxnMore struct {
	// ACL is that of create* and setACL. A create without More has world:anyone:cdrwa.
	ACL   []ACL
	Paths []string // closeSession: the ephemeral nodes that go with it, in this order
	Ops   []Txn    // multi: all with its zxid; they are errors if one of them failed
}

// Seal computes t.Hash and returns t.
func (t *Txn) Seal() *Txn {
	t.Hash = t.Sum()
	return t
}

// Sum computes the fingerprint of the fields; a record read from a disk is
// sound if it equals Hash.
func (t *Txn) Sum() fp.Hash {
	return fp.New(0x7478).Word(uint64(t.Zxid)).Word(uint64(t.Session)).
		Word(uint64(t.Cxid)<<32 | uint64(uint32(t.Version))).
		Word(uint64(uint8(t.Op))<<16 | uint64(uint8(t.Of))<<8 | uint64(uint8(t.Err))).Bool(t.Null).
		Word(uint64(uint32(t.ParentCversion))<<32 | uint64(uint32(t.Timeout))).Word(t.Owner).
		Word(uint64(t.WallNano)).String(t.Path).String(t.Data).Bool(t.More != nil).Word(uint64(t.More.hash())).Done()
}

func (m *TxnMore) hash() fp.Hash {
	if m == nil {
		return 0
	}
	h := hashStrings(HashACL(fp.New(0x7479), m.ACL), m.Paths).Word(uint64(len(m.Ops)))
	for i := range m.Ops {
		h = h.Word(uint64(m.Ops[i].Sum()))
	}
	return h.Done()
}

// recordBytes is what a log record takes besides path and data: checksum, length,
// header, version and end mark (FileTxnLog).
const recordBytes = 70

// Bytes is about what the transaction takes in a log.
func (t *Txn) Bytes() int64 {
	n := recordBytes + int64(len(t.Path)+len(t.Data))
	if t.More != nil {
		for _, a := range t.More.ACL {
			n += 12 + int64(len(a.Scheme)+len(a.ID.ID))
		}
		for _, p := range t.More.Paths {
			n += 4 + int64(len(p))
		}
		for i := range t.More.Ops {
			n += t.More.Ops[i].Bytes() - recordBytes + 8
		}
	}
	return n
}
