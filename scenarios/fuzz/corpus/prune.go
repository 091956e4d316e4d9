package corpus

import (
	"fmt"
	"slices"
	"strings"

	"zabsim/sim/plan"
)

// Pruned is an entry that a corpus can do without, and why.
type Pruned struct {
	Entry  *Entry
	Reason string
}

// Prune returns the entries to remove, in order of name. Nothing is run: what files
// say counts.
//
// Of the entries that fail with one signature under the same bug switches the
// smallest keep stay. An entry that passes and names what it reaches goes if others
// of the same grain and the same ensemble name all of it, the largest first. One
// that names nothing is there for what its why says, and stays; so does what this
// build can't read.
func Prune(list []*Entry, keep int) []Pruned {
	bySize := slices.Clone(list)
	slices.SortFunc(bySize, smaller)
	var gone []Pruned
	count := map[string]int{}
	var paths []*Entry
	for _, e := range bySize {
		switch {
		case e.Plan == nil:
		case e.fails():
			if count[e.finding()]++; count[e.finding()] > keep {
				gone = append(gone, Pruned{e, fmt.Sprintf("%s the signature %s", smallerOnes(keep), e.Plan.Note.Signature)})
			}
		case len(e.Plan.Note.Reach) > 0:
			paths = append(paths, e)
		}
	}
	for i := len(paths) - 1; i >= 0; i-- {
		rest := slices.Delete(slices.Clone(paths), i, i+1)
		if covered(paths[i], rest) {
			gone = append(gone, Pruned{paths[i], "others reach " + strings.Join(paths[i].Plan.Note.Reach, ", ")})
			paths = rest
		}
	}
	slices.SortFunc(gone, func(a, b Pruned) int { return strings.Compare(a.Entry.File, b.Entry.File) })
	return gone
}

// covered tells whether others name everything that e reaches.
func covered(e *Entry, others []*Entry) bool {
	for _, name := range e.Plan.Note.Reach {
		if !slices.ContainsFunc(others, func(o *Entry) bool {
			return sameKind(o.Plan, e.Plan) && slices.Contains(o.Plan.Note.Reach, name)
		}) {
			return false
		}
	}
	return true
}

// sameKind tells whether two plans run the same ensemble at the same grain.
func sameKind(a, b *plan.Plan) bool { return a.Grain == b.Grain && a.Quorum == b.Quorum }

func smallerOnes(n int) string {
	if n == 1 {
		return "a smaller one has"
	}
	return fmt.Sprintf("%d smaller ones have", n)
}
