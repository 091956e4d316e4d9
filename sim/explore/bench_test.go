package explore

import (
	"fmt"
	"testing"
)

// BenchmarkExplore is the figure that search must reach: 3 servers, election by an
// oracle, 2 writes, 1 crash, without a restart (the whole graph) and with one (its
// first 2 million states).
func BenchmarkExplore(b *testing.B) {
	for _, restarts := range []int{0, 1} {
		for _, workers := range []int{1, 2} {
			for _, memo := range []bool{true, false} {
				b.Run(fmt.Sprintf("restarts=%d/workers=%d/memo=%v", restarts, workers, memo), func(b *testing.B) {
					cfg := Config{Servers: 3, Writes: 2, Crashes: 1, Restarts: restarts, MaxStates: 1_500_000, Workers: workers, Memo: memo}
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
				})
			}
		}
	}
}
