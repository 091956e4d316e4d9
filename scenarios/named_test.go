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

// sights are what recipes may be seen in.
func sights() (all []string) {
	for _, r := range Recipes() {
		all = append(all, r.Sights...)
	}
	return all
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
			assert.True(t, ok && c.Kind == invariant.KindSometimes || slices.Contains(sights(), name), "%s must reach %q, which is no sometimes-property", s.Name, name)
		}
		for servers := 1; servers <= quorum.Max; servers++ {
			if s.Fits(servers) != nil {
				continue
			}
			for _, length := range []host.Duration{0, 3 * host.Second, 1000 * host.Second} {
				p := s.Plan(1, Options{Servers: servers, For: length})
				require.NoError(t, p.Check(), "%s with %d servers", s.Name, servers)
				require.NoError(t, CheckExcuse(p), s.Name)
				for i := range p.Faults {
					assert.NoError(t, faults.Vocabulary{}.CheckFault(p, &p.Faults[i]), "%s with %d servers", s.Name, servers)
				}
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

// TestALyingDiskBreaksPromises: what the scenario excuses does break, in every run,
// and the lie is to blame: the same crashes and cuts with an honest disk break
// nothing. Without the excuses the verdict is what it should be.
func TestALyingDiskBreaksPromises(t *testing.T) {
	s, err := Lookup("lying-disk")
	require.NoError(t, err)
	for _, servers := range []int{3, 5, 7} {
		for _, grain := range []plan.Grain{plan.GrainAtomic, plan.GrainThreads} {
			lie := s.Plan(1, Options{Servers: servers, Grain: grain})
			out := Execute(lie, Settings{Reach: s.Reach})
			assert.Equal(t, Passed, out.Verdict, explainOutcome(1, out))
			broken := map[string]bool{}
			for _, c := range out.Checks {
				broken[c.Name] = c.Verdict == Excused
			}
			for _, name := range []string{"committed-survives", "leader-completeness", "linearizable-writes"} {
				assert.True(t, broken[name], "%s, %d servers, grain %s", name, servers, grain)
			}

			strict := *lie
			strict.Excuse = nil
			assert.Equal(t, Violated, Execute(&strict, Settings{}).Verdict)

			honest := *lie
			honest.Excuse, honest.Unsafe, honest.Faults = nil, false, nil
			for _, f := range lie.Faults {
				if f.Name != "lying-fsync" && f.Name != "corrupt" {
					honest.Faults = append(honest.Faults, f)
				}
			}
			require.Len(t, honest.Faults, len(lie.Faults)-2)
			out = Execute(&honest, Settings{})
			assert.Equal(t, Passed, out.Verdict, explainOutcome(1, out))
		}
	}
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
