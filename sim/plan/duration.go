package plan

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"zabsim/zab/host"
)

// unit is a unit of time; one of it is ten to the power of digits nanoseconds.
type unit struct {
	name   string
	digits int
	nanos  uint64
}

// units descend. Seconds are the largest: "90s" sorts and subtracts in the head
// more easily than "1m30s".
var units = [...]unit{{"s", 9, 1_000_000_000}, {"ms", 6, 1_000_000}, {"us", 3, 1_000}, {"ns", 0, 1}}

// AppendDuration appends d exactly, in the largest unit of which there is at
// least one: "20s", "12.5ms", "1.000000001s".
func AppendDuration(dst []byte, d host.Duration) []byte {
	n := uint64(d)
	if d < 0 {
		dst, n = append(dst, '-'), -n
	}
	u := units[0]
	for i := 0; n != 0 && n < u.nanos; i++ {
		u = units[i]
	}
	dst = strconv.AppendUint(dst, n/u.nanos, 10)
	if frac := n % u.nanos; frac != 0 {
		dst = append(dst, '.')
		for scale := u.nanos / 10; frac != 0; scale /= 10 {
			dst = append(dst, byte('0'+frac/scale))
			frac %= scale
		}
	}
	return append(dst, u.name...)
}

// FormatDuration returns what AppendDuration appends.
func FormatDuration(d host.Duration) string { return string(AppendDuration(nil, d)) }

// ParseDuration reads what AppendDuration writes, and every other decimal number
// with one of its units, as long as it is a whole number of nanoseconds.
func ParseDuration(text string) (host.Duration, error) {
	digits, negative := strings.CutPrefix(text, "-")
	end := strings.IndexFunc(digits, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end < 0 {
		end = len(digits)
	}
	whole, frac, dot := strings.Cut(digits[:end], ".")
	u, found := unitNamed(digits[end:])
	if !found || whole == "" || dot && frac == "" || strings.Contains(frac, ".") {
		return 0, fmt.Errorf(`%q is no duration: write a number with one of the units s, ms, us, ns, such as "12.5ms"`, text)
	}
	frac = strings.TrimRight(frac, "0")
	if len(frac) > u.digits {
		return 0, fmt.Errorf("duration %s is finer than a nanosecond", text)
	}
	// As one number: the digits, filled up with zeros to whole nanoseconds.
	n, err := strconv.ParseUint(whole+frac+strings.Repeat("0", u.digits-len(frac)), 10, 63)
	if err != nil {
		return 0, fmt.Errorf("duration %s is too long: the longest is %s", text, FormatDuration(math.MaxInt64))
	}
	if negative {
		return -host.Duration(n), nil
	}
	return host.Duration(n), nil
}

func unitNamed(name string) (unit, bool) {
	for _, u := range units {
		if u.name == name {
			return u, true
		}
	}
	return unit{}, false
}
