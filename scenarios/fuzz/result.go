package fuzz

import (
	"cmp"
	"slices"

	"zabsim/scenarios"
	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/sim/shrink"
)

// Stats are the numbers of a campaign so far.
type Stats struct {
	Runs      int
	Verdicts  map[scenarios.Verdict]int
	Mutated   int // drawn from a plan that had reached something new
	Repeated  int // to see that the second run is the first again
	Events    uint64
	Simulated int64 // nanoseconds
	Elections uint64
	// Operations that clients completed.
	Operations uint64
	// Named things that were reached, and marks: see sim.Coverage.
	Named, Marks int
	// NewAt is the last run that reached something named for the first time, NewName
	// one that did so in the campaign.
	NewAt    int
	Findings int
	Newest   *Finding // of the findings; nil if there is none
}

// ByScenario are the numbers of one scenario.
type ByScenario struct {
	Name     string
	Runs     int
	Verdicts map[scenarios.Verdict]int
	// Checks are all that judged a run of it, in order of name.
	Checks []string
	// Missing is what the last vacuous run has never reached.
	Missing []string
}

// Finding is all failures with one signature.
type Finding struct {
	Signature Signature
	Verdict   scenarios.Verdict
	Count     int
	First     int // number of the run that failed first
	// Witness is the failure with the fewest events, the first of them.
	Witness *Run
	// Shrunk is what became of the witness; nil until somebody shrinks it.
	Shrunk *shrink.Report
}

// Hits is how many runs reached something that has a name.
type Hits struct {
	Name string
	Runs int
}

// Result is what a campaign found.
type Result struct {
	Stats
	Scenarios []ByScenario
	// Findings in the order in which they were found; undecided runs are findings, too.
	Findings []*Finding
	// Sometimes are the properties that a run may reach, and what recipes were seen to
	// do; Transitions those that were seen.
	Sometimes, Transitions []Hits
	// Broken is a run that was another when it was repeated, or that ended in a panic:
	// nothing follows from the others then.
	Broken *Run
	// Interrupted: the context was cancelled before the end.
	Interrupted bool

	sometimes   map[string]int
	transitions [sim.TransitionMax]int
	pool        pool
	closed      bool
}

func newResult(cfg *Config) *Result {
	r := &Result{sometimes: map[string]int{}}
	r.Verdicts = map[scenarios.Verdict]int{}
	for _, s := range cfg.Scenarios {
		r.Scenarios = append(r.Scenarios, ByScenario{Name: s.Name, Verdicts: map[scenarios.Verdict]int{}})
	}
	return r
}

// add takes the next run, in order.
func (r *Result) add(x *Run) {
	r.Runs++
	if x.Differs != "" || x.Panic != "" {
		r.Broken = x
	}
	if x.Panic != "" {
		return
	}
	r.Verdicts[x.Verdict]++
	i := slices.IndexFunc(r.Scenarios, func(s ByScenario) bool { return s.Name == x.Scenario })
	r.Scenarios[i].Runs++
	for _, name := range x.Checks {
		if k, known := slices.BinarySearch(r.Scenarios[i].Checks, name); !known {
			r.Scenarios[i].Checks = slices.Insert(r.Scenarios[i].Checks, k, name)
		}
	}
	x.Checks = nil
	if r.Scenarios[i].Verdicts[x.Verdict]++; x.Verdict == scenarios.Vacuous {
		r.Scenarios[i].Missing = x.Missing
	}
	if x.Mutated {
		r.Mutated++
	}
	if x.Again {
		r.Repeated++
	}
	r.Events += x.Counts.Events
	r.Simulated += x.Counts.SimulatedNanos
	r.Elections += x.Counts.Elections
	r.Operations += x.Counts.Ok + x.Counts.Failed
	named, marks := r.pool.add(x)
	fresh := false
	for _, name := range x.Reached {
		fresh = fresh || r.sometimes[name] == 0
		r.sometimes[name]++
	}
	x.Coverage.Transitions(func(n int) { r.transitions[n]++ })
	if r.Named, r.Marks = r.Named+named, r.Marks+marks; named > 0 || fresh {
		r.NewAt = r.Runs
	}
	if x.Failed() || x.Verdict == scenarios.Unknown {
		r.found(x)
	}
}

// found puts a failure to those with the same signature.
func (r *Result) found(x *Run) {
	signature := x.Signature
	if x.Verdict == scenarios.Unknown {
		signature = Signature{Check: x.Broken.Name}
	}
	for _, f := range r.Findings {
		if f.Verdict == x.Verdict && f.Signature.String() == signature.String() {
			if f.Count++; x.Counts.Events < f.Witness.Counts.Events {
				f.Witness = x
			}
			return
		}
	}
	r.Newest = &Finding{Signature: signature, Verdict: x.Verdict, Count: 1, First: x.Index, Witness: x}
	r.Findings = append(r.Findings, r.Newest)
	r.Stats.Findings = len(r.Findings)
}

// Finish fills the lists of what was reached.
func (r *Result) finish() {
	for _, p := range invariant.Sometimes() {
		r.Sometimes = append(r.Sometimes, Hits{p.Name, r.sometimes[p.Name]})
		delete(r.sometimes, p.Name)
	}
	first := len(r.Sometimes)
	for name, n := range r.sometimes { // what recipes were seen to do
		r.Sometimes = append(r.Sometimes, Hits{name, n})
	}
	slices.SortFunc(r.Sometimes[first:], func(a, b Hits) int { return cmp.Compare(a.Name, b.Name) })
	for n, runs := range r.transitions {
		if runs > 0 {
			r.Transitions = append(r.Transitions, Hits{sim.TransitionName(n), runs})
		}
	}
}

// Verdict returns the verdict of the whole campaign. A run that is vacuous by itself is
// none that counts; a campaign is vacuous if it has no other runs, of one scenario or
// of all.
func (r *Result) Verdict() scenarios.Verdict {
	switch {
	case r.Verdicts[scenarios.Violated] > 0:
		return scenarios.Violated
	case r.Verdicts[scenarios.NoProgress] > 0:
		return scenarios.NoProgress
	case r.Verdicts[scenarios.Failed] > 0:
		return scenarios.Failed
	case r.Runs == 0:
		return scenarios.Vacuous
	}
	for _, s := range r.Scenarios {
		if s.Runs > 0 && s.Verdicts[scenarios.Vacuous] == s.Runs {
			return scenarios.Vacuous
		}
	}
	if r.Verdicts[scenarios.Unknown] > 0 {
		return scenarios.Unknown
	}
	return scenarios.Passed
}
