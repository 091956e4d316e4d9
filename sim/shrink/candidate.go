package shrink

import (
	"context"
	"crypto/sha256"

	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// finest is so many pieces that each is one thing.
const finest = 1 << 30

// shrinker is a search under way.
type shrinker struct {
	ctx  context.Context
	o    Options
	best *plan.Plan // the smallest so far that fails in the same way

	starts []host.Duration // of best's operations, nil if nobody knows

	runs, slipped int
	taken         int            // candidates that were kept
	over          bool           // the budget is spent, or nobody waits any more
	hard          bool           // try other seeds, too
	piece         int            // take a list apart into at most so many pieces
	seen          map[key]Result // of candidates that were tried
}

// key names a candidate: the hash of its text.
type key [sha256.Size]byte

func keyOf(p *plan.Plan) (k key, err error) {
	h := sha256.New()
	err = p.Write(h)
	h.Sum(k[:0])
	return k, err
}

// look asks when the operations of the best plan began.
func (s *shrinker) look() {
	if s.o.Starts == nil {
		return
	}
	if s.starts = s.o.Starts(); len(s.starts) != len(s.best.Ops) {
		s.starts = nil
	}
}

// try runs a candidate, unless it was run before, and keeps it as the best if it
// fails in the same way. Nil is no candidate.
func (s *shrinker) try(c *plan.Plan) bool {
	if c == nil {
		return false
	}
	c.Expect = plan.Expect{}
	k, err := keyOf(c)
	if err != nil || s.o.Check(c) != nil {
		return false
	}
	if _, known := s.seen[k]; known {
		return false // refused, or it would be the best
	}
	if s.runs >= s.o.Runs || s.ctx.Err() != nil {
		s.over = true
		return false
	}
	s.runs++
	result, ran := s.o.Test(c)
	s.seen[k] = result
	switch result {
	case Same:
		s.best = ran
		s.look()
		s.taken++
	case Slipped:
		s.slipped++
	}
	if s.o.Progress != nil {
		s.o.Progress(s.runs, SizeOf(s.best))
	}
	return result == Same
}

// tryHard tries a candidate, and then the same under other seeds: of every second one
// without the decisions of the best plan, which say nothing under another seed. Small
// plans run fast, and what is left of them most often waits for a lucky moment: they get
// more seeds.
func (s *shrinker) tryHard(c *plan.Plan) bool {
	if c == nil || s.try(c) {
		return c != nil
	}
	seeds := s.o.Seeds
	if s.hard && opCount(s.best)+faultCount(s.best) <= smallMax {
		seeds *= smallSeeds
	}
	for i := 0; i < seeds && !s.over; i++ {
		other := *c
		other.Seed = uint64(i + 1)
		if i%2 == 1 {
			other.Decisions = nil
		}
		if other.Seed != c.Seed && s.try(&other) {
			return true
		}
	}
	return false
}

// A plan with so many faults and operations is small, and gets so many times more seeds.
const (
	smallMax   = 24
	smallSeeds = 6
)

// takeOut takes as many of n things out as can go: all of them, halves, quarters, and
// so on. The count is of the best plan; without makes the candidate that lacks some.
func (s *shrinker) takeOut(count func(p *plan.Plan) int, without func(p *plan.Plan, from, to int) *plan.Plan) {
	for size := count(s.best); size > 0 && !s.over; size /= 2 {
		if count(s.best)/size > s.piece {
			return
		}
		attempt := s.try
		if s.hard && count(s.best)/size <= hardMax || count(s.best)/size <= 8 {
			attempt = s.tryHard
		}
		for at := 0; at < count(s.best) && !s.over; {
			if !attempt(without(s.best, at, min(at+size, count(s.best)))) {
				at += size
			}
		}
	}
}

// hardMax is how few pieces are worth other seeds.
const hardMax = 40
