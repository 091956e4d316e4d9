package faults_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/faults"
	"zabsim/internal/keyed"
	"zabsim/scenarios"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

func basePlan(t *testing.T, seed uint64) *plan.Plan { return planOf(t, seed, 3) }

func planOf(t *testing.T, seed uint64, servers int) *plan.Plan {
	s, err := scenarios.Lookup("steady")
	require.NoError(t, err)
	return s.Plan(seed, scenarios.Options{Servers: servers, For: 12 * host.Second, TickTime: 200 * host.Millisecond})
}

// serversFor is how many servers show a fault: a ring of three cuts nothing.
func serversFor(k *sim.FaultKind) int {
	if k.Name == "ring" {
		return 5
	}
	return 3
}

// args is one sensible use of each fault.
var args = map[string][]string{
	"crash": {"leader", "keep=some"}, "restart": {"leader"}, "cut": {"n1-n2", "n3>n1"}, "isolate": {"leader"},
	"reset": {"n1-n2", "n2-n3", "after=20"}, "midwrite": {"keep=some", "after=1"},
	"pause": {"leader"}, "torn": {"follower"}, "midsync": {"after=3", "hit=both"},
	"slow": {"n1-n2", "n2>n3", "by=500"}, "slow-disk": {"leader", "by=200"}, "blackhole": {"n1-n2", "n3>n1"},
	"refuse": {"leader", "plane=quorum"}, "split": {"n1,n3"}, "minority": {}, "bridge": {"n2"}, "ring": {}, "swizzle": {},
	"drift": {"leader", "rate=1900"}, "step": {"leader", "by=-1000s"},
	"disk-error": {"any"}, "full-disk": {"follower"},
	"lying-fsync": {"any"}, "lost-file": {"any", "file=currentEpoch"}, "corrupt": {"any", "file=log"},
	"freeze": {"any-client"}, "hangup": {"any-client"},
}

// repeated is a plan in which one kind of fault comes four times.
func repeated(t *testing.T, k *sim.FaultKind, seed uint64, grain plan.Grain) *plan.Plan {
	require.Contains(t, args, k.Name, "a new fault needs a row in this test")
	p := planOf(t, seed, serversFor(k))
	p.Grain, p.Unsafe = grain, k.Unsafe
	for i := range 4 {
		f := plan.Fault{At: host.Duration(2+2*i) * host.Second, For: host.Second, Name: k.Name, Args: args[k.Name]}
		if k.Instant {
			f.For = 0
		}
		p.Faults = append(p.Faults, f)
	}
	if k.Waits { // it needs writes or synchronizations to strike: elections
		p.Faults = append(p.Faults, plan.Fault{At: 10 * host.Second, For: host.Second, Name: "restart", Args: []string{"leader"}})
	}
	for i := range p.Faults {
		require.NoError(t, faults.Vocabulary{}.CheckFault(p, &p.Faults[i]))
	}
	return p
}

