package faults

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zabsim/internal/keyed"
	"zabsim/internal/nearest"
	"zabsim/sim/plan"
)

// given is what a fault's arguments say: words, and options written name=value.
type given struct {
	fault string
	words []string
	names []string
	value []string
}

// read takes the arguments of f apart. Only the named options are known.
func read(f *plan.Fault, known ...string) (given, error) {
	x := given{fault: f.Name}
	for _, a := range f.Args {
		name, value, isOption := strings.Cut(a, "=")
		switch {
		case !isOption || strings.HasPrefix(name, "n") && len(name) == 2: // n1=n2 is a link gone wrong
			x.words = append(x.words, a)
			continue
		case !slices.Contains(known, name) && len(known) == 0:
			return x, fmt.Errorf("%s takes no %q", f.Name, a)
		case !slices.Contains(known, name):
			return x, fmt.Errorf("%s takes no option %q%s; it takes %s=", f.Name, name, nearest.Hint(name, known), strings.Join(known, "=, "))
		case slices.Contains(x.names, name):
			return x, fmt.Errorf("%s=%s: %s stands there twice", name, value, name)
		}
		x.names, x.value = append(x.names, name), append(x.value, value)
	}
	return x, nil
}

// options is read for arguments that were checked.
func options(f *plan.Fault, known ...string) given {
	x, err := read(f, known...)
	if err != nil {
		panic("faults: " + err.Error() + ": the plan was not checked")
	}
	return x
}

func (x *given) has(name string) bool { return slices.Contains(x.names, name) }

func (x *given) get(name string) string {
	if i := slices.Index(x.names, name); i >= 0 {
		return x.value[i]
	}
	return ""
}

// number returns an option that is a whole number, otherwise if it is not given.
func (x *given) number(name string, low, high, otherwise int, unit string) (int, error) {
	if !x.has(name) {
		return otherwise, nil
	}
	n, err := strconv.Atoi(x.get(name))
	if err != nil || n < low || n > high {
		return otherwise, fmt.Errorf("%s=%s: a whole number from %d to %d%s is wanted", name, x.get(name), low, high, unit)
	}
	return n, nil
}

// must is for numbers that were checked.
func must(n int, err error) int {
	if err != nil {
		panic("faults: " + err.Error() + ": the plan was not checked")
	}
	return n
}

// one checks that the words are exactly one target.
func (x *given) one(p *plan.Plan) error {
	switch {
	case len(x.words) == 0:
		return fmt.Errorf("%s needs a target: a server (n1) or one of %s", x.fault, strings.Join(wordsFor(p), ", "))
	case len(x.words) > 1:
		return fmt.Errorf("%s takes no %q", x.fault, x.words[1])
	}
	return checkTarget(p, x.words[0])
}

// checkOne is the check of a fault that takes a target and nothing else.
func checkOne(p *plan.Plan, f *plan.Fault) error {
	rest, err := oneTarget(p, f)
	if err != nil {
		return err
	}
	return noOptions(f, rest)
}

// checkNumber is the check of a fault that takes a target and one number.
func checkNumber(p *plan.Plan, f *plan.Fault, name string, low, high int, unit string) error {
	x, err := read(f, name)
	if err == nil {
		err = x.one(p)
	}
	if err == nil {
		_, err = x.number(name, low, high, low, unit)
	}
	if err == nil && !x.has(name) {
		err = fmt.Errorf("%s needs %s=, a whole number from %d to %d%s", f.Name, name, low, high, unit)
	}
	return err
}

func drawTarget(d keyed.Draw) string { return targetWords[d.Below(uint64(len(targetWords)))] }

// far returns a draw that is independent of the first dozens after d.
func far(d keyed.Draw) keyed.Draw {
	for range 40 {
		d = d.Next()
	}
	return d
}
