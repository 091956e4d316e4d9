package explain

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/linearizability"
	"zabsim/linearizability/history"
	"zabsim/scenarios"
	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/host"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files instead of comparing with them")

// recorded returns the plan that a run wrote, and its settings.
func recorded(t testing.TB, scenario string, seed uint64, o scenarios.Options) (*plan.Plan, Options) {
	t.Helper()
	s, err := scenarios.Lookup(scenario)
	require.NoError(t, err)
	set := scenarios.Settings{Reach: s.Reach}
	return scenarios.Execute(s.Plan(seed, o), set).Plan, Options{Rolls: 4, Settings: set}
}

// little is a world in which a bug shows within some hundred events.
func little(b bug.Switch) scenarios.Options {
	return scenarios.Options{Bugs: bug.Set{}.With(b), Servers: 3, Clients: 1, For: 5 * host.Second}
}

// small is a short run that breaks: a COMMIT that comes too early.
func small(t testing.TB) (*plan.Plan, Options) {
	return recorded(t, "chaos", 34, little(bug.CommitAfterNewLeader))
}

func text(t testing.TB, e *Explanation) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, e.Write(&b))
	return b.String()
}

func TestGolden(t *testing.T) {
	p, o := small(t)
	e, err := Explain(p, o)
	require.NoError(t, err)
	const name = "testdata/commit-after-newleader.txt"
	if *rewrite {
		require.NoError(t, os.WriteFile(name, []byte(text(t, e)), 0o666))
	}
	want, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, string(want), text(t, e))
}

// TestBugs: of each bug there is something to tell: two facts, a past that ends with
// them, the servers, and a point of no return that holds.
func TestBugs(t *testing.T) {
	for _, c := range []struct {
		jira  string
		seed  uint64
		b     bug.Switch
		check string
		facts []string
		past  string
	}{
		{"ZOOKEEPER-3911", 1, bug.AckNewLeaderBeforeLog, "commit-consistency", []string{"n1 begins to serve in epoch 3 with a tree up to 1.13", "n3 is established as leader of epoch 3 by {1,3}; its history ends with 1.15"}, "n3 proposes 1.15 (setData /r2=c1-19)"},
		{"ZOOKEEPER-2845", 9, bug.RetainNoFastForward, "reopen-equals-memory", []string{"n2 has a tree up to 1.32 in memory", "n2's log on disk ends with 1.33, since this event"}, "n3 proposes 1.33 (setData /r2=c1-47)"},
		{"ZOOKEEPER-4394", 34, bug.CommitAfterNewLeader, "flag-commit", []string{"n2: COMMIT between NEWLEADER and UPTODATE finds no proposal at 1.9", "n2 has received PROPOSAL 1.9 "}, "n3 brings n2, whose history ends with 1.4, up to date by DIFF"},
		{"ZOOKEEPER-1154", 19, bug.NoTruncInWindow, "process-consistency", []string{"n3 follows n2 in epoch 2 with a log up to 2.2", "their histories part after 1.3: n2's goes on with 2.1 (createSession), n3's with 1.4 "}, "n2 brings n3, whose history ends with 1.4, up to date by DIFF"},
		{"ZOOKEEPER-335", 31, bug.EpochFromLastZxid, "leadership-2", []string{"n3 is established as leader of epoch 2", "n1 is established as leader of epoch 2"}, "n3 proposes epoch 2 to its followers"},
	} {
		t.Run(c.jira, func(t *testing.T) {
			p, o := recorded(t, "chaos", c.seed, little(c.b))
			e, err := Explain(p, o)
			require.NoError(t, err)
			out := text(t, e)
			assert.Equal(t, c.check, e.Broken.Name)
			require.Len(t, e.Facts, 2, out)
			for i := range c.facts {
				assert.True(t, strings.HasPrefix(e.Facts[i].Text, c.facts[i]), out)
			}
			assert.Contains(t, out, c.past)
			sound(t, p, e)
		})
	}
}

