package hunts

import (
	"context"
	"slices"

	"zabsim/zab/bug"
)

// Hunt says how a bug is hunted, in at least one way.
type Hunt struct {
	Switch    bug.Switch
	Random    *Random
	Search    *Search
	Reference *Reference
	Own       *Own
	Published []Published // what others needed
	// Unsearched says why no search finds the bug, nor anything else than luck.
	Unsearched string
}

// Way is one way of hunting a bug.
type Way interface {
	// Name is one word.
	Name() string
	// Where says in what the bug is hunted, and with what budget if it is the full one.
	Where() string
	// hunt returns nil if the budget was spent. An error means that ctx has ended.
	hunt(ctx context.Context, b bug.Switch, e Effort) (*Catch, error)
}

// Effort is how hard to try.
type Effort struct {
	Jobs int // runs at a time, and workers of a search; 0 means 1. The result does not depend on it
	// Full begins at the first seed, with a budget that nobody waits for in a test.
	Full bool
}

// Catch is how a bug was caught.
type Catch struct {
	Check  string // the invariant that noticed
	Detail string
	Tries  int // runs, sequences, or what an Own counts; 0 for a search

	Run    *Run    // of Random
	States *States // of Search
}

// Ways returns how the bug is hunted, in a fixed order.
func (h *Hunt) Ways() []Way {
	var list []Way
	if h.Random != nil {
		list = append(list, h.Random)
	}
	if h.Search != nil {
		list = append(list, h.Search)
	}
	if h.Reference != nil {
		list = append(list, h.Reference)
	}
	if h.Own != nil {
		list = append(list, h.Own)
	}
	return list
}

// Go hunts in one way. The catch is nil if the budget was spent; it is for the caller
// to ask whether the right check noticed (Right). An error means that ctx has ended.
func (h *Hunt) Go(ctx context.Context, w Way, e Effort) (*Catch, error) {
	e.Jobs = max(e.Jobs, 1)
	return w.hunt(ctx, h.Switch, e)
}

// Right tells whether what was caught is the bug: the check that noticed is one of
// those that it breaks.
func (h *Hunt) Right(c *Catch) bool { return slices.Contains(h.Switch.Info().Breaks, c.Check) }

// Of returns the hunt of a switch, false if there is none.
func Of(b bug.Switch) (Hunt, bool) {
	i := slices.IndexFunc(rows, func(h Hunt) bool { return h.Switch == b })
	if i < 0 {
		return Hunt{}, false
	}
	return rows[i], true
}

// All returns all hunts in the order of the switches. The caller must not change them.
func All() []Hunt {
	list := slices.Clone(rows)
	slices.SortFunc(list, func(a, b Hunt) int { return int(a.Switch) - int(b.Switch) })
	return list
}

// rows are the hunts of all files rows_*.go.
var rows = slices.Concat(zabRows, treeRows, snapRows, zooRows)
