package history

import (
	"bytes"
	"compress/gzip"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"zabsim/zab/host"
	"zabsim/zab/txn"
)

// sample records a little of everything.
func sample() *History {
	h := &History{Name: "sample/8f31", Preset: true, Ghost: true}
	set := h.Invoke(Op{Client: 1, Session: 0x10, Kind: Set, Key: "/a", Value: "x\"1\u2028é", Invoke: 10, Server: 1})
	get := h.Invoke(Op{Client: 2, Session: 0x20, Kind: SyncGet, Key: "/a", Invoke: 10, Server: 3})
	h.Complete(set, 20, Reply{Outcome: Ok, Version: 1, Zxid: 1<<32 | 5, Mzxid: 1<<32 | 5})
	cas := h.Invoke(Op{Client: 1, Session: 0x10, Kind: CAS, Key: "/a", Value: "x2", Expect: 0, Invoke: 20, Server: 1})
	h.Complete(get, 20, Reply{Outcome: Ok, Value: "", Zxid: 1<<32 | 4, SyncZxid: 1<<32 | 4, Server: 3, Deposed: true})
	h.Complete(cas, 30, Reply{Outcome: Fail, Err: txn.BadVersion, Zxid: 1<<32 | 6})
	lost := h.Invoke(Op{Client: 1, Session: 0x10, Kind: Set, Key: "/b", Value: "x3", Invoke: 31, Server: 1})
	h.Complete(lost, 90, Reply{Outcome: Unknown, Err: txn.ConnectionLoss})
	gone := h.Invoke(Op{Client: 2, Session: 0x20, Kind: CDelete, Key: "/b", Expect: 7, Invoke: 90})
	h.Complete(gone, 90, Reply{Outcome: Ok, Zxid: 1<<32 | 9})
	h.Invoke(Op{Client: 1, Session: 0x11, Kind: Create, Key: "/b", Invoke: 91})
	return h
}

// TestWrittenHistoriesReadBack: nothing is lost on the way, and equal histories
// give equal bytes.
func TestWrittenHistoriesReadBack(t *testing.T) {
	h := sample()
	var first, second bytes.Buffer
	require.NoError(t, h.WriteJSON(&first))
	back, err := ReadJSON(bytes.NewReader(first.Bytes()))
	require.NoError(t, err, first.String())
	require.Equal(t, h, back)
	require.NoError(t, back.WriteJSON(&second))
	require.Equal(t, first.String(), second.String())
}

// TestFormat pins the bytes: reports and other tools read them.
func TestFormat(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, sample().WriteJSON(&b))
	require.Equal(t, strings.TrimLeft(`
{"history":"sample/8f31","format":1,"writer":"zabsim","preset":true,"ghost":true,"invocations":6,"ok":3,"fail":1,"unknown":1,"pending":1}
{"i":0,"t":10,"p":1,"type":"invoke","f":"set","k":"/a","v":"x\"1\u2028é","server":1,"session":16}
{"i":1,"t":10,"p":2,"type":"invoke","f":"sync-get","k":"/a","server":3,"session":32}
{"i":2,"t":20,"p":1,"type":"ok","f":"set","k":"/a","mzxid":4294967301,"version":1,"zxid":4294967301,"server":1}
{"i":3,"t":20,"p":1,"type":"invoke","f":"cas","k":"/a","v":"x2","ver":0,"server":1,"session":16}
{"i":4,"t":20,"p":2,"type":"ok","f":"sync-get","k":"/a","v":"","syncZxid":4294967300,"version":0,"zxid":4294967300,"server":3,"deposed":true}
{"i":5,"t":30,"p":1,"type":"fail","f":"cas","k":"/a","err":"BADVERSION","zxid":4294967302,"server":1}
{"i":6,"t":31,"p":1,"type":"invoke","f":"set","k":"/b","v":"x3","server":1,"session":16}
{"i":7,"t":90,"p":2,"type":"invoke","f":"cdelete","k":"/b","ver":7,"session":32}
{"i":8,"t":90,"p":1,"type":"info","f":"set","k":"/b","err":"CONNECTIONLOSS","server":1}
{"i":9,"t":90,"p":2,"type":"ok","f":"cdelete","k":"/b","zxid":4294967305}
{"i":10,"t":91,"p":1,"type":"invoke","f":"create","k":"/b","v":"","session":17}
`, "\n"), b.String())
}

