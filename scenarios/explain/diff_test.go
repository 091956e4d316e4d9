package explain

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab/bug"
	"zabsim/zab/host"
)

func diffText(t *testing.T, d *Difference) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, d.Write(&b, "a.txt", "b.txt"))
	return b.String()
}

func diffed(t *testing.T, a, b *plan.Plan) *Difference {
	t.Helper()
	d, err := Diff(a, b, DiffOptions{})
	require.NoError(t, err)
	return d
}

func short(t *testing.T) *plan.Plan {
	p, _ := recorded(t, "leader-crash", 1, scenarios.Options{Servers: 3, Clients: 1, For: 10 * host.Second})
	return p
}

func TestDiffEqual(t *testing.T) {
	p := short(t)
	d := diffed(t, p, p)
	assert.True(t, d.Equal)
	assert.True(t, d.SamePlan())
	assert.Equal(t, [2]uint64{p.Expect.Events, p.Expect.Events}, d.Events)
	assert.Contains(t, diffText(t, d), "The runs are equal: ")

	bare := *p // what it expects and what it has decided changes nothing
	bare.Expect, bare.Decisions = plan.Expect{}, nil
	d = diffed(t, p, &bare)
	assert.True(t, d.Equal)
	assert.Contains(t, diffText(t, d), "  only A: decide crash@2.5s target n3\n")
}

// TestDiffParts: one operation that comes later is found at the event that it makes.
func TestDiffParts(t *testing.T) {
	p := short(t)
	other := *p
	other.Ops = append([]plan.Op(nil), p.Ops...)
	other.Ops[4].Wait += host.Second
	d := diffed(t, p, &other)
	require.False(t, d.Equal)
	assert.Equal(t, []string{"op c1#5"}, []string{d.Plans[0].What})
	assert.Len(t, d.Plans, 1)
	assert.Len(t, d.Before, contextLines)
	assert.Regexp(t, `#\d+ +c1 +next `, d.A)
	assert.NotEqual(t, d.A, d.B)
	assert.Empty(t, d.States, "an operation that has not arrived changes no server")
	assert.Contains(t, diffText(t, d), "\nA "+d.A+"\nB "+d.B+"\n")
}

// TestDiffOfBugs: a switch shows in what an event does, not in the event.
func TestDiffOfBugs(t *testing.T) {
	p, _ := recorded(t, "chaos", 34, little(bug.CommitAfterNewLeader))
	fixed := *p
	fixed.Bugs = bug.Set{}
	d := diffed(t, p, &fixed)
	require.False(t, d.Equal)
	assert.Equal(t, d.A, d.B, diffText(t, d))
	assert.Contains(t, diffText(t, d), "The two events read the same, but what they did differs.")
	require.NotEmpty(t, d.States)
	assert.Equal(t, "n2", d.States[0].Server)
	for _, s := range d.States {
		assert.NotEqual(t, s.A, s.B)
	}
}

// TestDiffOfEnsembles: what only one of them has is shown, too.
func TestDiffOfEnsembles(t *testing.T) {
	p := short(t)
	q, _ := recorded(t, "leader-crash", 1, scenarios.Options{Servers: 5, Clients: 1, For: 10 * host.Second})
	out := diffText(t, diffed(t, p, q))
	assert.Contains(t, out, "  servers: A 3, B 5\n")
	assert.Contains(t, out, "The runs part at event 2\n")
	assert.Regexp(t, `\n  n4 +up +- +(true|false)\n`, out)
	assert.NotRegexp(t, ` +- +-\n`, out, "what is equal is left out")
}

// TestHiddenDifference: plans that say the same and runs that do not: the fingerprint
// tells although no event does.
func TestHiddenDifference(t *testing.T) {
	a := &happening{event: trace.Event{ID: 7}, fingerprint: 1}
	b := &happening{event: trace.Event{ID: 7}, fingerprint: 2}
	assert.True(t, a.reads(b))
	b.facts[2][0], b.changed = "true", 2
	assert.False(t, a.reads(b))
	out := diffText(t, &Difference{Hidden: 7, Plans: []PlanDiff{{What: "seed", A: "1", B: "2"}}})
	assert.Contains(t, out, "the fingerprints do, from #7 on")
}

func TestPlansDiffer(t *testing.T) {
	p := short(t)
	q := *p
	q.Faults = append([]plan.Fault{{At: host.Second, For: host.Second, Name: "restart", Args: []string{"n2"}}}, p.Faults...)
	q.TickTime, q.Unsafe = 3*host.Second, true
	q.Ops = q.Ops[:10]
	diffs, more, err := diffPlans(p, &q)
	require.NoError(t, err)
	assert.Contains(t, diffs, PlanDiff{What: "tickTime", A: "2s", B: "3s"})
	assert.Contains(t, diffs, PlanDiff{What: "unsafe", B: "yes"})
	assert.Contains(t, diffs, PlanDiff{What: "fault 1s restart n2 for 1s", B: "yes"})
	assert.Equal(t, len(p.Ops)-10-shownOf("op"), more)
	diffs, more, err = diffPlans(p, p)
	assert.Empty(t, diffs)
	assert.Zero(t, more)
	assert.NoError(t, err)
	q.Faults[0].At = host.Second * 9
	_, err = Diff(p, &q, DiffOptions{})
	assert.Error(t, err, "faults that are not in the order of time")
}
