package fuzz

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/sim/shrink"
	"zabsim/zab/bug"
	"zabsim/zab/host"
)

// failure is a bug and a seed of scenario chaos that shows it soon.
type failure struct {
	bug    bug.Switch
	seed   uint64
	stalls bool // of threads, which the bug waits for
	slow   bool
}

var failures = []failure{
	{bug: bug.AsyncLogThenAck, seed: 1},
	{bug: bug.SingleLeadingVote, seed: 1},
	{bug: bug.LeaderNotInQuorum, seed: 58, stalls: true},
	{bug: bug.EpochFromLastZxid, seed: 2, slow: true},
	{bug: bug.EpochBeforeHistory, seed: 47, slow: true},
}

// chaos returns a plan with about a thousand operations, and how it is judged.
func (f failure) chaos(t *testing.T) (*plan.Plan, scenarios.Settings) {
	s := named(t, "chaos")[0]
	o := scenarios.Options{Voters: 5 - 2*int(f.seed%2), Bugs: bug.Set{}.With(f.bug)}
	if f.stalls {
		o.Grain, o.ThreadSlow, o.TickTime = plan.GrainThreads, 10, 200*host.Millisecond
	}
	return s.Plan(f.seed, o), scenarios.Settings{Reach: s.Reach}
}

func planText(t *testing.T, p *plan.Plan) string {
	var b strings.Builder
	require.NoError(t, p.Write(&b))
	return b.String()
}

// TestSmallPlansFailInTheSameWay: of a thousand lines a dozen is left, and they say
// again what the large plan has said.
func TestSmallPlansFailInTheSameWay(t *testing.T) {
	for _, f := range failures {
		t.Run(f.bug.String(), func(t *testing.T) {
			if f.slow && testing.Short() {
				t.Skip()
			}
			p, set := f.chaos(t)
			before := planText(t, p)
			want, full := Sign(p, set)
			require.NotEmpty(t, want.Check)
			rep, sign := Minimise(context.Background(), p, set, 1500)
			assert.Equal(t, want, sign)
			assert.Equal(t, before, planText(t, p), "the plan itself stays")
			assert.Equal(t, shrink.SizeOf(full.Plan), rep.Before)
			assert.LessOrEqual(t, rep.After.Faults+rep.After.Operations, 12)
			assert.Less(t, rep.After.Events, rep.Before.Events/4)
			assert.False(t, rep.Exhausted)

			_, err := scenarios.CheckPlan(rep.Plan)
			require.NoError(t, err)
			again, o := Sign(rep.Plan, set)
			assert.Equal(t, want, again)
			assert.Equal(t, planText(t, rep.Plan), planText(t, o.Plan), "it says how its run ends, and all that was decided")
			assert.Equal(t, string(o.Verdict), rep.Plan.Expect.Verdict)
			assert.NotZero(t, rep.Plan.Expect.Fingerprint)
			assert.Equal(t, want.Check, rep.Plan.Expect.Check)
			assert.Empty(t, o.Unused)
			assert.Equal(t, shrink.SizeOf(rep.Plan), rep.After)
		})
	}
}

// TestAPlanThatPassesStaysAsItIs: there is nothing to look for.
func TestAPlanThatPassesStaysAsItIs(t *testing.T) {
	s := named(t, "steady")[0]
	p := s.Plan(1, scenarios.Options{})
	o := scenarios.Execute(p, scenarios.Settings{})
	require.Equal(t, scenarios.Passed, o.Verdict)
	rep, sign := Minimise(context.Background(), p, scenarios.Settings{}, 100)
	assert.Equal(t, Signature{}, sign)
	assert.Equal(t, planText(t, o.Plan), planText(t, rep.Plan))
	size := shrink.SizeOf(o.Plan)
	assert.Equal(t, shrink.Report{Plan: rep.Plan, Before: size, After: size}, rep)
}

