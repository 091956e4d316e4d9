package hunt

import (
	"slices"
	"strings"

	"zabsim/sim"
	"zabsim/sim/explore"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// model is one search and its share of the budget, in percent.
type model struct {
	name    string
	share   uint64
	serving bool // it begins where n1 leads n2 and n3 knows of nothing
	cfg     explore.Config
}

// models differ in what they reach: small ones to their end, larger ones as far as
// their share goes.
var models = []model{
	{"2 servers, threads", 27, false, explore.Config{Model: explore.Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1, Grain: plan.GrainThreads}}},
	{"2 servers, 2 crashes", 18, false, explore.Config{Model: explore.Model{Servers: 2, Writes: 2, Crashes: 2, Restarts: 2}}},
	{"3 servers", 20, false, explore.Config{Model: explore.Model{Servers: 3, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1}}},
	{"3 servers, 2 serve", 35, true, explore.Config{Model: explore.Model{Servers: 3, Writes: 1, Crashes: 2, Restarts: 2}}},
}

// servingMax bounds the way there, for a mutant that never arrives. Right code needs
// 26 steps.
const servingMax = 150

// serve returns the path to a state in which n1 leads n2, what the client asked for is
// done, and nothing is left to do but to involve n3.
func serve(cfg explore.Config) (path []sim.Choice) {
	w := explore.Start(cfg)
	next := sim.Choice{Kind: sim.ChoiceElect, Node: 1, Alt: uint8(quorum.Of(2))}
	for next.Kind != sim.ChoiceNone && len(path) < servingMax {
		w.Apply(next)
		path = append(path, next)
		next = sim.Choice{}
		for _, c := range w.Enabled(nil, cfg.Options) {
			if c.Kind <= sim.ChoiceClient && !concerns(w, c, 3) {
				next = c
				break
			}
		}
	}
	return path
}

// concerns tells whether a choice has to do with a server.
func concerns(w *sim.World, c sim.Choice, id quorum.ServerID) bool {
	switch c.Kind {
	case sim.ChoiceDeliver:
		conn := &w.Conns[c.Arg/2]
		if c.Arg%2 == 0 {
			return conn.B.Server() == id
		}
		return conn.A.Server() == id
	case sim.ChoiceConnect:
		return w.Conns[c.Arg].A.Server() == id || w.Conns[c.Arg].B.Server() == id
	case sim.ChoiceClient:
		return false
	}
	return c.Node == id
}

func (r *Report) search(b Budget, base *Report, at *Catch) {
	for _, m := range models {
		*at = Catch{By: "search", Where: m.name}
		cfg := m.cfg
		cfg.MaxStates, cfg.Memo, cfg.Workers = max(b.States*m.share/100, 1), true, 1
		if m.serving {
			cfg.Prefix = serve(cfg)
			if v := explore.Replay(m.cfg, cfg.Prefix); v != nil { // a search begins where nothing is broken
				at.Kind, at.Check, at.Detail = Violated, v.Check, v.Text
				r.Catch = at
				return
			}
		}
		found := explore.Run(cfg)
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
