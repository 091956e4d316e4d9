package corpus

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/faults"
	"zabsim/linearizability"
	"zabsim/scenarios"
	"zabsim/scenarios/fuzz"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/host"
)

// caughtBug returns an entry in which a bug is caught: a follower that is synchronized
// by DIFF acknowledges NEWLEADER before its log is on the disk.
func caughtBug(t *testing.T) *Entry {
	t.Helper()
	list, err := Builtin()
	require.NoError(t, err)
	for _, e := range list {
		if e.Plan.Bugs == (bug.Set{}).With(bug.AckNewLeaderBeforeLog) {
			return e
		}
	}
	t.Fatal("the corpus has no entry for ZOOKEEPER-3911")
	return nil
}

// calm makes an entry that passes.
func calm(t *testing.T, reach ...string) *Entry {
	t.Helper()
	s, err := scenarios.Lookup("leader-crash")
	require.NoError(t, err)
	p := s.Plan(1, scenarios.Options{Servers: 3, Clients: 1, For: 6 * host.Second})
	e, err := Make(p, plan.Note{Why: "the leader crashes twice", Reach: reach}, scenarios.Settings{})
	require.NoError(t, err)
	return e
}

// with returns a copy of an entry with a change.
func with(e *Entry, change func(p *plan.Plan)) *Entry {
	p := *e.Plan
	p.Decisions = append([]plan.Decision(nil), p.Decisions...)
	p.Faults = append([]plan.Fault(nil), p.Faults...)
	change(&p)
	q := *e
	q.Plan = &p
	return &q
}

// strange is a decision that no run asks for.
var strange = plan.Decision{Key: "crash n1#99 outcome", Value: "keep=0,torn=0,stage=0"}

// Every way in which an entry may end, and what is said of it.
func TestJudgement(t *testing.T) {
	bad, good := caughtBug(t), calm(t)
	require.NoError(t, faults.CheckDecision(bad.Plan, &strange))
	for _, c := range []struct {
		name   string
		e      *Entry
		status Status
		exit   int
		detail string
	}{
		{"as recorded, failing", bad, OK, 0, ""},
		{"as recorded, passing", good, OK, 0, ""},
		{"without a signature", with(bad, func(p *plan.Plan) { p.Note.Signature = "" }), OK, 0, ""},
		{"another fingerprint", with(bad, func(p *plan.Plan) { p.Expect.Fingerprint++ }), Drifted, 0, "the fingerprint of the run is "},
		{"another length", with(good, func(p *plan.Plan) { p.Expect.Events++ }), Drifted, 0, "events, not "},
		{"another signature of the same run", with(bad, func(p *plan.Plan) { p.Note.Signature = "no-ack-before-sync < x" }), Drifted, 0,
			"the same run has another signature now: no-ack-before-sync"},
		{"unused decision, failing", with(bad, func(p *plan.Plan) { p.Decisions = append(p.Decisions, strange) }), Drifted, 0,
			"nothing asked for 1 of "},
		{"unused decision, passing", with(good, func(p *plan.Plan) { p.Decisions = append(p.Decisions, strange) }), Stale, 4,
			"it passes, but nothing asked for 1 of "},
		{"missed", with(good, func(p *plan.Plan) { p.Note.Reach = []string{"crash-at-truncate"} }), Stale, 4,
			"got vacuous: never reached: crash-at-truncate"},
		{"slipped, in another run", with(bad, func(p *plan.Plan) { p.Note.Signature = "other"; p.Expect.Events++ }), Stale, 4,
			"it fails in another way: no-ack-before-sync"},
		{"another check of the same run", with(bad, func(p *plan.Plan) { p.Expect.Check = "total-order" }), Failed, 1,
			"expected violated total-order, got violated no-ack-before-sync: "},
		{"another check of another run", with(bad, func(p *plan.Plan) { p.Expect.Check = "total-order"; p.Expect.Events++ }), Stale, 4,
			"expected violated total-order, got violated no-ack-before-sync: "},
		{"a promise broken", with(bad, func(p *plan.Plan) { p.Expect.Verdict, p.Expect.Check = "passed", "" }), Failed, 1,
			"expected to pass, got violated no-ack-before-sync: "},
		{"a check gone blind", with(good, func(p *plan.Plan) { p.Expect.Verdict, p.Expect.Check = "violated", "total-order" }), Failed, 7,
			"expected violated total-order, got passed: the run is the same, and the check sees nothing in it"},
		{"fixed", with(good, func(p *plan.Plan) {
			p.Expect.Verdict, p.Expect.Check = "violated", "total-order"
			p.Expect.Events++
		}), Stale, 4, "expected violated total-order, got passed, the run has "},
		{"scenario changed", with(bad, func(p *plan.Plan) {
			p.Bugs, p.Note.ScenarioHash = bug.Set{}, 1
		}), Stale, 4, ", the scenario chaos has changed"},
		{"unknown name", &Entry{Unknown: fmt.Errorf("x.txt:7: unknown fault")}, Stale, 4, "x.txt:7: unknown fault"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := c.e.Replay(scenarios.Settings{})
			assert.Equal(t, c.status, r.Status, r.Detail)
			assert.Equal(t, c.exit, r.Exit)
			assert.Contains(t, r.Detail, c.detail)
			assert.Equal(t, c.status == OK, r.Detail == "")
			assert.NotContains(t, r.Detail, "\n")
			assert.Equal(t, c.status == OK || c.status == Drifted, r.Passed())
		})
	}
}

