package scenarios

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/faults"
	"zabsim/sim"
	"zabsim/sim/client"
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/txn"
)

// judged runs a scenario and returns what a recipe's judge looks at.
func judged(t *testing.T, scenario, recipe string) *recipeRun {
	t.Helper()
	s, err := Lookup(scenario)
	require.NoError(t, err)
	p := s.Plan(1, Options{})
	out := Execute(p, Settings{Reach: s.Reach})
	require.Equal(t, Passed, out.Verdict, "%+v", out.Broken)
	r, err := LookupRecipe(recipe)
	require.NoError(t, err)
	x := &recipeRun{plan: p, run: out.Run, truth: slices.Clone(out.Run.History.Truth)}
	for i := range p.Programs {
		if p.Programs[i].Name == recipe {
			x.lines = append(x.lines, &args{recipe: r, line: &p.Programs[i]})
		}
	}
	return x
}

// notes returns the indexes of the notes with a word.
func notes(x *recipeRun, word string) (list []int) {
	for i := range x.run.Notes {
		if x.run.Notes[i].Word == word {
			list = append(list, i)
		}
	}
	return list
}

// edit replaces a transaction of the truth, which is shared, by a changed copy.
func edit(x *recipeRun, is func(*txn.Txn) bool, change func(*txn.Txn)) bool {
	for i, t := range x.truth {
		if is(t) {
			own := *t
			if t.More != nil {
				more := *t.More
				more.Ops = slices.Clone(more.Ops)
				own.More = &more
			}
			change(&own)
			x.truth[i] = &own
			return true
		}
	}
	return false
}

// Goal: each check of a recipe can fail. Method: a run that passes, told or committed
// differently in one place.
func TestJudgesCanFail(t *testing.T) {
	for check, c := range map[string]struct {
		scenario, recipe string
		spoil            func(t *testing.T, x *recipeRun)
	}{
		lockBelief: {"distributed-lock", "lock", func(t *testing.T, x *recipeRun) {
			list := notes(x, "acquired")
			for k := 1; k < len(list); k++ {
				a, b := &x.run.Notes[list[k-1]], &x.run.Notes[list[k]]
				if a.Client != b.Client && b.At.Sub(a.At) < host.Second {
					b.At = a.At + 1
					return
				}
			}
			t.Fatal("no two holds in a row")
		}},
		lockFencing: {"distributed-lock", "lock", func(t *testing.T, x *recipeRun) {
			writes := 0
			require.True(t, edit(x, func(m *txn.Txn) bool {
				if m.Path == "/resource" && m.Op == txn.OpSetData {
					writes++
				}
				return writes == 5
			}, func(m *txn.Txn) { m.Data = "1 old" }))
		}},
		lockProgress: {"distributed-lock", "lock", func(_ *testing.T, x *recipeRun) { x.run.Notes[notes(x, "done")[0]].Word = "-" }},
		configWhole: {"config-centre", "config-writer", func(t *testing.T, x *recipeRun) {
			multis := 0
			require.True(t, edit(x, func(m *txn.Txn) bool {
				if m.Op == txn.OpMulti && m.More != nil && !failed(m.More.Ops) {
					multis++
				}
				return multis == 9
			}, func(m *txn.Txn) {
				for i := range m.More.Ops {
					if strings.HasSuffix(m.More.Ops[i].Path, "/a") {
						m.More.Ops[i].Data = "77"
					}
				}
			}))
		}},
		cacheTrue: {"config-centre", "config-reader", func(_ *testing.T, x *recipeRun) {
			n := &x.run.Notes[notes(x, "cache")[7]]
			n.Detail = strings.Replace(n.Detail, "=", "=9", 1)
		}},
		cacheWhole: {"config-centre", "config-reader", func(_ *testing.T, x *recipeRun) {
			n := &x.run.Notes[notes(x, "cache group")[7]]
			n.Detail = strings.Replace(n.Detail, `a="`, `a="9`, 1)
		}},
		cacheForward: {"config-centre", "config-reader", func(_ *testing.T, x *recipeRun) {
			list := notes(x, "cache group")
			x.run.Notes = append(x.run.Notes, x.run.Notes[list[3]])
		}},
		cacheConverges: {"config-centre", "config-reader", func(_ *testing.T, x *recipeRun) { x.run.Notes[notes(x, "cache final")[1]].Word = "-" }},
		sessionLives: {"session-expiry", "presence", func(t *testing.T, x *recipeRun) {
			last := *x.truth[len(x.truth)-1]
			for id, c := range x.owners() {
				if c == 4 {
					x.truth = append(x.truth, &txn.Txn{Op: txn.OpCloseSession, Zxid: last.Zxid, Session: id})
					return
				}
			}
			t.Fatal("c4 has no session")
		}},
		sessionEnds: {"session-expiry", "presence", func(_ *testing.T, x *recipeRun) {
			x.truth = slices.DeleteFunc(x.truth, func(m *txn.Txn) bool { return m.Op == txn.OpCloseSession })
		}},
		writerProgress: {"config-centre", "config-writer", func(_ *testing.T, x *recipeRun) { x.run.Notes[notes(x, "done")[0]].Word = "stopped" }},
		readerProgress: {"config-centre", "config-reader", func(_ *testing.T, x *recipeRun) {
			list := notes(x, "done")
			x.run.Notes[list[len(list)-1]].Word = "-"
		}},
		membersProgress: {"session-move", "presence", func(_ *testing.T, x *recipeRun) { x.run.Notes[notes(x, "members")[2]].Word = "stopped" }},
		churnProgress:   {"fuzzy-snapshots", "churn", func(_ *testing.T, x *recipeRun) { x.run.Notes[notes(x, "done")[0]].Word = "stopped" }},
		membersConverge: {"session-move", "presence", func(_ *testing.T, x *recipeRun) {
			list := notes(x, "members")
			x.run.Notes[list[len(list)-1]].Detail = "c1"
		}},
	} {
		t.Run(check, func(t *testing.T) {
			x := judged(t, c.scenario, c.recipe)
			c.spoil(t, x)
			r, err := LookupRecipe(c.recipe)
			require.NoError(t, err)
			require.Contains(t, r.Checks, check)
			found := false
			for _, got := range r.judge(x) {
				if got.Name == check {
					assert.NotEqual(t, Passed, got.Verdict)
					assert.NotEmpty(t, got.Detail)
					found = true
				}
			}
			assert.True(t, found)
		})
	}
	for _, r := range Recipes() { // each name in the list is one of a check
		var names []string
		for _, c := range r.judge(&recipeRun{plan: &plan.Plan{TickTime: 1, SessionTimeout: 1}, run: &sim.Runner{}}) {
			names = append(names, c.Name)
		}
		assert.Equal(t, r.Checks, names)
	}
}

