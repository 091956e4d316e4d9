package explore

import (
	"math/bits"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
)

// Goal: whatever grain atomic can reach, grain threads can reach. Method: walk at
// random at grain atomic; beside it, the same choices at grain threads, and after
// each the turns of its lanes in the order in which Drain takes them. Each turn must
// be offered, and the worlds must be equal again.
func TestGrainThreadsFollowsAtomic(t *testing.T) {
	steps, turns := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{Model: Model{Servers: rapid.SampledFrom([]int{2, 3, 4, 1}).Draw(t, "servers"), Writes: rapid.IntRange(1, 3).Draw(t, "writes"), Crashes: 2, Restarts: 2, Timeouts: 2}}
		if b := rapid.IntRange(-1, int(bug.ZxidRollover)).Draw(t, "bug"); b >= 0 {
			cfg.Bugs = cfg.Bugs.With(bug.Switch(b))
		}
		atomic := Start(cfg)
		cfg.Grain = plan.GrainThreads
		threads := Start(cfg)
		drain(t, threads)
		pick := rapid.Uint32().Draw(t, "seed")
		for range 200 {
			require.Equal(t, atomic.Fingerprint(), threads.Fingerprint())
			choices := atomic.Enabled(nil, cfg.Options)
			if len(choices) == 0 {
				return
			}
			pick = pick*1664525 + 1013904223
			c := choices[uint64(pick)*uint64(len(choices))>>32]
			atomic.Apply(c)
			apply(t, threads, c)
			steps, turns = steps+1, turns+drain(t, threads)
		}
	})
	assert.Greater(t, steps, 500)
	assert.Greater(t, turns, 2*steps/3)
	t.Logf("%d choices, %d turns", steps, turns)
}

func apply(t require.TestingT, w *sim.World, c sim.Choice) {
	require.Contains(t, w.Enabled(nil, sim.SearchOptions{}), c)
	w.Apply(c)
}

// drain takes the turns that Drain takes and returns how many there were.
func drain(t require.TestingT, w *sim.World) (turns int) {
	for _, s := range w.Servers {
		for s != nil && s.Runnable() != 0 {
			for rest := s.Runnable(); rest != 0; rest &= rest - 1 {
				c := sim.Choice{Kind: sim.ChoiceLane, Node: s.ID(), Alt: uint8(bits.TrailingZeros32(uint32(rest)))}
				apply(t, w, c)
				turns++
			}
		}
	}
	return turns
}

// Goal: the same for all there is to reach, and the finer grain reaches more.
// Method: search both grains of small models to the end; every state of one, ghost
// included, is a state of the other.
func TestGrainThreadsReachesAtomicStates(t *testing.T) {
	for _, cfg := range []Config{
		{Model: Model{Servers: 1, Writes: 2, Crashes: 1, Restarts: 1}},
		{Model: Model{Servers: 2, Writes: 1}},
		{Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1}},
		{Model: Model{Servers: 2, Writes: 2, Timeouts: 1}},
	} {
		t.Run(label(cfg), func(t *testing.T) {
			cfg.Memo, cfg.Workers = true, 2
			atomic, states := reach(t, cfg)
			cfg.Grain = plan.GrainThreads
			threads, finer := reach(t, cfg)
			for h := range states {
				require.True(t, finer[h])
			}
			assert.Greater(t, len(finer), len(states))
			t.Logf("atomic: %v", &atomic)
			t.Logf("threads: %v", &threads)
		})
	}
}

// reach searches a model to its end and returns the fingerprints of its states.
func reach(t *testing.T, cfg Config) (Result, map[uint64]bool) {
	s := newSearch(cfg, cfg.Workers)
	for len(s.level) > 0 && s.result.Violation == nil {
		s.expandLevel()
	}
	require.Nil(t, s.result.Violation)
	s.result.Complete = true
	defer s.close()
	states := map[uint64]bool{}
	s.visited.each(func(near, _ uint64) { states[near] = true })
	return s.result, states
}
