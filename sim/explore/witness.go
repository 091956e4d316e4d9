package explore

import (
	"fmt"
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
func witness(cfg Config, depth int, r *Result) {
	cfg.Workers, cfg.MaxDepth, cfg.MaxStates, cfg.Checkpoint, cfg.Resume, cfg.Stop = 1, depth, 0, "", "", nil
	if cfg.Reduce == ReduceSleep { // it changes no depth, and a plain search knows the order
		cfg.Reduce = ReduceNone
	}
	s, err := begin(cfg, 1)
	if err != nil {
		r.Err = err
		return
	}
	s.control.witness = true
	s.watch()
	defer s.close()
	defer s.unwatch()
	s.origins.add(origin{})
	for len(s.level) > 0 && s.result.Depth < depth {
		for i, pack := range s.level {
			if n := s.found.Load(); s.halted() != EndComplete || s.visited.full(n) && !s.widen(2*n) {
				r.Err = fmt.Errorf("the violation is certain, but no memory is left to find its shortest path: %d choices; raise the limit of memory", depth)
				return
			}
			if v, path := s.follow(pack); v != nil {
				r.Violation, r.Path = v, path
				return
			}
			s.packs.put(pack)
			s.level[i] = nil
		}
		s.gather()
		s.endLevel()
	}
	panic("explore: a violation was found once and not again")
}

// follow expands a pack until it meets a violation.
func (s *search) follow(pack []uint32) (*invariant.Violation, []sim.Choice) {
	k := s.workers[0]
	states := k.states
	var last sim.Choice
	for rest := pack; len(rest) > 0; {
		rest = k.load(rest)
		k.expand(s.visited, func(c sim.Choice, fresh bool) bool {
			last = c
			if fresh {
				k.to.index = s.origins.add(origin{k.from.index, c})
			}
			return k.violation != nil
		})
		if k.violation != nil {
			return k.violation, s.origins.path(k.from.index, last)
		}
	}
	s.found.Add(k.states - states)
	s.look()
	return nil, nil
}

// origins are kept in pieces, so that they grow without being copied.
type origins struct {
	pieces []*[originsPiece]origin
	n      uint32
}

const originsPiece = 1 << 16

func (o *origins) add(x origin) uint32 {
	if o.n%originsPiece == 0 {
		o.pieces = append(o.pieces, new([originsPiece]origin))
	}
	o.n++
	*o.at(o.n - 1) = x
	return o.n - 1
}

func (o *origins) at(i uint32) *origin { return &o.pieces[i/originsPiece][i%originsPiece] }

func (o *origins) path(at uint32, last sim.Choice) []sim.Choice {
	list := []sim.Choice{last}
	for ; at != 0; at = o.at(at).parent {
		list = append(list, o.at(at).choice)
	}
	slices.Reverse(list)
	return list
}
