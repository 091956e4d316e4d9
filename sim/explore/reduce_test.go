package explore

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
	"zabsim/zab"
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// broken models, with a promise that breaks within reach.
var broken = []Config{
	{Model: Model{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.AckNewLeaderBeforeLog)}},
	{Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.RetainNoFastForward), Grain: plan.GrainThreads}},
	{Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.AckProposalFirst), Grain: plan.GrainThreads}},
	{Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.FastForwardBeforeDrain), Grain: plan.GrainThreads}},
	{Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.TruncByWindow), Grain: plan.GrainThreads}},
	{Model: Model{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Timeouts: 1, Bugs: bug.Set{}.With(bug.KeepPartialSnap)}},
	{Model: Model{Servers: 2, Writes: 1, Crashes: 2, Restarts: 2, Bugs: bug.Set{}.With(bug.EpochFromLastZxid)}},
	{Model: Model{Servers: 3, Writes: 1, Bugs: bug.Set{}.With(bug.LeaderNotInQuorum)}},
}

// Goal: each reduction, off and on: equal verdicts, at equal depth, and equal sets of
// reachable statuses; and sleep sets keep every state and leave out transitions,
// whatever the number of workers. Method: the table of small models and that of
// broken ones.
func TestReductionsAgree(t *testing.T) {
	violated := 0
	for _, cfg := range append(slices.Clone(small), broken...) {
		if cfg.Election != ElectionOracle {
			continue
		}
		t.Run(label(cfg)+", "+bug.Names(cfg.Bugs), func(t *testing.T) {
			cfg.Memo, cfg.Workers = true, 2
			want, statuses := statusesOf(cfg)
			if want.Violation != nil {
				violated++
			}
			for workers := 1; workers <= 2; workers++ {
				if workers == 1 && want.States > 20_000 {
					continue // TestSleepSetsDoNotDependOnWorkers does a large one
				}
				cfg.Workers, cfg.Reduce = workers, ReduceSleep
				got, same := statusesOf(cfg)
				require.Equal(t, want.PerDepth, got.PerDepth)
				assert.Equal(t, want.Complete, got.Complete)
				assert.Equal(t, want.Seen, got.Seen)
				assert.Equal(t, want.Violation, got.Violation)
				assert.Equal(t, want.Path, got.Path)
				if want.Violation == nil { // else the level ends early
					assert.Equal(t, statuses, same)
				}
				assert.LessOrEqual(t, got.Transitions, want.Transitions)
				if workers == 2 {
					t.Logf("%d states, transitions %d without and %d with sleep sets: %v", want.States, want.Transitions, got.Transitions, want.Violation)
				}
			}
			if cfg.MaxDepth > 0 || cfg.MaxStates > 0 {
				return // ample sets reach the same statuses, but not as soon
			}
			if cfg.Reduce = ReduceAmple; cfg.Cuts > 0 {
				assert.ErrorContains(t, cfg.Check(), "reduction ample is wrong where connections are cut")
				return
			}
			got, same := statusesOf(cfg)
			t.Logf("ample sets: %d states, %d transitions: %v", got.States, got.Transitions, got.Violation)
			assert.Equal(t, want.Complete, got.Complete)
			assert.Equal(t, want.Violation, got.Violation)
			assert.LessOrEqual(t, got.States, want.States)
			if want.Violation == nil {
				assert.Equal(t, want.Seen, got.Seen)
				assert.Equal(t, statuses, same)
				return
			}
			assert.Equal(t, got.Violation, Replay(cfg, got.Path))
			assert.GreaterOrEqual(t, got.Depth, want.Depth)
		})
	}
	assert.GreaterOrEqual(t, violated, 6)
}

// statusesOf searches a model and returns what each server could look like.
func statusesOf(cfg Config) (Result, map[fp.Hash]bool) {
	s := newSearch(cfg, cfg.Workers)
	r := s.run()
	seen := map[fp.Hash]bool{}
	for id := uint32(1); id <= uint32(s.parts.servers.len()); id++ {
		seen[s.parts.servers.get(id).item.facts.Word(uint64(s.parts.servers.get(id).item.server.ID()))] = true
	}
	return r, seen
}

