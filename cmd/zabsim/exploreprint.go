package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"zabsim/sim/explore"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
)

// describe says what is about to be searched.
func (s *search) describe(w io.Writer) {
	fmt.Fprintln(w, "zabsim explore")
	row := func(name, text string) { fmt.Fprintf(w, "  %-10s %s\n", name, text) }
	row("bounds", s.bounds())
	row("grain", s.grain())
	row("bugs", bugsText(s.cfg.Bugs))
}

func bugsText(set bug.Set) string {
	if set == (bug.Set{}) {
		return "none: the correct protocol"
	}
	return strings.ReplaceAll(bug.Names(set), ",", ", ")
}

// bounds says what each schedule may hold.
func (s *search) bounds() string {
	text := s.cfg.Model.InWords()
	if n := s.cfg.MaxDepth; n > 0 {
		text += ", at most " + plural(n, "step")
	}
	return text
}

func (s *search) grain() string {
	text := "atomic: a server does all it can before anything else happens"
	if s.cfg.Grain == plan.GrainThreads {
		text = "threads: each thread of a server has turns of its own"
	}
	switch s.cfg.Election {
	case explore.ElectionFLE:
		text += "; election by notifications"
	case explore.ElectionOnly:
		text += "; election by notifications, and nothing after it"
	default:
		text += "; election by an oracle"
	}
	if s.cfg.Znodes {
		return text + "; znodes"
	}
	return text + "; registers"
}

// verdict is the word for an exit code.
func (s *search) verdict(code int) string {
	switch code {
	case 0:
		return "passed"
	case exitViolated:
		return "violated"
	case exitStale:
		return "vacuous"
	case exitInterrupted:
		return "interrupted"
	}
	return "unknown"
}

// progress is a line about a search under way.
func (s *search) progress(p explore.Progress, elapsed time.Duration) string {
	what := "explore"
	if p.Witness {
		what = "explore: a promise is broken, looking for the shortest way there"
	}
	text := fmt.Sprintf("%s: depth %d, %s states, %s/s, %s transitions, frontier %s, %s", what, p.Depth, grouped(int(p.States)),
		grouped(int(float64(p.States)/max(elapsed.Seconds(), 0.001))), grouped(int(p.Transitions)), grouped(int(p.Left+p.Next)), sizeText(p.Memory))
	share := float64(0)
	if n := s.cfg.MaxStates; n > 0 {
		share = float64(p.States) / float64(n)
	}
	if n := s.cfg.MaxMemory; n > 0 {
		share = max(share, float64(p.Memory)/float64(n))
	}
	if n := s.cfg.MaxDepth; n > 0 {
		share = max(share, float64(p.Depth)/float64(n))
	}
	if share > 0 {
		text += fmt.Sprintf(", %.0f %% of the budget", 100*share)
	}
	return text
}

// print tells people what came of a search, as a table that can be quoted.
func (s *search) print(w io.Writer, code int) {
	r := &s.result
	if len(s.story) > 0 {
		fmt.Fprintln(w)
		for _, l := range s.story {
			fmt.Fprintln(w, "  "+l)
		}
	}
	fmt.Fprintf(w, "\nverdict: %s\n", s.verdictLine(code))
	row := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-13s "+format+"\n", append([]any{name}, args...)...)
	}
	row("bounds", "%s", s.bounds())
	row("grain", "%s", s.grain())
	row("search", "%s", s.manner())
	row("states", "%s distinct, %s transitions", grouped(int(r.States)), grouped(int(r.Transitions)))
	row("depth", "%d", r.Depth)
	row("time", "%s, %s", s.pace(), plural(s.workers(), "worker"))
	row("memory", "%s", s.memory())
	row("collisions", "%.1e pairs of states expected that share a fingerprint, %.1e of components", r.Collision(), r.ComponentCollision())
	if r.Liveness != "" {
		row("progress", "%s", r.Liveness)
	}
	if list := s.result.Unreached(&s.cfg.Model); len(list) > 0 {
		row("never reached", "%s", strings.Join(list, ", "))
	}
	if s.plan != "" {
		fmt.Fprintf(w, "\n%s\n", replayCommand(invocation, s.plan, true))
		return
	}
	fmt.Fprintf(w, "\n%s\n", s.repro())
}

// manner says in which order states were visited, and what was left out.
func (s *search) manner() string {
	text := map[explore.Strategy]string{explore.BFS: "breadth first", explore.DFS: "depth first", explore.IDDFS: "depth first, to one depth after the other",
		explore.Random: fmt.Sprintf("%s of up to %s, seed %d", plural(s.cfg.Walks, "random walk"), plural(s.cfg.MaxDepth, "step"), s.cfg.Seed)}[s.cfg.Strategy]
	if s.cfg.Liveness {
		text += ", then progress"
	}
	if s.cfg.Reduce == explore.ReduceNone {
		return text + ", no reduction"
	}
	return text + ", reduction " + s.cfg.Reduce.String()
}

// pace says how long a search took, and how fast it was. With a violation part of the
// time went into the second search, for the shortest way there.
func (s *search) pace() string {
	seconds := s.elapsed.Seconds()
	if s.result.Violation != nil {
		return fmt.Sprintf("%.1f s, with the search for the shortest way", seconds)
	}
	return fmt.Sprintf("%.1f s, %s states/s", seconds, grouped(int(float64(s.result.States)/max(seconds, 0.001))))
}

