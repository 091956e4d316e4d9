package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"zabsim/scenarios"
	"zabsim/scenarios/fuzz/corpus"
)

// corpusVerifyFlags are the flags of zabsim corpus verify.
type corpusVerifyFlags struct {
	runs        runsValue
	jobs        countValue
	write, json bool
}

// corpusRenewal is what verify did about an entry that is not ok.
type corpusRenewal struct {
	How     string     `json:"how,omitempty"` // "" if nothing was found
	Runs    int        `json:"runs"`
	Plan    *corpusEnd `json:"plan,omitempty"`
	Written bool       `json:"written"`
}

func newCorpusVerify(a *app) *cobra.Command {
	f := &corpusVerifyFlags{runs: 200, jobs: jobsValue()}
	cmd := &cobra.Command{
		Use:   "verify DIR",
		Short: "Find entries again that the code has left behind",
		Long: "Replay all entries, and look for each that has drifted or is stale near its plan: with other seeds,\n" +
			"then without its decisions, then with the times of its faults moved by up to a tenth. What is found ends\n" +
			"with the same verdict and signature. With --write it takes the place of the old plan in its file, with the\n" +
			"same reason why. A bug that was not caught is looked for as well: if it is found, its plan was only stale.",
		Example: "  zabsim corpus verify corpus\n  zabsim corpus verify corpus --runs 2000x --write",
		Args:    oneFolder,
		RunE:    func(cmd *cobra.Command, args []string) error { return a.corpusVerify(cmd.Context(), args[0], f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&f.runs, "runs", "how many plans to try for each entry")
	flags.BoolVar(&f.write, "write", false, "replace the files of entries that were found again")
	flags.Var(&f.jobs, "jobs", "how many runs at a time")
	flags.BoolVar(&f.json, "json", false, "print one object, and nothing else, to standard output")
	a.fromEnvironment(cmd, "runs", "write", "jobs", "json")
	return cmd
}

func (a *app) corpusVerify(ctx context.Context, dir string, f *corpusVerifyFlags) error {
	_, list, err := loadCorpus([]string{dir})
	if err != nil {
		return err
	}
	v := &verifier{app: a, flags: f, dir: dir, show: a.out, sum: corpusSummary{Format: 1, Corpus: dir, Entries: []corpusResult{}}}
	if f.json {
		v.show = io.Discard
	}
	var worn []corpus.Result
	stopped := corpus.ReplayAll(ctx, list, f.jobs.n, scenarios.Settings{}, func(r corpus.Result) {
		v.sum.Entries = append(v.sum.Entries, resultOf(&r))
		v.sum.Counts.count(r.Status)
		if r.Outcome != nil {
			r.Outcome.Run = nil // a whole world
		}
		worn = append(worn, r)
	})
	for i := range worn {
		if stopped != nil {
			break
		}
		if stopped, err = v.renew(ctx, i, &worn[i]); err != nil {
			return err
		}
	}
	a.code = v.sum.Exit
	if stopped != nil {
		a.code = exitInterrupted
		fmt.Fprintln(a.err, "zabsim: interrupted; what was written stays")
	}
	if f.json {
		v.sum.Exit = a.code
		return encode(a.out, &v.sum)
	}
	v.end(len(list))
	return nil
}

// verifier goes through the entries of one corpus.
type verifier struct {
	app   *app
	flags *corpusVerifyFlags
	dir   string
	show  io.Writer
	sum   corpusSummary
	found int // entries that were found again
	lost  int
}

// renew looks for entry i again, if it needs to be. It returns why it was stopped
// before it knew, or why it could not write.
func (v *verifier) renew(ctx context.Context, i int, r *corpus.Result) (stopped, err error) {
	look := r.Status == corpus.Stale || r.Status == corpus.Drifted || r.Exit == exitUncaught
	if r.Status != corpus.OK {
		printEntry(v.show, r)
	}
	if !look {
		v.sum.Exit = worseExit(v.sum.Exit, r.Exit)
		return nil, nil
	}
	found, stopped := r.Renew(ctx, int(v.flags.runs), v.flags.jobs.n, scenarios.Settings{})
	if stopped != nil {
		return stopped, nil
	}
	done := &corpusRenewal{How: found.How, Runs: found.Runs}
	v.sum.Entries[i].Refreshed = done
	if found.Plan == nil {
		v.lost++
		v.sum.Exit = worseExit(v.sum.Exit, r.Exit)
		fmt.Fprintf(v.show, "           not found again in %s\n", plural(found.Runs, "run"))
		return nil, nil
	}
	v.found++
	done.Plan = endOf(found.Plan, found.Plan.Note.Signature)
	if v.flags.write {
		if err := corpus.Write(v.dir, r.Entry.File, found.Plan); err != nil {
			return nil, usage("%w", err)
		}
		done.Written = true
	} else if r.Status != corpus.Drifted {
		v.sum.Exit = worseExit(v.sum.Exit, exitStale) // the file is as it was
	}
	events := plural(int(found.Plan.Expect.Events), "event")
	if found.Runs == 0 {
		fmt.Fprintf(v.show, "           runs again as it is: %s\n", events)
	} else {
		fmt.Fprintf(v.show, "           found again after %s: %s, %s\n", plural(found.Runs, "run"), found.How, events)
	}
	return nil, nil
}

func (v *verifier) end(all int) {
	c := v.sum.Counts
	fmt.Fprintf(v.show, "corpus %s: %s, %d ok, %d drifted, %d failed, %d stale; %d found again, %d not\n", v.dir, plural(all, "plan"),
		c.OK, c.Drifted, c.Failed, c.Stale, v.found, v.lost)
	if v.found > 0 && !v.flags.write {
		fmt.Fprintf(v.show, "write what was found with\n%s corpus verify --write --runs %s %s\n", invocation, v.flags.runs.String(), quote(v.dir))
	}
}