// Goal: the transitions that a reduced search makes do not depend on workers.
func TestSleepSetsDoNotDependOnWorkers(t *testing.T) {
	cfg := Config{Model: Model{Servers: 3, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1}, MaxDepth: 14, Memo: true, Reduce: ReduceSleep, Workers: 1}
	one := Run(cfg)
	cfg.Workers = 2
	two := Run(cfg)
	assert.Equal(t, one.Transitions, two.Transitions)
	assert.Equal(t, one.PerDepth, two.PerDepth)
	assert.Greater(t, two.Work.Slept, two.Transitions/15)
}

// Goal: choices that are called independent commute: neither makes the other
// impossible, the states after both are equal, ghost included, and one order breaks
// something if the other does. Method: walk at random through models of all kinds,
// and try all pairs of each state in both orders.
func TestIndependentChoicesCommute(t *testing.T) {
	var pairs [32]int
	visiblePairs := 0
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{Model: Model{Servers: rapid.SampledFrom([]int{3, 4, 2}).Draw(t, "servers"), Writes: 2, Crashes: 2, Restarts: 2, Timeouts: 2,
			Grain: rapid.SampledFrom([]plan.Grain{plan.GrainAtomic, plan.GrainThreads}).Draw(t, "grain")}}
		if b := rapid.IntRange(-1, int(bug.ZxidRollover)).Draw(t, "bug"); b >= 0 {
			cfg.Bugs = cfg.Bugs.With(bug.Switch(b))
		}
		m := newSpace(cfg)
		k := newWorker(m, new(parts), new(packs))
		w, start := m.start()
		first := k.intern(w, &start.Ghost)
		at := m.encode(nil, &first)
		draw := rapid.Uint64().Draw(t, "seed")
		for range 60 {
			k.load(at)
			choices := k.world.Enabled(nil, cfg.Options)
			if len(choices) == 0 {
				return
			}
			acts := make([]act, len(choices))
			after := make([][]uint32, len(choices))
			for i, c := range choices {
				k.try(c)
				acts[i] = k.actOf(c)
				after[i] = m.encode(nil, &k.to)
				k.retract()
			}
			if k.violation != nil {
				return
			}
			k.load(at)
			budget := k.from.budget
			for i := range acts {
				for j := range i {
					if !independent(m, budget, &acts[i], &acts[j]) {
						continue
					}
					pairs[acts[i].choice.Kind]++
					pairs[acts[j].choice.Kind]++
					if acts[i].manner&acts[j].manner&visible != 0 {
						visiblePairs++
					}
					x, broke := follow(t, k, after[i], choices[j], &acts[j])
					y, breaks := follow(t, k, after[j], choices[i], &acts[i])
					require.Equal(t, x, y, "%v and %v", choices[i], choices[j])
					require.Equal(t, broke, breaks, "%v and %v", choices[i], choices[j])
				}
			}
			draw = draw*6364136223846793005 + 1442695040888963407
			at = after[(draw>>33)%uint64(len(choices))]
		}
	})
	for _, kind := range []sim.ChoiceKind{sim.ChoiceDeliver, sim.ChoiceConnect, sim.ChoiceTimer, sim.ChoiceDisk, sim.ChoiceClient, sim.ChoiceCrash, sim.ChoiceRestart, sim.ChoiceElect, sim.ChoiceLane} {
		assert.Greater(t, pairs[kind], 20, "%v", kind)
	}
	assert.Greater(t, visiblePairs, 500)
	t.Logf("by kind: %v", pairs)
}

// follow applies a choice in a state, in which it must be possible and look as it
// did before.
func follow(t require.TestingT, k *worker, at []uint32, c sim.Choice, want *act) (fp.Hash, bool) {
	k.load(at)
	require.Contains(t, k.world.Enabled(nil, sim.SearchOptions{}), c)
	k.try(c)
	require.Equal(t, *want, k.actOf(c))
	broke := k.violation != nil
	k.violation = nil
	h := k.to.sum.Hash()
	k.retract()
	return h, broke
}

