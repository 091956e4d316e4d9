package explore

import (
	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/invariant"
)

// Reference is Run without any of its cleverness: it copies whole worlds, computes
// every fingerprint from scratch and keeps them in a map. Its counts are what Run's
// are compared with. It looks for no path.
func Reference(cfg Config) Result {
	m := newSpace(cfg)
	w, start := m.start()
	type state struct {
		world *sim.World
		ghost *invariant.Ghost
	}
	clone := func(w *sim.World, g *invariant.Ghost) state {
		s := state{new(sim.World), new(invariant.Ghost)}
		w.CloneInto(s.world)
		g.CloneInto(s.ghost)
		return s
	}
	visited := map[fp.Hash]bool{name(w, &start.Ghost): true}
	level := []state{clone(w, &start.Ghost)}
	r := Result{States: 1, PerDepth: []uint64{1}}
	j := newJudge(m.setup.Quorum)
	var next sim.World
	var choices []sim.Choice
	for len(level) > 0 && m.spent(&r) == EndComplete {
		var found []state
		for _, s := range level {
			choices = s.world.Enabled(choices[:0], cfg.Options)
			for _, c := range choices {
				s.world.CloneInto(&next)
				s.ghost.CloneInto(&j.View.Ghost)
				j.before(&next)
				next.Apply(c)
				j.after(&next, c)
				r.Transitions++
				if len(j.View.Violations) > 0 && r.Violation == nil {
					v := j.View.Violations[0]
					r.Violation = &v
				}
				if n := name(&next, &j.View.Ghost); !visited[n] {
					visited[n] = true
					found = append(found, clone(&next, &j.View.Ghost))
				}
			}
		}
		level = found
		r.level(uint64(len(found)))
	}
	r.close(m.spent(&r), uint64(len(level)))
	r.Seen = j.View.Seen
	return r
}

// spent tells why a search must not begin another level; EndComplete if it may.
func (m *space) spent(r *Result) End {
	switch {
	case r.Violation != nil:
		return EndViolation
	case m.cfg.MaxStates > 0 && r.States >= m.cfg.MaxStates:
		return EndStates
	case m.cfg.MaxDepth > 0 && r.Depth >= m.cfg.MaxDepth:
		return EndDepth
	}
	return EndComplete
}

// close says how a search ended that leaves so many states unexpanded. One that has
// nothing left is complete, even if a budget is spent as well.
func (r *Result) close(end End, frontier uint64) {
	r.End, r.Frontier = end, frontier
	if r.Complete = frontier == 0; r.Complete && r.Violation == nil {
		r.End = EndComplete
	}
}

// level enters a level that brought n new states.
func (r *Result) level(n uint64) {
	r.Depth++
	r.States += n
	if n > 0 {
		r.PerDepth = append(r.PerDepth, n)
	}
}
