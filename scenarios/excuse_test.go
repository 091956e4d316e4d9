package scenarios

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/plan"
	"zabsim/zab/bug"
)

// caught returns a plan that breaks promises, and the names of what it breaks:
// ZOOKEEPER-3911 under the first seed of the default scenario that shows it.
func caught(t *testing.T) (*plan.Plan, []string) {
	s, err := Lookup(Default)
	require.NoError(t, err)
	for seed := uint64(1); seed <= 60; seed++ {
		p := s.Plan(seed, Options{Bugs: bug.Set{}.With(bug.AckNewLeaderBeforeLog)})
		out := Execute(p, Settings{})
		var broken []string
		for _, c := range out.Checks {
			if c.Verdict == Violated || c.Verdict == NoProgress {
				broken = append(broken, c.Name)
			}
		}
		if out.Verdict == Violated {
			return p, broken
		}
	}
	t.Fatal("ZOOKEEPER-3911 was not caught within 60 seeds")
	return nil, nil
}

// Goal: a check that the plan excuses is reported with what was found, and decides
// nothing; one that it does not excuse still does. Method: excuse nothing, one and
// all of what a known bug breaks. (The bug stands for an unsafe fault.)
func TestAnExcusedCheckDecidesNothing(t *testing.T) {
	p, broken := caught(t)
	all := *p
	all.Unsafe, all.Excuse = true, broken
	out := Execute(&all, Settings{})
	assert.Equal(t, Passed, out.Verdict)
	assert.Nil(t, out.Broken)
	excused := 0
	for _, c := range out.Checks {
		if c.Verdict == Excused {
			excused++
			assert.NotEmpty(t, c.Detail)
			assert.Contains(t, broken, c.Name)
		}
	}
	assert.Equal(t, len(broken), excused)
	assert.Equal(t, "passed", out.Plan.Expect.Verdict)
	assert.Empty(t, out.Plan.Expect.Check)
	assert.Equal(t, broken, out.Plan.Excuse, "the plan that the run writes excuses the same")

	other := *p
	other.Unsafe, other.Excuse = true, []string{"progress-after-heal"}
	out = Execute(&other, Settings{})
	assert.Equal(t, Violated, out.Verdict)
	assert.Equal(t, broken[0], out.Broken.Name)
}

// Goal: a name that no check has is told before anything runs. Method: misspell
// one, and one of the history's.
func TestUnknownExcusesAreRefused(t *testing.T) {
	s, _ := Lookup("steady")
	p := s.Plan(1, Options{Servers: 1, Clients: 1})
	p.Unsafe = true
	for name, want := range map[string]string{
		"commited-survives": `excuse: there is no check "commited-survives", did you mean "committed-survives"?`,
		"read-your-write":   `excuse: there is no check "read-your-write", did you mean "read-your-writes"?`,
		"second-leader":     `excuse: there is no check "second-leader"`, // is reached, not kept
	} {
		p.Excuse = []string{"total-order", name}
		require.EqualError(t, CheckExcuse(p), want)
		assert.Panics(t, func() { Execute(p, Settings{}) })
	}
	p.Excuse = CheckNames()
	assert.NoError(t, CheckExcuse(p))
}
