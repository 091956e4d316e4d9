// Package path is the witness of a search as a text: the model, and one line for
// each choice, named by what it is about. It is what zabsim explore writes as
// plan.txt, and what zabsim replay plays again:
//
//	zabsim path 1
//	servers 3
//	txns 1
//	bug follower.epoch-before-history
//	step elect n1 with 2
//	step deliver n2>n1
//	...
//	expect steps=2 fingerprint=0123456789abcdef verdict=violated check=leadership-1
//	end
//
// Play finds each step among the choices that the world offers there. If it is not
// offered, the code has moved on: then the path is stale, and the error names the
// line and what could have happened instead.
package path

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"zabsim/internal/fp"
	"zabsim/internal/nearest"
	"zabsim/sim"
	"zabsim/sim/explore"
	"zabsim/sim/invariant"
	"zabsim/sim/story"
)

// Format is the version that Write writes and Parse reads.
const Format = 1

const magic = "zabsim path"

// Path is a model and a list of choices in it.
type Path struct {
	Model  explore.Model
	Steps  []Step
	Expect Expect
}

// Step is one choice.
type Step struct {
	Key  string // as Key writes it
	Line int    // in the file it was parsed from, 0 otherwise
}

// Expect is what the path leads to. Zero: nothing is expected.
type Expect struct {
	Steps       int
	Fingerprint fp.Hash
	Verdict     string // violated or passed
	Check       string // the promise that the last step breaks
}

// Is tells whether text is meant to be a path, whatever its format.
func Is(text []byte) bool {
	for line := range strings.SplitSeq(string(text), "\n") {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return strings.HasPrefix(line, magic+" ") || line == magic
		}
	}
	return false
}

// Of writes down a path that a search has found. Its prefix becomes steps like any
// other.
func Of(cfg *explore.Config, list []sim.Choice) *Path {
	p := &Path{Model: cfg.Model}
	p.Model.Prefix = nil
	all := append(append([]sim.Choice{}, cfg.Prefix...), list...)
	w, ghost := explore.Open(p.Model)
	t := story.NewTeller(w, ghost)
	for _, c := range all {
		p.Steps = append(p.Steps, Step{Key: Key(w, c)})
		t.Apply(c)
	}
	p.Expect = expect(w, t, len(all), p.broken(t, all, cfg.Liveness))
	return p
}

// broken returns the promise that is broken where a path ends. Of progress no single
// step tells: whether any is possible is searched for from there.
func (p *Path) broken(t *story.Teller, all []sim.Choice, progress bool) *invariant.Violation {
	if list := t.Violations(); len(list) > 0 {
		return &list[0]
	}
	if progress {
		return explore.Stuck(p.Model, all)
	}
	return nil
}

func expect(w *sim.World, t *story.Teller, steps int, v *invariant.Violation) Expect {
	e := Expect{Steps: steps, Fingerprint: explore.Name(w, t.Ghost()), Verdict: "passed"}
	if v != nil {
		e.Verdict, e.Check = "violated", v.Check
	}
	return e
}

// String writes the file.
func (p *Path) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d\n", magic, Format)
	for _, w := range p.Model.Words() {
		fmt.Fprintf(&b, "%s %s\n", w.Name, w.Value)
	}
	for _, s := range p.Steps {
		fmt.Fprintf(&b, "step %s\n", s.Key)
	}
	if e := p.Expect; e != (Expect{}) {
		fmt.Fprintf(&b, "expect steps=%d fingerprint=%016x verdict=%s", e.Steps, uint64(e.Fingerprint), e.Verdict)
		if e.Check != "" {
			b.WriteString(" check=" + e.Check)
		}
		b.WriteByte('\n')
	}
	b.WriteString("end\n")
	return b.String()
}

