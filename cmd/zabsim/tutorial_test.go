package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Goal: the README's last section, "Add a fault in fifteen minutes", works as it
// is printed. Method: take its file and its line of a plan out of the text, lay the
// file and the longer list of faults over the repository, build, and replay.
func TestTutorialWorks(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the command")
	}
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	file := regexp.MustCompile("(?s)```go\n(package faults\n.*?)```").FindSubmatch(text)
	fault := regexp.MustCompile("```text\n(fault .* deaf .*)\n```").FindSubmatch(text)
	require.True(t, file != nil && fault != nil, "the tutorial has lost its file or its line of a plan")
	require.Contains(t, string(text), "add `deaf` to the list that `All` returns in `faults/faults.go`")

	dir := t.TempDir()
	registry := filepath.Join(root, "faults", "faults.go")
	was, err := os.ReadFile(registry)
	require.NoError(t, err)
	list := regexp.MustCompile(`return \[\]sim\.FaultKind\{[^}]*`)
	require.Len(t, list.FindAll(was, -1), 1, "faults.go has no list of the kind that the tutorial speaks of")
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
		return path
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
		filepath.Join(root, "faults", "deaf.go"): write("deaf.go", string(file[1])),
		registry:                                 write("faults.go", string(list.ReplaceAll(was, []byte("$0, deaf")))),
	}})
	require.NoError(t, err)
	build := exec.Command("go", "build", "-overlay", write("overlay.json", string(overlay)), "-o", filepath.Join(dir, "zabsim"), ".")
	said, err := build.CombinedOutput()
	require.NoError(t, err, "%s", said)

	code, _, stderr := invoke("run", "steady", "--for", "20s", "--servers", "3", "--json", "--out", filepath.Join(dir, "runs"))
	require.Zero(t, code, stderr)
	recorded, err := os.ReadFile(filepath.Join(dir, "runs", "latest", "plan.txt"))
	require.NoError(t, err)
	mine := write("mine.txt", strings.Replace(string(recorded), "\nexpect ", "\n"+string(fault[1])+"\n\nexpect ", 1))
	said, err = exec.Command(filepath.Join(dir, "zabsim"), "replay", mine).CombinedOutput()
	require.NoError(t, err, "%s", said)
	assert.Contains(t, string(said), "1 of 1 fault began")
	assert.Contains(t, string(said), "verdict: passed")
	assert.Contains(t, string(said), "deaf")
}
