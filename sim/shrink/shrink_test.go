package shrink

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// words is a vocabulary that takes whatever these faults are aimed at.
type words struct{}

func (words) FaultNames() []string                         { return []string{"crash", "cut", "freeze", "skew"} }
func (words) CheckFault(_ *plan.Plan, _ *plan.Fault) error { return nil }

// large is a plan with some of everything, and times that are not round.
const large = `zabsim plan 1
scenario chaos
seed 3
servers 6
observers 6
clients 4
for 60s
tickTime 200ms
initLimit 4
syncLimit 3
commitLogCount 40
snapCount 30
counterMax 90
netSlow 3
sessionTimeout 5s
bugs follower.epoch-before-history

op c1#1 wait 12ms set /r0 v1
op c1#2 wait 7ms get /r1
op c2#1 wait 1.503s set /r0 v2
op c2#2 wait 3ms cas /r0 v7
op c2#3 wait 4ms set /r2 v3
op c4#1 wait 9ms set /r0 v4
op c4#2 wait 9ms set /r0 v5
program c3 lock root=/lock rounds=20
fault 3.217s skew n6 by=4s
fault 4.013s crash n2 keep=some for 8.125s
fault 9s crash leader for 2s
fault 12.5s cut n1>n4,n5>n2 for 5s
fault 31.5s freeze c4 for 3s
decide crash@9s target = n3
decide crash n2#1 outcome = keep=3,torn=2,stage=1

expect events=9000 fingerprint=0123456789abcdef verdict=violated check=total-order
end
`

func read(t require.TestingT, text string) *plan.Plan {
	p, err := plan.Parse("plan.txt", strings.NewReader(text), words{})
	require.NoError(t, err)
	return p
}

func text(t require.TestingT, p *plan.Plan) string {
	var b strings.Builder
	require.NoError(t, p.Write(&b))
	return b.String()
}

// lab stands in for the simulator: a rule says how a plan fails. It demands that each
// candidate is a valid plan that was not run before.
type lab struct {
	t       require.TestingT
	rule    func(p *plan.Plan) Result
	known   map[string]bool // texts of plans that were run
	results []Result
}

// start returns a lab that has run p, and options to shrink it there.
func start(t require.TestingT, p *plan.Plan, rule func(p *plan.Plan) Result) (*lab, Options) {
	require.Equal(t, Same, rule(p), "the plan must fail")
	first := *p
	first.Expect = plan.Expect{}
	l := &lab{t: t, rule: rule, known: map[string]bool{text(t, &first): true}}
	return l, Options{Runs: 10_000, Test: l.test}
}

func (l *lab) test(p *plan.Plan) (Result, *plan.Plan) {
	candidate := text(l.t, p)
	require.NoError(l.t, p.Check())
	require.False(l.t, l.known[candidate], "run twice: %s", candidate)
	l.known[candidate] = true
	r := l.rule(p)
	l.results = append(l.results, r)
	ran := *p
	ran.Expect = plan.Expect{Events: uint64(len(candidate)), Verdict: "violated"}
	return r, &ran
}

func (l *lab) count(r Result) (n int) {
	for _, x := range l.results {
		if x == r {
			n++
		}
	}
	return n
}

func hasFault(p *plan.Plan, name string) bool {
	return slices.ContainsFunc(p.Faults, func(f plan.Fault) bool { return f.Name == name })
}

func hasValue(p *plan.Plan, value string) bool {
	return slices.ContainsFunc(p.Ops, func(o plan.Op) bool { return o.Value == value })
}

// needsCrash fails with a crash, the operation that writes v7, and two servers.
func needsCrash(p *plan.Plan) Result {
	if hasFault(p, "crash") && hasValue(p, "v7") && p.Quorum.All().Len() >= 2 {
		return Same
	}
	return Gone
}

