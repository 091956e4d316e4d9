package explore

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// search is one run in progress.
type search struct {
	m       *space
	parts   parts
	visited *visited
	packs   packs
	workers []*worker
	result  Result
	recipes [][]uint32 // how each component is made; only if a checkpoint may be written
	origins origins    // of states, in the search for a path
	sleep   *sleepers  // nil unless transitions sleep

	// The level under way: its packs, of which workers take the next, and what they
	// have found. Packs that were taken are nil.
	level [][]uint32
	taken atomic.Int64
	next  [][]uint32
	fresh uint64 // states of the next one that were counted

	// Counters that others read at any time: brought up to date after each pack.
	found, moves, expanded atomic.Uint64
	size, before           atomic.Uint64 // states of the level; of all levels up to it
	depth                  atomic.Int64

	control
}

// Run explores cfg's model. What Check refuses, and a checkpoint that cannot be
// continued, it refuses with Err.
func Run(cfg Config) Result {
	if err := cfg.Check(); err != nil {
		return Result{End: EndRefused, Err: err}
	}
	if cfg.Strategy != BFS || cfg.Liveness {
		return other(cfg)
	}
	s, err := begin(cfg, max(cfg.Workers, 1))
	if err != nil {
		return Result{End: EndRefused, Err: err}
	}
	return s.run()
}

// run searches until there is a reason to end.
func (s *search) run() Result {
	s.watch()
	end := s.m.spent(&s.result)
	for end == EndComplete && len(s.level) > 0 {
		if end = s.expandLevel(); end == EndComplete {
			end = s.m.spent(&s.result)
		}
	}
	r := s.finish(end)
	s.unwatch()
	s.close()
	if r.Violation != nil {
		depth, cfg := r.Depth, s.m.cfg
		if s.expanded.Load() > 0 {
			depth++ // seen in a level that was cut
		}
		*s = search{} // the second search needs the room
		witness(cfg, depth, &r)
	}
	return r
}

// newSearch begins a search at its first state, and panics where begin says what is
// wrong.
func newSearch(cfg Config, workers int) *search {
	s, err := begin(cfg, workers)
	if err != nil {
		panic("explore: " + err.Error())
	}
	return s
}

func begin(cfg Config, workers int) (*search, error) {
	s := &search{m: newSpace(cfg)}
	s.result.Wide = cfg.Wide
	var from *checkpoint
	if cfg.Resume != "" {
		var err error
		if from, err = readCheckpoint(cfg.Resume, cfg); err != nil {
			return nil, fmt.Errorf("checkpoint %s: %w", cfg.Resume, err)
		}
	}
	hint := cfg.MaxStates
	if visitedBytes(hint+hint/4, cfg.Wide) <= cfg.MaxMemory/2 || cfg.MaxMemory == 0 {
		hint += hint / 4 // the last level goes beyond
	}
	if from != nil {
		hint = max(hint, from.States)
	}
	if s.visited = newVisited(hint, cfg.Wide); s.visited == nil {
		return nil, fmt.Errorf("the system has no room for the fingerprints of %d states: %s", hint, size(visitedBytes(hint, cfg.Wide)))
	}
	for range workers {
		s.workers = append(s.workers, newWorker(s.m, &s.parts, &s.packs))
	}
	if from != nil {
		if err := s.resume(from); err != nil {
			s.close()
			return nil, fmt.Errorf("checkpoint %s: %w", cfg.Resume, err)
		}
		return s, nil
	}
	if cfg.Reduce == ReduceSleep {
		s.sleep = newSleepers()
	}
	w, start := s.m.start()
	t := s.workers[0].intern(w, &start.Ghost)
	if len(s.m.encode(nil, &t)) > packSlack {
		return nil, errors.New("a state of this model is longer than a pack's slack")
	}
	s.level = [][]uint32{s.m.encode(s.packs.get(), &t)}
	s.visited.insert(s.m.finger(&t))
	s.result.States, s.result.PerDepth = 1, []uint64{1}
	s.found.Store(1)
	s.before.Store(1)
	s.size.Store(1)
	s.workers[0].made = 0
	return s, nil
}

