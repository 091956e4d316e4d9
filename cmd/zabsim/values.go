package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/host"
)

// The types here are flag values: each reads one kind of text and says what
// would be right. They implement cobra's flag interface.

// seedValue is a seed, decimal or hexadecimal.
type seedValue uint64

// Set reads text.
func (v *seedValue) Set(text string) error {
	digits, base := text, 10
	if hex, ok := strings.CutPrefix(strings.ToLower(text), "0x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		return errors.New("a seed is a whole number below 2^64, decimal (7) or hexadecimal (0x7)")
	}
	*v = seedValue(n)
	return nil
}

// String writes the seed as it is printed everywhere.
func (v *seedValue) String() string { return strconv.FormatUint(uint64(*v), 10) }

// Type is the placeholder in the help.
func (*seedValue) Type() string { return "N" }

// countValue is a whole number within limits.
type countValue struct{ n, least, most int }

// Set reads text.
func (v *countValue) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < v.least || n > v.most {
		return fmt.Errorf("want a whole number from %d to %d", v.least, v.most)
	}
	v.n = n
	return nil
}

// String writes the number.
func (v *countValue) String() string { return strconv.Itoa(v.n) }

// Type is the placeholder in the help.
func (*countValue) Type() string { return "N" }

// timeValue is a simulated duration above 0; 0 stands for the scenario's own.
type timeValue host.Duration

// timeMax is the longest first act of a plan.
const timeMax = 100_000 * time.Second

// Set reads text.
func (v *timeValue) Set(text string) error {
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return errors.New(`want a duration with its unit, such as 60s, 2m30s or 500ms`)
	case d <= 0 || d > timeMax:
		return fmt.Errorf("want more than 0s and at most %.0fs", timeMax.Seconds())
	}
	*v = timeValue(d)
	return nil
}

// String writes the duration as plans do, nothing for the scenario's own.
func (v *timeValue) String() string {
	if *v == 0 {
		return ""
	}
	return plan.FormatDuration(host.Duration(*v))
}

// Type is the placeholder in the help.
func (*timeValue) Type() string { return "60s" }

// bugsValue is a set of bug switches. Setting it again adds to it.
type bugsValue struct {
	set   *bug.Set
	parse func(string) (bug.Set, error)
	typ   string
	texts []string
}

// Set reads text.
func (v *bugsValue) Set(text string) error {
	s, err := v.parse(text)
	if err != nil {
		return err
	}
	for i := range s {
		v.set[i] |= s[i]
	}
	v.texts = append(v.texts, text)
	return nil
}

// String writes what was typed.
func (v *bugsValue) String() string { return strings.Join(v.texts, ",") }

// Type is the placeholder in the help.
func (v *bugsValue) Type() string { return v.typ }
