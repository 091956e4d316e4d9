package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zabsim/scenarios/fuzz"
	"zabsim/scenarios/hunts"
	"zabsim/sim/shrink"
	"zabsim/zab/bug"
)

// bugsRunFlags is what zabsim bugs run was asked for.
type bugsRunFlags struct {
	random, search, reference bool
	full, published           bool
	shrink                    countValue
	jobs                      countValue
	json                      bool
	into                      string
}

// fullShrink is how many smaller plans --full tries for each bug.
const fullShrink = 2000

func newBugsRun(a *app) *cobra.Command {
	f := &bugsRunFlags{shrink: countValue{0, 0, 1_000_000}, jobs: countValue{runtime.GOMAXPROCS(0), 1, 1024}}
	cmd := &cobra.Command{
		Use:   "run [NAME]...",
		Short: "Hunt the bugs, and print by what they are caught",
		Long: "Hunt the historical bugs, all or those that are named, each in every way that is known to catch it:\n" +
			"by runs of a scenario under one seed after the other, by exhaustive search of the smallest model in\n" +
			"which it shows, or by comparison with a model of what clients see. What is printed is the track\n" +
			"record: which check noticed, after how many runs or states, and beside it what others have published.\n\n" +
			"Without --full the hunts are short: they begin near seeds that are known. The exit code is 7 if a bug\n" +
			"was not caught within its budget, or was noticed by a check that it does not break.",
		Example: "  zabsim bugs run ZOOKEEPER-4643\n  zabsim bugs run --search --json\n  zabsim bugs run --full --into zab/bug/TRACK.md",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.bugsRun(cmd.Context(), args, f, cmd.Flags().Changed("shrink"))
		},
		ValidArgsFunction: cobra.FixedCompletions(bugNames(), cobra.ShellCompDirectiveNoFileComp),
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&f.random, "random", false, "hunt by runs of a scenario, and not in the other ways unless they are named, too")
	flags.BoolVar(&f.search, "search", false, "hunt by exhaustive search")
	flags.BoolVar(&f.reference, "reference", false, "hunt by comparing trees, sessions and snapshots")
	flags.BoolVar(&f.full, "full", false, fmt.Sprintf("begin at seed 1, with a budget of %s seeds, and shrink what is found", grouped(hunts.FullSeeds)))
	flags.BoolVar(&f.published, "published", false, "only the bugs of which others have published figures")
	flags.Var(&f.shrink, "shrink", fmt.Sprintf("try so many smaller plans for each run that was caught (with --full: %s)", grouped(fullShrink)))
	flags.Var(&f.jobs, "jobs", "how many runs at a time, and workers of a search")
	flags.BoolVar(&f.json, "json", false, "print one JSON object, and nothing else, to standard output")
	flags.StringVar(&f.into, "into", "", "also write the table into `FILE`, between the lines that mark its place")
	a.fromEnvironment(cmd, "random", "search", "reference", "full", "published", "shrink", "jobs", "json", "into")
	return cmd
}

// trackRow is a bug with how its hunts went.
type trackRow struct {
	hunt  hunts.Hunt
	info  bug.Info
	tries []try
}

// try is how one way of hunting went.
type try struct {
	way    hunts.Way
	catch  *hunts.Catch // nil: not caught
	right  bool
	took   time.Duration
	shrunk *shrink.Report
	lines  int // of the shrunk plan
}

func (t *try) good() bool { return t.catch != nil && t.right }

func (a *app) bugsRun(ctx context.Context, names []string, f *bugsRunFlags, shrinkSet bool) error {
	list, err := pickBugs(names, bug.Set{}, false)
	if err != nil {
		return err
	}
	if f.into != "" {
		if err := canSplice(f.into); err != nil {
			return err
		}
	}
	if f.full && !shrinkSet {
		f.shrink.n = fullShrink
	}
	show := a.out
	if f.json {
		show = io.Discard
	}
	rows, err := a.huntAll(ctx, list, f, show)
	interrupted := errors.Is(err, context.Canceled)
	if err != nil && !interrupted {
		return err
	}
	a.code = trackExit(rows)
	if interrupted {
		a.code = exitInterrupted
		fmt.Fprintln(a.err, "zabsim: interrupted: what was hunted so far is above")
	}
	printTotal(show, rows)
	if f.into != "" && !interrupted {
		if err := splice(f.into, trackTable(rows)); err != nil {
			return err
		}
	}
	if f.json {
		return a.printJSON(trackJSONOf(rows, a.code))
	}
	return nil
}

