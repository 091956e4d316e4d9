package txn

import (
	"zabsim/internal/fp"
	"zabsim/zab/zxid"
)

// SessionID names a client's session.
type SessionID uint64

// AnyVersion makes an update unconditional.
const AnyVersion int32 = -1

// ID is an identity of a connection, or the grantee of an ACL: digest,
// "user:base64(sha1(user:password))" for example.
type ID struct{ Scheme, ID string }

// ACL grants permissions to an identity. Perms are ZooKeeper's bits: READ 1,
// WRITE 2, CREATE 4, DELETE 8, ADMIN 16; a request may carry any number.
type ACL struct {
	Perms int32
	ID
}

// Request is what a client asks. It is immutable and shared by pointer. The
// comment of a field names the operations that use it.
type Request struct {
	Session SessionID
	Cxid    uint32 // the client's own number of the request, from 1
	Op      Op
	Watch   bool // exists, getData, getChildren, getChildren2: leave a watch
	Null    bool // create*, setData: Data is null, which is not empty
	// NullPath says that Path is null on the wire, which is not empty.
	NullPath bool
	// Malformed says that the body can't be read as that of Op, or that an entry of
	// its access list has a null id.
	Malformed bool
	Version   int32 // delete, setData, setACL, check
	// Flags is the create mode as the wire has it (0 persistent to 6 sequential with
	// TTL; anything else is the client's mistake), the mode of addWatch (0
	// persistent, 1 recursive), or the type of checkWatches and removeWatches (1
	// children, 2 data, 3 any).
	Flags int32
	// Timeout is that of a createSession, in milliseconds.
	Timeout int32
	TTL     int64  // createTTL: milliseconds
	Path    string // getEphemerals: the prefix
	Data    string
	More    *RequestMore // nil if nothing of it is used
	// Auth is who asks: the identities of the connection when the request came in.
	Auth []ID

	sum fp.Hash // of all other fields, if it was sealed
}

// RequestMore is what few requests have.
type RequestMore struct {
	// ACL is that of create* and setACL. A create without More has world:anyone:cdrwa;
	// an empty list is a mistake that the server finds.
	ACL     []ACL
	Ops     []Request   // multi, multiRead
	Watches *WatchLists // setWatches, setWatches2
}

// WatchLists is what a client asks for when it comes back: the watches it had, and
// the last zxid that it has seen.
type WatchLists struct {
	Relative                                   zxid.Zxid
	Data, Exist, Child, Persistent, Recursives []string
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
	h := fp.New(0x7271).Word(uint64(r.Session)).Word(uint64(r.Cxid)<<32 | uint64(uint32(r.Version))).
		Word(uint64(uint8(r.Op)) | bit(r.NullPath, 8) | bit(r.Malformed, 9)).Bool(r.Watch).Bool(r.Null).Word(uint64(uint32(r.Flags))<<32 | uint64(uint32(r.Timeout))).
		Word(uint64(r.TTL)).String(r.Path).String(r.Data).Word(uint64(len(r.Auth)))
	for _, id := range r.Auth {
		h = h.String(id.Scheme).String(id.ID)
	}
	return h.Bool(r.More != nil).Word(uint64(r.More.hash())).Done()
}

// Bytes is about what the request takes on the wire.
func (r *Request) Bytes() int64 {
	const header = 24 // length, xid, type, and two more lengths
	n := header + int64(len(r.Path)+len(r.Data))
	if r.More != nil {
		for i := range r.More.Ops {
			n += r.More.Ops[i].Bytes() - header + 17
		}
	}
	return n
}

// bit is 1 at place n if b.
func bit(b bool, n int) uint64 {
	if b {
		return 1 << n
	}
	return 0
}

func (m *RequestMore) hash() fp.Hash {
	if m == nil {
		return 0
	}
	h := HashACL(fp.New(0x7272), m.ACL).Word(uint64(len(m.Ops)))
	for i := range m.Ops {
		h = h.Word(uint64(m.Ops[i].Hash()))
	}
	if w := m.Watches; w != nil {
		h = h.Word(uint64(w.Relative))
		for _, list := range [][]string{w.Data, w.Exist, w.Child, w.Persistent, w.Recursives} {
			h = hashStrings(h, list)
		}
	}
	return h.Done()
}

// HashACL adds an access list to h.
func HashACL(h fp.Hash, acl []ACL) fp.Hash {
	h = h.Word(uint64(len(acl)))
	for _, a := range acl {
		h = h.Word(uint64(uint32(a.Perms))).String(a.Scheme).String(a.ID.ID)
	}
	return h
}

func hashStrings(h fp.Hash, list []string) fp.Hash {
	h = h.Word(uint64(len(list)))
	for _, s := range list {
		h = h.String(s)
	}
	return h
}
