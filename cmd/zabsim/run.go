package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"zabsim/internal/runfolder"
	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/host"
)

// runFlags are the flags of zabsim run.
type runFlags struct {
	seed               seedValue
	servers, observers countValue
	clients            clientsValue
	length             timeValue
	zooCfg             string
	knobs              scenarios.Options // what their flags have set, and nothing else
	bugs               bug.Set
	out                string
	json               bool

	counted, watched bool // --servers and --observers were given
}

func newRun(a *app) *cobra.Command {
	f := &runFlags{
		seed:      1,
		servers:   countValue{scenarios.DefaultServers, 1, plan.MaxServers},
		observers: countValue{0, 0, plan.MaxServers - 1},
	}
	cmd := &cobra.Command{
		Use:   "run [SCENARIO|FILE]",
		Short: "Run one scenario under one seed, judge it, and write a run folder",
		Long: "Run one scenario under one seed (without a name: " + scenarios.Default + "), check every promise,\n" +
			"and write a run folder: plan, trace, events, history, verdicts and plots.\n" +
			"A file such as my.yaml is a scenario of your own; zabsim scenarios leader-crash --yaml prints one to begin with.\n" +
			"Knobs of the servers that are not given are the scenario's, or else ZooKeeper's defaults.\n" +
			"Equal command lines give equal bytes.",
		Example: "  zabsim run\n  zabsim run leader-crash --seed 7 --servers 3\n" +
			"  zabsim run chaos --for 5m --bug ZOOKEEPER-3911\n  zabsim run steady --zoo-cfg conf/zoo.cfg --json",
		Args:              atMost(1, "one scenario"),
		ValidArgsFunction: cobra.FixedCompletions(scenarios.Names(), cobra.ShellCompDirectiveDefault),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := scenarios.Default
			if len(args) > 0 {
				name = args[0]
			}
			f.counted, f.watched = cmd.Flags().Changed("servers"), cmd.Flags().Changed("observers")
			return a.run(cmd.Context(), name, f)
		},
	}
	f.define(cmd)
	names := []string{"seed", "servers", "observers", "clients", "for", "zoo-cfg", "bug", "as", "out", "json"}
	for _, k := range knobs() {
		names = append(names, k.flag)
	}
	a.fromEnvironment(cmd, names...)
	complete(cmd, "bug", bugNames())
	complete(cmd, "as", append(bug.Releases(), bug.Newest))
	complete(cmd, "grain", []string{plan.GrainAtomic.String(), plan.GrainThreads.String()})
	return cmd
}

// define adds the flags in the order of the help: what is run, how, and where to.
func (f *runFlags) define(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&f.seed, "seed", "where all randomness comes from; decimal or 0x...")
	flags.Var(&f.servers, "servers", "size of the ensemble, 1 to 8, observers included")
	flags.Var(&f.observers, "observers", "how many of the servers, the last ones, don't vote (default: the scenario's)")
	flags.Var(&f.clients, "clients", "how many clients, 0 to 64, or 2n: two for each server (default: the scenario's)")
	flags.Var(&f.length, "for", "simulated time until everything is healed (default: the scenario's)")
	flags.StringVar(&f.zooCfg, "zoo-cfg", "", "take servers, quorum and time limits from this zoo.cfg `FILE`")
	for _, k := range knobs() {
		flags.Var(k.value(&f.knobs), k.flag, k.doc)
	}
	flags.Var(&bugsValue{set: &f.bugs, parse: parseBugs, typ: "NAME,..."}, "bug", "switch a historical bug on; see zabsim bugs")
	flags.Var(&bugsValue{set: &f.bugs, parse: parseRelease, typ: "VERSION"}, "as", "switch the bugs of a ZooKeeper release on, such as 3.6.2")
	flags.StringVar(&f.out, "out", "runs", "write the run folder below this `DIR`")
	flags.BoolVar(&f.json, "json", false, "print run.json, and nothing else, to standard output")
}