// huntAll hunts one bug after the other and prints each. After an interrupt it returns
// what it has.
func (a *app) huntAll(ctx context.Context, list []bug.Info, f *bugsRunFlags, show io.Writer) ([]trackRow, error) {
	var rows []trackRow
	for _, info := range list {
		if _, ok := hunts.Of(info.Switch); !ok {
			return nil, internal(fmt.Errorf("%s has no hunt", info.Name))
		}
	}
	for _, info := range list {
		h, _ := hunts.Of(info.Switch)
		if f.published && len(h.Published) == 0 {
			continue
		}
		row := trackRow{hunt: h, info: info}
		fmt.Fprintf(show, "%s  %s\n", info.Name, shortIssues(info))
		for _, w := range h.Ways() {
			if !f.wants(w) {
				continue
			}
			t, err := huntOne(ctx, &h, w, f)
			if err != nil {
				return rows, err
			}
			row.tries = append(row.tries, t)
			fmt.Fprintf(show, "  %-11s %s\n", w.Name(), t.inWords(&row))
			if again := t.command(&h); again != "" && len(list) <= fewBugs {
				fmt.Fprintf(show, "  %-11s %s\n", "", again)
			}
		}
		if len(row.tries) == 0 {
			fmt.Fprintln(show, "  is not hunted that way")
		}
		if why := h.Unsearched; why != "" {
			fmt.Fprintf(show, "  %-11s %s\n", "no search", why)
		}
		for _, p := range h.Published {
			fmt.Fprintf(show, "  %-11s %s\n", "published", publishedInWords(p))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// fewBugs is up to how many bugs each line is followed by the command that repeats it.
const fewBugs = 5

// command is what shows the bug again, "" if no single command does.
func (t *try) command(h *hunts.Hunt) string {
	switch c := t.catch; {
	case c == nil:
	case c.States != nil:
		return exploreCommand(&c.States.Config.Model)
	case c.Run != nil && h.Random.Fault == nil: // no flag adds a fault
		p, _ := h.Random.Plan(h.Switch, c.Run.Seed)
		return command(subjectOf(p, ""), p)
	}
	return ""
}

// wants tells whether a way is one of those that were named, if some were.
func (f *bugsRunFlags) wants(w hunts.Way) bool {
	if !f.random && !f.search && !f.reference {
		return true
	}
	switch w.Name() {
	case "random":
		return f.random
	case "search":
		return f.search
	}
	return f.reference
}

func huntOne(ctx context.Context, h *hunts.Hunt, w hunts.Way, f *bugsRunFlags) (try, error) {
	start := time.Now()
	c, err := h.Go(ctx, w, hunts.Effort{Jobs: f.jobs.n, Full: f.full})
	if err != nil {
		return try{}, err
	}
	t := try{way: w, catch: c, right: c != nil && h.Right(c), took: time.Since(start)}
	if t.good() && c.Run != nil && f.shrink.n > 0 {
		_, set := h.Random.Plan(h.Switch, c.Run.Seed)
		rep, sign := fuzz.MinimiseWith(ctx, c.Run.Outcome.Plan, set, shrink.Options{Runs: f.shrink.n, Seeds: fuzz.ShrinkSeeds})
		if sign.Check != "" {
			text, err := planText(rep.Plan)
			if err != nil {
				return t, internal(err)
			}
			t.shrunk, t.lines = &rep, strings.Count(text, "\n")
		}
	}
	return t, ctx.Err()
}

// inWords is what people read of one way.
func (t *try) inWords(row *trackRow) string {
	c := t.catch
	if c == nil {
		return "NOT CAUGHT: " + t.way.Where()
	}
	var b strings.Builder
	if t.right {
		fmt.Fprintf(&b, "%s: ", c.Check)
	} else {
		fmt.Fprintf(&b, "WRONG: noticed by %s (%s), and it breaks %s: ", c.Check, c.Detail, strings.Join(row.info.Breaks, ", "))
	}
	fmt.Fprintf(&b, "%s, %s", t.figures(), t.way.Where())
	if c.Run != nil {
		fmt.Fprintf(&b, ", seed %d of %s", c.Run.Seed, plural(int(c.Run.Outcome.Run.Events()), "event"))
	}
	fmt.Fprintf(&b, ", %s", seconds(t.took))
	if t.shrunk != nil {
		fmt.Fprintf(&b, "\n  %-11s shrunk to %s", "", t.size())
	}
	return b.String()
}

// figures says how much it took, but for the time.
func (t *try) figures() string {
	switch c := t.catch; {
	case c.States != nil:
		return fmt.Sprintf("%s, depth %d", plural(int(c.States.States), "state"), c.States.Depth)
	case c.Run != nil:
		return plural(c.Tries, "run")
	default:
		return plural(c.Tries, unitOf(t.way))
	}
}

func unitOf(w hunts.Way) string {
	if o, ok := w.(*hunts.Own); ok {
		return o.Unit
	}
	return "sequence"
}

// size is that of the shrunk plan.
func (t *try) size() string {
	s := &t.shrunk.After
	return fmt.Sprintf("%s, %s, %s", plural(int(s.Events), "event"), plural(t.lines, "line"), plural(s.Servers, "server"))
}

func publishedInWords(p hunts.Published) string {
	words := []string{}
	if p.States > 0 {
		words = append(words, plural(int(p.States), "state"))
	}
	if p.Depth > 0 {
		words = append(words, fmt.Sprintf("depth %d", p.Depth))
	}
	return fmt.Sprintf("%s: %s, %s (%s)", p.Broke, strings.Join(words, ", "), p.Time, p.Source)
}

// seconds writes a time that was measured.
func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// trackExit is 7 if a bug got away, 4 if none was hunted.
func trackExit(rows []trackRow) int {
	tried := false
	for i := range rows {
		for k := range rows[i].tries {
			tried = true
			if !rows[i].tries[k].good() {
				return exitUncaught
			}
		}
	}
	if !tried {
		return exitStale
	}
	return 0
}

func printTotal(w io.Writer, rows []trackRow) {
	tried, caught, ways := 0, 0, 0
	var took time.Duration
	for i := range rows {
		r := &rows[i]
		ways += len(r.tries)
		for k := range r.tries {
			took += r.tries[k].took
		}
		if len(r.tries) > 0 {
			tried++
			if !slices.ContainsFunc(r.tries, func(t try) bool { return !t.good() }) {
				caught++
			}
		}
	}
	switch {
	case tried == 0:
		fmt.Fprintln(w, "\nNothing was hunted.")
	default:
		fmt.Fprintf(w, "\n%d of %s caught, in %s, %s.\n", caught, plural(tried, "bug"), plural(ways, "hunt"), seconds(took))
	}
}
