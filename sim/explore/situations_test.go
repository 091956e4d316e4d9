package explore

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/election"
	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// stands is what a test of situations looks at.
type stands struct {
	state           election.State
	leader          quorum.ServerID
	epoch           zxid.Epoch
	applied, onDisk zxid.Zxid
}

// Goal: each situation is what its sentence says, at each grain, and the way there
// costs nothing. Method: look at every server.
func TestSituations(t *testing.T) {
	z := zxid.Make
	lost := stands{state: election.Looking}
	for _, c := range []struct {
		name   string
		writes int
		want   [3]stands
	}{
		{"serving", 2, [3]stands{
			{election.Leading, 1, 1, z(1, 2), z(1, 2)}, {election.Following, 1, 1, z(1, 2), z(1, 2)}, lost,
		}},
		{"rejoin", 3, [3]stands{
			{election.Leading, 1, 1, z(1, 3), z(1, 3)}, {election.Following, 1, 1, z(1, 3), z(1, 3)},
			{election.Looking, 0, 1, z(1, 1), z(1, 1)},
		}},
		{"behind", 4, [3]stands{
			{election.Leading, 1, 1, z(1, 4), z(1, 4)}, {election.Following, 1, 1, z(1, 4), z(1, 4)},
			{election.Looking, 0, 1, z(1, 1), z(1, 1)},
		}},
		{"tail", 2, [3]stands{
			{election.Leading, 1, 1, z(1, 1), z(1, 1)}, {election.Following, 1, 1, z(1, 1), z(1, 2)},
			{election.Following, 1, 1, z(1, 1), z(1, 1)},
		}},
		{"leftover", 3, [3]stands{
			{election.Looking, 0, 1, z(1, 2), z(1, 2)}, {election.Looking, 0, 1, z(1, 1), z(1, 1)},
			{election.Looking, 0, 1, z(1, 1), z(1, 1)},
		}},
		{"deposed", 3, [3]stands{
			{election.Looking, 0, 1, z(1, 2), z(1, 2)}, {election.Following, 3, 2, z(2, 1), z(2, 1)},
			{election.Leading, 3, 2, z(2, 1), z(2, 1)},
		}},
		{"stale", 3, [3]stands{
			{election.Looking, 0, 1, z(1, 2), z(1, 2)}, {election.Following, 3, 2, z(1, 1), z(1, 1)}, {election.Leading, 3, 2, z(1, 1), z(1, 1)},
		}},
	} {
		for _, grain := range []plan.Grain{plan.GrainAtomic, plan.GrainThreads} {
			m := Model{Servers: 3, Writes: c.writes, Grain: grain, Scenario: c.name, Crashes: 1, Restarts: 2, Timeouts: 3}
			require.NoError(t, m.Check(), c.name)
			w := Start(Config{Model: m})
			for id := quorum.ServerID(1); id <= 3; id++ {
				s := w.Servers[id].Status()
				assert.Equal(t, c.want[id-1].state, s.State, "%s: n%d", c.name, id)
				assert.Equal(t, c.want[id-1].leader, s.Leader, "%s: n%d", c.name, id)
				assert.Equal(t, c.want[id-1].epoch, s.CurrentEpoch, "%s: n%d", c.name, id)
				assert.Equal(t, c.want[id-1].applied, s.Applied, "%s: n%d", c.name, id)
				assert.Equal(t, c.want[id-1].onDisk, onDisk(w, id), "%s: n%d", c.name, id)
			}
			assert.Equal(t, sim.Budget{Crashes: 1, Restarts: 2, Timeouts: 3}, w.Budget, c.name)
			assert.Equal(t, w.Fingerprint(), Start(Config{Model: m}).Fingerprint(), c.name)
		}
	}
	assert.Len(t, Situations(), 7, "a situation is not looked at")
}

// onDisk is the last transaction that a crash which keeps nothing else leaves.
func onDisk(w *sim.World, id quorum.ServerID) zxid.Zxid {
	var facts invariant.DiskFacts
	w.Disks[id].FactsInto(&facts)
	last, _ := facts.Last()
	return last
}

// Goal: what can't be, or is none, is an error that says what would be right.
func TestSituationErrors(t *testing.T) {
	for _, c := range []struct {
		m    Model
		want string
	}{
		{Model{Servers: 3, Writes: 1, Scenario: "servign"}, `unknown situation "servign", did you mean "serving"?`},
		{Model{Servers: 3, Writes: 0, Scenario: "serving"}, "situation serving needs 1 or more writes"},
		{Model{Servers: 2, Writes: 2, Scenario: "rejoin"}, "situation rejoin needs 3 or more servers"},
		{Model{Servers: 3, Writes: 2, Scenario: "behind"}, "situation behind needs 4 or more writes"},
	} {
		assert.EqualError(t, c.m.Check(), c.want)
	}
}

// Goal: a bug that shows on the way to a situation is no panic. Method: let a guide go
// the way that a search has found.
func TestGuideStopsAtAViolation(t *testing.T) {
	m := Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.EpochFromLastZxid)}
	r := Run(Config{Model: m})
	require.NotNil(t, r.Violation)
	g := newGuide(&m)
	for _, c := range r.Path {
		require.NoError(t, g.err)
		g.apply(c)
	}
	assert.EqualError(t, g.err, "the bugs of this model break a promise on the way there ("+r.Violation.String()+"); a search from the start will find it")
	was := len(g.way)
	g.restart(1)
	g.calm(nil, nil)
	assert.Len(t, g.way, was)
}
