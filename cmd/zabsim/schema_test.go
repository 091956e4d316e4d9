package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/internal/runfolder"
	"zabsim/reports/schema"
)

// validator returns the published schema of that name.
func validator(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	list, err := schema.All()
	require.NoError(t, err)
	i := slices.IndexFunc(list, func(s schema.Schema) bool { return s.Name == name })
	require.GreaterOrEqual(t, i, 0)
	text, err := jsonschema.UnmarshalJSON(strings.NewReader(list[i].Text))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource(name, text))
	s, err := c.Compile(name)
	require.NoError(t, err)
	return s
}

// check validates one JSON value.
func check(t *testing.T, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err, "%s", text)
	return s.Validate(value)
}

// Goal: what a run leaves is as the schemas say. Method: small runs that have everything:
// faults, groups, threads, lost operations, recipes with watches, a violation.
func TestRunFoldersFollowTheSchemas(t *testing.T) {
	run, event, history := validator(t, "run"), validator(t, "event"), validator(t, "history")
	for _, args := range [][]string{
		{"leader-crash", "--for", "16s", "--servers", "3", "--clients", "2"},
		{"observers", "--for", "4s", "--grain", "threads", "--thread-slow", "3", "--net-slow", "2", "--disk-slow", "2", "--snap-count", "50", "--clients", "1"},
		{"weights", "--for", "4s", "--clients", "1", "--bug", "ZOOKEEPER-3911"},
		{"config-centre", "--for", "8s"},
		{"session-expiry", "--for", "12s"},
	} {
		t.Run(args[0], func(t *testing.T) {
			out := t.TempDir()
			var stdout, stderr bytes.Buffer
			a := &app{out: &stdout, err: &stderr, env: func(string) (string, bool) { return "", false }}
			require.Contains(t, []int{0, 1, 4, 5}, a.main(context.Background(), append([]string{"run", "--json", "--out", out}, args...)), stderr.String())
			require.NoError(t, check(t, run, stdout.Bytes()))
			folder, err := runfolder.Open(filepath.Join(out, runfolder.Latest))
			require.NoError(t, err)
			assert.Positive(t, lines(t, folder, runfolder.EventsFile, event))
			assert.Positive(t, lines(t, folder, runfolder.HistoryFile, history))
		})
	}
}

// Goal: what a search prints is as the schema says. Method: complete, broken, ended
// by a budget, not by levels, with liveness.
func TestSearchesFollowTheSchema(t *testing.T) {
	s := validator(t, "explore")
	for _, args := range []string{
		"--servers 2 --txns 1", "--servers 2 --txns 1 --crashes 0 --liveness --bug ZOOKEEPER-1294 --observers 1", "--bug ZOOKEEPER-3911 --servers 2 --txns 1",
		"--max-states 200", "--depth 9", "--search dfs --max-states 500", "--search iddfs --depth 7", "--search random --depth 30 --walks 5",
	} {
		var stdout, stderr bytes.Buffer
		a := &app{out: &stdout, err: &stderr, env: func(string) (string, bool) { return "", false }}
		code := a.main(context.Background(), append(strings.Fields("explore --json --out "+t.TempDir()), strings.Fields(args)...))
		require.Contains(t, []int{0, 1, 2, 5}, code, "%s: %s", args, stderr.String())
		require.NoError(t, check(t, s, stdout.Bytes()), "%s: %s", args, stdout.String())
	}
}

// lines validates each line of a file; to be quick, of a long one only every 17th
// after the first 200.
func lines(t *testing.T, folder *runfolder.Folder, name string, s *jsonschema.Schema) (n int) {
	f, err := folder.File(name)
	require.NoError(t, err)
	defer f.Close()
	for in := bufio.NewReader(f); ; n++ {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return n
		}
		require.NoError(t, err)
		if n < 200 || n%17 == 0 {
			require.NoError(t, check(t, s, line), "%s line %d: %s", name, n+1, line)
		}
	}
}

// Goal: the schemas can say no. Method: what is right with one thing changed.
func TestSchemasRefuse(t *testing.T) {
	event := `{"id":57,"t":12,"node":"n2","verb":"fsync","delta":{"n2":{"up":true}}}`
	invoke := `{"i":0,"t":4,"p":3,"type":"invoke","f":"set","k":"/r0","v":"a","session":3}`
	for _, c := range []struct{ schema, sound, old, new string }{
		{"event", event, `"id"`, `"rate":1,"id"`}, {"event", event, `57`, `0`}, {"event", event, `"up"`, `"down"`}, {"event", event, `"n2"`, `"n9"`},
		{"event", event, `"verb":"fsync",`, ``}, {"event", `{"zabsim-events":1,"scenario":"a","servers":5,"clients":5,"seed":1}`, `:1,`, `:2,`},
		{"history", invoke, `"set"`, `"put"`}, {"history", invoke, `"k":"/r0",`, ``}, {"history", invoke, `"i"`, `"wall":1,"i"`}, {"history", `{"seed":"/a"}`, `seed`, `sead`},
	} {
		s := validator(t, c.schema)
		require.NoError(t, check(t, s, []byte(c.sound)), c.sound)
		bad := strings.Replace(c.sound, c.old, c.new, 1)
		assert.Error(t, check(t, s, []byte(bad)), bad)
	}
}
