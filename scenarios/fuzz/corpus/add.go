package corpus

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"zabsim/scenarios"
	"zabsim/sim/plan"
)

// Reasons why a plan can't become an entry.
var (
	// ErrDiffers is a plan whose two runs differ.
	ErrDiffers = errors.New("not deterministic")
	// ErrStale is a plan that expects something else than what its run ends with.
	ErrStale = errors.New("stale")
	// ErrEmpty is a plan whose run proves nothing: it is vacuous, or undecided.
	ErrEmpty = errors.New("nothing to keep")
)

// Make runs p twice and makes an entry of it. The note says why it is kept; Make
// fills in its signature and the scenario's hash. A run must reach what the note
// names.
func Make(p *plan.Plan, note plan.Note, set scenarios.Settings) (*Entry, error) {
	if strings.TrimSpace(note.Why) == "" {
		return nil, errors.New("an entry must say why it is there")
	}
	if err := scenarios.CheckReach(note.Reach); err != nil {
		return nil, err
	}
	draft := *p
	draft.Note = note
	signature, first := sign(&draft, set)
	_, second := sign(&draft, set)
	if err := sameRuns(first, second); err != nil {
		return nil, err
	}
	got, want := first.Plan.Expect, p.Expect
	missed := first.Verdict == scenarios.Vacuous && want.Verdict == string(scenarios.Passed) // by the note's reach
	switch {
	case want != (plan.Expect{}) && !missed && (want.Verdict != got.Verdict || want.Check != got.Check):
		return nil, fmt.Errorf("%w: the plan expects %s, but its run ends %s: take its line \"expect\" away to keep it as it is now",
			ErrStale, ending(want), ending(got))
	case !keeps(first.Verdict):
		return nil, fmt.Errorf("%w: the run ends %s: %s", ErrEmpty, first.Verdict, first.Broken.Detail)
	case len(first.Unused) > 0:
		return nil, fmt.Errorf("%w: nothing asked for the decision %q: take the line away", ErrStale, first.Unused[0].Key)
	}
	kept := *first.Plan
	kept.Note = note
	kept.Note.Signature, kept.Note.ScenarioHash = signature.String(), ScenarioHash(p.Scenario)
	return newEntry(&kept)
}

func ending(e plan.Expect) string {
	if e.Check == e.Verdict { // vacuous
		return e.Verdict
	}
	return strings.TrimSpace(e.Verdict + " " + e.Check)
}

// sameRuns compares two runs of one plan.
func sameRuns(a, b *scenarios.Outcome) error {
	x, y := a.Plan.Expect, b.Plan.Expect
	switch {
	case x != y:
		return fmt.Errorf("%w: two runs of the plan differ: %d events, fingerprint %016x, %s, and then %d events, fingerprint %016x, %s",
			ErrDiffers, x.Events, x.Fingerprint, ending(x), y.Events, y.Fingerprint, ending(y))
	case !slices.EqualFunc(a.Plan.Decisions, b.Plan.Decisions, func(d, e plan.Decision) bool { return d.Key == e.Key && d.Value == e.Value }):
		return fmt.Errorf("%w: two runs of the plan decide differently", ErrDiffers)
	}
	return nil
}

// newEntry gives a plan its file's name, and checks that the file can be read.
func newEntry(p *plan.Plan) (*Entry, error) {
	text, err := textOf(p)
	if err != nil {
		return nil, err
	}
	return read(Name(p), Name(p), text)
}

func textOf(p *plan.Plan) ([]byte, error) {
	var b bytes.Buffer
	err := p.Write(&b)
	return b.Bytes(), err
}

// Added says what Add did.
type Added struct {
	Entry *Entry
	// Rival is the entry of the folder for the same finding, nil if there was none.
	Rival *Entry
	// Kept tells whether Entry is in the folder now; then Rival is no more. Otherwise
	// Rival was the smaller one, or has the same name.
	Kept bool
	// Differs says how Rival is not what Entry is, though it has its name: "" if it is.
	Differs string
}

// Add writes an entry into a folder, unless the folder has one for the same finding
// that is at least as small. The folder is made if it is not there. An entry that
// passes has no rival but itself.
func Add(dir string, e *Entry) (Added, error) {
	a := Added{Entry: e}
	list, err := Load(dir)
	if errors.Is(err, os.ErrNotExist) {
		list, err = nil, os.MkdirAll(dir, 0o777)
	}
	if err != nil {
		return a, err
	}
	for _, old := range list {
		if old.File == e.File {
			a.Rival = old
			break
		}
		same := old.Plan != nil && old.fails() && e.fails() && old.finding() == e.finding()
		if same && (a.Rival == nil || smaller(old, a.Rival) < 0) {
			a.Rival = old
		}
	}
	if a.Rival != nil && a.Rival.File == e.File {
		a.Differs = differs(a.Rival, e)
		return a, nil
	}
	if a.Rival != nil && smaller(a.Rival, e) <= 0 {
		return a, nil
	}
	if err := Write(dir, e.File, e.Plan); err != nil {
		return a, err
	}
	a.Kept = true
	if a.Rival != nil {
		return a, os.Remove(filepath.Join(dir, a.Rival.File))
	}
	return a, nil
}

// differs says in which way an entry is not what a run of its plan gave just now. Why
// it is there may be told in other words.
func differs(old, now *Entry) string {
	switch {
	case old.Broken != nil:
		return old.Broken.Error()
	case old.Unknown != nil:
		return old.Unknown.Error()
	}
	was, is := old.Plan.Expect, now.Plan.Expect
	switch {
	case was.Verdict != is.Verdict || was.Check != is.Check:
		return fmt.Sprintf("it expects %s, and the run ends %s", ending(was), ending(is))
	case was != is:
		return fmt.Sprintf("it expects %s events, fingerprint %016x, and the run gives %s, %016x", number(was.Events), was.Fingerprint, number(is.Events), is.Fingerprint)
	case old.Plan.Note.Signature != now.Plan.Note.Signature:
		return fmt.Sprintf("it has the signature %q, and the run %q", old.Plan.Note.Signature, now.Plan.Note.Signature)
	case !slices.Equal(old.Plan.Note.Reach, now.Plan.Note.Reach):
		return fmt.Sprintf("it must reach %s, and this one %s", orNothing(old.Plan.Note.Reach), orNothing(now.Plan.Note.Reach))
	}
	p, q := *old.Plan, *now.Plan
	p.Note, q.Note = plan.Note{}, plan.Note{}
	if x, err := textOf(&p); err == nil {
		if y, err := textOf(&q); err == nil && !bytes.Equal(x, y) {
			return "its plan is another one; zabsim diff tells in what"
		}
	}
	return ""
}

func orNothing(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// number writes n with commas between thousands.
func number(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// smaller orders entries by size: events, then bytes, then name.
func smaller(a, b *Entry) int {
	if a.Plan == nil || b.Plan == nil {
		return cmp.Or(cmp.Compare(a.size, b.size), strings.Compare(a.File, b.File))
	}
	return cmp.Or(cmp.Compare(a.Plan.Expect.Events, b.Plan.Expect.Events), cmp.Compare(a.size, b.size), strings.Compare(a.File, b.File))
}

// Write writes a plan into a file of the folder, whole or not at all.
func Write(dir, file string, p *plan.Plan) error {
	text, err := textOf(p)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, ".corpus-")
	if err != nil {
		return err
	}
	_, err = temp.Write(text)
	err = errors.Join(err, temp.Chmod(0o644), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), filepath.Join(dir, file))
	}
	if err != nil {
		_ = os.Remove(temp.Name()) // it is of no use to anybody
	}
	return err
}
