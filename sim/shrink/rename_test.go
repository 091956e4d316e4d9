package shrink

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/plan"
)

// head begins the plans of these tests, behind the line of the seed.
const head = `zabsim plan 1
scenario chaos
seed 3
`

// knobLines are the same in all of them.
const knobLines = `for 20s
tickTime 2s
initLimit 10
syncLimit 5
commitLogCount 500
sessionTimeout 10s

`

// named is a plan in which servers, clients and faults are named wherever they can be.
const named = head + `servers 5
observers 5
group 1 1,2
group 2 3,4
weight 3 2
weight 4 7
clients 4
` + knobLines + `program c4 lock root=/c4 rounds=20
op c1#1 wait 1ms set /c2 c2-1
op c2#1 wait 2ms get /n2
op c3#1 wait 3ms set /r0 c3-1
op c3#2 wait 4ms get /r0
fault 1s crash n2 keep=some for 2s
fault 2s cut n1>n4,n2>n3 for 5s
fault 2s cut n4>n3
fault 3s crash leader
fault 4s freeze c2 for 1s
fault 4s freeze any for 1s
fault 5s freeze c4,c2
decide crash@3s target = n4
decide crash n2#1 outcome = keep=1,torn=0,stage=0
decide crash n4#1 outcome = keep=2,torn=0,stage=0
decide cut@2s servers = n1,n4
decide cut@2s/2 servers = n1,n3
decide freeze@4s/2 client = c3
end
`

// TestServersMoveUp: with groups, weights, faults and decisions.
func TestServersMoveUp(t *testing.T) {
	p := read(t, named)
	ops := named[strings.Index(named, "program"):strings.Index(named, "fault 1s")]
	frozen := named[strings.Index(named, "fault 4s freeze c2"):strings.Index(named, "decide")]
	for _, c := range []struct {
		name    string
		n, heir int
		want    string
	}{
		{"nobody takes its place", 2, 0, `servers 4
observers 4
group 1 1
group 2 2,3
weight 2 2
weight 3 7
clients 4
` + knobLines + ops + `fault 2s cut n1>n3 for 5s
fault 2s cut n3>n2
fault 3s crash leader
` + frozen + `decide crash@3s target = n3
decide crash n3#1 outcome = keep=2,torn=0,stage=0
decide cut@2s servers = n1,n3
decide cut@2s/2 servers = n1,n2
decide freeze@4s/2 client = c3
`},
		{"an heir does", 2, 4, `servers 4
observers 4
group 1 1
group 2 2,3
weight 2 2
weight 3 7
clients 4
` + knobLines + ops + `fault 1s crash n4 keep=some for 2s
fault 2s cut n1>n3,n4>n2 for 5s
fault 2s cut n3>n2
fault 3s crash leader
` + frozen + `decide crash@3s target = n3
decide crash n4#1 outcome = keep=1,torn=0,stage=0
decide crash n3#1 outcome = keep=2,torn=0,stage=0
decide cut@2s servers = n1,n3
decide cut@2s/2 servers = n1,n2
decide freeze@4s/2 client = c3
`},
		{"the observer goes", 5, 0, named[len(head):strings.Index(named, "end\n")]},
	} {
		want := c.want
		if c.n == 5 {
			want = strings.Replace(want, "servers 5\nobservers 5\n", "servers 4\n", 1)
		}
		got := withoutServer(p, c.n, c.heir)
		assert.NoError(t, got.Check(), c.name)
		assert.Equal(t, head+want+"end\n", text(t, got), c.name)
		assert.Equal(t, named, text(t, p), "the plan itself stays")
	}
}

// TestClientsMoveUp: what they write and where does not name them.
func TestClientsMoveUp(t *testing.T) {
	p := read(t, named)
	got := withoutClient(p, 2)
	require.NoError(t, got.Check())
	want := strings.NewReplacer(
		"clients 4", "clients 3", "op c2#1 wait 2ms get /n2\n", "", "op c3#", "op c2#", "program c4", "program c3",
		"fault 4s freeze c2 for 1s\n", "", "freeze c4,c2", "freeze c3",
		"freeze@4s/2 client = c3", "freeze@4s client = c2", // it is the first of that time now
	).Replace(named)
	assert.Equal(t, want, text(t, got))
	assert.Equal(t, named, text(t, p), "the plan itself stays")

	none := withoutClients(p)
	require.NoError(t, none.Check())
	assert.Equal(t, Size{Servers: 5, Faults: 5, Decisions: 5, For: p.For}, SizeOf(none))
}