// A switch that does nothing any more is a bug that is not caught, unless something
// else shows that the plan is stale.
func TestASwitchWithoutEffectIsNotCaught(t *testing.T) {
	e := with(calm(t), func(p *plan.Plan) {
		p.Bugs = p.Bugs.With(bug.ZxidRollover) // the counter is far from its end
		p.Expect.Verdict, p.Expect.Check, p.Expect.Events = "violated", "total-order", 1
	})
	r := e.Replay(scenarios.Settings{})
	assert.Equal(t, Failed, r.Status)
	assert.Equal(t, 7, r.Exit)
	assert.Contains(t, r.Detail, "the run is the same as without the bug switch")
	r = with(e, func(p *plan.Plan) { p.Decisions = append(p.Decisions, strange) }).Replay(scenarios.Settings{})
	assert.Equal(t, Stale, r.Status, r.Detail)
}

// An undecided run has not passed.
func TestUnknownIsNotPassed(t *testing.T) {
	r := calm(t).Replay(scenarios.Settings{Budget: linearizability.Budget{Steps: 1}})
	assert.Equal(t, Failed, r.Status, r.Detail)
	assert.Equal(t, 2, r.Exit)
}

// Results come in the order of the entries, whatever the number of workers, and a
// panic of one run leaves the others alone.
func TestReplayAll(t *testing.T) {
	good, bad := calm(t), caughtBug(t)
	broken := with(good, func(p *plan.Plan) { p.Excuse = []string{"nothing"} }) // Execute refuses it
	list := []*Entry{bad, good, broken, bad, good}
	for _, jobs := range []int{0, 1, 2, 9} {
		var got []Status
		err := ReplayAll(context.Background(), list, jobs, scenarios.Settings{}, func(r Result) {
			assert.Same(t, list[len(got)], r.Entry)
			got = append(got, r.Status)
			if r.Exit == 70 {
				assert.True(t, strings.HasPrefix(r.Detail, "internal error: scenarios: excuse"), r.Detail)
			}
		})
		require.NoError(t, err)
		assert.Equal(t, []Status{OK, OK, Failed, OK, OK}, got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	assert.Panics(t, func() {
		_ = inOrder(context.Background(), 3, 2, func(i int) int { return 1 / (1 - i) }, func(int, int) bool { return true })
	})
	err := ReplayAll(ctx, list, 2, scenarios.Settings{}, func(Result) { t.Error("started after the end") })
	assert.ErrorIs(t, err, context.Canceled)
}

// The search finds an entry again, the same one on any number of workers, and keeps
// why it is there.
func TestFind(t *testing.T) {
	lost := with(caughtBug(t), func(p *plan.Plan) {
		p.Note.ScenarioHash = 7
		p.Expect.Events = 1
	})
	var first Found
	for _, jobs := range []int{1, 3} {
		found, err := lost.Find(context.Background(), 60, jobs, scenarios.Settings{})
		require.NoError(t, err)
		require.NotNil(t, found.Plan)
		if first.Plan == nil {
			first = found
		}
		assert.Equal(t, first, found)
	}
	assert.NotContains(t, first.How, "moved", "it goes on after it has found one")
	assert.Equal(t, lost.Plan.Note.Why, first.Plan.Note.Why)
	assert.NotEqual(t, uint64(7), first.Plan.Note.ScenarioHash)
	e, err := newEntry(first.Plan)
	require.NoError(t, err)
	r := e.Replay(scenarios.Settings{})
	assert.Equal(t, OK, r.Status, r.Detail)

	never := with(lost, func(p *plan.Plan) { p.Note.Signature = "another" })
	found, err := never.Find(context.Background(), 12, 2, scenarios.Settings{})
	require.NoError(t, err)
	assert.Equal(t, Found{Runs: 12}, found)
}

// All stages of the search give plans that may be run, or none.
func TestNear(t *testing.T) {
	e := calm(t)
	moved := 0
	for i := range 30 {
		p, how := e.near(i, 30)
		if p == nil {
			assert.Empty(t, how)
			continue
		}
		assert.True(t, runs(p), how)
		assert.Equal(t, i < 10, len(p.Decisions) > 0, how)
		if p.Faults[0].At != e.Plan.Faults[0].At {
			moved++
		}
	}
	assert.Greater(t, moved, 4)

	tight := with(e, func(p *plan.Plan) { // one server can't crash while it is down
		p.Faults = []plan.Fault{
			{At: 2 * host.Second, For: host.Second, Name: "crash", Args: []string{"n1"}},
			{At: 3 * host.Second, For: host.Second, Name: "crash", Args: []string{"n1"}},
		}
	})
	require.True(t, runs(tight.Plan))
	none := 0
	for i := 20; i < 30; i++ {
		if p, _ := tight.near(i, 30); p == nil {
			none++
		} else {
			assert.True(t, runs(p))
		}
	}
	assert.NotZero(t, none)
}

// signed is what Sign says of an entry, for tests of files.
func signed(e *Entry) fuzz.Signature {
	s, _ := sign(e.Plan, scenarios.Settings{})
	return s
}
