package hunt

import (
	"slices"
	"strings"

	"zabsim/sim/explore"
	"zabsim/sim/plan"
)

// model is one search and its share of the budget, in percent.
type model struct {
	name  string
	share uint64
	model explore.Model
}

// models differ in what they reach: small ones to their end, larger ones as far as
// their share goes.
var models = []model{
	{"2 servers, threads", 27, explore.Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1, Grain: plan.GrainThreads}},
	{"2 servers, 2 crashes", 18, explore.Model{Servers: 2, Writes: 2, Crashes: 2, Restarts: 2}},
	{"3 servers", 20, explore.Model{Servers: 3, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1}},
	{"3 servers, 2 serve", 35, explore.Model{Servers: 3, Writes: 1, Crashes: 2, Restarts: 2, Scenario: "serving"}},
}

func (r *Report) search(b Budget, base *Report, at *Catch) {
	for _, m := range models {
		*at = Catch{By: "search", Where: m.name}
		found := explore.Run(explore.Config{Model: m.model, MaxStates: max(b.States*m.share/100, 1), Memo: true, Workers: 1})
		if found.Err != nil { // the way to where it begins is barred, or breaks a promise
			at.Kind, at.Check, at.Detail = Violated, "situation", found.Err.Error()
			r.Catch = at
			return
		}
		Beat.Add(1)
		r.States += found.States
		r.trail(found.States, found.Transitions, uint64(found.Depth), uint64(found.Seen))
		if v := found.Violation; v != nil {
			at.Kind, at.Check, at.Detail = Violated, v.Check, v.Text
			r.Catch = at
			return
		}
		if !found.Complete {
			continue
		}
		r.Seen[m.name] = found.Seen.Names()
		if base == nil || base.Seen[m.name] == nil {
			continue
		}
		missing := slices.DeleteFunc(slices.Clone(base.Seen[m.name]), func(n string) bool { return slices.Contains(r.Seen[m.name], n) })
		if len(missing) > 0 {
			at.Kind, at.Check = NeverReached, strings.Join(missing, ", ")
			r.Catch = at
			return
		}
	}
}
