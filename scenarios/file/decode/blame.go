package decode

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"zabsim/internal/nearest"
	"zabsim/scenarios/spec"
	"zabsim/sim/plan"
)

// late refuses faults that the file itself has begin when the run is over. Of faults
// that come again and again, the first must begin before that.
func (d *decoder) late() {
	s, rounds := d.s, 0
	end := "the scenario ends at " + plan.FormatDuration(s.For) + ": let it begin earlier, or write a longer \"for\" for the scenario"
	for _, e := range s.Timetable {
		if e.Step != nil {
			if nodes := &d.steps[e.Step.Line-1]; e.Step.At >= s.For && nodes.at != nil {
				d.fail(nodes.at, "at %s: this fault never begins, %s", plan.FormatDuration(e.Step.At), end)
			}
			continue
		}
		r, from := e.Rounds, d.froms[rounds]
		rounds++
		if r.From >= s.For && from != nil {
			d.fail(from, "from %s: these rounds never begin, %s", plan.FormatDuration(r.From), end)
		}
		for _, round := range r.Each {
			for i := range round {
				if nodes := &d.steps[round[i].Line-1]; r.From+round[i].At >= s.For && nodes.at != nil {
					d.fail(nodes.at, "at %s after %s: this fault never begins, %s", plan.FormatDuration(round[i].At), plan.FormatDuration(r.From), end)
				}
			}
		}
	}
}

// blame finds where an error about the timetable comes from.
func (d *decoder) blame(err error) {
	var step *spec.StepError
	if !errors.As(err, &step) || step.Line < 1 || step.Line > len(d.steps) {
		n := d.at["least"]
		if n == nil {
			n = d.root
		}
		d.fail(n, "%v", err)
		return
	}
	nodes, text := &d.steps[step.Line-1], d.inFile(step.Error())
	if n := nodes.option(text); n != nil {
		d.fail(n, "%s", text)
		return
	}
	fault := d.text(nodes.fault, "fault")
	switch {
	case strings.HasSuffix(text, "take \"for\" away") && nodes.length != nil:
		d.fail(nodes.length, "%s", text)
	case nodes.target == nil:
		d.fail(nodes.fault, "%s", text)
	default:
		n, word := d.targetWord(nodes.target, fault, text)
		if !strings.Contains(text, word) && strings.HasPrefix(text, fault) {
			n = nodes.fault
		}
		d.fail(n, "%s", d.hint(text, word))
	}
}

// noServer is how errors speak of a server that there is none of.
var noServer = regexp.MustCompile(`^there is no server (n[0-9]+);`)

// targetWord returns the target, or the one of several that a text speaks of.
func (d *decoder) targetWord(n ast.Node, fault, text string) (ast.Node, string) {
	list, several := n.(*ast.SequenceNode)
	if !several {
		return n, d.text(n, "target")
	}
	for _, v := range list.Values {
		word := d.text(v, "target")
		missing := noServer.FindStringSubmatch(text)
		if strings.Contains(text, strconv.Quote(word)) || strings.HasPrefix(text, fault+" "+word+" ") ||
			missing != nil && slices.Contains(strings.FieldsFunc(word, isArrow), missing[1]) {
			return v, word
		}
	}
	return n, d.servers(n, "target")
}

func isArrow(r rune) bool { return r == '>' || r == '-' }

// How errors about faults speak of options: of a value that is wrong, and of an option
// that a fault does not take.
var (
	wrongValue  = regexp.MustCompile(`^([a-z]+)=([^ ,:]*)`)
	wrongOption = regexp.MustCompile(`^[a-z-]+ takes (?:no|no option|.*, not) "([a-z]+)(?:=([^"]*))?"`)
)

// option returns the place of the option that a text speaks of, the fault's if that has
// no such option, and nil if the text speaks of none.
func (s *stepNodes) option(text string) ast.Node {
	value := true
	m := wrongValue.FindStringSubmatch(text)
	if m == nil {
		value, m = false, wrongOption.FindStringSubmatch(text)
	}
	if m == nil {
		return nil
	}
	var found ast.Node
	for _, o := range s.options {
		if o.name != m[1] {
			continue
		}
		n := o.key
		if value {
			n = o.value
		}
		if found == nil || o.text == m[2] {
			found = n // of those that take turns the one with this value
		}
	}
	if found == nil && value {
		return s.fault
	}
	return found
}

// lineOfStep is how an error about two faults tells where the other one is.
var lineOfStep = regexp.MustCompile(`\(line ([0-9]+)\)`)

// inFile puts the words of scenario files for those of plans: lines, which are still
// the numbers of steps, and how unsafe faults are allowed.
func (d *decoder) inFile(text string) string {
	text = strings.Replace(text, `this plan does not allow it: add the line "unsafe yes"`, `this scenario does not allow it: add the line "unsafe: true"`, 1)
	return lineOfStep.ReplaceAllStringFunc(text, func(place string) string {
		number, err := strconv.Atoi(lineOfStep.FindStringSubmatch(place)[1])
		if err != nil || number < 1 || number > len(d.steps) {
			return place
		}
		line, _ := position(d.steps[number-1].whole)
		return fmt.Sprintf("(line %d)", line)
	})
}

// hint adds the word for servers that was meant to what a plan's vocabulary says of a
// target, which knows only its own words.
func (d *decoder) hint(text, word string) string {
	words := append([]string{"leader", "follower", "observer", "any", "any-client"}, d.s.SetWords()...)
	near := nearest.Nearest(word, words)
	if !strings.Contains(text, "is no target") || near == "" || strings.Contains(text, strconv.Quote(near)) {
		return text
	}
	for _, other := range words {
		text = strings.Replace(text, ", did you mean "+strconv.Quote(other)+"?", "", 1)
	}
	return text + nearest.Hint(word, words)
}
