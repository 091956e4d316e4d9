package corpus

import (
	"fmt"
	"slices"
	"strings"

	"zabsim/scenarios"
	"zabsim/scenarios/fuzz"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
)

// Status is what became of an entry.
type Status string

// The statuses. Drifted entries do their duty, but the code has moved on: the run
// is no longer the one that was recorded.
const (
	OK      Status = "ok"
	Drifted Status = "drifted"
	Failed  Status = "failed" // it ends in another way, and the plan still applies; or the file is no plan
	Stale   Status = "stale"  // the plan no longer applies: it proves nothing
)

// Exit codes that no verdict of a run has.
const (
	exitStale    = 4
	exitUncaught = 7
	exitBroken   = 64 // wrong input
	exitInternal = 70
)

// Result is what a replay of an entry gave.
type Result struct {
	Entry  *Entry
	Status Status
	// Exit is the exit code of the entry alone, 0 for OK and Drifted.
	Exit int
	// Plan is the one that was run, with the decisions that it drew, what it ended
	// with, and the entry's note. Outcome and Plan are nil if it could not be run.
	Plan      *plan.Plan
	Outcome   *scenarios.Outcome
	Signature fuzz.Signature
	// Detail says in one line what is not as expected, "" for OK.
	Detail string
}

// Passed tells whether the entry did its duty.
func (r *Result) Passed() bool { return r.Status == OK || r.Status == Drifted }

// Replay runs the entry and holds the run against what it expects. A run must reach
// what its scenario and its own note name. A file that is no plan has failed (exit
// code 64).
//
// The run that was recorded is told by its number of events and its fingerprint.
// If it is the same run, then
//
//   - the same verdict, check and signature are OK;
//   - the same verdict and check with another signature have drifted, as causes are
//     named in another way now;
//   - everything else has failed: the judges have changed, not the world.
//
// If it is another run, then
//
//   - the same verdict, check and signature have drifted, unless an entry that
//     passes leaves decisions unused and names nothing to reach: that is stale;
//   - a violation where none is expected has failed, whatever else there is;
//   - a bug that goes unseen has failed (exit code 7) if all decisions were used, all
//     faults began, the scenario's hash is the old one, and the run is the same as
//     without the bug switch;
//   - everything else is stale.
func (e *Entry) Replay(set scenarios.Settings) Result {
	r := Result{Entry: e}
	if e.Broken != nil {
		r.fail(exitBroken, e.Broken.Error())
		return r
	}
	if e.Unknown != nil {
		r.Status, r.Exit, r.Detail = Stale, exitStale, e.Unknown.Error()
		return r
	}
	r.Signature, r.Outcome = sign(e.Plan, set)
	r.Plan = r.Outcome.Plan
	e.judge(&r, set)
	return r
}

// sign is fuzz.Sign with what the scenario of the plan must reach, as everywhere
// where plans are replayed.
func sign(p *plan.Plan, set scenarios.Settings) (fuzz.Signature, *scenarios.Outcome) {
	if s, err := scenarios.Lookup(p.Scenario); err == nil {
		set.Reach = slices.Concat(set.Reach, s.Reach)
	}
	return fuzz.Sign(p, set)
}

func (e *Entry) judge(r *Result, set scenarios.Settings) {
	want, got := e.Plan.Expect, r.Plan.Expect
	sameRun := got.Events == want.Events && got.Fingerprint == want.Fingerprint
	sameEnd := got.Verdict == want.Verdict && got.Check == want.Check
	sameSign := e.signedBy(r.Signature)
	unused := len(r.Outcome.Unused)
	switch {
	case sameEnd && sameRun && sameSign && unused == 0:
		r.Status = OK
	case sameEnd && sameRun && !sameSign:
		r.Status, r.Detail = Drifted, "the same run has another signature now: "+r.Signature.String()
	case sameEnd && sameSign && !e.fails() && unused > 0 && len(e.Plan.Note.Reach) == 0:
		r.stale("it passes, but " + strings.Join(e.signs(r), ", "))
	case sameEnd && sameSign:
		r.Status, r.Detail = Drifted, strings.Join(append([]string{e.moved(r)}, e.signs(r)...), ", ")
	case !e.fails():
		e.judgePassing(r)
	default:
		e.judgeFailing(r, set, sameRun)
	}
}

