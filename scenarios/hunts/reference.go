package hunts

import (
	"context"

	"zabsim/internal/keyed"
	"zabsim/linearizability/reference"
	"zabsim/tree"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// Reference is a hunt by random sequences of requests that are put to a tree and to the
// sequential model of what clients see.
type Reference struct {
	Bugs      bug.Set // that both have
	Sequences int     // the budget; 0 means Sequences
}

// Sequences is the budget of a comparison that has none of its own.
const Sequences = 20_000

// CheckReference is the name under which the comparison stands in bug.Info.Breaks.
const CheckReference = "reference"

// Name is "reference".
func (r *Reference) Name() string { return "reference" }

// Where says which bugs are on besides.
func (r *Reference) Where() string {
	if r.Bugs == (bug.Set{}) {
		return "the tree alone"
	}
	return "the tree alone, with " + bug.Names(r.Bugs)
}

func (r *Reference) hunt(ctx context.Context, b bug.Switch, e Effort) (*Catch, error) {
	n := r.Sequences
	if n == 0 {
		n = Sequences
	}
	i, difference := first(ctx, n, e.Jobs, func(i int) *error {
		if err := r.Compare(r.Bugs.With(b), uint64(i+1)); err != nil {
			return &err
		}
		return nil
	})
	if difference == nil {
		return nil, ctx.Err()
	}
	return &Catch{Check: CheckReference, Detail: (*difference).Error(), Tries: i + 1}, nil
}

// Compare compares a tree that has bugs with a model that has only those that both
// have, in the sequence of one seed.
func (r *Reference) Compare(bugs bug.Set, seed uint64) error {
	d := &draws{stream: keyed.New(seed).Stream("reference")}
	return reference.Compare(d, r.Bugs, func(cfg reference.Config) txn.StateMachine {
		return tree.New(&tree.Config{
			Bugs: bugs, EnforceQuota: cfg.EnforceQuota, ExtendedTypes: cfg.ExtendedTypes, SuperDigest: cfg.SuperDigest,
		})
	})
}

// draws is a sequence of random numbers.
type draws struct {
	stream keyed.Stream
	n      uint64
}

// Int implements reference.Draw.
func (d *draws) Int(lo, hi int, _ string) int {
	d.n++
	return int(d.stream.Key(d.n).Between(int64(lo), int64(hi)))
}

// Own is a hunt by a search that is made for few bugs.
type Own struct {
	What   string // one word for a table
	How    string // in what it searches
	Unit   string // what it counts, as in "3 restarts"
	Budget int    // in that
	// Find returns what was broken, "" if the budget was spent, and how many of Unit
	// it took.
	Find func(bugs bug.Set, budget int) (check, detail string, n int)
}

// Name is the word that the hunt has for itself.
func (o *Own) Name() string { return o.What }

// Where says in what it searches.
func (o *Own) Where() string { return o.How }

func (o *Own) hunt(ctx context.Context, b bug.Switch, _ Effort) (*Catch, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	check, detail, n := o.Find(bug.Set{}.With(b), o.Budget)
	if check == "" {
		return nil, nil
	}
	return &Catch{Check: check, Detail: detail, Tries: n}, nil
}
