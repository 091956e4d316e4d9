package shrink

import (
	"fmt"
	"strings"

	"zabsim/sim/plan"
)

// keptMax is how many lines of a kind are told.
const keptMax = 20

// kept says for each thing that is left what happens without it, a line each.
func (s *shrinker) kept() []string {
	var list []string
	untried := 0
	tell := func(count int, what string, without func(i int) *plan.Plan, name func(i int) string) {
		for i := range count {
			if i == keptMax && count > keptMax+1 {
				list = append(list, fmt.Sprintf("and %d more %s", count-keptMax, what))
				return
			}
			verdict := s.verdict(without(i))
			if verdict == notTried {
				untried++
				continue
			}
			list = append(list, verdict+name(i))
		}
	}
	p := s.best
	tell(len(p.Faults), "faults", func(i int) *plan.Plan { return withoutFaults(p, i, i+1) }, func(i int) string { return faultText(&p.Faults[i]) })
	tell(len(p.Ops), "operations", func(i int) *plan.Plan { return s.withoutOps(p, i, i+1) }, func(i int) string { return opText(&p.Ops[i]) })
	tell(len(p.Programs), "programs", func(i int) *plan.Plan { return idle(p, p.Programs[i].Client) },
		func(i int) string { return fmt.Sprintf("`program c%d %s`", p.Programs[i].Client, p.Programs[i].Name) })
	if untried > 0 {
		list = append(list, fmt.Sprintf("and %d lines of the plan for which there was no budget left", untried))
	}
	return list
}

const notTried = "not tried"

// verdict is the beginning of a line about what a plan lacks.
func (s *shrinker) verdict(without *plan.Plan) string {
	without.Expect = plan.Expect{}
	k, err := keyOf(without)
	if err != nil || s.o.Check(without) != nil {
		return "no valid plan without "
	}
	switch result, tried := s.seen[k]; {
	case !tried:
		return notTried
	case result == Slipped:
		return "fails in another way without "
	case result == Same:
		return "fails in the same way without "
	}
	return "does not fail without "
}

func faultText(f *plan.Fault) string {
	words := append([]string{"`fault", plan.FormatDuration(f.At), f.Name}, f.Args...)
	if f.For > 0 {
		words = append(words, "for", plan.FormatDuration(f.For))
	}
	return strings.Join(words, " ") + "`"
}

func opText(o *plan.Op) string {
	text := fmt.Sprintf("`op c%d#%d %v %s", o.Client, o.Number, o.Kind, o.Key)
	if o.Value != "" {
		text += " " + o.Value
	}
	return text + "`"
}