// signedBy tells whether a failure has the entry's signature. A file that was
// written by hand may leave it out.
func (e *Entry) signedBy(s fuzz.Signature) bool {
	return !e.fails() || e.Plan.Note.Signature == "" || e.Plan.Note.Signature == s.String()
}

// judgePassing judges an entry that should have passed and did not.
func (e *Entry) judgePassing(r *Result) {
	if r.Outcome.Verdict == scenarios.Vacuous {
		r.stale(strings.Join(append([]string{r.end()}, e.signs(r)...), ", "))
		return
	}
	r.fail(r.Outcome.Verdict.Exit(), "expected to pass, "+r.end())
}

// judgeFailing judges an entry that should have failed in another way.
func (e *Entry) judgeFailing(r *Result, set scenarios.Settings, sameRun bool) {
	want := "expected " + e.Plan.Expect.Verdict + " " + e.Plan.Expect.Check + ", "
	broken := r.Outcome.Verdict == scenarios.Violated || r.Outcome.Verdict == scenarios.NoProgress
	signs := e.signs(r)
	switch {
	case sameRun && broken:
		r.fail(r.Outcome.Verdict.Exit(), want+r.end()+" in the same run")
	case sameRun:
		r.fail(exitUncaught, want+r.end()+": the run is the same, and the check sees nothing in it")
	case broken && r.Plan.Expect.Check == e.Plan.Expect.Check:
		r.stale("it fails in another way: " + r.Signature.String())
	case broken:
		r.stale(want + r.end())
	case len(signs) == 0 && e.Plan.Bugs != bug.Set{} && e.sameWithout(r, set):
		r.fail(exitUncaught, want+r.end()+": the run is the same as without the bug switch; zabsim corpus verify looks further")
	default:
		r.stale(strings.Join(append([]string{want + r.end(), e.moved(r)}, signs...), ", "))
	}
}

// sameWithout tells whether the bug switches of the entry made no difference.
func (e *Entry) sameWithout(r *Result, set scenarios.Settings) bool {
	p := *e.Plan
	p.Bugs = bug.Set{}
	_, o := sign(&p, set)
	return o.Run.Events() == r.Outcome.Run.Events() && o.Run.Fingerprint() == r.Outcome.Run.Fingerprint()
}

// signs lists what shows that the plan no longer fits the code.
func (e *Entry) signs(r *Result) (list []string) {
	if n := len(r.Outcome.Unused); n > 0 {
		list = append(list, fmt.Sprintf("nothing asked for %d of %d decisions (%s)", n, len(e.Plan.Decisions), r.Outcome.Unused[0].Key))
	}
	if begun, all := len(r.Outcome.Run.Intervals()), len(e.Plan.Faults); begun < all {
		list = append(list, fmt.Sprintf("%d of %d faults never began", all-begun, all))
	}
	if old, now := e.Plan.Note.ScenarioHash, ScenarioHash(e.Plan.Scenario); old != 0 && now != 0 && old != now {
		list = append(list, fmt.Sprintf("the scenario %s has changed", e.Plan.Scenario))
	}
	return list
}

// moved says how the run differs from the one that was recorded.
func (e *Entry) moved(r *Result) string {
	want, got := e.Plan.Expect, r.Plan.Expect
	switch {
	case want.Events != got.Events:
		return fmt.Sprintf("the run has %s events, not %s", number(got.Events), number(want.Events))
	case want.Fingerprint != got.Fingerprint:
		return fmt.Sprintf("the fingerprint of the run is %016x, not %016x", got.Fingerprint, want.Fingerprint)
	}
	return "the run is the one that was recorded"
}

// end says what the run ended with.
func (r *Result) end() string {
	if b := r.Outcome.Broken; b != nil {
		if b.Verdict == scenarios.Vacuous {
			return "got vacuous: " + b.Detail
		}
		return fmt.Sprintf("got %s %s: %s", r.Outcome.Verdict, b.Name, b.Detail)
	}
	return "got " + string(r.Outcome.Verdict)
}

func (r *Result) stale(detail string) { r.Status, r.Exit, r.Detail = Stale, exitStale, detail }

func (r *Result) fail(exit int, detail string) {
	r.Status, r.Exit, r.Detail = Failed, exit, detail
}
