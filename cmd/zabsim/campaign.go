package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"zabsim/internal/runfolder"
	"zabsim/reports/ci"
	"zabsim/scenarios"
	"zabsim/scenarios/fuzz"
	"zabsim/scenarios/fuzz/corpus"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
)

// campaign is one zabsim fuzz under way.
type campaign struct {
	app     *app
	flags   *fuzzFlags
	list    []*subject
	args    []string
	show    io.Writer
	started time.Time
	ran     time.Duration // how long the runs took
	report  ci.Report
	exit    int
}

// run replays the corpus, runs the campaign, and makes of each finding a run folder.
// The exit code is the worst of all.
func (c *campaign) run(ctx context.Context) error {
	f := c.flags
	c.head()
	if err := c.replay(ctx); err != nil {
		return err
	}
	cfg := f.config(c.list)
	if f.budget > 0 {
		// The rest is for making small what was found.
		until := c.started.Add(time.Duration(f.budget) * 9 / 10)
		cfg.More = func() bool { return time.Now().Before(until) }
	}
	watch := newWatch(c.app, c.started, &cfg)
	cfg.Progress = watch.ran
	if f.keep.word == "all" {
		cfg.Ran = func(r *fuzz.Run) { c.keepAll(ctx, r) }
	}
	began := time.Now()
	result := fuzz.Go(ctx, cfg)
	c.ran = time.Since(began)
	watch.done()
	c.fill(result)
	c.summary(result)
	for i, found := range result.Findings {
		if err := c.finding(ctx, i, found); err != nil {
			return err
		}
	}
	c.exit = worseExit(c.exit, result.Verdict().Exit())
	if x := result.Broken; x != nil {
		c.broken(x)
	}
	if ctx.Err() != nil {
		c.exit = exitInterrupted
		fmt.Fprintf(c.app.err, "zabsim: interrupted after %s: what was found is kept, and counts\n", plural(result.Runs, "run"))
	}
	c.report.Exit, c.app.code = c.exit, c.exit
	c.end(result)
	return nil
}

// head says what is about to run.
func (c *campaign) head() {
	f := c.flags
	names := c.list[0].Name
	if len(c.list) > 1 {
		names = plural(len(c.list), "scenario")
	}
	much := f.runs.String() + " runs"
	if f.budget > 0 {
		much = "budget " + f.budget.String()
		if f.runs > 0 {
			much += ", at most " + f.runs.String()
		}
	}
	fmt.Fprintf(c.show, "zabsim fuzz of %s, seed %d, %s, %s", names, f.seed.n, much, plural(f.jobs.n, "job"))
	if f.shard.of > 1 {
		fmt.Fprintf(c.show, ", shard %s", f.shard.String())
	}
	if f.profile != "" {
		fmt.Fprintf(c.show, ", profile %s", f.profile)
	}
	fmt.Fprintln(c.show)
	if f.bugs != (bug.Set{}) {
		fmt.Fprintf(c.show, "  bugs       %s\n", strings.ReplaceAll(bug.Names(f.bugs), ",", ", "))
	}
}

// subject returns the scenario of a name.
func (c *campaign) subject(name string) *subject {
	return c.list[slices.IndexFunc(c.list, func(x *subject) bool { return x.Name == name })]
}

// replay replays the corpus.
func (c *campaign) replay(ctx context.Context) error {
	if c.flags.corpus == "none" || c.flags.shard.n > 1 { // one machine is enough for it
		return nil
	}
	var dir []string
	if c.flags.corpus != "builtin" {
		dir = []string{c.flags.corpus}
	}
	name, list, err := loadCorpus(dir)
	if err != nil {
		return err
	}
	var counts corpusCounts
	_ = corpus.ReplayAll(ctx, list, c.flags.jobs.n, scenarios.Settings{}, func(r corpus.Result) { // an interrupt is looked at later
		counts.count(r.Status)
		c.exit = worseExit(c.exit, r.Exit)
		c.report.Corpus.Replayed++
		line := r.Entry.File + ": " + r.Detail
		switch r.Status {
		case corpus.Failed:
			c.report.Corpus.Failed = append(c.report.Corpus.Failed, line)
			printEntry(c.show, &r)
		case corpus.Stale:
			c.report.Corpus.Stale = append(c.report.Corpus.Stale, line)
			printEntry(c.show, &r)
		}
	})
	fmt.Fprintf(c.show, "  corpus     %s of %s: %d ok, %d drifted, %d failed, %d stale\n", plural(c.report.Corpus.Replayed, "plan"), name,
		counts.OK, counts.Drifted, counts.Failed, counts.Stale)
	return nil
}

