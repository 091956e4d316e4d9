package explore

import (
	"sync"
	"sync/atomic"
)

// search is one run in progress.
type search struct {
	m       *model
	parts   parts
	visited *visited
	workers []*worker
	level   [][]uint32    // packs of tuples
	found   atomic.Uint64 // states so far, but for the packs under way
	result  Result
	peak    int // words of two levels
}

// Run explores cfg's model level by level.
func Run(cfg Config) Result {
	s := newSearch(cfg, max(cfg.Workers, 1))
	for len(s.level) > 0 && !s.m.spent(&s.result) {
		s.expandLevel()
	}
	r := &s.result
	r.Complete = len(s.level) == 0
	s.account()
	if r.Violation != nil {
		r.Violation, r.Path = witness(cfg, r.Depth)
	}
	return *r
}

func newSearch(cfg Config, workers int) *search {
	s := &search{m: newModel(cfg)}
	s.visited = newVisited(cfg.MaxStates + cfg.MaxStates/4)
	for range workers {
		s.workers = append(s.workers, newWorker(s.m, &s.parts))
	}
	w, start := s.m.start()
	t := s.workers[0].intern(w, &start.Ghost)
	s.level = [][]uint32{s.m.encode(nil, &t)}
	s.visited.insert(name(w, &start.Ghost))
	s.result.States, s.result.PerDepth = 1, []uint64{1}
	return s
}

// expandLevel visits all successors of the level and makes them the next level.
func (s *search) expandLevel() {
	var next atomic.Int64
	for int(next.Load()) < len(s.level) {
		if n := s.found.Load(); s.visited.full(n) {
			s.visited.grow(2 * n)
		}
		var done sync.WaitGroup
		for _, k := range s.workers {
			done.Add(1)
			go func() {
				defer done.Done()
				s.work(k, &next)
			}()
		}
		done.Wait()
	}
	s.collect()
}

// work expands packs until there are none left or the visited set wants to grow.
func (s *search) work(k *worker, next *atomic.Int64) {
	for !s.visited.full(s.found.Load()) {
		i := int(next.Add(1)) - 1
		if i >= len(s.level) {
			return
		}
		before := k.states
		for rest := s.level[i]; len(rest) > 0; {
			rest = k.load(rest)
			k.expand(s.visited, nil)
		}
		s.found.Add(k.states - before)
	}
}

// collect ends a level.
func (s *search) collect() {
	var next [][]uint32
	var states uint64
	words := 0
	for _, k := range s.workers {
		if len(k.found) > 0 {
			k.full = append(k.full, k.found)
			k.found = nil
		}
		next = append(next, k.full...)
		k.full = nil
		states += k.states
		s.result.Transitions += k.moves
		s.result.Seen |= k.view.Seen
		if k.violation != nil {
			s.result.Violation = k.violation
		}
		k.states, k.moves = 0, 0
	}
	for _, p := range s.level {
		words += cap(p)
	}
	for _, p := range next {
		words += cap(p)
	}
	s.peak = max(s.peak, words)
	s.level = next
	s.result.level(states)
}

// account fills in what benchmarks want to know.
func (s *search) account() {
	r, p := &s.result, &s.parts
	r.Kinds = Kinds{p.servers.len(), p.disks.len(), p.queues.len(), p.clients.len(), p.ghosts.len()}
	for _, k := range s.workers {
		r.Work.MoveHits += k.work.MoveHits
		r.Work.Steps += k.work.Steps
		r.Work.StepHits += k.work.StepHits
		r.Work.Judged += k.work.Judged
		r.Work.JudgeHits += k.work.JudgeHits
		r.Work.Rechecked += k.work.Rechecked
	}
	r.Work.Bytes = uint64(8*len(s.visited.slots)) + uint64(4*s.peak) + p.bytes()
}
