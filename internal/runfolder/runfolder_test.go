package runfolder

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sample is a run with something in every field.
func sample(seed uint64) *Run {
	return &Run{
		Scenario: "leader-crash", Seed: seed,
		Config: Config{Servers: 5, Clients: 5, ForNS: 60e9, TickTimeNS: 2e9, InitLimit: 10, SyncLimit: 5,
			CommitLogCount: 500, Observers: []int{5}, Groups: [][]int{{1, 2}, {3, 4}}, Weights: []int{1, 2, 0, 1, 0},
			NotifyMaxNS: 5e9, NetSlow: 4, DiskSlow: 5, Grain: "threads", SnapCount: 5, SnapRetain: 3, SnapshotSizeFactor: "off",
			ThreadSlow: 10, Unsafe: true, Excuse: []string{"total-order"}, Bugs: []string{"follower.epoch-before-history"}},
		Verdict: Violated, Exit: 1,
		Checks:      []Check{{Name: "prefix-consistency", Verdict: Violated, Detail: "n1 <> n3 at 2.4"}},
		Counts:      Counts{Events: 12, Elections: 2, Epochs: 2, Operations: 7, OK: 5, Failed: 1, Unknown: 1, Crashes: 1},
		Sometimes:   []Sometimes{{Name: "second-leader", Seen: true}},
		Faults:      []Fault{{Name: "crash", Target: "n3", AtNS: 1, UntilNS: 2, Color: "#8C6BB1"}},
		Fingerprint: "00ff00ff00ff00ff", SimulatedNS: 60e9, Repro: "zabsim run leader-crash --seed 7",
	}
}

// write makes a run folder with one more file in it and returns its path.
func write(t *testing.T, root string, seed uint64, text string) string {
	t.Helper()
	w, err := Create(root, "leader-crash", seed, 0x8f31c0de)
	require.NoError(t, err)
	defer w.Abort()
	for _, name := range []string{EventsFile, TraceFile} {
		f, err := w.File(name)
		require.NoError(t, err)
		_, err = io.WriteString(f, text)
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	require.NoError(t, w.WriteRun(sample(seed)))
	path, err := w.Commit()
	require.NoError(t, err)
	return path
}

// files lists everything below root, links with their targets.
func files(t *testing.T, root string) []string {
	t.Helper()
	var list []string
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		name, err := filepath.Rel(root, path)
		if target, linkErr := os.Readlink(path); linkErr == nil {
			name += " -> " + target
		}
		if !d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			list = append(list, name)
		}
		return err
	}))
	sort.Strings(list)
	return list
}

// readBack opens the run and one of its files.
func readBack(t *testing.T, path, name string) (*Folder, string) {
	t.Helper()
	folder, err := Open(path)
	require.NoError(t, err)
	f, err := folder.File(name)
	require.NoError(t, err)
	defer f.Close()
	text, err := io.ReadAll(f)
	require.NoError(t, err)
	return folder, string(text)
}

// Goal: what is committed is found again, by any of its names, and nothing else is there.
func TestCommittedRunIsFoundAgain(t *testing.T) {
	root := filepath.Join(t.TempDir(), "runs")
	path := write(t, root, 7, "an event\n")
	assert.Equal(t, filepath.Join(root, "leader-crash", "7-8f31c0de"), path)
	assert.Equal(t, []string{
		"latest -> leader-crash/7-8f31c0de",
		"leader-crash/7-8f31c0de/events.jsonl.zst", "leader-crash/7-8f31c0de/run.json", "leader-crash/7-8f31c0de/trace.txt",
	}, files(t, root))

	for _, name := range []string{path, filepath.Join(root, Latest), filepath.Join(path, TraceFile), filepath.Join(root, Latest, RunFile)} {
		folder, text := readBack(t, name, EventsFile)
		assert.Equal(t, "an event\n", text, name)
		assert.Equal(t, path, folder.Path, name)
		want := sample(7)
		want.Format = Format
		assert.Equal(t, want, folder.Run, name)
	}
	raw, err := os.ReadFile(filepath.Join(path, EventsFile))
	require.NoError(t, err)
	assert.True(t, bytes.HasPrefix(raw, []byte{0x28, 0xb5, 0x2f, 0xfd}), "zstd's magic number")
}

// Goal: a second run of the same seed replaces the first, whole; latest follows the newest.
func TestSecondRunReplacesFirst(t *testing.T) {
	root := t.TempDir()
	write(t, root, 7, "old")
	write(t, root, 8, "other")
	before := files(t, root)
	assert.Equal(t, "latest -> leader-crash/8-8f31c0de", before[0])
	path := write(t, root, 7, "new")
	_, text := readBack(t, path, TraceFile)
	assert.Equal(t, "new", text)
	assert.Equal(t, append([]string{"latest -> leader-crash/7-8f31c0de"}, before[1:]...), files(t, root))
}

