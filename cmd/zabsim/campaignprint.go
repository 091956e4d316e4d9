package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"zabsim/reports/ci"
	"zabsim/scenarios"
	"zabsim/scenarios/fuzz"
)

// watch tells on standard error how far a campaign is.
type watch struct {
	out     io.Writer
	bar     bool
	started time.Time
	last    time.Time
	newAt   time.Time // when something new was reached last
	newRun  int
	runs    int // of the whole campaign; 0 if a clock decides
	drawn   bool

	findings int // that were told
}

// Progress is shown once in so long: the shorter where a line replaces the one before.
const (
	watchEvery = time.Second
	watchPiped = 10 * time.Second
)

func newWatch(a *app, started time.Time, cfg *fuzz.Config) *watch {
	now := time.Now()
	share := max(cfg.Shards, 1)
	return &watch{out: a.err, bar: a.bar, started: now, last: now, newAt: now, runs: (cfg.Runs - cfg.Shard + share - 1) / share}
}

// ran is called after each run.
func (w *watch) ran(s *fuzz.Stats) {
	now := time.Now()
	if s.Findings != w.findings { // told at once: the campaign may go on for hours
		w.findings = s.Findings
		w.done()
		x := s.Newest
		fmt.Fprintf(w.out, "found: %s (%s) in %s, run %s\n", x.Signature.Check, x.Verdict, x.Witness.Scenario, grouped(x.Witness.Index))
	}
	if s.NewAt != w.newRun {
		w.newRun, w.newAt = s.NewAt, now
	}
	every := watchPiped
	if w.bar {
		every = watchEvery
	}
	if now.Sub(w.last) < every {
		return
	}
	w.last = now
	line := w.line(s, now)
	if w.bar {
		w.drawn = true
		fmt.Fprintf(w.out, "\r\x1b[K%s", line)
		return
	}
	fmt.Fprintln(w.out, line)
}

func (w *watch) line(s *fuzz.Stats, now time.Time) string {
	took := now.Sub(w.started).Seconds()
	done := grouped(s.Runs)
	if w.runs > 0 {
		done += " of " + grouped(w.runs)
	}
	return fmt.Sprintf("%s runs  %.0f runs/s  %s simulated/s  %s elections  coverage %d, new for the last time %.0fs ago  %s",
		done, float64(s.Runs)/took, (time.Duration(float64(s.Simulated) / took)).Round(time.Second), grouped(int(s.Elections)), s.Named,
		now.Sub(w.newAt).Seconds(), plural(s.Findings, "finding"))
}

// done takes the line away.
func (w *watch) done() {
	if w.drawn {
		fmt.Fprint(w.out, "\r\x1b[K")
	}
}

// neverShown is how many properties that no run reached are told; --json has all.
const neverShown = 8

// summary tells what was run.
func (c *campaign) summary(r *fuzz.Result) {
	fmt.Fprintf(c.show, "  fuzz       %s, %s, %s simulated, %s, %d vacuous\n", plural(r.Runs, "run"), plural(int(r.Events), "event"),
		time.Duration(r.Simulated).Round(time.Second), plural(int(r.Elections), "election"), r.Verdicts[scenarios.Vacuous])
	fmt.Fprintf(c.show, "             %s varied what had reached something new, %s repeated\n", plural(r.Mutated, "run"), plural(r.Repeated, "run"))
	var never []string
	for _, h := range r.Sometimes {
		if h.Runs == 0 && !isBad(h.Name) {
			never = append(never, h.Name)
		}
	}
	fmt.Fprintf(c.show, "  coverage   %d of %d properties, %s, new for the last time in run %d\n", len(r.Sometimes)-len(never), len(r.Sometimes),
		plural(len(r.Transitions), "transition"), r.NewAt)
	if len(never) > neverShown {
		never = append(never[:neverShown-1], fmt.Sprintf("and %d more", len(never)-neverShown+1))
	}
	if len(never) > 0 {
		fmt.Fprintf(c.show, "             never reached: %s\n", strings.Join(never, ", "))
	}
}

