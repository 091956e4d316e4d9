package history

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Goal: what recipes did comes back from a file as it was.
func TestCallsRoundTrip(t *testing.T) {
	q := &txn.Request{Session: 1 << 60, Cxid: 2, Op: txn.OpMulti, More: &txn.RequestMore{
		ACL: []txn.ACL{{Perms: 31, ID: txn.ID{Scheme: "world", ID: "anyone"}}},
		Ops: []txn.Request{{Op: txn.OpSetData, Path: "/a", Data: "x", Version: -1}},
	}}
	h := &History{Name: "x", Seeds: []string{"/r", "/r/s"}}
	h.Invoke(Op{Client: 1, Kind: Set, Key: "/r", Value: "v", Invoke: 3})
	h.Calls = []Call{
		{Client: 2, Task: 1, Session: 3, Name: "multi", Server: 1, Invoke: 5, Return: 9, Ended: 9, Outcome: Ok, Req: q, Sent: true, Zxid: zxid.Make(2, 7), Turn: 4, Link: 2,
			Result: txn.Result{More: &txn.ResultMore{Results: []txn.Result{{Op: txn.OpSetData, Stat: txn.Stat{Version: 3}}}}}},
		{Client: 2, Name: "close", Invoke: 6, Return: Never, Ended: 7, Outcome: Unknown, Unvouched: true},
	}
	h.Watched = []Event{{Client: 2, At: 8, Type: 3, Path: "/a", Zxid: zxid.Make(2, 7), Turn: 5, Link: 2}}
	h.Truth = []*txn.Txn{(&txn.Txn{Zxid: zxid.Make(2, 7), Op: txn.OpCloseSession, More: &txn.TxnMore{Paths: []string{"/e"}}}).Seal()}
	var text bytes.Buffer
	require.NoError(t, h.WriteJSON(&text))
	got, err := ReadJSON(bytes.NewReader(text.Bytes()))
	require.NoError(t, err)
	assert.Equal(t, h.Calls, got.Calls)
	assert.Equal(t, h.Watched, got.Watched)
	assert.Equal(t, h.Truth, got.Truth)
	assert.Equal(t, h.Seeds, got.Seeds)
	assert.Len(t, got.Ops, 1)
	assert.Equal(t, got.Truth[0].Hash, got.Truth[0].Sum())

	_, err = ReadJSON(strings.NewReader(strings.Replace(text.String(), `"Task":1`, `"Tusk":1`, 1)))
	assert.ErrorContains(t, err, "line 5")
	// A file of a writer that did not know of them has no turns and links.
	old := strings.NewReplacer(`,"Turn":4,"Link":2,"Unvouched":false`, "", `,"Turn":5,"Link":2`, "").Replace(text.String())
	require.NotEqual(t, text.String(), old)
	got, err = ReadJSON(strings.NewReader(old))
	require.NoError(t, err)
	assert.Zero(t, got.Calls[0].Turn+got.Watched[0].Link)
	h.Calls[0].Result.Data = "\xff"
	assert.ErrorContains(t, h.WriteJSON(&text), "call 0 of c2: multi: its path or data is not UTF-8")
}
