package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"zabsim/internal/nearest"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// Threshold is a limit on something that is measured in a run, such as
// p99(failover) < 4s.
type Threshold struct {
	Func  string // one of ThresholdFuncs
	Of    string // what is measured: one of ThresholdTimes, or of ThresholdCounts for count
	Op    string // <, <=, >, >=
	Limit int64  // nanoseconds; a number for count
}

// Names that thresholds are made of. Times are lengths of simulated time: of each
// fail-over, from the fault to the first write that a client was told of, and of each
// operation from its start to its answer.
var (
	ThresholdFuncs  = []string{"p50", "p90", "p99", "max", "min", "count"}
	ThresholdTimes  = []string{"failover", "write", "read", "op"}
	ThresholdCounts = []string{"ops", "writes", "reads", "failovers", "epochs", "commits", "events"}
)

const thresholdForm = `write one such as "p99(failover) < 4s", "max(write) <= 2s" or "count(ops) >= 300"`

var thresholdText = regexp.MustCompile(`^\s*([a-z0-9.]+)\s*\(\s*([a-z-]+)\s*\)\s*(<=|>=|==|=|<|>)\s*(\S+)\s*$`)

// ParseThreshold reads what String writes, with any blanks.
func ParseThreshold(text string) (t Threshold, err error) {
	m := thresholdText.FindStringSubmatch(text)
	if m == nil {
		return t, fmt.Errorf("%q is no threshold: %s", text, thresholdForm)
	}
	t = Threshold{Func: m[1], Of: m[2], Op: m[3]}
	known := ThresholdTimes
	if t.Func == "count" {
		known = ThresholdCounts
	}
	switch {
	case !slices.Contains(ThresholdFuncs, t.Func):
		return t, unknownWord("measure", t.Func, ThresholdFuncs)
	case !slices.Contains(known, t.Of):
		return t, fmt.Errorf("%s: %w", t.Func, unknownWord("thing to measure", t.Of, known))
	case t.Op == "=" || t.Op == "==":
		return t, fmt.Errorf("%q: equality is no threshold; write <, <=, > or >=", text)
	}
	if t.Func == "count" {
		if t.Limit, err = strconv.ParseInt(m[4], 10, 64); err != nil || t.Limit < 0 {
			return t, fmt.Errorf("%q is no number to compare a count with: %s", m[4], thresholdForm)
		}
		return t, nil
	}
	d, err := ParseTime(m[4])
	if err != nil || d < 0 {
		return t, fmt.Errorf("%q is no time to compare %s(%s) with: write one with a unit, such as 4s, 250ms or 1m30s", m[4], t.Func, t.Of)
	}
	t.Limit = int64(d)
	return t, nil
}

// String writes a threshold as ParseThreshold reads it.
func (t Threshold) String() string {
	return fmt.Sprintf("%s(%s) %s %s", t.Func, t.Of, t.Op, t.exact(t.Limit))
}

// exact writes a value in the unit of the threshold.
func (t Threshold) exact(v int64) string {
	if t.Func == "count" {
		return strconv.FormatInt(v, 10)
	}
	return plan.FormatDuration(host.Duration(v))
}

// tenth is what measured times are rounded to.
const tenth = host.Millisecond / 10

// Value writes a measured value in the unit of the threshold, times to a tenth of a
// millisecond, as the table of fail-overs does. What would then be nothing, or on the
// other side of the limit, is written exactly.
func (t Threshold) Value(v int64) string {
	short := int64((host.Duration(v) + tenth/2).Round(tenth))
	if t.Func == "count" || short == 0 || t.Met(short) != t.Met(v) {
		short = v
	}
	return t.exact(short)
}

// Met tells whether a measured value keeps the threshold.
func (t Threshold) Met(v int64) bool {
	switch t.Op {
	case "<":
		return v < t.Limit
	case "<=":
		return v <= t.Limit
	case ">":
		return v > t.Limit
	}
	return v >= t.Limit
}

// Measure returns the value of the function over samples, which it sorts: a
// percentile is the smallest sample that so many percent of them don't exceed. There
// is none of no samples.
func (t Threshold) Measure(samples []int64) (v int64, ok bool) {
	n := len(samples)
	if n == 0 {
		return 0, false
	}
	slices.Sort(samples)
	switch t.Func {
	case "min":
		return samples[0], true
	case "max":
		return samples[n-1], true
	}
	percent, err := strconv.Atoi(strings.TrimPrefix(t.Func, "p"))
	if err != nil {
		return 0, false
	}
	return samples[(n*percent+99)/100-1], true
}

func unknownWord(kind, word string, known []string) error {
	if hint := nearest.Hint(word, known); hint != "" {
		return fmt.Errorf("unknown %s %q%s", kind, word, hint)
	}
	return fmt.Errorf("unknown %s %q: write one of %s", kind, word, strings.Join(known, ", "))
}