// isBad tells whether a property is one that the right protocol never reaches.
func isBad(name string) bool { return name == "illegal" }

// keptShown is how many lines of a small plan are told with what happens without them.
const keptShown = 12

// printFinding is what people read first.
func (c *campaign) printFinding(x *ci.Finding, found *fuzz.Finding) {
	w := c.show
	word := "FAIL"
	if found.Verdict == scenarios.Unknown {
		word = "UNKNOWN"
	}
	fmt.Fprintf(w, "\n%s %s   %s, run %s, seed %d", word, x.Property, x.Scenario, grouped(found.Witness.Index), x.Seed)
	if x.Count > 1 {
		fmt.Fprintf(w, "   (%s like this, the first in run %s)", plural(x.Count, "failure"), grouped(found.First))
	}
	fmt.Fprintf(w, "\n  %s\n", x.Violation)
	if len(found.Signature.Causes) > 0 {
		fmt.Fprintf(w, "  signature  %s\n", x.Signature)
	}
	if r := found.Shrunk; r != nil {
		var parts []string
		for _, n := range []struct {
			what          string
			before, after int
		}{{"events", int(x.EventsBefore), int(x.EventsAfter)}, {"faults", x.FaultsBefore, x.FaultsAfter}, {"operations", x.OpsBefore, x.OpsAfter},
			{"programs", r.Before.Programs, r.After.Programs}, {"servers", x.ServersBefore, x.ServersAfter}} {
			if n.before > 0 {
				parts = append(parts, fmt.Sprintf("%s to %s %s", grouped(n.before), grouped(n.after), n.what))
			}
		}
		fmt.Fprintf(w, "  shrunk     %s, in %s\n", strings.Join(parts, ", "), plural(r.Runs, "run"))
		if r.Slipped > 0 {
			fmt.Fprintf(w, "             %s failed in another way and were left alone\n", plural(r.Slipped, "smaller plan"))
		}
		switch {
		case r.Interrupted:
			fmt.Fprintf(w, "             that was interrupted: zabsim shrink may make it smaller\n")
		case r.Exhausted:
			fmt.Fprintf(w, "             that was the whole budget: zabsim shrink may make it smaller\n")
		}
		kept := r.Kept
		if len(kept) > keptShown {
			kept = append(kept[:keptShown-1:keptShown-1], fmt.Sprintf("and %d more lines; zabsim shrink lists all", len(r.Kept)-keptShown+1))
		}
		for _, line := range kept {
			fmt.Fprintf(w, "             %s\n", line)
		}
	}
	if x.Plan != "" {
		fmt.Fprintf(w, "  plan       %s\n", x.Plan)
	}
	fmt.Fprintf(w, "  repeat it  %s\n", x.Repro)
}

// end is the last line.
func (c *campaign) end(r *fuzz.Result) {
	fmt.Fprintf(c.show, "\n%s: %s in %.0fs (%.0f runs/s)", c.verdict(r), plural(r.Runs, "run"), c.ran.Seconds(), float64(r.Runs)/c.ran.Seconds())
	if all := time.Since(c.started); all > c.ran+time.Second {
		fmt.Fprintf(c.show, ", %.0fs with the corpus and making findings small", all.Seconds())
	}
	if fmt.Fprintln(c.show); len(r.Findings) >= c.flags.findings.n {
		fmt.Fprintf(c.show, "it ended with finding %d: --findings sets how many are enough\n", c.flags.findings.n)
	}
	if c.exit != 0 {
		fmt.Fprintf(c.show, "repeat the campaign with\n%s\n", c.report.Command)
	}
}

