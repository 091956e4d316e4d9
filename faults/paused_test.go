package faults_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/internal/fp"
	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab/host"
)

// stillness is a sink that finds events of servers that are paused.
type stillness struct {
	paused map[trace.Node]bool
	pauses int
	broken []trace.Event
}

func (s *stillness) Event(e *trace.Event, _ fp.Hash, _ []trace.Delta) {
	switch e.Verb {
	case "pause":
		s.paused[e.Node] = true
		s.pauses++
	case "resume", "crash": // a crash ends the process that hung
		s.paused[e.Node] = false
	case "cut", "heal": // what happens to its links is not its doing
	default:
		if s.paused[e.Node] {
			s.broken = append(s.broken, *e)
		}
	}
}

// TestNothingHappensToAPausedServer: no packet, timer, turn or disk operation, also
// when other faults strike the server while it hangs.
func TestNothingHappensToAPausedServer(t *testing.T) {
	pauses := 0
	for seed := uint64(1); seed <= 20; seed++ {
		p := basePlan(t, seed)
		p.Grain = plan.Grain(seed % 2)
		p.ThreadSlow = 20 // with slow disks: there is something under way when a pause begins
		p.Faults = []plan.Fault{
			{At: host.Second, For: 10 * host.Second, Name: "slow-disk", Args: []string{"leader", "by=30"}},
			{At: host.Second, For: 10 * host.Second, Name: "slow-disk", Args: []string{"follower", "by=30"}},
		}
		for i := range host.Duration(60) { // many and short: what a pause must stop takes microseconds
			f := plan.Fault{At: 2*host.Second + i*133*host.Millisecond, For: 100 * host.Millisecond, Name: "pause", Args: []string{"any"}}
			if i%7 == 6 {
				f.At, f.Name = f.At-60*host.Millisecond, "crash"
			}
			p.Faults = append(p.Faults, f)
		}
		s := stillness{paused: map[trace.Node]bool{}}
		out := scenarios.Execute(p, scenarios.Settings{Sink: &s})
		require.Equal(t, scenarios.Passed, out.Verdict, "seed %d: %+v", seed, out.Broken)
		assert.Empty(t, s.broken, "seed %d", seed)
		pauses += s.pauses
	}
	assert.GreaterOrEqual(t, pauses, 800)
}
