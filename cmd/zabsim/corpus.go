package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"zabsim/scenarios"
	"zabsim/scenarios/fuzz/corpus"
	"zabsim/sim/plan"
)

// ownCorpus is where the repository keeps its corpus, for examples.
const ownCorpus = "scenarios/testdata/corpus"

func newCorpus(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "corpus",
		Short: "Keep plans that found something, and replay them",
		Long: "A corpus is a folder of small plans. Each says why it is there and what a replay must end with: a bug that\n" +
			"must stay caught, a bug of ours that was fixed, a false alarm of the past, a path that runs rarely take.",
		Example: "  zabsim corpus run " + ownCorpus + "\n" +
			"  zabsim corpus add corpus runs/latest --why \"a deposed leader went on committing\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("zabsim corpus knows add, run, prune and verify, not %q", args[0])
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(newCorpusAdd(a), newCorpusRun(a), newCorpusPrune(a), newCorpusVerify(a))
	return cmd
}

// corpusRunFlags are the flags of zabsim corpus run.
type corpusRunFlags struct {
	jobs          countValue
	json, verbose bool
}

func newCorpusRun(a *app) *cobra.Command {
	f := &corpusRunFlags{jobs: jobsValue()}
	cmd := &cobra.Command{
		Use:   "run [DIR]",
		Short: "Replay all entries, in order of name",
		Long: "Replay all entries of a corpus in order of name; without a DIR, those that are part of this zabsim.\n\n" +
			"  ok       the run is the one that was recorded, and ends as the entry expects\n" +
			"  drifted  it ends as the entry expects, but the code has moved on and the run is another one\n" +
			"  failed   it ends in another way: a promise was broken, or a bug that must be caught was not (exit code 7);\n" +
			"           or the file is no plan (exit code 64), and the others are replayed all the same\n" +
			"  stale    the plan no longer applies, so it proves nothing (exit code 4); see zabsim corpus verify",
		Example: "  zabsim corpus run\n  zabsim corpus run " + ownCorpus + " -v",
		Args:    atMost(1, "one folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.corpusRun(cmd.Context(), args, f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&f.jobs, "jobs", "how many entries to replay at a time")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "a line for each entry, not only for those that are not ok")
	flags.BoolVar(&f.json, "json", false, "print one object, and nothing else, to standard output")
	a.fromEnvironment(cmd, "jobs", "verbose", "json")
	return cmd
}

// jobsValue is how many workers there are: one for each processor, unless a flag says
// something else.
func jobsValue() countValue { return countValue{min(runtime.GOMAXPROCS(0), mostJobs), 1, mostJobs} }

const mostJobs = 1024

// corpusResult is what --json says of an entry. Nothing in it depends on time.
type corpusResult struct {
	File      string         `json:"file"`
	Status    string         `json:"status"` // ok, drifted, failed, stale
	Exit      int            `json:"exit"`   // of this entry alone
	Why       string         `json:"why"`
	Expected  *corpusEnd     `json:"expected,omitempty"`
	Got       *corpusEnd     `json:"got,omitempty"`
	Detail    string         `json:"detail,omitempty"`
	Scenario  string         `json:"scenario,omitempty"`
	Bugs      []string       `json:"bugs,omitempty"`
	Refreshed *corpusRenewal `json:"refreshed,omitempty"` // only of verify
}

// corpusEnd is what a run ends with.
type corpusEnd struct {
	Verdict     string `json:"verdict"`
	Check       string `json:"check,omitempty"`
	Signature   string `json:"signature,omitempty"`
	Events      uint64 `json:"events"`
	Fingerprint string `json:"fingerprint"` // 16 hexadecimal digits
}

// corpusSummary is what --json prints.
type corpusSummary struct {
	Format  int            `json:"format"`
	Corpus  string         `json:"corpus"` // the folder as it was named, "builtin" for the program's own
	Entries []corpusResult `json:"entries"`
	Counts  corpusCounts   `json:"counts"`
	Exit    int            `json:"exit"`
}

type corpusCounts struct {
	OK      int `json:"ok"`
	Drifted int `json:"drifted"`
	Failed  int `json:"failed"`
	Stale   int `json:"stale"`
}

func (c *corpusCounts) count(s corpus.Status) {
	switch s {
	case corpus.OK:
		c.OK++
	case corpus.Drifted:
		c.Drifted++
	case corpus.Failed:
		c.Failed++
	case corpus.Stale:
		c.Stale++
	}
}

func (a *app) corpusRun(ctx context.Context, args []string, f *corpusRunFlags) error {
	name, list, err := loadCorpus(args)
	if err != nil {
		return err
	}
	sum := corpusSummary{Format: 1, Corpus: name, Entries: []corpusResult{}}
	show := a.out
	if f.json {
		show = io.Discard
	}
	err = corpus.ReplayAll(ctx, list, f.jobs.n, scenarios.Settings{}, func(r corpus.Result) {
		sum.take(&r)
		if f.verbose || r.Status != corpus.OK {
			printEntry(show, &r)
		}
		if r.Exit == exitInternal {
			fmt.Fprintf(a.err, "zabsim: this is our mistake, and this line repeats it:\n%s\n", replayCommand(invocation, r.Entry.Path, false))
		}
	})
	a.code = sum.Exit
	if err != nil {
		a.code = exitInterrupted
		fmt.Fprintf(a.err, "zabsim: interrupted after %d of %s\n", len(sum.Entries), plural(len(list), "plan"))
	}
	if f.json {
		sum.Exit = a.code
		return encode(a.out, &sum)
	}
	sum.print(show)
	return nil
}

// loadCorpus reads a folder, or without one the program's own entries. An empty
// one is an error: nothing was checked.
func loadCorpus(args []string) (name string, list []*corpus.Entry, err error) {
	if len(args) == 0 {
		name = "builtin"
		list, err = corpus.Builtin()
	} else {
		name = args[0]
		list, err = corpus.Load(name)
	}
	switch {
	case err != nil:
		return name, nil, usage("%w", err)
	case len(list) == 0:
		return name, nil, &failure{exitStale, fmt.Errorf("%s holds no plan: nothing was checked; zabsim corpus add puts one there", name)}
	}
	return name, list, nil
}

// take adds a result.
func (s *corpusSummary) take(r *corpus.Result) {
	s.Entries = append(s.Entries, resultOf(r))
	s.Counts.count(r.Status)
	s.Exit = worseExit(s.Exit, r.Exit)
}

func resultOf(r *corpus.Result) corpusResult {
	c := corpusResult{File: r.Entry.File, Status: string(r.Status), Exit: r.Exit, Detail: r.Detail}
	if p := r.Entry.Plan; p != nil {
		c.Why, c.Scenario = p.Note.Why, p.Scenario
		c.Bugs = bugList(p.Bugs)
		c.Expected = endOf(p, p.Note.Signature)
	}
	if r.Plan != nil {
		c.Got = endOf(r.Plan, signatureText(r))
	}
	return c
}

// signatureText is the signature of a run that failed, "" of others.
func signatureText(r *corpus.Result) string {
	if r.Signature.Check == "" {
		return ""
	}
	return r.Signature.String()
}

func endOf(p *plan.Plan, signature string) *corpusEnd {
	e := p.Expect
	return &corpusEnd{e.Verdict, e.Check, signature, e.Events, fmt.Sprintf("%016x", e.Fingerprint)}
}

// printEntry is the line of one entry.
func printEntry(w io.Writer, r *corpus.Result) {
	detail := r.Detail
	if detail == "" && r.Entry.Plan != nil {
		detail = r.Entry.Plan.Note.Why
	}
	fmt.Fprintf(w, "  %-7s  %s: %s\n", r.Status, r.Entry.File, detail)
}

// print tells the counts, and what to do next.
func (s *corpusSummary) print(w io.Writer) {
	c := s.Counts
	fmt.Fprintf(w, "corpus %s: %s, %d ok, %d drifted, %d failed, %d stale\n", s.Corpus, plural(len(s.Entries), "plan"), c.OK, c.Drifted, c.Failed, c.Stale)
	if c.Drifted+c.Stale > 0 && s.Corpus != "builtin" {
		fmt.Fprintf(w, "bring it up to date with\n%s corpus verify --write %s\n", invocation, quote(s.Corpus))
	}
}

// exitOrder is the order of precedence of exit codes, the worst first.
var exitOrder = []int{exitInternal, exitDiffers, 1, 5, 7, 6, exitUsage, exitStale, 2, 0}

// worseExit returns the code that is told when both apply.
func worseExit(a, b int) int {
	if slices.Index(exitOrder, b) < slices.Index(exitOrder, a) {
		return b
	}
	return a
}

// encode prints v as the one object of --json.
func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return internal(err)
	}
	return nil
}

// corpusFailure gives an error of package corpus its exit code.
func corpusFailure(what string, err error) error {
	code := exitUsage
	switch {
	case errors.Is(err, corpus.ErrDiffers):
		code = exitDiffers
	case errors.Is(err, corpus.ErrStale), errors.Is(err, corpus.ErrEmpty):
		code = exitStale
	}
	return &failure{code, fmt.Errorf("%s: %w", strings.TrimSuffix(what, ": "), err)}
}
