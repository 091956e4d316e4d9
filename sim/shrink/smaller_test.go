package shrink

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// onlyIf is a rule for what must hold of a plan that fails.
func onlyIf(holds func(p *plan.Plan) bool) func(p *plan.Plan) Result {
	return func(p *plan.Plan) Result {
		if holds(p) {
			return Same
		}
		return Gone
	}
}

// TestOtherSeedsHelp where a line stays only for the luck of the plan's seed.
func TestOtherSeedsHelp(t *testing.T) {
	for _, c := range []struct {
		seeds int
		bad   uint64 // up to this seed there is no luck at all
		left  int    // operations
	}{
		{seeds: 0, bad: 0, left: 2},
		{seeds: 4, bad: 1, left: 1},
		{seeds: 1, bad: 2, left: 1}, // small plans get more seeds
		{seeds: 1, bad: 100, left: 2},
	} {
		tried := map[uint64]bool{}
		lucky := onlyIf(func(p *plan.Plan) bool {
			tried[p.Seed] = true
			if p.Seed == 2 {
				assert.Empty(t, p.Decisions, "they say nothing under another seed")
			}
			return needsCrash(p) == Same && (p.Seed == 3 && hasValue(p, "v2") || p.Seed != 3 && p.Seed > c.bad)
		})
		p := read(t, large)
		_, o := start(t, p, lucky)
		o.Seeds = c.seeds
		rep := Shrink(context.Background(), p, o)
		assert.False(t, rep.Exhausted)
		assert.Len(t, rep.Plan.Ops, c.left, "%+v", c)
		assert.Equal(t, c.left == 1, rep.Plan.Seed != 3)
		assert.Equal(t, Same, lucky(rep.Plan))
		assert.LessOrEqual(t, len(tried), 1+c.seeds*smallSeeds)
	}
}

// TestTimesOnlyBecomeShorter: a pass that made one longer would undo another, and the
// two would go on until the budget is spent.
func TestTimesOnlyBecomeShorter(t *testing.T) {
	p := read(t, large)
	_, o := start(t, p, needsCrash)
	best := p
	test := o.Test
	o.Test = func(c *plan.Plan) (Result, *plan.Plan) {
		r, ran := test(c)
		if r != Same {
			return r, ran
		}
		require.LessOrEqual(t, c.For, best.For)
		for i := range c.Faults {
			if len(c.Faults) == len(best.Faults) {
				require.LessOrEqual(t, c.Faults[i].At, best.Faults[i].At)
				require.LessOrEqual(t, c.Faults[i].For, best.Faults[i].For)
			}
		}
		for i := range c.Ops {
			if len(c.Ops) == len(best.Ops) {
				require.LessOrEqual(t, c.Ops[i].Wait, best.Ops[i].Wait)
			}
		}
		best = ran
		return r, ran
	}
	Shrink(context.Background(), p, o)
}

// TestTimesAreRoundAsFarAsTheyGo: the crash can't come before 1.65 s nor end within
// 400 ms, and the cut can't come before the crash.
func TestTimesAreRoundAsFarAsTheyGo(t *testing.T) {
	p := read(t, large)
	p.Faults = []plan.Fault{
		{At: 1_651_234 * host.Microsecond, For: 3*host.Second + 7, Name: "crash", Args: []string{"n1"}},
		{At: 1_789_012 * host.Microsecond, Name: "cut", Args: []string{"n1>n2"}},
	}
	_, o := start(t, p, onlyIf(func(p *plan.Plan) bool {
		return len(p.Faults) == 2 && p.Quorum.All().Len() == 6 && p.Faults[0].At >= 1_650*host.Millisecond && p.Faults[0].For > 400*host.Millisecond
	}))
	rep := Shrink(context.Background(), p, o)
	assert.Equal(t, []plan.Fault{
		{At: 1_650 * host.Millisecond, For: 700 * host.Millisecond, Name: "crash", Args: []string{"n1"}},
		{At: 1_700 * host.Millisecond, Name: "cut", Args: []string{"n1>n2"}},
	}, rep.Plan.Faults, "a fault without an end gets none")
}

