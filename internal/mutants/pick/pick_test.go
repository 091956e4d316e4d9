//go:build mutants

package pick

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPick(t *testing.T) {
	defer func() { Index, Hits = None, 0 }()
	for _, c := range []struct {
		index                      int
		is, less, lessEq, lessMore bool
	}{{None, false, false, true, true}, {3, true, true, false, true}, {4, false, false, true, true}} {
		Index = c.index
		assert.Equal(t, c.is, Is(3))
		assert.Equal(t, c.less, Less(3, 5, 5))
		assert.Equal(t, c.lessEq, LessEq(3, 5, 5))
		assert.Equal(t, c.lessMore, Less(3, 4, 5))
		assert.True(t, LessEq(3, 4, 5))
		assert.False(t, Less(3, 6, 5))
		assert.False(t, LessEq(3, 6, 5))
	}
}
