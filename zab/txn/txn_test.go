package txn

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/internal/fp"
	"zabsim/internal/statecheck"
	"zabsim/zab/zxid"
)

func sample() *Txn {
	return &Txn{
		Zxid: zxid.Make(2, 3), Session: 4, Cxid: 5, Op: OpSet, Err: BadVersion, Version: 6, WallNano: 7, Path: "/a", Data: "b",
	}
}

func TestSumCoversEveryField(t *testing.T) {
	statecheck.Fields(t, func() any { return sample() },
		func(x any) any { c := *x.(*Txn); return &c },
		func(x any) uint64 { return uint64(x.(*Txn).Sum()) },
		"Hash: is what Sum is stored in")
}

func TestRequestHashCoversEveryField(t *testing.T) {
	statecheck.Fields(t, func() any { return &Request{Session: 1, Cxid: 2, Op: OpSet, Version: 3, Path: "/a", Data: "b"} },
		func(x any) any { c := *x.(*Request); return &c },
		func(x any) uint64 { return uint64(x.(*Request).Hash()) },
		"sum: is what Seal stores the hash in")
}

func TestSealedRequestHasTheSameHash(t *testing.T) {
	r := Request{Session: 1, Cxid: 2, Op: OpSet, Version: 3, Path: "/a", Data: "b"}
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
	assert.Equal(t, fp.Hash(0x8074df04ac1a3dab), sample().Sum())
	assert.Equal(t, fp.Hash(0x41beb56a4c41c797), (&Request{Session: 1, Cxid: 2, Op: OpSet, Version: 3, Path: "/a", Data: "b"}).Hash())
}

func TestUpdates(t *testing.T) {
	for op, want := range map[Op]bool{OpNone: false, OpGet: false, OpSync: false, OpSet: true, OpError: true} {
		assert.Equal(t, want, op.IsUpdate(), op)
	}
}

func TestNames(t *testing.T) {
	assert.Equal(t, "set", OpSet.String())
	assert.Equal(t, "op?", Op(200).String())
	for c, want := range map[Code]string{
		OK: "OK", ConnectionLoss: "CONNECTIONLOSS", Unimplemented: "UNIMPLEMENTED", NoNode: "NONODE",
		BadVersion: "BADVERSION", SessionExpired: "SESSIONEXPIRED", -99: "CODE?",
	} {
		assert.Equal(t, want, c.String())
	}
}
