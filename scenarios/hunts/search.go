package hunts

import (
	"context"

	"zabsim/sim/explore"
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
func (s *Search) Where() string { return s.Model.InWords() }

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
	cfg.Stop = ctx.Done()
	r := explore.Run(cfg)
	if r.Violation == nil {
		return nil, ctx.Err()
	}
	return &Catch{Check: r.Violation.Check, Detail: r.Violation.Text, States: &States{cfg, r}}, nil
}
