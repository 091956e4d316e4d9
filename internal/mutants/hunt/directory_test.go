package hunt

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestDirectories: right code recovers all of them, or refuses them, and some of both.
func TestDirectories(t *testing.T) {
	r := &Report{}
	r.directories(Budget{Events: 5_000_000, Seed: 1}, &Catch{})
	assert.Nil(t, r.Catch)
	refused := 0
	for i := range 1000 {
		d := directory{dice: newDice(Budget{Seed: 1}, "mutants.directory", i)}
		assert.Empty(t, d.try())
		if d.bad {
			refused++
		}
	}
	assert.InDelta(t, 500, refused, 200)
}
