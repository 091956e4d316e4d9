package trace

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/internal/fp"
	"zabsim/zab/host"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files instead of comparing with them")

const ms = int64(host.Millisecond)

// step is an event with what changed.
type step struct {
	Event
	deltas []Delta
}

// story is a short run with one of everything.
var story = []step{
	{Event{ID: 1, At: 0, Node: World, Verb: "start"}, nil},
	{Event{ID: 2, At: 0, Node: 2, Lane: "peer", Verb: "timer", Detail: "election", Cause: 1},
		[]Delta{{2, "state", `"LOOKING"`}, {3, "state", `"LEADING"`}, {2, "vote", `{"sid":2,"zxid":"1.4"}`}}},
	{Event{ID: 57, At: host.Time(12_340_999), Node: 2, Lane: "sync", Verb: "fsync", Detail: "log<=2.4", Cause: 51}, nil},
	{Event{ID: 61, At: host.Time(12_900 * ms / 1000), Node: 2, Verb: "crash", Detail: "keeps 2 of 3, tears none"}, nil},
	{Event{ID: 4211, At: host.Time(60_000 * ms), Node: ClientNode(12), Verb: "return", Detail: `set /r0 "ü` + "\n\x01\xff", Cause: 57}, nil},
	{Event{ID: 1_234_567, At: host.Time(3_600_000 * ms), Node: 8, Lane: "processor", Verb: "acknowledge",
		Detail: "a detail that is wider than its column", Cause: 1_234_566}, []Delta{{8, "", ""}}},
	{Event{ID: 1_234_568, At: host.Time(3_600_000 * ms), Node: ClientNode(1), Verb: "read", Cause: 4211}, nil},
}

var storyHeader = Header{"leader-crash", 5, 12, 7, "fle.flat-vote-order,follower.epoch-before-history"}

// golden compares got with a file. Comments of the file, lines that begin with
// "# ", say what it shows.
func golden(t *testing.T, name, got string) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	comment := ""
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "# ") {
			break
		}
		comment += line
	}
	if *rewrite {
		require.NoError(t, os.WriteFile("testdata/"+name, []byte(comment+got), 0o666))
		return
	}
	assert.Equal(t, strings.TrimPrefix(string(data), comment), got)
}

func play(s Sink) {
	var f Fold
	for i := range story {
		s.Event(&story[i].Event, f.Event(&story[i].Event), story[i].deltas)
	}
}

func TestTextHasFixedColumns(t *testing.T) {
	var b bytes.Buffer
	text := NewText(&b, storyHeader)
	play(text)
	require.NoError(t, text.Finish([]Verdict{
		{"prefix-consistency", "passed", ""}, {"leadership-1", "violated", "n2 and n3 lead\nepoch 3"},
	}, 0x0123456789abcdef))
	golden(t, "story.txt", b.String())
}

func TestTextIsTheLineOfTheDesign(t *testing.T) {
	var b bytes.Buffer
	text := NewText(&b, Header{Scenario: "sync-race", Servers: 3, Seed: 7})
	text.Event(&Event{57, 51, host.Time(12_340_000), 2, "sync", "fsync", "log<=2.4"}, 0, nil)
	require.NoError(t, text.Flush())
	assert.Equal(t, "zabsim trace 1  scenario=sync-race  servers=3  seed=7\n"+
		"   12.340ms  #57  n2.sync   fsync   log<=2.4                    <- #51\n", b.String())
}

func TestEvery1024thLineHasTheFingerprint(t *testing.T) {
	var b bytes.Buffer
	text := NewText(&b, storyHeader)
	for id := uint64(1); id <= 3000; id++ {
		text.Event(&Event{ID: id, Verb: "tick"}, fp.Hash(id), nil)
	}
	require.NoError(t, text.Finish(nil, 3000))
	lines := strings.Split(b.String(), "\n")
	for i, l := range lines {
		assert.Equal(t, i == 1024 || i == 2048, strings.Contains(l, " fp="), l)
	}
	assert.True(t, strings.HasSuffix(lines[2048], "#2048  world     tick fp=0000000000000800"), lines[2048])
	assert.Equal(t, "end  events=3000  fingerprint=0000000000000bb8", lines[3001])
}

func TestRecordingIsOneObjectPerLine(t *testing.T) {
	var b bytes.Buffer
	j := NewJSONL(&b, storyHeader)
	play(j)
	require.NoError(t, j.Flush())
	golden(t, "story.jsonl", b.String())
}

