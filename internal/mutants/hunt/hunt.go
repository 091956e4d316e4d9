package hunt

import (
	"fmt"
	"sync/atomic"
	"time"

	"zabsim/internal/fp"
)

// Budget is how much is tried.
type Budget struct {
	Events uint64 // of runs
	States uint64 // of searches, over all models
	Seed   uint64 // of the runs
	// Recordings is the folder with what a real server answered; "": none is replayed.
	Recordings string
}

// Kind is how somebody notices that code is wrong.
type Kind string

// The kinds. The last two are told by who watches the process.
const (
	Violated     Kind = "violated"      // a promise that must always hold
	NoProgress   Kind = "no progress"   // nothing commits after everything was healed
	Limit        Kind = "limit"         // slower, or less of it, than twice what right code does
	Endless      Kind = "endless"       // a run does not end within its budget of events
	Differs      Kind = "differs"       // two runs of one plan are not the same
	Panicked     Kind = "panic"         // the code itself, or what it was built into
	Mismatch     Kind = "mismatch"      // a real server answered something else
	NeverReached Kind = "never reached" // a sometimes-property that right code reaches all the time
	Hung         Kind = "hangs"         // one step does not end
	Memory       Kind = "memory"        // one step takes all of it
)

// Kinds lists them in the order of the report.
var Kinds = []Kind{Violated, NoProgress, Limit, Endless, Differs, Panicked, Mismatch, NeverReached, Hung, Memory}

// Catch is the first failure.
type Catch struct {
	Kind   Kind   `json:"kind"`
	By     string `json:"by"`    // "fuzz", "search", "recordings", "clients", "directories"; "watch" and "runtime" from outside
	Check  string `json:"check"` // the property, or what a panic said
	Where  string `json:"where"` // scenario and seed, or the model
	Detail string `json:"detail,omitempty"`
}

// String writes "violated agreement (fuzz, chaos seed 12)".
func (c *Catch) String() string { return fmt.Sprintf("%s %s (%s, %s)", c.Kind, c.Check, c.By, c.Where) }

// Report is what was done, and what was caught.
type Report struct {
	Catch  *Catch `json:"catch,omitempty"`
	Runs   int    `json:"runs"`
	Events uint64 `json:"events"`
	States uint64 `json:"states"`
	Steps  int    `json:"steps"` // of recordings
	// Trail names all that was run and searched. A mutant with the trail of right code was
	// never seen to do anything else.
	Trail fp.Hash `json:"trail"`
	// Reached is how many runs reached each sometimes-property.
	Reached map[string]int `json:"reached,omitempty"`
	// Seen is what each model's search reached, if it was complete.
	Seen map[string][]string `json:"seen,omitempty"`
}

// Beat counts steps, for who watches that there are any.
var Beat atomic.Uint64

// searching is set while the step under way is a search or a recording.
var searching atomic.Bool

// Patience is how long to wait for a step, given how long an event may take.
func Patience(event time.Duration) time.Duration {
	if searching.Load() {
		return 6 * event
	}
	return event
}

// oftenRuns is how many runs of right code must reach a property before a mutant that
// never does is caught by that: so many are no accident.
const oftenRuns = 20

// Try spends a budget, or less if something is caught. Base is the report of right code
// with the same budget; nil: nothing is compared.
func Try(b Budget, base *Report) (r *Report) {
	r = &Report{Reached: map[string]int{}, Seen: map[string][]string{}}
	at := Catch{}
	defer func() {
		if p := recover(); p != nil {
			r.Catch = &Catch{Kind: Panicked, By: at.By, Where: at.Where, Check: plain(fmt.Sprint(p)), Detail: fmt.Sprint(p)}
		}
	}()
	searching.Store(false)
	r.fuzz(b, base, &at)
	searching.Store(true)
	if r.Catch == nil {
		r.search(b, base, &at)
	}
	if r.Catch == nil && b.Recordings != "" {
		r.conform(b.Recordings, &at)
	}
	searching.Store(false)
	if r.Catch == nil {
		r.walk(b, &at)
	}
	if r.Catch == nil {
		r.files(b, &at)
	}
	if r.Catch == nil {
		r.directories(b, &at)
	}
	return r
}

func (r *Report) trail(words ...uint64) {
	for _, w := range words {
		r.Trail = r.Trail.Word(w)
	}
}
