// Package txn holds what the ensemble replicates: requests, transactions,
// results, and the StateMachine that applies them. It is a leaf, so that zab can
// broadcast transactions without knowing the tree, and the tree can apply them
// without knowing zab.
package txn

import (
	"zabsim/internal/fp"
	"zabsim/zab/zxid"
)

// Op is the kind of a request or transaction. Numbers are ours; the wire's
// opcodes belong to the codec.
type Op uint8

// The operations that the register machine knows. The znode tree adds its own.
const (
	OpNone  Op = iota
	OpGet      // getData: a local read
	OpSync     // sync: flush the channel between leader and this server
	OpSet      // setData; Version -1 sets always, otherwise compare-and-set
	OpError    // a failed update that took a zxid (protocol fact 8.4)
)

var opNames = [...]string{"none", "get", "sync", "set", "error"}

// String returns the operation's name.
func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return "op?"
}

// IsUpdate tells whether the operation goes through a quorum (fact 8.2).
func (o Op) IsUpdate() bool { return o == OpSet || o == OpError }

// Code is a result code, with ZooKeeper's numbers.
type Code int8

// Result codes.
const (
	OK             Code = 0
	ConnectionLoss Code = -4 // the outcome is unknown
	Unimplemented  Code = -6
	NoNode         Code = -101
	BadVersion     Code = -103
	SessionExpired Code = -112
)

// String returns ZooKeeper's name of the code.
func (c Code) String() string {
	switch c {
	case OK:
		return "OK"
	case ConnectionLoss:
		return "CONNECTIONLOSS"
	case Unimplemented:
		return "UNIMPLEMENTED"
	case NoNode:
		return "NONODE"
	case BadVersion:
		return "BADVERSION"
	case SessionExpired:
		return "SESSIONEXPIRED"
	}
	return "CODE?"
}

// SessionID names a client's session.
type SessionID uint64

// AnyVersion makes OpSet unconditional.
const AnyVersion int32 = -1

// Request is what a client asks. It is immutable and shared by pointer.
type Request struct {
	Session SessionID
	Cxid    uint32 // the client's own number of the request, from 1
	Op      Op
	Version int32
	Path    string
	Data    string

	sum fp.Hash // of all other fields, if it was sealed
}

// Seal remembers r's hash and returns r. It is for who makes requests in bulk:
// a request that is sealed must not be changed.
func (r *Request) Seal() *Request {
	r.sum = 0
	r.sum = r.Hash()
	return r
}

// Hash names the request.
func (r *Request) Hash() fp.Hash {
	if r.sum != 0 {
		return r.sum
	}
	return fp.New(0x7271).Word(uint64(r.Session)).Word(uint64(r.Cxid)<<32 | uint64(uint32(r.Version))).
		Word(uint64(r.Op)).String(r.Path).String(r.Data).Done()
}

// Txn is a proposed transaction: the result of validating a request. Applying
// it never validates again (fact 8.4). It is immutable, shared by pointer, and
// carries its own fingerprint.
type Txn struct {
	Zxid     zxid.Zxid
	Session  SessionID
	Cxid     uint32
	Op       Op
	Err      Code  // of an OpError
	Version  int32 // the version that the node has after the transaction
	WallNano int64 // the leader's clock, nanoseconds
	Path     string
	Data     string
	Hash     fp.Hash // of all other fields; set by Seal
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
		Word(uint64(t.Cxid)<<32 | uint64(uint32(t.Version))).Word(uint64(t.Op)<<8 | uint64(uint8(t.Err))).
		Word(uint64(t.WallNano)).String(t.Path).String(t.Data).Done()
}

// Result is the answer to a request, apart from the header.
type Result struct {
	Err     Code
	Version int32
	Mzxid   zxid.Zxid
	Data    string
}

// StateMachine is what the ensemble replicates.
type StateMachine interface {
	// Prep validates a request against the applied state and the changes that
	// earlier calls announced but that are not applied yet, and makes the
	// transaction with zxid z. A failing request becomes an OpError. Leader only.
	Prep(r *Request, z zxid.Zxid, wallNano int64) *Txn
	// Forget drops the announced changes: the leader's role has ended.
	Forget()
	// Apply applies a transaction.
	Apply(t *Txn) Result
	// Read answers a read.
	Read(r *Request) Result
	// Fingerprint names the applied state and the announced changes.
	Fingerprint() fp.Hash
	// Digest names the applied state alone: equal on all servers at equal zxid.
	Digest() fp.Hash
	// Clone returns an independent copy in O(1).
	Clone() StateMachine
	// Dump begins a snapshot that is taken while transactions go on.
	Dump() Dump
	// Bytes is about what a snapshot of the state takes on disk.
	Bytes() int64
}

// Dump is a fuzzy snapshot under way (protocol fact 13.1): it copies one node after
// the other out of the live state, which may change between two of them. What it
// ends with is right once all transactions since its beginning are applied to it
// again.
type Dump interface {
	// Next copies the next node; false if there is none.
	Next(live StateMachine) bool
	// State is what was copied. Nobody may use the Dump any more.
	State() StateMachine
	// Fingerprint names the copy and where it stands.
	Fingerprint() fp.Hash
	// Clone returns an independent copy.
	Clone() Dump
}

// recordBytes is what a log record takes besides path and data: checksum, length,
// header, version and end mark (FileTxnLog).
const recordBytes = 70

// Bytes is about what the transaction takes in a log.
func (t *Txn) Bytes() int64 { return recordBytes + int64(len(t.Path)+len(t.Data)) }
