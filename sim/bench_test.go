package sim

import (
	"runtime"
	"strconv"
	"testing"

	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// loadPlan is workload W: 5 servers with tickTime 2000, 5 clients, writesPerSecond
// in total, no faults.
func loadPlan(seconds, writesPerSecond int) *plan.Plan {
	p := &plan.Plan{
		Scenario: "bench", Seed: 1, Quorum: *quorum.Majority(5), Clients: 5, For: host.Duration(seconds) * host.Second,
		TickTime: 2 * host.Second, InitLimit: 10, SyncLimit: 5, CommitLogCount: 500, SessionTimeout: 10 * host.Second,
	}
	for c := 1; c <= p.Clients; c++ {
		for n := 1; n <= seconds*writesPerSecond/p.Clients; n++ {
			p.Ops = append(p.Ops, plan.Op{Client: c, Number: n, Wait: host.Second * host.Duration(p.Clients) / host.Duration(max(writesPerSecond, 1)),
				Kind: plan.OpSet, Key: "/r" + strconv.Itoa(n%4), Value: "v"})
		}
	}
	return p
}

func benchRun(b *testing.B, writes int, sample uint32, grain plan.Grain) {
	const seconds = 60
	p := loadPlan(seconds, writes)
	p.Grain = grain
	var events, applied uint64
	var nanos int64
	b.ReportAllocs()
	for b.Loop() {
		r := NewRunner(p, Config{Sample: sample})
		for r.Now() < host.Time(p.For) && r.Step() {
		}
		c := r.Counts()
		events += c.Events
		nanos += c.SimulatedNanos
		applied += c.Writes
		if len(r.View.Violations) > 0 {
			b.Fatal(r.View.Violations[0])
		}
	}
	elapsed := b.Elapsed().Seconds()
	b.ReportMetric(float64(events)/elapsed, "events/s")
	b.ReportMetric(float64(nanos)/1e9/elapsed, "x-real-time")
	if applied > 0 {
		b.ReportMetric(float64(events)/float64(applied), "events/write")
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/1e6, "MB-from-OS")
}

// BenchmarkLoad is workload W with every check at every event.
func BenchmarkLoad(b *testing.B) { benchRun(b, 200, 1, plan.GrainAtomic) }

// BenchmarkLoadSampled is W with the checks at every 16th event.
func BenchmarkLoadSampled(b *testing.B) { benchRun(b, 200, 16, plan.GrainAtomic) }

// BenchmarkIdle is an ensemble with 5 sessions that ask for nothing.
func BenchmarkIdle(b *testing.B) { benchRun(b, 0, 1, plan.GrainAtomic) }

// BenchmarkGrain is W, and the idle ensemble, at both grains: what it costs that the
// threads of a server take turns. Compare the lines of x-real-time: threads may
// take three times as long as atomic, and no more.
func BenchmarkGrain(b *testing.B) {
	for _, load := range []struct {
		name   string
		writes int
	}{{"load", 200}, {"idle", 0}} {
		for _, g := range []plan.Grain{plan.GrainAtomic, plan.GrainThreads} {
			b.Run(load.name+"/"+g.String(), func(b *testing.B) { benchRun(b, load.writes, 1, g) })
		}
	}
}
