package plan

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"zabsim/zab/host"
)

func TestDurationsAreWrittenInTheLargestUnit(t *testing.T) {
	for _, c := range []struct {
		d    host.Duration
		want string
	}{
		{0, "0s"}, {1, "1ns"}, {999, "999ns"}, {1_000, "1us"}, {1_001, "1.001us"}, {12_500_000, "12.5ms"},
		{20 * host.Second, "20s"}, {90 * host.Second, "90s"}, {31_500 * host.Millisecond, "31.5s"},
		{host.Second + 1, "1.000000001s"}, {-12_500_000, "-12.5ms"},
		{math.MaxInt64, "9223372036.854775807s"},
	} {
		assert.Equal(t, c.want, FormatDuration(c.d))
	}
	assert.Equal(t, "-9223372036.854775808s", FormatDuration(math.MinInt64), "the one that ParseDuration refuses")
}

func TestDurationsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := host.Duration(rapid.Int64Min(-math.MaxInt64).Draw(t, "d"))
		got, err := ParseDuration(FormatDuration(d))
		assert.NoError(t, err)
		assert.Equal(t, d, got)
	})
}

// People may write a duration in more ways than we do, but each is exact.
func TestDurationsAreReadExactly(t *testing.T) {
	for _, c := range []struct {
		text string
		want host.Duration
	}{
		{"0.0125s", 12_500_000}, {"012.500ms", 12_500_000}, {"1500us", 1_500_000}, {"1.0ns", 1}, {"-0s", 0},
	} {
		got, err := ParseDuration(c.text)
		assert.NoError(t, err, c.text)
		assert.Equal(t, c.want, got, c.text)
	}
	const form = `is no duration: write a number with one of the units s, ms, us, ns, such as "12.5ms"`
	for _, c := range [][2]string{
		{"", form}, {"12", form}, {"s", form}, {".5s", form}, {"1.s", form}, {"1.2.3s", form}, {"1m0s", form}, {"--1s", form},
		{"5m", form}, {"1e3s", form}, {"1.0000000001s", "is finer than a nanosecond"}, {"0.5ns", "is finer"},
		{"9223372036.854775808s", "is too long: the longest is 9223372036.854775807s"},
	} {
		_, err := ParseDuration(c[0])
		assert.ErrorContains(t, err, c[1], c[0])
	}
}
