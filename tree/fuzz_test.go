package tree

import (
	"testing"

	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// feed turns bytes into requests. When there are no more it gives zeros.
type feed struct{ rest []byte }

func (f *feed) byte() byte {
	if len(f.rest) == 0 {
		return 0
	}
	b := f.rest[0]
	f.rest = f.rest[1:]
	return b
}

func (f *feed) number() int32 { return int32(int8(f.byte())) }

func (f *feed) text() string {
	n := min(int(f.byte())%24, len(f.rest))
	s := string(f.rest[:n])
	f.rest = f.rest[n:]
	return s
}

// path is mostly one that others have, too.
func (f *feed) path() string {
	known := []string{"", "/", "/a", "/a/b", "/a/b-", "/zookeeper/quota/a", "/zookeeper/quota/a/zookeeper_limits",
		"/zookeeper/quota/a/zookeeper_stats", "/zookeeper/config", "//", "/a/", "a"}
	if k := int(f.byte()); k < 200 {
		return known[k%len(known)]
	}
	return f.text()
}

func (f *feed) list() (list []txn.ACL) {
	for range f.byte() % 4 {
		scheme := []string{"world", "auth", "digest", "ip", "super", "", "x"}[f.byte()%7]
		id := []string{"anyone", "", "u:x", "127.0.0.0/8", "::1/3"}[f.byte()%5]
		if f.byte() > 200 {
			id = f.text()
		}
		list = append(list, txn.ACL{Perms: f.number(), ID: txn.ID{Scheme: scheme, ID: id}})
	}
	return list
}

// op is mostly an update, with few errors in the way.
func (f *feed) op() txn.Op {
	updates := []txn.Op{txn.OpCreate, txn.OpCreate2, txn.OpCreateTTL, txn.OpCreateContainer, txn.OpDelete, txn.OpSetData,
		txn.OpSetACL, txn.OpCheck, txn.OpMulti, txn.OpDeleteContainer, txn.OpCreateSession, txn.OpCloseSession}
	if k := int(f.byte()); k < 200 {
		return updates[k%len(updates)]
	}
	return txn.Op(f.number())
}

// mode is a small number, most of the time.
func (f *feed) mode() int32 {
	if k := int32(f.byte()); k < 200 {
		return k % 8
	}
	return f.number()
}

// version is mostly any version.
func (f *feed) version() int32 {
	if f.byte() < 160 {
		return txn.AnyVersion
	}
	return f.number()
}

// request makes any request at all, one level of members below it.
func (f *feed) request(members bool) txn.Request {
	r := txn.Request{
		Session: txn.SessionID(f.byte() % 3), Op: f.op(), Watch: f.byte()&1 == 0, Null: f.byte()&1 == 0,
		Version: f.version(), Flags: f.mode(), Timeout: f.number(), TTL: int64(f.number()), Path: f.path(), Data: f.text(),
		Auth: []txn.ID{{Scheme: "ip", ID: "127.0.0.1"}, {Scheme: "digest", ID: "u:x"}},
	}
	switch f.byte() % 4 {
	case 1:
		r.More = &txn.RequestMore{ACL: f.list()}
	case 2:
		r.More = &txn.RequestMore{Watches: &txn.WatchLists{
			Relative: zxid.Zxid(f.byte()), Data: []string{f.path()}, Exist: []string{f.path()},
			Child: []string{f.path()}, Persistent: []string{f.path()}, Recursives: []string{f.path()},
		}}
	case 3:
		r.More = &txn.RequestMore{}
		for range f.byte() % 4 {
			if members {
				r.More.Ops = append(r.More.Ops, f.request(false))
			}
		}
	}
	return r
}

// FuzzPrep: no request makes the tree panic, not even in a release with all the
// bugs; a transaction that is no error applies, or ends the server; nothing stays
// announced once all is applied.
func FuzzPrep(f *testing.F) {
	f.Add([]byte("\x03create some nodes, and read them \x01\x02\x03\x04"), true)
	f.Add([]byte{1, 1, 0, 0, 0, 0, 0, 0, 2, 1, 'x', 0, 1, 14, 0, 0, 0, 0, 0, 0, 2, 0, 3, 2, 1, 2}, false)
	f.Fuzz(func(t *testing.T, data []byte, old bool) {
		cfg := &Config{EnforceQuota: true, ExtendedTypes: len(data)%2 == 0}
		if old {
			cfg.Bugs, _ = bug.Profile("3.8.0")
		}
		tree := New(cfg)
		in := &feed{rest: data[:min(len(data), 2048)]}
		var late []*txn.Txn
		for z := zxid.Zxid(1); len(in.rest) > 0 && tree.Crashed() == ""; z++ {
			r := in.request(true)
			tree.Read(&r, txn.Watcher(r.Session))
			x := tree.Prep(&r, txn.SessionCheck{}, z, int64(z)*nanosPerMilli)
			if x.Sum() != x.Hash || x.Zxid != z {
				t.Fatalf("%+v is not sealed", x)
			}
			late = append(late, x)
			if in.byte()&1 == 0 {
				applyAll(t, tree, late)
				late = late[:0]
			}
		}
		applyAll(t, tree, late)
	})
}

func applyAll(t *testing.T, tree *Tree, list []*txn.Txn) {
	for _, x := range list {
		if tree.Crashed() != "" {
			return
		}
		if r := tree.Apply(x); x.Op != txn.OpError && r.Err != txn.OK && tree.Crashed() == "" {
			t.Fatalf("%+v was valid, and applying it is %v", x, r.Err)
		}
	}
	if n := len(tree.pending.list); len(list) > 0 && n > 0 && tree.Crashed() == "" {
		t.Fatalf("%d changes stay announced", n)
	}
}