// memory says what a search has taken. A small one pays for tables that it does not fill,
// so that its share for a state would say nothing.
func (s *search) memory() string {
	text := sizeText(s.result.Work.Bytes)
	if n := s.result.States; n >= 1_000_000 {
		text += fmt.Sprintf(", %d bytes a state", s.result.Work.Bytes/n)
	}
	return text
}

func (s *search) workers() int { return max(s.result.Work.Workers, 1) }

func sizeText(bytes uint64) string {
	if bytes < 1<<30 {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
}

func (s *search) verdictLine(code int) string {
	r := &s.result
	switch code {
	case 0:
		return "passed: no schedule within these bounds breaks a promise"
	case exitViolated:
		fewest := ""
		if s.cfg.Strategy == explore.BFS || s.cfg.Strategy == explore.IDDFS {
			fewest = ", the fewest that break a promise"
		}
		return fmt.Sprintf("VIOLATED after %s%s\n  %s", plural(len(r.Path), "step"), fewest, r.Violation)
	case exitStale:
		return "vacuous: nothing ever got as far as " + s.vacuous() + ", so nothing was checked"
	}
	if s.cfg.Strategy == explore.Random {
		return "unknown: no walk broke a promise, which proves nothing"
	}
	why := ""
	if r.End != explore.EndDepth {
		why = " (" + r.End.String() + ")"
	}
	return fmt.Sprintf("%s%s: no schedule of up to %s breaks a promise; longer ones were not all tried", s.verdict(code), why, plural(r.Depth, "step"))
}

// exploreCommand is the command that searches a model. Words that are left out stand
// for none of it, where the flag has another default.
func exploreCommand(m *explore.Model) string {
	text, usual := invocation+" explore "+m.String(), defaultModel()
	for _, w := range usual.Words() {
		if !slices.ContainsFunc(m.Words(), func(x explore.Word) bool { return x.Name == w.Name }) {
			text += " --" + w.Name + " 0"
		}
	}
	return text
}

// repro is the command that searches again.
func (s *search) repro() string {
	text := exploreCommand(&s.cfg.Model)
	if s.cfg.MaxStates > 0 {
		text += fmt.Sprintf(" --max-states %d", s.cfg.MaxStates)
	}
	if s.cfg.MaxDepth > 0 {
		text += fmt.Sprintf(" --depth %d", s.cfg.MaxDepth)
	}
	if s.cfg.Strategy != explore.BFS {
		text += " --search " + s.cfg.Strategy.String()
	}
	if s.cfg.Strategy == explore.Random {
		text += fmt.Sprintf(" --walks %d --seed %d", s.cfg.Walks, s.cfg.Seed)
	}
	if s.cfg.Reduce != explore.ReduceNone {
		text += " --reduce " + s.cfg.Reduce.String()
	}
	if s.cfg.Liveness {
		text += " --liveness"
	}
	if s.cfg.Checkpoint != "" && !s.result.Complete && s.result.Violation == nil {
		text += " --resume " + quote(s.cfg.Checkpoint)
	}
	if s.cfg.Wide {
		text += " --wide"
	}
	return text
}

// searchJSON is what zabsim explore --json prints. Nothing in it depends on time or
// on the number of workers.
type searchJSON struct {
	Format       int               `json:"format"`
	Model        map[string]string `json:"model"`
	Verdict      string            `json:"verdict"`
	Exit         int               `json:"exit"`
	Complete     bool              `json:"complete"`
	End          string            `json:"end"`
	Frontier     uint64            `json:"frontier"`
	Liveness     string            `json:"liveness,omitempty"`
	States       uint64            `json:"states"`
	Transitions  uint64            `json:"transitions"`
	Depth        int               `json:"depth"`
	PerDepth     []uint64          `json:"perDepth"`
	Collisions   string            `json:"collisions"`
	NeverReached []string          `json:"neverReached"` // by a complete search
	Invariant    string            `json:"invariant,omitempty"`
	Detail       string            `json:"detail,omitempty"`
	Steps        int               `json:"steps,omitempty"`
	Plan         string            `json:"plan,omitempty"`
	Repro        string            `json:"repro"`
}

func (s *search) document(code int) *searchJSON {
	r := &s.result
	d := &searchJSON{
		Format: 1, Model: map[string]string{}, Verdict: s.verdict(code), Exit: code, Complete: r.Complete, End: r.End.String(), Frontier: r.Frontier, Liveness: r.Liveness, States: r.States, Transitions: r.Transitions,
		Depth: r.Depth, PerDepth: r.PerDepth, Collisions: fmt.Sprintf("%.1e", r.Collision()), NeverReached: orEmpty(s.result.Unreached(&s.cfg.Model)), Repro: s.repro(),
	}
	for _, word := range s.cfg.Words() {
		d.Model[word.Name] = word.Value
	}
	if v := r.Violation; v != nil {
		d.Invariant, d.Detail, d.Steps, d.Plan = v.Check, v.Text, len(r.Path), s.plan
		d.Repro = replayCommand(invocation, s.plan, true)
	}
	return d
}
