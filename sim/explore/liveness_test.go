package explore

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
)

// lively models can be judged whole.
var lively = []Config{
	{Model: Model{Servers: 1, Writes: 2, Crashes: 2, Restarts: 2, Timeouts: 1}},
	{Model: Model{Servers: 2, Writes: 0}},
	{Model: Model{Servers: 2, Writes: 2}},
	{Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1}},
	{Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Grain: plan.GrainThreads}},
	{Model: Model{Servers: 3, Writes: 0, Crashes: 1}},
	{Model: Model{Servers: 3, Writes: 1}},
	{Model: Model{Servers: 2, Election: ElectionOnly, Rounds: 1, Crashes: 1, Restarts: 1}},
	{Model: Model{Servers: 3, Election: ElectionOnly}},
}

// Goal: the right protocol can always go on without a fault, and judging it changes
// no count. Somewhere that takes time-outs, else the excuse was not tried.
func TestRightProtocolMakesProgress(t *testing.T) {
	escapes := uint32(0)
	for _, cfg := range lively {
		t.Run(label(cfg), func(t *testing.T) {
			cfg.Memo = true
			want := Run(cfg)
			cfg.Liveness = true
			g := newGraph(cfg)
			r := g.judge(false)
			assert.Nil(t, r.Violation)
			assert.Equal(t, "judged", r.Liveness)
			assert.Equal(t, 1, r.Work.Workers)
			assert.Equal(t, want.PerDepth, r.PerDepth)
			assert.Equal(t, want.Seen, r.Seen)
			assert.True(t, r.Complete)
			escapes += g.escapes
			r.Kinds, r.Work, r.Liveness = want.Kinds, want.Work, ""
			assert.Equal(t, want, r)
		})
	}
	assert.Greater(t, escapes, uint32(50))
}

// Goal: a protocol that stalls although everybody is healthy is found, without a
// fault or after one, and the path leads to where nothing but faults is possible.
func TestStallsAreFound(t *testing.T) {
	for name, cfg := range map[string]Config{
		"ZOOKEEPER-1270": {Model: Model{Servers: 2, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.LeaderNotInQuorum), Grain: plan.GrainThreads}},
		"ZOOKEEPER-4685": {Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.AckProposalFirst), Grain: plan.GrainThreads}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg.Memo, cfg.Liveness = true, true
			r := newGraph(cfg).judge(true)
			require.NotNil(t, r.Violation)
			assert.Equal(t, "progress-possible", r.Violation.Check)
			assert.Contains(t, r.Violation.Text, "though they are together")
			assert.False(t, r.Complete)
			w := Start(cfg)
			paid := 0
			for _, c := range r.Path {
				if w.Spends(c) {
					paid++
				}
				require.Contains(t, w.Enabled(nil, cfg.Options), c)
				w.Apply(c)
			}
			if cfg.Writes == 0 {
				assert.Zero(t, paid, "it needs no fault")
			}
			assert.Equal(t, 1, r.StuckStates)
			assert.Empty(t, r.Stuck)
			for _, c := range w.Enabled(nil, cfg.Options) {
				assert.True(t, w.Spends(c), "%v", c)
			}
			right := cfg
			right.Bugs = bug.Set{}
			assert.Nil(t, Run(right).Violation)
		})
	}
}

// Goal: a client that waits for a leader whom nobody follows any more is no fault of
// those who are together: it goes on by a time-out of its own.
func TestClientOfADeposedLeader(t *testing.T) {
	cfg := Config{Model: Model{Servers: 3, Writes: 1}, Memo: true}
	cfg.Prefix = asking(cfg)
	cfg.Timeouts, cfg.Liveness, cfg.MaxStates = 1, true, 300_000
	r := Run(cfg)
	assert.Nil(t, r.Violation)
	assert.Equal(t, "judged", r.Liveness)
	assert.True(t, r.Seen.Has(invariant.SeenSecondLeader))
	t.Log(&r)
}

// Goal: what breaks safety is reported as that, with its path.
func TestSafetyComesFirst(t *testing.T) {
	cfg := Config{Model: Model{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.AckNewLeaderBeforeLog)}, Memo: true}
	want := Run(cfg)
	cfg.Liveness = true
	got := Run(cfg)
	require.NotNil(t, got.Violation)
	assert.Equal(t, want.Violation.Check, got.Violation.Check)
	assert.Len(t, got.Path, len(want.Path))
	assert.Equal(t, got.Violation, Replay(cfg, got.Path))
	assert.Empty(t, got.Liveness)
}

// Goal: a model that is too large is not judged, and says so.
func TestLivenessLimit(t *testing.T) {
	r := Run(Config{Model: Model{Servers: 3, Writes: 1}, Liveness: true, MaxStates: 1000, Memo: true})
	assert.Equal(t, "not judged: more than 1000 states", r.Liveness)
	assert.False(t, r.Complete)
	assert.Nil(t, r.Violation)
}

// Goal: what is paid is a fault or a repair.
func TestSpends(t *testing.T) {
	w := Start(Config{Model: Model{Servers: 3, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1}})
	budget := w.Budget
	assert.True(t, w.Spends(sim.Choice{Kind: sim.ChoiceCrash, Node: 1}))
	assert.False(t, w.Spends(sim.Choice{Kind: sim.ChoiceElect, Node: 1, Alt: 2}))
	assert.Equal(t, budget, w.Budget)
}

// Goal: components are those of mutual reachability, and bottoms those that nothing
// leaves. Method: random graphs, some of them grown after they were looked at, and
// reachability by brute force; and one path that is longer than a stack is deep.
func TestComponents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "nodes")
		var g digraph
		var reach [12][12]bool
		for i := range n {
			g.node()
			reach[i][i] = true
		}
		for range rapid.IntRange(0, 24).Draw(t, "edges") {
			a, b := rapid.IntRange(0, n-1).Draw(t, "from"), rapid.IntRange(0, n-1).Draw(t, "to")
			g.edge(uint32(a), uint32(b))
			reach[a][b] = true
		}
		for k := range n {
			for i := range n {
				for j := range n {
					reach[i][j] = reach[i][j] || reach[i][k] && reach[k][j]
				}
			}
		}
		of, bottom := g.components()
		for i := range n {
			ends := true
			for j := range n {
				require.Equal(t, reach[i][j] && reach[j][i], of[i] == of[j], "%d and %d", i, j)
				ends = ends && (!reach[i][j] || reach[j][i])
			}
			require.Equal(t, ends, bottom[of[i]], "%d", i)
		}
	})
	var long digraph
	for i := range uint32(300_000) {
		long.node()
		if i > 0 {
			long.edge(i-1, i)
		}
	}
	of, bottom := long.components()
	assert.Len(t, bottom, len(of))
	assert.True(t, bottom[of[len(of)-1]])
	assert.False(t, bottom[of[0]])
}

// Goal: the ledger keeps what it was told, 0 and growth included.
func TestLedger(t *testing.T) {
	l := newLedger()
	const n = 3 * ledgerMin
	for i := range uint32(n) {
		val, fresh := l.at(word(uint64(i)))
		require.True(t, fresh)
		*val = i
	}
	for i := range uint32(n) {
		val, fresh := l.at(word(uint64(i)))
		require.False(t, fresh)
		require.Equal(t, i, *val)
	}
	assert.Equal(t, n, l.n)
	l.empty()
	_, fresh := l.at(word(5))
	assert.True(t, fresh)
}
