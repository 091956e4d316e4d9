package scenarios

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/internal/fp"
	"zabsim/linearizability/history"
	"zabsim/scenarios/spec"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// rulers collects who was ever LEADING.
type rulers struct{ set quorum.Set }

func (r *rulers) Event(_ *trace.Event, _ fp.Hash, deltas []trace.Delta) {
	for _, d := range deltas {
		if d.Key == "state" && d.Value == `"LEADING"` {
			r.set = r.set.With(quorum.ServerID(d.Node))
		}
	}
}

// TestWithoutWeightNobodyLeads: the server that weighs nothing has the highest id,
// so that it would win the first election, and observers would, too; neither leads.
func TestWithoutWeightNobodyLeads(t *testing.T) {
	for _, name := range []string{"weights", "observers"} {
		s, err := Lookup(name)
		require.NoError(t, err)
		for seed := uint64(1); seed <= 5; seed++ {
			var led rulers
			p := s.Plan(seed, Options{})
			Execute(p, Settings{Sink: &led})
			assert.NotZero(t, led.set)
			for rest := led.set; rest != 0; rest = rest.Without(rest.First()) {
				assert.NotZero(t, p.Quorum.Weight(rest.First()), "%s, seed %d: %s led", name, seed, rest.First())
			}
		}
	}
}

// okBetween counts the writes that were asked for and acknowledged in a time.
func okBetween(out *Outcome, from, until host.Duration) int {
	n := 0
	for i := range out.Run.History.Ops {
		op := &out.Run.History.Ops[i]
		if op.Kind == history.Set && op.Outcome == history.Ok && int64(op.Invoke) >= int64(from) && int64(op.Ended) <= int64(until) {
			n++
		}
	}
	return n
}

// TestFewerThanHalfDecide: while the first group of weights is down, two servers
// serve, of five or of eight; by a majority they could not.
func TestFewerThanHalfDecide(t *testing.T) {
	s, _ := Lookup("weights")
	for _, servers := range []int{5, 7, 8} {
		p := s.Plan(1, Options{Servers: servers})
		var down quorum.Set
		for id := quorum.ServerID(1); int(id) <= servers; id++ {
			if p.Quorum.Group[id] == 1 {
				down = down.With(id)
			}
		}
		heavy := 0
		for rest := p.Quorum.Voters &^ down; rest != 0; rest = rest.Without(rest.First()) {
			if p.Quorum.Weight(rest.First()) > 0 {
				heavy++
			}
		}
		assert.Equal(t, 2, heavy)
		assert.True(t, p.Quorum.Contains(p.Quorum.Voters&^down))
		assert.Greater(t, okBetween(Execute(p, Settings{}), 17*host.Second, 27*host.Second), 100, "%d servers", servers)
		p.Quorum = *quorum.Majority(servers)
		if servers > 5 { // the server without weight counts in a majority, too
			assert.Zero(t, okBetween(Execute(p, Settings{}), 17*host.Second, 27*host.Second), "%d servers", servers)
		}
	}
}

// TestTheMinorityCommitsNothing: who is cut off asks in vain, and the majority's
// clients are served all the time but for a fail-over.
func TestTheMinorityCommitsNothing(t *testing.T) {
	s, _ := Lookup("minority-partition")
	for _, servers := range []int{3, 5, 7} {
		out := Execute(s.Plan(1, Options{Servers: servers}), Settings{})
		require.Equal(t, Passed, out.Verdict)
		assert.Greater(t, okBetween(out, 10*host.Second, 28*host.Second), 50, "%d servers, without the low minority", servers)
		assert.Greater(t, okBetween(out, 53*host.Second, 60*host.Second), 20, "%d servers, without the high minority", servers)
		lost := 0
		for i := range out.Run.History.Ops {
			if op := &out.Run.History.Ops[i]; op.Outcome == history.Unknown && int64(op.Invoke) < int64(28*host.Second) {
				lost++
			}
		}
		assert.NotZero(t, lost, "%d servers: nobody asked the minority for a write", servers)
	}
}

// TestMinoritiesAreMinimal: the others are a quorum, and without one more of them
// they are not.
func TestMinoritiesAreMinimal(t *testing.T) {
	for servers := 1; servers <= quorum.Max; servers++ {
		weights, err := Lookup("weights")
		require.NoError(t, err)
		grouped := weights.Plan(1, Options{Servers: servers}).Quorum
		for _, q := range []*quorum.Config{quorum.Majority(servers), &grouped} {
			if !q.Contains(q.Voters) {
				assert.Equal(t, 1, servers, "with a weight for one server only, somebody must decide")
				continue
			}
			for _, highest := range []bool{false, true} {
				rest := q.Voters &^ spec.Minority(q, highest)
				assert.True(t, q.Contains(rest))
				for more := rest; more != 0; more = more.Without(more.First()) {
					if q.Weight(more.First()) > 0 {
						assert.False(t, q.Contains(rest.Without(more.First())))
					}
				}
			}
		}
	}
	assert.Equal(t, quorum.Of(1, 2), spec.Minority(quorum.Majority(5), false))
	assert.Equal(t, quorum.Of(4, 5), spec.Minority(quorum.Majority(5), true))
}

