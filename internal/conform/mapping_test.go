package conform

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestIdentityTakesOnlyEqualZxids(t *testing.T) {
	m := Identity()
	assert.True(t, m.Learn(3, 3))
	assert.False(t, m.Learn(3, 4))
	assert.True(t, m.Fits(7, 7))
	assert.False(t, m.Fits(7, 8))
	got, ok := m.Got(9)
	assert.True(t, ok)
	assert.Equal(t, int64(9), got)
}

func TestRisingKeepsTheOrder(t *testing.T) {
	m := Rising()
	assert.True(t, m.Fits(0, 0), "0 is before all transactions")
	assert.False(t, m.Fits(1, 1), "nothing is known of 1")
	assert.True(t, m.Learn(5, 50))
	assert.True(t, m.Learn(5, 50), "again")
	assert.False(t, m.Learn(5, 51), "5 is 50")
	assert.False(t, m.Learn(6, 50), "50 is 5")
	assert.False(t, m.Learn(4, 51), "an earlier one can't be later")
	assert.False(t, m.Learn(6, 49), "a later one can't be earlier")
	assert.True(t, m.Learn(3, 7), "in between")
	assert.True(t, m.Fits(3, 7))
	assert.False(t, m.Fits(3, 50))
	_, ok := m.Got(4)
	assert.False(t, ok)
}

func TestExchangedZxidsStandForEachOther(t *testing.T) {
	m := Identity()
	m.exchange(4, 6)
	assert.True(t, m.Fits(4, 6))
	assert.True(t, m.Fits(6, 5))
	assert.False(t, m.Fits(3, 4))
	assert.False(t, m.Fits(6, 7))
}

// Goal: whatever is learned, the mapping is strictly monotone and one to one.
func TestRisingIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Rising()
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			w, g := rapid.Int64Range(0, 20).Draw(t, "w"), rapid.Int64Range(0, 20).Draw(t, "g")
			if m.Learn(w, g) && !m.Fits(w, g) {
				t.Fatalf("learned %d=%d and does not know it", w, g)
			}
			for i := 1; i < len(m.pairs); i++ {
				if m.pairs[i-1].want >= m.pairs[i].want || m.pairs[i-1].got >= m.pairs[i].got {
					t.Fatalf("%v", m.pairs)
				}
			}
		}
	})
}
