package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"zabsim/internal/runfolder"
	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
)

// replayer runs one plan, and writes down what a comparison may need.
type replayer struct {
	app  *app
	of   *subject
	plan *plan.Plan
	name string    // of the plan's file
	rec  *recorder // of the run folder, nil if none was asked for
	temp string    // folder of the traces to compare, "" if nothing is compared
	torn error     // what kept a trace from being written there
	seen *observer
}

// start prepares the folders, so that one that can't be written is known before
// the run.
func (r *replayer) start(f *replayFlags) (err error) {
	if f.verify {
		if r.temp, err = os.MkdirTemp("", "zabsim-verify-"); err != nil {
			return usage("the trace needs a place while it is compared: %w; TMPDIR names one", err)
		}
	}
	if f.out != "" {
		r.rec, err = r.app.startFolderOf(r.of, r.plan, f.out)
	}
	return err
}

// end leaves nothing behind but a run folder that was kept.
func (r *replayer) end() {
	if r.temp != "" {
		_ = os.RemoveAll(r.temp) // in the system's folder for such things
	}
	if r.rec != nil {
		r.rec.abort()
	}
}

// execute runs the plan once.
func (r *replayer) execute(ctx context.Context) *scenarios.Outcome {
	r.seen = r.app.observe(ctx, r.plan)
	sinks := []trace.Sink{r.seen}
	if r.rec != nil {
		r.rec.seen = r.seen
		sinks = append(sinks, r.rec.text, r.rec.events)
	}
	if r.temp == "" {
		return judge(r.of, r.plan, trace.Multi(sinks...), r.seen)
	}
	return r.traced(freshTrace, r.seen, sinks)
}

// The traces that a comparison has of its own.
const (
	freshTrace = "first.txt"
	againTrace = "second.txt"
)

// traced runs the plan and writes one trace to the folder of comparisons. One
// that can't be written only keeps the first difference from being known.
func (r *replayer) traced(name string, seen *observer, sinks []trace.Sink) *scenarios.Outcome {
	f, err := os.Create(filepath.Join(r.temp, name))
	if err != nil {
		r.torn = err
		return judge(r.of, r.plan, trace.Multi(sinks...), seen)
	}
	defer f.Close()
	text := trace.NewText(f, header(r.plan))
	o := judge(r.of, r.plan, trace.Multi(append(sinks, text)...), seen)
	if err := text.Finish(verdictLines(o), o.Run.Fingerprint()); err != nil {
		r.torn = err
	}
	return o
}

// again runs the plan a second time, to see whether it gives the same.
func (r *replayer) again(ctx context.Context) plan.Expect {
	seen := r.app.observe(ctx, r.plan)
	return r.traced(againTrace, seen, []trace.Sink{seen}).Plan.Expect
}

// verify compares a run with what its plan expects, or with a second run, and
// says what it found equal.
func (r *replayer) verify(ctx context.Context, o *scenarios.Outcome) (string, error) {
	got := o.Plan.Expect
	bare := r.plan.Expect == (plan.Expect{})
	if r.plan.Expect != got {
		if again := r.again(ctx); !bare || again != got {
			return "", r.differs(got, again)
		}
	}
	if len(o.Unused) > 0 {
		r.app.code = orStale(r.app.code)
	}
	by, note := "the plan expects", ""
	if bare {
		by = "in a second run; the plan has no line \"expect\""
	} else if d, found := r.fromRecorded(); found {
		note = "the events are the same, but the trace that was recorded is not:" + d + "\n"
	}
	return fmt.Sprintf("\nverified: %s, fingerprint %016x, verdict %s, as %s\n%s",
		plural(int(got.Events), "event"), got.Fingerprint, got.Verdict, by, note), nil
}

// orStale is the exit code of a stale plan whose run alone would end with code: a
// run that is not safe, makes no progress or misses a threshold comes first.
func orStale(code int) int {
	if code == scenarios.Violated.Exit() || code == scenarios.NoProgress.Exit() || code == scenarios.Failed.Exit() {
		return code
	}
	return exitStale
}

