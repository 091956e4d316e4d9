package trace

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

const (
	header = `{"trace":"t","topic":"x","format":1,"server":"Apache ZooKeeper 3.8.0","mode":"standalone","settings":{"tickTime":"500"},"zxid0":0}`
	step0  = `{"i":0,"s":"s0","op":"connect","args":{"timeout":30000},"res":{"err":"OK","timeout":30000,"session":"s0"},"events":{},"txns":[{"zxid":1,"s":"s0","type":"createSession"}]}`
	last   = `{"final":{"lastZxid":1,"sessions":["s0"],"ephemerals":{},"nodes":[]}}`
	stat   = `{"czxid":1,"mzxid":1,"ctime":1,"mtime":"other","version":0,"cversion":0,"aversion":0,"ephemeralOwner":"s0","dataLength":0,"numChildren":0,"pzxid":1}`
)

// recordings are the traces that this repository has.
func recordings(t testing.TB) []string {
	files, err := filepath.Glob("../testdata/recordings/*.jsonl.gz")
	require.NoError(t, err)
	require.Len(t, files, 309)
	return files
}

func lines(list ...string) []byte { return []byte(strings.Join(list, "\n") + "\n") }

// step returns a step with number 1 of session s0.
func step(op, args, res string) string {
	return `{"i":1,"s":"s0","op":"` + op + `","args":` + args + `,"res":` + res + `,"events":{},"txns":[]}`
}

func decode(t *testing.T, list ...string) *Trace {
	t.Helper()
	tr, err := Decode("f", lines(list...))
	require.NoError(t, err)
	return tr
}

func TestAllRecordingsAreRead(t *testing.T) {
	steps, java := 0, 0
	for _, f := range recordings(t) {
		raw, err := os.ReadFile(f)
		require.NoError(t, err)
		tr, err := Decode(f, raw)
		require.NoError(t, err)
		steps += len(tr.Steps) + len(tr.Client)
		if tr.Level == JavaClient {
			java++
		}
	}
	assert.Equal(t, 20556, steps)
	assert.Equal(t, 10, java)
}

func TestPlainAndGzipAreTheSame(t *testing.T) {
	plain := lines(header, step0, last)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write(plain)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	a, err := Decode("f", plain)
	require.NoError(t, err)
	b, err := Decode("f", packed.Bytes())
	require.NoError(t, err)
	assert.Equal(t, a, b)
	_, err = Decode("f", packed.Bytes()[:packed.Len()-5])
	assert.ErrorContains(t, err, "f: is damaged")
}

func TestArguments(t *testing.T) {
	op := func(name, args string) Op {
		res := `{"err":"NOT_CONNECTED"}`
		return decode(t, header, step0, step(name, args, res), last).Steps[1].Op
	}
	assert.Equal(t, Op{Name: "delete", Code: txn.OpDelete, Path: "/a", Version: -1, Data: Data{Null: true}}, op("delete", `{"path":"/a"}`))
	assert.True(t, op("getData", `{"path":null,"watch":true}`).NoPath)
	assert.Equal(t, int32(3), op("removeWatches", `{"path":"/a"}`).Flags, "any")
	assert.Equal(t, int32(1), op("addWatch", `{"path":"/a","mode":1}`).Flags)
	c := op("createTTL", `{"path":"/a","data":{"b64":"AAE="},"ttl":5,"flags":6,"acl":[{"p":3,"s":"digest","i":"u:x"}]}`)
	assert.Equal(t, "\x00\x01", c.Data.Bytes())
	assert.Equal(t, int64(5), c.TTL)
	assert.Equal(t, []txn.ACL{{Perms: 3, ID: txn.ID{Scheme: "digest", ID: "u:x"}}}, c.ACL)
	assert.Equal(t, "xxx", op("setData", `{"path":"/a","data":{"fill":"x","len":3}}`).Data.Bytes())
	assert.False(t, op("create", `{"path":"/a"}`).HasACL)
	assert.True(t, op("create", `{"path":"/a","acl":null}`).HasACL)
	assert.True(t, op("create", `{"path":"/a","acl":[{"p":1,"s":"world","i":null}]}`).NullID)
	w := op("setWatches2", `{"rel":7,"data":["/a"],"exist":[],"child":["/b"],"persistent":["/c"],"recursive":["/d"]}`).Watches
	assert.Equal(t, &txn.WatchLists{Relative: zxid.Zxid(7), Data: []string{"/a"}, Exist: []string{}, Child: []string{"/b"},
		Persistent: []string{"/c"}, Recursives: []string{"/d"}}, w)
	m := op("multi", `{"ops":[{"op":"check","path":"/a"},{"op":"create","path":"/b"}]}`)
	assert.Equal(t, []string{"check", "create"}, []string{m.Ops[0].Name, m.Ops[1].Name})
	assert.Equal(t, "\x00\x00\x00\x02/a", op("rawOp", `{"code":3,"path":"/a"}`).RawBody)
	assert.Equal(t, "\xff\xff\xff\xff", op("rawOp", `{"code":3,"path":null}`).RawBody)
	assert.Equal(t, "\x01", op("rawOp", `{"code":99,"body":{"b64":"AQ=="}}`).RawBody)
}

