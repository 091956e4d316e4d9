package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"zabsim/internal/failover"
	"zabsim/internal/fp"
	"zabsim/linearizability/history"
	"zabsim/scenarios/spec"
	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab/host"
)

// thresholdName is the name of a threshold's check: one word, since plans hold it.
func thresholdName(t Threshold) string { return strings.ReplaceAll(t.String(), " ", "") }

// ThresholdOf returns the threshold that a check of an outcome is about, false if it is
// about none.
func ThresholdOf(check string) (Threshold, bool) {
	t, err := spec.ParseThreshold(check)
	return t, err == nil
}

// IsThreshold tells whether a check of an outcome is one of the scenario's thresholds.
func IsThreshold(check string) bool {
	_, ok := ThresholdOf(check)
	return ok
}

// meter follows the servers of a run that has thresholds on fail-overs.
type meter struct {
	log failover.Log
	err error
}

// Event implements trace.Sink.
func (m *meter) Event(e *trace.Event, _ fp.Hash, deltas []trace.Delta) {
	if m.err == nil && len(deltas) > 0 {
		m.err = m.log.Add(time.Duration(e.At), deltas)
	}
}

// newMeter returns nil if no threshold asks for fail-overs: a run that nobody listens
// to is faster.
func newMeter(list []Threshold) *meter {
	if slices.ContainsFunc(list, func(t Threshold) bool { return t.Of == "failover" || t.Of == "failovers" }) {
		return &meter{}
	}
	return nil
}

// failovers returns the fail-overs of a run, as reports find them in its recording.
func (m *meter) failovers(p *plan.Plan, r *sim.Runner) []failover.Failover {
	if m.err != nil {
		panic("scenarios: " + m.err.Error()) // events are written by ourselves
	}
	end := time.Duration(r.Now())
	for i := range r.History.Ops {
		if op := &r.History.Ops[i]; op.Outcome != history.Pending {
			end = max(end, time.Duration(op.Ended))
		}
	}
	in := &failover.Input{Voters: &p.Quorum, Moments: m.log.Moments, Ops: r.History.Ops,
		Patience: time.Duration(p.TickTime) * time.Duration(p.SyncLimit), End: end}
	for _, f := range r.Intervals() {
		x := failover.Fault{Name: f.Name, Target: f.Target, At: time.Duration(f.From), Until: time.Duration(f.Until)}
		if x.Until == 0 {
			x.Until = end
		}
		x.Until = max(x.At, min(x.Until, end))
		in.Faults = append(in.Faults, x)
	}
	return failover.Find(in)
}

// thresholds compares what the run was with what it should be. One that has nothing
// to measure leaves the run vacuous.
func (o *Outcome) thresholds(p *plan.Plan, list []Threshold, m *meter) {
	var changes []failover.Failover
	if m != nil {
		changes = m.failovers(p, o.Run)
	}
	for _, t := range list {
		var v int64
		ok, stuck := true, ""
		switch {
		case t.Func == "count":
			v = o.count(t.Of, len(changes))
		case t.Of == "failover":
			var samples []int64
			if samples, stuck = lengths(changes); stuck == "" {
				v, ok = t.Measure(samples)
			}
		default:
			v, ok = t.Measure(latencies(&o.Run.History, t.Of))
		}
		c := Check{Name: thresholdName(t), Verdict: Passed, Detail: "it is " + t.Value(v)}
		switch {
		case stuck != "":
			c.Verdict, c.Detail = Failed, stuck
		case !ok:
			o.Missed = append(o.Missed, "something to measure for "+t.String())
			continue
		case !t.Met(v):
			c.Verdict = Failed
		}
		o.Checks = append(o.Checks, c)
	}
}

// lengths returns how long clients had to wait at each fail-over until one of them
// could write again. A fail-over whose new leader is lost before that goes on with the
// next one. The last may have no end: then no limit is kept, and stuck says why.
func lengths(list []failover.Failover) (samples []int64, stuck string) {
	var open *failover.Failover
	for i := range list {
		f := &list[i]
		if open == nil {
			open = f
		}
		if f.Complete() {
			samples = append(samples, int64(f.Written-open.At))
			open = nil
		}
	}
	if open != nil {
		return nil, fmt.Sprintf("the fail-over from %s at %s did not end: no client could write again", open.From, plan.FormatDuration(host.Duration(open.At)))
	}
	return samples, ""
}

// latencies returns how long the answered operations of a kind took.
func latencies(h *history.History, of string) []int64 {
	var samples []int64
	for i := range h.Ops {
		op := &h.Ops[i]
		if op.Outcome != history.Ok || of == "write" && !op.Kind.IsWrite() || of == "read" && op.Kind.IsWrite() {
			continue
		}
		samples = append(samples, int64(op.Ended-op.Invoke))
	}
	return samples
}

// count returns a number of things in a run. Operations count when they were
// answered.
func (o *Outcome) count(of string, changes int) int64 {
	n := o.Run.Counts()
	switch of {
	case "ops":
		return int64(n.Ok)
	case "writes":
		return int64(len(latencies(&o.Run.History, "write")))
	case "reads":
		return int64(len(latencies(&o.Run.History, "read")))
	case "failovers":
		return int64(changes)
	case "epochs":
		return int64(n.Epochs)
	case "commits":
		commits := int64(0)
		for i := range o.Run.View.Ghost.Proposals {
			if o.Run.View.Ghost.Proposals[i].Marks&invariant.Committed != 0 {
				commits++
			}
		}
		return commits
	}
	return int64(n.Events)
}