// TestASmallBudgetIsSpent, and what it gives fails as the plan does.
func TestASmallBudgetIsSpent(t *testing.T) {
	p, set := failures[0].chaos(t)
	for _, runs := range []int{0, 5} {
		rep, sign := Minimise(context.Background(), p, set, runs)
		assert.True(t, rep.Exhausted)
		assert.Equal(t, runs, rep.Runs)
		again, o := Sign(rep.Plan, set)
		assert.Equal(t, sign, again)
		assert.Equal(t, o.Plan.Expect, rep.Plan.Expect)
		assert.Equal(t, shrink.SizeOf(rep.Plan), rep.After)
		assert.Equal(t, runs == 0, rep.Before == rep.After)
	}
}

// TestOnlyTheSameFailureCounts: without the bug the plan passes, and of one that waits
// for another check it slips.
func TestOnlyTheSameFailureCounts(t *testing.T) {
	p, set := failures[0].chaos(t)
	sign, _ := Sign(p, set)
	r, _ := judge(p, set, sign)
	assert.Equal(t, shrink.Same, r)
	for _, other := range []Signature{{Check: "total-order", Causes: sign.Causes}, {Check: sign.Check, Causes: []string{"peer boot"}}} {
		r, _ = judge(p, set, other)
		assert.Equal(t, shrink.Slipped, r)
	}
	right := *p
	right.Bugs = bug.Set{}
	r, o := judge(&right, set, sign)
	assert.Equal(t, shrink.Gone, r)
	assert.False(t, fails(o))
}

// TestOperationsStartInTheirTurn: no sooner than their wait after the one before them,
// and as many as the history has.
func TestOperationsStartInTheirTurn(t *testing.T) {
	p, set := failures[0].chaos(t)
	set.StopAtFirst = true // in the middle, so that many never start
	o := scenarios.Execute(p, set)
	at := starts(o)
	require.Len(t, at, len(o.Plan.Ops))
	began := 0
	for i, op := range o.Plan.Ops {
		first := i == 0 || o.Plan.Ops[i-1].Client != op.Client
		switch {
		case at[i] < 0:
		case first:
			began++
			assert.GreaterOrEqual(t, at[i], op.Wait)
		default:
			began++
			require.GreaterOrEqual(t, at[i-1], host.Duration(0), "in turn")
			assert.GreaterOrEqual(t, at[i], at[i-1]+op.Wait)
		}
	}
	assert.Equal(t, len(o.Run.History.Ops), began)
	assert.NotZero(t, began)
	assert.Less(t, began, len(at))
}

// TestFewerServersAndClientsCanBeRun: where crashes of two servers must stay, all others
// can go, and each plan on the way there is one that the simulator takes.
func TestFewerServersAndClientsCanBeRun(t *testing.T) {
	p, set := failures[3].chaos(t)
	set.EventsMax = 4000
	p.Faults = slices.DeleteFunc(p.Faults, func(f plan.Fault) bool {
		return f.Name != "crash" || f.Args[0] != "n3" && f.Args[0] != "n7"
	})
	p = scenarios.Execute(p, set).Plan
	least := shrink.SizeOf(p)
	require.Equal(t, 7, least.Servers)
	require.NotZero(t, least.Decisions)
	rep := shrink.Shrink(context.Background(), p, shrink.Options{
		Runs:  2000,
		Check: func(c *plan.Plan) error { _, err := scenarios.CheckPlan(c); return err },
		Test: func(c *plan.Plan) (shrink.Result, *plan.Plan) {
			size := shrink.SizeOf(c)
			if size.Servers+size.Clients+1 != least.Servers+least.Clients || size.Faults != least.Faults {
				return shrink.Gone, c
			}
			least = size
			o := scenarios.Execute(c, set)
			assert.NotZero(t, o.Run.Events())
			assert.Equal(t, c.Faults, o.Plan.Faults)
			return shrink.Same, c
		},
	})
	assert.Equal(t, 2, rep.After.Servers)
	assert.Zero(t, rep.After.Clients)
	assert.Len(t, rep.Plan.Faults, len(p.Faults))
	assert.NotZero(t, rep.After.Decisions)
}