// TestEachFaultIsSurvivedAndHeals: with one kind of fault alone, repeated, every
// promise holds, the fault happens, and it is over when it says. An unsafe one may
// break what it likes, but never hits so many disks that the others are no quorum.
func TestEachFaultIsSurvivedAndHeals(t *testing.T) {
	for _, k := range faults.All() {
		t.Run(k.Name, func(t *testing.T) {
			happened := 0
			for seed := uint64(1); seed <= 10; seed++ {
				out := scenarios.Execute(repeated(t, &k, seed, plan.Grain(seed%2)), scenarios.Settings{})
				if k.Unsafe {
					harmed := out.Run.Harmed()
					assert.LessOrEqual(t, harmed.Len(), 1, "two of three disks are a quorum")
					happened += harmed.Len()
					continue
				}
				require.Equal(t, scenarios.Passed, out.Verdict, "seed %d: %+v", seed, out.Broken)
				for _, f := range out.Run.Intervals() {
					if f.Name != k.Name {
						continue
					}
					happened++
					if !k.Instant && f.From < host.Time(10*host.Second) {
						assert.Equal(t, f.From.Add(host.Second), f.Until, "%s healed in time", f.Name)
					}
				}
			}
			assert.GreaterOrEqual(t, happened, 8, "it hardly ever happens")
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
		`"n1-n1" names n1 as both ends; n1-n2 (both ways) or n1>n2 (one way) would be a link`:                   {Name: "cut", Args: []string{"n1-n1"}},
		`there is no server n4; the ensemble has 3 servers, {1,2,3}`:                                            {Name: "cut", Args: []string{"n1>n4"}},
		`"n1>n2": a reset has no direction; write n1-n2`:                                                        {Name: "reset", Args: []string{"n1>n2"}},
		`reset is over at once; take "for" away`:                                                                {Name: "reset", Args: []string{"n1-n2"}, For: 5},
		`restart takes no "now"`:                                                                                {Name: "restart", Args: []string{"n1", "now"}},
		`after=x: a whole number from 0 to 1000 is wanted`:                                                      {Name: "midwrite", Args: []string{"after=x"}},
		`"n1-n2": cut names this link twice; once is enough`:                                                    {Name: "cut", Args: []string{"n2>n1", "n1-n2"}},
		`n1,n2,n1: n1 stands there twice; once is enough`:                                                       {Name: "split", Args: []string{"n1,n2,n1"}},
		`split n1,n2,n3: nobody is left for the other side`:                                                     {Name: "split", Args: []string{"n1,n2,n3"}},
		`split needs a list of servers, such as n1,n2`:                                                          {Name: "split"},
		`ring takes no "n1"`:                                                                                {Name: "ring", Args: []string{"n1"}},
		`by=1: a whole number from 2 to 100000 is wanted`:                                                   {Name: "slow", Args: []string{"n1-n2", "by=1"}},
		`slow-disk needs by=, a whole number from 2 to 100000`:                                              {Name: "slow-disk", Args: []string{"n1"}},
		`rate=5000: a whole number from 500 to 2000 (thousandths) is wanted`:                                {Name: "drift", Args: []string{"n1", "rate=5000"}},
		`by=soon: a time in whole milliseconds is wanted, forward (by=5s) or back (by=-5s), at most 10000s`: {Name: "step", Args: []string{"n1", "by=soon"}},
		`plane=quorm, did you mean "quorum"?: one of election, quorum, client is wanted`:                    {Name: "refuse", Args: []string{"n1", "plane=quorm"}},
		`hit=lerner, did you mean "learner"?: one of reset, learner, leader, both is wanted`:                {Name: "midsync", Args: []string{"hit=lerner"}},
		`pause takes no "twice"`:                                                                            {Name: "pause", Args: []string{"n1", "twice"}},
		`slow takes no option "bye", did you mean "by"?; it takes by=`:                                      {Name: "slow", Args: []string{"n1-n2", "bye=3"}},
		`freeze needs a client: c1 to c5 or any-client`:                                                     {Name: "freeze"},
		`there is no client c6; the plan has c1 to c5`:                                                      {Name: "freeze", Args: []string{"c6"}},
		`"c0" is no client; c1 to c5 or any-client is wanted`:                                               {Name: "hangup", Args: []string{"c0"}},
		`"any-clint" is no client, did you mean "any-client"?; c1 to c5 or any-client is wanted`:            {Name: "hangup", Args: []string{"any-clint"}},
		`"n1" means a server, and freeze hits a client: c1 to c5 or any-client is wanted`:                   {Name: "freeze", Args: []string{"n1"}},
		`"leader" means a server, and hangup hits a client: c1 to c5 or any-client is wanted`:               {Name: "hangup", Args: []string{"leader"}},
		`freeze takes no "c2"`:                    {Name: "freeze", Args: []string{"c1", "c2"}},
		`hangup is over at once; take "for" away`: {Name: "hangup", Args: []string{"c1"}, For: 5},
		`lying-fsync breaks what ZooKeeper demands of a disk; this plan does not allow it: add the line "unsafe yes"`: {Name: "lying-fsync", Args: []string{"n1"}},
	} {
		assert.EqualError(t, faults.Vocabulary{}.CheckFault(p, &f), want)
	}
}

// TestTimetablesThatContradictThemselves: what holds a server down must have ended
// before another fault stops it.
func TestTimetablesThatContradictThemselves(t *testing.T) {
	p := basePlan(t, 1)
	p.Faults = []plan.Fault{
		{At: 2 * host.Second, For: 3 * host.Second, Name: "crash", Args: []string{"n1"}, Line: 17},
		{At: 3 * host.Second, For: host.Second, Name: "pause", Args: []string{"n2"}},
		{At: 4 * host.Second, For: host.Second, Name: "pause", Args: []string{"n1"}},
		{At: 5 * host.Second, Name: "restart", Args: []string{"n1"}},
		{At: 6 * host.Second, For: host.Second, Name: "crash", Args: []string{"n1"}},
		{At: 6 * host.Second, For: host.Second, Name: "crash", Args: []string{"leader"}},
	}
	for i, want := range []string{
		"", "", "pause n1 at 4s: crash holds n1 from 2s until 5s (line 17); let them follow one another",
		"", "crash n1 at 6s: restart holds n1 from 5s until 12s; let them follow one another", "",
	} {
		err := faults.Vocabulary{}.CheckFault(p, &p.Faults[i])
		if want == "" {
			assert.NoError(t, err)
		} else {
			assert.EqualError(t, err, want)
		}
	}
}

// TestFaultsThatEndAProcessHoldIt: the healing of a failed disk or of a torn record
// starts the server again, so it must not fall into a crash that lasts longer.
func TestFaultsThatEndAProcessHoldIt(t *testing.T) {
	for _, name := range []string{"torn", "disk-error", "full-disk"} {
		p := basePlan(t, 1)
		p.Faults = []plan.Fault{
			{At: 2 * host.Second, For: 3 * host.Second, Name: name, Args: []string{"n1"}},
			{At: 3 * host.Second, For: 5 * host.Second, Name: "crash", Args: []string{"n1"}},
		}
		assert.EqualError(t, faults.Vocabulary{}.CheckFault(p, &p.Faults[1]),
			"crash n1 at 3s: "+name+" holds n1 from 2s until 5s; let them follow one another")
	}
}

// TestTheOrderOfArgumentsHidesNoContradiction: an option may stand before the server.
func TestTheOrderOfArgumentsHidesNoContradiction(t *testing.T) {
	p := basePlan(t, 1)
	p.Unsafe = true
	p.Faults = []plan.Fault{
		{At: 2 * host.Second, For: 3 * host.Second, Name: "corrupt", Args: []string{"file=log", "n1"}},
		{At: 3 * host.Second, For: host.Second, Name: "crash", Args: []string{"n1"}},
		{At: 6 * host.Second, For: 3 * host.Second, Name: "crash", Args: []string{"n2"}},
		{At: 7 * host.Second, For: host.Second, Name: "lost-file", Args: []string{"file=snapshot", "n2"}},
	}
	for i, want := range []string{"", "crash n1 at 3s: corrupt holds n1 from 2s until 5s; let them follow one another",
		"", "lost-file n2 at 7s: crash holds n2 from 6s until 9s; let them follow one another"} {
		if err := (faults.Vocabulary{}).CheckFault(p, &p.Faults[i]); want == "" {
			assert.NoError(t, err)
		} else {
			assert.EqualError(t, err, want)
		}
	}
}

func TestDecisionsAreChecked(t *testing.T) {
	p := basePlan(t, 1)
	for want, d := range map[string]plan.Decision{
		`there is no server n5; the ensemble has 3 servers, {1,2,3}`:    {Key: "crash n5#1 outcome", Value: "keep=0,torn=0,stage=0"},
		`"all" is no crash outcome; keep=2,torn=0,stage=3 would be one`: {Key: "crash n1#1 outcome", Value: "all"},
		`there is no client c9; the plan has c1 to c5`:                  {Key: "freeze@1s client", Value: "c9"},
		`"n1" is no client; c1 would be one`:                            {Key: "hangup@1s client", Value: "n1"},
		`"the leader" is no server; n1 to n3 are`:                       {Key: "isolate@1s target", Value: "the leader"},
	} {
		assert.EqualError(t, faults.CheckDecision(p, &d), want)
	}
	for _, d := range []plan.Decision{{Key: "crash n1#1 outcome", Value: "keep=2,torn=1,stage=3"}, {Key: "crash@2s/2 target", Value: "none"}, {Key: "hangup@2s client", Value: "none"}, {Key: "freeze@2s client", Value: "c2"}, {Key: "of a later zabsim", Value: "?"}} {
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
		if seed%2 == 0 {
			p.Unsafe = true
			p.Faults = faults.Draw(p, keyed.New(seed))
		}
		require.NoError(t, p.Check())
		for i := range p.Faults {
			require.NoError(t, faults.Vocabulary{}.CheckFault(p, &p.Faults[i]), "%+v", p.Faults[i])
			kinds[p.Faults[i].Name]++
		}
		assert.Equal(t, p.Faults, faults.Draw(p, keyed.New(seed)))
	}
	for _, k := range faults.All() {
		if k.Name == "freeze" || k.Name == "hangup" {
			assert.Zero(t, kinds[k.Name], "%s would move the seeds that are known", k.Name)
			continue
		}
		assert.NotZero(t, kinds[k.Name], "%s is never drawn", k.Name)
	}
}