// TestReadsRealHistories: a history recorded from a real ensemble has the counts
// that its header states, and survives a round trip through our own writer.
func TestReadsRealHistories(t *testing.T) {
	f, err := os.Open("../testdata/hist-109.jsonl.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	h, err := ReadJSON(z)
	require.NoError(t, err)
	require.Equal(t, "hist-109", h.Name)
	require.False(t, h.Ghost)
	require.Equal(t, [4]int{0, 1378, 632, 7}, h.Counts())

	var b bytes.Buffer
	require.NoError(t, h.WriteJSON(&b))
	back, err := ReadJSON(&b)
	require.NoError(t, err)
	require.Equal(t, h, back)
}

// TestErrorsNameTheLine: what is wrong, where, and what would be right.
func TestErrorsNameTheLine(t *testing.T) {
	const head = `{"history":"x","format":1}` + "\n"
	const set = `{"i":0,"t":5,"p":1,"type":"invoke","f":"set","k":"/a","v":"1"}` + "\n"
	for text, want := range map[string]string{
		"":                           "line 1: the file is empty; want a header",
		`{"i":0}`:                    `line 1: no "history" field; the first line must be a header`,
		`{"history":"x","format":2}`: "line 1: format 2; this reader knows format 1",
		"hello":                      "want a header",
		head + "{":                   "line 2: unexpected EOF; want one event",
		head + `{"tt":1}`:            `line 2: json: unknown field "tt"; want one event`,
		head + `{"p":1}`:             `line 2: no "t"; want nanoseconds`,
		head + `{"t":1,"p":"x","type":"ok","f":"set"}`:                `line 2: p "x" is no process; want a number`,
		head + `{"t":1,"p":1,"type":"invoke","f":"put"}`:              `line 2: unknown f "put"; want one of get, sync-get, set`,
		head + `{"t":1,"p":1,"type":"invoke","f":"get"}`:              `line 2: no "k"; want the node's path`,
		head + `{"t":1,"p":1,"type":"invoke","f":"set","k":"/a"}`:     `line 2: no "v"; a set must say the value`,
		head + `{"t":1,"p":1,"type":"invoke","f":"cdelete","k":"/a"}`: `line 2: no "ver"; a cdelete must say the version`,
		head + `{"t":1,"p":1,"type":"ok","f":"set","k":"/a"}`:         "line 2: ok of process 1, which waits for nothing; want an invoke first",
		head + set + set: `line 3: process 1 still waits for "set"; want its ok, fail or info first`,
		head + set + strings.Replace(set, `"p":1`, `"p":101`, 1):                   `line 3: process 1 still waits for "set"; want its ok, fail or info first`,
		head + `{"t":9223372036854775807,"p":1,"type":"ok","f":"set"}`:             "line 2: t 9223372036854775807 is the time that stands for never; want nanoseconds",
		head + set + `{"t":4,"p":1,"type":"ok","f":"set","k":"/a"}`:                "line 3: t 4 is before the previous line's 5; lines must be in time order",
		head + set + `{"t":6,"p":1,"type":"ok","f":"get","k":"/a"}`:                "line 3: ok of get /a, but process 1 waits for set /a",
		head + set + `{"t":6,"p":1,"type":"yes","f":"set","k":"/a"}`:               `line 3: unknown type "yes"; want invoke, ok, fail or info`,
		head + set + `{"t":6,"p":1,"type":"ok","f":"set","k":"/a"}`:                `line 3: no "version"; the ok of a set must say it`,
		head + set + `{"t":6,"p":1,"type":"fail","f":"set","k":"/a","err":"NOPE"}`: `line 3: unknown err "NOPE"; want one of SYSTEMERROR`,
	} {
		_, err := ReadJSON(strings.NewReader(text))
		require.Error(t, err, text)
		require.Contains(t, err.Error(), want, text)
	}
}

// TestUnwritableHistories: what would not read back is refused by name.
func TestUnwritableHistories(t *testing.T) {
	h := &History{}
	h.Invoke(Op{Kind: Set, Key: "/a", Value: "\xff"})
	require.ErrorContains(t, h.WriteJSON(&bytes.Buffer{}), "operation 0 (client 0 set /a")
	h = &History{}
	h.Invoke(Op{Key: "/a", Invoke: 5})
	h.Invoke(Op{Key: "/a", Invoke: 4})
	require.ErrorContains(t, h.WriteJSON(&bytes.Buffer{}), "begins before")
}

// TestCodesHaveNames: each code survives, named or not.
func TestCodesHaveNames(t *testing.T) {
	for c := -128; c < 0; c++ {
		back, ok := parseErr(txn.Code(c).String())
		require.True(t, ok, c)
		require.Equal(t, txn.Code(c), back)
	}
}

// BenchmarkRecord: recording touches a slice and formats nothing.
func BenchmarkRecord(b *testing.B) {
	h := &History{}
	b.ReportAllocs()
	for b.Loop() {
		if len(h.Ops) == 10_000 {
			h.Reset()
		}
		now := host.Time(len(h.Ops))
		i := h.Invoke(Op{Client: 1, Kind: Set, Key: "/a", Value: "x", Invoke: now})
		h.Complete(i, now, Reply{Outcome: Ok, Version: 1, Zxid: 7})
	}
}
