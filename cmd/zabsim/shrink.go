package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"zabsim/internal/runfolder"
	"zabsim/scenarios"
	"zabsim/scenarios/fuzz"
	"zabsim/sim/plan"
	"zabsim/sim/shrink"
)

// shrinkFlags are the flags of zabsim shrink.
type shrinkFlags struct {
	runs  runsValue
	seeds countValue
	out   string
	json  bool
}

func newShrink(a *app) *cobra.Command {
	f := &shrinkFlags{runs: 5000, seeds: countValue{fuzz.ShrinkSeeds, 0, 1000}}
	cmd := &cobra.Command{
		Use:   "shrink PLAN",
		Short: "Make the plan of a failing run small, while it fails in the same way",
		Long: "Make the plan of a failing run small: whole faults, clients, servers, operations and programs go first, then\n" +
			"times and sizes, then knobs and the outcomes of crashes. What is left breaks the same property in the same\n" +
			"manner (the same signature); smaller plans that fail in another way are counted, and left alone.\n\n" +
			"The small plan gets a run folder of its own. The exit code is that of its run.",
		Example: "  zabsim shrink runs/latest\n  zabsim shrink plan.txt --runs 20000x --seeds 16",
		Args:    oneRun(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.shrink(cmd.Context(), args[0], f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&f.runs, "runs", "budget: run so many smaller plans at most")
	flags.Var(&f.seeds, "seeds", "try what can't go otherwise under so many other seeds")
	flags.StringVar(&f.out, "out", "runs", "write the run folder below this `DIR`")
	flags.BoolVar(&f.json, "json", false, "print one JSON object, and nothing else, to standard output")
	a.fromEnvironment(cmd, "runs", "seeds", "out", "json")
	return cmd
}

// shrunkJSON is what zabsim shrink --json prints.
type shrunkJSON struct {
	Check     string   `json:"check"`
	Signature string   `json:"signature"`
	Violation string   `json:"violation"`
	Before    sizeJSON `json:"before"`
	After     sizeJSON `json:"after"`
	Runs      int      `json:"runs"`
	Slipped   int      `json:"slipped"`
	Exhausted bool     `json:"exhausted"`
	Kept      []string `json:"kept"`
	Plan      string   `json:"plan"`
	Repro     string   `json:"repro"`
	Exit      int      `json:"exit"`
}

type sizeJSON struct {
	Events     uint64 `json:"events"`
	Servers    int    `json:"servers"`
	Clients    int    `json:"clients"`
	Faults     int    `json:"faults"`
	Operations int    `json:"operations"`
	Programs   int    `json:"programs"`
	Decisions  int    `json:"decisions"`
	ForNS      int64  `json:"for_ns"`
}

func sizeOf(s *shrink.Size) sizeJSON {
	return sizeJSON{s.Events, s.Servers, s.Clients, s.Faults, s.Operations, s.Programs, s.Decisions, int64(s.For)}
}

func (a *app) shrink(ctx context.Context, arg string, f *shrinkFlags) error {
	name, p, err := runArgument(arg)
	if err != nil {
		return err
	}
	x := subjectOf(p, name)
	set := scenarios.Settings{Hold: x.settings().Hold}
	bar := newShrinkBar(a)
	r, sign := fuzz.MinimiseWith(ctx, p, set, shrink.Options{Runs: int(f.runs), Seeds: f.seeds.n, Progress: bar.ran})
	bar.done()
	if sign.Check == "" {
		return nothingToShrink(name, p, r.Plan)
	}
	rec, err := a.startFolderOf(x, r.Plan, f.out)
	if err != nil {
		return err
	}
	defer rec.abort()
	quiet := *a
	quiet.bar = false
	rec.app = &quiet
	o := rec.execute(context.Background(), r.Plan) // also after an interrupt: what it has become so far is kept
	res, err := rec.keep(context.Background(), o, recordedRepro("", true))
	if err != nil {
		return err
	}
	a.code = o.Verdict.Exit()
	if ctx.Err() != nil {
		a.code = exitInterrupted
		fmt.Fprintf(a.err, "zabsim: interrupted after %s: the smallest plan so far is kept\n", plural(r.Runs, "run"))
	}
	show := a.out
	if f.json {
		show = io.Discard
	}
	printShrunk(show, &r, o, sign)
	printEnd(show, res.path, printedRepro("", res.path))
	if f.json {
		file := filepath.Join(res.path, runfolder.PlanFile)
		return a.printJSON(&shrunkJSON{Check: sign.Check, Signature: sign.String(), Violation: o.Broken.Detail, Before: sizeOf(&r.Before), After: sizeOf(&r.After),
			Runs: r.Runs, Slipped: r.Slipped, Exhausted: r.Exhausted, Kept: append([]string{}, r.Kept...), Plan: filepath.ToSlash(file),
			Repro: replayCommand(invocation, file, true), Exit: a.code})
	}
	return nil
}

// nothingToShrink is the error about a plan that does not fail: it never did, or no
// longer does.
func nothingToShrink(name string, p, ran *plan.Plan) error {
	if v := p.Expect.Verdict; v == string(scenarios.Violated) || v == string(scenarios.NoProgress) {
		return &failure{exitStale, fmt.Errorf("%s: the plan expects %s (%s), but its run is %s now: the plan was edited, or the code has moved on; "+
			"corpus verify looks for plans that fail again", name, v, p.Expect.Check, ran.Expect.Verdict)}
	}
	return usage("%s: the run of this plan is %s: only a run that is violated or makes no progress can be made smaller", name, ran.Expect.Verdict)
}

// printShrunk is the table of before and after, and what is left.
func printShrunk(w io.Writer, r *shrink.Report, o *scenarios.Outcome, sign fuzz.Signature) {
	fmt.Fprintf(w, "%s: %s\n", o.Broken.Name, o.Broken.Detail)
	fmt.Fprintf(w, "  signature   %s\n\n", sign)
	fmt.Fprintf(w, "  %-11s %10s %10s\n", "", "before", "after")
	row := func(name string, before, after int) {
		if before != 0 || after != 0 {
			fmt.Fprintf(w, "  %-11s %10s %10s\n", name, grouped(before), grouped(after))
		}
	}
	b, a := &r.Before, &r.After
	row("events", int(b.Events), int(a.Events))
	row("faults", b.Faults, a.Faults)
	row("operations", b.Operations, a.Operations)
	row("programs", b.Programs, a.Programs)
	row("servers", b.Servers, a.Servers)
	row("clients", b.Clients, a.Clients)
	fmt.Fprintf(w, "  %-11s %10s %10s\n", "for", plan.FormatDuration(b.For), plan.FormatDuration(a.For))
	fmt.Fprintf(w, "\nIt took %s", plural(r.Runs, "run"))
	if r.Slipped > 0 {
		fmt.Fprintf(w, ", %s of which failed in another way and were left alone", grouped(r.Slipped))
	}
	fmt.Fprintln(w, ".")
	switch {
	case r.Interrupted:
		fmt.Fprintln(w, "It was interrupted: there may be more that can go.")
	case r.Exhausted:
		fmt.Fprintln(w, "That was the whole budget: with more --runs there may be more that can go.")
	}
	if len(r.Kept) > 0 {
		fmt.Fprintln(w, "\nWhat is left, and what happens without it:")
	}
	for _, line := range r.Kept {
		fmt.Fprintf(w, "  %s\n", line)
	}
}

// shrinkBar shows on a terminal how far it is.
type shrinkBar struct {
	out   io.Writer
	on    bool
	last  time.Time
	drawn bool
}

func newShrinkBar(a *app) *shrinkBar { return &shrinkBar{out: a.err, on: a.bar, last: time.Now()} }

func (b *shrinkBar) ran(runs int, size shrink.Size) {
	if now := time.Now(); b.on && now.Sub(b.last) > watchEvery {
		b.last, b.drawn = now, true
		fmt.Fprintf(b.out, "\r\x1b[K%s: %s, %s, %s", plural(runs, "run"), plural(size.Faults, "fault"), plural(size.Operations, "operation"),
			plural(size.Servers, "server"))
	}
}

func (b *shrinkBar) done() {
	if b.drawn {
		fmt.Fprint(b.out, "\r\x1b[K")
	}
}
