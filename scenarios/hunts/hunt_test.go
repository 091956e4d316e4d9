package hunts

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/scenarios"
	"zabsim/sim/explore"
	"zabsim/zab/bug"
)

var huntFull = flag.Bool("hunt-full", false, "begin each random hunt at seed 1, with a budget of 20,000 seeds")

// Goal: every switch has a hunt, and nothing has two.
func TestEveryBugIsHunted(t *testing.T) {
	for _, info := range bug.All() {
		h, ok := Of(info.Switch)
		if assert.True(t, ok, "%s has no hunt: append one to a file rows_*.go", info.Name) {
			assert.NotEmpty(t, h.Ways(), info.Name)
		}
	}
	seen := map[bug.Switch]bool{}
	for _, h := range All() {
		assert.False(t, seen[h.Switch], "%s has two hunts", h.Switch)
		seen[h.Switch] = true
		assert.Equal(t, h.Search == nil && h.Reference == nil && h.Own == nil, h.Unsearched != "", "%s: it is searched, or says why not", h.Switch)
		for _, p := range h.Published {
			assert.NotEmpty(t, []string{p.Tool, p.Time, p.Source}, h.Switch)
		}
	}
}

// Goal: every bug is caught within the budget of each of its ways, first by a check
// that it is known to break, and because of the switch. If a hunt fails, the eyes have
// gone blind, or the faults too gentle. With -v it tells the track record.
func TestHunts(t *testing.T) {
	e := Effort{Jobs: runtime.GOMAXPROCS(0), Full: *huntFull}
	for _, h := range All() {
		for _, w := range h.Ways() {
			t.Run(fmt.Sprint(h.Switch, "/", w.Name()), func(t *testing.T) {
				start := time.Now()
				c, err := h.Go(context.Background(), w, e)
				require.NoError(t, err)
				require.NotNil(t, c, "%s was not caught: %s", h.Switch, w.Where())
				took := time.Since(start).Round(time.Millisecond)
				assert.True(t, h.Right(c), "%s is noticed by another check, %s: %s", h.Switch, c.Check, c.Detail)
				switch {
				case c.Run != nil:
					t.Logf("seed %d, %d runs, %d events, %v: %s: %s", c.Run.Seed, c.Tries, c.Run.Outcome.Run.Events(), took, c.Check, c.Detail)
					becauseOfTheSwitch(t, &h, c.Run)
				case c.States != nil:
					t.Logf("%s: %v, %v", w.Where(), &c.States.Result, took)
					shortestBecauseOfTheSwitch(t, &h, c.States)
				default:
					t.Logf("after %d, %v: %s", c.Tries, took, c.Check)
				}
			})
		}
	}
}

// becauseOfTheSwitch: without the switch the run is clean, and the plan that the run
// wrote shows the same violation again.
func becauseOfTheSwitch(t *testing.T, h *Hunt, r *Run) {
	_, set := h.Random.Plan(h.Switch, r.Seed)
	clean := h.Random.Clean(h.Switch, r.Seed)
	assert.Contains(t, []scenarios.Verdict{scenarios.Passed, scenarios.Vacuous}, clean.Verdict, "seed %d without the bug: %+v", r.Seed, clean.Broken)
	again := scenarios.Execute(r.Outcome.Plan, set)
	assert.Equal(t, r.Outcome.Plan.Expect, again.Plan.Expect)
	assert.Empty(t, again.Unused)
}

// shortestBecauseOfTheSwitch: the path shows it again, and without the switch nothing
// breaks among about as many states.
func shortestBecauseOfTheSwitch(t *testing.T, h *Hunt, s *States) {
	assert.Equal(t, s.Violation, explore.Replay(s.Config, s.Path))
	assert.Len(t, s.Path, s.Depth)
	right := s.Config
	right.Bugs, right.MaxDepth, right.MaxStates = right.Bugs.Without(h.Switch), s.Depth, min(s.States, 200_000)
	assert.Nil(t, explore.Run(right).Violation)
}

// Goal: a hunt without its prey comes back with nothing. Method: hunt with the switch
// of another bug, or none.
func TestHuntsCanFail(t *testing.T) {
	ctx := context.Background()
	for _, h := range []Hunt{
		{Switch: bug.ZxidRollover, Random: chaos(plain, 1, 2)},
		{Switch: bug.ZxidRollover, Search: &Search{Model: explore.Model{Servers: 2, Writes: 1}}},
		{Switch: bug.ZxidRollover, Search: &Search{Model: explore.Model{Servers: 3, Writes: 1}, MaxStates: 100}},
		{Switch: bug.ZxidRollover, Reference: &Reference{Sequences: 50}},
		{Switch: bug.ZxidRollover, Own: &Own{What: "x", Find: func(bug.Set, int) (string, string, int) { return "", "", 7 }}},
	} {
		c, err := h.Go(ctx, h.Ways()[0], Effort{})
		require.NoError(t, err)
		assert.Nil(t, c)
	}
	h := Hunt{Switch: bug.FlatVoteOrder}
	assert.False(t, h.Right(&Catch{Check: "no-ack-before-sync"}))
	assert.True(t, h.Right(&Catch{Check: "progress-after-heal"}))
}

// Goal: with the right code the ways that compare find nothing.
func TestNothingIsFoundInTheRightCode(t *testing.T) {
	for _, h := range All() {
		if h.Reference != nil {
			for seed := uint64(1); seed <= 100; seed++ {
				require.NoError(t, h.Reference.Compare(h.Reference.Bugs, seed))
			}
		}
		if h.Own != nil {
			check, detail, n := h.Own.Find(bug.Set{}, min(100, h.Own.Budget))
			assert.Empty(t, check, "%s: %s", h.Own.What, detail)
			assert.NotZero(t, n)
		}
	}
}

// Goal: what is found does not depend on how many look for it, and who is told to stop
// stops.
func TestFirst(t *testing.T) {
	try := func(i int) *int {
		if i%7 == 3 {
			return &i
		}
		return nil
	}
	for _, jobs := range []int{1, 2, 5, 64} {
		at, x := first(context.Background(), 50, jobs, try)
		require.NotNil(t, x)
		assert.Equal(t, []int{3, 3}, []int{at, *x})
		_, x = first(context.Background(), 3, jobs, try)
		assert.Nil(t, x)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	_, x := first(ctx, 50, 2, try)
	assert.Nil(t, x)
	for _, h := range []Hunt{
		{Random: chaos(plain, 1, 5)}, {Search: &Search{Model: explore.Model{Servers: 2}}}, {Reference: &Reference{}}, {Own: &Own{}},
	} {
		c, err := h.Go(ctx, h.Ways()[0], Effort{})
		assert.Nil(t, c)
		assert.ErrorIs(t, err, context.Canceled)
	}
}

// The default scenario, too, shows a bug to who tries a few seeds. The README tells
// which one to try.
func TestHuntInTheDefaultScenario(t *testing.T) {
	h := Hunt{Switch: bug.AckNewLeaderBeforeLog, Random: &Random{Scenario: scenarios.Default, From: 1, Seeds: 60}}
	c, err := h.Go(context.Background(), h.Random, Effort{Jobs: 2})
	require.NoError(t, err)
	require.NotNil(t, c, "ZOOKEEPER-3911 was not caught within 60 seeds")
	assert.Equal(t, "no-ack-before-sync", c.Check)
	t.Logf("zabsim run %s --bug ZOOKEEPER-3911 --seed %d: %s", scenarios.Default, c.Run.Seed, c.Detail)
}
