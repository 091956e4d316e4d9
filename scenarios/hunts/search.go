package hunts

import (
	"context"
	"fmt"
	"strings"

	"zabsim/sim/explore"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
)

// Search is a hunt by exhaustive search, breadth first: what it finds is a shortest way
// to break something, and there is none below that depth.
type Search struct {
	Model     explore.Model // its Bugs are on besides the one that is hunted
	MaxStates uint64        // the budget; the level in which it is spent is still searched
}

// States is what a search has visited when it found the bug.
type States struct {
	Config explore.Config // that searches, and replays the path, again
	explore.Result
}

// MaxStates is the budget of a search that has none of its own.
const MaxStates = 3_000_000

// Name is "search".
func (s *Search) Name() string { return "search" }

// Where describes the model.
func (s *Search) Where() string { return Describe(&s.Model) }

// Describe writes a model in few words, such as
// "2 servers, 1 write, 1 crash, 1 restart, threads".
func Describe(m *explore.Model) string {
	words := []string{count(m.Servers, "server")}
	for _, w := range []struct {
		n    int
		what string
	}{
		{m.Observers, "observer"}, {m.Writes, "write"}, {m.Crashes, "crash"}, {m.Restarts, "restart"}, {m.Reboots, "reboot"},
		{m.Timeouts, "time-out"}, {m.Cuts, "cut"}, {m.Rounds, "round"},
	} {
		if w.n > 0 {
			words = append(words, count(w.n, w.what))
		}
	}
	if m.CounterMax > 0 {
		words = append(words, fmt.Sprintf("a counter of at most %d", m.CounterMax))
	}
	if m.Grain == plan.GrainThreads {
		words = append(words, "threads")
	}
	switch m.Election {
	case explore.ElectionFLE:
		words = append(words, "real elections")
	case explore.ElectionOnly:
		words = append(words, "elections alone")
	}
	if m.Scenario != "" {
		words = append(words, "from "+m.Scenario)
	}
	return strings.Join(words, ", ")
}

func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "sh"):
		return fmt.Sprint(n, " ", what, "es")
	}
	return fmt.Sprint(n, " ", what, "s")
}

// Config returns the search.
func (s *Search) Config(b bug.Switch, workers int) explore.Config {
	cfg := explore.Config{Model: s.Model, Workers: workers, MaxStates: s.MaxStates, Memo: true}
	if cfg.MaxStates == 0 {
		cfg.MaxStates = MaxStates
	}
	cfg.Bugs = cfg.Bugs.With(b)
	return cfg
}

func (s *Search) hunt(ctx context.Context, b bug.Switch, e Effort) (*Catch, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	cfg := s.Config(b, e.Jobs)
	r := explore.Run(cfg)
	if r.Violation == nil {
		return nil, nil
	}
	return &Catch{Check: r.Violation.Check, Detail: r.Violation.Text, States: &States{cfg, r}}, nil
}
