package scenarios

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/sim/invariant"
	"zabsim/zab/bug"
)

// TestFuzzyOrphanInAnEnsemble: the scenario shows FUZZY-ORPHAN in an ordinary run, as
// zab/bug/fuzzy-orphan.md says: a server crashes, and its disk does not give what it
// had; when it is back it differs from the others. Without the bug nothing differs.
func TestFuzzyOrphanInAnEnsemble(t *testing.T) {
	s, err := Lookup("fuzzy-snapshots")
	assert.NoError(t, err)
	out := Execute(s.Plan(1, Options{Bugs: bug.Set{}.With(bug.ExistsByMap)}), Settings{Reach: s.Reach})
	assert.Equal(t, Violated, out.Verdict)
	assert.Equal(t, bug.ExistsByMap.Info().Breaks[0], out.Broken.Name)
	differs := func(v invariant.Violation) bool { return v.Check == "equal-digests" }
	assert.True(t, slices.ContainsFunc(out.Run.View.Violations, differs), explainOutcome(1, out))
	clean := Execute(s.Plan(1, Options{}), Settings{Reach: s.Reach})
	assert.Equal(t, Passed, clean.Verdict, explainOutcome(1, clean))
}
