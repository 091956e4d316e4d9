package txn

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/internal/fp"
	"zabsim/internal/statecheck"
	"zabsim/zab/zxid"
)

func acls() []ACL {
	return []ACL{{Perms: 1, ID: ID{"world", "anyone"}}, {Perms: 2, ID: ID{"digest", "a:b"}}}
}

func ids() []ID { return []ID{{"ip", "a"}, {"digest", "b"}} }

func sampleRequest() *Request {
	return &Request{Session: 1, Cxid: 2, Op: OpSetData, Version: 3, Path: "/a", Data: "b", Auth: ids(), More: &RequestMore{
		ACL: acls(), Ops: []Request{{Op: OpCheck, Path: "/a"}, {Op: OpDelete, Path: "/b"}},
		Watches: &WatchLists{Data: []string{"/a", "/b"}, Exist: []string{"/a", "/b"}, Child: []string{"/a", "/b"},
			Persistent: []string{"/a", "/b"}, Recursives: []string{"/a", "/b"}},
	}}
}

func deepTxn(t Txn) Txn {
	if t.More != nil {
		m := *t.More
		m.ACL, m.Paths, m.Ops = slices.Clone(m.ACL), slices.Clone(m.Paths), slices.Clone(m.Ops)
		t.More = &m
	}
	return t
}

func deepRequest(r Request) Request {
	r.Auth = slices.Clone(r.Auth)
	if r.More != nil {
		m := *r.More
		m.ACL, m.Ops = slices.Clone(m.ACL), slices.Clone(m.Ops)
		w := *m.Watches
		for _, list := range []*[]string{&w.Data, &w.Exist, &w.Child, &w.Persistent, &w.Recursives} {
			*list = slices.Clone(*list)
		}
		m.Watches = &w
		r.More = &m
	}
	return r
}

func sample() *Txn {
	return &Txn{
		Zxid: zxid.Make(2, 3), Session: 4, Cxid: 5, Op: OpSetData, Err: BadVersion, Version: 6, WallNano: 7, Path: "/a", Data: "b",
		More: &TxnMore{ACL: acls(), Paths: []string{"/a", "/b"}, Ops: []Txn{{Op: OpCheck, Path: "/a"}, {Op: OpDelete, Path: "/b"}}},
	}
}

func TestSumCoversEveryField(t *testing.T) {
	statecheck.Fields(t, func() any { return sample() },
		func(x any) any { c := deepTxn(*x.(*Txn)); return &c },
		func(x any) uint64 { return uint64(x.(*Txn).Sum()) },
		"Hash: is what Sum is stored in",
		"More.Ops[].Hash: likewise", "More.Ops[].More: nothing is in it")
}

func TestRequestHashCoversEveryField(t *testing.T) {
	statecheck.Fields(t, func() any { return sampleRequest() },
		func(x any) any { c := deepRequest(*x.(*Request)); return &c },
		func(x any) uint64 { return uint64(x.(*Request).Hash()) },
		"sum: is what Seal stores the hash in",
		"More.Ops[].sum: likewise", "More.Ops[].More: nothing is in it", "More.Ops[].Auth: nothing is in it")
}

func TestSealedRequestHasTheSameHash(t *testing.T) {
	r := Request{Session: 1, Cxid: 2, Op: OpSetData, Version: 3, Path: "/a", Data: "b"}
	want := r.Hash()
	require.Same(t, &r, r.Seal())
	assert.Equal(t, want, r.Hash())
	r.Data = "c"
	assert.NotEqual(t, want, r.Seal().Hash(), "sealing anew forgets the old hash")
}

func TestSealStoresSum(t *testing.T) {
	s := sample()
	require.Same(t, s, s.Seal())
	require.Equal(t, s.Sum(), s.Hash)
	s.Data = "c" // what a bad disk does
	assert.NotEqual(t, s.Sum(), s.Hash)
	// Moving a byte from one field to the next is a change, too.
	a, b := &Txn{Path: "/a", Data: "b"}, &Txn{Path: "/ab", Data: ""}
	assert.NotEqual(t, a.Sum(), b.Sum())
}

// Goal: stored logs and plans stay valid. A change here invalidates them.
func TestSumsAreGolden(t *testing.T) {
	assert.Equal(t, fp.Hash(0xbb20a1748ee5b545), sample().Sum())
	assert.Equal(t, fp.Hash(0xb2f2ab1f82ae4e06), (&Request{Session: 1, Cxid: 2, Op: OpSetData, Version: 3, Path: "/a", Data: "b"}).Hash())
}

func TestUpdates(t *testing.T) {
	for op, want := range map[Op]bool{OpNone: false, OpGetData: false, OpSync: false, OpSetData: true, OpError: true} {
		assert.Equal(t, want, op.IsUpdate(), op)
	}
}

func TestNames(t *testing.T) {
	assert.Equal(t, "setData", OpSetData.String())
	assert.Equal(t, "op?", Op(50).String())
	for c, want := range map[Code]string{
		OK: "OK", ConnectionLoss: "CONNECTIONLOSS", Unimplemented: "UNIMPLEMENTED", NoNode: "NONODE",
		BadVersion: "BADVERSION", SessionExpired: "SESSIONEXPIRED", -99: "CODE-99",
	} {
		assert.Equal(t, want, c.String())
	}
}
