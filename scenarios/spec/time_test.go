package spec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/scenarios/spec"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// Goal: times in files are those of flags and those of plans. Method: the standard
// library, which flags use, reads them, too.
func TestTimesAreThoseOfFlags(t *testing.T) {
	for _, text := range []string{"90s", "12.5ms", "3us", "7ns", "1m", "1.5m", "2h", "1m30s", "1h0m0.25s", "2s500ms", "-5s", "-1m30s", "100000h"} {
		got, err := spec.ParseTime(text)
		require.NoError(t, err, text)
		want, err := time.ParseDuration(text)
		require.NoError(t, err, text)
		assert.Equal(t, host.Duration(want), got, text)
	}
	for text, want := range map[string]string{
		"": "is no duration", "5": "is no duration", "m": "is no duration", "1m30": "is no duration", "1s1m": "is no duration",
		"1m1m": "is no duration", "1 m": "is no duration", "1d": "is no duration", "1.m": "is no duration", "1m-30s": "is no duration",
		"0.5ns": "finer than a nanosecond", "3000000h": "is too long", "99999999999h": "is too long", "2562047h48m": "is too long",
	} {
		_, err := spec.ParseTime(text)
		assert.ErrorContains(t, err, want, text)
	}
}

// TestPlansKeepTheirTimes: only what a plan can't read is written anew.
func TestPlansKeepTheirTimes(t *testing.T) {
	for text, want := range map[string]string{"1m30s": "90s", "-1m": "-60s", "2000ms": "2000ms", "80s": "80s", "x": "x", "1m1m": "1m1m"} {
		assert.Equal(t, want, spec.PlanTime(text))
	}
	_, err := plan.ParseDuration(spec.PlanTime("1h2m3s4ms"))
	assert.NoError(t, err)
}

// Goal: a measured time is short, and never on the wrong side of its limit.
func TestMeasuredTimesAreRounded(t *testing.T) {
	for _, c := range []struct {
		threshold string
		measured  time.Duration
		want      string
	}{
		{"p99(failover) < 4s", 569_442_290, "569.4ms"},
		{"p99(failover) < 4s", 3_241_451_000, "3.2415s"},
		{"p99(failover) < 4s", 3_999_990_000, "3.99999s"}, // 4s would not be below 4s
		{"p99(failover) > 4s", 4_000_010_000, "4.00001s"},
		{"p99(op) <= 4s", 3_999_990_000, "4s"},
		{"p99(op) < 1ms", 12_345, "12.345us"},
		{"p99(op) < 1ms", 0, "0s"},
		{"count(ops) > 7", 123_456_789, "123456789"},
	} {
		x, err := spec.ParseThreshold(c.threshold)
		require.NoError(t, err)
		assert.Equal(t, c.want, x.Value(int64(c.measured)), c.threshold)
	}
	x, err := spec.ParseThreshold("max(write) <= 1m0.00000123s")
	require.NoError(t, err)
	assert.Equal(t, "max(write) <= 60.00000123s", x.String(), "a limit is written exactly")
}
