package main

import (
	"fmt"

	"zabsim/internal/runfolder"
	"zabsim/scenarios"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
)

// summary is an outcome as run.json has it: no wall time, no rate, no path.
func summary(o *scenarios.Outcome, messages int64, repro string) *runfolder.Run {
	n := o.Run.Counts()
	r := &runfolder.Run{
		Format: runfolder.Format, Scenario: o.Plan.Scenario, Seed: o.Plan.Seed, Config: config(o.Plan),
		Verdict: runfolder.Verdict(o.Verdict), Exit: o.Verdict.Exit(),
		Counts: runfolder.Counts{
			Events: int64(n.Events), Elections: int64(n.Elections), Epochs: int64(n.Epochs),
			Operations: int64(n.Operations), OK: int64(n.Ok), Failed: int64(n.Failed), Unknown: int64(n.Lost),
			Crashes: int64(n.Crashes), Restarts: int64(n.Restarts), Messages: messages, Commits: commits(o.Run.View),
		},
		Fingerprint: fmt.Sprintf("%016x", uint64(o.Run.Fingerprint())), SimulatedNS: n.SimulatedNanos, Repro: repro,
	}
	for _, c := range o.Checks {
		r.Checks = append(r.Checks, runfolder.Check{Name: c.Name, Verdict: runfolder.Verdict(c.Verdict), Detail: c.Detail})
	}
	for _, s := range invariant.Sometimes() {
		r.Sometimes = append(r.Sometimes, runfolder.Sometimes{Name: s.Name, Seen: o.Run.View.Seen.Has(s.Bit)})
	}
	for _, f := range o.Run.Intervals() {
		r.Faults = append(r.Faults, runfolder.Fault{Name: f.Name, Target: f.Target, AtNS: int64(f.From), UntilNS: int64(f.Until), Color: f.Color})
	}
	return r
}

// commits counts the transactions that were decided.
func commits(v *invariant.View) int64 {
	n := int64(0)
	for i := range v.Ghost.Proposals {
		if v.Ghost.Proposals[i].Marks&invariant.Committed != 0 {
			n++
		}
	}
	return n
}

// config is the effective configuration of a plan.
func config(p *plan.Plan) runfolder.Config {
	c := runfolder.Config{
		Servers: p.Quorum.All().Len(), Clients: p.Clients, ForNS: int64(p.For), TickTimeNS: int64(p.TickTime),
		InitLimit: p.InitLimit, SyncLimit: p.SyncLimit, CommitLogCount: p.CommitLogCount, Bugs: bugList(p.Bugs),
		Observers: ids(p.Quorum.Observers), NotifyMaxNS: int64(p.NotifyMax), NetSlow: p.NetSlow, DiskSlow: p.DiskSlow,
		SnapCount: p.SnapCount, SnapRetain: p.SnapRetain, SnapshotSizeFactor: factorText(p.SnapshotSizeFactor),
		CounterMax: p.CounterMax, ThreadSlow: p.ThreadSlow, Unsafe: p.Unsafe, Excuse: p.Excuse,
	}
	if p.Grain != plan.GrainAtomic {
		c.Grain = p.Grain.String()
	}
	if !p.Quorum.Grouped {
		return c
	}
	for g := 1; g <= quorum.Max; g++ {
		if members := group(&p.Quorum, g); members != 0 {
			c.Groups = append(c.Groups, ids(members))
		}
	}
	for id := quorum.ServerID(1); int(id) <= c.Servers; id++ {
		c.Weights = append(c.Weights, int(p.Quorum.Weights[id]))
	}
	return c
}

// group returns the voters of one group.
func group(q *quorum.Config, g int) quorum.Set {
	var s quorum.Set
	for rest := q.Voters; rest != 0; rest = rest.Without(rest.First()) {
		if id := rest.First(); int(q.Group[id]) == g {
			s = s.With(id)
		}
	}
	return s
}

func ids(s quorum.Set) []int {
	var list []int
	for rest := s; rest != 0; rest = rest.Without(rest.First()) {
		list = append(list, int(rest.First()))
	}
	return list
}

func bugList(s bug.Set) []string {
	var names []string
	for _, i := range bug.All() {
		if s.Has(i.Switch) {
			names = append(names, i.Name)
		}
	}
	return names
}
