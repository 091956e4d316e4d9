package file_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	yaml "github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/faults"
	"zabsim/scenarios"
	"zabsim/scenarios/file"
	"zabsim/scenarios/file/decode"
	"zabsim/scenarios/spec"
	"zabsim/zab/host"
)

func compiled(t *testing.T) *jsonschema.Schema {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(file.Schema))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("scenario.json", doc))
	s, err := c.Compile("scenario.json")
	require.NoError(t, err)
	return s
}

func instance(t *testing.T, text string) any {
	raw, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	require.NoError(t, err)
	return v
}

// TestBuiltInsMatchTheSchema: what we read and what editors are told agree, as far as
// the built-in scenarios go; and the schema can say no.
func TestBuiltInsMatchTheSchema(t *testing.T) {
	schema := compiled(t)
	for _, name := range scenarios.Names() {
		text, err := scenarios.Text(name)
		require.NoError(t, err)
		assert.NoError(t, schema.Validate(instance(t, text)), name)
		s, err := file.Parse(name+".yaml", []byte(text))
		require.NoError(t, err)
		assert.Equal(t, name, s.Name, "the file's name")
		built, err := scenarios.Lookup(name)
		require.NoError(t, err)
		assert.Equal(t, built.Hash(), file.Hash(s))
	}
	assert.NoError(t, schema.Validate(instance(t, good)))
	for _, b := range broken {
		if b.schema {
			assert.Error(t, schema.Validate(instance(t, b.text)), b.text)
		}
	}
}

// TestTheSchemaNamesEveryKey: each mapping of the format has in the schema the keys
// that the decoder knows, and no others; and the words of enumerations are all there.
func TestTheSchemaNamesEveryKey(t *testing.T) {
	var doc map[string]any
	require.NoError(t, json.Unmarshal([]byte(file.Schema), &doc))
	at := func(path ...string) map[string]any {
		v := doc
		for _, p := range path {
			next, ok := v[p].(map[string]any)
			require.True(t, ok, "%v: there is no %s", path, p)
			v = next
		}
		return v
	}
	places := map[string]map[string]any{
		"scenario": at("properties"), "ensemble": at("$defs", "ensemble", "properties"),
		"workload": at("$defs", "workload", "properties"),
		"mix":      at("$defs", "workload", "properties", "mix", "properties"),
		"lull":     at("$defs", "workload", "properties", "lulls", "items", "properties"),
		"program":  at("$defs", "workload", "properties", "programs", "items", "properties"),
		"step":     at("$defs", "step", "properties"), "rounds": at("$defs", "rounds", "properties"),
		"swarm": at("$defs", "swarm", "properties"), "expect": at("$defs", "expect", "properties"),
	}
	sections := decode.Sections()
	assert.Len(t, sections, len(places))
	for _, s := range sections {
		var keys []string
		for k := range places[s.Name] {
			keys = append(keys, k)
		}
		assert.ElementsMatch(t, s.Keys, keys, s.Name)
	}
	enum := func(v any) (words []string) {
		for _, w := range v.([]any) {
			words = append(words, w.(string))
		}
		return words
	}
	assert.Equal(t, faults.Vocabulary{}.FaultNames(), enum(at("$defs", "fault")["enum"]))
	var recipes []string
	for _, r := range scenarios.Recipes() {
		recipes = append(recipes, r.Name)
	}
	assert.Equal(t, recipes, enum(places["program"]["recipe"].(map[string]any)["enum"]))
	for _, f := range faults.All() {
		for _, word := range strings.FieldsFunc(f.Doc, func(r rune) bool { return r == ' ' }) {
			if name, _, ok := strings.Cut(word, "="); ok {
				assert.Contains(t, spec.OptionNames(), name, f.Name)
			}
		}
	}
}

const good = `
name: mine
claim: whatever
for: 60s
ensemble:
  servers: 6
  least: 3
  observers: 1
  sets:
    left: [n1, n2]
    right: voters except left
  grain: threads
  tickTime: 1s
  initLimit: 7
  syncLimit: 3
  commitLogCount: 20
  snapCount: 10
  snapRetain: 3
  snapshotSizeFactor: unlimited
  counterMax: 1000
  maxNotificationInterval: 5s
  sessionTimeout: 8s
  netSlow: 4
  diskSlow: 5
  threadSlow: 10
workload:
  clients: 4
  rate: 50/s
  mix: {set: 1, get: 1}
  keys: 7
faults:
  - {at: 20s, fault: crash, target: right, every: 2s, keep: none, for: 1s}
  - at: 10s
    fault: cut
    target: [n1>n2, n2>n1]
    for: 3s
  - {at: 30s, fault: split, target: left, for: 5s}
expect:
  reach: [established, second-leader]
  hold: [total-order, linearizable-writes]
  thresholds: p99( failover )<4s
`

