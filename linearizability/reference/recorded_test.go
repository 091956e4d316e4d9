package reference

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// recordings names a directory of traces of real servers (3.8.0). The ones in testdata
// are a choice.
var recordings = flag.String("recordings", "testdata", "directory of *.jsonl.gz and *.jsonl traces to play")

type (
	header struct {
		Trace, Level string
		Settings     map[string]string
	}
	line struct { // of a trace, but for the first
		I         int
		S, Op     string
		Args, Res json.RawMessage
		Events    map[string][]wireEvent
		Txns      []wireTxn
		Final     json.RawMessage
	}
	wireEvent struct{ Type, Path string }
	wireTxn   struct {
		Zxid          uint64
		S, Type, Path string
		Of            string
	}
	wireACL struct {
		P    int32
		S, I string
	}
	wireArgs struct {
		Op                                  string
		Path, Prefix, Scheme, Auth, Bind    *string
		Data                                json.RawMessage
		ACL                                 aclList
		Version                             *int32
		Flags, Type, Mode                   *int32
		Timeout                             int32
		TTL                                 *int64
		Watch                               bool
		Rel                                 uint64
		Exist, Child, Persistent, Recursive []string
		Ops                                 []wireArgs
		BadPasswd, UnknownID                bool
		MaxNeverUsedIntervalMs              int64
		dataList                            []string
	}
	wireStat struct {
		Czxid, Mzxid, Pzxid         uint64
		Ctime, Mtime                any
		Version, Cversion, Aversion int32
		EphemeralOwner              string
		DataLength, NumChildren     int32
	}
	wireRes struct {
		Err, Type  string
		Zxid       *uint64
		Path       *string
		Stat       *wireStat
		Data       json.RawMessage
		Children   *[]string
		Ephemerals *[]string
		ACL        *[]wireACL
		Number     *int32
		Who        []string
		Results    *[]wireRes
		Session    string
		Closed     bool
		Stream     []wireItem
	}
	wireItem struct {
		Reply *int
		Res   wireRes
		Event *wireEvent
	}
)

// lines reads a trace.
func lines(t *testing.T, file string) [][]byte {
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	var in *bufio.Scanner
	if strings.HasSuffix(file, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(raw))
		require.NoError(t, err)
		in = bufio.NewScanner(z)
	} else {
		in = bufio.NewScanner(bytes.NewReader(raw))
	}
	in.Buffer(nil, 1<<26)
	var all [][]byte
	for in.Scan() {
		all = append(all, bytes.Clone(in.Bytes()))
	}
	require.NoError(t, in.Err())
	return all
}

// text decodes the data of a request or reply: null, a string, {"b64"}, {"fill","len"}.
func text(t require.TestingT, raw json.RawMessage) (data string, null bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", true
	}
	if raw[0] == '"' {
		require.NoError(t, json.Unmarshal(raw, &data))
		return data, false
	}
	var o struct {
		B64  *string
		Fill string
		Len  int
	}
	require.NoError(t, json.Unmarshal(raw, &o))
	if o.B64 != nil {
		b, err := base64.StdEncoding.DecodeString(*o.B64)
		require.NoError(t, err)
		return string(b), false
	}
	return strings.Repeat(o.Fill, o.Len), false
}

var opcodes = map[string]txn.Op{}

func init() {
	for o := -128; o < 128; o++ {
		opcodes[txn.Op(o).String()] = txn.Op(o)
	}
}

func or[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// aclList tells null from an argument that is left out.
type aclList struct {
	given bool
	list  []wireACL
}

func (l *aclList) UnmarshalJSON(raw []byte) error {
	l.given = true
	return json.Unmarshal(raw, &l.list)
}

func toACL(entries []wireACL) []txn.ACL {
	list := []txn.ACL{}
	for _, e := range entries {
		list = append(list, txn.ACL{Perms: e.P, ID: txn.ID{Scheme: e.S, ID: e.I}})
	}
	return list
}

// request turns recorded arguments into a request.
func (a *wireArgs) request(t require.TestingT, op string, id txn.SessionID, auth []txn.ID) *txn.Request {
	r := &txn.Request{
		Session: id, Op: opcodes[op], Auth: auth, Watch: a.Watch, Path: or(a.Path, ""),
		Version: or(a.Version, -1), TTL: or(a.TTL, 0), Flags: or(a.Flags, 0),
	}
	switch r.Op {
	case txn.OpGetEphemerals:
		r.Path = or(a.Prefix, "")
	case txn.OpAddWatch:
		r.Flags = or(a.Mode, 0)
	case txn.OpCheckWatches, txn.OpRemoveWatches:
		r.Flags = or(a.Type, 3)
	case txn.OpSetWatches, txn.OpSetWatches2:
		var list []string
		if len(a.Data) > 0 {
			require.NoError(t, json.Unmarshal(a.Data, &list))
		}
		r.More = &txn.RequestMore{Watches: &txn.WatchLists{
			Relative: zxid.Zxid(a.Rel), Data: list, Exist: a.Exist, Child: a.Child, Persistent: a.Persistent, Recursives: a.Recursive,
		}}
		return r
	case txn.OpMulti, txn.OpMultiRead:
		r.More = &txn.RequestMore{}
		for i := range a.Ops {
			m := a.Ops[i].request(t, a.Ops[i].Op, id, auth)
			r.More.Ops = append(r.More.Ops, *m)
		}
		return r
	}
	r.Data, r.Null = text(t, a.Data)
	if a.ACL.given || r.Op == txn.OpSetACL {
		r.More = &txn.RequestMore{ACL: toACL(a.ACL.list)}
	}
	return r
}

// TestRecordings plays what real servers were asked, and compares what they answered,
// what their watches delivered, and the tree at the end.
func TestReferenceAnswersAsRecorded(t *testing.T) {
	var files []string
	for _, glob := range []string{"hand-*.jsonl", "hand-*.jsonl.gz", "rand-*.jsonl.gz"} {
		found, err := filepath.Glob(filepath.Join(*recordings, glob))
		require.NoError(t, err)
		files = append(files, found...)
	}
	require.NotEmpty(t, files)
	answers, skipped := 0, 0
	for _, file := range files {
		name, _, _ := strings.Cut(filepath.Base(file), ".")
		t.Run(name, func(t *testing.T) {
			a, s := play(t, lines(t, file))
			answers, skipped = answers+a, skipped+s
		})
	}
	t.Logf("%d traces, %d answers compared, %d steps left out", len(files), answers, skipped)
}

// serverOf returns the model of the server that made a trace.
func serverOf(t *testing.T, h header) *Model {
	bugs, err := bug.Profile("3.8.0")
	require.NoError(t, err)
	return New(Config{
		Bugs:          bugs.Without(bug.EventsIgnoreACL), // the build that was recorded has the fix
		EnforceQuota:  h.Settings["enforceQuota"] == "true",
		ExtendedTypes: h.Settings["extendedTypesEnabled"] == "true",
		SuperDigest:   "super:" + superHash,
	})
}
