package scenarios

import (
	"flag"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/sim/invariant"
	"zabsim/sim/plan"
)

var (
	sweepSeeds = flag.Int("seeds", 800, "how many seeds TestSweep runs")
	sweepFrom  = flag.Uint64("from", 1, "the first seed of TestSweep")
)

// sweep executes the chaos scenario under many seeds, alternating 3 and 5
// servers, on all processors, and hands each outcome to take in seed order.
func sweep(from uint64, n int, o Options, take func(seed uint64, out *Outcome) bool) {
	s, _ := Lookup("chaos")
	sweepPlans(from, n, func(seed uint64) *plan.Plan { return s.Plan(seed, seedOptions(seed, o)) }, take)
}

// sweepPlans is sweep with plans of the caller's.
func sweepPlans(from uint64, n int, plans func(seed uint64) *plan.Plan, take func(seed uint64, out *Outcome) bool) {
	s, _ := Lookup("chaos")
	workers := runtime.GOMAXPROCS(0)
	results := make([]chan *Outcome, n)
	for i := range results {
		results[i] = make(chan *Outcome, 1)
	}
	var next atomic.Int64
	var stop atomic.Bool
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n || stop.Load() {
					return
				}
				results[i] <- Execute(plans(from+uint64(i)), Settings{Reach: s.Reach})
			}
		})
	}
	for i := range results {
		if !take(from+uint64(i), <-results[i]) {
			break
		}
	}
	stop.Store(true)
	wg.Wait()
}

// seedOptions gives odd seeds 3 voters and even ones 5; some seeds add observers.
func seedOptions(seed uint64, o Options) Options {
	if o.Servers == 0 {
		o.Voters = 5 - 2*int(seed%2)
	}
	return o
}

func explainOutcome(seed uint64, out *Outcome) string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: %s, %+v\n", seed, out.Verdict, out.Run.Counts())
	for i := range out.Run.View.Violations {
		fmt.Fprintf(&b, "  %s\n", out.Run.View.Violations[i].String())
	}
	for _, c := range out.Checks {
		if c.Verdict != Passed {
			fmt.Fprintf(&b, "  %s %s: %s\n", c.Name, c.Verdict, c.Detail)
		}
	}
	return b.String()
}

// TestSweep: whatever the seed draws, no promise is broken, nothing stays
// undecided, and hardly a run is empty. Goal: false alarms and our own bugs. Run it
// longer with
//
//	go test ./scenarios -run TestSweep -seeds 20000 -timeout 1h
func TestSweep(t *testing.T) { sweepAll(t, Options{}, *sweepSeeds) }

// TestSweepThreads is TestSweep at grain threads.
func TestSweepThreads(t *testing.T) { sweepAll(t, Options{Grain: plan.GrainThreads}, *sweepSeeds/2) }

func sweepAll(t *testing.T, o Options, seeds int) {
	seen := map[string]int{}
	var slowest float64
	vacuous := 0
	if testing.Short() {
		seeds = min(seeds, 120)
	}
	sweep(*sweepFrom, seeds, o, func(seed uint64, out *Outcome) bool {
		if out.Verdict == Vacuous {
			// Faults so dense that no client wrote: rare, no fault of the protocol,
			// and not passed either.
			t.Log(explainOutcome(seed, out))
			vacuous++
			return true
		}
		assert.Equal(t, Passed, out.Verdict, explainOutcome(seed, out))
		for _, name := range out.Reached {
			seen[name]++
		}
		slowest = max(slowest, float64(out.Run.Counts().HealNanos)/float64(out.Run.HealBound()))
		return true
	})
	var lines []string
	for _, p := range invariant.Sometimes() {
		lines = append(lines, fmt.Sprintf("%-28s %6d of %d", p.Name, seen[p.Name], seeds))
	}
	t.Log("reached:\n" + strings.Join(lines, "\n"))
	t.Logf("%d of %d passed, %d were vacuous", seeds-vacuous, seeds, vacuous)
	assert.LessOrEqual(t, vacuous, 1+seeds/2000, "the faults leave no room for the load")
	t.Logf("the slowest second act took %.0f %% of its bound", 100*slowest)
	// What a sweep of this size must have seen, or the faults have lost their bite.
	for _, name := range []string{"second-leader", "two-leaders-at-once", "sync-diff", "sync-trunc", "sync-snap",
		"crash-of-leader", "crash-with-unsynced-tail", "commit-by-establish", "crash-at-accepted-epoch",
		"crash-at-snapshot", "crash-at-history", "crash-at-current-epoch", "observer-served", "observer-delivered", "late-joiner",
		"diff-from-log", "snapshot", "snapshot-while-writing", "purge", "error-txn", "counter-overflow", "deliver-before-own-sync"} {
		assert.NotZero(t, seen[name], name)
	}
	if !testing.Short() { // one run in a hundred
		assert.NotZero(t, seen["crash-at-truncate"], "crash-at-truncate")
	}
}