// close gives memory back that the garbage collector does not know.
func (s *search) close() {
	s.visited.close()
	s.packs.close()
	for _, k := range s.workers {
		k.close()
	}
}

// expandLevel visits all successors of the level and makes them the next level. If
// it must end within the level it says why.
func (s *search) expandLevel() End {
	for {
		s.pause.Store(false)
		if end := s.halted(); end != EndComplete {
			return end
		}
		if n := s.found.Load(); s.visited.full(n) && !s.widen(2*n) {
			return EndMemory
		}
		if end := s.save(false); end != EndComplete {
			return end
		}
		var done sync.WaitGroup
		for _, k := range s.workers {
			done.Add(1)
			go func() {
				defer done.Done()
				s.work(k)
			}()
		}
		done.Wait()
		s.gather()
		if int(s.taken.Load()) >= len(s.level) {
			s.endLevel()
			return EndComplete
		}
	}
}

// work expands packs until there are none left, or somebody wants all to stand still.
func (s *search) work(k *worker) {
	for !s.pause.Load() && !s.visited.full(s.found.Load()) {
		i := int(s.taken.Add(1)) - 1
		if i >= len(s.level) {
			return
		}
		states, moves, tuples := k.states, k.moves, uint64(0)
		for rest := s.level[i]; len(rest) > 0; tuples++ {
			rest = k.load(rest)
			if s.sleep != nil {
				k.expandAwake(s.visited, s.sleep)
			} else {
				k.expand(s.visited, nil)
			}
		}
		s.packs.put(s.level[i])
		s.level[i] = nil
		s.found.Add(k.states - states)
		s.moves.Add(k.moves - moves)
		s.expanded.Add(tuples)
		s.look()
	}
}

// gather takes what the workers have found. Nobody works meanwhile.
func (s *search) gather() {
	r := &s.result
	for _, k := range s.workers {
		if len(k.found) > 0 {
			k.full = append(k.full, k.found)
			k.found = nil
		}
		s.next = append(s.next, k.full...)
		k.full = k.full[:0]
		if len(k.recipes) > 0 {
			s.recipes = append(s.recipes, k.recipes)
			k.recipes = nil
		}
		s.fresh += k.states
		r.Transitions += k.moves
		r.Seen |= k.view.Seen
		if k.violation != nil {
			r.Violation = k.violation
		}
		k.states, k.moves = 0, 0
	}
	s.peak = max(s.peak, s.memory())
}

// endLevel makes what was found the next level.
func (s *search) endLevel() {
	if s.sleep != nil {
		s.sleep.turn()
	}
	s.level, s.next = s.next, s.level[:0]
	s.result.level(s.fresh)
	s.size.Store(s.fresh)
	s.fresh = 0
	s.before.Store(s.result.States)
	s.taken.Store(0)
	s.expanded.Store(0)
	s.depth.Store(int64(s.result.Depth))
}

// finish says how the search ended, and writes its last checkpoint.
func (s *search) finish(end End) Result {
	r := &s.result
	if r.Violation != nil {
		end = EndViolation
	}
	r.close(end, s.size.Load()-s.expanded.Load()+s.fresh)
	if r.End != EndComplete && r.End != EndViolation && r.Err == nil {
		if last := s.save(true); last != EndComplete {
			r.End = last
		}
	}
	s.account()
	r.States += s.fresh
	return *r
}

// account fills in what benchmarks want to know.
func (s *search) account() {
	s.result.account(&s.parts, s.workers...)
	s.result.Work.Bytes = s.peak
	if s.sleep != nil {
		s.result.Work.Bytes += s.sleep.peak
	}
}

func (r *Result) account(p *parts, workers ...*worker) {
	r.Kinds = Kinds{p.servers.len(), p.disks.len(), p.queues.len(), p.clients.len(), p.ghosts.len()}
	r.Work = Work{Workers: len(workers), Bytes: p.bytes()}
	for _, k := range workers {
		r.Work.MoveHits += k.work.MoveHits
		r.Work.Steps += k.work.Steps
		r.Work.StepHits += k.work.StepHits
		r.Work.Judged += k.work.Judged
		r.Work.JudgeHits += k.work.JudgeHits
		r.Work.Rechecked += k.work.Rechecked
		r.Work.Slept += k.work.Slept
	}
}
