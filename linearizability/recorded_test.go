package linearizability

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"zabsim/linearizability/history"
)

// recorded reads a history of a real ensemble.
func recorded(t testing.TB, path string) *history.History {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	h, err := history.ReadJSON(z)
	require.NoError(t, err)
	return h
}

// TestRealEnsemblesKeepTheirPromises runs every check on histories recorded from
// Apache ZooKeeper 3.8.0: one without faults, one in which all servers were killed
// at once. ZABSIM_HISTORIES names a folder with more of them. Recorded histories
// have no ghost knowledge, so their sync-reads don't join the search; as a second
// round they do, since these two happen to be clean.
func TestRealEnsemblesKeepTheirPromises(t *testing.T) {
	files, err := filepath.Glob("testdata/*.jsonl.gz")
	require.NoError(t, err)
	require.Len(t, files, 2)
	if dir := os.Getenv("ZABSIM_HISTORIES"); dir != "" {
		more, err := filepath.Glob(filepath.Join(dir, "*.jsonl.gz"))
		require.NoError(t, err)
		files = append(files, more...)
	}
	for _, file := range files {
		h := recorded(t, file)
		for _, ghost := range []bool{false, true} {
			h.Ghost = ghost
			for _, r := range CheckAll(h, DefaultBudget) {
				require.Equalf(t, Passed, r.Verdict, "%s ghost=%v %s: %s", file, ghost, r.Check, r.Detail)
				require.NotZero(t, r.Steps)
				t.Logf("%s ghost=%v %s: %s (%d steps)", filepath.Base(file), ghost, r.Check, r.Detail, r.Steps)
			}
		}
	}
}
