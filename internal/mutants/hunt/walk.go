package hunt

import (
	"fmt"

	"zabsim/internal/conform"
	"zabsim/internal/conform/trace"
	"zabsim/internal/keyed"
	"zabsim/tree"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// walks is how often clients come and go at random, with sessions of the ensemble and
// as often with local ones, which no scenario drives.
const walks = 4000

// files is how often an ensemble writes for a while before its files are looked at.
const files = 60

// walk lets them, and looks at files.
func (r *Report) walk(b Budget, at *Catch) {
	walks, files := share(walks, 1000, b), share(files, 50_000, b)
	for i := 0; i < walks+files && r.Catch == nil; i++ {
		draws := keyed.New(b.Seed).Stream("mutants.walk")
		n := uint64(0)
		draw := func(limit int) int {
			n++
			return int(draws.Key2(uint64(i), n).Between(0, int64(limit-1)))
		}
		check, detail := "", ""
		if i < walks {
			*at = Catch{By: "clients", Where: fmt.Sprintf("walk %d", i)}
			check, detail = conform.Walk(bug.Set{}, i%2 == 1, treeOf, draw)
		} else {
			*at = Catch{By: "directories", Where: fmt.Sprintf("files %d", i-walks)}
			if detail = conform.Files(bug.Set{}, treeOf, draw); detail != "" {
				check = "files"
			}
		}
		Beat.Add(1)
		r.trail(n)
		if check != "" {
			at.Kind, at.Check, at.Detail = Violated, check, detail
			r.Catch = at
		}
	}
}

func treeOf(_ trace.Settings, bugs bug.Set) txn.StateMachine {
	return tree.New(&tree.Config{Bugs: bugs})
}

// share is n, or less if the budget is small: one for so many events.
func share(n int, events uint64, b Budget) int { return int(min(uint64(n), b.Events/events+1)) }
