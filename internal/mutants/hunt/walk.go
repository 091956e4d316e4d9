package hunt

import (
	"fmt"

	"zabsim/internal/conform"
	"zabsim/zab/bug"
)

// walks is how often clients come and go at random, with sessions of the ensemble and
// as often with local ones, which no scenario drives.
const walks = 4000

func (r *Report) walk(b Budget, at *Catch) {
	for i := range share(walks, 1000, b) {
		*at = Catch{By: "clients", Where: fmt.Sprintf("walk %d", i)}
		d := newDice(b, "mutants.walk", i)
		check, detail := conform.Walk(bug.Set{}, i%2 == 1, d.draw)
		if r.tried(at, check, detail, d.n) {
			return
		}
	}
}

// files is how often an ensemble writes for a while before its files are looked at.
const files = 60

func (r *Report) files(b Budget, at *Catch) {
	for i := range share(files, 50_000, b) {
		*at = Catch{By: "directories", Where: fmt.Sprintf("files %d", i)}
		d := newDice(b, "mutants.walk", walks+i)
		check, detail := "", conform.Files(bug.Set{}, d.draw)
		if detail != "" {
			check = "files"
		}
		if r.tried(at, check, detail, d.n) {
			return
		}
	}
}

// tried notes one try of many, and tells whether a check has caught something.
func (r *Report) tried(at *Catch, check, detail string, trail uint64) bool {
	Beat.Add(1)
	r.trail(trail)
	if check == "" {
		return false
	}
	at.Kind, at.Check, at.Detail = Violated, check, detail
	r.Catch = at
	return true
}