// Goal: what a sleep set keeps is what all edges of the level above handed down, and
// nothing from a level above that.
func TestSleepSetsIntersect(t *testing.T) {
	s, v := newSleepers(), newVisited(0, false)
	loudTwo := 2 | uint64(loud)<<mannerShift
	assert.True(t, s.arrive(v, finger{near: 7}, []uint64{1, loudTwo, 3}))
	assert.True(t, s.arrive(v, finger{near: 8}, nil))
	assert.False(t, s.arrive(v, finger{near: 7}, []uint64{3, 2, 4}))
	assert.False(t, s.arrive(v, finger{near: 8}, []uint64{1}))
	assert.True(t, s.arrive(v, finger{near: 9}, []uint64{1}))
	assert.Empty(t, s.of(7), "of the next level")
	s.turn()
	assert.Equal(t, []uint64{loudTwo, 3}, s.of(7))
	assert.Empty(t, s.of(8))
	assert.False(t, s.arrive(v, finger{near: 7}, []uint64{3}))
	assert.Equal(t, []uint64{loudTwo, 3}, s.of(7), "the level under way is done")
	assert.True(t, s.arrive(v, finger{near: 10}, []uint64{5}))
	assert.False(t, s.arrive(v, finger{near: 10}, nil))
	assert.False(t, s.arrive(v, finger{near: 10}, []uint64{5}))
	s.turn()
	assert.Empty(t, s.of(7))
	assert.Empty(t, s.of(10))
	assert.Positive(t, s.peak)
}

// Goal: what makes two choices dependent.
func TestIndependent(t *testing.T) {
	m, rich := &space{}, sim.Budget{Crashes: 2, Restarts: 2, Timeouts: 2}
	disk := act{choice: sim.Choice{Kind: sim.ChoiceDisk, Node: 1}, ends: 1, reach: 1, manner: visible}
	with := func(f func(*act)) act {
		a := act{choice: sim.Choice{Kind: sim.ChoiceCrash, Node: 2}, ends: 2, reach: 2, manner: visible}
		f(&a)
		return a
	}
	for name, c := range map[string]struct {
		other  act
		budget sim.Budget
		want   bool
	}{
		"apart":             {with(func(*act) {}), rich, true},
		"an end in common":  {with(func(a *act) { a.ends = 3 }), rich, false},
		"whoever":           {with(func(a *act) { a.ends, a.manner = 0, alone }), rich, false},
		"loud":              {with(func(a *act) { a.manner |= loud }), rich, false},
		"its leader":        {with(func(a *act) { a.reach = 3 }), rich, false},
		"nothing is judged": {with(func(a *act) { a.reach, a.manner = 3, 0 }), rich, true},
		"other budgets":     {with(func(*act) {}), sim.Budget{Crashes: 1}, true},
		"nothing to pay":    {with(func(a *act) { a.choice.Kind = sim.ChoiceDisk }), sim.Budget{}, true},
	} {
		assert.Equal(t, c.want, independent(m, c.budget, &disk, &c.other), name)
		assert.Equal(t, c.want, independent(m, c.budget, &c.other, &disk), name)
	}
	for _, kind := range []sim.ChoiceKind{sim.ChoiceCrash, sim.ChoiceRestart, sim.ChoiceTimer} {
		a, b := disk, with(func(*act) {})
		a.choice.Kind, b.choice.Kind = kind, kind
		assert.True(t, independent(m, rich, &a, &b), "%v", kind)
		assert.False(t, independent(m, sim.Budget{Crashes: 1, Restarts: 1, Timeouts: 1}, &a, &b), "%v", kind)
	}
	assert.False(t, isLoud(&invariant.Event{Kind: invariant.EvAck, Zxid: zxid.Make(1, 1)}))
	assert.True(t, isLoud(&invariant.Event{Kind: invariant.EvAck, Zxid: zxid.Make(1, 0)}))
	for kind := zab.ProbePropose; kind <= zab.ProbeOverflow; kind++ {
		quiet := slices.Contains([]zab.ProbeKind{zab.ProbeRole, zab.ProbeSelfAck, zab.ProbeReplace, zab.ProbeSnapshot, zab.ProbePurge, zab.ProbeOverflow}, kind)
		assert.Equal(t, !quiet, isLoud(&invariant.Event{Kind: invariant.EvProbe, Probe: zab.Probe{Kind: kind}}))
	}
	assert.Equal(t, fp.Hash(loudEvents), hashEvents([]invariant.Event{{Kind: invariant.EvDisk}, {Kind: invariant.EvReopen}})&loudEvents)
	assert.Equal(t, fp.Hash(0), hashEvents([]invariant.Event{{Kind: invariant.EvDisk}})&loudEvents)
}

