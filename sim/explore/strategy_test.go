package explore

import (
	"testing"
	"zabsim/sim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/invariant"
	"zabsim/zab/bug"
)

// Goal: whatever the order of the search, it visits the same states and counts the
// same transitions; with a depth, each state counts at its true depth although it
// was first found deeper. Method: the table of small models, and each again to half
// its depth.
func TestStrategiesAgree(t *testing.T) {
	repeated := uint64(0)
	for _, cfg := range small {
		if cfg.MaxStates > 0 {
			cfg.MaxStates, cfg.MaxDepth = 0, 12
		}
		t.Run(label(cfg), func(t *testing.T) {
			cfg.Memo = true
			want := Run(cfg)
			got := cfg
			got.Strategy, got.Workers = DFS, 2
			requireSame(t, want, Run(got), cfg.MaxDepth > 0)
			got.Strategy = IDDFS
			requireSame(t, want, Run(got), true)

			cfg.MaxDepth, got.MaxDepth = want.Depth/2+1, want.Depth/2+1
			want = Run(cfg)
			requireSame(t, want, Run(got), true)
			got.Strategy = DFS
			r := Run(got)
			requireSame(t, want, r, true)
			repeated += r.Work.Repeated
		})
	}
	assert.Greater(t, repeated, uint64(100), "no state was found again at a smaller depth: nothing was tried")
}

// requireSame compares a search by depth with one by levels.
func requireSame(t *testing.T, want, got Result, depths bool) {
	assert.Equal(t, 1, got.Work.Workers)
	if depths {
		require.Equal(t, want.PerDepth, got.PerDepth)
		require.Equal(t, want.Depth, got.Depth)
	}
	got.PerDepth, got.Depth, got.Kinds, got.Work = want.PerDepth, want.Depth, want.Kinds, want.Work
	require.Equal(t, want, got)
}

// Goal: each strategy finds a bug with a path that shows it again, and iddfs finds a
// path as short as that of bfs.
func TestStrategiesFindBugs(t *testing.T) {
	cfg := Config{Model: Model{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.AckNewLeaderBeforeLog)}, Memo: true}
	shortest := Run(cfg)
	require.NotNil(t, shortest.Violation)
	for _, cfg.Strategy = range []Strategy{DFS, IDDFS, Random} {
		t.Run(cfg.Strategy.String(), func(t *testing.T) {
			cfg.Walks, cfg.Seed = 2000, 1
			r := Run(cfg)
			require.NotNil(t, r.Violation)
			assert.False(t, r.Complete)
			assert.Equal(t, r.Violation, Replay(cfg, r.Path))
			assert.Nil(t, Replay(cfg, r.Path[:len(r.Path)-1]))
			if cfg.Strategy == IDDFS {
				assert.Len(t, r.Path, len(shortest.Path))
				assert.Equal(t, len(r.Path), r.Depth)
			} else {
				assert.GreaterOrEqual(t, len(r.Path), len(shortest.Path))
			}
		})
	}
}

// Goal: a search by depth stops at its budget and does not claim more.
func TestDepthFirstStops(t *testing.T) {
	for _, s := range []Strategy{DFS, IDDFS} {
		r := Run(Config{Model: Model{Servers: 3, Writes: 1}, Strategy: s, MaxStates: 1000, Memo: true})
		assert.False(t, r.Complete)
		assert.Nil(t, r.Violation)
		assert.GreaterOrEqual(t, r.States, uint64(1000))
		assert.Less(t, r.States, uint64(1100))
	}
}

