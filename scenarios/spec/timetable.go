package spec

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"zabsim/faults"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// Entry is one entry of a timetable: a step, or rounds that come again and again.
type Entry struct {
	Step   *Step   `json:",omitempty"`
	Rounds *Rounds `json:",omitempty"`
}

// Step is a fault and whom it hits. A target is a word that plans know (leader, n3,
// n1>n2, any-client, ...), or one that means several servers: see Members.
type Step struct {
	At, For host.Duration
	// Every hits the servers of the target one after the other, so far apart, and not
	// all at once.
	Every   host.Duration
	Fault   string
	Target  string
	Options []Option

	Line int `json:"-"` // in File
}

// Option is an option of a fault: keep=some.
type Option struct{ Name, Value string }

// optionOrder is the order in which plans have the options of a fault, so that it
// does not matter in which order somebody has written them.
var optionOrder = []string{"keep", "after", "hit", "by", "rate", "plane", "file"}

// OptionNames returns the names of all options of faults.
func OptionNames() []string { return slices.Clone(optionOrder) }

// Rounds are lists of steps that take turns, one round every so often. The times of
// their steps count from the begin of the round.
type Rounds struct {
	From, Until, Every host.Duration
	// Turns are options that every step gets, with another value in each round.
	Turns []Turn
	// Pair are names for two servers, others in each round. Every lap through Each
	// they are further apart.
	Pair []string
	Each [][]Step
}

// Turn is an option whose values take turns.
type Turn struct {
	Name   string
	Values []string
}

// StepError is what is wrong with a step in some ensemble.
type StepError struct {
	Line int // of the file, 0 if there is none
	// Nobody says that the target is empty in this ensemble, so that the step does
	// nothing.
	Nobody bool
	Err    error
}

// Error says what is wrong, without the line.
func (e *StepError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *StepError) Unwrap() error { return e.Err }

// timetable returns the faults for an ensemble in order of time, and the first thing
// that makes no sense in it. What makes none is left out.
func (s *Scenario) timetable(q *quorum.Config) ([]plan.Fault, error) {
	t := table{s: s, q: q}
	for _, e := range s.Timetable {
		switch {
		case e.Step != nil:
			t.add(*e.Step)
		case e.Rounds != nil:
			t.rounds(e.Rounds)
		}
	}
	slices.SortStableFunc(t.list, func(a, b plan.Fault) int { return cmp.Compare(a.At, b.At) })
	switch {
	case t.err != nil:
		return t.list, t.err
	case t.nobody != nil:
		return t.list, t.nobody
	}
	return t.list, nil
}

// table collects faults.
type table struct {
	s    *Scenario
	q    *quorum.Config
	list []plan.Fault
	err  *StepError
	// nobody is the first step that hits nobody.
	nobody *StepError
}

func (t *table) fail(line int, format string, args ...any) {
	if t.err == nil {
		t.err = &StepError{Line: line, Err: fmt.Errorf(format, args...)}
	}
}

// add appends the faults of a step.
func (t *table) add(step Step) {
	f := plan.Fault{At: step.At, For: step.For, Name: step.Fault, Line: step.Line}
	options := orderedOptions(step.Options)
	if step.Target == "" || !t.s.isSet(step.Target) {
		f.Args = append(strings.Fields(step.Target), options...)
		t.list = append(t.list, f)
		return
	}
	set, err := t.s.Members(t.q, step.Target)
	switch {
	case err != nil:
		t.fail(step.Line, "%s: %w", step.Fault, err)
		return
	case set == 0:
		if t.nobody == nil {
			t.nobody = &StepError{step.Line, true, fmt.Errorf("%s %s: in this ensemble that is nobody", step.Fault, step.Target)}
		}
		return
	}
	if faults.TakesSet(step.Fault) {
		var names []string
		for rest := set; rest != 0; rest = rest.Without(rest.First()) {
			names = append(names, rest.First().String())
		}
		f.Args = append([]string{strings.Join(names, ",")}, options...)
		t.list = append(t.list, f)
		return
	}
	for rest := set; rest != 0; rest = rest.Without(rest.First()) {
		f.Args = append([]string{rest.First().String()}, options...)
		t.list = append(t.list, f)
		f.At += step.Every
	}
}

// orderedOptions returns options as words, in the order of plans.
func orderedOptions(list []Option) []string {
	var words []string
	for _, name := range optionOrder {
		for _, o := range list {
			if o.Name == name {
				words = append(words, o.Name+"="+o.Value)
			}
		}
	}
	return words
}

// rounds appends the faults of all rounds.
func (t *table) rounds(r *Rounds) {
	servers := t.q.All().Len()
	if len(r.Pair) > 0 && servers < 2 {
		for _, step := range slices.Concat(r.Each...) {
			t.fail(step.Line, "%s %s: one server alone is no pair", step.Fault, step.Target)
		}
		return
	}
	for i, at := 0, r.From; at < r.Until; i, at = i+1, at+r.Every {
		for _, step := range r.Each[i%len(r.Each)] {
			step.At += at
			step.Options = slices.Clone(step.Options)
			for _, turn := range r.Turns {
				step.Options = append(step.Options, Option{turn.Name, turn.Values[i%len(turn.Values)]})
			}
			if len(r.Pair) > 0 {
				step.Target = paired(step.Target, r.Pair, i, len(r.Each), servers)
			}
			t.add(step)
		}
	}
}

// paired puts the servers of a round for the names of a pair.
func paired(target string, pair []string, round, rounds, servers int) string {
	lap := round / rounds
	first := (round + lap) % servers
	second := (first + 1 + lap%(servers-1)) % servers
	names := []string{quorum.ServerID(1 + first).String(), quorum.ServerID(1 + second).String()}
	word := func(text string) string {
		if i := slices.Index(pair, text); i >= 0 {
			return names[i]
		}
		return text
	}
	link := func(text string) string {
		for _, arrow := range []string{">", "-"} {
			if a, b, ok := strings.Cut(text, arrow); ok {
				return word(a) + arrow + word(b)
			}
		}
		return word(text)
	}
	words := strings.Fields(target)
	for i := range words {
		words[i] = link(words[i])
	}
	return strings.Join(words, " ")
}

// Check returns the first thing in which s does not suit the ensemble of a plan that
// it made: too few servers, a target that there is none of, a fault that can't be,
// and last a step that hits nobody. An error about a step is a *StepError.
func (s *Scenario) Check(p *plan.Plan) error {
	if err := s.Fits(p.Quorum.All().Len()); err != nil {
		return err
	}
	if s.Swarm {
		return nil
	}
	if _, err := s.quorumOf(p.Quorum.All().Len()); err != nil {
		return err
	}
	var step *StepError
	_, nobody := s.timetable(&p.Quorum)
	if errors.As(nobody, &step) && !step.Nobody {
		return nobody
	}
	for i := range p.Faults {
		f := &p.Faults[i]
		if err := (faults.Vocabulary{}).CheckFault(p, f); err != nil {
			return &StepError{Line: f.Line, Err: err}
		}
	}
	return nobody
}

// IsServer tells whether text names one server of an ensemble, as n3 does.
func IsServer(text string) bool {
	_, ok := sim.ParseServer(text)
	return ok
}
