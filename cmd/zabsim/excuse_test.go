package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/internal/runfolder"
	"zabsim/scenarios"
	"zabsim/zab/bug"
)

// Goal: what an unsafe plan excuses is told on the screen, in run.json and in the
// trace, and decides nothing. Method: a known bug stands for the unsafe fault, as it
// breaks its promises for certain; its plan is replayed with and without excuses.
func TestExcusedChecksAreTold(t *testing.T) {
	s, err := scenarios.Lookup("chaos")
	require.NoError(t, err)
	var out *scenarios.Outcome
	for seed := uint64(1); seed <= 60 && (out == nil || out.Verdict != scenarios.Violated); seed++ {
		p := s.Plan(seed, scenarios.Options{Servers: 3, Bugs: bug.Set{}.With(bug.AckNewLeaderBeforeLog)})
		out = scenarios.Execute(p, scenarios.Settings{})
	}
	require.Equal(t, scenarios.Violated, out.Verdict, "no seed of chaos catches ZOOKEEPER-3911 any more")
	var broken []string
	for _, c := range out.Checks {
		if c.Verdict == scenarios.Violated || c.Verdict == scenarios.NoProgress {
			broken = append(broken, c.Name)
		}
	}
	plan := *out.Plan
	plan.Unsafe, plan.Excuse = true, broken
	plan.Expect.Verdict, plan.Expect.Check = "passed", ""
	var text bytes.Buffer
	require.NoError(t, plan.Write(&text))
	dir := t.TempDir()
	name := filepath.Join(dir, "mine.txt")
	require.NoError(t, os.WriteFile(name, text.Bytes(), 0o666))

	code, stdout, stderr := invoke("replay", "--verify", name, "--out", dir)
	assert.Equal(t, 0, code, stderr)
	assert.Contains(t, stdout, "\n  unsafe     faults may do to a disk what ZooKeeper can't bear; excused: "+strings.Join(broken, ", ")+"\n")
	assert.Contains(t, stdout, "\nverdict: passed\n  excused     "+broken[0]+": at ")
	folder, err := runfolder.Open(filepath.Join(dir, runfolder.Latest))
	require.NoError(t, err)
	assert.Equal(t, runfolder.Passed, folder.Run.Verdict)
	assert.True(t, folder.Run.Config.Unsafe)
	assert.Equal(t, broken, folder.Run.Config.Excuse)
	assert.Equal(t, runfolder.Check{Name: broken[0], Verdict: runfolder.Excused, Detail: folder.Run.Checks[0].Detail}, folder.Run.Checks[0])
	trace, err := os.ReadFile(filepath.Join(folder.Path, runfolder.TraceFile))
	require.NoError(t, err)
	assert.Contains(t, string(trace), "excused")

	plan.Excuse = []string{"progress-after-heal"}
	text.Reset()
	require.NoError(t, plan.Write(&text))
	require.NoError(t, os.WriteFile(name, text.Bytes(), 0o666))
	code, stdout, _ = invoke("replay", name)
	assert.Equal(t, 1, code)
	assert.Contains(t, stdout, "\nverdict: violated\n  violated    "+broken[0]+": at ")
}
