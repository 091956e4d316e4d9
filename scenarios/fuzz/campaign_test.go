package fuzz

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
)

func named(t require.TestingT, names ...string) []*scenarios.Scenario {
	var list []*scenarios.Scenario
	for _, n := range names {
		s, err := scenarios.Lookup(n)
		require.NoError(t, err)
		list = append(list, s)
	}
	return list
}

// instead runs f in place of scenarios.Execute.
func instead(t *testing.T, f func(*plan.Plan, scenarios.Settings) *scenarios.Outcome) {
	old := execute
	execute = f
	t.Cleanup(func() { execute = old })
}

// smallBatches lets few runs cross many batches.
func smallBatches(t *testing.T) {
	old := batch
	batch = 8
	t.Cleanup(func() { batch = old })
}

var three = scenarios.Options{Servers: 3, Bugs: bug.Set{}.With(bug.AckNewLeaderBeforeLog)}

// tell is all that a campaign found, as text.
func tell(r *Result) string {
	var b strings.Builder
	stats := r.Stats
	stats.Newest = nil // a pointer to one of the findings below
	fmt.Fprintf(&b, "%+v\n%+v\n%v\n%v\n", stats, r.Scenarios, r.Sometimes, r.Transitions)
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s x%d run %d\n", f.Verdict, f.Signature, f.Count, f.Witness.Index)
	}
	return b.String()
}

// TestJobsChangeNothing: the same runs, the same plans that follow from what was
// reached, the same findings, whatever the number of workers. Batches are crossed
// several times.
func TestJobsChangeNothing(t *testing.T) {
	smallBatches(t)
	cfg := Config{Scenarios: named(t, "leader-crash", "steady", "chaos"), Seed: 7, Runs: 7 * batch, Options: three}
	var first string
	for _, jobs := range []int{1, 2, 5} {
		cfg.Jobs = jobs
		var order []int
		cfg.Ran = func(r *Run) { order = append(order, r.Index) }
		r := Go(context.Background(), cfg)
		assert.NotZero(t, r.Mutated)
		assert.NotEmpty(t, r.Findings)
		for i, index := range order {
			assert.Equal(t, i, index)
		}
		if got := tell(r); first == "" {
			first = got
		} else {
			assert.Equal(t, first, got, "%d jobs", jobs)
		}
	}
}

// TestShardsArePartsOfOneCampaign: their runs are those of the whole, each once (as long
// as none is varied), and together as many.
func TestShardsArePartsOfOneCampaign(t *testing.T) {
	cfg := Config{Scenarios: named(t, "steady", "leader-crash"), Seed: 3, Runs: 11, Jobs: 2}
	var whole []uint64
	cfg.Ran = func(r *Run) { whole = append(whole, r.Plan.Seed) }
	Go(context.Background(), cfg)
	var parts [11]uint64
	cfg.Shards = 3
	for shard := range 3 {
		cfg.Shard = shard
		cfg.Ran = func(r *Run) { parts[r.Index] = r.Plan.Seed }
		Go(context.Background(), cfg)
	}
	assert.Equal(t, whole, parts[:])
}

// TestACampaignOfMoreRunsBeginsWithThoseOfFewer: wall time decides how many runs there
// are, and nothing else.
func TestACampaignOfMoreRunsBeginsWithThoseOfFewer(t *testing.T) {
	smallBatches(t)
	cfg := Config{Scenarios: named(t, "leader-crash"), Seed: 5, Runs: 5 * batch, Jobs: 2, Options: three}
	var long, short []uint64
	cfg.Ran = func(r *Run) { long = append(long, r.Plan.Expect.Fingerprint) }
	Go(context.Background(), cfg)
	var asked atomic.Int64
	cfg.Runs, cfg.More = 0, func() bool { return asked.Add(1) <= int64(3*batch+5) }
	cfg.Ran = func(r *Run) { short = append(short, r.Plan.Expect.Fingerprint) }
	r := Go(context.Background(), cfg)
	assert.Len(t, short, 3*batch+5)
	assert.Equal(t, long[:len(short)], short)
	assert.False(t, r.Interrupted)
}

// TestARunThatDiffersEndsTheCampaign: one in twenty is run twice.
func TestARunThatDiffersEndsTheCampaign(t *testing.T) {
	n := 0
	instead(t, func(p *plan.Plan, set scenarios.Settings) *scenarios.Outcome {
		if n++; n == 4 { // the second run of run 2
			q := *p
			q.Seed++
			p = &q
		}
		return scenarios.Execute(p, set)
	})
	r := Go(context.Background(), Config{Scenarios: named(t, "steady"), Seed: 1, Runs: 50, Jobs: 1, Again: 3})
	require.NotNil(t, r.Broken)
	assert.Equal(t, 2, r.Broken.Index)
	assert.Contains(t, r.Broken.Differs, "two runs of one plan differ")
	assert.Contains(t, r.Broken.Differs, "two more runs, with traces, were equal")
	assert.Equal(t, 3, r.Runs)
}

// TestTheFirstDifferenceIsShown: where each run is another.
func TestTheFirstDifferenceIsShown(t *testing.T) {
	n := uint64(0)
	instead(t, func(p *plan.Plan, set scenarios.Settings) *scenarios.Outcome {
		q := *p
		q.Seed += n
		n++
		return scenarios.Execute(&q, set)
	})
	r := Go(context.Background(), Config{Scenarios: named(t, "steady"), Seed: 1, Runs: 1, Jobs: 1, Again: 1})
	require.NotNil(t, r.Broken)
	assert.Contains(t, r.Broken.Differs, "first difference, line 2 of the trace")
}