// Goal: random walks depend on the seed and not on the workers, and never claim to
// be complete; they see no state that a search does not.
func TestRandomWalks(t *testing.T) {
	cfg := Config{Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1}, Strategy: Random, Walks: 300, Seed: 7, Memo: true, Workers: 1}
	all := Run(Config{Model: cfg.Model, Memo: true})
	require.True(t, all.Complete)
	one := Run(cfg)
	assert.False(t, one.Complete)
	assert.Greater(t, one.States, all.States/20)
	assert.LessOrEqual(t, one.States, all.States)
	assert.True(t, all.Seen.Has(one.Seen))
	assert.True(t, one.Seen.Has(invariant.SeenCommit|invariant.SeenCrash))

	cfg.Workers = 2
	two := Run(cfg)
	one.Kinds, one.Work = two.Kinds, two.Work
	assert.Equal(t, one, two)
	cfg.Seed++
	assert.NotEqual(t, two.States, Run(cfg).States)

	cfg.Walks, cfg.MaxDepth = 1, 3
	assert.Equal(t, uint64(3), Run(cfg).Transitions)

	cfg = Config{Model: Model{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.AckNewLeaderBeforeLog)}, Strategy: Random, Walks: 2000, Workers: 2}
	first := Run(cfg)
	cfg.Workers = 1
	assert.Equal(t, first.Path, Run(cfg).Path)
}

// Goal: searches that can't be done say so, and what could.
func TestConfigCheck(t *testing.T) {
	model := Model{Servers: 3}
	for want, cfg := range map[string]Config{
		"0 servers: 1 to 8 are possible":                                {},
		"0 random walks: at least 1 is needed":                          {Model: model, Strategy: Random},
		"reduction sleep with dfs is not built: it needs bfs":           {Model: model, Strategy: DFS, Reduce: ReduceSleep},
		"liveness needs the whole graph: reduction none, and not sleep": {Model: model, Liveness: true, Reduce: ReduceSleep},
		"reduction sleep is wrong where a disk write holds up all else: none, or fsync later": {
			Model: Model{Servers: 3, Options: sim.SearchOptions{DurableAtOnce: true}}, Reduce: ReduceSleep},
		"reduction ample is wrong where connections are cut: none or sleep, or 0 cuts": {Model: Model{Servers: 3, Cuts: 1}, Reduce: ReduceAmple},
		"liveness needs the whole graph: bfs without a depth":                          {Model: model, Liveness: true, MaxDepth: 3},
	} {
		assert.EqualError(t, cfg.Check(), want)
	}
	assert.NoError(t, (&Config{Model: model, Reduce: ReduceSleep, Workers: 2}).Check())
	for s := BFS; s <= Random; s++ {
		got, err := ParseStrategy(s.String())
		assert.NoError(t, err)
		assert.Equal(t, s, got)
	}
	_, err := ParseStrategy("depth")
	assert.EqualError(t, err, `"depth" is no way to search; bfs, dfs, iddfs and random are`)
	for r := ReduceNone; r <= ReduceAmple; r++ {
		got, err := ParseReduction(r.String())
		assert.NoError(t, err)
		assert.Equal(t, r, got)
	}
	_, err = ParseReduction("dpor")
	assert.EqualError(t, err, `"dpor" is no reduction; none, sleep and ample are`)
}

// Goal: a complete search says what was never reached, of what the model has room
// for.
func TestUnreached(t *testing.T) {
	m := Model{Servers: 2, Writes: 1}
	r := Run(Config{Model: m, Memo: true})
	require.True(t, r.Complete)
	missing := r.Unreached(&m)
	assert.Contains(t, missing, "second-leader")
	assert.NotContains(t, missing, "commit")             // reached
	assert.NotContains(t, missing, "crash-of-leader")    // no budget
	assert.NotContains(t, missing, "observer-delivered") // none
	assert.Equal(t, uint64(0), uint64(r.Seen&^possible(&m)))

	r.Complete = false
	assert.Empty(t, r.Unreached(&m))
	for _, cfg := range small {
		cfg.Memo = true
		r := Run(cfg)
		assert.True(t, possible(&cfg.Model).Has(r.Seen), "%v", (r.Seen &^ possible(&cfg.Model)).Names())
	}
}
