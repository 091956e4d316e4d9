package explore

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/zxid"
)

// small models that Reference can do, too. They differ in what they reach: SNAP,
// TRUNC, deposed leaders, torn connections.
var small = []Config{
	{Model: Model{Servers: 1, Writes: 2}},
	{Model: Model{Servers: 1, Writes: 2, Crashes: 2, Restarts: 2, Timeouts: 1}},
	{Model: Model{Servers: 2, Writes: 1}},
	{Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1}, MaxDepth: 26},
	{Model: Model{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Options: sim.SearchOptions{EveryStage: true}}},
	{Model: Model{Servers: 3, Writes: 0, Crashes: 1}},
	{Model: Model{Servers: 3, Writes: 1}},
	{Model: Model{Servers: 3, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1}, MaxDepth: 12},
	{Model: Model{Servers: 3, Writes: 2, Crashes: 1}, MaxStates: 10_000},
	{Model: Model{Servers: 4, Writes: 1, Timeouts: 1}, MaxDepth: 11},
	{Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Grain: plan.GrainThreads}},
	{Model: Model{Servers: 3, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1, Grain: plan.GrainThreads}, MaxDepth: 14},
	{Model: Model{Servers: 1, Writes: 2, Reboots: 2}},
	{Model: Model{Servers: 2, Election: ElectionOnly, Rounds: 1}},
	{Model: Model{Servers: 2, Election: ElectionOnly, Crashes: 1, Restarts: 1, Rounds: 1}, MaxDepth: 12},
	{Model: Model{Servers: 3, Election: ElectionOnly, Reboots: 1, Rounds: 1}, MaxDepth: 9},
	{Model: Model{Servers: 2, Writes: 1, Election: ElectionFLE, Reboots: 1}, MaxDepth: 12},
	{Model: Model{Servers: 2, Writes: 1, Reboots: 1, Timeouts: 1}, MaxDepth: 26},
	{Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Reboots: 1}, MaxDepth: 20},
	{Model: Model{Servers: 3, Writes: 1, Reboots: 2}, MaxDepth: 11},
	{Model: Model{Servers: 3, Writes: 1, Reboots: 1, Grain: plan.GrainThreads}, MaxDepth: 15},
	{Model: Model{Servers: 2, Writes: 1, Cuts: 1}},
	{Model: Model{Servers: 2, Writes: 1, Reboots: 1, Cuts: 2}, MaxDepth: 16},
	{Model: Model{Servers: 3, Writes: 1, Timeouts: 1, Cuts: 2}, MaxDepth: 11},
	{Model: Model{Servers: 3, Writes: 1, Cuts: 1, Grain: plan.GrainThreads}, MaxDepth: 15},
	{Model: Model{Servers: 2, Writes: 1, Znodes: true, Reboots: 1}},
	{Model: Model{Servers: 3, Writes: 1, Znodes: true, Crashes: 1, Restarts: 1, Grain: plan.GrainThreads}, MaxDepth: 14},
	{Model: Model{Servers: 1, Observers: 1, Writes: 1, Crashes: 1, Restarts: 1}},
	{Model: Model{Servers: 2, Observers: 1, Writes: 1, Reboots: 1, Timeouts: 1}, MaxDepth: 13},
	{Model: Model{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.EpochBeforeHistory)}},
}

func label(c Config) string {
	return fmt.Sprintf("%d servers, %d observers, tree %v, %d writes, %d crashes, %d restarts, %d reboots, %d cuts, %d time-outs, grain %v",
		c.Servers, c.Observers, c.Znodes, c.Writes, c.Crashes, c.Restarts, c.Reboots, c.Cuts, c.Timeouts, c.Grain)
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
				cfg.Workers, cfg.Memo, cfg.Wide = 1+i%2, i < 2, i == 1
				got := Run(cfg)
				require.Equal(t, want.PerDepth, got.PerDepth, "workers %d, memo %v", cfg.Workers, cfg.Memo)
				got.Kinds, got.Work, got.Wide = want.Kinds, want.Work, false
				require.Equal(t, want, got, "workers %d, memo %v", cfg.Workers, cfg.Memo)
			}
		})
	}
}

