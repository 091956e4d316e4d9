package shrink

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// drawPlan draws a plan whose faults have names of their own, and whose operations
// values of their own, so that a rule can ask for one.
func drawPlan(t *rapid.T) *plan.Plan {
	p := read(t, large)
	p.Programs, p.Ops, p.Faults, p.Decisions = nil, nil, nil, nil
	n := rapid.IntRange(1, 5).Draw(t, "voters")
	p.Quorum = *quorum.Majority(n)
	if rapid.Bool().Draw(t, "observer") {
		p.Quorum.Observers = quorum.Of(quorum.ServerID(n + 1))
	}
	all := p.Quorum.All().Len()
	p.Clients = rapid.IntRange(0, 3).Draw(t, "clients")
	wait := rapid.Map(rapid.IntRange(0, 9_000), func(n int) host.Duration { return host.Duration(n) * host.Millisecond })
	for c := 1; c <= p.Clients; c++ {
		for i := range rapid.IntRange(0, 4).Draw(t, "ops") {
			p.Ops = append(p.Ops, plan.Op{Client: c, Number: i + 1, Wait: wait.Draw(t, "wait"), Kind: plan.OpSet, Key: "/r0",
				Value: fmt.Sprintf("v%d-%d", c, i)})
		}
	}
	server := rapid.Map(rapid.IntRange(1, all), func(n int) string { return fmt.Sprintf("n%d", n) })
	at := host.Duration(0)
	for i := range rapid.IntRange(0, 6).Draw(t, "faults") {
		at += wait.Draw(t, "gap")
		target := rapid.OneOf(server, rapid.Just("leader")).Draw(t, "target")
		f := plan.Fault{At: at, For: wait.Draw(t, "for"), Name: fmt.Sprintf("f%d", i), Args: []string{target}}
		p.Faults = append(p.Faults, f)
		if target == "leader" {
			p.Decisions = append(p.Decisions, plan.Decision{Key: faultKeys(p)[i] + " target", Value: server.Draw(t, "decided")})
		}
	}
	p.For = at + wait.Draw(t, "end")
	return p
}

// some draws a part of a list.
func some(t *rapid.T, list []string, label string) []string {
	part := []string{}
	for _, x := range list {
		if rapid.IntRange(0, 3).Draw(t, label) == 0 {
			part = append(part, x)
		}
	}
	return part
}

func faultNames(p *plan.Plan) []string {
	list := []string{}
	for _, f := range p.Faults {
		list = append(list, f.Name)
	}
	return list
}

func values(p *plan.Plan) []string {
	list := []string{}
	for _, o := range p.Ops {
		list = append(list, o.Value)
	}
	return list
}

// TestOneMinimal: whatever the failure needs, that is what is left, and no more.
func TestOneMinimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t)
		faults, ops := some(t, faultNames(p), "needed fault"), some(t, values(p), "needed op")
		servers := rapid.IntRange(1, p.Quorum.All().Len()).Draw(t, "needed servers")
		clients := 0 // those that have an operation that is needed
		for c := 1; c <= p.Clients; c++ {
			if slices.ContainsFunc(p.Ops, func(o plan.Op) bool { return o.Client == c && slices.Contains(ops, o.Value) }) {
				clients++
			}
		}
		contains := func(list, part []string) bool {
			return !slices.ContainsFunc(part, func(x string) bool { return !slices.Contains(list, x) })
		}
		_, o := start(t, p, onlyIf(func(p *plan.Plan) bool {
			return contains(faultNames(p), faults) && contains(values(p), ops) && p.Quorum.All().Len() >= servers
		}))
		o.Seeds = rapid.IntRange(0, 1).Draw(t, "seeds")
		rep := Shrink(context.Background(), p, o)
		require.False(t, rep.Exhausted)
		assert.Equal(t, faults, faultNames(rep.Plan))
		assert.Equal(t, ops, values(rep.Plan))
		assert.Equal(t, servers, rep.After.Servers)
		assert.Equal(t, clients, rep.After.Clients)
		for _, line := range rep.Kept {
			assert.Contains(t, line, "does not fail without ")
		}
	})
}