// differs reports a run that is not what it should be, after a second one. Two
// runs of one plan that differ are never right. If they are equal, nobody can tell
// an edited plan from code that has changed, and the plan is stale.
func (r *replayer) differs(got, again plan.Expect) error {
	recorded := ""
	if r.plan.Expect != (plan.Expect{}) {
		recorded, _ = r.fromRecorded()
	}
	if got != again {
		between, _ := r.difference(filepath.Join(r.temp, againTrace), "the second run")
		return &failure{exitDiffers, errors.New(r.name + ": the run is not deterministic: two runs of this plan differ" +
			table("the first gave", got, "the second", again) + between + recorded)}
	}
	return &failure{orStale(r.app.code), errors.New(r.name + ": the replay is not the run that was recorded: " +
		"the plan was edited, the code has changed, or the run is not deterministic" +
		table("expected", r.plan.Expect, "got", got) + recorded +
		"\n  a second run gave the same as this one, so the plan is stale: replay it without --verify;" +
		"\n  with --out DIR that writes a plan which expects what it gives now")}
}

// table lists where two results differ.
func table(nameA string, a plan.Expect, nameB string, b plan.Expect) string {
	text := ""
	for _, d := range []struct{ what, a, b string }{
		{"events", grouped(int(a.Events)), grouped(int(b.Events))},
		{"fingerprint", fmt.Sprintf("%016x", a.Fingerprint), fmt.Sprintf("%016x", b.Fingerprint)},
		{"verdict", orDash(a.Verdict), orDash(b.Verdict)},
		{"check", orDash(a.Check), orDash(b.Check)},
	} {
		if d.a != d.b {
			text += fmt.Sprintf("\n  %-11s  %s %s, %s %s", d.what, nameA, d.a, nameB, d.b)
		}
	}
	return text
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// fromRecorded says where the fresh trace leaves the one beside the plan, if that
// is the trace of the run that the plan expects, and whether it does.
func (r *replayer) fromRecorded() (text string, found bool) {
	name := filepath.Join(filepath.Dir(r.name), runfolder.TraceFile)
	e := r.plan.Expect
	switch ours, err := endsWith(name, fmt.Sprintf("\nend  events=%d  fingerprint=%016x\n", e.Events, e.Fingerprint)); {
	case errors.Is(err, fs.ErrNotExist):
		return "\n  no " + runfolder.TraceFile + " lies beside the plan, so the first event that differs from the record is not known", false
	case err != nil:
		return "\n  " + err.Error(), false
	case !ours:
		return "\n  the trace beside the plan is of another run, so the first event that differs from the record is not known", false
	}
	return r.difference(name, "the trace beside the plan")
}

// endsWith tells whether a file ends with this text.
func endsWith(name, text string) (bool, error) {
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() < int64(len(text)) {
		return false, err
	}
	end := make([]byte, len(text))
	_, err = f.ReadAt(end, info.Size()-int64(len(text)))
	return string(end) == text, err
}

// difference finds the line where the fresh trace leaves another one.
func (r *replayer) difference(other, source string) (text string, found bool) {
	if r.torn != nil {
		return "\n  the first difference is not known: " + r.torn.Error(), false
	}
	a, err := os.Open(other)
	if err != nil {
		return "\n  " + err.Error(), false
	}
	defer a.Close()
	b, err := os.Open(filepath.Join(r.temp, freshTrace))
	if err != nil {
		return "\n  " + err.Error(), false
	}
	defer b.Close()
	line, was, is, err := trace.Compare(a, b)
	switch {
	case err != nil:
		return "\n  " + err.Error(), false
	case line == 0:
		return "\n  this run and " + source + " have equal traces", false
	}
	return fmt.Sprintf("\n  first difference, line %d of the trace\n    %s: %s\n    this run: %s", line, source, was, is), true
}
