// Command cmd measures how much of what is wrong the checkers catch. See package mutants.
//
//	go run ./internal/mutants/cmd --seed 1 --count 300 --jobs 2
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"zabsim/internal/mutants"
)

func main() {
	cfg := mutants.Config{Log: func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }}
	flag.StringVar(&cfg.Root, "root", ".", "the root of the repository")
	flag.StringVar(&cfg.Dir, "out", filepath.Join("runs", "mutants"), "where the binary and the results are kept; the same one goes on")
	flag.Uint64Var(&cfg.Seed, "seed", 1, "of the sample and of the runs")
	flag.IntVar(&cfg.Count, "count", 300, "how many mutants are drawn")
	flag.IntVar(&cfg.Jobs, "jobs", 2, "how many at a time")
	flag.IntVar(&cfg.Limit, "limit", 0, "try so many at most, and go on another time; 0: all")
	flag.Uint64Var(&cfg.Events, "events", 5_000_000, "events of fuzz for each")
	flag.Uint64Var(&cfg.States, "states", 1_000_000, "states of search for each")
	flag.DurationVar(&cfg.Stall, "stall", 10*time.Second, "an event that takes longer hangs, and a search that takes six times as long")
	flag.DurationVar(&cfg.Wall, "wall", 2*time.Minute, "a mutant that takes longer hangs")
	flag.StringVar(&cfg.Only, "only", "", "draw from the mutants whose key contains this")
	judged := flag.String("judgments", filepath.Join("internal", "mutants", "judgments.txt"), "what people found about survivors")
	report := flag.String("report", "", "write the report there, as Markdown, when all are tried: internal/mutants/REPORT.md is published")
	list := flag.Bool("list", false, "print all mutants and stop")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, cfg, *judged, *report, *list); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, cfg mutants.Config, judged, report string, list bool) error {
	if list {
		texts, err := mutants.ReadSources(cfg.Root)
		if err != nil {
			return err
		}
		sites, err := mutants.Find(texts)
		for i := range sites {
			fmt.Println(i, &sites[i])
		}
		return err
	}
	judgments, err := mutants.ReadJudgments(judged)
	if err != nil {
		return err
	}
	m, err := mutants.Measure(ctx, cfg)
	if err != nil {
		return err
	}
	if n := m.Todo(); n > 0 {
		cfg.Log("%d of %d are left: the same command goes on with them", n, len(m.Picked))
		return nil
	}
	r := mutants.NewReport(m, judgments)
	fmt.Print(r.Text())
	if report == "" {
		return nil
	}
	return os.WriteFile(report, []byte(r.Markdown()), 0o644)
}
