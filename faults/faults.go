// Package faults holds the trouble that a correct ensemble must survive, one
// file for each kind: what it is, what must survive it, how it begins, how it is
// healed, and its colour in plots. testdata/stories tells for each kind a run with it.
//
// A fault acts on a sim.Runner through its verbs (Crash, Restart, CutLink, ...).
// Outcomes that are not written in the plan are drawn by the runner under a key of
// their own, so that deleting one fault moves nothing else. The package never
// decides a verdict.
package faults

import (
	"fmt"
	"slices"
	"strings"

	"zabsim/internal/nearest"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// All returns every kind of fault.
func All() []sim.FaultKind {
	return []sim.FaultKind{crash, restart, cut, isolate, reset, midwrite,
		pause, torn, midsync, slow, blackhole, refuse, split, minority, bridge, ring, swizzle,
		drift, step, slowDisk, diskError, fullDisk, lyingFsync, lostFile, corrupt, freeze, hangup}
}

// Vocabulary is what plans may say about faults.
type Vocabulary struct{}

var _ plan.Vocabulary = Vocabulary{}

// FaultNames implements plan.Vocabulary.
func (Vocabulary) FaultNames() []string {
	var names []string
	for _, k := range All() {
		names = append(names, k.Name)
	}
	return names
}

// CheckFault implements plan.Vocabulary. If f is one of p's faults it is also
// compared with those before it.
func (v Vocabulary) CheckFault(p *plan.Plan, f *plan.Fault) error {
	k := kindOf(f.Name)
	switch {
	case k == nil:
		return fmt.Errorf("unknown fault %q%s", f.Name, nearest.Hint(f.Name, v.FaultNames()))
	case k.Unsafe && !p.Unsafe:
		return fmt.Errorf("%s breaks what ZooKeeper demands of a disk; this plan does not allow it: add the line \"unsafe yes\"", f.Name)
	case k.Instant && f.For != 0:
		return fmt.Errorf("%s is over at once; take \"for\" away", f.Name)
	}
	if err := k.Check(p, f); err != nil {
		return err
	}
	return checkTimetable(p, f)
}

func kindOf(name string) *sim.FaultKind {
	for _, k := range All() {
		if k.Name == name {
			return &k
		}
	}
	return nil
}

// CheckDecision returns an error if a decision of a plan can't be meant.
func CheckDecision(p *plan.Plan, d *plan.Decision) error {
	switch {
	case strings.HasPrefix(d.Key, "crash "):
		word, _, _ := strings.Cut(strings.TrimPrefix(d.Key, "crash "), "#")
		if err := checkServer(p, word); err != nil {
			return err
		}
		_, err := sim.ParseOutcome(d.Value)
		return err
	case strings.HasSuffix(d.Key, " target"):
		if d.Value == "none" {
			return nil
		}
		return checkServer(p, d.Value)
	case strings.HasSuffix(d.Key, " client"):
		return checkDecidedClient(p, d.Value)
	case strings.HasSuffix(d.Key, " servers"):
		_, err := readSet(p, d.Value)
		return err
	}
	return nil // of a newer or older zabsim: the run reports it as unused
}

func checkServer(p *plan.Plan, word string) error {
	id, ok := sim.ParseServer(word)
	all := p.Quorum.All()
	switch {
	case !ok:
		return fmt.Errorf("%q is no server; n1 to n%d are", word, all.Len())
	case !all.Has(id):
		return fmt.Errorf("there is no server %s; the ensemble has %d servers, %v", word, all.Len(), all)
	}
	return nil
}

var targetWords = []string{"leader", "follower", "any"}

// wordsFor returns the target words that mean something in p's ensemble.
func wordsFor(p *plan.Plan) []string {
	if p.Quorum.Observers == 0 {
		return targetWords
	}
	return []string{"leader", "follower", "observer", "any"}
}

// checkTarget checks a word that Runner.Target resolves.
func checkTarget(p *plan.Plan, word string) error {
	words := wordsFor(p)
	if slices.Contains(words, word) {
		return nil
	}
	if _, ok := sim.ParseServer(word); ok {
		return checkServer(p, word)
	}
	if word == "observer" {
		return fmt.Errorf("this ensemble has no observer; a server (n1) or one of %s is wanted", strings.Join(words, ", "))
	}
	return fmt.Errorf("%q is no target%s; a server (n1) or one of %s is wanted", word,
		nearest.Hint(word, words), strings.Join(words, ", "))
}

// oneTarget checks that f names exactly one target and returns its options.
func oneTarget(p *plan.Plan, f *plan.Fault) ([]string, error) {
	if len(f.Args) == 0 {
		return nil, fmt.Errorf("%s needs a target: a server (n1) or one of %s", f.Name, strings.Join(wordsFor(p), ", "))
	}
	return f.Args[1:], checkTarget(p, f.Args[0])
}

func noOptions(f *plan.Fault, rest []string) error {
	if len(rest) > 0 {
		return fmt.Errorf("%s takes no %q", f.Name, rest[0])
	}
	return nil
}

// eachOther calls do for every server except id.
func eachOther(p quorum.Set, id quorum.ServerID, do func(other quorum.ServerID)) {
	for rest := p.Without(id); rest != 0; rest = rest.Without(rest.First()) {
		do(rest.First())
	}
}
