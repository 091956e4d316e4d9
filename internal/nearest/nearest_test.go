package nearest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// The suggestion is the closest candidate, or nothing at all.
func TestNearest(t *testing.T) {
	faults := []string{"swizzle", "crash", "cut", "clog"}
	for _, c := range []struct {
		word       string
		candidates []string
		want       string
	}{
		{"swizle", faults, "swizzle"},
		{"Crash", faults, "crash"},
		{"crsh", faults, "crash"},
		{"clug", faults, "clog"},
		{"partition", faults, ""}, // nothing is near
		{"", faults, ""},
		{"ab", []string{"cd"}, ""}, // two letters may differ, but not all
		{"x", nil, ""},
		{"bat", []string{"cat", "hat"}, "cat"}, // the first of two
		{"bat", []string{"hat", "cat"}, "hat"},
		{"ZOOKEEPER-3912", []string{"ZOOKEEPER-1419", "ZOOKEEPER-3911"}, "ZOOKEEPER-3911"},
		{"größe", []string{"große"}, "große"},
		{strings.Repeat("a", maxLen+1), []string{strings.Repeat("a", maxLen)}, ""},
		{"aa", []string{strings.Repeat("a", maxLen+1)}, ""},
	} {
		assert.Equal(t, c.want, Nearest(c.word, c.candidates), "%q in %v", c.word, c.candidates)
	}
}

func TestHintEndsAnErrorMessage(t *testing.T) {
	assert.Equal(t, `, did you mean "crash"?`, Hint("crush", []string{"crash"}))
	assert.Empty(t, Hint("weather", []string{"crash"}))
}

func TestDistanceGoldens(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "abc", 3}, {"kitten", "sitting", 3},
		{"flaw", "lawn", 2}, {"saturday", "sunday", 3}, {"abc", "abc", 0},
	} {
		assert.Equal(t, c.want, distance([]rune(c.a), []rune(c.b)), "%q %q", c.a, c.b)
	}
}

// The distance is a metric: symmetric, zero only between equals, and no detour
// is shorter than the direct way.
func TestDistanceIsAMetric(t *testing.T) {
	word := rapid.StringOfN(rapid.RuneFrom([]rune("abcé")), 0, 8, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := []rune(word.Draw(t, "a")), []rune(word.Draw(t, "b")), []rune(word.Draw(t, "c"))
		assert.Equal(t, distance(a, b), distance(b, a))
		assert.Equal(t, string(a) == string(b), distance(a, b) == 0)
		assert.LessOrEqual(t, distance(a, c), distance(a, b)+distance(b, c))
	})
}
