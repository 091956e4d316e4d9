package plan

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// words is a small vocabulary: crash takes one server or the leader.
type words struct{}

func (words) FaultNames() []string { return []string{"crash", "cut", "skew"} }

func (words) CheckFault(p *Plan, f *Fault) error {
	if f.Name != "crash" || len(f.Args) > 0 && f.Args[0] == "leader" {
		return nil
	}
	if len(f.Args) == 0 {
		return errors.New("crash: name a server or the leader")
	}
	if name := p.stranger(f.Args[0]); name != "" {
		n := p.Quorum.All().Len()
		return fmt.Errorf("crash: there is no server %s of %d: write n1 to n%d", name, n, n)
	}
	return nil
}

// example is a plan with one of everything.
const example = `zabsim plan 1
scenario leader-crash
seed 7
servers 5
clients 5
for 60s
tickTime 2s
initLimit 10
syncLimit 5
commitLogCount 500
sessionTimeout 10s
bugs follower.epoch-before-history

op c1#1 wait 12.5ms set /r0 c1-1
op c1#2 wait 25ms get /r1
op c2#1 wait 3ms cas /r0 c2-1
op c2#2 wait 3ms sync-get /r2
fault 20s crash leader keep=some for 8s
fault 31.5s cut n1>n2 for 5s
decide isolate@20s target = n5
decide crash n5#1 keep = 2

expect events=123456 fingerprint=0123456789abcdef verdict=violated check=leadership-1
end
`

// options are the lines of the header that most plans leave out, in Write's order.
const options = `grain threads
snapCount 5
snapRetain 3
snapshotSizeFactor 50
threadSlow 10
unsafe yes
excuse committed-survives,total-order
`

// note is what a corpus adds, in Write's order.
const note = `why "the leader # acked \"too\" early"
origin seed-7
signature "total-order < sync fsync"
reach sync-trunc,two-leaders-at-once
scenarioHash 00000000000000a1
`

func parse(text string) (*Plan, error) { return Parse("plan.txt", strings.NewReader(text), words{}) }

func write(t require.TestingT, p *Plan) string {
	var b bytes.Buffer
	require.NoError(t, p.Write(&b))
	return b.String()
}

// What the example says ends up in the fields, and Write gives its bytes back.
func TestExampleIsCanonical(t *testing.T) {
	p, err := parse(example)
	require.NoError(t, err)
	assert.Equal(t, example, write(t, p))
	want := &Plan{
		Scenario: "leader-crash", Seed: 7, Quorum: *quorum.Majority(5), Clients: 5, For: 60 * host.Second,
		TickTime: 2 * host.Second, InitLimit: 10, SyncLimit: 5, CommitLogCount: 500, SessionTimeout: 10 * host.Second,
		Bugs: bug.Set{}.With(bug.EpochBeforeHistory),
		Ops: []Op{
			{1, 1, 12_500 * host.Microsecond, OpSet, "/r0", "c1-1"}, {1, 2, 25 * host.Millisecond, OpGet, "/r1", ""},
			{2, 1, 3 * host.Millisecond, OpCAS, "/r0", "c2-1"}, {2, 2, 3 * host.Millisecond, OpSyncGet, "/r2", ""},
		},
		Faults: []Fault{
			{At: 20 * host.Second, For: 8 * host.Second, Name: "crash", Args: []string{"leader", "keep=some"}, Line: 18},
			{At: 31_500 * host.Millisecond, For: 5 * host.Second, Name: "cut", Args: []string{"n1>n2"}, Line: 19},
		},
		Decisions: []Decision{{"isolate@20s target", "n5", 20}, {"crash n5#1 keep", "2", 21}},
		Expect:    Expect{123456, 0x0123456789abcdef, "violated", "leadership-1"},
	}
	assert.Equal(t, want, p)
}

// Lines between the first and the last two come in any order, with comments,
// blanks and other line ends.
func TestOrderAndCommentsDoNotMatter(t *testing.T) {
	body := strings.Split(strings.TrimSpace(example), "\n")
	head, tail := body[0], body[len(body)-2:]
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.Permutation(body[1:len(body)-3]).Draw(t, "lines")
		// Decisions keep the order of the file; the others are sorted.
		a, b := indexOf(lines, "decide isolate"), indexOf(lines, "decide crash")
		if a > b {
			lines[a], lines[b] = lines[b], lines[a]
		}
		text := "# a finding\n\t" + head + " # the format\r\n"
		for i, l := range lines {
			text += "  " + strings.ReplaceAll(l, " ", " \t") + []string{"", " # why", "\t#", "\r", "\n#x\n"}[i%5] + "\n"
		}
		p, err := parse(text + tail[0] + "\n" + tail[1] + " # done\n\n# bye")
		require.NoError(t, err)
		assert.Equal(t, example, write(t, p))
	})
}

