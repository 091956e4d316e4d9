package explore

import (
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// control is how a search is watched and stopped: by a goroutine that looks at the
// clock, and never decides what is visited, only when to stand still.
type control struct {
	pause atomic.Bool   // workers stop after the pack under way
	why   atomic.Uint32 // an End, if the search is to end
	due   atomic.Bool   // a checkpoint is
	heap  atomic.Uint64 // what the Go runtime holds, as last seen
	peak  uint64        // most memory seen
	quit  chan struct{}
	gone  sync.WaitGroup

	looked  func() // for tests
	witness bool   // this is the second search, for a shortest path
}

// Progress is what a search knows of itself while it runs.
type Progress struct {
	States, Transitions uint64
	Depth               int    // levels visited wholly
	Level, Left         uint64 // states of the level under way, and those of it not yet expanded
	Next                uint64 // states of the next level so far
	Memory              uint64 // bytes, all in
	Witness             bool   // a violation was found; what is counted now is the second search, for its shortest path
}

const (
	tick        = 100 * time.Millisecond
	ticksASec   = int(time.Second / tick)
	usualEvery  = 5 * time.Minute
	maxWorkers  = 256
	baseBytes   = 16 << 20 // the program itself, and what Go keeps at hand
	workerBytes = uint64(unsafe.Sizeof(worker{}) + unsafe.Sizeof(memo{}))
)

// leastMemory is what a search of n states cannot do without.
func (c *Config) leastMemory(n uint64) uint64 {
	least := visitedBytes(n, c.Wide) + baseBytes + packGroup*packCap*4
	return least + uint64(max(c.Workers, 1))*(workerBytes+uint64(memoBytes))
}

// memory returns what the search takes, all in.
func (s *search) memory() uint64 {
	return s.visited.bytes.Load() + s.packs.bytes.Load() + s.heap.Load() + uint64(len(s.workers)*memoBytes)
}

// look ends the search if it takes too much. Workers ask after each pack.
func (s *search) look() {
	if s.looked != nil {
		s.looked()
	}
	if limit := s.m.cfg.MaxMemory; limit > 0 && s.memory() > limit {
		s.halt(EndMemory)
	}
}

// halt makes the search end; the first reason counts.
func (s *search) halt(end End) {
	s.why.CompareAndSwap(uint32(EndComplete), uint32(end))
	s.pause.Store(true)
}

// halted returns why the search is to end, EndComplete if it is not.
func (s *search) halted() End { return End(s.why.Load()) }

// widen makes the visited set larger, unless that is more memory than there may be.
func (s *search) widen(n uint64) bool {
	limit := s.m.cfg.MaxMemory
	after := visitedBytes(n, s.m.cfg.Wide) - s.visited.bytes.Load()
	return (limit == 0 || s.memory()+after <= limit) && s.visited.grow(n)
}

// watch starts the goroutine that looks at the clock and at Stop.
func (s *search) watch() {
	s.heap.Store(heapBytes())
	select {
	case <-s.m.cfg.Stop:
		s.halt(EndStopped)
	default:
	}
	s.quit = make(chan struct{})
	s.gone.Add(1)
	go func() {
		defer s.gone.Done()
		t := time.NewTicker(tick)
		defer t.Stop()
		stop, every, saved := s.m.cfg.Stop, s.m.cfg.Every, time.Now()
		if every == 0 {
			every = usualEvery
		}
		for n := 1; ; n++ {
			select {
			case <-s.quit:
				return
			case <-stop:
				s.halt(EndStopped)
				stop = nil
			case <-t.C:
			}
			s.heap.Store(heapBytes())
			if n%ticksASec == 0 && s.m.cfg.Progress != nil {
				s.m.cfg.Progress(s.progress())
			}
			if s.m.cfg.Checkpoint != "" && time.Since(saved) > every {
				saved = time.Now()
				s.due.Store(true)
				s.pause.Store(true)
			}
		}
	}()
}

// unwatch ends that goroutine, and waits for it.
func (s *search) unwatch() {
	close(s.quit)
	s.gone.Wait()
}

func (s *search) progress() Progress {
	p := Progress{States: s.found.Load(), Transitions: s.moves.Load(), Depth: int(s.depth.Load()), Level: s.size.Load(), Memory: s.memory(), Witness: s.witness}
	p.Left = p.Level - min(s.expanded.Load(), p.Level)
	p.Next = p.States - min(s.before.Load(), p.States)
	return p
}

// heapBytes returns what the Go runtime has of the system.
func heapBytes() uint64 {
	list := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(list)
	return list[0].Value.Uint64() - list[1].Value.Uint64()
}