func parseBugs(text string) (bug.Set, error) {
	s, err := bug.Parse(text)
	if err != nil {
		err = fmt.Errorf("%w; zabsim bugs lists them", err)
	}
	return s, err
}

func parseRelease(text string) (bug.Set, error) {
	s, err := bug.Profile(text)
	if err != nil {
		err = fmt.Errorf("%w; known are those from %s up to the last of each line: %s, and %s",
			err, bug.Releases()[0], strings.Join(bug.LastOfLines(), ", "), bug.Newest)
	}
	return s, err
}

// complete offers words for a flag's value. The only error is a flag that the
// line above has not defined.
func complete(cmd *cobra.Command, flag string, words []string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err)
	}
}

func (a *app) run(ctx context.Context, name string, f *runFlags) error {
	x, err := findSubject(name)
	if err != nil {
		return err
	}
	if err := f.contradiction(); err != nil {
		return err
	}
	var zoo *zooFile
	if f.zooCfg != "" {
		if zoo, err = readZooFile(f.zooCfg); err != nil {
			return err
		}
	}
	p, err := f.plan(x, zoo)
	if err != nil {
		return err
	}
	rec, err := a.startFolderOf(x, p, f.out)
	if err != nil {
		return err
	}
	defer rec.abort()
	show := io.Discard
	if !f.json {
		show = a.out
	}
	printConfig(show, x, p, zoo)
	flags := command(x, p)
	recorded := flags
	if x.path != "" {
		recorded = "" // the folder is no place for a path of somewhere else
	}
	o := rec.execute(ctx, p)
	res, err := rec.keep(ctx, o, recordedRepro(recorded, true))
	if err != nil {
		return err
	}
	a.code = o.Verdict.Exit()
	if f.json {
		return res.run.Encode(a.out)
	}
	printResult(show, o, res)
	printEnd(show, res.path, printedRepro(flags, res.path))
	return nil
}

// contradiction finds flags that can't be meant together.
func (f *runFlags) contradiction() error {
	for _, said := range []struct {
		flag  string
		given bool
	}{{"--servers", f.counted}, {"--observers", f.watched}} {
		if said.given && f.zooCfg != "" {
			return usage("%s and --zoo-cfg contradict each other: %s says which servers there are, so leave %s out",
				said.flag, f.zooCfg, said.flag)
		}
	}
	if f.observers.n >= f.servers.n {
		return usage("--observers %d of %s leaves nobody who votes: want at most %d", f.observers.n,
			plural(f.servers.n, "server"), f.servers.n-1)
	}
	return nil
}

// options is what the flags say. A flag wins over the file of --zoo-cfg.
func (f *runFlags) options(zoo *zooFile) scenarios.Options {
	o := f.knobs
	o.For, o.Bugs = host.Duration(f.length), f.bugs
	if f.counted {
		o.Servers = f.servers.n
	}
	switch {
	case f.observers.n > 0:
		o.Observers = f.observers.n
	case f.watched:
		o.Observers = scenarios.NoObservers
	}
	if zoo != nil {
		zoo.options(&o)
	}
	return o
}

// plan returns the plan that the flags ask for.
func (f *runFlags) plan(s *subject, zoo *zooFile) (*plan.Plan, error) {
	o := f.options(zoo)
	p := s.Plan(uint64(f.seed), o)
	servers := p.Quorum.All().Len()
	if err := s.Fits(servers); err != nil {
		return nil, usage("%w", err)
	}
	var err error
	if o.Clients, err = f.clients.of(servers); err != nil {
		return nil, err
	}
	if o.Clients != 0 {
		p = s.Plan(uint64(f.seed), o)
	}
	if err := p.Check(); err != nil {
		text := strings.TrimPrefix(err.Error(), "plan: ")
		if zoo != nil {
			text = zoo.blame(text) + text
		}
		return nil, usage("%s", text)
	}
	return p, s.suits(p)
}

// defaultRoot is the folder of runs that nobody has named otherwise.
const defaultRoot = "runs"

// result is a run that was kept.
type result struct {
	run       *runfolder.Run
	failovers []failover
	path      string // of the run folder, "" if there is none
}