func TestReplies(t *testing.T) {
	reply := func(op, args, res string) Reply {
		return decode(t, header, step0, step(op, args, res), last).Steps[1].Reply
	}
	r := reply("getData", `{"path":"/a"}`, `{"err":"OK","zxid":1,"data":null,"stat":`+stat+`}`)
	assert.True(t, r.Data.Null)
	assert.Equal(t, int64(1), r.Stat.CTime)
	assert.Equal(t, Other, r.Stat.MTime)
	assert.Equal(t, "s0", r.Stat.Owner)
	r = reply("multi", `{"ops":[{"op":"check","path":"/a"}]}`, `{"err":"OK","zxid":1,"results":[{"type":"error","err":"NONODE","hdrErr":"NONODE"}]}`)
	assert.Equal(t, []Member{{Type: "error", Err: "NONODE", HdrErr: "NONODE"}}, r.Results)
	r = reply("pipeline", `{"ops":[{"op":"sync","path":"/a"}]}`,
		`{"stream":[{"event":{"type":"NodeCreated","path":"/a"}},{"reply":0,"res":{"err":"OK","zxid":1,"path":"/a"}}]}`)
	require.Len(t, r.Stream, 2)
	assert.Equal(t, Event{Type: "NodeCreated", Path: "/a"}, *r.Stream[0].Event)
	assert.Equal(t, "/a", r.Stream[1].Reply.Path.Value)
}

// Goal: what is wrong is told with file, line, field and what would be right.
func TestErrorsSayWhereAndWhat(t *testing.T) {
	ok := `{"err":"OK","zxid":1}`
	for _, c := range []struct {
		text []byte
		want string
	}{
		{nil, "f: is empty; a trace begins with its header"},
		{lines("{"), "f:1: the line ends in the middle"},
		{lines("[]"), "f:1: the line is a list; each line is one JSON object"},
		{lines("{} {}"), "f:1: the line has something behind its object"},
		{[]byte("{\"a\":\"\xff\"}"), "f:1: the line is not UTF-8"},
		{lines(`{"a":1,"a":2}`), `f:1: the line has the field "a" twice`},
		{lines(strings.Repeat("[", 99)), "nests deeper than 16 levels"},
		{lines(step0), `f:1: this is no trace: the first line must be a header`},
		{lines(strings.Replace(header, `"format":1`, `"format":2`, 1)), "f:1: format: want 1"},
		{lines(strings.Replace(header, `"tickTime":"500"`, `"tickTime":500`, 1)), "settings.tickTime: want a string, got a number"},
		{lines(strings.Replace(header, `"tickTime"`, `"tickTim"`, 1)), `settings.tickTim: unknown setting, did you mean "tickTime"?`},
		{lines(strings.Replace(header, `"zxid0":0`, `"zxid0":9`, 1)), "a trace starts on an empty server, want 0"},
		{lines(strings.Replace(header, `"zxid0":0`, `"zxid0":0,"level":"c"`, 1)), "level: want java-client"},
		{lines(header), `f: ends without its {"final":..} line; was the recording cut off?`},
		{lines(header, step0, last, step0), "f:4: there is something behind the final line"},
		{lines(header, step(`getData`, `{"path":"/a"}`, ok), last), "f:2: this is step 1, but step 0 comes next"},
		{lines(header, step0, step("getDat", `{}`, ok)), `f:3: args: unknown operation "getDat", did you mean "getData"?`},
		{lines(header, step0, step("getData", `{}`, ok)), `f:3: args: the field "path" is missing`},
		{lines(header, step0, step("getData", `{"path":1}`, ok)), "f:3: args.path: want a string or null, got a number"},
		{lines(header, step0, step("getData", `{"path":"/a","wach":true}`, ok)), `args: unknown field "wach", did you mean "watch"?`},
		{lines(header, step0, step("getData", `{"path":"/a"}`, `{"err":"OK"}`)), `res: the field "zxid" is missing`},
		{lines(header, step0, step("getData", `{"path":"/a"}`, `{"err":"NONOD","zxid":1}`)), `res.err: unknown code "NONOD", did you mean "NONODE"?`},
		{lines(header, step0, step("getData", `{"path":"/a"}`, `{"err":"OK","zxid":1.5}`)), "res.zxid: want a whole number of at most 64 bits, got 1.5"},
		{lines(header, step0, step("getData", `{"path":"/a"}`, `{"err":"OK","zxid":1,"children":[]}`)), `res: unknown field "children"`},
		{lines(header, step0, step("setData", `{"path":"/a","data":{"fill":"x","len":99999999}}`, ok)), "args.data.len: want 0 to 16777216"},
		{lines(header, step0, step("multi", `{"ops":[{"op":"restart"}]}`, ok)), "args.ops.0: restart can't be inside of multi"},
		{lines(header, step0, step("multi", `{"ops":[{"op":"multi","ops":[]}]}`, ok)), "multi can't be inside of multi"},
		{lines(header, step0, step("restart", `{}`, `{"zxid":1}`)), `the operation restart can't be a step of "s0"`},
		{lines(header, step0, step("pipeline", `{"ops":[]}`, `{"stream":[{"reply":0,"res":{}}]}`)), "there is no operation 0: the pipeline has 0"},
		{lines(header, step0, strings.Replace(step("sync", `{"path":"/a"}`, ok), `"txns":[]`, `"txns":[{"zxid":1,"s":"s0","type":"sync"}]`, 1)), `txns.0: unknown transaction "sync"`},
		{lines(header, step0, strings.Replace(step("sync", `{"path":"/a"}`, ok), `"events":{}`, `"events":{"s0":[{"type":"Nothing"}]}`, 1)), `events.s0.0: unknown type "Nothing" of an event`},
		{lines(header, step0, strings.Replace(last, `"nodes":[]`, `"nodes":[{"path":"/","kind":"ttl:x","data":"","acl":[],"stat":`+stat+`}]`, 1)), "final.nodes.0.kind: want persistent"},
	} {
		_, err := Decode("f", c.text)
		if assert.Error(t, err, c.want) {
			assert.Contains(t, err.Error(), c.want)
			var e *Error
			assert.True(t, errors.As(err, &e))
		}
	}
}