// Goal: a lock that does not lock is caught. Its holder does not wait for its turn.
func TestALockThatDoesNotWait(t *testing.T) {
	hasty := &client.Program{Name: "lock", Run: func(c client.Client) {
		for _, path := range []string{"/lock", "/resource"} {
			for _, err := c.Create(path, "0 ", client.Persistent); err != nil && err != client.ErrNodeExists; _, err = c.Create(path, "0 ", client.Persistent) {
				c.Sleep(100 * time.Millisecond)
			}
		}
		for round := range 5 {
			node, stat, err := c.CreateStat("/lock/n-", "", client.EphemeralSequential)
			if err != nil {
				return
			}
			token := " token=" + strconv.Itoa(int(stat.Czxid))
			c.Note("acquired", node+token)
			c.Sleep(200 * time.Millisecond)
			c.Note("released", node+token)
			c.Delete(node, client.AnyVersion)
			c.Note("round", strconv.Itoa(round))
		}
		c.Note("done", "5")
	}}
	s, err := Lookup("distributed-lock")
	require.NoError(t, err)
	p := s.Plan(1, Options{Clients: 3, For: 20 * host.Second})
	p.Faults = nil
	run := sim.NewRunner(p, sim.Config{Kinds: faults.All(), Recipes: []*client.Program{nil, hasty, hasty, hasty}})
	run.Run()
	require.NoError(t, run.RecipeErr())
	x := &recipeRun{plan: p, run: run, truth: run.History.Truth}
	r, err := LookupRecipe("lock")
	require.NoError(t, err)
	for i := range p.Programs {
		x.lines = append(x.lines, &args{recipe: r, line: &p.Programs[i]})
	}
	for _, c := range r.judge(x) {
		if c.Name == lockBelief {
			assert.Equal(t, Violated, c.Verdict)
			assert.Contains(t, c.Detail, "holds /lock/n-")
		}
	}
}

// Goal: a program line that can't be run says what would be right.
func TestProgramLinesAreChecked(t *testing.T) {
	for text, line := range map[string]plan.Program{
		`program c1: unknown recipe "lok", did you mean "lock"?`:                {Client: 1, Name: "lok"},
		`program c1 lock: there is no argument "round", did you mean "rounds"?`: {Client: 1, Name: "lock", Args: []string{"round=3"}},
		`program c2 lock: rounds=x: want a number from 1 to 1000000`:            {Client: 2, Name: "lock", Args: []string{"rounds=x"}},
		`program c2 lock: hold=0s: want a time such as 400ms`:                   {Client: 2, Name: "lock", Args: []string{"hold=0s"}},
		`program c2 lock: root=lock: want a path, which begins with /`:          {Client: 2, Name: "lock", Args: []string{"root=lock"}},
		`program c2 lock: rounds= has no value`:                                 {Client: 2, Name: "lock", Args: []string{"rounds="}},
	} {
		line.Line = 7
		at, err := CheckPrograms(&plan.Plan{Clients: 2, Programs: []plan.Program{line}})
		require.EqualError(t, err, text)
		assert.Equal(t, 7, at)
	}
}
