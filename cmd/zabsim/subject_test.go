package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/scenarios"
)

// Goal: the run of one scenario file never replaces that of another. Method: two that
// make the same plan under the same name, and differ in what they expect.
func TestScenarioFilesShareNoRunFolder(t *testing.T) {
	const text = "name: twin\nfor: 5s\nensemble: {servers: 1}\nworkload: {clients: 1}\nexpect:\n  thresholds: [count(ops) >= "
	dir := t.TempDir()
	run := func(name, least string, want int) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text+least+"]\n"), 0o600))
		var stdout, stderr bytes.Buffer
		a := &app{out: &stdout, err: &stderr, env: func(string) (string, bool) { return "", false }}
		assert.Equal(t, want, a.main(context.Background(), []string{"run", path, "--out", filepath.Join(dir, "runs")}), stderr.String())
	}
	folders := func() int {
		list, err := os.ReadDir(filepath.Join(dir, "runs", "twin"))
		require.NoError(t, err)
		return len(list)
	}
	run("a.yaml", "1", 0)
	run("b.yaml", "1000000", 6)
	assert.Equal(t, 2, folders())
	run("c.yaml", "1", 0)
	assert.Equal(t, 2, folders(), "a file that means the same is no other")

	s, err := scenarios.Lookup("steady")
	require.NoError(t, err)
	p := s.Plan(1, scenarios.Options{})
	assert.Equal(t, configOf(p), (&subject{Scenario: s}).folderHash(p), "the folders of built-in scenarios keep their names")
}
