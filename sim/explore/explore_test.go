package explore

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
)

// small models that Reference can do, too. They differ in what they reach: SNAP,
// TRUNC, deposed leaders, torn connections.
var small = []Config{
	{Servers: 1, Writes: 2},
	{Servers: 1, Writes: 2, Crashes: 2, Restarts: 2, Timeouts: 1},
	{Servers: 2, Writes: 1},
	{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1},
	{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Options: sim.SearchOptions{EveryStage: true}},
	{Servers: 3, Writes: 0, Crashes: 1},
	{Servers: 3, Writes: 1},
	{Servers: 3, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1, MaxDepth: 14},
	{Servers: 3, Writes: 2, Crashes: 1, MaxStates: 10_000},
	{Servers: 4, Writes: 1, Timeouts: 1, MaxDepth: 11},
	{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Grain: plan.GrainThreads},
	{Servers: 3, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1, Grain: plan.GrainThreads, MaxDepth: 16},
	{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.EpochBeforeHistory)},
}

func label(c Config) string {
	return fmt.Sprintf("%d servers, %d writes, %d crashes, %d restarts, %d time-outs, grain %v", c.Servers, c.Writes, c.Crashes, c.Restarts, c.Timeouts, c.Grain)
}

// Goal: the interned, remembered, parallel search visits what a plain one visits.
// Method: the same models in five ways.
func TestCountsAgree(t *testing.T) {
	for _, cfg := range small {
		t.Run(label(cfg), func(t *testing.T) {
			want := Reference(cfg)
			require.Nil(t, want.Violation)
			require.Equal(t, cfg.MaxDepth == 0 && cfg.MaxStates == 0, want.Complete)
			for i := range 4 {
				cfg.Workers, cfg.Memo = 1+i%2, i < 2
				got := Run(cfg)
				require.Equal(t, want.PerDepth, got.PerDepth, "workers %d, memo %v", cfg.Workers, cfg.Memo)
				got.Kinds, got.Work = want.Kinds, want.Work
				require.Equal(t, want, got, "workers %d, memo %v", cfg.Workers, cfg.Memo)
			}
		})
	}
}

// Goal: a tuple's fingerprint, kept up to date by differences, is the one that its
// world has from scratch; and the memo is used. Method: load every state of a model.
func TestSumsAreMaintained(t *testing.T) {
	s := newSearch(Config{Servers: 3, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1, MaxDepth: 12, Memo: true}, 1)
	k := s.workers[0]
	for len(s.level) > 0 && !s.m.spent(&s.result) {
		for _, pack := range s.level {
			for rest := pack; len(rest) > 0; {
				rest = k.load(rest)
				require.Equal(t, name(&k.world, k.p.ghosts.get(k.from.ghost).item.ghost), k.from.sum.Hash())
				require.Equal(t, k.from.conns, k.to.conns)
				require.Equal(t, k.from.queues, k.to.queues)
				k.expand(s.visited, nil)
			}
		}
		s.collect()
	}
	assert.Greater(t, s.result.States, uint64(5000))
	assert.Greater(t, k.work.MoveHits, s.result.Transitions/2)
	assert.Greater(t, k.work.Rechecked, uint64(5))
}

// Goal: the correct protocol breaks nothing, and the search reached what could.
func TestCorrectProtocol(t *testing.T) {
	r := Run(Config{Servers: 2, Writes: 2, Crashes: 2, Restarts: 2, Workers: 2, Memo: true})
	assert.True(t, r.Complete)
	assert.Nil(t, r.Violation)
	assert.Subset(t, r.Seen.Names(), []string{"second-leader", "commit-by-establish", "sync-diff", "sync-trunc", "sync-snap", "crash-of-leader", "crash-with-unsynced-tail"})

	r = Run(Config{Servers: 3, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1, MaxStates: 200_000, Workers: 2, Memo: true})
	assert.False(t, r.Complete)
	assert.Nil(t, r.Violation)
	assert.Subset(t, r.Seen.Names(), []string{"two-leaders-at-once", "crash-of-leader", "sync-snap"})
}

