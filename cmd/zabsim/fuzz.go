package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zabsim/internal/nearest"
	"zabsim/reports/ci"
	"zabsim/scenarios"
	"zabsim/scenarios/fuzz"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
)

// fuzzFlags are the flags of zabsim fuzz.
type fuzzFlags struct {
	runs       runsValue
	budget     budgetValue
	seed       baseValue
	jobs       countValue
	shard      shardValue
	profile    string
	vary       string
	servers    countValue
	knobs      scenarios.Options
	bugs       bug.Set
	findings   countValue
	shrinkRuns runsValue
	corpus     string
	junit      string
	github     string
	keep       keepValue
	out        string
	json       bool

	counted bool        // --servers was given
	grained bool        // --grain was given
	others  [][2]string // flags that were given and say what a campaign does, but for those that command knows
}

func newFuzz(a *app) *cobra.Command {
	f := &fuzzFlags{
		seed: baseValue{word: "random"}, jobs: jobsValue(), servers: countValue{0, 1, plan.MaxServers},
		findings: countValue{5, 1, 1_000_000}, shrinkRuns: 1500, keep: keepValue{word: "failed"},
	}
	cmd := &cobra.Command{
		Use:   "fuzz [SCENARIO|FILE...]",
		Short: "Run many seeds inside a budget, and make what fails small",
		Long: "Replay the corpus, then run many seeds of some scenarios, or of all: each draws the size of its ensemble,\n" +
			"knobs and faults around those of its scenario, or of your file. Plans that reach something new are varied, one run in 20 is\n" +
			"run twice and must be the same. Failures with one signature are one finding; its smallest witness is shrunk,\n" +
			"and written into a run folder that zabsim replay, explain and corpus add take.\n\n" +
			"Without --runs and --budget it runs 1000x. The campaign is a function of its seed and of how many runs were\n" +
			"started: the number of jobs changes nothing, and wall time only decides how many there are.",
		Example: "  zabsim fuzz --runs 400x --seed 1\n  zabsim fuzz leader-crash --bug ZOOKEEPER-3911 --budget 60s\n" +
			"  zabsim fuzz --profile pr --junit zabsim.xml\n  zabsim fuzz chaos my.yaml --budget 1h --shard 2/4 --json",
		ValidArgsFunction: cobra.FixedCompletions(scenarios.Names(), cobra.ShellCompDirectiveDefault),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.counted, f.grained = cmd.Flags().Changed("servers"), cmd.Flags().Changed("grain")
			if err := f.useProfile(cmd); err != nil {
				return err
			}
			if cmd.Flags().Changed("runs") && f.runs == 0 {
				return usage("--runs 0x would run nothing: want 1x or more")
			}
			for _, name := range []string{"findings", "shrink", "corpus", "keep"} {
				if flag := cmd.Flags().Lookup(name); flag.Changed {
					f.others = append(f.others, [2]string{name, flag.Value.String()})
				}
			}
			return a.fuzz(cmd.Context(), args, f)
		},
	}
	f.define(a, cmd)
	return cmd
}