// TestAPanicIsNoVerdict: the run that panicked is told, with its plan.
func TestAPanicIsNoVerdict(t *testing.T) {
	instead(t, func(p *plan.Plan, set scenarios.Settings) *scenarios.Outcome { panic("ouch") })
	r := Go(context.Background(), Config{Scenarios: named(t, "steady"), Seed: 1, Runs: 100, Jobs: 2})
	require.NotNil(t, r.Broken)
	assert.Equal(t, "ouch", r.Broken.Panic)
	assert.NotNil(t, r.Broken.Plan)
	assert.Equal(t, 1, r.Runs)
}

// TestInterruptedCampaignsKeepWhatTheyHave: runs that were started end.
func TestInterruptedCampaignsKeepWhatTheyHave(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r := Go(ctx, Config{Scenarios: named(t, "steady"), Seed: 1, Jobs: 2, Progress: func(s *Stats) {
		if s.Runs == 5 {
			cancel()
		}
	}})
	assert.True(t, r.Interrupted)
	assert.GreaterOrEqual(t, r.Runs, 5)
	assert.Less(t, r.Runs, 15)
	assert.Equal(t, r.Runs, r.Verdicts[scenarios.Passed])
}

// TestFailuresWithOneSignatureAreOneFinding, the witness is the smallest, and the
// campaign ends when it has enough of them.
func TestFailuresWithOneSignatureAreOneFinding(t *testing.T) {
	cfg := Config{Scenarios: named(t, "leader-crash"), Seed: 2, Runs: 50, Jobs: 2, Options: three}
	failures, smallest := map[string]int{}, map[string]uint64{}
	cfg.Ran = func(r *Run) {
		if r.Failed() {
			s := r.Signature.String()
			if failures[s]++; smallest[s] == 0 || r.Counts.Events < smallest[s] {
				smallest[s] = r.Counts.Events
			}
		}
	}
	r := Go(context.Background(), cfg)
	require.Greater(t, len(r.Findings), 1)
	assert.Equal(t, scenarios.Violated, r.Verdict())
	most := 0
	for _, f := range r.Findings {
		assert.Equal(t, failures[f.Signature.String()], f.Count)
		assert.Equal(t, smallest[f.Signature.String()], f.Witness.Counts.Events)
		again := scenarios.Execute(f.Witness.Plan, scenarios.Settings{})
		assert.Equal(t, f.Witness.Plan.Expect, again.Plan.Expect, "the plan of a witness repeats it")
		most = max(most, f.Count)
	}
	assert.Greater(t, most, 1)
	cfg.Findings = 1
	assert.Len(t, Go(context.Background(), cfg).Findings, 1)
}

// TestEmptyCampaignsAreVacuous, and so are those of a scenario in which nothing happens.
func TestEmptyCampaignsAreVacuous(t *testing.T) {
	steady := named(t, "steady")
	r := Go(context.Background(), Config{Scenarios: steady, More: func() bool { return false }})
	assert.Equal(t, scenarios.Vacuous, r.Verdict())
	idle := Go(context.Background(), Config{Scenarios: steady, Runs: 3, Jobs: 1, Options: scenarios.Options{Clients: scenarios.NoClients}})
	assert.Equal(t, scenarios.Vacuous, idle.Verdict())
}

// TestAnUndecidedRunIsAFinding: a budget that no run keeps.
func TestAnUndecidedRunIsAFinding(t *testing.T) {
	r := Go(context.Background(), Config{Scenarios: named(t, "steady"), Runs: 3, Jobs: 1, EventsMax: 5000})
	assert.Equal(t, scenarios.Unknown, r.Verdict())
	require.Len(t, r.Findings, 1)
	assert.Equal(t, 3, r.Findings[0].Count)
	assert.Equal(t, "events-budget", r.Findings[0].Signature.Check)
}

// TestDrawnPlansCanBeRun: whatever is drawn, and whatever follows from it, is a plan
// that a file could hold; and it draws the same again.
func TestDrawnPlansCanBeRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := named(t, rapid.SampledFrom(scenarios.Names()).Draw(t, "scenario"))[0]
		seed := rapid.Uint64().Draw(t, "seed")
		p := Draw(s, seed, scenarios.Options{})
		check(t, p)
		assert.Equal(t, p, Draw(s, seed, scenarios.Options{}))
		c := campaign{cfg: Config{Seed: seed}}
		known := &pool{entries: map[string][]*plan.Plan{s.Name: {p, Draw(s, seed+1, scenarios.Options{})}}}
		for i := range 4 {
			q, _ := c.plan(i, s, known)
			check(t, q)
			known.entries[s.Name] = append(known.entries[s.Name], q)
		}
	})
}

func check(t *rapid.T, p *plan.Plan) {
	_, err := scenarios.CheckPlan(p)
	require.NoError(t, err, "%+v", p.Faults)
}

// TestEveryScenarioIsRepeated: which runs are repeated has nothing to do with which
// scenario a run is of, and shards share them.
func TestEveryScenarioIsRepeated(t *testing.T) {
	c := campaign{cfg: Config{Seed: 1, Again: DefaultAgain}}
	const scenarios, shards, runs = 20, 4, 20_000
	var byScenario [scenarios]int
	var byShard [shards]int
	all := 0
	for i := range runs {
		if c.again(i) {
			byScenario[i%scenarios]++
			byShard[i%shards]++
			all++
		}
	}
	assert.InDelta(t, runs/DefaultAgain, all, runs/DefaultAgain/5)
	for _, n := range byScenario {
		assert.InDelta(t, all/scenarios, n, float64(all/scenarios)*0.6)
	}
	for _, n := range byShard {
		assert.InDelta(t, all/shards, n, float64(all/shards)*0.3)
	}
}
