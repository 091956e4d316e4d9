package scenarios

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/faults"
	"zabsim/internal/keyed"
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// TestAnySmallPlanKeepsEveryPromise draws small plans over 1 to 7 servers: few
// coarse draws (how many of what, when), so that a failure shrinks to a plan that
// a person can read. Plans that nothing happens in are allowed to be vacuous.
func TestAnySmallPlanKeepsEveryPromise(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := drawPlan(rt)
		require.NoError(rt, p.Check())
		for i := range p.Faults {
			require.NoError(rt, faults.Vocabulary{}.CheckFault(p, &p.Faults[i]))
		}
		out := Execute(p, Settings{})
		if out.Verdict != Passed && out.Verdict != Vacuous {
			rt.Fatalf("%s", explainOutcome(p.Seed, out))
		}
	})
}

func drawPlan(rt *rapid.T) *plan.Plan {
	n := rapid.IntRange(1, 7).Draw(rt, "servers")
	p := &plan.Plan{
		Scenario: "drawn", Seed: uint64(rapid.IntRange(1, 1_000_000).Draw(rt, "seed")), Quorum: drawQuorum(rt, n),
		Clients: rapid.IntRange(0, 3).Draw(rt, "clients"), For: 4 * host.Second,
		TickTime: 200 * host.Millisecond, InitLimit: 5, SyncLimit: 2, SessionTimeout: 2 * host.Second,
		CommitLogCount: rapid.SampledFrom([]int{1, 2, 500}).Draw(rt, "commitLogCount"),
		Grain:          plan.Grain(rapid.IntRange(0, 1).Draw(rt, "grain")),
		SnapCount:      rapid.SampledFrom([]int{0, 3, 10}).Draw(rt, "snapCount"),
		NotifyMax:      host.Second, DiskSlow: rapid.SampledFrom([]int{0, 20}).Draw(rt, "diskSlow"),
	}
	for c := 1; c <= p.Clients; c++ {
		for k := 1; k <= 30; k++ {
			op := plan.Op{Client: c, Number: k, Wait: 50 * host.Millisecond, Kind: plan.OpKind(1 + (c+k)%4), Key: fmt.Sprintf("/r%d", k%2)}
			if op.Kind.Writes() {
				op.Value = fmt.Sprintf("c%d-%d", c, k)
			}
			p.Ops = append(p.Ops, op)
		}
	}
	at := host.Duration(0)
	for range rapid.IntRange(0, 6).Draw(rt, "faults") {
		at += host.Duration(rapid.IntRange(1, 12).Draw(rt, "gap")) * 100 * host.Millisecond
		if at >= p.For {
			break
		}
		p.Faults = append(p.Faults, drawFault(rt, p, at))
		last := len(p.Faults) - 1
		if (faults.Vocabulary{}).CheckFault(p, &p.Faults[last]) != nil { // no link, unsafe, or down already
			p.Faults = p.Faults[:last]
		}
	}
	return p
}

func drawFault(rt *rapid.T, p *plan.Plan, at host.Duration) plan.Fault {
	f := plan.Fault{At: at, For: host.Duration(rapid.IntRange(1, 20).Draw(rt, "length")) * 100 * host.Millisecond}
	f.Name = rapid.SampledFrom(faults.Vocabulary{}.FaultNames()).Draw(rt, "fault")
	how := uint64(rapid.IntRange(1, 1000).Draw(rt, "how"))
	f.Args = faults.Args(p, f.Name, keyed.New(how).Stream("property").Key(1))
	for _, k := range faults.All() {
		if k.Name == f.Name && k.Instant {
			f.For = 0
		}
	}
	return f
}

// drawQuorum draws plain majorities and, for larger ensembles, groups with
// weights, one of them perhaps without any.
func drawQuorum(rt *rapid.T, n int) quorum.Config {
	q := *quorum.Majority(n)
	if n < 3 || !rapid.Bool().Draw(rt, "grouped") {
		return q
	}
	q.Grouped = true
	groups := rapid.IntRange(1, 3).Draw(rt, "groups")
	for id := 1; id <= n; id++ {
		q.Group[id] = uint8(1 + id%groups)
		q.Weights[id] = 1
	}
	q.Weights[n] = uint32(rapid.IntRange(0, 2).Draw(rt, "weight"))
	return q
}