// TestAnIdleClientKeepsItsName, and those behind it theirs.
func TestAnIdleClientKeepsItsName(t *testing.T) {
	p := read(t, named)
	assert.Equal(t, strings.Replace(named, "op c2#1 wait 2ms get /n2\n", "", 1), text(t, idle(p, 2)))
	quiet := idle(p, 4)
	assert.Equal(t, strings.Replace(named, "program c4 lock root=/c4 rounds=20\n", "", 1), text(t, quiet))
	assert.Nil(t, idle(quiet, 4))
}

// TestDecisionsFollowTheirFaults: they are named by time, and by number where two are
// alike.
func TestDecisionsFollowTheirFaults(t *testing.T) {
	p := read(t, named)
	for _, c := range []struct {
		from, to int
		without  []string // lines that go
	}{
		{1, 2, []string{"fault 2s cut n1>n4,n2>n3 for 5s\n", "decide cut@2s servers = n1,n4\n"}},
		{2, 3, []string{"fault 2s cut n4>n3\n", "decide cut@2s/2 servers = n1,n3\n"}},
		{3, 5, []string{"fault 3s crash leader\n", "fault 4s freeze c2 for 1s\n", "decide crash@3s target = n4\n"}},
	} {
		want := named
		for _, line := range c.without {
			require.Contains(t, want, line)
			want = strings.Replace(want, line, "", 1)
		}
		switch c.from {
		case 1:
			want = strings.Replace(want, "cut@2s/2", "cut@2s", 1)
		case 3:
			want = strings.Replace(want, "freeze@4s/2", "freeze@4s", 1)
		}
		assert.Equal(t, want, text(t, withoutFaults(p, c.from, c.to)))
	}
	moved := moved(p, 3, 500_000_000)
	want := strings.NewReplacer("for 20s", "for 19.5s", "fault 3s", "fault 2.5s", "fault 4s", "fault 3.5s", "fault 5s", "fault 4.5s",
		"crash@3s", "crash@2.5s", "freeze@4s/2", "freeze@3.5s/2").Replace(named)
	assert.Equal(t, want, text(t, moved))
}

// TestDroppedOperationsLeaveTheirWait to those behind them, which count anew.
func TestDroppedOperationsLeaveTheirWait(t *testing.T) {
	p := read(t, named)
	got := filterOps(p, func(i int) bool { return p.Ops[i].Value == "" })
	want := strings.NewReplacer("op c1#1 wait 1ms set /c2 c2-1\n", "", "op c3#1 wait 3ms set /r0 c3-1\n", "",
		"op c3#2 wait 4ms", "op c3#1 wait 7ms").Replace(named)
	assert.Equal(t, want, text(t, got))
	require.NoError(t, got.Check())
}

// TestNamesStandAlone: what only looks like a part of one is left as it is.
func TestNamesStandAlone(t *testing.T) {
	to := func(n int) int { return n - 1 }
	for in, want := range map[string]string{
		"n2": "n1", "n2>n3": "n1>n2", "n3-n2 n12#4,n2": "n2-n1 n11#4,n1", "leader": "leader", "keep=some": "keep=some",
		"n": "n", "n0": "n0", "c2": "c2", "an2 n2b n-2": "an2 n2b n-2", "": "",
	} {
		got, whole := rename(in, 'n', to)
		assert.Equal(t, want, got)
		assert.True(t, whole, in)
	}
	_, whole := rename("n3>n1", 'n', to)
	assert.False(t, whole, "n1 is gone")
}

// TestWhatContradictsItselfGoes: with an heir, two faults or decisions may be one.
func TestWhatContradictsItselfGoes(t *testing.T) {
	p := read(t, named)
	s := &shrinker{best: p, o: Options{Check: (*plan.Plan).Check}}
	two := withoutServer(p, 2, 3) // n2 and n4 are n3 now, which has two outcomes
	require.Error(t, two.Check())
	was := slices.Clone(two.Decisions)
	got := s.valid(two)
	require.NoError(t, got.Check())
	assert.Equal(t, was, two.Decisions, "it is not changed")
	require.Len(t, got.Decisions, len(two.Decisions)-1)
	assert.Equal(t, two.Faults, got.Faults)
	assert.Contains(t, text(t, got), "decide crash n3#1 outcome = keep=1,torn=0,stage=0\n")
	assert.Same(t, p, s.valid(p), "nothing to do")
}
