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
	seed             seedValue
	servers, clients countValue
	length           timeValue
	zooCfg           string
	bugs             bug.Set
	out              string
	json             bool
}

func newRun(a *app) *cobra.Command {
	f := &runFlags{
		seed:    1,
		servers: countValue{scenarios.DefaultServers, 1, plan.MaxServers},
		clients: countValue{scenarios.DefaultClients, 0, plan.MaxClients},
	}
	cmd := &cobra.Command{
		Use:   "run [SCENARIO]",
		Short: "Run one scenario under one seed, judge it, and write a run folder",
		Long: "Run one scenario under one seed (without a name: " + scenarios.Default + "), check every promise,\n" +
			"and write a run folder: plan, trace, events, history, verdicts and plots.\n" +
			"Equal command lines give equal bytes.",
		Example: "  zabsim run\n  zabsim run leader-crash --seed 7 --servers 3\n" +
			"  zabsim run chaos --for 5m --bug ZOOKEEPER-3911\n  zabsim run steady --zoo-cfg conf/zoo.cfg --json",
		Args:              atMost(1, "one scenario"),
		ValidArgsFunction: cobra.FixedCompletions(scenarios.Names(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := scenarios.Default
			if len(args) > 0 {
				name = args[0]
			}
			both := cmd.Flags().Changed("servers") && f.zooCfg != ""
			return a.run(cmd.Context(), name, f, both)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&f.seed, "seed", "where all randomness comes from; decimal or 0x...")
	flags.Var(&f.servers, "servers", "size of the ensemble, 1 to 8")
	flags.Var(&f.clients, "clients", "how many clients, 0 to 64")
	flags.Var(&f.length, "for", "simulated time until everything is healed (default: the scenario's)")
	flags.StringVar(&f.zooCfg, "zoo-cfg", "", "take servers, quorum and time limits from this zoo.cfg `FILE`")
	flags.Var(&bugsValue{set: &f.bugs, parse: parseBugs, typ: "NAME,..."}, "bug", "switch a historical bug on; see zabsim bugs")
	flags.Var(&bugsValue{set: &f.bugs, parse: parseRelease, typ: "VERSION"}, "as", "switch the bugs of a ZooKeeper release on, such as 3.6.2")
	flags.StringVar(&f.out, "out", "runs", "write the run folder below this `DIR`")
	flags.BoolVar(&f.json, "json", false, "print run.json, and nothing else, to standard output")
	a.fromEnvironment(cmd, "seed", "servers", "clients", "for", "zoo-cfg", "bug", "as", "out", "json")
	complete(cmd, "bug", bugNames())
	complete(cmd, "as", append(bug.Releases(), bug.Newest))
	return cmd
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

func (a *app) run(ctx context.Context, name string, f *runFlags, both bool) error {
	s, err := scenarios.Lookup(name)
	if err != nil {
		return usage("%w; see zabsim scenarios", err)
	}
	if both {
		return usage("--servers and --zoo-cfg contradict each other: %s says which servers there are, so leave --servers out", f.zooCfg)
	}
	var zoo *zooFile
	if f.zooCfg != "" {
		if zoo, err = readZooFile(f.zooCfg); err != nil {
			return err
		}
	}
	p, err := f.plan(s, zoo)
	if err != nil {
		return err
	}
	rec, err := a.startFolder(p, f.out)
	if err != nil {
		return err
	}
	defer rec.abort()
	show := io.Discard
	if !f.json {
		show = a.out
	}
	printConfig(show, p, zoo)
	flags := command(p)
	o := rec.execute(ctx, p)
	res, err := rec.keep(ctx, o, recordedRepro(flags, true))
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

// plan returns the plan that the flags ask for.
func (f *runFlags) plan(s *scenarios.Scenario, zoo *zooFile) (*plan.Plan, error) {
	o := scenarios.Options{Servers: f.servers.n, Clients: f.clients.n, For: host.Duration(f.length), Bugs: f.bugs}
	if zoo != nil {
		zoo.options(&o)
	}
	p := newPlan(s, uint64(f.seed), o, f.clients.n)
	if err := p.Check(); err != nil {
		text := strings.TrimPrefix(err.Error(), "plan: ")
		if zoo != nil {
			text = zoo.blame(text) + text
		}
		return nil, usage("%s", text)
	}
	return p, nil
}

// newPlan is Scenario.Plan, except that no clients means none and not the
// default.
func newPlan(s *scenarios.Scenario, seed uint64, o scenarios.Options, clients int) *plan.Plan {
	p := s.Plan(seed, o)
	if clients == 0 {
		p.Clients, p.Ops = 0, nil
	}
	return p
}

// defaultRoot is the folder of runs that nobody has named otherwise.
const defaultRoot = "runs"

// result is a run that was kept.
type result struct {
	run       *runfolder.Run
	failovers []failover
	path      string // of the run folder, "" if there is none
}