// TestOnlyTheCoreIsLeft, with round times, default knobs and new names.
func TestOnlyTheCoreIsLeft(t *testing.T) {
	p := read(t, large)
	l, o := start(t, p, needsCrash)
	rep := Shrink(context.Background(), p, o)
	const core = `zabsim plan 1
scenario chaos
seed 3
servers 2
clients 1
for 700ms
tickTime 2s
initLimit 10
syncLimit 5
commitLogCount 500
sessionTimeout 10s

op c1#1 wait 1s cas /r0 v7
fault 0s crash n2 keep=some for 1ms
decide crash n2#1 outcome = keep=0,torn=0,stage=0
`
	smallest := *rep.Plan
	smallest.Expect = plan.Expect{}
	assert.Equal(t, core+"end\n", text(t, &smallest))
	assert.Equal(t, SizeOf(p), rep.Before)
	assert.Equal(t, Size{Events: 9000, Servers: 6, Clients: 4, Faults: 5, Operations: 7, Programs: 1, Decisions: 2, For: p.For}, rep.Before)
	assert.Equal(t, Size{Events: rep.Plan.Expect.Events, Servers: 2, Clients: 1, Faults: 1, Operations: 1, Decisions: 1, For: smallest.For}, rep.After)
	assert.NotZero(t, rep.After.Events, "the plan is the one that Test has returned")
	assert.False(t, rep.Exhausted)
	assert.Zero(t, rep.Slipped)
	assert.Len(t, l.results, rep.Runs)
	assert.Equal(t, []string{"does not fail without `fault 0s crash n2 keep=some for 1ms`", "does not fail without `op c1#1 cas /r0 v7`"}, rep.Kept)
}

// TestThePlanIsNotChanged, not even behind the ends of its lists.
func TestThePlanIsNotChanged(t *testing.T) {
	build := func() *plan.Plan {
		p := read(t, large)
		p.Ops = slices.Grow(p.Ops, 16)
		p.Faults = slices.Grow(p.Faults, 16)
		p.Decisions = slices.Grow(p.Decisions, 16)
		p.Programs = slices.Grow(p.Programs, 16)
		return p
	}
	whole := func(p *plan.Plan) []any {
		return []any{*p, p.Ops[:16], p.Faults[:16], p.Decisions[:16], p.Programs[:16]}
	}
	all := func(p *plan.Plan) bool {
		return len(p.Ops) == 7 && len(p.Faults) == 5 && len(p.Decisions) == 2 && len(p.Programs) == 1
	}
	for _, rule := range []func(p *plan.Plan) Result{
		needsCrash,
		onlyIf(all), // each line stays, and becomes smaller
		onlyIf(func(p *plan.Plan) bool { return all(p) && p.For == 60*host.Second }),
	} {
		p := build()
		_, o := start(t, p, rule)
		o.Starts = func() []host.Duration { return make([]host.Duration, len(p.Ops)) }
		rep := Shrink(context.Background(), p, o)
		assert.NotEqual(t, text(t, p), text(t, rep.Plan))
		assert.Equal(t, whole(build()), whole(p))
	}
}

// TestWhatFailsOtherwiseIsCountedAndNotKept: without the cut another check breaks.
func TestWhatFailsOtherwiseIsCountedAndNotKept(t *testing.T) {
	p := read(t, large)
	l, o := start(t, p, func(p *plan.Plan) Result {
		if r := needsCrash(p); r != Same || hasFault(p, "cut") {
			return r
		}
		return Slipped
	})
	rep := Shrink(context.Background(), p, o)
	require.True(t, hasFault(rep.Plan, "cut"))
	assert.Equal(t, Same, l.rule(rep.Plan))
	assert.NotZero(t, rep.Slipped)
	assert.Equal(t, l.count(Slipped), rep.Slipped)
	assert.Len(t, l.results, rep.Runs)
	assert.Equal(t, Size{Events: rep.After.Events, Servers: 2, Clients: 1, Faults: 2, Operations: 1, Decisions: 2, For: rep.Plan.For}, rep.After)
	assert.Equal(t, []string{
		"does not fail without `fault 0s crash leader for 1ms`", "fails in another way without `fault 0s cut n1>n2 for 1ms`",
		"does not fail without `op c1#1 cas /r0 v7`",
	}, rep.Kept)
}

// TestAnyBudgetGivesAPlanThatFails, the same runs first, and nothing larger for more.
func TestAnyBudgetGivesAPlanThatFails(t *testing.T) {
	p := read(t, large)
	l, o := start(t, p, needsCrash)
	enough := Shrink(context.Background(), p, o).Runs
	all := l.results
	most := 1000
	for budget := range enough + 2 {
		if budget%5 != 0 && budget < enough-1 {
			continue
		}
		l, o := start(t, p, needsCrash)
		o.Runs = budget
		rep := Shrink(context.Background(), p, o)
		require.Equal(t, min(budget, enough), rep.Runs)
		require.Equal(t, budget < enough, rep.Exhausted, "budget %d of %d", budget, enough)
		require.Equal(t, all[:rep.Runs], append([]Result{}, l.results...))
		require.Equal(t, Same, needsCrash(rep.Plan))
		require.Equal(t, SizeOf(rep.Plan), rep.After)
		if budget == 0 {
			require.Same(t, p, rep.Plan)
			lines := len(p.Faults) + len(p.Ops) + len(p.Programs)
			require.Contains(t, rep.Kept, fmt.Sprintf("and %d lines of the plan for which there was no budget left", lines))
		}
		size := len(rep.Plan.Ops) + len(rep.Plan.Faults) + rep.After.Servers + rep.After.Clients
		require.LessOrEqual(t, size, most)
		most = size
	}
}

