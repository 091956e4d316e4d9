package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"zabsim/scenarios"
	"zabsim/scenarios/fuzz/corpus"
	"zabsim/sim/plan"
)

// corpusAddFlags are the flags of zabsim corpus add.
type corpusAddFlags struct {
	why, origin, reach string
}

func newCorpusAdd(a *app) *cobra.Command {
	f := &corpusAddFlags{}
	cmd := &cobra.Command{
		Use:   "add DIR RUN|PLAN...",
		Short: "Add the plan of a run, or a plan of your own",
		Long: "Run each plan twice and write it into the corpus with what it ended with, its signature, and why it is there.\n" +
			"Of two plans that fail with the same signature under the same bug switches the smaller one is kept.\n" +
			"A plan whose two runs differ is refused (exit code 3), and so is one that does not end as it expects,\n" +
			"or that proves nothing (exit code 4). A plan that passes may name what it must go on reaching.\n\n" +
			"An entry is a plan alone. What the scenario file of a run must reach goes into the entry; what ends as it does by\n" +
			"the file's hold or thresholds is refused (exit code 64). If the plan is there already and the entry differs\n" +
			"from the run, that is told (exit code 4), and how to replace it.",
		Example: "  zabsim corpus add corpus runs/latest --why \"ZOOKEEPER-3911 must stay caught\"\n" +
			"  zabsim corpus add corpus plan.txt --why \"the rarest of the syncs\" --reach sync-trunc,crash-at-truncate",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage("%s needs a folder and a plan, such as: %s corpus runs/latest --why \"...\"", cmd.CommandPath(), cmd.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.corpusAdd(args[0], args[1:], f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.why, "why", "", "a `SENTENCE` that says why the plan is there (needed)")
	flags.StringVar(&f.origin, "origin", "", "where it comes from, such as a seed, an issue or a commit (`TEXT`)")
	flags.StringVar(&f.reach, "reach", "", "what every replay must reach, for plans that pass (`NAME,...`)")
	a.fromEnvironment(cmd, "why", "origin", "reach")
	return cmd
}

func (a *app) corpusAdd(dir string, plans []string, f *corpusAddFlags) error {
	note := plan.Note{Why: strings.TrimSpace(f.why), Origin: strings.TrimSpace(f.origin)}
	if note.Why == "" {
		return usage("--why is missing: say in a sentence why the plan is worth keeping")
	}
	if f.reach != "" {
		note.Reach = strings.Split(f.reach, ",")
	}
	if err := scenarios.CheckReach(note.Reach); err != nil {
		return usage("--%w", err)
	}
	// All are made before one is written: half of a list helps nobody.
	var made []*corpus.Entry
	for _, arg := range plans {
		e, err := makeEntry(arg, note)
		if err != nil {
			return err
		}
		made = append(made, e)
	}
	for i, e := range made {
		added, err := corpus.Add(dir, e)
		if err != nil {
			return usage("%w", err)
		}
		a.sayAdded(dir, plans[i], &added)
	}
	return nil
}

func makeEntry(arg string, note plan.Note) (*corpus.Entry, error) {
	name, err := planFile(arg)
	if err != nil {
		return nil, err
	}
	p, err := readPlan(name)
	if err != nil {
		return nil, err
	}
	if note.Reach, err = planAlone(name, p, note.Reach); err != nil {
		return nil, err
	}
	e, err := corpus.Make(p, note, scenarios.Settings{})
	if err != nil {
		return nil, corpusFailure(name, err)
	}
	return e, nil
}

// planAlone refuses a run that ends as it does by what only its scenario's file says:
// an entry is replayed without that. It returns what the entry must reach, with what the
// file names.
func planAlone(name string, p *plan.Plan, reach []string) ([]string, error) {
	if p.Expect.Verdict == string(scenarios.Failed) {
		return nil, refused(name, "%s %s, by a threshold of its scenario file", p.Expect.Verdict, p.Expect.Check)
	}
	x := subjectOf(p, name)
	if x == nil {
		return reach, nil
	}
	set := x.settings()
	set.Reach = slices.Concat(set.Reach, reach)
	full := scenarios.Execute(p, set)
	if full.Verdict == scenarios.Failed { // the plan expects nothing
		return nil, refused(name, "%s %s, by a threshold of its scenario file", full.Verdict, full.Broken.Name)
	}
	set.Hold, set.Thresholds = nil, nil
	if x.Hold != nil || x.Thresholds != nil {
		alone := scenarios.Execute(p, set).Plan.Expect
		if alone != full.Plan.Expect {
			return nil, refused(name, "%s by the hold or the thresholds of its scenario file, and %s %s without them", full.Verdict, alone.Verdict, alone.Check)
		}
	}
	if x.path != "" && (full.Verdict == scenarios.Passed || full.Verdict == scenarios.Vacuous) {
		for _, want := range x.Reach {
			if !slices.Contains(reach, want) {
				reach = append(slices.Clip(reach), want)
			}
		}
	}
	return reach, nil
}

func refused(name, format string, args ...any) error {
	return usage("%s: the run ends %s: an entry of a corpus is a plan alone, and can't keep that; keep the scenario file, and run it",
		name, strings.TrimSpace(fmt.Sprintf(format, args...)))
}

func (a *app) sayAdded(dir, arg string, added *corpus.Added) {
	e := added.Entry
	path := filepath.ToSlash(filepath.Join(dir, e.File))
	events := func(e *corpus.Entry) string { return plural(int(e.Plan.Expect.Events), "event") }
	switch old := added.Rival; {
	case added.Kept && old == nil:
		fmt.Fprintf(a.out, "added %s: %s, %s\n", path, endText(e.Plan), events(e))
	case added.Kept:
		fmt.Fprintf(a.out, "added %s: %s, %s; it takes the place of %s with the same signature and %s\n",
			path, endText(e.Plan), events(e), old.File, events(old))
	case added.Differs != "":
		a.code = exitStale
		fmt.Fprintf(a.err, "zabsim: %s: %s is there already, and is not what the run gives now: %s\n  to replace it, remove the file and add the run again\n",
			arg, path, added.Differs)
	case old.File == e.File:
		fmt.Fprintf(a.out, "%s is there already: %s\n", path, old.Plan.Note.Why)
	default:
		fmt.Fprintf(a.out, "%s is not added: %s has the same signature (%s) and is no larger: %s, not %s\n",
			arg, old.File, e.Plan.Note.Signature, events(old), events(e))
	}
}

// endText is what a plan is kept for, in a few words.
func endText(p *plan.Plan) string {
	switch {
	case p.Note.Signature != "":
		return p.Expect.Verdict + " " + p.Note.Signature
	case len(p.Note.Reach) > 0:
		return p.Expect.Verdict + ", reaches " + strings.Join(p.Note.Reach, ", ")
	}
	return p.Expect.Verdict
}