func (f *fuzzFlags) define(a *app, cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&f.runs, "runs", "how many runs, such as 10000x")
	flags.Var(&f.budget, "budget", "start runs for so much wall time, such as 5m")
	flags.Var(&f.seed, "seed", "base of all seeds; a number or random")
	flags.Var(&f.jobs, "jobs", "how many runs at a time")
	flags.Var(&f.shard, "shard", "this machine's share of the runs, such as 2/4")
	flags.StringVar(&f.profile, "profile", "", "`NAME` of a set of flags: pr (fixed seeds, below two minutes on 2 cores) or nightly (random seeds, an hour)")
	flags.StringVar(&f.vary, "vary", varySwarm, "`WHAT` runs differ in: swarm, or seed: all else as the scenario has it, which then\n"+
		"must reach, and be as fast as, what it says")
	flags.Var(&f.servers, "servers", "size of the ensemble, 1 to 8 (default: drawn)")
	grain := grainKnob()
	flags.Var(grain.value(&f.knobs), grain.flag, "atomic or threads (default: drawn)")
	flags.Lookup(grain.flag).DefValue = ""
	flags.Var(&bugsValue{set: &f.bugs, parse: parseBugs, typ: "NAME,..."}, "bug", "switch a historical bug on; see zabsim bugs")
	flags.Var(&bugsValue{set: &f.bugs, parse: parseRelease, typ: "VERSION"}, "as", "switch the bugs of a ZooKeeper release on, such as 3.6.2")
	flags.Var(&f.findings, "findings", "end after so many findings")
	flags.Var(&f.shrinkRuns, "shrink", "budget for making one finding small; 0x leaves it as it is")
	flags.StringVar(&f.corpus, "corpus", "builtin", "replay the corpus in this `DIR` first; builtin, or none")
	flags.StringVar(&f.junit, "junit", "", "write JUnit XML to this `FILE`")
	flags.StringVar(&f.github, "github", "auto", "`MODE` of annotations and a summary for GitHub Actions: auto, on or off")
	flags.Var(&f.keep, "keep", "run folders: failed (of each finding), all (of each run, too), or N findings at most")
	flags.StringVar(&f.out, "out", "runs", "write run folders below this `DIR`")
	flags.BoolVar(&f.json, "json", false, "print one object, and nothing else, to standard output; see zabsim schema fuzz")
	a.fromEnvironment(cmd, "runs", "budget", "seed", "jobs", "shard", "profile", "vary", "servers", "grain", "bug", "as", "findings",
		"shrink", "corpus", "junit", "github", "keep", "out", "json")
	complete(cmd, "bug", bugNames())
	complete(cmd, "as", append(bug.Releases(), bug.Newest))
	complete(cmd, "grain", []string{plan.GrainAtomic.String(), plan.GrainThreads.String()})
	complete(cmd, "profile", profileNames())
	complete(cmd, "vary", varyWords)
	complete(cmd, "github", ci.Modes())
	complete(cmd, "corpus", []string{"builtin", "none"})
}

// What the runs of a campaign differ in.
const (
	varySwarm = "swarm"
	varySeed  = "seed"
)

var varyWords = []string{varySwarm, varySeed}

// profile is a set of values for flags that are not given.
type profile struct {
	name   string
	values [][2]string
}

func profiles() []profile {
	return []profile{
		{"pr", [][2]string{{"seed", "1"}, {"runs", "5000x"}}},
		{"nightly", [][2]string{{"seed", "random"}, {"budget", "1h"}, {"findings", "20"}}},
	}
}

func profileNames() []string {
	var names []string
	for _, p := range profiles() {
		names = append(names, p.name)
	}
	return names
}

// useProfile sets what the command line and the environment have left open. Of runs and
// budget, one that is given stands for both.
func (f *fuzzFlags) useProfile(cmd *cobra.Command) error {
	i := slices.Index(profileNames(), f.profile)
	if f.profile != "" && i < 0 {
		return usage("--profile: there is no profile %q; %s are", f.profile, strings.Join(profileNames(), " and "))
	}
	flags := cmd.Flags()
	given := flags.Changed("runs") || flags.Changed("budget")
	if i < 0 {
		if !given {
			f.runs = 1000
		}
		return nil
	}
	for _, v := range profiles()[i].values {
		if flags.Changed(v[0]) || given && (v[0] == "runs" || v[0] == "budget") {
			continue
		}
		if err := flags.Set(v[0], v[1]); err != nil {
			return internal(err)
		}
	}
	return nil
}

// garbage is how much a heap may grow before the next collection, in percent: a worker
// throws a whole world away with each run, and little of it lives long. Two workers on
// two cores leave the collector none of its own: with 400 they were 1.75 times as fast as
// one, with 1600 they are 1.95 times, for 300 MB instead of 90.
const garbage = 1600