// Goal: whatever goes wrong before the rename, the earlier run stays and nothing is left behind.
func TestFailedRunLeavesNothing(t *testing.T) {
	root := t.TempDir()
	path := write(t, root, 7, "old")
	before := files(t, root)

	w, err := Create(root, "leader-crash", 7, 0x8f31c0de)
	require.NoError(t, err)
	_, err = w.File(TraceFile)
	require.NoError(t, err)
	_, err = w.Commit()
	assert.ErrorContains(t, err, "before trace.txt was closed")
	assert.Equal(t, before, files(t, root))

	w, err = Create(root, "leader-crash", 7, 0x8f31c0de)
	require.NoError(t, err)
	_, err = w.Commit()
	assert.ErrorContains(t, err, "without run.json")
	_, err = w.Commit()
	assert.ErrorContains(t, err, "after Commit or Abort")
	_, err = w.File("late.txt")
	assert.Error(t, err)
	w.Abort()
	assert.Equal(t, before, files(t, root))
	_, text := readBack(t, path, TraceFile)
	assert.Equal(t, "old", text)
}

// Goal: names that lead out of the folder, or that would collide with latest, are refused.
func TestBadNamesAreRefused(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"", "..", ".hidden", "a/b", `a\b`, "latest", "ü", "a b"} {
		_, err := Create(root, name, 1, 1)
		assert.ErrorContains(t, err, "cannot name a folder", name)
	}
	w, err := Create(root, "ok", 1, 1)
	require.NoError(t, err)
	defer w.Abort()
	for _, name := range []string{"../x", "/x", ""} {
		_, err := w.File(name)
		assert.ErrorContains(t, err, "not a name inside the folder", name)
	}
}

// Goal: an unusable root is named, with what would be right. A file in the way works
// for root users too, who may write anywhere.
func TestUnwritableRootIsNamed(t *testing.T) {
	root := filepath.Join(t.TempDir(), "runs")
	require.NoError(t, os.WriteFile(root, nil, 0o666))
	_, err := Create(root, "leader-crash", 7, 1)
	assert.ErrorContains(t, err, `cannot write runs into "`+root+`"`)
	assert.ErrorContains(t, err, "choose a folder in which you may create files")
}

// Goal: where links are impossible, a file called latest does the same; a folder called
// latest is left alone and said so, and the run is kept.
func TestLatestWithoutLinks(t *testing.T) {
	root := t.TempDir()
	path := write(t, root, 7, "text")
	latest := filepath.Join(root, Latest)
	require.NoError(t, os.Remove(latest))
	require.NoError(t, os.WriteFile(latest, []byte("leader-crash/7-8f31c0de\n"), 0o666))
	folder, err := Open(latest)
	require.NoError(t, err)
	assert.Equal(t, path, folder.Path)

	require.NoError(t, os.WriteFile(latest, []byte("../../etc\n"), 0o666))
	_, err = Open(latest)
	assert.ErrorContains(t, err, "is no run")

	require.NoError(t, os.Remove(latest))
	require.NoError(t, os.MkdirAll(filepath.Join(latest, "x"), 0o777))
	w, err := Create(root, "leader-crash", 9, 1)
	require.NoError(t, err)
	require.NoError(t, w.WriteRun(sample(9)))
	path, err = w.Commit()
	assert.ErrorContains(t, err, "must be a link or a file")
	_, err = Open(path)
	assert.NoError(t, err)
}

// Goal: what is no run says what one looks like, and a missing file is recognised.
func TestOpenExplainsItself(t *testing.T) {
	root := t.TempDir()
	_, err := Open(root)
	assert.ErrorContains(t, err, "leader-crash/7-8f31c0de")
	_, err = Open(filepath.Join(root, "absent"))
	assert.ErrorIs(t, err, fs.ErrNotExist)
	folder, err := Open(write(t, root, 7, ""))
	require.NoError(t, err)
	_, err = folder.File(PlanFile)
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

// Goal: run.json has fixed bytes, without null, escaped signs or a missing newline,
// and a reader refuses what it doesn't know.
func TestRunEncoding(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, sample(7).Encode(&b))
	text := b.String()
	assert.True(t, strings.HasPrefix(text, "{\n  \"format\": 1,\n  \"scenario\": \"leader-crash\",\n  \"seed\": 7,\n"), text)
	assert.True(t, strings.HasSuffix(text, "seed 7\"\n}\n"), text)
	assert.Contains(t, text, "n1 <> n3")

	b.Reset()
	require.NoError(t, (&Run{}).Encode(&b))
	assert.NotContains(t, b.String(), "null")

	_, err := Decode(strings.NewReader(`{"format":2}`))
	assert.ErrorContains(t, err, "format 2; this version reads format 1")
	_, err = Decode(strings.NewReader(`{"format":1,"speed":3}`))
	assert.ErrorContains(t, err, "speed")
}

// Goal: the folder of a search has its story in place of a run.json, and who takes it
// for a run is told what it is.
func TestTheFolderOfASearch(t *testing.T) {
	root := t.TempDir()
	w, err := Create(root, "explore", 0, 7)
	require.NoError(t, err)
	f, err := w.File(StoryFile)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	path, err := w.Commit()
	require.NoError(t, err)
	_, err = Open(filepath.Join(root, Latest))
	require.ErrorContains(t, err, "holds the path of a search and no run: "+filepath.Join(path, StoryFile)+" tells it")
}
