package hunt

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/scenarios"
)

// TestRightCodePasses: nothing is caught, and the same again has the same trail. What
// must be caught is in the test of package mutants.
func TestRightCodePasses(t *testing.T) {
	b := Budget{Events: 200_000, States: 20_000, Seed: 1}
	first := Try(b, nil)
	assert.Nil(t, first.Catch)
	assert.GreaterOrEqual(t, first.Events, b.Events)
	assert.GreaterOrEqual(t, first.States, b.States)
	second := Try(b, first)
	assert.Nil(t, second.Catch)
	assert.Equal(t, first, second)
	b.Seed++
	assert.NotEqual(t, first.Trail, Try(b, nil).Trail)
}

// TestNeverReached: what right code reaches often, and another never, is told.
func TestNeverReached(t *testing.T) {
	base := &Report{Reached: map[string]int{"flying": oftenRuns, "swimming": oftenRuns - 1}}
	r := Try(Budget{Events: 1, States: 1, Seed: 1}, base)
	if assert.NotNil(t, r.Catch) {
		assert.Equal(t, NeverReached, r.Catch.Kind)
		assert.Equal(t, "flying", r.Catch.Check)
	}
}

// TestAPanicIsCaught: also one before any run, as of a deck that names no scenario.
func TestAPanicIsCaught(t *testing.T) {
	old := deck[0]
	deck[0] = "no-such-scenario-12"
	defer func() { deck[0] = old }()
	r := Try(Budget{Events: 5, States: 1}, nil)
	if assert.NotNil(t, r.Catch) {
		assert.Equal(t, Panicked, r.Catch.Kind)
		assert.Contains(t, r.Catch.Check, "no-such-scenario-#")
		assert.Contains(t, r.Catch.Detail, "no-such-scenario-12")
	}
}

// TestTheDeck: all that is run exists, and each scenario is among it.
func TestTheDeck(t *testing.T) {
	for _, name := range append(slices.Clone(deck), names()...) {
		_, err := scenarios.Lookup(name)
		assert.NoError(t, err)
	}
	for _, s := range scenarios.All() {
		assert.Contains(t, append(slices.Clone(deck), names()...), s.Name)
	}
}

func names() (list []string) {
	for i := range paces {
		list = append(list, paces[i].scenario)
	}
	return list
}

// TestPace: a run as written keeps its limits, and one whose limits are too narrow, or
// that loses an answer, does not.
func TestPace(t *testing.T) {
	s, err := scenarios.Lookup("leader-crash")
	require.NoError(t, err)
	p := s.Plan(1, scenarios.Options{Servers: 3})
	for _, c := range []struct {
		pace
		check string
	}{
		{paces[1], ""},
		{pace{"leader-crash", []string{"max(op)<1ms"}, 5}, "max(op)<1ms"},
		{pace{"leader-crash", nil, 0}, "count(lost)"},
	} {
		r := &Report{}
		r.pace(&c.pace, p, &Catch{})
		if c.check == "" {
			assert.Nil(t, r.Catch)
		} else if assert.NotNil(t, r.Catch, c.check) {
			assert.Equal(t, Limit, r.Catch.Kind)
			assert.Equal(t, c.check, r.Catch.Check)
		}
	}
}
