package scenarios

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/faults"
	"zabsim/linearizability"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// TestScenariosShowWhatTheyClaim runs every named scenario at both grains under a
// few seeds and sizes.
func TestScenariosShowWhatTheyClaim(t *testing.T) {
	seeds := uint64(3)
	if testing.Short() {
		seeds = 1
	}
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			for _, servers := range []int{3, 5, 7} {
				if s.Fits(servers) != nil {
					continue
				}
				for _, grain := range []plan.Grain{plan.GrainAtomic, plan.GrainThreads} {
					for seed := uint64(1); seed <= seeds; seed++ {
						out := Execute(s.Plan(seed, Options{Servers: servers, Grain: grain}), Settings{Reach: s.Reach})
						assert.Equal(t, Passed, out.Verdict, "%s with %d servers, grain %s\n%s", s.Name, servers, grain, explainOutcome(seed, out))
					}
				}
			}
		})
	}
}

// TestScenariosAreWellFormed: each says what it claims in one sentence and in terms
// of checks that there are, and its plans can be written, read and run for every
// number of servers that it fits.
func TestScenariosAreWellFormed(t *testing.T) {
	for _, s := range All() {
		assert.NotEmpty(t, s.Claim, s.Name)
		assert.NotContains(t, s.Claim, ". ", s.Name)
		for _, name := range s.Reach {
			c, ok := invariant.Lookup(name)
			assert.True(t, ok && c.Kind == invariant.KindSometimes, "%s must reach %q, which is no sometimes-property", s.Name, name)
		}
		for servers := 1; servers <= quorum.Max; servers++ {
			if s.Fits(servers) != nil {
				continue
			}
			for _, length := range []host.Duration{0, 3 * host.Second, 1000 * host.Second} {
				p := s.Plan(1, Options{Servers: servers, For: length})
				require.NoError(t, p.Check(), "%s with %d servers", s.Name, servers)
				require.NoError(t, CheckExcuse(p), s.Name)
				known := faults.Vocabulary{}.FaultNames()
				for i := range p.Faults {
					if slices.Contains(known, p.Faults[i].Name) {
						assert.NoError(t, faults.Vocabulary{}.CheckFault(p, &p.Faults[i]), "%s with %d servers", s.Name, servers)
					}
				}
			}
		}
	}
}

// unknownFault returns a word of a scenario's timetable that is no fault yet.
func unknownFault(s *Scenario) string {
	known := faults.Vocabulary{}.FaultNames()
	for _, f := range s.Plan(1, Options{}).Faults {
		if !slices.Contains(known, f.Name) {
			return f.Name
		}
	}
	return ""
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
