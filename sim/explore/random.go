package explore

import (
	"slices"
	"sync"

	"zabsim/internal/keyed"
	"zabsim/sim"
)

// walkers share what random walks have found.
type walkers struct {
	m     *space
	p     parts
	packs packs
	luck  keyed.Stream
	start []uint32

	mu     sync.Mutex
	seen   *ledger
	next   int // walks that were begun
	best   int // the first walk that found a violation
	steps  uint64
	result Result
}

// defaultWalk is how many choices a walk makes if MaxDepth does not say.
const defaultWalk = 200

// random walks. A walk is a function of the seed and its number, so that the
// violation reported, of the first walk that finds one, does not depend on the
// workers. Nor do the counts, unless there is a violation or MaxStates ends it.
func random(cfg Config) Result {
	s := &walkers{m: newSpace(cfg), luck: keyed.New(cfg.Seed).Stream("explore.walk"), seen: newLedger(), best: cfg.Walks}
	var workers []*worker
	for range max(cfg.Workers, 1) {
		workers = append(workers, newWorker(s.m, &s.p, &s.packs))
	}
	w, start := s.m.start()
	t := workers[0].intern(w, &start.Ghost)
	s.start = s.m.encode(nil, &t)
	s.seen.at(t.sum.Hash())
	var done sync.WaitGroup
	for _, k := range workers {
		done.Add(1)
		go func() {
			defer done.Done()
			for i := s.begin(); i >= 0; i = s.begin() {
				s.walk(k, i)
			}
		}()
	}
	done.Wait()
	r := s.result
	for _, k := range workers {
		r.Seen |= k.view.Seen
		r.Transitions += k.moves
		k.close()
	}
	r.States = uint64(s.seen.n)
	r.account(&s.p, workers...)
	r.Work.Bytes += s.seen.bytes()
	return r
}

// begin returns the number of the next walk, -1 if there is to be none.
func (s *walkers) begin() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m.cfg.stopped() || s.next >= s.best || s.m.cfg.MaxStates > 0 && uint64(s.seen.n) >= s.m.cfg.MaxStates {
		return -1
	}
	s.next++
	return s.next - 1
}

// walk makes choices until there are none, the walk is long enough, or something
// breaks.
func (s *walkers) walk(k *worker, number int) {
	length := s.m.cfg.MaxDepth
	if length == 0 {
		length = defaultWalk
	}
	// How often a walk prefers a fault, if there is one, is its own: faults that
	// come early and all at once show other things than those that come late.
	faults := uint64(2) << s.luck.Key2(uint64(number), 0).Below(5)
	tuple := slices.Clone(s.start)
	var path []sim.Choice
	for len(path) < length {
		k.load(tuple)
		k.choices = k.world.Enabled(k.choices[:0], s.m.cfg.Options)
		if len(k.choices) == 0 {
			break
		}
		c := k.draw(s.luck.Key2(uint64(number), uint64(len(path)+1)), faults)
		path = append(path, c)
		k.try(c)
		if k.violation != nil {
			s.violated(k, number, path)
			return
		}
		s.visit(k)
		tuple = s.m.encode(tuple[:0], &k.to)
		k.retract()
	}
	s.mu.Lock()
	s.result.Depth = max(s.result.Depth, len(path))
	s.mu.Unlock()
}

// draw picks one of the choices: a fault in one of so many cases, if both kinds
// are there, and any of its kind.
func (k *worker) draw(d keyed.Draw, oneIn uint64) sim.Choice {
	faults := 0
	for _, c := range k.choices {
		if k.fault(c) {
			faults++
		}
	}
	list := k.choices
	if n := len(list) - faults; faults > 0 && n > 0 {
		want := d.Chance(1, oneIn)
		list = slices.DeleteFunc(list, func(c sim.Choice) bool { return k.fault(c) != want })
	}
	return list[d.Next().Below(uint64(len(list)))]
}

// fault tells whether a choice is paid for and is no repair.
func (k *worker) fault(c sim.Choice) bool {
	return c.Kind != sim.ChoiceRestart && k.world.Spends(c)
}

func (s *walkers) visit(k *worker) {
	s.mu.Lock()
	s.seen.at(k.to.sum.Hash())
	s.mu.Unlock()
}

func (s *walkers) violated(k *worker, number int, path []sim.Choice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if number < s.best {
		s.best = number
		s.result.Violation, s.result.Path, s.result.Depth = k.violation, path, max(s.result.Depth, len(path))
	}
	k.retract()
	k.violation = nil
}