// finding makes the witness of a finding small, writes its run folder, and prints it.
func (c *campaign) finding(ctx context.Context, i int, found *fuzz.Finding) error {
	w := found.Witness
	p := w.Plan
	x := ci.Finding{
		Scenario: w.Scenario, Property: found.Signature.Check, Signature: found.Signature.String(), Verdict: string(found.Verdict),
		Violation: w.Broken.Detail, Seed: p.Seed, Count: found.Count,
		EventsBefore: w.Counts.Events, FaultsBefore: len(p.Faults), OpsBefore: len(p.Ops), ServersBefore: p.Quorum.All().Len(),
	}
	if c.flags.shrinkRuns > 0 && w.Failed() && w.Verdict != scenarios.Failed && ctx.Err() == nil {
		r, _ := fuzz.Minimise(ctx, p, scenarios.Settings{Hold: c.subject(w.Scenario).Hold}, int(c.flags.shrinkRuns))
		found.Shrunk, p = &r, r.Plan
		x.EventsAfter, x.FaultsAfter, x.OpsAfter, x.ServersAfter = p.Expect.Events, len(p.Faults), len(p.Ops), p.Quorum.All().Len()
		x.Kept = r.Kept
	}
	if c.flags.keep.allows(i) {
		folder, broken, err := c.keep(p)
		if err != nil {
			return err
		}
		x.Plan = filepath.ToSlash(filepath.Join(folder, runfolder.PlanFile))
		x.File, x.Line = x.Plan, 1
		x.Repro = replayCommand(invocation, x.Plan, true)
		x.Trace = traceHead(folder)
		if broken != nil && broken.Name == x.Property { // shrinking may have changed names
			x.Violation = broken.Detail
		}
	} else {
		x.Repro = c.flags.command(c.args, w.Index+1) // the campaign up to this run
	}
	c.report.Findings = append(c.report.Findings, x)
	c.assign(len(c.report.Findings)-1, &x)
	c.printFinding(&x, found)
	return nil
}

// keep runs p once more and writes its run folder. It goes on after an interrupt: what
// was found is not lost.
func (c *campaign) keep(p *plan.Plan) (folder string, broken *scenarios.Check, err error) {
	rec, err := c.app.startFolderOf(c.subject(p.Scenario), p, c.flags.out)
	if err != nil {
		return "", nil, err
	}
	defer rec.abort()
	quiet := *c.app
	quiet.bar = false
	rec.app = &quiet
	o := rec.execute(context.Background(), p)
	res, err := rec.keep(context.Background(), o, recordedRepro("", true))
	if err != nil {
		return "", nil, err
	}
	return res.path, o.Broken, nil
}

// keepAll keeps a run that did not fail, too.
func (c *campaign) keepAll(ctx context.Context, r *fuzz.Run) {
	if r.Panic != "" || ctx.Err() != nil {
		return
	}
	if _, _, err := c.keep(r.Plan); err != nil {
		fmt.Fprintf(c.app.err, "zabsim: run %d is not kept: %v\n", r.Index, err)
	}
}

// traceLines is how much of a trace goes into reports.
const traceLines = 40

func traceHead(folder string) []string {
	f, err := os.Open(filepath.Join(folder, runfolder.TraceFile))
	if err != nil {
		return nil // a report can do without
	}
	defer f.Close()
	var lines []string
	for in := bufio.NewScanner(f); in.Scan() && len(lines) < traceLines; {
		lines = append(lines, in.Text())
	}
	return lines
}

// broken reports a run that can't be trusted, with its plan.
func (c *campaign) broken(x *fuzz.Run) {
	code, text := exitDiffers, x.Differs
	if x.Panic != "" {
		code, text = exitInternal, "a run panicked: "+x.Panic
	}
	c.exit = worseExit(c.exit, code)
	what := fmt.Sprintf("run %d of %s", x.Index, x.Scenario)
	repro := ""
	if x.Plan != nil {
		what += fmt.Sprintf(", seed %d", x.Plan.Seed)
		name := filepath.Join(c.flags.out, fmt.Sprintf("%s-%d.plan.txt", x.Scenario, x.Plan.Seed))
		if err := writePlan(name, x.Plan); err == nil {
			repro = "\n" + replayCommand(invocation, name, true)
		}
	}
	c.report.Doubles.Differed = append(c.report.Doubles.Differed, what+": "+text)
	fmt.Fprintf(c.app.err, "zabsim: %s: %s%s\n", what, text, repro)
}

func writePlan(name string, p *plan.Plan) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := p.Write(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
