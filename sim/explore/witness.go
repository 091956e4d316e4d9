package explore

import (
	"slices"

	"zabsim/sim"
	"zabsim/sim/invariant"
)

// step of a path: where a state was found from, and by which choice.
type origin struct {
	parent uint32
	choice sim.Choice
}

// witness searches again for a violation that is known to exist depth levels below
// the start, with one worker, in canonical order, keeping each state's origin. So
// the path does not depend on who was first in the first run.
func witness(cfg Config, depth int) (*invariant.Violation, []sim.Choice) {
	cfg.Workers, cfg.MaxDepth, cfg.MaxStates = 1, depth, 0
	s := newSearch(cfg, 1)
	k := s.workers[0]
	origins := []origin{{}}
	var last sim.Choice
	for len(s.level) > 0 {
		for _, pack := range s.level {
			for rest := pack; len(rest) > 0; {
				if n := s.found.Load() + k.states; s.visited.full(n) {
					s.visited.grow(2 * n)
				}
				rest = k.load(rest)
				k.expand(s.visited, func(c sim.Choice, fresh bool) bool {
					last = c
					if fresh {
						k.to.index = uint32(len(origins))
						origins = append(origins, origin{k.from.index, c})
					}
					return k.violation != nil
				})
				if k.violation != nil {
					return k.violation, path(origins, k.from.index, last)
				}
			}
		}
		s.found.Add(k.states)
		s.collect()
	}
	panic("explore: a violation was found once and not again")
}

func path(origins []origin, at uint32, last sim.Choice) []sim.Choice {
	list := []sim.Choice{last}
	for ; at != 0; at = origins[at].parent {
		list = append(list, origins[at].choice)
	}
	slices.Reverse(list)
	return list
}