func (a *app) fuzz(ctx context.Context, args []string, f *fuzzFlags) error {
	list, err := scenarioList(args)
	if err != nil {
		return err
	}
	github, err := ci.FromEnvironment(f.github, a.env)
	if err != nil {
		return usage("--github: %w", err)
	}
	if f.counted {
		f.knobs.Servers = f.servers.n
	}
	f.knobs.Bugs = f.bugs
	if !slices.Contains(varyWords, f.vary) {
		return usage("--vary %q: want %s%s", f.vary, strings.Join(varyWords, " or "), nearest.Hint(f.vary, varyWords))
	}
	for _, x := range list {
		if err := x.Fits(max(f.knobs.Servers, 0)); f.counted && err != nil {
			return usage("--servers: %w", err)
		}
		if err := x.suits(x.Plan(1, f.knobs)); err != nil {
			return err
		}
	}
	var junit *os.File
	if f.junit != "" { // one that can't be written is known before the runs
		if junit, err = os.Create(f.junit); err != nil {
			return readable("--junit "+f.junit, err)
		}
		defer junit.Close()
	}
	if f.keep.allows(0) {
		if err := probe(f.out); err != nil {
			return err
		}
	}
	if old := debug.SetGCPercent(garbage); os.Getenv("GOGC") != "" {
		debug.SetGCPercent(old)
	}
	f.seed.draw()
	show := a.out
	if f.json {
		show = io.Discard
	}
	c := &campaign{app: a, flags: f, list: list, args: args, show: show, started: time.Now()}
	if err := c.run(ctx); err != nil {
		return err
	}
	if junit != nil {
		if err := ci.WriteJUnit(junit, &c.report); err != nil {
			return usage("--junit %s: %w", f.junit, err)
		}
	}
	annotate := a.out
	if f.json {
		annotate = a.err
	}
	if err := github.Publish(annotate, &c.report); err != nil {
		return usage("--github: %w", err)
	}
	if f.json {
		return c.report.Encode(a.out)
	}
	return nil
}

// probe tells before the runs whether what they find can be written below out, and
// leaves nothing behind.
func probe(out string) error {
	made := ""
	for dir := filepath.Clean(out); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		made = dir // the topmost that is not there
	}
	err := os.MkdirAll(out, 0o777)
	if err == nil {
		var f *os.File
		if f, err = os.CreateTemp(out, ".probe-*"); err == nil {
			err = errors.Join(f.Close(), os.Remove(f.Name()))
		}
	}
	for dir := filepath.Clean(out); made != ""; dir = filepath.Dir(dir) {
		_ = os.Remove(dir) // fails, as it should, where somebody has put something meanwhile
		if dir == made {
			made = ""
		}
	}
	if err != nil {
		return usage("--out %s: %w; choose a folder that can be written", quote(out), err)
	}
	return nil
}

// scenarioList returns the scenarios and files that are named, all that are built in if
// none is.
func scenarioList(args []string) ([]*subject, error) {
	if len(args) == 0 {
		args = scenarios.Names()
	}
	var list []*subject
	for _, arg := range args {
		x, err := findSubject(arg)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(list, func(y *subject) bool { return y.Name == x.Name }) {
			return nil, usage("%s is named twice", x.Name)
		}
		list = append(list, x)
	}
	return list, nil
}

// config is the campaign that the flags describe.
func (f *fuzzFlags) config(list []*subject) fuzz.Config {
	cfg := fuzz.Config{
		Seed: f.seed.n, Options: f.knobs, AsWritten: f.vary == varySeed, KeepGrain: f.grained, Runs: int(f.runs), Jobs: f.jobs.n,
		Shard: max(f.shard.n-1, 0), Shards: f.shard.of, Findings: f.findings.n,
	}
	for _, x := range list {
		cfg.Scenarios = append(cfg.Scenarios, x.Scenario)
	}
	return cfg
}

// command is the line that repeats the campaign: with the seed that was drawn, and with
// as many runs as there were.
func (f *fuzzFlags) command(args []string, runs int) string {
	words := []string{invocation, "fuzz"}
	for _, arg := range args {
		words = append(words, quote(filepath.ToSlash(arg)))
	}
	add := func(flag, text string) { words = append(words, "--"+flag, quote(text)) }
	add("seed", strconv.FormatUint(f.seed.n, 10))
	add("runs", fmt.Sprintf("%dx", runs))
	if f.vary == varySeed {
		add("vary", f.vary)
	}
	if f.shard.of > 1 {
		add("shard", f.shard.String())
	}
	if f.counted {
		add("servers", strconv.Itoa(f.servers.n))
	}
	if f.grained {
		add("grain", f.knobs.Grain.String())
	}
	if f.bugs != (bug.Set{}) {
		add("bug", bug.Names(f.bugs))
	}
	for _, x := range f.others {
		add(x[0], x[1])
	}
	return strings.Join(words, " ")
}
