package conform

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/internal/conform/trace"
	"zabsim/tree"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// TestFiles: right code leaves right files, however often it has to.
func TestFiles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		assert.Empty(t, Files(bug.Set{}, func(_ trace.Settings, bugs bug.Set) txn.StateMachine { return tree.New(&tree.Config{Bugs: bugs}) }, r.IntN))
	}
}
