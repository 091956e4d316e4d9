package election

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

const runs = 150

func (w *network) randomVote() Vote {
	e := zxid.Epoch(w.rnd.below(3))
	return Vote{Zxid: zxid.Make(e, uint32(w.rnd.below(3))), PeerEpoch: e + zxid.Epoch(w.rnd.below(2))}
}

func ensembles(f func(q *quorum.Config, seed uint64)) {
	for _, n := range []int{1, 2, 3, 5} {
		for seed := range uint64(runs) {
			f(quorum.Majority(n), seed)
		}
	}
}

// Goal: in a patient network one election is enough and the best vote wins,
// whatever the order of deliveries, dials and lanes. With different rounds it
// may lose: who finalizes in a low round does not listen, see
// TestFinalizeSwallowsAHigherRound. All agree nevertheless.
func TestBestVoteWinsWhenNobodyHurries(t *testing.T) {
	ensembles(func(q *quorum.Config, seed uint64) {
		w := newNetwork(t, q, seed)
		w.patient = true
		var best Vote
		for id := quorum.ServerID(1); int(id) <= q.Voters.Len(); id++ {
			if seed%2 == 1 {
				w.nodes[id].round = Round(w.rnd.below(4))
			}
			w.start(id, w.randomVote())
			if Better(&w.nodes[id].cfg, w.nodes[id].own, best) {
				best = w.nodes[id].own
			}
		}
		leader := w.settle(20 * host.Second)
		if seed%2 == 0 {
			require.Equal(t, best.Leader, leader, "%d servers, seed %d", q.Voters.Len(), seed)
		}
	})
}

// Goal: with delays longer than the finalize wait elections go wrong, yet when
// the network becomes quick all agree. Connections break meanwhile.
func TestAllAgreeOnceTheNetworkIsQuick(t *testing.T) {
	ensembles(func(q *quorum.Config, seed uint64) {
		w := newNetwork(t, q, seed)
		w.delay = 800 * host.Millisecond
		n := q.Voters.Len()
		for id := quorum.ServerID(1); int(id) <= n; id++ {
			w.start(id, w.randomVote())
		}
		for range 6 {
			w.runFor(2 * host.Second)
			w.sever(quorum.ServerID(1+w.rnd.below(n)), quorum.ServerID(1+w.rnd.below(n)))
		}
		w.delay = 20 * host.Millisecond
		w.settle(300 * host.Second)
	})
}

// Goal: crashes, restarts and cut links; after healing all agree.
func TestAllAgreeAfterCrashesAndCuts(t *testing.T) {
	for seed := range uint64(runs) {
		w := newNetwork(t, quorum.Majority(5), seed)
		for id := quorum.ServerID(1); id <= 5; id++ {
			w.start(id, w.randomVote())
		}
		for range 8 {
			w.runFor(host.Duration(w.rnd.below(4000)) * host.Millisecond)
			a, b := quorum.ServerID(1+w.rnd.below(5)), quorum.ServerID(1+w.rnd.below(5))
			switch {
			case w.rnd.below(2) == 0 && a != b:
				w.cut[a][b], w.cut[b][a] = true, true
				w.sever(a, b)
			case w.nodes[a].on:
				w.crash(a)
			default:
				w.start(a, w.randomVote())
			}
		}
		w.cut = [quorum.Slots][quorum.Slots]bool{}
		for id := quorum.ServerID(1); id <= 5; id++ {
			if !w.nodes[id].on {
				w.start(id, w.randomVote())
			}
		}
		w.settle(600 * host.Second)
	}
}

// Goal: a server that starts late joins, however good its own vote is, and an
// observer ends OBSERVING.
func TestLateComersJoinASettledEnsemble(t *testing.T) {
	q := &quorum.Config{Voters: quorum.Range(5), Observers: quorum.Of(6)}
	for seed := range uint64(runs) {
		w := newNetwork(t, q, seed)
		for _, id := range []quorum.ServerID{1, 2, 4} {
			w.nodes[id].round = Round(w.rnd.below(4))
			w.start(id, w.randomVote())
		}
		leader := w.settle(60 * host.Second)
		w.runFor(10 * host.Second) // they establish an epoch
		for _, late := range []quorum.ServerID{5, 6, 3} {
			w.start(late, Vote{Zxid: zxid.Make(8, 8), PeerEpoch: 8})
			require.Equal(t, leader, w.settle(60*host.Second))
			w.runFor(4 * host.Second)
		}
		require.Equal(t, Observing, w.nodes[6].State())
		require.Equal(t, Following, w.nodes[3].State())
	}
}

