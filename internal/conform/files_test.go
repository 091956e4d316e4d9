package conform

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/zab/bug"
)

// TestFiles: right code leaves right files, whatever is drawn. That wrong code does not
// is shown in package mutants.
func TestFiles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		assert.Empty(t, Files(bug.Set{}, r.IntN))
	}
}
