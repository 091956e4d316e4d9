package register

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

func applySet(m txn.StateMachine, path, data string, version int32, z zxid.Zxid) {
	m.Apply((&txn.Txn{Op: txn.OpSetData, Path: path, Data: data, Version: version, Zxid: z}).Seal())
}

// TestDump: a dump sees each register at its own time, and is whole once the
// transactions since its beginning are applied again.
func TestDump(t *testing.T) {
	m := New()
	applySet(m, "/a", "1", 1, 1)
	applySet(m, "/c", "1", 1, 2)
	d := m.Dump()
	assert.True(t, d.Next(m))
	half := d.Clone()
	name := half.Fingerprint()
	applySet(m, "/a", "2", 2, 3) // behind the dump: not seen
	applySet(m, "/b", "1", 1, 4) // before it: seen
	applySet(m, "/c", "2", 2, 5)
	assert.True(t, d.Next(m))
	assert.True(t, d.Next(m))
	assert.False(t, d.Next(m))
	assert.Equal(t, name, half.Fingerprint(), "a clone stands by itself")
	assert.NotEqual(t, name, d.Fingerprint())
	fuzzy := d.State()
	assert.Equal(t, "1", fuzzy.Read(&txn.Request{Op: txn.OpGetData, Path: "/a"}, 0).Data)
	assert.Equal(t, "1", fuzzy.Read(&txn.Request{Op: txn.OpGetData, Path: "/b"}, 0).Data)
	assert.Equal(t, "2", fuzzy.Read(&txn.Request{Op: txn.OpGetData, Path: "/c"}, 0).Data)
	assert.NotEqual(t, m.Digest(), fuzzy.Digest())
	applySet(fuzzy, "/a", "2", 2, 3)
	applySet(fuzzy, "/b", "1", 1, 4)
	applySet(fuzzy, "/c", "2", 2, 5)
	assert.Equal(t, m.Digest(), fuzzy.Digest())
	assert.Equal(t, m.Bytes(), fuzzy.Bytes())
	assert.Greater(t, m.Bytes(), New().Bytes())
}
