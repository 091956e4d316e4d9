// Package ci writes what a campaign of many seeds found in the formats that build
// servers read: JUnit XML, annotations and a step summary for GitHub Actions, and
// fuzz.json for programs.
//
// A [Report] is plain data: who runs a campaign fills it, and nothing here knows of
// simulations. None of the formats holds wall time, a rate or a path of this machine,
// so that equal campaigns give equal bytes. Whatever bytes are in a report, what is
// written is well-formed: texts come from traces, and those from the plans of strangers.
package ci

// Format is the version in the first field of fuzz.json. It changes when a reader of
// the earlier one would misunderstand.
const Format = "zabsim-fuzz/1"

// Report is what a campaign found, in plain words. Its JSON is fuzz.json; the schema
// is reports/schema/fuzz.schema.json.
type Report struct {
	Format   string         `json:"format"`            // Format; Encode sets it
	Tool     string         `json:"tool,omitempty"`    // version or build, may be empty
	Command  string         `json:"command"`           // the line that repeats the campaign
	Profile  string         `json:"profile,omitempty"` // pr, nightly, or empty
	Shard    string         `json:"shard,omitempty"`   // as in --shard: "2/4"; empty for all
	Seed     uint64         `json:"seed"`              // base
	Runs     int            `json:"runs"`
	Counts   map[string]int `json:"counts"` // by verdict: passed, violated, unknown, vacuous, no-progress
	Suites   []Suite        `json:"scenarios"`
	Findings []Finding      `json:"findings"`
	Coverage Coverage       `json:"coverage"`
	Corpus   Corpus         `json:"corpus"`
	Doubles  Doubles        `json:"doubles"`
	// Interrupted: somebody stopped the campaign; what is here is what it had by then.
	Interrupted bool `json:"interrupted,omitempty"`
	Exit        int  `json:"exit"` // see zabsim help exit-codes
}

// Suite is one scenario.
type Suite struct {
	Scenario string         `json:"scenario"`
	File     string         `json:"file,omitempty"` // of the scenario, empty for one that is built in
	Runs     int            `json:"runs"`
	Counts   map[string]int `json:"counts"` // as Report.Counts
	Cases    []Case         `json:"properties"`
}

// Case is one property of a scenario.
type Case struct {
	Property string `json:"property"`
	Verdict  string `json:"verdict"`            // passed, violated, unknown, ...
	Detail   string `json:"detail,omitempty"`   // why, where no finding says it: "no run reached a fail-over"
	Findings []int  `json:"findings,omitempty"` // indexes into Report.Findings
}

// Finding is all failures with one signature.
type Finding struct {
	Scenario  string   `json:"scenario"`
	Property  string   `json:"property"`
	Signature string   `json:"signature"`
	Verdict   string   `json:"verdict"`
	Violation string   `json:"violation"`       // one line
	Seed      uint64   `json:"seed"`            // of the smallest witness
	Count     int      `json:"count"`           // failures with this signature
	Repro     string   `json:"repro"`           // the line to paste
	Plan      string   `json:"plan,omitempty"`  // path of the shrunk plan
	Trace     []string `json:"trace,omitempty"` // head of the minimised trace
	File      string   `json:"file,omitempty"`  // the scenario's file or the plan, for annotations
	Line      int      `json:"line,omitempty"`  // from 1; 0 if unknown
	// How large the witness was, and the plan that was shrunk from it. Events after are
	// 0 if it was not shrunk.
	EventsBefore  uint64 `json:"events_before"`
	EventsAfter   uint64 `json:"events_after"`
	FaultsBefore  int    `json:"faults_before"`
	FaultsAfter   int    `json:"faults_after"`
	OpsBefore     int    `json:"operations_before"`
	OpsAfter      int    `json:"operations_after"`
	ServersBefore int    `json:"servers_before"`
	ServersAfter  int    `json:"servers_after"`
	// Kept is what shrinking could not remove, a line each.
	Kept []string `json:"kept,omitempty"`
}

// Coverage is what the runs of a campaign have reached.
type Coverage struct {
	Sometimes   []Hits `json:"sometimes"`   // properties that a good campaign sees hold; with 0 hits they are still to be reached
	Transitions []Hits `json:"transitions"` // "FOLLOWING/BROADCAST PROPOSAL" and the like; only those that were seen
	Marks       int    `json:"marks"`       // pairs of transitions that followed each other, see sim.Coverage
	NewAt       int    `json:"new_at"`      // the last run that reached something named for the first time
}

// Hits is how many runs reached something that has a name.
type Hits struct {
	Name string `json:"name"`
	Hits int    `json:"hits"`
}

// Corpus is what became of the entries that were replayed before the fresh seeds.
type Corpus struct {
	Replayed int      `json:"replayed"`
	Stale    []string `json:"stale,omitempty"`  // "file: why" of entries whose plan no longer applies: they prove nothing
	Failed   []string `json:"failed,omitempty"` // "file: why" of entries that gave another verdict than they expect, or are no plans
}

// Doubles says how many runs were repeated to see that the second is the first again.
type Doubles struct {
	Runs     int      `json:"runs"`
	Differed []string `json:"differed,omitempty"` // a line for each that was another
}

// blocks tells whether a verdict makes zabsim exit with a code that is not 0, so that the
// build fails. Only of a word that we do not know we can't say so.
func blocks(verdict string) bool {
	switch verdict {
	case "unknown", "vacuous", "stale":
		return true
	}
	return levelOf(verdict) == bad
}

// level is how much a verdict matters to a build.
type level uint8

const (
	good    level = iota
	skipped       // what broke was allowed to
	doubt         // nothing is proven
	bad           // a promise is broken
)

// levelOf returns the level of a verdict. A word that is not known is a doubt: what we
// do not understand has not passed.
func levelOf(verdict string) level {
	switch verdict {
	case "passed":
		return good
	case "excused":
		return skipped
	case "violated", "no-progress", "differs", "threshold":
		return bad
	}
	return doubt
}
