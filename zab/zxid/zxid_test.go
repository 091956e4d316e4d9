package zxid

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestHalves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := Epoch(rapid.Uint32().Draw(t, "epoch"))
		n := rapid.Uint32().Draw(t, "counter")
		z := Make(e, n)
		assert.Equal(t, e, z.Epoch())
		assert.Equal(t, n, z.Counter())
	})
}

// Any transaction of a later epoch is later than all of an earlier one.
func TestEpochDominates(t *testing.T) {
	assert.Less(t, Make(1, CounterMax), Make(2, 0))
	assert.Less(t, Make(2, 0), Make(2, 1))
	assert.Equal(t, Make(2, 0), Make(1, CounterMax)+1, "a counter that overflows is another epoch (ZOOKEEPER-1277)")
	assert.Equal(t, Epoch(0xffffffff), NoEpoch)
}

func TestText(t *testing.T) {
	for z, want := range map[Zxid]string{
		0: "0.0", Make(2, 17): "2.17", Make(0, 1): "0.1", Make(NoEpoch, CounterMax): "4294967295.4294967295",
	} {
		assert.Equal(t, want, z.String())
		assert.Equal(t, "log<="+want, string(z.Append([]byte("log<="))))
	}
}

func BenchmarkAppend(b *testing.B) {
	b.ReportAllocs()
	buf := make([]byte, 0, 32)
	for b.Loop() {
		buf = Make(2, 17).Append(buf[:0])
	}
}
