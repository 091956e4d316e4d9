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
	plan *plan.Plan
	name string    // of the plan's file
	rec  *recorder // of the run folder, nil if none was asked for
	temp string    // folder of the traces to compare, "" if nothing is compared
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
		r.rec, err = r.app.startFolder(r.plan, f.out)
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
		return judge(r.plan, trace.Multi(sinks...), r.seen)
	}
	return r.traced(freshTrace, r.seen, sinks)
}

// The traces that a comparison has of its own.
const (
	freshTrace = "first.txt"
	againTrace = "second.txt"
)

// traced runs the plan and writes one trace to the folder of comparisons. A
// trace that can't be written shows up when it is read.
func (r *replayer) traced(name string, seen *observer, sinks []trace.Sink) *scenarios.Outcome {
	f, err := os.Create(filepath.Join(r.temp, name))
	if err != nil {
		return judge(r.plan, trace.Multi(sinks...), seen)
	}
	defer f.Close()
	text := trace.NewText(f, header(r.plan))
	o := judge(r.plan, trace.Multi(append(sinks, text)...), seen)
	_ = text.Finish(verdictLines(o), o.Run.Fingerprint())
	return o
}

// verify compares a run with what its plan expects, or with a second run, and
// says what it found equal.
func (r *replayer) verify(ctx context.Context, o *scenarios.Outcome) (string, error) {
	want, got := r.plan.Expect, o.Plan.Expect
	recorded, source := filepath.Join(filepath.Dir(r.name), runfolder.TraceFile), "the trace beside the plan"
	if want == (plan.Expect{}) {
		seen := r.app.observe(ctx, r.plan)
		want = r.traced(againTrace, seen, []trace.Sink{seen}).Plan.Expect
		recorded, source = filepath.Join(r.temp, againTrace), "a second run"
	}
	if want != got {
		return "", r.differs(want, got, recorded, source)
	}
	if len(o.Unused) > 0 && r.app.code == 0 {
		r.app.code = exitStale
	}
	return fmt.Sprintf("\nverified: %s, fingerprint %016x, verdict %s, as %s\n",
		plural(int(got.Events), "event"), got.Fingerprint, got.Verdict, expectedBy(r.plan)), nil
}

func expectedBy(p *plan.Plan) string {
	if p.Expect == (plan.Expect{}) {
		return "in a second run; the plan has no line \"expect\""
	}
	return "the plan expects"
}

// differs reports a run that is not the one that was recorded.
func (r *replayer) differs(want, got plan.Expect, recorded, source string) error {
	text := fmt.Sprintf("%s: the replay is not the run that was recorded", r.name)
	for _, d := range []struct{ what, want, got string }{
		{"events", grouped(int(want.Events)), grouped(int(got.Events))},
		{"fingerprint", fmt.Sprintf("%016x", want.Fingerprint), fmt.Sprintf("%016x", got.Fingerprint)},
		{"verdict", want.Verdict, got.Verdict},
		{"check", orDash(want.Check), orDash(got.Check)},
	} {
		if d.want != d.got {
			text += fmt.Sprintf("\n  %-11s  expected %s, got %s", d.what, d.want, d.got)
		}
	}
	return &failure{exitDiffers, errors.New(text + r.firstDifference(recorded, source))}
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// firstDifference finds the event where the fresh trace leaves the recorded one.
func (r *replayer) firstDifference(recorded, source string) string {
	a, err := os.Open(recorded)
	if errors.Is(err, fs.ErrNotExist) {
		return "\n  no " + runfolder.TraceFile + " lies beside the plan, so the first differing event is not known"
	}
	if err != nil {
		return "\n  " + err.Error()
	}
	defer a.Close()
	b, err := os.Open(filepath.Join(r.temp, freshTrace))
	if err != nil {
		return "\n  " + err.Error()
	}
	defer b.Close()
	line, was, is, err := trace.Compare(a, b)
	switch {
	case err != nil:
		return "\n  " + err.Error()
	case line == 0:
		return "\n  the traces are equal, so " + source + " belongs to another plan or was edited"
	}
	return fmt.Sprintf("\n  first difference, line %d of the trace\n    %s: %s\n    this run: %s", line, source, was, is)
}
