// Package host names what a server's host provides: a clock and connections.
package host

import "strconv"

// Time is nanoseconds since the world began; virtual in a simulation.
type Time int64

// Duration is nanoseconds.
type Duration int64

// Units of Duration.
const (
	Microsecond Duration = 1_000
	Millisecond          = 1_000 * Microsecond
	Second               = 1_000 * Millisecond
)

// Add returns t + d.
func (t Time) Add(d Duration) Time { return t + Time(d) }

// Sub returns t - u.
func (t Time) Sub(u Time) Duration { return Duration(t - u) }

// Seconds writes t in seconds with three digits: "12.340s".
func (t Time) Seconds() string { return string(AppendMillis(nil, int64(t), "s")) }

// Round cuts d to a multiple of unit.
func (d Duration) Round(unit Duration) Duration { return d - d%unit }

// String writes d in seconds with three digits.
func (d Duration) String() string { return string(AppendMillis(nil, int64(d), "s")) }

// AppendMillis appends nanoseconds as seconds with millisecond digits and unit.
func AppendMillis(dst []byte, nanos int64, unit string) []byte {
	millis := nanos / int64(Millisecond)
	if nanos < 0 {
		dst, millis = append(dst, '-'), -millis // the smallest int64 has no negative, its millis have
	}
	dst = strconv.AppendInt(dst, millis/1000, 10)
	frac := millis % 1000
	dst = append(dst, '.', byte('0'+frac/100), byte('0'+frac/10%10), byte('0'+frac%10))
	return append(dst, unit...)
}

// ConnID names one connection as long as either end has it. Zero means no
// connection.
type ConnID uint32
