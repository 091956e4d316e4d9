// Package decode reads scenario files: YAML, strictly, into spec.Scenario. Whatever is
// wrong is told with file, line and column, the line itself, and the word that was
// probably meant.
//
// It knows the format. What checks and recipes there are it is told, since the
// packages that know that read their own scenarios with it.
package decode

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	yaml "github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"zabsim/faults"
	"zabsim/scenarios/spec"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// Words are names that a file may use and that this package does not know.
type Words struct {
	Excusable []string // checks that unsafe faults may break
	Checks    []string // all checks of runs
	Reachable []string // what a run may reach
	Recipes   []string
	// Program returns an error that says what would be right, nil if the program can
	// be run.
	Program func(line *plan.Program) error
	// IsTime tells whether an argument of a recipe is a duration.
	IsTime func(recipe, arg string) bool
}

// Parse reads a scenario. Errors are *Error.
func Parse(name string, text []byte, words *Words) (*spec.Scenario, error) {
	text = withoutBOM(text)
	r := &reader{file: name, lines: strings.Split(string(text), "\n"), at: map[string]ast.Node{}}
	body := r.body(text)
	if r.err != nil {
		return nil, r.err
	}
	d := &decoder{reader: r, words: words, s: &spec.Scenario{File: name}}
	d.top(body)
	if r.err == nil {
		d.whole()
	}
	if r.err != nil {
		return nil, r.err
	}
	d.placeSteps()
	return d.s, nil
}

// body returns the one document of a file.
func (r *reader) body(text []byte) ast.Node {
	if r.plainText(text); r.err != nil {
		return nil
	}
	file, much, err := parse(text)
	var syntax yaml.Error
	switch {
	case much != nil:
		r.failAt(much.at.Line, much.at.Column, "%s", much.reason)
		return nil
	case errors.As(err, &syntax) && syntax.GetToken() != nil:
		p := syntax.GetToken().Position
		r.failAt(p.Line, p.Column, "this is no YAML: %s", syntax.GetMessage())
		return nil
	case err != nil:
		r.failAt(1, 1, "this is no YAML: %v", err)
		return nil
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if _, comment := doc.Body.(*ast.CommentGroupNode); comment {
			continue
		}
		if _, directive := doc.Body.(*ast.DirectiveNode); directive {
			continue
		}
		if body != nil {
			r.fail(doc.Body, "a second document begins here: a file holds one scenario")
			return nil
		}
		body = doc.Body
	}
	if body == nil {
		r.failAt(1, 1, "the file is empty: begin with \"name: my-scenario\"; zabsim scenarios leader-crash --yaml shows a whole one")
	}
	return body
}

// decoder fills a scenario.
type decoder struct {
	*reader
	words *Words
	s     *spec.Scenario
	// steps are the nodes of the timetable's steps. Until placeSteps, the Line of a step is
	// its place in this list, since several may share one line.
	steps    []stepNodes
	turns    []optionNodes // of the rounds that are being read
	froms    []ast.Node    // of the timetable's rounds; nil where there is none
	programs []ast.Node
	root     ast.Node
}

// nameText is what a scenario, or a set of servers, may be called: it becomes part of
// the names of folders.
var nameText = regexp.MustCompile(`^[a-z][a-z0-9-]{0,59}$`)

// top reads the whole document.
func (d *decoder) top(n ast.Node) {
	d.root = n
	s := d.s
	seen := d.mapping(n, "a scenario", d.topFields())
	for _, must := range []struct{ key, example string }{{"name", "name: my-scenario"}, {"for", "for: 60s"}} {
		if d.err == nil && !slices.Contains(seen, must.key) {
			d.fail(n, "%s is missing: add a line such as \"%s\"", must.key, must.example)
		}
	}
	if !slices.Contains(seen, "workload") {
		s.Interval, s.Mix, s.Keys = usualInterval, usualMix, usualKeys
	}
	if s.Reach == nil {
		s.Reach = []string{"established", "commit"}
	}
}

func (d *decoder) topFields() []field {
	s := d.s
	return []field{
		{"name", func(n ast.Node) {
			if s.Name = d.text(n, "name"); !nameText.MatchString(s.Name) || s.Name == "latest" {
				d.fail(n, "name %q: write small letters, digits and hyphens, a letter first, at most 60; and not latest, which is a folder of runs", s.Name)
			}
		}},
		{"claim", func(n ast.Node) { s.Claim = d.text(n, "claim") }},
		{"for", func(n ast.Node) { s.For = d.time(n, "for", host.Second) }},
		{"ensemble", func(n ast.Node) { d.mapping(n, "ensemble", d.ensembleFields()) }},
		{"workload", d.workload},
		{"faults", d.faults},
		{"unsafe", func(n ast.Node) { s.Unsafe = d.yes(n, "unsafe") }},
		{"excuse", func(n ast.Node) { s.Excuse = d.known(n, "excuse", "check", d.words.Excusable) }},
		{"expect", func(n ast.Node) { d.mapping(n, "expect", d.expectFields()) }},
	}
}

// known reads a list of words that must be known, each once.
func (d *decoder) known(n ast.Node, key, kind string, known []string) []string {
	d.at[key] = n
	list := []string{}
	for _, v := range d.elements(n, key) {
		word := d.oneOf(v, kind, known)
		if slices.Contains(list, word) {
			d.fail(v, "%s: %s stands there twice", key, word)
		}
		list = append(list, word)
	}
	return list
}

// elements returns those of a list; one word may stand there without brackets.
func (d *decoder) elements(n ast.Node, what string) []ast.Node {
	if _, ok := n.(*ast.StringNode); ok {
		return []ast.Node{n}
	}
	return d.list(n, what)
}

// whole looks at what several keys say together, in the ensemble that the file asks
// for.
func (d *decoder) whole() {
	s := d.s
	if d.load(); d.err != nil {
		return
	}
	if d.late(); d.err != nil {
		return
	}
	p := s.Plan(1, spec.Options{})
	if err := p.Check(); err != nil {
		text := strings.TrimPrefix(err.Error(), "plan: ")
		word, _, _ := strings.Cut(text, " ")
		n := d.at[strings.TrimSuffix(word, ":")]
		if n == nil {
			n = d.root
		}
		d.fail(n, "%s", text)
		return
	}
	for i := range s.Programs {
		if err := d.words.Program(&s.Programs[i]); err != nil {
			d.fail(d.programs[i], "%v", err)
			return
		}
	}
	if err := s.Check(p); err != nil {
		d.blame(err)
	}
}

// Section is a mapping of the format and the keys that it may have.
type Section struct {
	Name string
	Keys []string
}

// Sections returns all mappings of the format whose keys are fixed.
func Sections() []Section {
	d := &decoder{s: &spec.Scenario{}, words: &Words{}}
	var list []Section
	for _, s := range []struct {
		name   string
		fields []field
	}{
		{"scenario", d.topFields()}, {"ensemble", d.ensembleFields()}, {"workload", d.workloadFields()},
		{"mix", d.mixFields()}, {"lull", d.lullFields(nil)}, {"program", d.programFields(nil, nil)},
		{"step", d.stepFields(&spec.Step{}, &stepNodes{})}, {"rounds", d.roundsFields(&spec.Rounds{})},
		{"swarm", d.swarmFields(&faults.Limits{})}, {"expect", d.expectFields()},
	} {
		x := Section{Name: s.name}
		for _, f := range s.fields {
			x.Keys = append(x.Keys, f.key)
		}
		list = append(list, x)
	}
	return list
}
