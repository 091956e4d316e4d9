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

// starts is a sink that keeps when one server was started.
type starts struct {
	node trace.Node
	at   []host.Time
}

func (s *starts) Event(e *trace.Event, _ fp.Hash, _ []trace.Delta) {
	if e.Verb == "start" && e.Node == s.node {
		s.at = append(s.at, e.At)
	}
}

// TestMidsyncStartsOnlyWhatItHasCrashed: n3 is down until the second act by a fault
// of its own. That a synchronization of others is disturbed, and healed, is no
// reason to start it.
func TestMidsyncStartsOnlyWhatItHasCrashed(t *testing.T) {
	for _, hit := range []string{"both", "leader", "learner"} {
		struck := 0
		for seed := uint64(1); seed <= 10; seed++ {
			p := basePlan(t, seed)
			p.Grain = plan.Grain(seed % 2)
			p.Faults = []plan.Fault{
				{At: 2 * host.Second, Name: "crash", Args: []string{"n3"}},
				{At: 3 * host.Second, For: host.Second, Name: "midsync", Args: []string{"after=0", "hit=" + hit}},
				{At: 4 * host.Second, For: host.Second, Name: "restart", Args: []string{"leader"}},
			}
			sink := starts{node: 3}
			out := scenarios.Execute(p, scenarios.Settings{Sink: &sink})
			require.Equal(t, scenarios.Passed, out.Verdict, "seed %d: %+v", seed, out.Broken)
			for _, f := range out.Run.Intervals() {
				if f.Name == "midsync" {
					struck++
				}
			}
			for _, at := range sink.at {
				assert.False(t, at > host.Time(2*host.Second) && at < host.Time(p.For), "hit=%s, seed %d: n3 starts at %v", hit, seed, at)
			}
		}
		assert.GreaterOrEqual(t, struck, 8, "hit=%s hardly ever happens", hit)
	}
}