// The header of the design, byte for byte: no bugs, no field.
func TestRecordingHeader(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, NewJSONL(&b, Header{Scenario: "leader-crash", Servers: 5, Clients: 5, Seed: 7}).Flush())
	assert.Equal(t, `{"zabsim-events":1,"scenario":"leader-crash","servers":5,"clients":5,"seed":7}`+"\n", b.String())
}

func TestNodesHaveNames(t *testing.T) {
	assert.Equal(t, "world", World.String())
	assert.Equal(t, "n8", Node(8).String())
	assert.Equal(t, "c1", ClientNode(1).String())
	assert.Equal(t, "c64", ClientNode(64).String())
	for n := range 256 {
		got, ok := ParseNode(Node(n).String())
		assert.True(t, ok)
		assert.Equal(t, Node(n), got)
	}
	for _, name := range []string{"", "n", "n0", "n9", "c0", "c248", "c", "m1", "n-1", "worlds"} {
		_, ok := ParseNode(name)
		assert.False(t, ok, name)
	}
}

type counter int

func (c *counter) Event(*Event, fp.Hash, []Delta) { *c++ }

func TestMultiFeedsAllSinks(t *testing.T) {
	var a, b counter
	assert.Nil(t, Multi())
	assert.Nil(t, Multi(nil, nil))
	assert.Same(t, &a, Multi(nil, &a))
	play(Multi(&a, nil, &b, &a))
	assert.Equal(t, counter(2*len(story)), a)
	assert.Equal(t, counter(len(story)), b)
}

type full struct{ writes int }

func (f *full) Write([]byte) (int, error) { f.writes++; return 0, errors.New("disk full") }

// The error of a writer is told at the end, and nothing is written after it.
func TestSinksReportTheWriter(t *testing.T) {
	f := &full{}
	text := NewText(f, storyHeader)
	for range 5000 {
		play(text)
	}
	assert.EqualError(t, text.Finish(nil, 0), "disk full")
	assert.Equal(t, 1, f.writes)
	j := NewJSONL(f, storyHeader)
	assert.EqualError(t, j.Flush(), "disk full")
}

// Fingerprints are stored in plans. If one of these numbers changes, all of
// those are worthless: the answer is a new format of plans, not a new number.
func TestFoldGoldenVectors(t *testing.T) {
	var f Fold
	assert.Equal(t, fp.Hash(0), f.Hash())
	assert.Equal(t, fp.Hash(0x5c9a0a743ccc9a5), f.Add(0, 0, 0))
	assert.Equal(t, fp.Hash(0x67cf4b0fba17d223), f.Add(12_340_000, 57, 1<<63))
	assert.Equal(t, fp.Hash(0xf8f80b3089e370e8), f.Event(&story[2].Event))
	copied := f
	f.Add(1, 2, 3)
	assert.NotEqual(t, copied.Hash(), f.Hash())
	assert.Equal(t, f.Hash(), copied.Add(1, 2, 3))
}

// Two events that differ anywhere, or stand in another order, give another
// fingerprint; small numbers that are easily mixed up are drawn on purpose.
func TestFoldTellsEventsApart(t *testing.T) {
	word := rapid.OneOf(rapid.Uint64Range(0, 8), rapid.Uint64())
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(word, 6, 6).Draw(t, "x")
		y := rapid.SliceOfN(word, 6, 6).Draw(t, "y")
		var f, g Fold
		for i := 0; i < 6; i += 3 {
			f.Add(host.Time(x[i]), x[i+1], x[i+2])
			g.Add(host.Time(y[i]), y[i+1], y[i+2])
		}
		assert.Equal(t, assert.ObjectsAreEqual(x, y), f.Hash() == g.Hash())
	})
	base := Event{1, 2, 3, 4, "a", "b", "c"}
	var f Fold
	want := f.Event(&base)
	for _, e := range []Event{{9, 2, 3, 4, "a", "b", "c"}, {1, 9, 3, 4, "a", "b", "c"}, {1, 2, 9, 4, "a", "b", "c"},
		{1, 2, 3, 9, "a", "b", "c"}, {1, 2, 3, 4, "", "ab", "c"}, {1, 2, 3, 4, "a", "bc", ""}, {1, 2, 3, 4, "a", "b", ""}} {
		var g Fold
		assert.NotEqual(t, want, g.Event(&e), "%v", e)
	}
}