// The lines that most plans leave out end up in the fields, in whatever order they
// stand, and come back; written out, the defaults stand for nothing.
func TestOptionsAreRead(t *testing.T) {
	base, err := parse(example)
	require.NoError(t, err)
	p, err := parse(strings.Replace(example, "seed 7", options+"seed 7", 1))
	require.NoError(t, err)
	assert.Equal(t, GrainThreads, p.Grain)
	assert.Equal(t, [4]int{5, 3, 50, 10}, [4]int{p.SnapCount, p.SnapRetain, p.SnapshotSizeFactor, p.ThreadSlow})
	assert.True(t, p.Unsafe)
	assert.Equal(t, []string{"committed-survives", "total-order"}, p.Excuse)
	text := write(t, p)
	for line := range strings.Lines(options) {
		assert.Contains(t, text, "\n"+line)
	}
	for word, factor := range map[string]int{"unlimited": FactorUnlimited, "off": FactorOff} {
		p, err = parse(strings.Replace(example, "seed 7", "seed 7\nsnapshotSizeFactor "+word, 1))
		require.NoError(t, err)
		assert.Equal(t, factor, p.SnapshotSizeFactor)
		assert.Contains(t, write(t, p), "\nsnapshotSizeFactor "+word+"\n")
	}
	p, err = parse(strings.Replace(example, "seed 7", "seed 7\ngrain atomic", 1))
	require.NoError(t, err)
	assert.Equal(t, write(t, base), write(t, p))
}

// What a corpus says of a plan comes back, stands above the rest, and is no part of
// what is run.
func TestNotesAreRead(t *testing.T) {
	base, err := parse(example)
	require.NoError(t, err)
	text := strings.Replace(example, "plan 1\n", "plan 1\n"+note, 1)
	p, err := parse(text)
	require.NoError(t, err)
	assert.Equal(t, Note{Why: `the leader # acked "too" early`, Origin: "seed-7", Signature: "total-order < sync fsync",
		Reach: []string{"sync-trunc", "two-leaders-at-once"}, ScenarioHash: 0xa1}, p.Note)
	assert.Equal(t, text, write(t, p))
	assert.Equal(t, base.ConfigHash(), p.ConfigHash())
	p.Note = Note{Why: " "}
	assert.EqualError(t, p.Check(), "plan: why: it says nothing: fill it in, or leave the line out")
}

// A group without any weight does not count as one, and is no mistake.
func TestAGroupMayWeighNothing(t *testing.T) {
	p, err := parse(strings.Replace(example, "servers 5", "servers 5\ngroup 1 1,2,3\ngroup 2 4,5\nweight 4 0\nweight 5 0", 1))
	require.NoError(t, err)
	assert.True(t, p.Quorum.Contains(quorum.Of(1, 2)))
}

func indexOf(lines []string, prefix string) int {
	for i, l := range lines {
		if strings.HasPrefix(l, prefix) {
			return i
		}
	}
	return -1
}

// Every plan that Check lets pass comes back from its text as it was, and its
// text comes back from the plan.
func TestPlansRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t)
		require.NoError(t, p.Check())
		text := write(t, p)
		got, err := Parse("plan.txt", strings.NewReader(text), nil)
		require.NoError(t, err, text)
		assert.Equal(t, p.ConfigHash(), got.ConfigHash())
		for i := range got.Programs {
			assert.NotZero(t, got.Programs[i].Line)
			got.Programs[i].Line = 0
		}
		for i := range got.Faults {
			assert.NotZero(t, got.Faults[i].Line)
			got.Faults[i].Line = 0
		}
		for i := range got.Decisions {
			assert.NotZero(t, got.Decisions[i].Line)
			got.Decisions[i].Line = 0
		}
		require.Equal(t, p, got, text)
		require.Equal(t, text, write(t, got))
	})
}

