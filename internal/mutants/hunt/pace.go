package hunt

import (
	"fmt"

	"zabsim/internal/keyed"
	"zabsim/scenarios"
	"zabsim/sim/plan"
)

// pace is what ZooKeeper does not promise and everybody expects: that an answer comes,
// and how soon there is a leader again. Runs of scenarios as they are written keep these
// limits by half; what only a time-out saves does not.
type pace struct {
	scenario string
	limits   []string
	lost     uint64 // operations whose client was never told, at most
}

var paces = []pace{
	{"steady", []string{"max(op)<50ms", "count(epochs)<=2", "max(failover)<2s"}, 0},
	{"leader-crash", []string{"max(op)<50ms", "count(epochs)<=5", "max(failover)<3s"}, 5},
	{"rolling-restart", []string{"max(op)<50ms", "count(epochs)<=5", "max(failover)<3s"}, 5},
	{"hung-leader", []string{"max(op)<50ms", "count(epochs)<=5", "max(failover)<14s"}, 25},
	{"leader-partition", []string{"max(op)<50ms", "count(epochs)<=5", "max(failover)<14s"}, 25},
	{"disk-trouble", []string{"max(op)<50ms", "count(epochs)<=8", "max(failover)<4s"}, 20},
}

// shapes are how each of them is run.
var shapes = []scenarios.Options{{Servers: 3}, {Servers: 5, Grain: plan.GrainThreads}}

// keep runs what must keep its pace, as long as there are events left.
func (r *Report) keep(b Budget, at *Catch) {
	for i := 0; i < len(paces)*len(shapes) && r.Events < b.Events; i++ {
		p, o := &paces[i%len(paces)], shapes[i/len(paces)]
		s, err := scenarios.Lookup(p.scenario)
		if err != nil {
			panic(err)
		}
		seed := keyed.New(b.Seed).Stream("mutants.pace").Key(uint64(i)).Uint64() >> 40
		*at = Catch{By: "fuzz", Where: fmt.Sprintf("%s as written, seed %d", s.Name, seed)}
		r.pace(p, s.Plan(seed, o), at)
		if r.Catch != nil {
			return
		}
	}
}

func (r *Report) pace(p *pace, plan *plan.Plan, at *Catch) {
	set := scenarios.Settings{EventsMax: endless}
	for _, text := range p.limits {
		t, ok := scenarios.ThresholdOf(text)
		if !ok {
			panic("mutants: " + text + " is no threshold")
		}
		set.Thresholds = append(set.Thresholds, t)
	}
	o := r.execute(plan, set)
	if r.Catch = judge(o, at); r.Catch != nil {
		return
	}
	if n := o.Run.Counts().Lost; n > p.lost {
		at.Kind, at.Check, at.Detail = Limit, "count(lost)", fmt.Sprintf("%d operations without an answer, %d at most", n, p.lost)
		r.Catch = at
	}
}
