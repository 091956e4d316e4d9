package faults_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/faults"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// ailing runs one fault of a kind on five servers, where a ring cuts something, from
// 4s to 5s, and returns what ailed in the midst of it, and what does long after, just
// before the second act would heal everything.
func ailing(t *testing.T, k *sim.FaultKind, seed uint64) (during, after []string, r *sim.Runner) {
	p := planOf(t, seed, 5)
	p.Grain, p.Unsafe = plan.Grain(seed%2), k.Unsafe
	p.Faults = []plan.Fault{{At: 4 * host.Second, For: host.Second, Name: k.Name, Args: args[k.Name]}}
	if k.Waits { // what it waits for comes with an election
		p.Faults = append(p.Faults, plan.Fault{At: 6 * host.Second, For: host.Second, Name: "restart", Args: []string{"leader"}})
	}
	r = sim.NewRunner(p, sim.Config{Kinds: faults.All()})
	until := func(at host.Duration) {
		for r.Now() < host.Time(at) {
			require.True(t, r.Step(), "the run ends early")
		}
	}
	until(4500 * host.Millisecond)
	during = r.Ails()
	until(11900 * host.Millisecond)
	return during, r.Ails(), r
}

// TestHealingUndoesEachFault: something ails while a fault lasts, and nothing when it
// has healed. An interval alone shows neither: it ends whatever Heal does.
func TestHealingUndoesEachFault(t *testing.T) {
	for _, k := range faults.All() {
		if k.Instant {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			ailed := 0
			for seed := uint64(1); seed <= 6; seed++ {
				during, after, r := ailing(t, &k, seed)
				if len(during) > 0 || k.Waits && r.Counts().Crashes > 1 { // one is the election's
					ailed++
				}
				if k.Unsafe && r.Counts().Refused > 0 {
					continue // started again, and the disk was too bad: it stays down
				}
				assert.Empty(t, after, "seed %d", seed)
			}
			assert.GreaterOrEqual(t, ailed, 4, "it ails hardly anybody: this row tests nothing")
		})
	}
}