func drawPlan(t *rapid.T) *Plan {
	p := &Plan{
		Scenario: drawText(t, "scenario"), Seed: rapid.Uint64().Draw(t, "seed"), Quorum: drawQuorum(t),
		Clients: rapid.IntRange(0, MaxClients).Draw(t, "clients"), For: drawTime(t, 0), TickTime: drawTime(t, 1),
		InitLimit: rapid.IntRange(1, maxTicks).Draw(t, "init"), SyncLimit: rapid.IntRange(1, maxTicks).Draw(t, "sync"),
		CommitLogCount: rapid.IntRange(1, 1<<31-1).Draw(t, "count"), SessionTimeout: drawTime(t, 1),
	}
	if rapid.Bool().Draw(t, "note") {
		drawNote(t, &p.Note)
	}
	if rapid.Bool().Draw(t, "slow") {
		p.NotifyMax = drawTime(t, 1)
		p.NetSlow, p.DiskSlow = rapid.IntRange(2, maxSlow).Draw(t, "net"), rapid.IntRange(2, maxSlow).Draw(t, "disk")
	}
	if rapid.Bool().Draw(t, "options") {
		drawOptions(t, p)
	}
	for _, i := range bug.All() {
		if rapid.Bool().Draw(t, i.Name) {
			p.Bugs = p.Bugs.With(i.Switch)
		}
	}
	for c := 1; c <= min(p.Clients, 3); c++ {
		for n := range rapid.IntRange(0, 3).Draw(t, "ops") {
			o := Op{Client: c, Number: n + 1, Wait: drawTime(t, 0), Kind: OpKind(rapid.IntRange(1, 4).Draw(t, "kind"))}
			if o.Key = "/" + drawText(t, "key"); o.Kind.Writes() {
				o.Value = rapid.String().Draw(t, "value")
			}
			p.Ops = append(p.Ops, o)
		}
	}
	for c := 4; c <= min(p.Clients, 6); c++ {
		if rapid.Bool().Draw(t, "program") {
			x := Program{Client: c, Name: rapid.StringMatching(`[a-z-]{1,9}`).Draw(t, "recipe")}
			for range rapid.IntRange(0, 2).Draw(t, "args") {
				x.Args = append(x.Args, rapid.StringMatching(`[a-z]{1,5}`).Draw(t, "name")+"="+drawText(t, "arg"))
			}
			p.Programs = append(p.Programs, x)
		}
	}
	at := host.Duration(0)
	for range rapid.IntRange(0, 3).Draw(t, "faults") {
		at = min(at+drawTime(t, 0)/4, maxTime)
		f := Fault{At: at, For: drawTime(t, 0), Name: drawText(t, "fault")}
		for range rapid.IntRange(0, 3).Draw(t, "args") {
			f.Args = append(f.Args, drawText(t, "arg"))
		}
		p.Faults = append(p.Faults, f)
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "decisions") {
		key := rapid.StringMatching(`[a-z=]{1,5}( [a-m.=][a-m#.=]{0,3}[0-9])?`).Draw(t, "key")
		p.Decisions = append(p.Decisions, Decision{Key: fmt.Sprintf("%s k%d", key, i), Value: "v" + drawText(t, "value")})
	}
	if rapid.Bool().Draw(t, "expect") {
		p.Expect = Expect{rapid.Uint64().Draw(t, "events"), rapid.Uint64().Draw(t, "fingerprint"),
			rapid.SampledFrom(verdicts).Draw(t, "verdict"), rapid.StringMatching(`[!$-~]*`).Draw(t, "check")}
	}
	return p
}

func drawNote(t *rapid.T, n *Note) {
	said := func(s string) bool { return strings.TrimSpace(s) != "" }
	n.Why, n.Origin = rapid.String().Filter(said).Draw(t, "why"), rapid.String().Filter(said).Draw(t, "origin")
	n.Signature = rapid.SampledFrom([]string{"", "a < b c", "for"}).Draw(t, "signature")
	n.Reach = rapid.SampledFrom([][]string{nil, {"commit"}, {"b", "a", "x#"}}).Draw(t, "reach")
	n.ScenarioHash = rapid.Uint64().Draw(t, "hash")
}

func drawOptions(t *rapid.T, p *Plan) {
	p.Grain = Grain(rapid.IntRange(0, 1).Draw(t, "grain"))
	p.SnapCount = rapid.SampledFrom([]int{0, minSnapCount, 5, math.MaxInt32}).Draw(t, "snapCount")
	p.SnapRetain = rapid.SampledFrom([]int{0, minSnapRetain, math.MaxInt32}).Draw(t, "snapRetain")
	p.SnapshotSizeFactor = rapid.IntRange(FactorOff, maxSizeFactor).Draw(t, "factor")
	p.ThreadSlow = rapid.IntRange(0, maxThreadSlow).Draw(t, "threads")
	if p.Unsafe = rapid.Bool().Draw(t, "unsafe"); p.Unsafe {
		p.Excuse = rapid.SampledFrom([][]string{nil, {"total-order"}, {"for", "="}, {"b", "a", "x#"}}).Draw(t, "excuse")
	}
}

