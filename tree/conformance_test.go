package tree_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/internal/conform"
	"zabsim/internal/conform/trace"
	"zabsim/zab/bug"
)

// Goal: the tree behind a server answers as ZooKeeper 3.8.0 did, in every recording.
func TestConformance(t *testing.T) {
	bugs, err := bug.Profile("3.8.0")
	require.NoError(t, err)
	files, err := filepath.Glob("../internal/conform/testdata/recordings/*.jsonl.gz")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		recorded, err := trace.Decode(filepath.Base(file), raw)
		require.NoError(t, err)
		r, err := conform.Run(recorded, conform.Options{Bugs: bugs, Servers: 1, Machine: conform.Tree})
		require.NoError(t, err)
		assert.True(t, r.Passed(), "%s: %v %s", file, r.Mismatches, r.Skipped)
	}
}
