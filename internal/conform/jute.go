package conform

import (
	"encoding/binary"

	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// body reads a request's body in jute. Once it ran out of bytes it stays bad.
type body struct {
	rest string
	bad  bool
}

func (b *body) take(n int) string {
	if b.bad || n < 0 || n > len(b.rest) {
		b.bad = true
		return ""
	}
	head := b.rest[:n]
	b.rest = b.rest[n:]
	return head
}

func (b *body) int32() int32 {
	raw := b.take(4)
	if b.bad {
		return 0
	}
	return int32(binary.BigEndian.Uint32([]byte(raw)))
}

func (b *body) int64() int64 {
	raw := b.take(8)
	if b.bad {
		return 0
	}
	return int64(binary.BigEndian.Uint64([]byte(raw)))
}

func (b *body) bool() bool {
	raw := b.take(1)
	return !b.bad && raw[0] != 0
}

// text reads a string or buffer; true if it is null. BinaryInputArchive takes any
// length that is -1 or fits jute.maxbuffer.
func (b *body) text() (string, bool) {
	n := b.int32()
	if n == -1 {
		return "", true
	}
	return b.take(int(n)), false
}

func (b *body) texts() []string {
	n := b.int32()
	var list []string
	for range n {
		text, _ := b.text()
		if b.bad {
			return nil
		}
		list = append(list, text)
	}
	return list
}

func (b *body) acl() []txn.ACL {
	n := b.int32()
	list := []txn.ACL{}
	for range n {
		var a txn.ACL
		a.Perms = b.int32()
		a.Scheme, _ = b.text()
		a.ID.ID, _ = b.text()
		if b.bad {
			return nil
		}
		list = append(list, a)
	}
	return list
}

// raw makes of an opcode and a body what the server would read. Bytes behind the
// end of the body are ignored, as the server does.
func raw(r *txn.Request, code int32, bytes string) {
	r.Version = txn.AnyVersion
	if r.Op = txn.Op(code); int32(r.Op) != code {
		r.Op = txn.OpNone // an opcode that nobody knows
		return
	}
	b := &body{rest: bytes}
	switch r.Op {
	case txn.OpMulti, txn.OpMultiRead:
		rawMulti(r, b)
	case txn.OpPing, txn.OpCloseSession, txn.OpWhoAmI:
	case txn.OpAuth:
		b.int32()
		r.Path, _ = b.text()
		r.Data, r.Null = b.text()
	case txn.OpSetWatches, txn.OpSetWatches2:
		w := &txn.WatchLists{Relative: zxid.Zxid(b.int64())}
		w.Data, w.Exist, w.Child = b.texts(), b.texts(), b.texts()
		if r.Op == txn.OpSetWatches2 {
			w.Persistent, w.Recursives = b.texts(), b.texts()
		}
		r.More = &txn.RequestMore{Watches: w}
	default:
		rawPath(r, b)
	}
	r.Malformed = b.bad
}

// rawPath reads the bodies that begin with a path.
func rawPath(r *txn.Request, b *body) {
	r.Path, r.NullPath = b.text()
	switch r.Op {
	case txn.OpCreate, txn.OpCreate2, txn.OpCreateContainer, txn.OpCreateTTL:
		r.Data, r.Null = b.text()
		r.More = &txn.RequestMore{ACL: b.acl()}
		r.Flags = b.int32()
		if r.Op == txn.OpCreateTTL {
			r.TTL = b.int64()
		}
	case txn.OpDelete, txn.OpCheck:
		r.Version = b.int32()
	case txn.OpSetData:
		r.Data, r.Null = b.text()
		r.Version = b.int32()
	case txn.OpSetACL:
		r.More = &txn.RequestMore{ACL: b.acl()}
		r.Version = b.int32()
	case txn.OpExists, txn.OpGetData, txn.OpGetChildren, txn.OpGetChildren2:
		r.Watch = b.bool()
	case txn.OpCheckWatches, txn.OpRemoveWatches, txn.OpAddWatch:
		r.Flags = b.int32()
	}
}

// rawMulti reads headers and members up to the header that says done.
func rawMulti(r *txn.Request, b *body) {
	m := &txn.RequestMore{}
	r.More = m
	for !b.bad {
		code, done := b.int32(), b.bool()
		b.int32()
		if done || b.bad {
			return
		}
		member := txn.Request{Op: txn.Op(code), Version: txn.AnyVersion}
		if int32(member.Op) != code || !member.Op.Known() {
			b.bad = true
			return
		}
		rawPath(&member, b)
		m.Ops = append(m.Ops, member)
	}
}
