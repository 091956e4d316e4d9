package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"zabsim/scenarios/explain"
)

// exitPart is the exit code of diff when two runs part.
const exitPart = 1

func newDiff(a *app) *cobra.Command {
	json := false
	cmd := &cobra.Command{
		Use:   "diff RUN RUN",
		Short: "Find the first event at which two runs part",
		Long: "Find the first event at which two runs part. Each RUN is a run folder, such as runs/latest, or the file of a plan.\n\n" +
			"Both plans are run again, in lock step; nothing is stored. You read what the two plans say differently, the last\n" +
			"events that both runs have, the two events that differ, and how the servers differ after them: what they are,\n" +
			"their epochs and their logs, in memory and on disk. Only what differs is shown.\n\n" +
			"Exit code 0: the runs are equal. 1: they part, as with diff(1); no promise is broken by that. 3: they part\n" +
			"although the plans say the same, which is never right.",
		Example: "  zabsim diff runs/leader-crash/1-0a1b2c3d runs/latest\n  zabsim diff plan.txt edited.txt",
		Args:    oneRun(2),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.diff(cmd.Context(), args[0], args[1], json) },
	}
	cmd.Flags().BoolVar(&json, "json", false, "print one JSON object, and nothing else, to standard output")
	a.fromEnvironment(cmd, "json")
	return cmd
}

func (a *app) diff(ctx context.Context, first, second string, json bool) error {
	nameA, planA, err := runArgument(first)
	if err != nil {
		return err
	}
	nameB, planB, err := runArgument(second)
	if err != nil {
		return err
	}
	d, err := explain.Diff(planA, planB, explain.DiffOptions{Context: ctx})
	if err != nil {
		checkInterrupt(ctx)
		return internal(err)
	}
	if json {
		err = a.printJSON(d)
	} else {
		err = d.Write(a.out, nameA, nameB)
	}
	switch {
	case err != nil:
		return internal(err)
	case !d.Equal && d.SamePlan():
		return &failure{exitDiffers, errors.New("not deterministic: the plans say the same, and their runs part")}
	case !d.Equal:
		a.code = exitPart
	}
	return nil
}