// TestCancelledSearchesKeepWhatTheyHave, and run nothing more.
func TestCancelledSearchesKeepWhatTheyHave(t *testing.T) {
	for _, after := range []int{0, 1, 12} {
		p := read(t, large)
		l, o := start(t, p, needsCrash)
		ctx, cancel := context.WithCancel(context.Background())
		o.Progress = func(runs int, size Size) {
			if runs == after {
				cancel()
			}
		}
		if after == 0 {
			cancel()
		}
		rep := Shrink(ctx, p, o)
		cancel()
		assert.True(t, rep.Exhausted)
		assert.Equal(t, after, rep.Runs)
		assert.Len(t, l.results, after)
		assert.Equal(t, Same, needsCrash(rep.Plan))
	}
}

// TestProgressIsToldAfterEachRun, with what is the smallest by then.
func TestProgressIsToldAfterEachRun(t *testing.T) {
	p := read(t, large)
	_, o := start(t, p, needsCrash)
	var last Size
	n := 0
	o.Progress = func(runs int, size Size) {
		n++
		require.Equal(t, n, runs)
		last = size
	}
	rep := Shrink(context.Background(), p, o)
	assert.Equal(t, rep.Runs, n)
	assert.Equal(t, rep.After, last)
}

// TestRefusedPlansAreNotRun: v7 is not valid without v2, nor is a plan for 3 servers.
func TestRefusedPlansAreNotRun(t *testing.T) {
	p := read(t, large)
	l, o := start(t, p, needsCrash)
	refused := map[string]bool{}
	o.Check = func(p *plan.Plan) error {
		if err := p.Check(); err != nil {
			return err
		}
		if n := p.Quorum.All().Len(); n == 3 || hasValue(p, "v7") && !hasValue(p, "v2") {
			refused[text(t, p)] = true
			return errors.New("refused")
		}
		return nil
	}
	rep := Shrink(context.Background(), p, o)
	require.NotEmpty(t, refused)
	for candidate := range refused {
		assert.False(t, l.known[candidate])
	}
	require.NoError(t, o.Check(rep.Plan))
	assert.Equal(t, 4, rep.After.Servers)
	assert.Equal(t, []string{
		"does not fail without `fault 0s crash n2 keep=some for 1ms`", "no valid plan without `op c1#1 set /r0 v2`",
		"does not fail without `op c1#2 cas /r0 v7`",
	}, rep.Kept)
}

// TestLongListsOfWhatIsLeftAreCut: twenty lines are enough for people.
func TestLongListsOfWhatIsLeftAreCut(t *testing.T) {
	for _, n := range []int{keptMax, keptMax + 1, keptMax + 2} {
		p := read(t, large)
		p.Faults = slices.Repeat(p.Faults[:1], n)
		_, o := start(t, p, func(c *plan.Plan) Result {
			if len(c.Faults) == n {
				return Same
			}
			return Gone
		})
		kept := Shrink(context.Background(), p, o).Kept
		if n == keptMax+2 {
			require.Len(t, kept, keptMax+1)
			assert.Equal(t, "and 2 more faults", kept[keptMax])
			continue
		}
		require.Len(t, kept, n)
		assert.Equal(t, "does not fail without `fault 0s skew n1 by=4s`", kept[n-1])
	}
}

// TestSamePlanSameReport: nothing but the plan and the results decides.
func TestSamePlanSameReport(t *testing.T) {
	var reports [2]Report
	var runs [2][]Result
	for i := range reports {
		p := read(t, large)
		l, o := start(t, p, needsCrash)
		o.Seeds = 2
		reports[i] = Shrink(context.Background(), p, o)
		runs[i] = l.results
	}
	assert.Equal(t, reports[0], reports[1])
	assert.Equal(t, runs[0], runs[1])
}