// sound checks what holds of every explanation of a violation.
func sound(t *testing.T, p *plan.Plan, e *Explanation) {
	t.Helper()
	assert.Equal(t, e.Broken.Event, e.Facts[0].Event)
	assert.NotEmpty(t, e.Broken.Doc)
	require.NotEmpty(t, e.Past)
	assert.LessOrEqual(t, len(e.Past), pastMax)
	told := map[uint64]bool{}
	for i, l := range e.Past {
		told[l.Event] = true
		if i > 0 {
			assert.Greater(t, l.Event, e.Past[i-1].Event)
		}
	}
	for _, f := range e.Facts {
		assert.True(t, f.Event == 0 || told[f.Event], "#%d is a fact and not part of the past", f.Event)
	}
	assert.Len(t, e.States, p.Quorum.All().Len())
	// The point of no return, asked again.
	x := &explainer{plan: p, w: newWitness()}
	require.NoError(t, x.run())
	d := dice{x: x, check: e.Broken.Name, rolls: e.Fate.Rolls, left: 1000, known: map[uint64][]throw{}}
	turn := e.Fate.This
	assert.True(t, turn.Open < turn.From && turn.From <= e.Shown)
	assert.True(t, d.doomed(turn.From, throwSame), "#%d leaves a way out", turn.From)
	if turn.Open > 0 {
		assert.Equal(t, turn.Open+1, turn.From)
		assert.False(t, d.doomed(turn.Open, throwSame), "#%d leaves no way out", turn.Open)
		assert.Less(t, turn.Fails, e.Fate.Rolls)
	}
	assert.LessOrEqual(t, e.Fate.Any.From, turn.From)
}

// TestSameOnAnyMachine: the words and the numbers do not depend on how many processors
// there are, nor on the run.
func TestSameOnAnyMachine(t *testing.T) {
	p, o := small(t)
	var all []string
	for _, n := range []int{1, 2, 4} {
		was := runtime.GOMAXPROCS(n)
		e, err := Explain(p, o)
		runtime.GOMAXPROCS(was)
		require.NoError(t, err)
		b, err := json.Marshal(e)
		require.NoError(t, err)
		all = append(all, string(b))
	}
	assert.Equal(t, all[0], all[1])
	assert.Equal(t, all[0], all[2])
}

// TestBudget: re-rolls are bounded, and the text says if that mattered.
func TestBudget(t *testing.T) {
	p, o := small(t)
	o.Budget = 5
	e, err := Explain(p, o)
	require.NoError(t, err)
	assert.LessOrEqual(t, e.Fate.Used, o.Budget+2*o.Rolls)
	assert.True(t, e.Fate.Any.Exhausted)
	assert.Contains(t, text(t, e), "The budget was spent")
	o.Rolls = -1
	e, err = Explain(p, o)
	require.NoError(t, err)
	assert.Nil(t, e.Fate)
	assert.NotContains(t, text(t, e), "inevitable")
}

// TestHistory: of a broken promise to clients the operations are told.
func TestHistory(t *testing.T) {
	p, o := recorded(t, "lying-disk", 1, scenarios.Options{})
	p.Expect, p.Excuse = plan.Expect{}, nil
	for _, name := range scenarios.CheckNames() {
		if name != linearizability.ReadYourWrites {
			p.Excuse = append(p.Excuse, name)
		}
	}
	o.Rolls = -1
	e, err := Explain(p, o)
	require.NoError(t, err)
	out := text(t, e)
	assert.Equal(t, linearizability.ReadYourWrites, e.Broken.Name)
	require.Len(t, e.Facts, 3, out)
	assert.Regexp(t, `^client 2 set /r1 := "c2-\d+" -> ok version \d+ at 1\.\d+; asked at #\d+, answered by n3$`, e.Facts[0].Text)
	assert.Regexp(t, `^client 2 sync-get /r1 -> ok .*; asked at #\d+, answered by n2$`, e.Facts[1].Text)
	assert.Regexp(t, `^their histories part after 1\.261: `, e.Facts[2].Text)
	assert.NotRegexp(t, `#\d+ \(client`, out, "numbers of operations look like events")
}

// TestGoodNews: a run that passed, and one in which nothing happened.
func TestGoodNews(t *testing.T) {
	p, o := recorded(t, "leader-crash", 1, scenarios.Options{Servers: 3, Clients: 1, For: 10 * host.Second})
	e, err := Explain(p, o)
	require.NoError(t, err)
	assert.Zero(t, e.Exit)
	assert.Contains(t, text(t, e), "checks passed.")
	assert.Contains(t, text(t, e), "crash-of-leader")

	p.Faults, p.Decisions, p.Expect = nil, nil, plan.Expect{}
	e, err = Explain(p, o)
	require.NoError(t, err)
	assert.Equal(t, scenarios.Vacuous.Exit(), e.Exit)
	assert.Contains(t, text(t, e), "What was missing")
	assert.Contains(t, text(t, e), "crash-of-leader: A leader that served crashed.")
}

