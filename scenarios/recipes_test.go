package scenarios

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/sim/plan"
	"zabsim/zab/host"
)

var recipeSeeds = flag.Int("recipe-seeds", 60, "how many seeds TestRecipesUnderChaos runs")

// mixed gives six clients recipes of every kind, in a hurry.
var mixed = []plan.Program{
	{Client: 1, Name: "lock", Args: []string{"rounds=30", "hold=100ms"}},
	{Client: 2, Name: "lock", Args: []string{"rounds=30", "hold=100ms"}},
	{Client: 3, Name: "config-writer", Args: []string{"rest=100ms"}},
	{Client: 4, Name: "config-reader", Args: []string{"during=28s"}},
	{Client: 5, Name: "presence", Args: []string{"every=300ms"}},
	{Client: 6, Name: "presence", Args: []string{"every=300ms"}},
}

// TestRecipesUnderChaos: whatever faults and knobs the seed draws, no promise to a
// recipe is broken: neither those of the tree, nor what the recipe makes of them. That
// each of them comes to its end is not promised there. With -recipe-seeds it runs more.
func TestRecipesUnderChaos(t *testing.T) {
	seeds := uint64(*recipeSeeds)
	if testing.Short() {
		seeds = 6
	}
	s, err := Lookup("chaos")
	assert.NoError(t, err)
	lost := uint64(0)
	for seed := uint64(1); seed <= seeds; seed++ {
		p := s.Plan(seed, seedOptions(seed, Options{Grain: plan.Grain(seed % 2), For: 30 * host.Second, Clients: len(mixed)}))
		p.Ops, p.Programs = nil, mixed
		out := Execute(p, Settings{})
		assert.NotContains(t, []Verdict{Violated, Unknown}, out.Verdict, explainOutcome(seed, out))
		lost += out.Run.Counts().Lost
	}
	assert.Greater(t, lost, seeds/2, "hardly an operation was lost: the faults are too gentle")
}