func (c *campaign) verdict(r *fuzz.Result) string {
	switch {
	case len(r.Findings) > 0:
		return plural(len(r.Findings), "finding")
	case r.Broken != nil:
		return "not to be trusted"
	case r.Interrupted:
		return "interrupted"
	case c.exit == 0:
		return "passed"
	case r.Verdict() == scenarios.Vacuous:
		return "vacuous: " + vacuous(r)
	}
	return "the corpus does not hold"
}

// vacuous says which scenario proves nothing, and why.
func vacuous(r *fuzz.Result) string {
	for _, s := range r.Scenarios {
		if isVacuous(&s) {
			return fmt.Sprintf("no run of %s reached %s", s.Name, strings.Join(s.Missing, ", "))
		}
	}
	return "nothing was run"
}

// isVacuous tells whether there were runs of a scenario, and none that counts.
func isVacuous(s *fuzz.ByScenario) bool {
	return s.Runs > 0 && s.Verdicts[scenarios.Vacuous] == s.Runs
}

// fill puts what is known without the findings into the report.
func (c *campaign) fill(r *fuzz.Result) {
	f := c.flags
	c.report.Command = f.command(c.args, c.upTo(r.Runs))
	c.report.Profile, c.report.Shard, c.report.Seed, c.report.Runs = f.profile, f.shard.String(), f.seed.n, r.Runs
	c.report.Counts = words(r.Verdicts)
	c.report.Interrupted = r.Interrupted
	c.report.Doubles.Runs = r.Repeated
	c.report.Coverage.Marks, c.report.Coverage.NewAt = r.Marks, r.NewAt
	for _, h := range r.Sometimes {
		c.report.Coverage.Sometimes = append(c.report.Coverage.Sometimes, ci.Hits{Name: h.Name, Hits: h.Runs})
	}
	for _, h := range r.Transitions {
		c.report.Coverage.Transitions = append(c.report.Coverage.Transitions, ci.Hits{Name: h.Name, Hits: h.Runs})
	}
	for _, s := range r.Scenarios {
		if s.Runs > 0 {
			c.report.Suites = append(c.report.Suites, ci.Suite{Scenario: s.Name, Runs: s.Runs, Counts: words(s.Verdicts), Cases: cases(&s)})
		}
	}
}

// upTo returns how many runs a campaign has, over all shards, of which this one has n.
func (c *campaign) upTo(n int) int {
	if of := c.flags.shard.of; of > 1 && n > 0 {
		return (n-1)*of + c.flags.shard.n
	}
	return n
}

func words(m map[scenarios.Verdict]int) map[string]int {
	out := map[string]int{}
	for v, n := range m {
		out[string(v)] = n
	}
	return out
}

// cases are the properties that every run of a scenario is judged by. Where all runs
// were vacuous none of them has passed.
func cases(s *fuzz.ByScenario) []ci.Case {
	verdict, detail := string(scenarios.Passed), ""
	if isVacuous(s) {
		verdict, detail = string(scenarios.Vacuous), "no run reached "+strings.Join(s.Missing, ", ")
	}
	var list []ci.Case
	for _, name := range s.Checks {
		list = append(list, ci.Case{Property: name, Verdict: verdict, Detail: detail})
	}
	return list
}

// assign puts a finding to the property that it breaks.
func (c *campaign) assign(n int, x *ci.Finding) {
	i := slices.IndexFunc(c.report.Suites, func(s ci.Suite) bool { return s.Scenario == x.Scenario })
	if i < 0 {
		return
	}
	s := &c.report.Suites[i]
	k := slices.IndexFunc(s.Cases, func(k ci.Case) bool { return k.Property == x.Property })
	if k < 0 {
		s.Cases = append(s.Cases, ci.Case{Property: x.Property})
		k = len(s.Cases) - 1
	}
	s.Cases[k].Findings = append(s.Cases[k].Findings, n)
	if s.Cases[k].Verdict != string(scenarios.Violated) {
		s.Cases[k].Verdict = x.Verdict
	}
}
