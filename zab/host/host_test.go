package host

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestSecondsHaveThreeDigits(t *testing.T) {
	for nanos, want := range map[int64]string{
		0:                        "0.000s",
		999_999:                  "0.000s", // cut, not rounded
		1_000_000:                "0.001s",
		12_340_000_000:           "12.340s",
		59_999_999_999:           "59.999s",
		-1_500_000_000:           "-1.500s",
		-int64(Millisecond):      "-0.001s",
		math.MaxInt64:            "9223372036.854s",
		math.MinInt64:            "-9223372036.854s",
		3600 * int64(Second) * 2: "7200.000s",
	} {
		assert.Equal(t, want, Time(nanos).Seconds())
		assert.Equal(t, want, Duration(nanos).String())
	}
	assert.Equal(t, "at 0.250", string(AppendMillis([]byte("at "), 250_000_000, "")))
}

func TestAddAndSubUndoEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := Time(rapid.Int64().Draw(t, "at"))
		d := Duration(rapid.Int64().Draw(t, "d"))
		assert.Equal(t, d, at.Add(d).Sub(at))
	})
	assert.Equal(t, Duration(1e9), Second)
	assert.Equal(t, Duration(1e6), Millisecond)
}

func BenchmarkAppendMillis(b *testing.B) {
	b.ReportAllocs()
	buf := make([]byte, 0, 32)
	for b.Loop() {
		buf = AppendMillis(buf[:0], 12_340_000_000, "s")
	}
}