// Goal: a tuple's fingerprint, kept up to date by differences, is the one that its
// world has from scratch; and the memo is used. Method: load every state of a model.
func TestSumsAreMaintained(t *testing.T) {
	s := newSearch(Config{Model: Model{Servers: 3, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1}, MaxDepth: 12, Memo: true}, 1)
	k := s.workers[0]
	defer s.close()
	for len(s.level) > 0 && s.m.spent(&s.result) == EndComplete {
		for _, pack := range s.level {
			for rest := pack; len(rest) > 0; {
				rest = k.load(rest)
				require.Equal(t, name(&k.world, k.p.ghosts.get(k.from.ghost).item.ghost), k.from.sum.Hash())
				require.Equal(t, k.from.conns, k.to.conns)
				require.Equal(t, k.from.queues, k.to.queues)
				k.expand(s.visited, nil)
			}
		}
		s.gather()
		s.endLevel()
	}
	assert.Greater(t, s.result.States, uint64(5000))
	assert.Greater(t, k.work.MoveHits, s.result.Transitions/2)
	assert.Greater(t, k.work.Rechecked, uint64(5))
}

// Goal: the correct protocol breaks nothing, and the search reached what could.
func TestCorrectProtocol(t *testing.T) {
	r := Run(Config{Model: Model{Servers: 2, Writes: 2, Crashes: 2, Restarts: 2}, Workers: 2, Memo: true})
	assert.True(t, r.Complete)
	assert.Nil(t, r.Violation)
	assert.Subset(t, r.Seen.Names(), []string{"second-leader", "commit-by-establish", "sync-diff", "sync-trunc", "sync-snap", "crash-of-leader", "crash-with-unsynced-tail"})

	r = Run(Config{Model: Model{Servers: 3, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1}, MaxStates: 200_000, Workers: 2, Memo: true})
	assert.False(t, r.Complete)
	assert.Nil(t, r.Violation)
	assert.Subset(t, r.Seen.Names(), []string{"two-leaders-at-once", "crash-of-leader", "sync-snap"})
}

// Goal: a bug that is switched on is found, with a shortest path that does not
// depend on who searched, and the path shows it again.
func TestFindsAckBeforeLog(t *testing.T) {
	cfg := Config{Model: Model{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.AckNewLeaderBeforeLog)}, Memo: true}
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
	assert.Equal(t, Reference(Config{Model: Model{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.AckNewLeaderBeforeLog)}}).States, first.States)
}

// Goal: the bug that a follower's crash between epoch file and history loses what
// was committed. From the very start it is some 50 choices away, beyond 21 million
// states at depth 45; from where two servers have committed a write, 24. The correct
// protocol breaks nothing there.
func TestFindsEpochBeforeHistory(t *testing.T) {
	cfg := Config{Model: Model{Servers: 3, Writes: 1, Crashes: 2, Restarts: 2}, Workers: 2, Memo: true}
	cfg.Scenario = "serving"
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

// Goal: with real elections, too, a search comes to its end: rounds do not grow without
// need. Method: they did, by dials that a leader refuses while it still decides.
func TestRealElectionsComeToAnEnd(t *testing.T) {
	m := Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Election: ElectionFLE}
	r := Run(Config{Model: m, MaxStates: 50_000, Memo: true, Workers: 2})
	assert.True(t, r.Complete)
	assert.Nil(t, r.Violation)
	assert.Equal(t, uint64(6941), r.States)
	assert.Contains(t, r.Seen.Names(), "second-leader")
}

// Goal: ZOOKEEPER-1419 shows in elections alone, if one server has taken part in an
// epoch of which the others know nothing. With the right order all schedules are fine.
func TestFindsTheFlatVoteOrder(t *testing.T) {
	z := zxid.Make(1, 1)
	m := Model{Servers: 3, Election: ElectionOnly, Disks: []sim.FirstDisk{{Epoch: 2, Last: z}, {Epoch: 1, Last: z}, {Epoch: 1, Last: z}}}
	r := Run(Config{Model: m, Memo: true, Workers: 2})
	assert.True(t, r.Complete)
	assert.Nil(t, r.Violation)
	m.Bugs = m.Bugs.With(bug.FlatVoteOrder)
	r = Run(Config{Model: m, Memo: true, Workers: 2})
	if assert.NotNil(t, r.Violation) {
		assert.Equal(t, "vote-rises", r.Violation.Check)
	}
}