// TestObserversComeLast: whoever chooses how many observe, it is the last servers,
// and they have no group and no weight.
func TestObserversComeLast(t *testing.T) {
	steady, _ := Lookup("steady")
	watched, _ := Lookup("observers")
	weighed, _ := Lookup("weights")
	five := quorum.Range(5)
	for _, c := range []struct {
		s    *Scenario
		o    Options
		want quorum.Set
	}{
		{steady, Options{}, 0}, {steady, Options{Observers: 2}, quorum.Of(4, 5)}, {watched, Options{}, quorum.Of(4, 5)},
		{watched, Options{Observers: NoObservers}, 0}, {watched, Options{Observers: 1}, quorum.Of(5)},
		{weighed, Options{Observers: 1}, quorum.Of(5)}, {watched, Options{Quorum: quorum.Majority(5)}, 0},
	} {
		q := c.s.Plan(1, c.o).Quorum
		assert.Equal(t, c.want, q.Observers)
		assert.Equal(t, five&^c.want, q.Voters)
	}
	assert.NoError(t, weighed.Plan(1, Options{Observers: 1}).Check())
	assert.Error(t, steady.Plan(1, Options{Observers: 5}).Check(), "nobody is left to vote")
}

// TestChaosDrawsTheEnsemble: some seeds add observers to the voters that were asked
// for, some snapshot every few transactions, and what the caller sets stays.
func TestChaosDrawsTheEnsemble(t *testing.T) {
	s, _ := Lookup("chaos")
	var observed, snapped, purged, slow, factors int
	const seeds = 300
	for seed := uint64(1); seed <= seeds; seed++ {
		p := s.Plan(seed, Options{Voters: 3, Grain: plan.GrainThreads})
		require.NoError(t, p.Check())
		assert.Equal(t, quorum.Range(3), p.Quorum.Voters)
		observed += min(p.Quorum.Observers.Len(), 1)
		assert.LessOrEqual(t, p.Quorum.Observers.Len(), 2)
		if p.SnapCount > 0 {
			assert.True(t, p.SnapCount >= 3 && p.SnapCount <= 20)
			snapped++
		}
		purged += p.SnapRetain / 3
		slow += min(p.ThreadSlow, 1)
		if p.SnapshotSizeFactor != 0 {
			factors++
		}
		atomic := s.Plan(seed, Options{Voters: 3})
		assert.Zero(t, atomic.ThreadSlow, "nothing waits for a turn")
		assert.Equal(t, p.Faults, atomic.Faults, "the grain moves no draw")

		o := Options{Servers: 4, SnapCount: 7, SnapRetain: 5, SnapshotSizeFactor: plan.FactorOff, ThreadSlow: 9, NetSlow: 2, DiskSlow: 3}
		p = s.Plan(seed, o)
		assert.Equal(t, *quorum.Majority(4), p.Quorum)
		assert.Equal(t, [6]int{7, 5, plan.FactorOff, 9, 2, 3}, [6]int{p.SnapCount, p.SnapRetain, p.SnapshotSizeFactor, p.ThreadSlow, p.NetSlow, p.DiskSlow})
	}
	for name, n := range map[string]int{"observers": observed, "snapCount": snapped, "snapRetain": purged, "threadSlow": slow, "factor": factors} {
		assert.True(t, n > seeds/5 && n < seeds*4/5, "%s in %d of %d seeds", name, n, seeds)
	}
}

// TestALullKeepsTheLoadInStep: in a lull each client starts one write, in the second
// after its burst, and before and after it none is later than it would be.
func TestALullKeepsTheLoadInStep(t *testing.T) {
	s, _ := Lookup("deposed-leader")
	for _, length := range []host.Duration{s.For, 2 * s.For} {
		p := s.Plan(3, Options{For: length})
		for c := 1; c <= p.Clients; c++ {
			var at host.Duration
			in := make([]int, len(s.Lulls))
			for i := range p.Ops {
				if p.Ops[i].Client != c {
					continue
				}
				at += p.Ops[i].Wait
				for k, l := range s.Lulls {
					times := length / s.For
					from, burst, until := l.From*times, l.Burst*times, l.Until*times
					if at < from || at >= until {
						continue
					}
					in[k]++
					assert.True(t, at >= burst && at <= burst+host.Second+host.Millisecond, "client %d starts something at %s", c, plan.FormatDuration(at))
					assert.Equal(t, plan.OpSet, p.Ops[i].Kind)
				}
			}
			for _, n := range in {
				assert.Equal(t, 1, n, "client %d", c)
			}
		}
	}
}