// Goal: a bug that is switched on is found, with a shortest path that does not
// depend on who searched, and the path shows it again.
func TestFindsAckBeforeLog(t *testing.T) {
	cfg := Config{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Memo: true, Bugs: bug.Set{}.With(bug.AckNewLeaderBeforeLog)}
	first := Run(cfg)
	require.NotNil(t, first.Violation)
	assert.Equal(t, "no-ack-before-sync", first.Violation.Check)
	assert.Len(t, first.Path, first.Depth)
	assert.Less(t, first.States, uint64(50_000))
	assert.Equal(t, first.Violation, Replay(cfg, first.Path))

	cfg.Workers = 2
	second := Run(cfg)
	assert.Equal(t, first.Path, second.Path)
	assert.Equal(t, first.States, second.States)
	assert.Nil(t, Replay(cfg, first.Path[:len(first.Path)-1]))
	assert.Equal(t, Reference(Config{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.AckNewLeaderBeforeLog)}).States, first.States)
}

// serving returns the path to a state in which n1 leads n2, what the client asked
// for is done, nothing is left to do but to involve n3, and n3 knows of nothing.
func serving(cfg Config) (path []sim.Choice) {
	w, m := Start(cfg), newModel(cfg)
	next := sim.Choice{Kind: sim.ChoiceElect, Node: 1, Alt: uint8(quorum.Of(2))}
	for next.Kind != sim.ChoiceNone {
		w.Apply(next)
		path = append(path, next)
		next = sim.Choice{}
		for _, c := range w.Enabled(nil, cfg.Options) {
			if c.Kind <= sim.ChoiceClient && !quorum.Set(m.endsOf(c, &tuple{conns: w.Conns})).Has(3) {
				next = c
				break
			}
		}
	}
	return path
}

// Goal: the bug that a follower's crash between epoch file and history loses what
// was committed. From the very start it is some 50 choices away, beyond 21 million
// states at depth 45; from where two servers have committed a write, 24. The correct
// protocol breaks nothing there.
func TestFindsEpochBeforeHistory(t *testing.T) {
	cfg := Config{Servers: 3, Writes: 1, Crashes: 2, Restarts: 2, Workers: 2, Memo: true}
	cfg.Prefix = serving(cfg)
	right := cfg
	right.MaxStates = 100_000
	assert.Nil(t, Run(right).Violation)

	cfg.Bugs = bug.Set{}.With(bug.EpochBeforeHistory)
	r := Run(cfg)
	require.NotNil(t, r.Violation)
	assert.Equal(t, "committed-log-durability", r.Violation.Check)
	assert.Equal(t, r.Violation, Replay(cfg, r.Path))
	assert.Nil(t, Replay(right, r.Path[:4]))
}

// Goal: choices whose footprints do not overlap commute. Method: walk at random
// and apply independent pairs in both orders.
func TestIndependentChoicesCommute(t *testing.T) {
	m := newModel(Config{Servers: 3, Writes: 2, Crashes: 2, Restarts: 2, Timeouts: 2})
	pairs := 0
	for seed := range uint64(40) {
		w, _ := m.start()
		draw := seed * 0x9E3779B97F4A7C15
		for range 120 {
			choices := w.Enabled(nil, sim.SearchOptions{})
			if len(choices) == 0 {
				break
			}
			for i, a := range choices {
				for _, b := range choices[i+1:] {
					if independent(m, w, a, b) {
						pairs++
						require.Equal(t, both(w, a, b), both(w, b, a), "%v and %v", a, b)
					}
				}
			}
			draw = draw*6364136223846793005 + 1442695040888963407
			w.Apply(choices[(draw>>33)%uint64(len(choices))])
		}
	}
	assert.Greater(t, pairs, 2000)
}

// independent tells whether two choices concern different ends, and neither may
// dial: which slot a dial gets is a question to both ends.
func independent(m *model, w *sim.World, a, b sim.Choice) bool {
	t := tuple{conns: w.Conns}
	for _, c := range []sim.Choice{a, b} {
		switch c.Kind {
		case sim.ChoiceDeliver, sim.ChoiceDisk, sim.ChoiceCrash, sim.ChoiceRestart:
		default:
			return false
		}
	}
	return m.endsOf(a, &t)&m.endsOf(b, &t) == 0
}

func both(w *sim.World, a, b sim.Choice) any {
	var c sim.World
	w.CloneInto(&c)
	c.Apply(a)
	c.Apply(b)
	return c.Fingerprint()
}

func TestVisited(t *testing.T) {
	v := newVisited(0)
	n := uint64(len(v.slots)) * fullNum / fullDen
	for i := range n {
		require.True(t, v.insert(word(i))) // word 0 is fingerprint 0
	}
	assert.False(t, v.full(n))
	assert.True(t, v.full(n+1))
	v.grow(n + 1)
	for i := range n {
		require.False(t, v.insert(word(i)))
	}
	assert.True(t, v.insert(word(n)))
}
