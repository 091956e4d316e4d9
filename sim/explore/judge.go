package explore

import (
	"zabsim/sim"
	"zabsim/zab/quorum"
)

// judge judges a plain world step by step, each step anew. Reference and replays
// use it; workers have a judge of their own.
type judge struct{ sim.Judge }

func newJudge(q *quorum.Config) *judge {
	j := &judge{}
	j.Init(q)
	return j
}

// before prepares for a choice that is about to be applied to w.
func (j *judge) before(w *sim.World) { j.Before(w) }

// after judges what c, which was just applied to w, did: View.Violations are those
// of this step alone.
func (j *judge) after(w *sim.World, c sim.Choice) {
	j.View.Violations = j.View.Violations[:0]
	j.After(w, c)
}
