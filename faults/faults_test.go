package faults_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/faults"
	"zabsim/internal/keyed"
	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

func basePlan(t *testing.T, seed uint64) *plan.Plan {
	s, err := scenarios.Lookup("steady")
	require.NoError(t, err)
	return s.Plan(seed, scenarios.Options{Servers: 3, For: 12 * host.Second, TickTime: 200 * host.Millisecond})
}

// args is one sensible use of each fault.
var args = map[string][]string{
	"crash": {"leader", "keep=some"}, "restart": {"leader"}, "cut": {"n1-n2", "n3>n1"}, "isolate": {"leader"},
	"reset": {"n1-n2", "n2-n3"}, "midwrite": {"keep=some", "after=1"},
}

// TestEachFaultIsSurvivedAndHeals: with one kind of fault alone, repeated, every
// promise holds, the fault happens, and it is over when it says.
func TestEachFaultIsSurvivedAndHeals(t *testing.T) {
	for _, k := range faults.All() {
		t.Run(k.Name, func(t *testing.T) {
			require.Contains(t, args, k.Name, "a new fault needs a row in this test")
			for seed := uint64(1); seed <= 10; seed++ {
				p := basePlan(t, seed)
				for i := range 4 {
					f := plan.Fault{At: host.Duration(2+2*i) * host.Second, For: host.Second, Name: k.Name, Args: args[k.Name]}
					if k.Instant {
						f.For = 0
					}
					p.Faults = append(p.Faults, f)
				}
				if k.Waits { // it needs writes to strike: elections
					p.Faults = append(p.Faults, plan.Fault{At: 10 * host.Second, For: host.Second, Name: "restart", Args: []string{"leader"}})
				}
				out := scenarios.Execute(p, scenarios.Settings{})
				require.Equal(t, scenarios.Passed, out.Verdict, "%+v", out.Broken)
				seen := out.Run.Intervals()
				require.NotEmpty(t, seen)
				for _, f := range seen {
					if f.Name == k.Name && !k.Instant && f.From < host.Time(10*host.Second) {
						assert.Equal(t, f.From.Add(host.Second), f.Until, "%s healed in time", f.Name)
					}
				}
			}
		})
	}
}

func TestEachFaultIsDocumented(t *testing.T) {
	seen := map[string]bool{}
	color := regexp.MustCompile(`^#[0-9A-F]{6}$`)
	for _, k := range faults.All() {
		assert.NotEmpty(t, k.Doc, k.Name)
		assert.NotEmpty(t, k.Survive, k.Name)
		assert.Regexp(t, color, k.Color, k.Name)
		assert.False(t, seen[k.Name] || seen[k.Color], "%s: name or colour is taken", k.Name)
		seen[k.Name], seen[k.Color] = true, true
	}
}

func TestBadFaultsSayWhatWouldBeRight(t *testing.T) {
	p := basePlan(t, 1)
	for want, f := range map[string]plan.Fault{
		`unknown fault "crsh", did you mean "crash"?`:                                                           {Name: "crsh"},
		`crash needs a target: a server (n1) or one of leader, follower, any`:                                   {Name: "crash"},
		`there is no server n7; the ensemble has 3 servers, {1,2,3}`:                                            {Name: "crash", Args: []string{"n7"}},
		`"leadr" is no target, did you mean "leader"?; a server (n1) or one of leader, follower, any is wanted`: {Name: "isolate", Args: []string{"leadr"}},
		`keep=most: all, some or none is wanted`:                                                                {Name: "crash", Args: []string{"leader", "keep=most"}},
		`cut needs links: n1-n2 (both ways) or n1>n2 (one way)`:                                                 {Name: "cut"},
		`"n1=n2" is no link; n1-n2 (both ways) or n1>n2 (one way) would be`:                                     {Name: "cut", Args: []string{"n1=n2"}},
		`"n1-n1" is no link; n1-n2 (both ways) or n1>n2 (one way) would be`:                                     {Name: "cut", Args: []string{"n1-n1"}},
		`there is no server n4; the ensemble has 3 servers, {1,2,3}`:                                            {Name: "cut", Args: []string{"n1>n4"}},
		`"n1>n2": a reset has no direction; write n1-n2`:                                                        {Name: "reset", Args: []string{"n1>n2"}},
		`reset is over at once; take "for" away`:                                                                {Name: "reset", Args: []string{"n1-n2"}, For: 5},
		`restart takes no "now"`:                                                                                {Name: "restart", Args: []string{"n1", "now"}},
		`after=x: a whole number from 0 to 1000 is wanted`:                                                      {Name: "midwrite", Args: []string{"after=x"}},
	} {
		assert.EqualError(t, faults.Vocabulary{}.CheckFault(p, &f), want)
	}
}

func TestDecisionsAreChecked(t *testing.T) {
	p := basePlan(t, 1)
	for want, d := range map[string]plan.Decision{
		`there is no server n5; the ensemble has 3 servers, {1,2,3}`:    {Key: "crash n5#1 outcome", Value: "keep=0,torn=0,stage=0"},
		`"all" is no crash outcome; keep=2,torn=0,stage=3 would be one`: {Key: "crash n1#1 outcome", Value: "all"},
		`"the leader" is no server; n1 to n3 are`:                       {Key: "isolate@1s target", Value: "the leader"},
	} {
		assert.EqualError(t, faults.CheckDecision(p, &d), want)
	}
	for _, d := range []plan.Decision{{Key: "crash n1#1 outcome", Value: "keep=2,torn=1,stage=3"}, {Key: "crash@2s/2 target", Value: "none"}, {Key: "of a later zabsim", Value: "?"}} {
		assert.NoError(t, faults.CheckDecision(p, &d))
	}
}

// TestDrawnFaultsAreValidAndStable: what a seed draws passes the checks that
// plans pass, for every size of ensemble, and is the same each time.
func TestDrawnFaultsAreValidAndStable(t *testing.T) {
	s, err := scenarios.Lookup("chaos")
	require.NoError(t, err)
	kinds := map[string]int{}
	for seed := uint64(1); seed <= 300; seed++ {
		p := s.Plan(seed, scenarios.Options{Servers: int(1 + seed%8)})
		require.NoError(t, p.Check())
		for i := range p.Faults {
			require.NoError(t, faults.Vocabulary{}.CheckFault(p, &p.Faults[i]), "%+v", p.Faults[i])
			kinds[p.Faults[i].Name]++
		}
		assert.Equal(t, p.Faults, faults.Draw(p, keyed.New(seed)))
	}
	for _, k := range faults.All() {
		assert.NotZero(t, kinds[k.Name], "%s is never drawn", k.Name)
	}
}
