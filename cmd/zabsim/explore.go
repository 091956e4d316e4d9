package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zabsim/internal/runfolder"
	"zabsim/scenarios/hunts"
	"zabsim/sim/explore"
	"zabsim/sim/explore/path"
	"zabsim/zab/bug"
)

// exploreFlags are the flags of zabsim explore.
type exploreFlags struct {
	model     explore.Model
	workers   countValue
	maxStates statesValue
	depth     countValue
	strategy  wordOf[explore.Strategy]
	walks     countValue
	seed      seedValue
	reduce    wordOf[explore.Reduction]
	liveness  bool
	maxMemory bytesValue
	wide      bool
	save      string
	resume    string
	out       string
	json      bool
}

// deepest is more than any search gets to.
const deepest = 1_000_000

// mostWalks is more than anybody waits for.
const mostWalks = 1_000_000_000

func newExplore(a *app) *cobra.Command {
	f := &exploreFlags{model: defaultModel(), workers: countValue{min(runtime.GOMAXPROCS(0), mostJobs), 1, mostJobs}, depth: countValue{0, 0, deepest},
		walks: countValue{1000, 1, mostWalks}, seed: 1, strategy: wordOf[explore.Strategy]{parse: explore.ParseStrategy}, reduce: wordOf[explore.Reduction]{parse: explore.ParseReduction}}
	cmd := &cobra.Command{
		Use:   "explore",
		Short: "Visit every schedule of a small ensemble, within bounds",
		Long: "Visit every state that a small ensemble can reach, over the code that zabsim run runs: each message that\n" +
			"may arrive next, each disk write that may end, each crash, and what it leaves, is tried in each state, and\n" +
			"every promise is checked at every step. Within its bounds a search that ends without a violation is a\n" +
			"proof, unless two states share a fingerprint: the odds are printed, and --wide makes them far smaller.\n" +
			"What can go wrong is counted: --crashes 1 means one crash in the whole of a schedule, at any point of it.\n\n" +
			"A violation comes with a shortest schedule that leads to it, as a plan for zabsim replay. A search that\n" +
			"spends its budget, or is interrupted, says to which depth it knows all schedules, and exits with 2 or 130.\n" +
			"No count depends on the number of workers.",
		Example: "  zabsim explore\n  zabsim explore --servers 3 --txns 1 --crashes 1 --restarts 1\n" +
			"  zabsim explore --bug ZOOKEEPER-4643\n  zabsim explore --as 3.7.0 --json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("%s takes flags only, not %q; --scenario NAME is where a search begins", cmd.CommandPath(), strings.Join(args, " "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.fill(cmd)
			return a.explore(cmd, f)
		},
	}
	f.define(a, cmd)
	return cmd
}

// defaultModel is what is searched when nobody says what: small enough for half a
// minute, and all of it.
func defaultModel() explore.Model {
	return explore.Model{Servers: 3, Writes: 2, Crashes: 1, Restarts: 1}
}

// modelFlags say what a search is of.
var modelHelp = []struct{ name, help string }{
	{"servers", "voters"},
	{"observers", "observers beside them"},
	{"txns", "writes, one after the other, by one client"},
	{"crashes", "how many processes may end; of what is not synced any part survives"},
	{"restarts", "how many that have ended may start again"},
	{"reboots", "crashes with a restart in the same step"},
	{"cuts", "connections that may break, seen by one end first"},
	{"timeouts", "waits that may end before what they wait for"},
	{"rounds", "roles that end, so that their servers elect again (--election fle-only)"},
	{"counter-max", "the counter of a zxid at which a new epoch begins; 0 is ZooKeeper's own"},
	{"grain", "who interleaves: whole servers, or each of their threads"},
	{"election", "oracle: any quorum elects whom none of them beats, in one step; fle: by notifications; fle-only: and nothing after"},
	{"tree", "what transactions change"},
	{"stages", "the stages of writing an epoch file at which a crash is tried"},
	{"fsync", "when a disk write becomes durable: at any later step, or before anything else, as in specifications without disks"},
	{"disks", "what the servers begin with, currentEpoch:zxid for each, such as 1:1.1,2:1.1,1:1.1"},
	{"scenario", "where the search begins (default: all servers look for a leader)"},
}

