package scenarios

import (
	"flag"
	"fmt"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/invariant"
	"zabsim/zab/bug"
)

var (
	sweepSeeds = flag.Int("seeds", 800, "how many seeds TestSweep runs")
	sweepFrom  = flag.Uint64("from", 1, "the first seed of TestSweep")
)

// sweep executes the chaos scenario under many seeds, alternating 3 and 5
// servers, on all processors, and hands each outcome to take in seed order.
func sweep(from uint64, n int, o Options, take func(seed uint64, out *Outcome) bool) {
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
				results[i] <- Execute(s.Plan(from+uint64(i), seedOptions(from+uint64(i), o)), Settings{Reach: s.Reach})
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
//	go test ./scenarios -run TestSweep -seeds 20000
func TestSweep(t *testing.T) {
	seen := map[string]int{}
	var slowest float64
	vacuous := 0
	if testing.Short() {
		*sweepSeeds = min(*sweepSeeds, 120)
	}
	sweep(*sweepFrom, *sweepSeeds, Options{}, func(seed uint64, out *Outcome) bool {
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
		lines = append(lines, fmt.Sprintf("%-28s %6d of %d", p.Name, seen[p.Name], *sweepSeeds))
	}
	t.Log("reached:\n" + strings.Join(lines, "\n"))
	t.Logf("%d of %d passed, %d were vacuous", *sweepSeeds-vacuous, *sweepSeeds, vacuous)
	assert.LessOrEqual(t, vacuous, 1+*sweepSeeds/2000, "the faults leave no room for the load")
	t.Logf("the slowest second act took %.0f %% of its bound", 100*slowest)
	// What a sweep of this size must have seen, or the faults have lost their bite.
	for _, name := range []string{"second-leader", "two-leaders-at-once", "sync-diff", "sync-trunc", "sync-snap",
		"crash-of-leader", "crash-with-unsynced-tail", "commit-by-establish"} {
		assert.NotZero(t, seen[name], name)
	}
}

// hunt runs the sweep with one switch on until a run breaks one of the wanted
// checks, and returns that seed.
func hunt(t *testing.T, b bug.Switch, budget int) (uint64, *Outcome) {
	t.Helper()
	want := b.Info().Breaks
	var found *Outcome
	var at uint64
	sweep(1, budget, Options{Bugs: bug.Set{}.With(b)}, func(seed uint64, out *Outcome) bool {
		if out.Verdict == Passed {
			return true
		}
		found, at = out, seed
		return false
	})
	require.NotNil(t, found, "%s was not caught within %d seeds", b, budget)
	broken := []string{}
	for _, c := range found.Checks {
		if c.Verdict == Violated || c.Verdict == NoProgress {
			broken = append(broken, c.Name)
		}
	}
	sort.Strings(broken)
	hit := false
	for _, name := range broken {
		for _, w := range want {
			hit = hit || name == w
		}
	}
	assert.True(t, hit, "%s should break one of %v, but broke %v\n%s", b, want, broken, explainOutcome(at, found))
	t.Logf("%s: caught by %s at seed %d, after %d events", b, found.Broken.Name, at, found.Run.Events())
	return at, found
}

// TestHunt: every bug switch is caught within its budget by the check that it
// breaks. If a hunt fails, the eyes have gone blind, or the faults too gentle.
func TestHunt(t *testing.T) {
	budgets := map[bug.Switch]int{bug.FlatVoteOrder: 1000, bug.AckNewLeaderBeforeLog: 50, bug.EpochBeforeHistory: 1000}
	for _, info := range bug.All() {
		t.Run(info.JIRA[0], func(t *testing.T) {
			require.Contains(t, budgets, info.Switch, "a bug switch needs a hunt")
			at, out := hunt(t, info.Switch, budgets[info.Switch])
			// The seed is caught because of the switch, not by chance.
			s, _ := Lookup("chaos")
			clean := Execute(s.Plan(at, seedOptions(at, Options{})), Settings{Reach: s.Reach})
			assert.Equal(t, Passed, clean.Verdict, explainOutcome(at, clean))
			// The plan that the run wrote shows the same violation again.
			again := Execute(out.Plan, Settings{Reach: s.Reach})
			assert.Equal(t, out.Plan.Expect, again.Plan.Expect)
			assert.Empty(t, again.Unused)
		})
	}
}

// TestHuntInTheDefaultScenario: the default scenario, too, shows a bug to who
// tries a few seeds. The README tells which one to try.
func TestHuntInTheDefaultScenario(t *testing.T) {
	s, err := Lookup(Default)
	require.NoError(t, err)
	o := Options{Bugs: bug.Set{}.With(bug.AckNewLeaderBeforeLog)}
	for seed := uint64(1); seed <= 60; seed++ {
		if out := Execute(s.Plan(seed, o), Settings{}); out.Verdict == Violated {
			assert.Equal(t, "no-ack-before-sync", out.Broken.Name)
			t.Logf("zabsim run %s --bug ZOOKEEPER-3911 --seed %d: %s", Default, seed, out.Broken.Detail)
			return
		}
	}
	t.Fatal("ZOOKEEPER-3911 was not caught within 60 seeds")
}
