package main

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/scenarios/hunts"
	"zabsim/zab/bug"
)

// Goal: a bug that gets away, and one that another check notices, are told and give 7.
// Method: rows that no hunt of today has.
func TestTrackRecordOfFailures(t *testing.T) {
	h, ok := hunts.Of(bug.CommitAfterNewLeader)
	require.True(t, ok)
	good := try{way: h.Search, catch: &hunts.Catch{Check: "flag-commit", Tries: 3}, right: true, took: time.Second}
	lost := try{way: h.Random}
	wrong := try{way: h.Random, catch: &hunts.Catch{Check: "agreement", Detail: "two differ", Tries: 3}}
	row := func(list ...try) trackRow { return trackRow{hunt: h, info: h.Switch.Info(), tries: list} }

	assert.Equal(t, 0, trackExit([]trackRow{row(good), row()}))
	assert.Equal(t, exitUncaught, trackExit([]trackRow{row(good, lost)}))
	assert.Equal(t, exitUncaught, trackExit([]trackRow{row(good), row(wrong)}))
	assert.Equal(t, exitStale, trackExit([]trackRow{row()}))

	r := row(lost, wrong, good)
	assert.Equal(t, "NOT CAUGHT: chaos", lost.inWords(&r))
	assert.Contains(t, wrong.inWords(&r), "WRONG: noticed by agreement (two differ), and it breaks flag-commit, progress-after-heal: ")
	assert.Contains(t, trackTable([]trackRow{r}), "| **not caught**<br>**the wrong check**, agreement | flag-commit: ")
	var b strings.Builder
	printTotal(&b, []trackRow{r, row(good), row()})
	assert.Equal(t, "\n1 of 2 bugs caught, in 4 hunts, 2.0 s.\n", b.String())
	j := trackJSONOf([]trackRow{r}, 7)
	assert.False(t, j.Bugs[0].Hunts[0].Caught)
	assert.False(t, j.Bugs[0].Hunts[1].Caught)
	assert.True(t, j.Bugs[0].Hunts[2].Caught)
}

// Goal: where no search finds a bug, everybody is told why.
func TestTrackRecordSaysWhyThereIsNoSearch(t *testing.T) {
	h, ok := hunts.Of(bug.EpochMemoryFirst)
	require.True(t, ok)
	require.NotEmpty(t, h.Unsearched)
	rows := []trackRow{{hunt: h, info: h.Switch.Info(), tries: []try{{way: h.Random}}}}
	assert.Contains(t, trackTable(rows), "| not searched: "+h.Unsearched+" |")
	assert.Equal(t, h.Unsearched, trackJSONOf(rows, 7).Bugs[0].NoSearch)
	var out strings.Builder
	a := &app{out: &out, err: io.Discard, env: func(string) (string, bool) { return "", false }}
	assert.Equal(t, exitStale, a.main(context.Background(), []string{"bugs", "run", "--search", h.Switch.Info().Name}))
	assert.Contains(t, out.String(), "  no search   "+h.Unsearched+"\n")
}

// Goal: who is interrupted is told what is known, and nothing is written.
func TestBugsRunIsInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	var out, err strings.Builder
	a := &app{out: &out, err: &err, env: func(string) (string, bool) { return "", false }}
	file := t.TempDir() + "/page.md"
	text := trackBegin + "\n" + trackEnd + "\n"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	assert.Equal(t, exitInterrupted, a.main(ctx, []string{"bugs", "run", "--into", file}))
	assert.Contains(t, err.String(), "interrupted")
	now, e := os.ReadFile(file)
	require.NoError(t, e)
	assert.Equal(t, text, string(now))
}

// The stored tables have a row for each bug, with the ways and models of today and the
// published figures. What was measured is not compared: that takes the hunts.
func TestTrackRecordIsComplete(t *testing.T) {
	for file, all := range map[string]bool{"../../zab/bug/TRACK.md": true, "../../README.md": false} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		from, to, ok := place(string(text))
		require.True(t, ok, "%s has no place for the table", file)
		lines := strings.Split(strings.TrimSpace(string(text[from:to])), "\n")
		rows := map[string]string{}
		for _, line := range lines[min(2, len(lines)):] {
			name, rest, _ := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
			rows[name] = rest
		}
		want := 0
		for _, h := range hunts.All() {
			if !all && len(h.Published) == 0 {
				continue
			}
			want++
			row, ok := rows[h.Switch.String()]
			if !assert.True(t, ok, "%s lacks %s: write it anew with zabsim bugs run --full --into", file, h.Switch) {
				continue
			}
			for _, w := range h.Ways() {
				if w.Name() != "random" {
					assert.Contains(t, row, "; "+w.Where(), "%s: %s", file, h.Switch)
				}
			}
			for _, p := range h.Published {
				assert.Contains(t, row, publishedCell(p), "%s: %s", file, h.Switch)
			}
			assert.NotContains(t, row, "**", "%s: %s", file, h.Switch)
		}
		assert.Len(t, rows, want, file)
	}
}