// Goal: every key does what it says. Method: one file with nearly all of them.
func TestEveryKeyCounts(t *testing.T) {
	s, err := file.Parse("mine.yaml", []byte(good))
	require.NoError(t, err)
	p := s.Plan(1, scenarios.Options{})
	require.NoError(t, p.Check())
	var b bytes.Buffer
	require.NoError(t, p.Write(&b))
	for _, line := range []string{
		"scenario mine", "servers 6", "observers 6", "grain threads", "clients 4", "for 60s", "tickTime 1s", "initLimit 7", "syncLimit 3",
		"commitLogCount 20", "snapCount 10", "snapRetain 3", "snapshotSizeFactor unlimited", "counterMax 1000", "sessionTimeout 8s",
		"maxNotificationInterval 5s", "netSlow 4", "diskSlow 5", "threadSlow 10",
		"fault 10s cut n1>n2 n2>n1 for 3s", "fault 20s crash n3 keep=none for 1s", "fault 22s crash n4 keep=none for 1s",
		"fault 24s crash n5 keep=none for 1s", "fault 30s split n1,n2 for 5s",
	} {
		assert.Contains(t, b.String(), "\n"+line+"\n")
	}
	assert.InDelta(t, 3000, len(p.Ops), 300, "50 in a second")
	keys, kinds := map[string]bool{}, map[string]bool{}
	for i := range p.Ops {
		keys[p.Ops[i].Key], kinds[p.Ops[i].Kind.String()] = true, true
	}
	assert.Len(t, keys, 7)
	assert.Len(t, kinds, 2)
	assert.Equal(t, []string{"established", "second-leader"}, s.Reach)
	assert.Equal(t, []string{"total-order", "linearizable-writes"}, s.Hold)
	assert.Equal(t, []scenarios.Threshold{{Func: "p99", Of: "failover", Op: "<", Limit: int64(4 * host.Second)}}, s.Thresholds)
	assert.Equal(t, 1+strings.Count(good[:strings.Index(good, "{at: 20s")], "\n"), s.Timetable[0].Step.Line)
	assert.Error(t, s.Fits(2))
	assert.NoError(t, s.Check(p))
	assert.ErrorContains(t, s.Check(s.Plan(1, scenarios.Options{Servers: 2})), "makes sense with 3 servers or more")
}

// Goal: the hash is of what a scenario means. Method: change text that means nothing,
// then each of some things that do.
func TestHash(t *testing.T) {
	parse := func(text string) string {
		s, err := file.Parse("x.yaml", []byte(text))
		require.NoError(t, err)
		return file.Hash(s)
	}
	want := parse(good)
	assert.Len(t, want, 16)
	same := strings.NewReplacer("name: mine", "name: other # a comment", "claim: whatever\n", "", "mix: {set: 1, get: 1}", "mix:\n    get: 1\n    set: 1",
		"p99( failover )<4s", "[p99(failover) < 4000ms]", "target: right, every: 2s", "every: 2000ms, target: right").Replace(good)
	assert.NotEqual(t, good, same)
	assert.Equal(t, want, parse(same))
	for _, change := range [][2]string{{"60s", "61s"}, {"syncLimit: 3", "syncLimit: 4"}, {"left: [n1, n2]", "left: [n1]"}, {"keep: none", "keep: all"},
		{"50/s", "51/s"}, {"second-leader", "crash"}, {"<4s", "<5s"}, {"<4s", "<=4s"}} {
		assert.NotEqual(t, want, parse(strings.Replace(good, change[0], change[1], 1)), change)
	}
}

