package explore

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/election"
	"zabsim/sim"
	"zabsim/zab"
)

// Goal: a cut leaves a leader at work that was deposed without knowing it, which a
// specification whose cuts both ends see at once can't (protocol.md 17.1); and
// nothing else in this model can.
func TestACutLeavesADeposedLeader(t *testing.T) {
	cfg := Config{Model: Model{Servers: 3, Cuts: 1}, MaxStates: 60_000, Workers: 2, Memo: true}
	r := Run(cfg)
	assert.Nil(t, r.Violation)
	assert.Contains(t, r.Seen.Names(), "two-leaders-at-once")
	t.Log(&r)

	cfg.Cuts = 0
	r = Run(cfg)
	assert.True(t, r.Complete)
	assert.NotContains(t, r.Seen.Names(), "two-leaders-at-once")
	t.Log(&r)
}

// Goal: a leader notices that its quorum is gone, for the price of a time-out, and
// only one that can lose it is asked. Method: let n1 lead n2 until nothing is left to
// do, or n1 alone.
func TestALeadersQuorumCheckFails(t *testing.T) {
	check := sim.Choice{Kind: sim.ChoiceTimer, Node: 1, Alt: uint8(zab.TimerTick)}
	cfg := Config{Model: Model{Servers: 3, Writes: 1}}
	path := wayTo(t, "serving", cfg.Model)
	cfg.Timeouts = 1
	w := Start(cfg)
	for _, c := range path {
		assert.NotContains(t, w.Enabled(nil, cfg.Options), sim.Choice{Kind: sim.ChoiceTimer, Node: 2, Alt: uint8(zab.TimerTick)})
		w.Apply(c)
	}
	require.Contains(t, w.Enabled(nil, cfg.Options), check)
	w.Apply(check)
	assert.Equal(t, election.Looking, w.Servers[1].State())
	assert.Equal(t, election.Following, w.Servers[2].State(), "it has yet to learn")
	assert.Zero(t, w.Budget.Timeouts)

	w = Start(Config{Model: Model{Servers: 1, Timeouts: 1}})
	for range 10 {
		choices := w.Enabled(nil, cfg.Options)
		require.NotContains(t, choices, check)
		if len(choices) == 0 {
			break
		}
		w.Apply(choices[0])
	}
	assert.True(t, w.Servers[1].Accepts(zab.PlaneClient))
}

// wayTo returns the choices that lead to a situation.
func wayTo(t *testing.T, name string, m Model) []sim.Choice {
	m.Scenario = name
	way, err := m.Situate()
	require.NoError(t, err)
	return way
}
