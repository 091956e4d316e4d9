package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"zabsim/internal/conform"
	"zabsim/internal/conform/trace"
	"zabsim/zab/bug"
)

// recordedRelease is the release that the recordings of this repository are of.
const recordedRelease = "3.8.0"

// conformFlags is what zabsim conform was asked for.
type conformFlags struct {
	as        bug.Set
	json      bool
	keepGoing bool
	servers   countValue
	out       string
}

func newConform(a *app) *cobra.Command {
	f := &conformFlags{servers: countValue{1, 1, 7}}
	release := &bugsValue{set: &f.as, parse: parseRelease, typ: "VERSION"}
	cmd := &cobra.Command{
		Use:   "conform FILE|DIR...",
		Short: "Replay what a real ZooKeeper answered, and compare",
		Long: "Replay traces that were recorded from a real ZooKeeper, plain or gzip, and compare every answer, event\n" +
			"and transaction field by field, and in the end the whole tree. Of a folder, all files below it are taken\n" +
			"that end in .jsonl or .jsonl.gz. The server is alone, as the recorded one was; with --servers it is an\n" +
			"ensemble whose clients move between the servers. A trace is left at its first mismatch.\n\n" +
			"Without --as, the server has the bugs of ZooKeeper " + recordedRelease + ", which the recordings in\n" +
			"internal/conform/testdata/recordings are of.",
		Example: "  zabsim conform internal/conform/testdata/recordings\n  zabsim conform --as 3.9.3 --out prefixes mine.jsonl.gz",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("zabsim conform needs a recorded trace, or a folder of them")
			}
			if len(release.texts) == 0 {
				f.as, _ = bug.Profile(recordedRelease)
			}
			return a.conform(cmd.Context(), args, f)
		},
	}
	cmd.Flags().Var(release, "as", "the ZooKeeper release that was recorded, whose bugs are right here; "+recordedRelease+" if not given")
	cmd.Flags().Var(&f.servers, "servers", "how many servers")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object")
	cmd.Flags().BoolVar(&f.keepGoing, "keep-going", false, "go on with a trace behind a mismatch")
	cmd.Flags().StringVar(&f.out, "out", "", "write the shortest prefix of each trace with a mismatch into this folder")
	a.fromEnvironment(cmd, "as", "servers", "json", "keep-going", "out")
	complete(cmd, "as", append(bug.Releases(), bug.Newest))
	return cmd
}

// conform replays what args name and prints what came of it.
func (a *app) conform(ctx context.Context, args []string, f *conformFlags) error {
	files, err := traceFiles(args)
	if err != nil {
		return err
	}
	o := conform.Options{Bugs: f.as, Servers: f.servers.n, KeepGoing: f.keepGoing, Machine: conform.Tree}
	var results []*conform.Result
	for _, file := range files {
		if ctx.Err() != nil {
			panic(interrupted{})
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			return readable(file, err)
		}
		t, err := trace.Decode(file, raw)
		if err != nil {
			return usage("%w", err)
		}
		r, err := conform.Run(t, o)
		if err != nil {
			return conformError(file, err)
		}
		results = append(results, r)
	}
	if err := writePrefixes(f.out, results); err != nil {
		return err
	}
	s := conform.Sum(results)
	switch {
	case len(s.Mismatches) > 0:
		a.code = 1
	case s.Replayed == 0:
		a.code = exitStale
	}
	if f.json {
		return a.printJSON(s)
	}
	a.printConform(s, f.out != "")
	return nil
}

// conformError tells what can't be replayed apart from our own mistakes.
func conformError(file string, err error) error {
	if errors.Is(err, conform.ErrNotBuilt) {
		return usage("%s: %w; leave --servers out", file, err)
	}
	return internal(fmt.Errorf("%s: %w", file, err))
}

// traceFiles lists the files that args name, those of a folder in the order of
// their names.
func traceFiles(args []string) ([]string, error) {
	var files []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, readable(arg, err)
		}
		if !info.IsDir() {
			files = append(files, arg)
			continue
		}
		before := len(files)
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && (strings.HasSuffix(path, ".jsonl") || strings.HasSuffix(path, ".jsonl.gz")) {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, readable(arg, err)
		}
		if len(files) == before {
			return nil, usage("%s: there is no recorded trace below this folder; their names end in .jsonl or .jsonl.gz", arg)
		}
		slices.Sort(files[before:])
	}
	return files, nil
}

// writePrefixes writes, for each trace with a mismatch, the steps that show it.
func writePrefixes(dir string, results []*conform.Result) error {
	if dir == "" {
		return nil
	}
	for _, r := range results {
		if len(r.Mismatches) == 0 {
			continue
		}
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return readable(dir, err)
		}
		path := filepath.Join(dir, conform.PrefixFile(r.Trace))
		if err := os.WriteFile(path, r.Trace.WritePrefix(r.Mismatches[0].Step+1), 0o666); err != nil {
			return readable(path, err)
		}
	}
	return nil
}

// printConform prints a summary for people.
func (a *app) printConform(s *conform.Summary, written bool) {
	for i := range s.Mismatches {
		m := &s.Mismatches[i]
		if i > 0 && s.Mismatches[i-1].File == m.File && s.Mismatches[i-1].Step == m.Step {
			fmt.Fprintf(a.out, "  field     %s\n  expected  %s\n  got       %s\n", m.Field, m.Want, m.Got)
			continue
		}
		fmt.Fprintf(a.out, "MISMATCH %s, step %s: %s %s\n", m.Trace, m.StepName(), m.Session, m.Op)
		fmt.Fprintf(a.out, "  recorded  %s:%d\n", m.File, m.Line)
		fmt.Fprintf(a.out, "  prefix    %s\n", prefixText(m, written))
		fmt.Fprintf(a.out, "  field     %s\n  expected  %s\n  got       %s\n", m.Field, m.Want, m.Got)
	}
	a.printLeft("not replayed", s.Skipped)
	a.printLeft("ended by a race in ZooKeeper", s.Raced)
	fmt.Fprintf(a.out, "%s, %s, %s compared, %s\n", count(s.Traces, "trace"), count(s.Steps, "step"), count(s.Operations, "operation"),
		count(len(s.Mismatches), "mismatch"))
}

// prefixText says which part of a trace shows a mismatch.
func prefixText(m *conform.Found, written bool) string {
	if m.Final {
		return "the whole trace shows it, in the state behind its last step"
	}
	text := fmt.Sprintf("steps 0 to %d show it, and fewer do not", m.Step)
	if !written {
		text += "; --out DIR writes them as a trace"
	}
	return text
}

func (a *app) printLeft(what string, list []conform.Left) {
	for _, l := range list {
		fmt.Fprintf(a.out, "%s: %s: %s\n", what, l.Trace, l.Reason)
	}
}

// count writes "1 trace" or "2 traces".
func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "sh") || strings.HasSuffix(what, "ch"):
		return fmt.Sprintf("%d %ses", n, what)
	}
	return fmt.Sprintf("%d %ss", n, what)
}