// Goal: a choice that is made alone stays possible, and commutes with all that may
// come before it. Method: from states of random walks, walk on without it.
func TestAmpleChoicesWait(t *testing.T) {
	alone, busy := 0, 0
	connected := asking(Config{Model: Model{Servers: 3, Writes: 2}})
	connected = connected[:len(connected)-1]
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{Model: Model{Servers: rapid.SampledFrom([]int{2, 3, 1}).Draw(t, "servers"), Writes: 2, Crashes: 2, Restarts: 2, Timeouts: 2}}
		if cfg.Servers == 3 {
			cfg.Prefix = connected
		}
		m := newSpace(cfg)
		k := newWorker(m, new(parts), new(packs))
		w, start := m.start()
		first := k.intern(w, &start.Ghost)
		at := m.encode(nil, &first)
		pick := rapid.Uint64().Draw(t, "seed")
		draw := func(n int) int {
			pick = pick*6364136223846793005 + 1442695040888963407
			return int((pick >> 33) % uint64(n))
		}
		step := func(at []uint32, c sim.Choice) ([]uint32, act) {
			k.load(at)
			k.try(c)
			a, after := k.actOf(c), m.encode(nil, &k.to)
			k.retract()
			return after, a
		}
		for range 80 {
			k.load(at)
			choices := k.world.Enabled(nil, cfg.Options)
			if len(choices) == 0 {
				return
			}
			one := k.ample(slices.Clone(choices))
			if len(one) < len(choices) {
				alone++
				require.Len(t, one, 1)
				c, later := one[0], at
				for range 6 {
					k.load(later)
					others := slices.DeleteFunc(k.world.Enabled(nil, cfg.Options), func(o sim.Choice) bool { return o == c })
					if len(others) == 0 {
						break
					}
					o := others[draw(len(others))]
					oc, _ := step(later, o)
					oc, a := step(oc, c)
					co, _ := step(later, c)
					require.Zero(t, a.manner)
					k.load(co)
					require.Contains(t, k.world.Enabled(nil, cfg.Options), o, "%v makes %v impossible", c, o)
					co, _ = step(co, o)
					require.Equal(t, co, oc, "%v and %v", c, o)
					later, _ = step(later, o)
					k.load(later)
					require.Contains(t, k.world.Enabled(nil, cfg.Options), c, "%v makes %v impossible", o, c)
				}
			} else if len(choices) > 1 {
				busy++
			}
			at, _ = step(at, choices[draw(len(choices))])
		}
	})
	assert.Greater(t, alone, 200)
	assert.Greater(t, busy, 1000)
}

// asking returns the path on which n1 leads n2, n3 knows of nothing, and the client
// asks for its first write.
func asking(cfg Config) (path []sim.Choice) {
	w, m := Start(cfg), newSpace(cfg)
	next := sim.Choice{Kind: sim.ChoiceElect, Node: 1, Alt: uint8(quorum.Of(2))}
	for {
		w.Apply(next)
		path = append(path, next)
		if next.Kind == sim.ChoiceClient && next.Alt == uint8(sim.ActNext) {
			return path
		}
		for _, next = range w.Enabled(nil, cfg.Options) {
			if !quorum.Set(m.endsOf(next, &tuple{conns: w.Conns})).Has(3) {
				break
			}
		}
	}
}