// Goal: a time may be written as for a flag, wherever a file has one, and means the
// same. Method: one file twice, in seconds and with minutes.
func TestMinutesEverywhere(t *testing.T) {
	schema := compiled(t)
	parse := func(text string) *scenarios.Scenario {
		s, err := file.Parse("x.yaml", []byte(text))
		require.NoError(t, err)
		require.NoError(t, schema.Validate(instance(t, text)))
		return s
	}
	seconds := `
name: x
for: 120s
ensemble: {maxNotificationInterval: 60s, sessionTimeout: 20s}
workload:
  interval: 100ms
  lulls: [{from: 60s, burst: 61s, until: 65s}]
  programs: [{recipe: config-reader, with: {during: 90s}}, {recipe: lock, with: {hold: 60s, root: /60s}}]
faults:
  - {at: 60s, fault: crash, target: all, every: 1s, keep: none, for: 5s}
  - {at: 90s, fault: step, target: n1, by: -60s}
  - {from: 60s, until: 90s, every: 20s, by: [60s, 61s], rounds: [[{fault: step, target: any, at: 1s}]]}
expect:
  thresholds: [max(write) < 60s, p50(op) < 90s]
`
	minutes := strings.NewReplacer("/60s", "/60s", "-60s", "-1m", "60s", "1m", "61s", "1m1s", "65s", "1m5s", "90s", "1m30s", "120s", "0.02h48s").Replace(seconds)
	require.Contains(t, minutes, "from: 1m, burst: 1m1s, until: 1m5s")
	a, b := parse(seconds), parse(minutes)
	assert.Equal(t, a.Hash(), b.Hash())
	assert.Equal(t, a.Plan(1, scenarios.Options{}).ConfigHash(), b.Plan(1, scenarios.Options{}).ConfigHash())
	swarm := func(gap string) string {
		return parse("name: x\nfor: 60s\nfaults: {swarm: {gap: " + gap + "}}\n").Hash()
	}
	assert.Equal(t, swarm("1s..90s"), swarm("1s..1m30s"))
}

// TestByteOrderMark: some editors begin a file with it; columns do not count it.
func TestByteOrderMark(t *testing.T) {
	s, err := file.Parse("x.yaml", []byte("\ufeff"+good))
	require.NoError(t, err)
	assert.Equal(t, "mine", s.Name)
	_, err = file.Parse("x.yaml", []byte("\ufeffnaem: x\n"))
	assert.ErrorContains(t, err, `x.yaml:1:1: unknown key "naem"`)
}

// TestEndless: a file without an end is refused like one that is too long.
func TestEndless(t *testing.T) {
	if _, err := os.Stat("/dev/zero"); err != nil {
		t.Skip("there is no such device here")
	}
	_, err := file.Load("/dev/zero")
	assert.ErrorContains(t, err, "the file is too long")
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.yaml")
	require.NoError(t, os.WriteFile(path, []byte(good), 0o600))
	s, err := file.Load(path)
	require.NoError(t, err)
	assert.Equal(t, path, s.File)
	_, err = file.Load(path + "x")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// TestSwarmWithinLimits: the faults of a swarm keep the limits that a file sets, and
// are others for each seed.
func TestSwarmWithinLimits(t *testing.T) {
	s, err := file.Parse("x.yaml", []byte("name: x\nfor: 60s\nensemble: {servers: 3, tickTime: 300ms}\nfaults:\n  swarm: {kinds: [crash, hangup], gap: 1s..2s, length: 500ms..700ms}\n"))
	require.NoError(t, err)
	seen := map[string]bool{}
	for seed := uint64(1); seed <= 20; seed++ {
		p := s.Plan(seed, scenarios.Options{})
		require.NoError(t, p.Check())
		assert.Equal(t, 300*host.Millisecond, p.TickTime, "what the file sets is not drawn")
		assert.Equal(t, 3, p.Quorum.All().Len())
		assert.Greater(t, len(p.Faults), 10)
		last := host.Duration(0)
		for i := range p.Faults {
			f := &p.Faults[i]
			seen[f.Name] = true
			require.NoError(t, faults.Vocabulary{}.CheckFault(p, f))
			assert.GreaterOrEqual(t, f.At-last, host.Second)
			if last = f.At; f.Name == "crash" {
				assert.True(t, f.For >= 500*host.Millisecond && f.For <= 700*host.Millisecond)
			}
		}
	}
	assert.Len(t, seen, 2)
	assert.NotEqual(t, s.Plan(1, scenarios.Options{}).Faults, s.Plan(2, scenarios.Options{}).Faults)
}

// builtins are the texts of the built-in scenarios.
func builtins() (texts []string) {
	for _, name := range scenarios.Names() {
		text, err := scenarios.Text(name)
		if err != nil {
			panic(err)
		}
		texts = append(texts, text)
	}
	return texts
}

// checkAccepted: what was read makes a plan that can be written and run.
func checkAccepted(t *testing.T, s *scenarios.Scenario) {
	p := s.Plan(1, scenarios.Options{})
	require.NoError(t, p.Check())
	require.NoError(t, s.Check(p))
	require.NoError(t, scenarios.CheckExcuse(p))
	require.NotEmpty(t, s.Hash())
	_, err := scenarios.CheckPrograms(p)
	require.NoError(t, err)
}
