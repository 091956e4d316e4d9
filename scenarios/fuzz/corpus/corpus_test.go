package corpus

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/scenarios"
	"zabsim/zab/bug"
)

// TestCorpus replays every plan of scenarios/testdata/corpus. One that fails shows a
// regression; for one that is stale or has drifted,
//
//	go run ./cmd/zabsim corpus verify --write scenarios/testdata/corpus
//
// finds the same failure again.
func TestCorpus(t *testing.T) {
	list, err := Builtin()
	require.NoError(t, err)
	require.NotEmpty(t, list)
	for _, e := range list {
		t.Run(e.File, func(t *testing.T) {
			t.Parallel()
			r := e.Replay(scenarios.Settings{})
			assert.True(t, r.Passed(), "%s: %s", r.Status, r.Detail)
			if r.Status == Drifted {
				t.Logf("drifted: %s", r.Detail)
			}
		})
	}
}

// Each entry says why it is there, is named as Make would name it when it was added,
// and is small.
func TestEntriesAreInOrder(t *testing.T) {
	list, err := Builtin()
	require.NoError(t, err)
	for _, e := range list {
		require.NoError(t, e.Broken)
		require.NoError(t, e.Unknown)
		assert.NotEmpty(t, e.Plan.Note.Why, e.File)
		assert.NotEmpty(t, e.Plan.Note.Origin, e.File)
		assert.Less(t, e.size, 25_000, e.File)
		assert.Equal(t, e.fails(), e.Plan.Note.Signature != "", e.File)
		assert.Regexp(t, `^[a-z0-9-]+-[0-9a-f]{8}\.txt$`, e.File)
	}
	assert.Empty(t, Prune(list, 3), "zabsim corpus prune would remove something")
}

// Every bug switch of the protocol has an entry that proves that it is caught, and
// the switch alone makes it fail: without it the run is clean.
func TestEveryBugHasAnEntry(t *testing.T) {
	// What commits between TRUNC and NEWLEADER comes with another bug, or hardly ever.
	company := map[bug.Switch]bug.Set{bug.KeepPartialTrunc: bug.Set{}.With(bug.TruncByWindow)}
	list, err := Builtin()
	require.NoError(t, err)
	for _, info := range bug.All() {
		if info.Tree {
			continue // found by comparing trees, not by runs of an ensemble
		}
		found := false
		for _, e := range list {
			if e.Plan.Bugs != company[info.Switch].With(info.Switch) || !e.fails() {
				continue
			}
			found = true
			assert.Contains(t, info.Breaks, e.Plan.Expect.Check, e.File)
			clean := *e.Plan
			clean.Bugs = company[info.Switch]
			_, o := sign(&clean, scenarios.Settings{})
			assert.Contains(t, []scenarios.Verdict{scenarios.Passed, scenarios.Vacuous}, o.Verdict, "%s without its bug", e.File)
		}
		assert.True(t, found, "%s has no entry", info.Name)
	}
}
