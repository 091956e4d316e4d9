package explain

import (
	"bytes"
	"errors"
	"strings"

	"zabsim/sim/plan"
)

// PlanDiff is something that two plans say differently: a word of the header, or a
// line that only one of them has.
type PlanDiff struct {
	What string `json:"what"` // seed, servers, op c1#3, fault, decision, ...
	A    string `json:"a,omitempty"`
	B    string `json:"b,omitempty"`
}

// shownOf bounds the differences of plans that are told, by the first word of their
// lines: of thousands of operations a few are enough.
func shownOf(word string) int {
	switch word {
	case "op":
		return 6
	case "decide":
		return 10
	}
	return 40
}

// lineOf is a line of a plan: what it speaks of, and what it says.
type lineOf struct{ what, says string }

// linesOf takes a plan's text apart, without what it expects.
func linesOf(p *plan.Plan) ([]lineOf, error) {
	bare := *p
	bare.Expect = plan.Expect{}
	var text bytes.Buffer
	if err := bare.Write(&text); err != nil {
		return nil, err
	}
	var list []lineOf
	for _, line := range strings.Split(text.String(), "\n") {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		n := 1
		switch words[0] {
		case "op", "program", "group", "weight":
			n = 2 // of which client or group
		case "fault":
			n = len(words) // as a whole: it has no other name
		case "decide":
			line = strings.TrimSpace(line)
			what, says, found := strings.Cut(line, "=")
			if found {
				list = append(list, lineOf{strings.TrimSpace(what), strings.TrimSpace(says)})
				continue
			}
			n = len(words)
		}
		list = append(list, lineOf{strings.Join(words[:n], " "), strings.Join(words[n:], " ")})
	}
	return list, nil
}

// diffPlans compares two plans line by line, whatever the order. The error is that of a
// plan that breaks the rules of its format.
func diffPlans(a, b *plan.Plan) (diffs []PlanDiff, more int, err error) {
	x, err1 := linesOf(a)
	y, err2 := linesOf(b)
	if err := errors.Join(err1, err2); err != nil {
		return nil, 0, err
	}
	theirs := map[string][]string{}
	for _, l := range y {
		theirs[l.what] = append(theirs[l.what], l.says)
	}
	for _, l := range x {
		list := theirs[l.what]
		switch {
		case len(list) == 0:
			diffs = append(diffs, PlanDiff{What: l.what, A: only(l)})
		default:
			if list[0] != l.says {
				diffs = append(diffs, PlanDiff{l.what, l.says, list[0]})
			}
			theirs[l.what] = list[1:]
		}
	}
	for _, l := range y { // in the order of the plan
		if list := theirs[l.what]; len(list) > 0 {
			theirs[l.what] = list[1:]
			diffs = append(diffs, PlanDiff{What: l.what, B: only(l)})
		}
	}
	kept := diffs[:0]
	count := map[string]int{}
	for _, d := range diffs {
		word, _, _ := strings.Cut(d.What, " ")
		if count[word]++; count[word] > shownOf(word) {
			more++
			continue
		}
		kept = append(kept, d)
	}
	return kept, more, nil
}

// only is what a line says that the other plan lacks.
func only(l lineOf) string {
	if l.says == "" {
		return "yes"
	}
	return l.says
}

// writePlans tells the differences of plans.
func (d *Difference) writePlans(p *printer, a, b string) {
	if d.SamePlan() {
		p.line("The two plans say the same, apart from what they expect.")
		return
	}
	p.line("The plans differ (A is %s, B is %s)", a, b)
	for _, x := range d.Plans {
		switch {
		case x.B == "" && x.A == "yes":
			p.line("  only A: %s", x.What)
		case x.A == "" && x.B == "yes":
			p.line("  only B: %s", x.What)
		case x.B == "":
			p.line("  only A: %s %s", x.What, x.A)
		case x.A == "":
			p.line("  only B: %s %s", x.What, x.B)
		default:
			p.line("  %s: A %s, B %s", x.What, x.A, x.B)
		}
	}
	if d.More > 0 {
		p.line("  and %s more lines, of operations and the like", number(uint64(d.More)))
	}
}
