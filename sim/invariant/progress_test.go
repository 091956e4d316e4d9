package invariant

import (
	"testing"

	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

func TestNoCommitAfterHealingTripsProgress(t *testing.T) {
	w := newWorld(t, 3)
	Progress(&w.View, true, 60*host.Second)
	w.honest()
	Progress(&w.View, false, 60*host.Second)
	Progress(&w.View, false, 60*host.Second)
	w.trips("progress-after-heal", "no write committed within 60.000s after all faults had stopped")

	w = newWorld(t, 3)
	w.Up = quorum.Of(2)
	Progress(&w.View, false, 60*host.Second)
	w.trips("progress-after-heal", "no write committed within 60.000s after all faults had stopped; only {2} run, which is no quorum")
}
