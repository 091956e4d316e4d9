package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"zabsim/internal/runfolder"
	"zabsim/scenarios"
	"zabsim/sim/plan"
)

// replayFlags are the flags of zabsim replay.
type replayFlags struct {
	verify bool
	out    string
	json   bool
}

func newReplay(a *app) *cobra.Command {
	f := &replayFlags{}
	cmd := &cobra.Command{
		Use:   "replay PLAN",
		Short: "Run a plan again, as it was recorded or after it was edited",
		Long: "Run a plan: the file plan.txt of a run folder, the folder itself, or a file of your own.\n" +
			"What the plan does not decide is drawn from its seed; decisions that the run never asked for are reported.\n" +
			"With --verify, the run must end with the events, the fingerprint and the verdict that the plan expects.\n" +
			"If it does not, it is run once more: exit code 3 means that the two runs differ, 4 that the plan is stale.\n" +
			"A plan that expects nothing is run twice and compared with itself.",
		Example: "  zabsim replay --verify runs/latest/plan.txt\n  zabsim replay edited.txt --out runs",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("%s needs a plan: a file such as runs/latest/plan.txt, or a run folder", cmd.CommandPath())
			}
			return atMost(1, "one plan")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.replay(cmd.Context(), args[0], f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&f.verify, "verify", false, "exit with 3 or 4 unless the run is the one that was recorded")
	flags.StringVar(&f.out, "out", "", "also write a run folder below this `DIR`")
	flags.BoolVar(&f.json, "json", false, "print what run.json holds, and nothing else, to standard output")
	a.fromEnvironment(cmd, "verify", "out", "json")
	return cmd
}

func (a *app) replay(ctx context.Context, arg string, f *replayFlags) error {
	name, err := planFile(arg)
	if err != nil {
		return err
	}
	found, err := readPath(name)
	switch {
	case err != nil:
		return err
	case found != nil:
		return a.replayPath(name, found, f)
	}
	p, err := readPlan(name)
	if err != nil {
		return err
	}
	show := io.Discard
	if !f.json {
		show = a.out
	}
	r := &replayer{app: a, of: subjectOf(p, name), plan: p, name: name}
	defer r.end()
	if err := r.start(f); err != nil {
		return err
	}
	printConfig(show, r.of, p, nil)
	o := r.execute(ctx)
	a.reportUnused(name, o.Unused)
	a.code = o.Verdict.Exit()
	verified := ""
	if f.verify {
		if verified, err = r.verify(ctx, o); err != nil {
			return r.sayDiffers(o, err, f.json)
		}
	}
	res, err := r.keep(ctx, o)
	if err != nil {
		return err
	}
	if f.json {
		return res.run.Encode(a.out)
	}
	printResult(show, o, res)
	fmt.Fprint(show, verified)
	if res.path != "" {
		printEnd(show, res.path, printedRepro("", res.path))
	} else {
		printEnd(show, "", replayCommand(invocation, name, r.asExpected(o)))
	}
	return nil
}

// reportUnused warns of decisions that a run never asked for.
func (a *app) reportUnused(name string, unused []plan.Decision) {
	for _, d := range unused {
		fmt.Fprintf(a.err, "zabsim: %s:%d: nothing asked for the decision %q: the plan was edited, or the code has moved on\n", name, d.Line, d.Key)
	}
}

// sayDiffers prints what a program wants to read of a run that was not the one
// that was recorded. No run folder is kept of it: the record stays as it is.
func (r *replayer) sayDiffers(o *scenarios.Outcome, err error, json bool) error {
	var f *failure
	if !json || !errors.As(err, &f) {
		return err
	}
	r.app.code = f.code
	return errors.Join(err, r.sumUp(o, recordedRepro("", false)).Encode(r.app.out))
}

// asExpected tells whether replay --verify would have been content.
func (r *replayer) asExpected(o *scenarios.Outcome) bool {
	return o.Plan.Expect == r.plan.Expect && len(o.Unused) == 0
}

// keep writes the run folder, if one was asked for, and sums the run up.
func (r *replayer) keep(ctx context.Context, o *scenarios.Outcome) (*result, error) {
	if r.rec == nil {
		return &result{run: r.sumUp(o, recordedRepro("", r.asExpected(o)))}, nil
	}
	res, err := r.rec.keep(ctx, o, recordedRepro("", true))
	if err == nil {
		res.run.Exit = r.app.code
	}
	return res, err
}

func (r *replayer) sumUp(o *scenarios.Outcome, repro string) *runfolder.Run {
	run := summary(o, r.seen.messages, repro)
	run.Exit = r.app.code
	return run
}
