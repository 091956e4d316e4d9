package scenarios

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab/host"
)

// prints is a sink that keeps the fingerprint after each event, and the events.
type prints struct {
	after  []fp.Hash
	events []trace.Event
}

func (s *prints) Event(e *trace.Event, fingerprint fp.Hash, _ []trace.Delta) {
	s.after, s.events = append(s.after, fingerprint), append(s.events, *e)
}

func rerolled(p *plan.Plan, re sim.Reroll) (*prints, *Outcome) {
	s := &prints{}
	return s, Execute(p, Settings{Sink: s, Reroll: re})
}

var (
	threads = Options{Grain: plan.GrainThreads}
	// Threads that stall for some milliseconds, now and then.
	stalls = Options{Grain: plan.GrainThreads, ThreadSlow: 10, TickTime: 200 * host.Millisecond}
)

// TestReroll: up to its event a re-roll is the run of the plan, and then another one; the
// same seed gives the same future, and a correct protocol keeps its promises in all of
// them.
func TestReroll(t *testing.T) {
	s, err := Lookup("chaos")
	require.NoError(t, err)
	for seed := uint64(1); seed <= 3; seed++ {
		o := seedOptions(seed, []Options{{}, threads, stalls}[seed-1])
		whole, out := rerolled(s.Plan(seed, o), sim.Reroll{})
		p := out.Plan // with all its decisions, which no longer count
		n := uint64(len(whole.after))
		for _, at := range []uint64{1, n / 5, n / 2, n - n/8} {
			a, again := rerolled(p, sim.Reroll{After: at, Seed: 1})
			b, _ := rerolled(p, sim.Reroll{After: at, Seed: 1})
			c, _ := rerolled(p, sim.Reroll{After: at, Seed: 2})
			assert.Equal(t, whole.after[:at], a.after[:at], "seed %d, re-rolled after #%d", seed, at)
			assert.Equal(t, a.after, b.after, "the same future twice")
			assert.NotEqual(t, whole.after, a.after)
			assert.NotEqual(t, a.after, c.after)
			assert.NotContains(t, []Verdict{Violated, NoProgress}, again.Verdict, "seed %d, re-rolled after #%d: %v", seed, at, again.Broken)
		}
	}
}

// TestRerollOfTargets: whom a later fault hits is drawn anew, even if the plan has
// decided it.
func TestRerollOfTargets(t *testing.T) {
	const key = "crash@2.5s target"
	s, err := Lookup("leader-crash")
	require.NoError(t, err)
	p := s.Plan(1, Options{Servers: 3, Clients: 1, For: 10 * host.Second})
	p.Decisions = []plan.Decision{{Key: key, Value: "n1"}} // which does not lead
	target := func(re sim.Reroll) string {
		_, o := rerolled(p, re)
		for _, d := range o.Plan.Decisions {
			if d.Key == key {
				return d.Value
			}
		}
		return ""
	}
	assert.Equal(t, "n1", target(sim.Reroll{}))
	assert.Equal(t, "n1", target(sim.Reroll{After: 1 << 40, Seed: 1}), "an event that never comes")
	for seed := range uint64(4) {
		assert.Contains(t, []string{"n2", "n3"}, target(sim.Reroll{After: 1, Seed: seed}), "seed %d", seed)
	}
}
