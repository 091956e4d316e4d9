package sim

import (
	"slices"

	"zabsim/zab/host"
)

// Place is when and at which event something happened.
type Place struct {
	At    host.Time
	Event uint64
}

// Found returns where violation i of View was found.
func (r *Runner) Found(i int) Place {
	if i < len(r.found) {
		return r.found[i]
	}
	return Place{r.now, r.events} // at the end
}

// AtEnd tells whether violation i of View was found when the run was over, and
// by no event of it.
func (r *Runner) AtEnd(i int) bool { return i >= len(r.found) }

// Stopped tells whether the run was ended by Config.StopAtFirst.
func (r *Runner) Stopped() bool { return r.stopped }

// foundSome notes where the newest violations were found, and ends a run that was
// only to find one.
func (r *Runner) foundSome() {
	for i := len(r.found); i < len(r.View.Violations); i++ {
		r.found = append(r.found, Place{r.now, r.events})
		if r.stopFirst && !slices.Contains(r.plan.Excuse, r.View.Violations[i].Check) {
			r.stopped, r.done = true, true
		}
	}
}