// Parse reads a path. Errors begin with name and line and say what would be right.
func Parse(name string, text []byte) (*Path, error) {
	p := &Path{}
	number, state := 0, "" // the word of the last line
	seen := map[string]int{}
	for line := range strings.SplitSeq(string(text), "\n") {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		err := error(nil)
		switch {
		case state == "":
			err = checkFormat(line)
		case state == "end":
			err = errors.New(`nothing may follow the line "end"`)
		case word == "end":
			if rest != "" {
				err = errors.New(`"end" stands alone`)
			}
		case state == "expect":
			err = errors.New(`only "end" may follow the line "expect"`)
		case word == "step":
			p.Steps = append(p.Steps, Step{strings.Join(strings.Fields(rest), " "), number})
			if rest == "" {
				err = errors.New(`a step says what happens, as in "step deliver n1>n2"`)
			}
		case word == "expect":
			err = p.readExpect(rest)
		case state == "step":
			err = fmt.Errorf("%q after the first step: the words of the model come before; then step, expect and end", word)
		case seen[word] > 0:
			err = fmt.Errorf("%s stands already on line %d: take one of them away", word, seen[word])
		default:
			if err = p.Model.Set(word, rest); err != nil && strings.HasPrefix(err.Error(), "unknown word") {
				err = fmt.Errorf("unknown word %q%s", word, nearest.Hint(word, append(explore.WordNames(), "step", "expect", "end")))
			}
			seen[word] = number
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, number, err)
		}
		state = word
	}
	switch {
	case state == "":
		return nil, fmt.Errorf("%s:1: the file is empty: its first line must be \"%s %d\"", name, magic, Format)
	case state != "end":
		return nil, fmt.Errorf("%s: cut off after line %d: the last line must be \"end\"", name, number)
	}
	if err := p.Model.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if e := p.Expect; e != (Expect{}) && e.Steps != len(p.Steps) {
		return nil, fmt.Errorf("%s: it expects %d steps and has %d", name, e.Steps, len(p.Steps))
	}
	return p, nil
}

func checkFormat(line string) error {
	number, found := strings.CutPrefix(line, magic+" ")
	if !found {
		return fmt.Errorf("this is no path: its first line must be \"%s %d\"", magic, Format)
	}
	if number != strconv.Itoa(Format) {
		return fmt.Errorf("format %s, this zabsim reads format %d", number, Format)
	}
	return nil
}

func (p *Path) readExpect(rest string) error {
	const want = `want a line like "expect steps=24 fingerprint=0123456789abcdef verdict=violated check=leadership-1"`
	for _, field := range strings.Fields(rest) {
		key, value, _ := strings.Cut(field, "=")
		var err error
		switch key {
		case "steps":
			p.Expect.Steps, err = strconv.Atoi(value)
		case "fingerprint":
			var n uint64
			n, err = strconv.ParseUint(value, 16, 64)
			p.Expect.Fingerprint = fp.Hash(n)
		case "verdict":
			p.Expect.Verdict = value
			if value != "violated" && value != "passed" {
				err = errors.New("neither violated nor passed")
			}
		case "check":
			p.Expect.Check = value
		default:
			err = errors.New("unknown")
		}
		if err != nil {
			return fmt.Errorf("%q: %s", field, want)
		}
	}
	if p.Expect.Verdict == "" || (p.Expect.Verdict == "violated") != (p.Expect.Check != "") {
		return errors.New(want)
	}
	return nil
}

// Played is what came of a path.
type Played struct {
	Got       Expect
	Violation *invariant.Violation
	Status    []string // a line for each server, at the end
	Stale     error    // a step was not offered, and what there was instead; the path ended there
}

// Play plays a path. Tell, unless nil, hears of each step as a story tells it.
func (p *Path) Play(tell func(step int, lines []string)) Played {
	w, ghost := explore.Open(p.Model)
	t := story.NewTeller(w, ghost)
	var out Played
	var all []sim.Choice
	n := 0
	for ; n < len(p.Steps) && len(t.Violations()) == 0; n++ {
		c, err := find(w, p.Model.Options, p.Steps[n].Key)
		if err != nil {
			out.Stale = fmt.Errorf("line %d: %w", p.Steps[n].Line, err)
			break
		}
		all = append(all, c)
		if lines := t.Apply(c); tell != nil {
			tell(n+1, lines)
		}
	}
	out.Violation = p.broken(t, all, out.Stale == nil && p.Expect.Check == explore.ProgressPossible)
	out.Got = expect(w, t, n, out.Violation)
	out.Status = t.Status()
	return out
}

// find returns the choice that a key names.
func find(w *sim.World, opt sim.SearchOptions, key string) (sim.Choice, error) {
	var keys []string
	for _, c := range w.Enabled(nil, opt) {
		k := Key(w, c)
		if k == key {
			return c, nil
		}
		keys = append(keys, k)
	}
	text := "nothing is possible any more"
	if len(keys) > 0 {
		text = "possible are: " + strings.Join(keys, "; ")
	}
	return sim.Choice{}, fmt.Errorf("%q can't happen there; %s", key, text)
}
