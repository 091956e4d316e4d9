package corpus

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"zabsim/internal/fp"
	"zabsim/scenarios"
	"zabsim/scenarios/fuzz"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
)

// ext ends the names of entries; files with another end are none.
const ext = ".txt"

// Entry is one plan of a corpus.
type Entry struct {
	// File is the name within the folder.
	File string
	// Path is how messages name the file, folder included.
	Path string
	// Plan is nil where Unknown or Broken is not.
	Plan *plan.Plan
	// Broken says with file and line why the file is no plan that a corpus can hold.
	Broken error
	// Unknown says which fault, decision, program, bug or property the file speaks of
	// that this build does not know: the entry is stale.
	Unknown error

	size int // of the file in bytes
}

// Load reads the entries of a folder in order of name. A file that is no plan is an
// entry, too, but broken: it must not keep the others from being replayed. Plans with
// words for faults, bugs and the like that this build does not know are stale. An error
// is about the folder.
func Load(dir string) ([]*Entry, error) {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return nil, notRead(dir, err)
	case !info.IsDir():
		return nil, fmt.Errorf("%s is a file; want a folder of plans", dir)
	}
	return load(os.DirFS(dir), func(name string) string { return filepath.Join(dir, name) })
}

// Builtin returns the entries that are part of the program.
func Builtin() ([]*Entry, error) {
	return load(scenarios.Corpus(), func(name string) string { return path.Join("scenarios/testdata/corpus", name) })
}

func load(folder fs.FS, where func(name string) string) ([]*Entry, error) {
	files, err := fs.ReadDir(folder, ".") // sorted
	if err != nil {
		return nil, notRead(where("."), err)
	}
	var list []*Entry
	for _, f := range files {
		if f.IsDir() || path.Ext(f.Name()) != ext || strings.HasPrefix(f.Name(), ".") {
			continue
		}
		text, err := fs.ReadFile(folder, f.Name())
		if err != nil {
			err = notRead(where(f.Name()), err)
		}
		var e *Entry
		if err == nil {
			e, err = read(f.Name(), where(f.Name()), text)
		}
		if err != nil {
			e = &Entry{File: f.Name(), Path: where(f.Name()), Broken: err, size: len(text)}
		}
		list = append(list, e)
	}
	return list, nil
}

func notRead(name string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// read makes an entry of the text of a file. Names of things that come and go with
// the code are not part of what makes a file a plan.
func read(file, where string, text []byte) (*Entry, error) {
	e := &Entry{File: file, Path: where, size: len(text)}
	p, err := plan.Parse(where, bytes.NewReader(text), nil)
	if err != nil {
		if !aboutBugs(where, text, err) {
			return nil, err
		}
		e.Unknown = err
		return e, nil
	}
	switch x := p.Expect; {
	case x == (plan.Expect{}):
		return nil, fmt.Errorf(`%s: the plan has no line "expect": zabsim corpus add runs it and writes one`, where)
	case !keeps(scenarios.Verdict(x.Verdict)):
		return nil, fmt.Errorf("%s: a run that ends %s proves nothing: a corpus holds plans that end passed, violated or no-progress",
			where, x.Verdict)
	}
	if _, err := fuzz.ParseSignature(p.Note.Signature); err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	if p, e.Unknown = scenarios.ParsePlan(where, text); e.Unknown == nil {
		e.Plan = p
	}
	return e, nil
}

// aboutBugs tells whether err blames the line that names bug switches.
func aboutBugs(where string, text []byte, err error) bool {
	for i, line := range strings.Split(string(text), "\n") {
		if words := strings.Fields(line); len(words) > 0 && words[0] == "bugs" {
			return strings.HasPrefix(err.Error(), fmt.Sprintf("%s:%d: unknown", where, i+1))
		}
	}
	return false
}

// keeps tells whether a corpus has use for plans that end with this verdict.
func keeps(v scenarios.Verdict) bool {
	return v == scenarios.Passed || v == scenarios.Violated || v == scenarios.NoProgress
}

// fails tells whether the entry is there because it fails.
func (e *Entry) fails() bool { return e.Plan.Expect.Verdict != string(scenarios.Passed) }

// finding names what an entry that fails is about: the same failure under another
// bug switch is another finding, since each proves that one bug is caught.
func (e *Entry) finding() string { return e.Plan.Note.Signature + " with " + bug.Names(e.Plan.Bugs) }

// Name returns the name of the file of a plan that ended as its Expect says: the
// check that broke, or the verdict, and 8 hexadecimal digits of what is run.
func Name(p *plan.Plan) string {
	h := fp.New(nameSalt).Word(p.ConfigHash()).Word(p.Seed).Word(uint64(len(p.Decisions)))
	for i := range p.Decisions {
		h = h.String(p.Decisions[i].Key).String(p.Decisions[i].Value)
	}
	return fmt.Sprintf("%s-%08x%s", cmp.Or(p.Expect.Check, p.Expect.Verdict), uint64(h.Done())>>32, ext)
}

// nameSalt says that a fold is over a plan for its file's name. Names are kept, so
// neither it nor the order of the words above may change.
const nameSalt = 0x636f72707573 // "corpus"

// ScenarioHash names what a scenario is on this day: a change of it is a hint why a
// plan that was drawn from it ends otherwise. It is 0 for scenarios that are not
// among the program's own.
//
// The hash is that of the plan of seed 1, which sees the ensemble, the knobs, the
// load and the faults.
func ScenarioHash(name string) uint64 {
	s, err := scenarios.Lookup(name)
	if err != nil {
		return 0
	}
	return s.Plan(1, scenarios.Options{}).ConfigHash()
}