// TestStale: a plan that gives something else is refused, unless that is wanted.
func TestStale(t *testing.T) {
	p, o := small(t)
	p.Expect.Fingerprint++
	_, err := Explain(p, o)
	var stale *StaleError
	require.ErrorAs(t, err, &stale)
	assert.Equal(t, p.Expect.Fingerprint-1, stale.Got.Fingerprint)
	o.Stale = true
	e, err := Explain(p, o)
	require.NoError(t, err)
	assert.True(t, e.Stale)
	assert.Contains(t, text(t, e), "not the run that the plan expects")
}

// TestDiffers: two runs of one plan that differ are never explained.
func TestDiffers(t *testing.T) {
	p, o := small(t)
	x := &explainer{plan: p, opt: o, w: newWitness()}
	require.NoError(t, x.run())
	require.NoError(t, x.again())
	x.out.Plan.Expect.Fingerprint++ // as if the first run had gone another way
	var differs *DiffersError
	assert.ErrorAs(t, x.again(), &differs)
}

func TestCancelled(t *testing.T) {
	p, o := small(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o.Context = ctx
	_, err := Explain(p, o)
	assert.ErrorIs(t, err, context.Canceled)
	_, err = Diff(p, p, DiffOptions{Context: ctx})
	assert.ErrorIs(t, err, context.Canceled)
}

// TestEveryCheckIsTold: each check has a row that says where its facts are, and a
// promise.
func TestEveryCheckIsTold(t *testing.T) {
	rows := map[string]int{}
	for _, s := range searches {
		for _, name := range strings.Fields(s.checks) {
			rows[name]++
			_, ok := invariant.Lookup(name)
			assert.True(t, ok, "there is no check %q", name)
		}
	}
	for _, c := range invariant.All() {
		assert.Equal(t, 1, rows[c.Name], "rows of %s", c.Name)
	}
	names := scenarios.CheckNames()
	for _, r := range linearizability.CheckTree(&history.History{}, linearizability.DefaultBudget) {
		names = append(names, r.Check)
	}
	for _, name := range names {
		doc, source := promise(name)
		assert.NotEmpty(t, doc, name)
		assert.NotEmpty(t, source, name)
	}
}

func TestRerollsOfAHistory(t *testing.T) {
	assert.Equal(t, throwEscapes, historyThrow(&scenarios.Outcome{}, "zxid-order"))
	broken := &scenarios.Outcome{Checks: []scenarios.Check{{Name: "zxid-order", Verdict: scenarios.Violated}}}
	assert.Equal(t, throwOther, historyThrow(broken, "zxid-order"))
	assert.Equal(t, throwEscapes, historyThrow(broken, "read-your-writes"))
	assert.Equal(t, sim.Reroll{}, scenarios.Settings{}.Reroll)
}

// slow is a run that keeps all promises and misses a limit.
func slow(t testing.TB, limits ...string) (*plan.Plan, Options) {
	t.Helper()
	s, err := scenarios.Lookup("leader-crash")
	require.NoError(t, err)
	set := scenarios.Settings{Reach: s.Reach}
	for _, text := range limits {
		limit, ok := scenarios.ThresholdOf(text)
		require.True(t, ok, text)
		set.Thresholds = append(set.Thresholds, limit)
	}
	p := s.Plan(1, scenarios.Options{Servers: 3, Clients: 1, For: 10 * host.Second})
	return scenarios.Execute(p, set).Plan, Options{Rolls: 4, Settings: set}
}

// TestThreshold: of a limit that was not kept the measure and the limit are told; the
// run is measured as Execute does, or two runs of it would seem to differ.
func TestThreshold(t *testing.T) {
	for limit, want := range map[string][]string{
		"p99(failover) < 1ms": {"What the scenario demands (p99(failover)<1ms)", "The time that 99 % of the fail-overs do not exceed must be less than 1ms.", "  It is "},
		"max(write) <= 1ms":   {"The longest of the writes must take at most 1ms."},
		"min(op) > 60s":       {"The shortest of the operations must take more than 60s"},
		"count(ops) >= 99999": {"The number of operations that were answered must be at least 99999."},
	} {
		p, o := slow(t, limit)
		e, err := Explain(p, o)
		require.NoError(t, err, limit)
		assert.Equal(t, scenarios.Failed, e.Verdict)
		assert.Equal(t, 6, e.Exit)
		out := text(t, e)
		for _, words := range append(want, "What was measured", "checks passed.") {
			assert.Contains(t, out, words)
		}
		p.Expect = plan.Expect{} // then it is run twice
		_, err = Explain(p, o)
		assert.NoError(t, err, limit)
	}
}

// TestExcused: what a plan or a scenario excuses is told, and why it does not count.
func TestExcused(t *testing.T) {
	p, o := recorded(t, "lying-disk", 1, scenarios.Options{})
	e, err := Explain(p, o)
	require.NoError(t, err)
	require.Zero(t, e.Exit)
	require.NotEmpty(t, e.Excused)
	assert.Empty(t, e.Others)
	out := text(t, e)
	assert.Contains(t, out, "Nothing was broken that counts\n")
	assert.Contains(t, out, "What was broken, and is excused\n  The faults of this plan do to disks what ZooKeeper can't bear")
	assert.NotContains(t, out, "Also")
	assert.Contains(t, out, "\n"+number(e.Events)+" events, ")
	assert.Contains(t, number(e.Events), ",")

	broken, ob := small(t)
	broken.Expect, ob.Settings.Reach, ob.Settings.Hold = plan.Expect{}, nil, []string{linearizability.ReadYourWrites}
	e, err = Explain(broken, ob)
	require.NoError(t, err)
	assert.Zero(t, e.Exit, text(t, e))
	assert.Contains(t, text(t, e), "What was broken, and is excused\n  The scenario is about other checks (hold)")
}

// TestMissing: a run that proves nothing says what it never reached.
func TestMissing(t *testing.T) {
	e := &Explanation{Verdict: scenarios.Vacuous, Checked: 37, Missing: []Missed{{"crash-of-leader", "A leader that served crashed."}, {"anything that x looks at", ""}}}
	out := text(t, e)
	assert.Contains(t, out, "  anything that x looks at\n")
	assert.Contains(t, out, "had to reach crash-of-leader, anything that x looks at, and never did. So it proves\n  nothing")
	assert.NotContains(t, out, "could have gone wrong")

	p, o := recorded(t, "steady", 1, scenarios.Options{Servers: 3, Clients: 1, For: host.Second})
	p.Ops, p.Decisions, p.Expect = nil, nil, plan.Expect{}
	e, err := Explain(p, o)
	require.NoError(t, err)
	assert.Contains(t, text(t, e), scenarios.NoWrite+": No client ever heard")
}

// TestNoBudget: without a re-roll nothing is said of what re-rolls show.
func TestNoBudget(t *testing.T) {
	p, o := small(t)
	o.Budget = 1
	e, err := Explain(p, o)
	require.NoError(t, err)
	assert.Zero(t, e.Fate.Used)
	out := text(t, e)
	assert.Contains(t, out, "That is not known, but that it had happened at #276: one event is judged by 4 re-rolls")
	assert.NotContains(t, out, "all 4 re-rolls")
	assert.NotContains(t, out, "rests on")

	f := &Fate{Rolls: 4, Used: 4, This: &Turn{From: 276, Open: 275, Fails: 1}, Any: Turn{From: 276, Exhausted: true}}
	out = text(t, &Explanation{Broken: &Check{}, Facts: []Fact{{}}, Shown: 276, Fate: f})
	assert.NotContains(t, out, "all 4 re-rolls")
	assert.Contains(t, out, "somewhere is\n  not known. The budget was spent")
}

// TestTable: columns stand below each other, and the legend of a mark only where the
// mark is.
func TestTable(t *testing.T) {
	e := &Explanation{Broken: &Check{}, Facts: []Fact{{}}, States: []State{{Server: "n1"}}, Shown: 9, Past: []Line{
		{Trace: "    1.000ms  #99  n1        start", Notes: []string{"a"}},
		{Trace: "   20.000ms  #100  n1.peer   recv    PROPOSAL 1.9 setData /r1=c1-16 <n3 c3  <- #99", Notes: []string{"b"}},
		{Trace: "   30.000ms  #101  n1        crash                               <- #100"},
	}}
	out := text(t, e)
	assert.Contains(t, out, "    1.000ms   #99  n1        start                                                   | a\n"+
		"   20.000ms  #100  n1.peer   recv    PROPOSAL 1.9 setData /r1=c1-16 <n3 c3  <- #99   | b\n"+
		"   30.000ms  #101  n1        crash                                          <- #100\n")
	assert.NotContains(t, out, "* marks")
}
