package runfolder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

// The files of a run folder.
const (
	RunFile     = "run.json"
	PlanFile    = "plan.txt"
	TraceFile   = "trace.txt"
	EventsFile  = "events.jsonl.zst"
	HistoryFile = "history.jsonl"
	PlotsDir    = "plots"
	// ScenarioFile is the scenario file that was run, if the scenario is no built-in one.
	ScenarioFile = "scenario.yaml"
	// StoryFile tells the path of a search. A search has it in place of RunFile: it is
	// no run, and has no seed and no time.
	StoryFile = "story.txt"
	Latest    = "latest" // beside the scenarios: the newest run
)

// Writer fills a run folder that nobody sees before Commit.
type Writer struct {
	root     string
	scenario string
	name     string   // of the folder, in the scenario's
	temp     string   // its hidden sibling
	open     []string // files that were not closed yet
	done     bool
}

// attempts makes the hidden names of one process differ.
var attempts atomic.Uint64

// Create begins the folder of one run below root, which is made if it is missing.
// The caller ends with Commit or Abort.
func Create(root, scenario string, seed uint64, config uint32) (*Writer, error) {
	if err := checkScenario(scenario); err != nil {
		return nil, err
	}
	w := &Writer{root: root, scenario: scenario, name: fmt.Sprintf("%d-%08x", seed, config)}
	parent := filepath.Join(root, scenario)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return nil, rootError(root, err)
	}
	temp, err := makeHidden(parent, w.name)
	if err != nil {
		return nil, rootError(root, err)
	}
	w.temp = temp
	return w, nil
}

// checkScenario refuses names that would leave root or hide in it.
func checkScenario(name string) error {
	const want = `want letters, digits, ".", "_" and "-", not "." first`
	if name == "" || name[0] == '.' || name == Latest {
		return fmt.Errorf("run folder: scenario %q cannot name a folder; %s, and not %q", name, want, Latest)
	}
	for _, c := range name {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", c) {
			return fmt.Errorf("run folder: scenario %q cannot name a folder because of %q; %s", name, c, want)
		}
	}
	return nil
}

// rootError says which folder cannot hold runs and what would be right.
func rootError(root string, err error) error {
	return fmt.Errorf("run folder: cannot write runs into %q: %w; choose a folder in which you may create files",
		root, err)
}

// makeHidden makes a new folder in parent whose name starts with a dot.
func makeHidden(parent, name string) (string, error) {
	for {
		path := filepath.Join(parent, "."+name+"."+strconv.Itoa(os.Getpid())+"."+
			strconv.FormatUint(attempts.Add(1), 10)+".tmp")
		if err := os.Mkdir(path, 0o777); !errors.Is(err, fs.ErrExist) {
			return path, err
		}
	}
}

// Dir returns the folder as it is before Commit, for tools that want a path.
func (w *Writer) Dir() string { return w.temp }

// File creates a file in the folder, with the folders on its way. A name that ends
// in ".zst" is compressed. Close reports what went wrong while writing.
func (w *Writer) File(name string) (io.WriteCloser, error) {
	if w.done {
		return nil, fmt.Errorf("run folder: %s comes after Commit or Abort", name)
	}
	if !filepath.IsLocal(name) {
		return nil, fmt.Errorf("run folder: %q is not a name inside the folder", name)
	}
	path := filepath.Join(w.temp, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, rootError(w.root, err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, rootError(w.root, err)
	}
	out := &file{Writer: f, w: w, name: name, closers: []io.Closer{f}}
	if strings.HasSuffix(name, ".zst") {
		// One goroutine: the encoder's parallel mode cuts blocks the same way, but
		// costs a run more memory than its events.
		enc, err := zstd.NewWriter(f, zstd.WithEncoderConcurrency(1))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("run folder: %s: %w", name, err), f.Close())
		}
		out.Writer, out.closers = enc, []io.Closer{enc, f}
	}
	w.open = append(w.open, name)
	return out, nil
}

// WriteRun writes run.json.
func (w *Writer) WriteRun(r *Run) error {
	f, err := w.File(RunFile)
	if err != nil {
		return err
	}
	return errors.Join(r.Encode(f), f.Close())
}

// file is a file of the folder; the writer counts it until it is closed.
type file struct {
	io.Writer
	w       *Writer
	name    string
	closers []io.Closer
}

func (f *file) Close() error {
	if f.closers == nil {
		return fmt.Errorf("run folder: %s is closed twice", f.name)
	}
	var errs []error
	for _, c := range f.closers {
		errs = append(errs, c.Close())
	}
	f.closers = nil
	f.w.open = slices.DeleteFunc(f.w.open, func(name string) bool { return name == f.name })
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("run folder: write %s: %w", f.name, err)
	}
	return nil
}

// Commit puts the folder in its place, instead of an earlier one of the same name,
// points runs/latest at it and returns its path. After an error the hidden folder is
// gone and an earlier one is back where it was, with one exception: when only
// runs/latest could not be moved, the run is kept and its path comes with the error.
func (w *Writer) Commit() (path string, err error) {
	if w.done {
		return "", errors.New("run folder: Commit after Commit or Abort")
	}
	defer w.Abort()
	if len(w.open) > 0 {
		return "", fmt.Errorf("run folder: Commit before %s was closed", strings.Join(w.open, ", "))
	}
	if !holds(w.temp, RunFile) && !holds(w.temp, StoryFile) {
		return "", fmt.Errorf("run folder: Commit without %s, and without the %s of a search", RunFile, StoryFile)
	}
	path = filepath.Join(w.root, w.scenario, w.name)
	if err := replace(w.temp, path); err != nil {
		return "", rootError(w.root, err)
	}
	w.done = true
	return path, pointLatest(w.root, filepath.Join(w.scenario, w.name))
}

func holds(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

// Abort removes everything that was written. After Commit it does nothing, so it
// can be deferred.
func (w *Writer) Abort() {
	if w.done {
		return
	}
	w.done = true
	_ = os.RemoveAll(w.temp) // nothing is left to tell: the caller has the first error
}

// replace renames folder temp to path. A folder that is there steps aside first and
// comes back if the rename fails.
func replace(temp, path string) error {
	err := os.Rename(temp, path) // succeeds on a free name, and on some systems on an empty folder
	if err == nil {
		return nil
	}
	if _, missing := os.Lstat(path); missing != nil {
		return err
	}
	aside, err := makeHidden(filepath.Dir(path), filepath.Base(path))
	if err != nil {
		return err
	}
	old := filepath.Join(aside, filepath.Base(path))
	if err := os.Rename(path, old); err != nil {
		return errors.Join(err, os.Remove(aside))
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, os.Rename(old, path), os.Remove(aside))
	}
	return os.RemoveAll(aside)
}

// pointLatest makes root/latest a relative link to target. Where links cannot be
// made it becomes a file that holds the target's name.
func pointLatest(root, target string) error {
	aside, err := makeHidden(root, Latest)
	if err != nil {
		return latestError(root, err)
	}
	fresh := filepath.Join(aside, Latest)
	if os.Symlink(target, fresh) != nil {
		err = os.WriteFile(fresh, []byte(filepath.ToSlash(target)+"\n"), 0o666)
	}
	if err == nil {
		err = os.Rename(fresh, filepath.Join(root, Latest))
	}
	if err := errors.Join(err, os.RemoveAll(aside)); err != nil {
		return latestError(root, err)
	}
	return nil
}

func latestError(root string, err error) error {
	return fmt.Errorf("run folder: the run is kept, but %s still names an older one: %w; it must be a link or a file, not a folder",
		filepath.Join(root, Latest), err)
}
