package trace

import (
	"math/bits"

	"zabsim/internal/fp"
	"zabsim/zab/host"
)

// Fold is the running fingerprint of a run. The zero value is that of a run in
// which nothing has happened. A copy goes its own way. Plans store its result,
// so what it does with its words must not change.
type Fold struct{ h fp.Hash }

// Add folds one applied choice: when, what was chosen, and what came of it. The
// meaning of the two words is the caller's, as long as different choices differ
// in them. It builds no string: this runs for every event, written or not.
func (f *Fold) Add(at host.Time, choice, detail uint64) fp.Hash {
	// Time counts in the low bits and choices often do, too. A swap of the
	// halves keeps them from cancelling out, and saves a round of mixing.
	f.h = f.h.Word(uint64(at) ^ bits.RotateLeft64(choice*foldSpread, 32)).Word(detail)
	return f.h
}

const foldSpread = 0xD1B54A32D192ED03 // odd, so that no two choices become one

// Event folds all of e, strings too. It serves drivers that have no numbers for
// their choices; a fold must be fed by one of the two methods only, or with the
// same sequence of both.
func (f *Fold) Event(e *Event) fp.Hash {
	h := f.h.Word(e.ID).Word(e.Cause).Word(uint64(e.At)).Word(uint64(e.Node))
	f.h = h.String(e.Lane).String(e.Verb).String(e.Detail)
	return f.h
}

// Hash returns the fingerprint of all that was folded so far.
func (f *Fold) Hash() fp.Hash { return f.h }