func (f *exploreFlags) define(a *app, cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	names := []string{}
	for _, h := range modelHelp {
		flags.Var(&wordValue{&f.model, h.name}, h.name, h.help)
		names = append(names, h.name)
		if values := explore.WordValues(h.name); values != nil {
			complete(cmd, h.name, values)
		}
	}
	complete(cmd, "scenario", situationNames())
	flags.Lookup("scenario").Usage += "\none of " + strings.Join(situationNames(), ", ")
	flags.Var(&bugsValue{set: &f.model.Bugs, parse: parseBugs, typ: "NAME,..."}, "bug", "switch a historical bug on; see zabsim bugs")
	flags.Var(&bugsValue{set: &f.model.Bugs, parse: parseRelease, typ: "VERSION"}, "as", "switch the bugs of a ZooKeeper release on, such as 3.7.0")
	flags.Var(&f.workers, "workers", "how many threads search")
	flags.Var(&f.maxStates, "max-states", "end at a level that has so many distinct states, such as 5M (default: no limit)")
	flags.Var(&f.depth, "depth", "longest schedule; 0: no limit")
	flags.Var(&f.strategy, "search", "bfs: level by level; dfs: deep first; iddfs: dfs to one depth after the other; random: walks of --depth steps")
	flags.Var(&f.walks, "walks", "how many, with --search random")
	flags.Var(&f.seed, "seed", "of random walks")
	flags.Var(&f.reduce, "reduce", "none; sleep: leave out transitions that others make superfluous, no state is lost; or\nample: leave out states, too, whose order changes no verdict")
	flags.BoolVar(&f.liveness, "liveness", false, "also report states from which, without further trouble, no write ever commits")
	flags.Var(&f.maxMemory, "max-memory", "end before more memory is taken, all in (default: 16GiB, or three quarters of what is free)")
	flags.BoolVar(&f.wide, "wide", false, "fingerprints of 128 bits in place of 64")
	flags.StringVar(&f.save, "checkpoint", "", "write this `FILE` now and then, and when the search ends early: --resume goes on from it")
	flags.StringVar(&f.resume, "resume", "", "go on from the checkpoint in this `FILE`: of the same model and the same build")
	flags.StringVar(&f.out, "out", "runs", "write the plan of a violation below this `DIR`")
	flags.BoolVar(&f.json, "json", false, "print one object, and nothing else, to standard output")
	a.fromEnvironment(cmd, append(names, "bug", "as", "workers", "max-states", "depth", "search", "walks", "seed", "reduce", "liveness", "max-memory", "wide", "checkpoint", "resume", "out", "json")...)
	complete(cmd, "search", []string{"bfs", "dfs", "iddfs", "random"})
	complete(cmd, "reduce", []string{"none", "sleep", "ample"})
	complete(cmd, "bug", bugNames())
	complete(cmd, "as", append(bug.Releases(), bug.Newest))
}

func situationNames() []string {
	var names []string
	for _, s := range explore.Situations() {
		names = append(names, s.Name)
	}
	return names
}

// search is one search and what came of it.
type search struct {
	cfg     explore.Config
	result  explore.Result
	elapsed time.Duration
	path    *path.Path // of a violation
	plan    string     // the file of the path
	story   []string
}

// fill sets what the command line has left open. A single bug without bounds is looked
// for in the smallest configuration that is known to show it. An election alone has no
// transactions. And memory that is there, but not all of it, may be used.
func (f *exploreFlags) fill(cmd *cobra.Command) {
	given := func(names ...string) bool { return slices.ContainsFunc(names, cmd.Flags().Changed) }
	var names []string
	for _, h := range modelHelp {
		names = append(names, h.name)
	}
	if h, ok := hunts.Of(onlyBug(f.model.Bugs)); ok && h.Search != nil && !given(names...) {
		f.model = h.Search.Model
		f.model.Bugs = f.model.Bugs.With(h.Switch)
	}
	if f.model.Election == explore.ElectionOnly && !given("txns") {
		f.model.Writes = 0
	}
	if plain := f.strategy.value == explore.BFS && !f.liveness; plain && !given("max-memory") {
		f.maxMemory = bytesValue(min(explore.FreeMemory()/4*3>>20<<20, mostMemory))
	}
}

// mostMemory is what a search takes at most if nobody says more.
const mostMemory = 16 << 30

// onlyBug returns the one switch in a set, and one that does not exist if there are
// more or none.
func onlyBug(set bug.Set) bug.Switch {
	for _, i := range bug.All() {
		if set == (bug.Set{}).With(i.Switch) {
			return i.Switch
		}
	}
	return bug.Switch(len(bug.All()))
}

