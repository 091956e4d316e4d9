package sim

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// mallocs counts the objects that do allocates.
func mallocs(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}

// TestNoAllocationPerEvent: an event that applies no transaction allocates
// nothing. Pings, ticks, time-outs and client pings of an idle ensemble, with
// every check on.
func TestNoAllocationPerEvent(t *testing.T) {
	for _, g := range []plan.Grain{plan.GrainAtomic, plan.GrainThreads} {
		t.Run(g.String(), func(t *testing.T) { noAllocationPerEvent(t, g) })
	}
}

func noAllocationPerEvent(t *testing.T, g plan.Grain) {
	p := loadPlan(3600, 0)
	p.Grain = g
	r := NewRunner(p, Config{})
	for r.Now() < host.Time(30*host.Second) {
		require.True(t, r.Step())
	}
	before := r.Events()
	n := mallocs(func() {
		for r.Now() < host.Time(3000*host.Second) {
			r.Step()
		}
	})
	events := r.Events() - before
	assert.Greater(t, events, uint64(20_000))
	assert.LessOrEqual(t, n, events/1000, "%d objects in %d events", n, events)
}

// TestFewAllocationsPerTransaction: an event that applies a transaction costs at
// most 4 objects. A write is applied by 5 servers, so 20 would be allowed; it
// makes a request, a transaction, and now and then room for a log to grow.
func TestFewAllocationsPerTransaction(t *testing.T) {
	for _, g := range []plan.Grain{plan.GrainAtomic, plan.GrainThreads} {
		t.Run(g.String(), func(t *testing.T) { fewAllocationsPerTransaction(t, g) })
	}
}

func fewAllocationsPerTransaction(t *testing.T, g plan.Grain) {
	p := loadPlan(60, 200)
	p.Grain = g
	r := NewRunner(p, Config{})
	for r.Now() < host.Time(10*host.Second) {
		require.True(t, r.Step())
	}
	before := r.Counts().Writes
	n := mallocs(func() {
		for r.Now() < host.Time(50*host.Second) {
			r.Step()
		}
	})
	writes := r.Counts().Writes - before
	assert.Greater(t, writes, uint64(7000))
	assert.LessOrEqual(t, n, 4*writes, "%d objects for %d writes", n, writes)
	t.Logf("%.2f objects per write", float64(n)/float64(writes))
}