// TestWhatTheFailureNeedsIsNotMadeNeutral: knobs, bugs, arguments of programs and
// outcomes of crashes, each to its least.
func TestWhatTheFailureNeedsIsNotMadeNeutral(t *testing.T) {
	p := read(t, large)
	bugs := p.Bugs
	_, o := start(t, p, onlyIf(func(p *plan.Plan) bool {
		if len(p.Programs) != 1 || len(p.Decisions) != 2 {
			return false
		}
		rounds, err := strconv.Atoi(p.Programs[0].Arg("rounds"))
		return err == nil && rounds >= 7 && p.Programs[0].Arg("root") != "" && strings.Contains(p.Decisions[1].Value, "torn=2") &&
			p.NetSlow == 3 && p.SyncLimit == 3 && p.SnapCount >= 4 && p.Bugs == bugs
	}))
	const want = `zabsim plan 1
scenario chaos
seed 3
servers 1
clients 1
for 900ms
tickTime 2s
initLimit 10
syncLimit 3
commitLogCount 500
snapCount 7
sessionTimeout 10s
netSlow 3
bugs follower.epoch-before-history

program c1 lock root=/lock rounds=7
fault 0s crash leader for 1ms
decide crash@0s target = n1
decide crash n1#1 outcome = keep=0,torn=2,stage=0
end
`
	rep := Shrink(context.Background(), p, o)
	rep.Plan.Expect = plan.Expect{}
	assert.Equal(t, want, text(t, rep.Plan))
}

// TestWhatFollowsKeepsItsTime: v7 fails only if it begins in the sixth second, since v1
// before it gets its answer late.
func TestWhatFollowsKeepsItsTime(t *testing.T) {
	begin := func(p *plan.Plan) (at []host.Duration) {
		sum, free := host.Duration(0), host.Duration(0)
		for _, o := range p.Ops {
			sum = max(sum+o.Wait, free)
			if o.Value == "v1" {
				free = sum + 5*host.Second
			}
			at = append(at, sum)
		}
		return at
	}
	rule := onlyIf(func(p *plan.Plan) bool {
		at := begin(p)
		n := len(at)
		return n > 0 && p.Ops[n-1].Value == "v7" && at[n-1] >= 5*host.Second && at[n-1] < 6*host.Second
	})
	for name, c := range map[string]struct {
		starts func(best *plan.Plan) []host.Duration
		left   []plan.Op
	}{
		"known": {begin, []plan.Op{{Client: 1, Number: 1, Wait: 5 * host.Second, Kind: plan.OpSet, Key: "/r0", Value: "v7"}}},
		"of another run": {func(best *plan.Plan) []host.Duration { return append(begin(best), 0) }, []plan.Op{
			{Client: 1, Number: 1, Kind: plan.OpSet, Key: "/r0", Value: "v1"}, {Client: 1, Number: 2, Kind: plan.OpSet, Key: "/r0", Value: "v7"}}},
	} {
		p := read(t, large)
		p.Programs, p.Ops = nil, []plan.Op{
			{Client: 1, Number: 1, Wait: host.Millisecond, Kind: plan.OpSet, Key: "/r0", Value: "v0"},
			{Client: 1, Number: 2, Wait: host.Millisecond, Kind: plan.OpSet, Key: "/r0", Value: "v1"},
			{Client: 1, Number: 3, Wait: host.Millisecond, Kind: plan.OpSet, Key: "/r0", Value: "v7"},
		}
		_, o := start(t, p, rule)
		best, test, asked := p, o.Test, false
		o.Test = func(c *plan.Plan) (Result, *plan.Plan) {
			require.True(t, asked, "the plan itself has starts, too")
			r, ran := test(c)
			if r == Same {
				best = ran
			}
			return r, ran
		}
		o.Starts = func() []host.Duration {
			asked = true
			return c.starts(best)
		}
		assert.Equal(t, c.left, Shrink(context.Background(), p, o).Plan.Ops, name)
	}
}
