package explore

import (
	"fmt"
	"testing"
)

// BenchmarkExplore is the figure that search must reach: 3 servers, election by an
// oracle, 2 writes. The whole graph with 1 time-out (2.3 million states) and with 1
// crash, and the beginning of the one with a crash and a restart. Bytes are all in,
// what Go holds included.
func BenchmarkExplore(b *testing.B) {
	for _, m := range []Model{{Timeouts: 1}, {Crashes: 1}, {Crashes: 1, Restarts: 1}} {
		for _, workers := range []int{1, 2} {
			for _, memo := range []bool{true, false} {
				m.Servers, m.Writes = 3, 2
				cfg := Config{Model: m, Workers: workers, Memo: memo}
				if m.Restarts > 0 {
					cfg.MaxStates = 1_500_000
				}
				b.Run(fmt.Sprintf("crashes=%d/restarts=%d/timeouts=%d/workers=%d/memo=%v", m.Crashes, m.Restarts, m.Timeouts, workers, memo), func(b *testing.B) { bench(b, cfg) })
			}
		}
	}
}

// BenchmarkExploreWide is the price of 128 bits.
func BenchmarkExploreWide(b *testing.B) {
	bench(b, Config{Model: Model{Servers: 3, Writes: 2, Timeouts: 1}, Workers: 2, Memo: true, Wide: true})
}

func bench(b *testing.B, cfg Config) {
	b.ReportAllocs()
	var states, moves, hits, bytes uint64
	for b.Loop() {
		r := Run(cfg)
		if r.Violation != nil {
			b.Fatal(r.Violation)
		}
		states, moves, hits, bytes = states+r.States, moves+r.Transitions, hits+r.Work.MoveHits, bytes+r.Work.Bytes
	}
	b.ReportMetric(float64(states)/b.Elapsed().Seconds(), "states/s")
	b.ReportMetric(float64(moves)/b.Elapsed().Seconds(), "transitions/s")
	b.ReportMetric(100*float64(hits)/float64(moves), "%hits")
	b.ReportMetric(float64(bytes)/float64(states), "B/state")
}

// BenchmarkVisited inserts into a set that outgrows the caches, and its growing.
func BenchmarkVisited(b *testing.B) {
	const n = 8_000_000
	for _, wide := range []bool{false, true} {
		b.Run(fmt.Sprintf("wide=%v", wide), func(b *testing.B) {
			for b.Loop() {
				v := newVisited(0, wide)
				for i := range uint64(n) {
					if v.full(i) && !v.grow(i+1) {
						b.Fatal("no memory")
					}
					v.insert(prints(i, wide))
				}
				b.ReportMetric(float64(v.bytes.Load())/n, "B/state")
				v.close()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/state")
		})
	}
}
