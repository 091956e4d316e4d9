package scenarios

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/linearizability"
)

// TestScenariosShowWhatTheyClaim runs every named scenario under a few seeds and
// sizes.
func TestScenariosShowWhatTheyClaim(t *testing.T) {
	for _, s := range All() {
		assert.NotEmpty(t, s.Claim, s.Name)
		for _, servers := range []int{3, 5, 7} {
			for seed := uint64(1); seed <= 3; seed++ {
				out := Execute(s.Plan(seed, Options{Servers: servers}), Settings{Reach: s.Reach})
				assert.Equal(t, Passed, out.Verdict, "%s with %d servers\n%s", s.Name, servers, explainOutcome(seed, out))
			}
		}
	}
}

func TestLeaderCrashElectsNewLeaders(t *testing.T) {
	s, err := Lookup("leader-crash")
	require.NoError(t, err)
	out := Execute(s.Plan(1, Options{}), Settings{})
	faultsSeen := out.Run.Intervals()
	require.Len(t, faultsSeen, 2)
	assert.NotEqual(t, faultsSeen[0].Target, faultsSeen[1].Target, "the second crash hits the new leader")
	assert.GreaterOrEqual(t, out.Run.Counts().Epochs, uint64(3))
}

func TestDeposedLeaderAndItsSuccessorOverlap(t *testing.T) {
	s, err := Lookup("leader-partition")
	require.NoError(t, err)
	out := Execute(s.Plan(1, Options{}), Settings{})
	assert.Contains(t, out.Reached, "two-leaders-at-once")
}

func TestUnknownScenarioNamesTheNearest(t *testing.T) {
	_, err := Lookup("leader-crsh")
	assert.EqualError(t, err, `unknown scenario "leader-crsh", did you mean "leader-crash"?`)
}

// TestNothingHappenedIsNotPassed: a run in which no client wrote is vacuous,
// though the second act wrote; so is one that never got where it should.
func TestNothingHappenedIsNotPassed(t *testing.T) {
	s, _ := Lookup("steady")
	p := s.Plan(1, Options{Servers: 3})
	p.Ops = p.Ops[:0]
	out := Execute(p, Settings{})
	assert.Equal(t, Vacuous, out.Verdict)
	assert.Equal(t, 4, out.Verdict.Exit())
	assert.Contains(t, out.Broken.Detail, "a write that a client was told of")

	out = Execute(s.Plan(1, Options{Servers: 3}), Settings{Reach: []string{"sync-trunc-diff"}})
	assert.Equal(t, Vacuous, out.Verdict)
	assert.Contains(t, out.Broken.Detail, "sync-trunc-diff")
}

// TestASpentBudgetIsUnknown: neither green nor red.
func TestASpentBudgetIsUnknown(t *testing.T) {
	s, _ := Lookup("steady")
	out := Execute(s.Plan(1, Options{}), Settings{EventsMax: 15000})
	assert.True(t, out.Run.Exhausted())
	assert.Equal(t, Unknown, out.Verdict)
	assert.Equal(t, 2, out.Verdict.Exit())
	assert.Equal(t, "events-budget", out.Broken.Name)

	out = Execute(s.Plan(1, Options{}), Settings{Budget: linearizability.Budget{Steps: 10}})
	assert.Equal(t, Unknown, out.Verdict)
}
