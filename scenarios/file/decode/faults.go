package decode

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"zabsim/faults"
	"zabsim/scenarios/spec"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// faultsMax bounds a timetable, which is kept in memory.
const faultsMax = 10_000

// swarmWord asks for faults that the seed draws.
const swarmWord = "swarm"

// stepNodes are where a step of the timetable stands, nil where nothing does. Length is
// the key "for".
type stepNodes struct {
	whole, fault, target, at, length ast.Node
	options                          []optionNodes
}

// optionNodes are where an option stands, or one of those that take turns.
type optionNodes struct {
	name, text string
	key, value ast.Node
}

// faults reads a timetable, the word swarm, or the limits of one.
func (d *decoder) faults(n ast.Node) {
	d.at["fault"] = n
	switch n := n.(type) {
	case *ast.StringNode:
		d.oneOf(n, "way to choose faults", []string{swarmWord})
		d.s.Swarm = true
	case *ast.SequenceNode:
		for _, v := range d.list(n, "faults") {
			d.entry(v)
		}
	default:
		d.mapping(n, "faults", []field{{swarmWord, func(n ast.Node) {
			d.s.Swarm, d.s.Draw = true, &faults.Limits{}
			d.mapping(n, swarmWord, d.swarmFields(d.s.Draw))
			*d.s.Draw = d.s.Draw.Usual()
		}}})
	}
}

func (d *decoder) swarmFields(l *faults.Limits) []field {
	between := func(key string, least, most *host.Duration) field {
		return field{key, func(n ast.Node) { *least, *most = d.between(n, key) }}
	}
	return []field{
		{"kinds", func(n ast.Node) {
			for _, v := range d.elements(n, "kinds") {
				l.Kinds = append(l.Kinds, d.oneOf(v, "fault", faults.Vocabulary{}.FaultNames()))
			}
		}},
		between("gap", &l.GapMin, &l.GapMax),
		between("length", &l.LengthMin, &l.LengthMax),
	}
}

// between reads a range such as 200ms..5s.
func (d *decoder) between(n ast.Node, what string) (least, most host.Duration) {
	text := d.text(n, what)
	from, to, ok := strings.Cut(text, "..")
	least, err1 := spec.ParseTime(strings.TrimSpace(from))
	most, err2 := spec.ParseTime(strings.TrimSpace(to))
	switch {
	case !ok || err1 != nil || err2 != nil:
		d.fail(n, "%s: %q is no range of times: write one such as 200ms..5s", what, text)
	case least < 10*host.Millisecond || most < least || most > timeMax:
		d.fail(n, "%s: %q: write the smaller time first, from 10ms to %s", what, text, plan.FormatDuration(timeMax))
	}
	return least, most
}

// swarmPlace says where swarm belongs.
const swarmPlace = `swarm stands in place of the list of faults, not in it: write "faults: swarm", or "faults: {swarm: {gap: 1s..5s}}"`

// entry reads a step or rounds.
func (d *decoder) entry(n ast.Node) {
	if word, ok := n.(*ast.StringNode); ok && word.Value == swarmWord {
		d.fail(n, swarmPlace)
	}
	pairs, ok := d.pairs(n, "an entry of faults")
	if !ok {
		return
	}
	for _, pair := range pairs {
		switch d.key(pair) {
		case swarmWord:
			d.fail(pair.Key, swarmPlace)
			return
		case "rounds":
			r := &spec.Rounds{}
			d.rounds(n, r)
			d.s.Timetable = append(d.s.Timetable, spec.Entry{Rounds: r})
			return
		}
	}
	step, seen := d.step(n)
	if d.err == nil && !slices.Contains(seen, "at") {
		d.fail(n, "at is missing: say when the fault begins, as in \"at: 15s\"")
	}
	d.s.Timetable = append(d.s.Timetable, spec.Entry{Step: &step})
}

func (d *decoder) step(n ast.Node) (step spec.Step, seen []string) {
	nodes := stepNodes{whole: n}
	seen = d.mapping(n, "a fault", d.stepFields(&step, &nodes))
	switch {
	case d.err != nil:
		return step, seen
	case step.Fault == "":
		d.fail(n, "fault is missing: say what happens, as in \"fault: crash\"; zabsim faults lists what can")
	case step.Every > 0 && step.Target == "":
		d.fail(n, "every hits several servers one after the other: add a target such as all")
	}
	d.steps = append(d.steps, nodes)
	step.Line = len(d.steps)
	return step, seen
}