// Goal: a settled pair whose only connection breaks reconnects once one of the
// two looks again.
func TestBrokenConnectionIsReplacedWhenNeeded(t *testing.T) {
	for _, looker := range []quorum.ServerID{1, 2} {
		w := newNetwork(t, quorum.Majority(2), 1)
		w.start(1, Vote{})
		w.start(2, Vote{})
		require.Equal(t, quorum.ServerID(2), w.settle(20*host.Second))
		w.sever(1, 2)
		w.runFor(100 * host.Millisecond)
		require.Zero(t, w.nodes[1].links.up|w.nodes[2].links.up)
		w.look(looker)
		w.runFor(500 * host.Millisecond)
		require.NotZero(t, w.nodes[1].links.up)
		require.NotZero(t, w.nodes[2].links.up)
		w.settle(60 * host.Second)
	}
}

func drawVote(t *rapid.T, name string) Vote {
	return Vote{
		Leader:    quorum.ServerID(rapid.IntRange(1, 3).Draw(t, name+".leader")),
		Zxid:      zxid.Zxid(rapid.IntRange(0, 2).Draw(t, name+".zxid")),
		PeerEpoch: zxid.Epoch(rapid.IntRange(0, 2).Draw(t, name+".epoch")),
	}
}

// Goal: the vote order is a strict total order, over all triples of small votes.
func TestVoteOrderIsStrictAndTotal(t *testing.T) {
	cfg := DefaultConfig(1, quorum.Majority(3))
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawVote(t, "a"), drawVote(t, "b"), drawVote(t, "c")
		require.False(t, Better(&cfg, a, a))
		if a != b {
			require.NotEqual(t, Better(&cfg, a, b), Better(&cfg, b, a))
		}
		if Better(&cfg, a, b) && Better(&cfg, b, c) {
			require.True(t, Better(&cfg, a, c))
		}
	})
}

// Red check: with the switch of ZOOKEEPER-1419 the same order has a cycle.
func TestFlatVoteOrderIsCyclic(t *testing.T) {
	cfg := DefaultConfig(1, quorum.Majority(3))
	cfg.Bugs = cfg.Bugs.With(bug.FlatVoteOrder)
	a, b := vote(1, 1, 5, 2, 0), vote(3, 1, 5, 1, 0)
	require.True(t, Better(&cfg, a, b), "higher epoch")
	require.True(t, Better(&cfg, b, a), "equal zxid, larger sid")
	cfg.Bugs = bug.Set{}
	require.True(t, Better(&cfg, a, b))
	require.False(t, Better(&cfg, b, a))
}

// Red check: on that cycle the electorate may run forever or disagree; the
// correct order elects n1 from the same votes.
func TestFlatVoteOrderKeepsElectionsFromSettling(t *testing.T) {
	storm := func(bugs bug.Set) int {
		w := newNetwork(t, quorum.Majority(3), 5)
		w.patient = true
		for id := quorum.ServerID(1); id <= 3; id++ {
			w.nodes[id].cfg.Bugs = bugs
		}
		w.start(1, vote(1, 1, 5, 2, 0))
		w.start(2, vote(2, 1, 5, 1, 0))
		w.start(3, vote(3, 1, 5, 1, 0))
		for w.steps < 3_000 {
			if _, ok := w.agreed(); ok || !w.step() {
				break
			}
		}
		return w.steps
	}
	require.Less(t, storm(bug.Set{}), 500)
	require.Equal(t, 3_000, storm(bug.Set{}.With(bug.FlatVoteOrder)))
}

func TestWeightlessServerNeverWins(t *testing.T) {
	q := &quorum.Config{Voters: quorum.Range(3), Grouped: true}
	q.Group = [quorum.Slots]uint8{0, 1, 1, 1}
	q.Weights = [quorum.Slots]uint32{0, 1, 1, 0}
	cfg := DefaultConfig(1, q)
	require.False(t, Better(&cfg, vote(3, 9, 9, 9, 0), vote(1, 0, 0, 0, 0)))
	require.True(t, Better(&cfg, vote(2, 0, 0, 0, 0), vote(1, 0, 0, 0, 0)))
	require.True(t, Better(&cfg, vote(1, 0, 0, 0, 0), Vote{}), "the minimum vote loses against all")
}
