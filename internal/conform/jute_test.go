package conform

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/zab/txn"
)

func rawRequest(code int32, body string) *txn.Request {
	r := &txn.Request{}
	raw(r, code, body)
	return r
}

// Goal: a body that can be read is read, and one that can't is marked.
func TestRawBodies(t *testing.T) {
	const path, minus = "\x00\x00\x00\x02/a", "\xff\xff\xff\xff"
	const acl = "\x00\x00\x00\x01\x00\x00\x00\x1f\x00\x00\x00\x05world\x00\x00\x00\x06anyone"
	got := rawRequest(4, path+"\x01")
	assert.Equal(t, &txn.Request{Op: txn.OpGetData, Path: "/a", Watch: true, Version: -1}, got)
	assert.True(t, rawRequest(4, minus+"\x00").NullPath)
	assert.Equal(t, int32(7), rawRequest(2, path+"\x00\x00\x00\x07").Version)
	got = rawRequest(21, path+minus+acl+"\x00\x00\x00\x05"+"\x00\x00\x00\x00\x00\x00\x00\x09")
	assert.True(t, got.Null && !got.Malformed)
	assert.Equal(t, []txn.ACL{{Perms: 31, ID: txn.ID{Scheme: "world", ID: "anyone"}}}, got.More.ACL)
	assert.Equal(t, []int64{5, 9}, []int64{int64(got.Flags), got.TTL})
	got = rawRequest(14, "\x00\x00\x00\x0d\x00"+minus+path+minus+minus+"\x01"+minus)
	assert.Equal(t, []txn.Request{{Op: txn.OpCheck, Path: "/a", Version: -1}}, got.More.Ops)
	assert.False(t, got.Malformed)
	got = rawRequest(101, "\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x01"+path+"\x00\x00\x00\x00\x00\x00\x00\x00")
	assert.Equal(t, []string{"/a"}, got.More.Watches.Data)
	assert.Equal(t, txn.OpNone, rawRequest(1<<20, "").Op, "an opcode that does not fit")

	for code, body := range map[int32]string{
		3: path, 1: path, 4: "\x7f\xff\xff\xff", 5: "\x00\x00", 8: "", 14: "\x00", 7: path + "\x7f\xff\xff\xff", 105: "\x00",
	} {
		assert.True(t, rawRequest(code, body).Malformed, "%d %q", code, body)
	}
}

// FuzzRaw: no body makes the decoder panic or take for ever.
func FuzzRaw(f *testing.F) {
	f.Add(int32(14), "\x00\x00\x00\x0d\x00\xff\xff\xff\xff")
	f.Add(int32(101), "\x00\x00\x00\x00\x00\x00\x00\x03\x7f\xff\xff\xff")
	f.Fuzz(func(_ *testing.T, code int32, body string) { rawRequest(code, body).Hash() })
}