// drawText draws a text that is hard to write: keywords, comments, any bytes.
func drawText(t *rapid.T, label string) string {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"for", "=", "#", "#x", "x#y", " ", "a b", "\xff", "\r", `"`, `a"`, `\n`, "end", "n9"}),
		rapid.StringN(1, 10, -1), rapid.StringMatching(`[a-z0-9>=,.-]{1,8}`),
	).Filter(func(s string) bool { return label != "value" || (&Plan{}).stranger(s) == "" }).Draw(t, label)
}

func drawTime(t *rapid.T, least int64) host.Duration {
	unit := rapid.SampledFrom([]int64{1, 1e3, 1e6, 1e9}).Draw(t, "unit")
	return host.Duration(max(least, unit*rapid.Int64Range(0, int64(maxTime)/unit).Draw(t, "time")))
}

func drawQuorum(t *rapid.T) quorum.Config {
	n := rapid.IntRange(1, MaxServers).Draw(t, "servers")
	observers := quorum.Set(rapid.IntRange(0, 1<<n-2).Draw(t, "observers"))
	c := quorum.Config{Voters: quorum.Range(n) &^ observers, Observers: observers, Grouped: rapid.Bool().Draw(t, "grouped")}
	if !c.Grouped {
		return c
	}
	for rest := c.Voters; rest != 0; rest = rest.Without(rest.First()) {
		c.Group[rest.First()] = uint8(rapid.IntRange(1, quorum.Max).Draw(t, "group"))
		c.Weights[rest.First()] = uint32(rapid.IntRange(0, maxWeight).Draw(t, "weight"))
	}
	if !c.Contains(c.All()) {
		c.Weights[c.Voters.First()] = 1
	}
	return c
}

// The hash names run folders, so its value must not change; seed, decisions and
// result have no part in it, all the rest has.
func TestConfigHash(t *testing.T) {
	base, err := parse(example)
	require.NoError(t, err)
	want := base.ConfigHash()
	assert.Equal(t, uint64(0xeee699b83909ddd1), want)
	for _, l := range []string{"seed 7", "decide isolate@20s target = n5", "decide crash n5#1 keep = 2", "expect events=123456"} {
		spared := strings.Replace(example, l, strings.NewReplacer("7", "8", "n5", "n4", "123456", "5").Replace(l), 1)
		require.NotEqual(t, example, spared)
		p, err := parse(spared)
		require.NoError(t, err, l)
		assert.Equal(t, want, p.ConfigHash(), l)
	}
	seen := map[uint64][2]string{}
	for _, change := range [][2]string{
		{"scenario leader", "scenario other"}, {"servers 5", "servers 6"}, {"servers 5", "servers 5\nobservers 5"},
		{"servers 5", "servers 5\ngroup 1 1,2,3,4,5"}, {"servers 5", "servers 5\ngroup 1 1,2,3,4,5\nweight 1 2"},
		{"clients 5", "clients 4"}, {"for 60s", "for 61s"}, {"tickTime 2s", "tickTime 1s"}, {"initLimit 10", "initLimit 9"},
		{"syncLimit 5", "syncLimit 4"}, {"Count 500", "Count 499"}, {"sessionTimeout 10s", "sessionTimeout 9s"},
		{"bugs follower.epoch-before-history", ""}, {"12.5ms", "12.4ms"}, {"set /r0", "cas /r0"}, {"get /r1", "get /r2"},
		{"c1-1", "c1-2"}, {"op c2#2 wait 3ms sync-get /r2", ""}, {"fault 20s", "fault 21s"}, {"for 8s", "for 9s"},
		{"cut n1", "skew n1"}, {"keep=some", "keep=none"}, {"leader keep=some", "leader"},
		{"clients", "grain threads\nclients"}, {"clients", "snapCount 5\nclients"}, {"clients", "snapRetain 5\nclients"},
		{"clients", "snapshotSizeFactor 5\nclients"}, {"clients", "snapshotSizeFactor off\nclients"},
		{"clients", "snapshotSizeFactor unlimited\nclients"}, {"clients", "threadSlow 5\nclients"},
		{"clients", "unsafe yes\nclients"}, {"clients", "unsafe yes\nexcuse a\nclients"}, {"clients", "unsafe yes\nexcuse b\nclients"},
	} {
		p, err := parse(strings.Replace(example, change[0], change[1], 1))
		require.NoError(t, err, change)
		hash := p.ConfigHash()
		assert.NotEqual(t, want, hash, change)
		assert.NotContains(t, seen, hash, "%v has the hash of %v", change, seen[hash])
		seen[hash] = change
	}
}
