package fuzz

import (
	"zabsim/sim"
	"zabsim/sim/plan"
)

// poolMax is how many plans of one scenario a pool keeps: the newest.
const poolMax = 64

// pool holds the plans that have reached something new, and what was reached. Its
// lists are only ever replaced, so that who has one may go on reading it.
type pool struct {
	reached sim.Coverage
	entries map[string][]*plan.Plan // by scenario, oldest first
	// snapshots of entries at the ends of the last batches, by their number modulo 4
	snapshots [4]map[string][]*plan.Plan
}

// add looks what r has reached. New marks alone are worth a place, too: they are how
// the search finds its way to what has a name.
func (k *pool) add(r *Run) (named, marks int) {
	named, marks = k.reached.Add(&r.Coverage)
	if named+marks == 0 || r.Panic != "" || r.Failed() {
		return named, marks
	}
	if k.entries == nil {
		k.entries = map[string][]*plan.Plan{}
	}
	old := k.entries[r.Scenario]
	list := append(old[max(0, len(old)+1-poolMax):len(old):len(old)], r.Plan)
	k.entries[r.Scenario] = list
	return named, marks
}

// close remembers the entries as they are when so many batches are complete.
func (k *pool) close(batches int) {
	shot := make(map[string][]*plan.Plan, len(k.entries))
	for name, list := range k.entries {
		shot[name] = list
	}
	k.snapshots[batches%4] = shot
}

// at returns what runs of a batch may draw from: what was known when all batches but
// the one before it were complete.
func (k *pool) at(batch int) *pool {
	if batch < 2 {
		return &pool{}
	}
	return &pool{entries: k.snapshots[(batch-1)%4]}
}

// of returns the plans of one scenario.
func (k *pool) of(scenario string) []*plan.Plan { return k.entries[scenario] }
