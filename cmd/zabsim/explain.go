package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"zabsim/scenarios/explain"
	"zabsim/sim/plan"
)

// explainFlags are the flags of zabsim explain.
type explainFlags struct {
	rolls  int
	budget int
	stale  bool
	json   bool
}

func newExplain(a *app) *cobra.Command {
	f := &explainFlags{}
	cmd := &cobra.Command{
		Use:   "explain RUN",
		Short: "Tell in words why a run ended as it did",
		Long: "Tell in words why a run ended as it did. RUN is a run folder, such as runs/latest, or the file of a plan.\n\n" +
			"The plan is run again, and must give what its line \"expect\" says. Then you read, with the numbers of events\n" +
			"as in trace.txt: what was promised and where, what happened, the facts that contradict each other, what led to\n" +
			"them (of the events that could have had a part in them, those that concern the same transactions, epochs and\n" +
			"servers), what each server was at that moment, and from which event on there was no way out.\n\n" +
			"That last point is found by re-rolls: the run is repeated up to some event, and from there on everything is\n" +
			"drawn anew. An event from which on all re-rolls break the same check counts as too late. The more --rolls, the\n" +
			"surer it is. The same plan gives the same answer every time.\n\n" +
			"The exit code is that of the run: 0 passed, 1 violated, and so on; 4 also if the plan is stale, 3 if two runs of\n" +
			"it differ.",
		Example: "  zabsim explain runs/latest\n  zabsim explain plan.txt --rolls 64\n  zabsim explain runs/latest --json",
		Args:    oneRun(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.explain(cmd.Context(), args[0], f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.IntVar(&f.rolls, "rolls", explain.DefaultRolls, "judge an event by `N` re-rolls; 0 does not look for the point of no return")
	flags.IntVar(&f.budget, "budget", 0, "make at most `N` re-rolls in all; 0 means 40 times --rolls")
	flags.BoolVar(&f.stale, "stale", false, "explain what the plan gives now, even if it expects something else")
	flags.BoolVar(&f.json, "json", false, "print one JSON object, and nothing else, to standard output")
	a.fromEnvironment(cmd, "rolls", "budget", "stale", "json")
	return cmd
}

// oneRun demands n arguments that name runs.
func oneRun(n int) cobra.PositionalArgs {
	what := map[int]string{1: "a run: a run folder such as runs/latest, or a plan", 2: "two runs: run folders such as runs/latest, or plans"}[n]
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < n {
			return usage("%s needs %s", cmd.CommandPath(), what)
		}
		return atMost(n, map[int]string{1: "one run", 2: "two runs"}[n])(cmd, args)
	}
}

// runArgument reads the plan of a run that an argument names.
func runArgument(arg string) (string, *plan.Plan, error) {
	name, err := planFile(arg)
	if err != nil {
		return "", nil, err
	}
	p, err := readPlan(name)
	return name, p, err
}

func (a *app) explain(ctx context.Context, arg string, f *explainFlags) error {
	if f.rolls < 0 || f.budget < 0 {
		return usage("--rolls and --budget count re-rolls: want 0 or more")
	}
	name, p, err := runArgument(arg)
	if err != nil {
		return err
	}
	o := explain.Options{Rolls: f.rolls, Budget: f.budget, Stale: f.stale, Settings: subjectOf(p, name).settings(), Context: ctx}
	if f.rolls == 0 {
		o.Rolls = -1
	}
	e, err := explain.Explain(p, o)
	if err != nil {
		return runFailure(ctx, name, err)
	}
	a.reportUnused(name, e.Outcome.Unused)
	a.code = e.Exit
	if f.json {
		return a.printJSON(e)
	}
	if err := e.Write(a.out); err != nil {
		return internal(err)
	}
	fmt.Fprintf(a.out, "\nrepeat the run with\n%s\n", replayCommand(invocation, name, !e.Stale && p.Expect != (plan.Expect{})))
	return nil
}

// runFailure gives an error of package explain its exit code.
func runFailure(ctx context.Context, name string, err error) error {
	checkInterrupt(ctx)
	var stale *explain.StaleError
	var differs *explain.DiffersError
	switch {
	case errors.As(err, &differs):
		return &failure{exitDiffers, fmt.Errorf("%s: %w", name, err)}
	case errors.As(err, &stale):
		return &failure{exitStale, fmt.Errorf("%s: %w\n  the plan was edited, or the code has changed; --stale explains what it gives now", name, err)}
	}
	return internal(err)
}
