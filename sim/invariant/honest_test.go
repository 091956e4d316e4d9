package invariant

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/internal/keyed"
)

func runHonest(t *testing.T, seed uint64, n, steps int, spoil func(*honest)) *honest {
	h := newHonest(t, n, keyed.New(seed).Stream("honest").Key(0))
	if spoil != nil {
		spoil(h)
	}
	for i := 0; i < steps && len(h.Violations) == 0; i++ {
		h.step()
	}
	return h
}

// Goal: no false alarm. Method: thousands of random runs of a correct protocol;
// together they must also have been everywhere.
func TestHonestRunsTripNothing(t *testing.T) {
	var seen Seen
	for seed := range uint64(2000) {
		h := runHonest(t, seed, 3+2*int(seed%2), 2000, nil)
		if len(h.Violations) > 0 {
			t.Fatalf("seed %d: %v", seed, h.Violations)
		}
		seen |= h.Seen
	}
	const want = SeenEstablished | SeenSecondLeader | SeenTwoLeaders | SeenLateEstablish | SeenCommit | SeenCommitByEstablish |
		SeenLateCommit | SeenCommitBeforeOwnSync | SeenCrash | SeenCrashOfLeader | SeenCrashWithTail
	if !seen.Has(want) {
		t.Errorf("reached only %v", seen.Names())
	}
}

// The same model, made dishonest in one place, must be caught.
func TestDishonestRunsTrip(t *testing.T) {
	for _, c := range []struct {
		want  string
		spoil func(*honest)
	}{
		{"committed-survives", func(h *honest) { h.wrongLeader = true }},
		{"no-ack-before-sync", func(h *honest) { h.wrongAck = true }},
		{"no-ack-before-sync", func(h *honest) { h.wrongSync = true }},
	} {
		found := false
		for seed := uint64(0); seed < 300 && !found; seed++ {
			h := runHonest(t, seed, 3, 600, c.spoil)
			found = len(h.Violations) > 0 && h.Violations[0].Check == c.want
		}
		if !found {
			t.Errorf("%s was never tripped first", c.want)
		}
	}
}

// The shortcut for ordinary deliveries hides nothing.
func TestShortcutHidesNothing(t *testing.T) {
	for seed := range uint64(400) {
		spoil := func(h *honest) { h.wrongLeader, h.wrongSync = seed%4 == 1, seed%4 == 2 }
		a := runHonest(t, seed, 3, 600, spoil)
		b := runHonest(t, seed, 3, 600, func(h *honest) { spoil(h); h.thorough = true })
		assert.Equal(t, a.Violations, b.Violations, "seed %d", seed)
		assert.Equal(t, a.Ghost.Fingerprint(), b.Ghost.Fingerprint(), "seed %d", seed)
	}
}

// A ghost that learned the same facts is the same ghost, whether checks ran or
// not.
func TestGhostLearnsWithoutChecks(t *testing.T) {
	for seed := range uint64(50) {
		a := runHonest(t, seed, 3, 600, nil)
		b := runHonest(t, seed, 3, 600, func(h *honest) { h.Sample = 1 << 30 })
		if a.Ghost.Fingerprint() != b.Ghost.Fingerprint() || a.Seen != b.Seen {
			t.Fatalf("seed %d: sampling changes the ghost", seed)
		}
	}
}