func (d *decoder) stepFields(step *spec.Step, nodes *stepNodes) []field {
	fields := []field{
		{"at", func(n ast.Node) {
			nodes.at = n
			step.At = d.time(n, "at", 0)
		}},
		{"for", func(n ast.Node) {
			nodes.length = d.under
			step.For = d.time(n, "for", 1)
		}},
		{"every", func(n ast.Node) { step.Every = d.time(n, "every", host.Millisecond) }},
		{"fault", func(n ast.Node) {
			nodes.fault = n
			step.Fault = d.oneOf(n, "fault", faults.Vocabulary{}.FaultNames())
		}},
		{"target", func(n ast.Node) {
			nodes.target = n
			sep := ", "
			words := d.reader.words(n, "target")
			if len(words) > 1 && strings.ContainsAny(words[0], ">-") && !strings.Contains(words[0], "last-") {
				sep = " " // links, as plans have them
			}
			step.Target = strings.Join(words, sep)
		}},
	}
	for _, name := range spec.OptionNames() {
		fields = append(fields, field{name, func(n ast.Node) {
			o := optionNodes{name, d.option(n, name), d.under, n}
			nodes.options = append(nodes.options, o)
			step.Options = append(step.Options, spec.Option{Name: name, Value: o.text})
		}})
	}
	return fields
}

// option reads the value of an option, which is one word of a plan. By may be a time,
// of which plans can't read them all.
func (d *decoder) option(n ast.Node, name string) string {
	text := d.text(n, name)
	if text == "" || strings.ContainsAny(text, " =\"") {
		d.fail(n, "%s: %q is no value: write one word", name, text)
	}
	if name == "by" {
		text = spec.PlanTime(text)
	}
	return text
}

func (d *decoder) rounds(n ast.Node, r *spec.Rounds) {
	first := len(d.steps)
	d.froms, d.turns = append(d.froms, nil), nil
	seen := d.mapping(n, "rounds of faults", d.roundsFields(r))
	if d.err != nil {
		return
	}
	for i := range d.steps[first:] { // turns may stand before or after them
		step := &d.steps[first+i]
		step.options = append(step.options, d.turns...)
	}
	for _, must := range []string{"until", "every"} {
		if !slices.Contains(seen, must) {
			d.fail(n, "%s is missing: rounds need from, until and every", must)
		}
	}
	steps := 0
	for _, round := range r.Each {
		steps += len(round)
	}
	switch {
	case d.err != nil:
	case r.Until <= r.From:
		d.fail(n, "rounds from %s until %s: nothing is between them", plan.FormatDuration(r.From), plan.FormatDuration(r.Until))
	case steps == 0:
		d.fail(n, "rounds: no round has a fault")
	case int64(steps)*int64((r.Until-r.From)/r.Every+1) > faultsMax:
		d.fail(n, "rounds: these are more than %d faults", faultsMax)
	}
}

func (d *decoder) roundsFields(r *spec.Rounds) []field {
	fields := []field{
		{"from", func(n ast.Node) {
			d.froms[len(d.froms)-1] = n
			r.From = d.time(n, "from", 0)
		}},
		{"until", func(n ast.Node) { r.Until = d.time(n, "until", 0) }},
		{"every", func(n ast.Node) { r.Every = d.time(n, "every", host.Millisecond) }},
		{"pair", func(n ast.Node) {
			for _, v := range d.list(n, "pair") {
				if name := d.text(v, "pair"); !nameText.MatchString(name) || taken.MatchString(name) || strings.Contains(name, "-") {
					d.fail(v, "pair: %q can't name a server: write a word such as a", name)
				} else {
					r.Pair = append(r.Pair, name)
				}
			}
			if d.err == nil && (len(r.Pair) != 2 || r.Pair[0] == r.Pair[1]) {
				d.fail(n, "pair: write two names, such as [a, b]")
			}
		}},
		{"rounds", func(n ast.Node) {
			for _, v := range d.list(n, "rounds") {
				var round []spec.Step
				for _, w := range d.list(v, "a round") {
					step, _ := d.step(w)
					round = append(round, step)
				}
				r.Each = append(r.Each, round)
			}
		}},
	}
	for _, name := range spec.OptionNames() {
		fields = append(fields, field{name, func(n ast.Node) {
			turn, key := spec.Turn{Name: name}, d.under
			for _, v := range d.list(n, name) {
				o := optionNodes{name, d.option(v, name), key, v}
				d.turns, turn.Values = append(d.turns, o), append(turn.Values, o.text)
			}
			if len(turn.Values) == 0 {
				d.fail(n, "%s: there is no value that could have its turn", name)
			}
			r.Turns = append(r.Turns, turn)
		}})
	}
	return fields
}

// placeSteps puts the lines of the file for the numbers of steps.
func (d *decoder) placeSteps() {
	line := func(step *spec.Step) { step.Line, _ = position(d.steps[step.Line-1].whole) }
	for _, e := range d.s.Timetable {
		if e.Step != nil {
			line(e.Step)
			continue
		}
		for _, round := range e.Rounds.Each {
			for i := range round {
				line(&round[i])
			}
		}
	}
}
