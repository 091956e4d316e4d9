package main

import (
	"fmt"
	"strings"

	"zabsim/sim/explore"
)

// The flag values of zabsim explore, as in values.go.

// wordValue is a flag that sets a word of a model.
type wordValue struct {
	model *explore.Model
	name  string
}

// Set reads text.
func (v *wordValue) Set(text string) error {
	err := v.model.Set(v.name, text)
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s", strings.TrimPrefix(err.Error(), fmt.Sprintf("%s %q: ", v.name, text)))
}

// String writes the word.
func (v *wordValue) String() string {
	if v.model == nil {
		return ""
	}
	for _, w := range v.model.Words() {
		if w.Name == v.name {
			return w.Value
		}
	}
	if values := explore.WordValues(v.name); values != nil {
		return values[0]
	}
	return ""
}

// Type is the placeholder in the help.
func (v *wordValue) Type() string {
	if values := explore.WordValues(v.name); values != nil {
		return strings.Join(values, "|")
	}
	if v.name == "scenario" || v.name == "disks" {
		return "NAME"
	}
	return "N"
}

// wordOf is a flag whose values have names.
type wordOf[T fmt.Stringer] struct {
	value T
	parse func(string) (T, error)
}

// Set reads text.
func (v *wordOf[T]) Set(text string) (err error) {
	v.value, err = v.parse(text)
	return err
}

// String writes the name.
func (v *wordOf[T]) String() string { return v.value.String() }

// Type is the placeholder in the help.
func (*wordOf[T]) Type() string { return "NAME" }

// bytesValue is an amount of memory, such as 500MiB or 16GiB; 0 is no limit.
type bytesValue uint64

// Set reads text.
func (v *bytesValue) Set(text string) error {
	for _, u := range []struct {
		suffix string
		shift  int
	}{{"KiB", 10}, {"MiB", 20}, {"GiB", 30}} {
		var n uint64
		digits, ok := strings.CutSuffix(text, u.suffix)
		if !ok {
			continue
		}
		if _, err := fmt.Sscanf(digits+"|", "%d|", &n); err == nil && n < 1<<(50-u.shift) {
			*v = bytesValue(n << u.shift)
			return nil
		}
	}
	return fmt.Errorf("want an amount of memory, such as 500MiB or 16GiB")
}

// String writes the amount.
func (v *bytesValue) String() string {
	switch n := uint64(*v); {
	case n == 0:
		return ""
	case n%(1<<30) == 0:
		return fmt.Sprintf("%dGiB", n>>30)
	case n%(1<<20) == 0:
		return fmt.Sprintf("%dMiB", n>>20)
	default:
		return fmt.Sprintf("%dKiB", n>>10)
	}
}

// Type is the placeholder in the help.
func (*bytesValue) Type() string { return "SIZE" }

// statesValue is a number of states, such as 500000, 5M or 2G.
type statesValue uint64

// Set reads text.
func (v *statesValue) Set(text string) error {
	digits, unit := text, uint64(1)
	for _, u := range []struct {
		suffix string
		unit   uint64
	}{{"k", 1_000}, {"M", 1_000_000}, {"G", 1_000_000_000}} {
		if d, ok := strings.CutSuffix(text, u.suffix); ok {
			digits, unit = d, u.unit
		}
	}
	var n uint64
	if _, err := fmt.Sscanf(digits+"|", "%d|", &n); err != nil || n > 1<<40/unit {
		return fmt.Errorf("want a number of states, such as 500000, 5M or 2G")
	}
	*v = statesValue(n * unit)
	return nil
}

// String writes the number; 0 is no limit.
func (v *statesValue) String() string {
	if *v == 0 {
		return ""
	}
	return fmt.Sprint(uint64(*v))
}

// Type is the placeholder in the help.
func (*statesValue) Type() string { return "N" }
