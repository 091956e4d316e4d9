package spec

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// timeUnits are the units of time in scenario files, the largest first. Plans know
// those from seconds on.
var timeUnits = []string{"h", "m", "s", "ms", "us", "ns"}

// TimeForm says in an error how times are written.
const TimeForm = `write a number with one of the units h, m, s, ms, us, ns, such as "12.5ms", or several with the larger first, such as "1m30s"`

var (
	wholeTime = regexp.MustCompile(`^-?([0-9]+(\.[0-9]+)?(h|ms|m|s|us|ns))+$`)
	timePart  = regexp.MustCompile(`([0-9.]+)([a-z]+)`)
)

// ParseTime reads a duration as people write it: what plans have, minutes and hours,
// and several units one after the other, the larger first: 90s, 1.5m, 1m30s, -5s.
func ParseTime(text string) (host.Duration, error) {
	bad := fmt.Errorf("%q is no duration: %s", text, TimeForm)
	if !wholeTime.MatchString(text) {
		return 0, bad
	}
	sum, last := host.Duration(0), -1
	for _, part := range timePart.FindAllStringSubmatch(text, -1) {
		unit := slices.Index(timeUnits, part[2])
		if unit <= last {
			return 0, bad
		}
		last = unit
		d, err := parsePart(part[1], part[2])
		if err != nil {
			return 0, err
		}
		if sum > math.MaxInt64-d {
			return 0, tooLong(text)
		}
		sum += d
	}
	if strings.HasPrefix(text, "-") {
		return -sum, nil
	}
	return sum, nil
}

// parsePart reads one number with its unit. Minutes and hours are read as seconds,
// which a plan has exactly, and multiplied.
func parsePart(number, unit string) (host.Duration, error) {
	times := host.Duration(1)
	switch unit {
	case "h":
		times, unit = 3600, "s"
	case "m":
		times, unit = 60, "s"
	}
	d, err := plan.ParseDuration(number + unit)
	switch {
	case err != nil:
		return 0, err
	case d > math.MaxInt64/times:
		return 0, tooLong(number + unit)
	}
	return d * times, nil
}

func tooLong(text string) error {
	return fmt.Errorf("duration %s is too long: the longest is %s", text, plan.FormatDuration(math.MaxInt64))
}

// PlanTime writes text as plans do if it is a duration that they can't read, such as
// 1m30s, and returns everything else as it is.
func PlanTime(text string) string {
	if _, err := plan.ParseDuration(text); err == nil {
		return text
	}
	d, err := ParseTime(text)
	if err != nil {
		return text
	}
	return plan.FormatDuration(d)
}
