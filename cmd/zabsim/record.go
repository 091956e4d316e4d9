package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"zabsim/internal/runfolder"
	"zabsim/reports"
	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab/bug"
)

// failover is reports' measure of the way from one leader to the next.
type failover = reports.Failover

// recorder executes one plan and writes its run folder meanwhile.
type recorder struct {
	app    *app
	of     *subject // nil if nobody knows the scenario
	out    string   // as --out names it
	folder *runfolder.Writer
	made   []string // folders on the way to it that were not there before
	files  []io.Closer
	text   *trace.Text
	events *trace.JSONL
	seen   *observer
}

// header says which run a trace is of.
func header(p *plan.Plan) trace.Header {
	return trace.Header{Scenario: p.Scenario, Servers: p.Quorum.All().Len(), Clients: p.Clients, Seed: p.Seed,
		Bugs: bug.Names(p.Bugs)}
}

// startFolderOf begins the run folder of a plan of x below out, so that a folder that
// can't be written is known before the run.
func (a *app) startFolderOf(x *subject, p *plan.Plan, out string) (*recorder, error) {
	var made []string
	for _, dir := range []string{filepath.Join(out, p.Scenario), out} {
		if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
			made = append(made, dir)
		}
	}
	folder, err := runfolder.Create(out, p.Scenario, p.Seed, x.folderHash(p))
	r := &recorder{app: a, of: x, out: out, folder: folder, made: made}
	if err != nil {
		r.forget()
		return nil, r.unwritable(usage("%w", err))
	}
	text, err1 := r.file(runfolder.TraceFile)
	events, err2 := r.file(runfolder.EventsFile)
	if err := errors.Join(err1, err2); err != nil {
		r.abort()
		return nil, r.unwritable(usage("%w", err))
	}
	r.text, r.events = trace.NewText(text, header(p)), trace.NewJSONL(events, header(p))
	return r, nil
}

// file begins a file that keep or abort closes.
func (r *recorder) file(name string) (io.Writer, error) {
	f, err := r.folder.File(name)
	if err == nil {
		r.files = append(r.files, f)
	}
	return f, err
}

// close ends all files.
func (r *recorder) close() error {
	var errs []error
	for _, f := range r.files {
		errs = append(errs, f.Close())
	}
	r.files = nil
	return errors.Join(errs...)
}

// abort leaves nothing behind, unless the folder was kept.
func (r *recorder) abort() {
	_ = r.close() // its files are about to go
	r.folder.Abort()
	r.forget()
}

// forget takes the folders on the way away.
func (r *recorder) forget() {
	for _, dir := range r.made {
		_ = os.Remove(dir) // fails, as it should, where somebody has put something
	}
}

// unwritable looks at an error of writing the run folder. A full disk is not our
// mistake, and has a remedy.
func (r *recorder) unwritable(err error) error {
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, full) {
			return usage("the folder %s has no room for this run: %w; choose another --out", quote(r.out), full)
		}
	}
	return err
}

// execute runs p and writes its trace and its events.
func (r *recorder) execute(ctx context.Context, p *plan.Plan) *scenarios.Outcome {
	r.seen = r.app.observe(ctx, p)
	return judge(r.of, p, trace.Multi(r.seen, r.text, r.events), r.seen)
}

func (a *app) observe(ctx context.Context, p *plan.Plan) *observer {
	if a.bar {
		return newObserver(ctx, a.err, p.For)
	}
	return newObserver(ctx, nil, p.For)
}

// judge executes p; a scenario that we know says what is expected of its runs.
func judge(x *subject, p *plan.Plan, sink trace.Sink, seen *observer) *scenarios.Outcome {
	set := x.settings()
	set.Sink = sink
	defer seen.done()
	return scenarios.Execute(p, set)
}

// keep writes the rest of the folder and puts it in its place.
func (r *recorder) keep(ctx context.Context, o *scenarios.Outcome, repro string) (*result, error) {
	res := &result{run: summary(o, r.seen.messages, repro)}
	plan, err1 := r.file(runfolder.PlanFile)
	history, err2 := r.file(runfolder.HistoryFile)
	if err := errors.Join(err1, err2); err != nil {
		return nil, r.unwritable(internal(err))
	}
	var text bytes.Buffer // a history is written in many small pieces
	err := errors.Join(o.Plan.Write(plan), o.Run.History.WriteJSON(&text), r.keepScenario())
	if err == nil {
		_, err = history.Write(text.Bytes())
	}
	err = errors.Join(err, r.text.Finish(verdictLines(o), o.Run.Fingerprint()), r.events.Flush(), r.close(), r.folder.WriteRun(res.run))
	if err != nil {
		return nil, r.unwritable(internal(err))
	}
	checkInterrupt(ctx)
	if res.failovers, err = draw(r.folder.Dir()); err != nil {
		return nil, r.unwritable(internal(err))
	}
	checkInterrupt(ctx)
	switch res.path, err = r.folder.Commit(); {
	case err != nil && res.path != "": // the run is kept
		return nil, usage("%w", err)
	case err != nil:
		return nil, r.unwritable(usage("%w", err))
	}
	return res, nil
}

// keepScenario puts the scenario file beside the plan, so that a replay expects the
// same.
func (r *recorder) keepScenario() error {
	if r.of == nil || r.of.path == "" {
		return nil
	}
	f, err := r.file(runfolder.ScenarioFile)
	if err == nil {
		_, err = f.Write(r.of.text)
	}
	return err
}

// draw fills the plots of a folder and returns its fail-overs.
func draw(dir string) ([]failover, error) {
	folder, err := runfolder.Open(dir)
	if err != nil {
		return nil, err
	}
	if _, err := reports.Draw(folder, filepath.Join(dir, runfolder.PlotsDir)); err != nil {
		return nil, err
	}
	return reports.Failovers(folder)
}

// verdictLines is the end of a trace.
func verdictLines(o *scenarios.Outcome) []trace.Verdict {
	var list []trace.Verdict
	for _, c := range o.Checks {
		list = append(list, trace.Verdict{Check: c.Name, Result: string(c.Verdict), Detail: c.Detail})
	}
	return list
}
