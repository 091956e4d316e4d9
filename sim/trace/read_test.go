package trace

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/zab/host"
)

// What JSONL writes, Read gives back: the header, each event, and the deltas,
// gathered by node.
func TestReadGivesBackWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 20, -1)
		h := Header{text.Draw(t, "scenario"), 3, 5, rapid.Uint64().Draw(t, "seed"), text.Draw(t, "bugs")}
		var b bytes.Buffer
		j := NewJSONL(&b, h)
		var want []Record
		id := uint64(0)
		for range rapid.IntRange(0, 5).Draw(t, "events") {
			id += rapid.Uint64Range(1, 1000).Draw(t, "id")
			r := Record{Event: Event{id, rapid.Uint64Range(0, id-1).Draw(t, "cause"), host.Time(rapid.Int64().Draw(t, "at")),
				Node(rapid.Uint8().Draw(t, "node")), text.Draw(t, "lane"), "v" + text.Draw(t, "verb"), text.Draw(t, "detail")}}
			for range rapid.IntRange(0, 6).Draw(t, "deltas") {
				value, err := json.Marshal(rapid.OneOf(text, rapid.Just("\n")).Draw(t, "value"))
				require.NoError(t, err)
				r.Deltas = append(r.Deltas, Delta{Node(rapid.IntRange(0, 10).Draw(t, "n")), text.Draw(t, "key"), string(value)})
			}
			j.Event(&r.Event, 0, r.Deltas)
			r.Deltas = gather(r.Deltas)
			want = append(want, r)
		}
		require.NoError(t, j.Flush())
		rec, err := Read(&b)
		require.NoError(t, err)
		assert.Equal(t, h, rec.Header)
		var got []Record
		for r, err := range rec.Events() {
			require.NoError(t, err)
			got = append(got, *r)
		}
		assert.Equal(t, want, got)
	})
}

// gather puts the deltas of one node together, where the first of them stands.
func gather(deltas []Delta) []Delta {
	firstOf := func(n Node) int { return slices.IndexFunc(deltas, func(d Delta) bool { return d.Node == n }) }
	sorted := slices.Clone(deltas)
	slices.SortStableFunc(sorted, func(a, b Delta) int { return firstOf(a.Node) - firstOf(b.Node) })
	return sorted
}

// Our JSON strings say the same as encoding/json's, for any bytes.
func TestStringsAreJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text")
		var got string
		require.NoError(t, json.Unmarshal(appendString(nil, text), &got))
		assert.Equal(t, strings.ToValidUTF8(string([]rune(text)), "\ufffd"), got)
		assert.True(t, utf8.Valid(appendString(nil, text)))
	})
}

const head = `{"zabsim-events":1,"scenario":"s","servers":3,"clients":0,"seed":7}` + "\n"

func TestReadErrorsNameTheLine(t *testing.T) {
	for _, c := range [][2]string{
		{"", `line 1: this is no recording: its first line must begin with {"zabsim-events":1`},
		{"zabsim trace 1\n", `line 1: this is no recording`},
		{`{"id":1}`, `line 1: this is no recording`},
		{`{"zabsim-events":2}`, `line 1: recording format 2, this zabsim reads format 1`},
		{head + `{"id":1,"t":0,"node":"n1","verb":"x"}` + "\n" + `{"id":2,"t":0,"no`,
			`line 3: this is no event, or the file was cut off here: unexpected end of JSON input`},
		{head + `{"id":1,"t":0,"node":"n9","verb":"x"}`, `line 2: node "n9": it must be world, n1 to n8 or c1 and above`},
		{head + `{"id":1,"t":0,"node":"n1"}`, `line 2: the event has no verb`},
		{head + `{"id":0,"t":0,"node":"n1","verb":"x"}`, `line 2: event 0 follows event 0: ids must rise`},
		{head + `{"id":1,"t":0,"node":"n1","verb":"x","delta":[]}`, `line 2: delta: [] must be an object`},
		{head + `{"id":1,"t":0,"node":"n1","verb":"x","delta":{"n1":3}}`, `line 2: delta: 3 must be an object`},
		{head + `{"id":1,"t":0,"node":"n1","verb":"x","delta":{"x":{}}}`, `line 2: delta of node "x": it must be world`},
	} {
		assert.ErrorContains(t, walk(strings.NewReader(c[0])), c[1])
	}
	assert.NoError(t, walk(strings.NewReader(head)))
	assert.NoError(t, walk(strings.NewReader(head+`{"id":1,"t":0,"node":"n1","verb":"x","new":1}`)), "later fields are no error")
	assert.ErrorIs(t, walk(iotest.ErrReader(io.ErrClosedPipe)), io.ErrClosedPipe)
	cut := io.MultiReader(strings.NewReader(head), iotest.ErrReader(io.ErrClosedPipe))
	assert.ErrorIs(t, walk(cut), io.ErrClosedPipe)
}

func walk(r io.Reader) error {
	rec, err := Read(r)
	if err != nil {
		return err
	}
	for _, err := range rec.Events() {
		if err != nil {
			return err
		}
	}
	return nil
}

// A walk that stops early goes on where it stopped.
func TestEventsCanBeLeft(t *testing.T) {
	rec, err := Read(strings.NewReader(head + `{"id":1,"t":0,"node":"n1","verb":"x"}` + "\n" + `{"id":2,"t":0,"node":"n1","verb":"y"}`))
	require.NoError(t, err)
	for want := uint64(1); want <= 2; want++ {
		for r := range rec.Events() {
			assert.Equal(t, want, r.ID)
			break
		}
	}
}

func TestCompareFindsTheFirstDifference(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	for _, c := range []struct {
		a, b         string
		line         int
		lineA, lineB string
	}{
		{"", "", 0, "", ""},
		{"a\nb\n", "a\nb", 0, "", ""},
		{"a\nb\nc\n", "a\nB\nC\n", 2, "b", "B"},
		{"a\n", "a\n\n", 2, EndOfTrace, ""},
		{"a\nb\n", "", 1, "a", EndOfTrace},
		{long + "1\n" + long, long + "1\n" + long + "2", 2, long, long + "2"},
	} {
		line, lineA, lineB, err := Compare(strings.NewReader(c.a), iotest.OneByteReader(strings.NewReader(c.b)))
		require.NoError(t, err)
		assert.Equal(t, c.line, line)
		assert.Equal(t, c.lineA, lineA)
		assert.Equal(t, c.lineB, lineB)
	}
	_, _, _, err := Compare(strings.NewReader(""), iotest.ErrReader(io.ErrClosedPipe))
	assert.ErrorIs(t, err, io.ErrClosedPipe)
}
