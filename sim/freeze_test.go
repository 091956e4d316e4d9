package sim

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/trace"
)

func TestClientSet(t *testing.T) {
	var s ClientSet
	assert.Zero(t, s.First())
	for c := 1; c <= 64; c++ {
		assert.False(t, s.Has(c))
		s = s.With(c)
		assert.True(t, s.Has(c))
		assert.Equal(t, c, s.Len())
	}
	assert.False(t, s.Has(0) || s.Has(65), "nobody, and the client of the second act")
	for c := 1; c <= 64; c++ {
		assert.Equal(t, c, s.First())
		s = s.Without(c)
	}
	assert.Zero(t, s)
}

func TestParseClient(t *testing.T) {
	for word, want := range map[string]int{"c1": 1, "c9": 9, "c64": 64, "c0": 0, "c65": 0, "c01": 0, "c+1": 0, "c": 0, "1": 0, "n1": 0, "cc1": 0, "": 0} {
		c, ok := ParseClient(word)
		assert.Equal(t, want, c, word)
		assert.Equal(t, want > 0, ok, word)
	}
}

// TestAFrozenClientIsState: of the world, of its copies and of its name; and what it
// would do or hear is not offered until it goes on.
func TestAFrozenClientIsState(t *testing.T) {
	touches := func(w *World, c Choice) bool {
		switch c.Kind {
		case ChoiceClient:
			return c.Arg == 1
		case ChoiceConnect:
			return w.Conns[c.Arg].A.Client() == 1
		case ChoiceDeliver:
			conn := &w.Conns[c.Arg/2]
			return conn.A.Client() == 1 && c.Arg&1 == 1
		}
		return false
	}
	withheld := map[ChoiceKind]int{}
	walk(t, func(w *World, choices []Choice, _ Choice) {
		var frozen, copied World
		w.CloneInto(&frozen)
		frozen.Apply(Choice{Kind: ChoiceFreeze, Arg: 1})
		require.NotEqual(t, w.Fingerprint(), frozen.Fingerprint())
		frozen.CloneInto(&copied)
		require.Equal(t, frozen.Fingerprint(), copied.Fingerprint())

		var rest []Choice
		for _, c := range choices {
			switch {
			case touches(w, c):
				withheld[c.Kind]++
			case c.Kind != ChoiceCrash && c.Kind != ChoiceReboot: // their number is the search's to say
				rest = append(rest, c)
			}
		}
		offered := copied.Enabled(nil, SearchOptions{})
		offered = slices.DeleteFunc(offered, func(c Choice) bool { return c.Kind == ChoiceCrash || c.Kind == ChoiceReboot })
		require.ElementsMatch(t, rest, offered)
		copied.Apply(Choice{Kind: ChoiceThaw, Arg: 1})
		require.Equal(t, w.Fingerprint(), copied.Fingerprint())
	})
	for _, k := range []ChoiceKind{ChoiceClient, ChoiceConnect, ChoiceDeliver} {
		assert.NotZero(t, withheld[k], "%v", k)
	}
}

func TestFreezesAreDescribed(t *testing.T) {
	w := searchWorld(t, 1, Budget{})
	var e trace.Event
	for kind, want := range map[ChoiceKind]string{ChoiceFreeze: "freeze", ChoiceThaw: "thaw"} {
		w.Describe(Choice{Kind: kind, Arg: 1}, &e)
		assert.Equal(t, trace.Event{Node: trace.ClientNode(1), Verb: want}, e)
	}
}