// Goal: a prefix of a trace is a trace.
func TestPrefix(t *testing.T) {
	for _, f := range []string{"hand-watch-persistent-basic", "client-chroot"} {
		raw, err := os.ReadFile("../testdata/recordings/" + f + ".jsonl.gz")
		require.NoError(t, err)
		whole, err := Decode(f, raw)
		require.NoError(t, err)
		part, err := Decode(f, whole.WritePrefix(5))
		require.NoError(t, err)
		assert.Equal(t, whole.Settings, part.Settings)
		assert.Equal(t, whole.Level, part.Level)
		assert.True(t, part.Prefix)
		assert.Nil(t, part.Final)
		if whole.Level == "" {
			assert.Equal(t, whole.Steps[:5], part.Steps)
		} else {
			assert.Equal(t, whole.Client[:5], part.Client)
		}
	}
}

// FuzzTrace: no text makes the decoder panic, and an error always says in which file.
func FuzzTrace(f *testing.F) {
	f.Add(lines(header, step0, last))
	f.Add(lines(header, step0, step("pipeline", `{"ops":[{"op":"multi","ops":[{"op":"check","path":"/a"}]},{"op":"rawOp","code":1,"body":{"b64":"AAAA"}}]}`,
		`{"stream":[{"event":{"type":"NodeCreated","path":"/a"}},{"reply":0,"res":{"err":"OK","zxid":1,"results":[{"type":"check"}]}}]}`), last))
	f.Add([]byte("\x1f\x8b\x08\x00"))
	for _, name := range []string{"hand-multi-multiread", "client-multi", "hand-basic-check-opcode-alone"} {
		raw, err := os.ReadFile("../testdata/recordings/" + name + ".jsonl.gz")
		require.NoError(f, err)
		f.Add(raw)
		plain, err := unzip(raw)
		require.NoError(f, err)
		f.Add(plain)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		tr, err := Decode("f", raw)
		if err != nil {
			var e *Error
			require.ErrorAs(t, err, &e)
			return
		}
		for n := range min(len(tr.lines)+1, 3) {
			_, err := Decode("f", tr.WritePrefix(n))
			require.NoError(t, err, "a prefix of a trace is a trace")
		}
	})
}