// config is the search that the flags ask for.
func (f *exploreFlags) config() explore.Config {
	cfg := explore.Config{
		Model: f.model, Workers: f.workers.n, MaxStates: uint64(f.maxStates), MaxDepth: f.depth.n, Memo: true,
		Strategy: f.strategy.value, Reduce: f.reduce.value, Liveness: f.liveness,
		MaxMemory: uint64(f.maxMemory), Wide: f.wide, Checkpoint: f.save, Resume: f.resume,
	}
	if cfg.Strategy == explore.Random {
		cfg.Walks, cfg.Seed = f.walks.n, uint64(f.seed)
		if cfg.MaxDepth == 0 {
			cfg.MaxDepth = walkSteps
		}
	}
	return cfg
}

// walkSteps is how long a random walk is unless --depth says.
const walkSteps = 200

func (a *app) explore(cmd *cobra.Command, f *exploreFlags) error {
	s := &search{cfg: f.config()}
	if err := s.cfg.Check(); err != nil {
		return usage("%w", err)
	}
	show := a.out
	if f.json {
		show = io.Discard
	}
	s.describe(show)
	s.run(cmd.Context(), a.err)
	switch r := &s.result; {
	case r.End == explore.EndRefused:
		return usage("%w", r.Err)
	case r.Err != nil:
		fmt.Fprintf(a.err, "zabsim: %v\n", r.Err)
	}
	if s.result.Violation != nil && len(s.result.Path) > 0 {
		if err := s.keep(a, f.out); err != nil {
			return err
		}
	}
	a.code = s.exit(cmd.Context())
	if f.json {
		return a.printJSON(s.document(a.code))
	}
	s.print(show, a.code)
	return nil
}

// run searches, and says each second on w how far it is. Ctrl-C ends it with what is
// known.
func (s *search) run(ctx context.Context, w io.Writer) {
	s.cfg.Stop = ctx.Done()
	begun := time.Now()
	s.cfg.Progress = func(p explore.Progress) { fmt.Fprintln(w, s.progress(p, time.Since(begun))) }
	s.result = explore.Run(s.cfg)
	s.elapsed = time.Since(begun)
}

// exit turns what a search found into an exit code.
func (s *search) exit(ctx context.Context) int {
	switch r := &s.result; {
	case r.Violation != nil:
		return exitViolated
	case r.End == explore.EndDisk:
		return exitUsage
	case ctx.Err() != nil:
		return exitInterrupted
	case !r.Complete:
		return exitUnknown
	case s.vacuous() != "":
		return exitStale
	}
	return 0
}

// vacuous says what a complete search never reached, without which it has checked
// nothing: "" if it has.
func (s *search) vacuous() string {
	if s.cfg.Scenario != "" && s.result.Transitions > 0 {
		return "" // what it begins with has committed and is at stake
	}
	want := "commit"
	if s.cfg.Writes == 0 {
		want = "established"
	}
	if s.cfg.Election == explore.ElectionOnly || slices.Contains(s.result.Seen.Names(), want) {
		return ""
	}
	return want
}

// keep writes the folder of a violation: the plan, and the story of it.
func (s *search) keep(a *app, out string) error {
	s.path = path.Of(&s.cfg, s.result.Path)
	folder, err := runfolder.Create(out, exploreFolder, 0, uint32(s.path.Expect.Fingerprint))
	if err != nil {
		return usage("%w", err)
	}
	defer folder.Abort()
	var story strings.Builder
	s.path.Play(func(_ int, lines []string) {
		for _, l := range lines {
			fmt.Fprintln(&story, l)
			s.story = append(s.story, l)
		}
	})
	for _, f := range []struct{ name, text string }{{runfolder.PlanFile, s.path.String()}, {runfolder.StoryFile, story.String()}} {
		file, err := folder.File(f.name)
		if err != nil {
			return usage("%w", err)
		}
		_, err = io.WriteString(file, f.text)
		if err := cmp.Or(err, file.Close()); err != nil {
			return usage("%w", err)
		}
	}
	name, err := folder.Commit()
	if err != nil {
		return usage("%w", err)
	}
	s.plan = filepath.ToSlash(filepath.Join(name, runfolder.PlanFile))
	return nil
}

// exploreFolder is the folder of all searches, where runs have one for each scenario.
const exploreFolder = "explore"
