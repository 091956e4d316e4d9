package hunt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"zabsim/internal/conform"
	"zabsim/internal/conform/trace"
	"zabsim/zab/bug"
)

// recorded is the release that the recordings are of: what it did wrong is right there.
const recorded = "3.8.0"

// conform replays what a real server answered. Part of it no scenario drives: a server
// without peers, local sessions, containers, authentication.
func (r *Report) conform(dir string, at *Catch) {
	bugs, err := bug.Profile(recorded)
	if err != nil {
		panic(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl.gz"))
	if err != nil || len(files) == 0 {
		panic(fmt.Sprintf("no recordings in %q: %v", dir, err))
	}
	slices.Sort(files)
	for i, f := range files {
		*at = Catch{By: "recordings", Where: filepath.Base(f)}
		raw, err := os.ReadFile(f)
		if err != nil {
			panic(err)
		}
		t, err := trace.Decode(filepath.Base(f), raw)
		if err != nil {
			panic(err)
		}
		for _, servers := range []int{1, 3} {
			if servers > 1 && i%ensembleEvery != 0 {
				continue // they take longer, and the most of it was driven before
			}
			r.replay(t, conform.Options{Bugs: bugs, Servers: servers, Machine: conform.Tree}, at)
			if r.Catch != nil {
				return
			}
		}
	}
}

// ensembleEvery is the share of the recordings that an ensemble replays, too.
const ensembleEvery = 10

func (r *Report) replay(t *trace.Trace, o conform.Options, at *Catch) {
	got, err := conform.Run(t, o)
	Beat.Add(1)
	switch {
	case errors.Is(err, conform.ErrNotBuilt):
	case err != nil:
		at.Kind, at.Check, at.Detail = Mismatch, "recordings", err.Error()
		r.Catch = at
	case len(got.Mismatches) > 0:
		m := &got.Mismatches[0]
		at.Kind, at.Check = Mismatch, "recordings"
		at.Detail = fmt.Sprintf("line %d: %s %s: %s: want %s, got %s", m.Line, m.Session, m.Op, m.Field, m.Want, m.Got)
		r.Catch = at
	default:
		r.Steps += got.Steps
		r.trail(uint64(got.Steps), uint64(got.Operations))
	}
}
