package faults_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/faults"
	"zabsim/internal/fp"
	"zabsim/scenarios"
	"zabsim/sim"
	"zabsim/sim/client"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// frost is a sink that finds events of clients that are frozen, and keeps when they
// freeze and thaw, when c1 hangs up, and when servers last heard c1.
type frost struct {
	frozen  map[trace.Node]bool
	freezes int
	broken  []trace.Event
	turns   []string // of c1: "freeze 2s"
	hangups int
	heard   host.Time    // when a server heard c1 last
	last    host.Time    // and when before it thawed
	servers []trace.Node // that c1 was connected to, in order
	opened  []host.Time  // and when
	dialed  host.Time    // when c1 dialed first
}

func newFrost() *frost { return &frost{frozen: map[trace.Node]bool{}} }

func (s *frost) Event(e *trace.Event, _ fp.Hash, _ []trace.Delta) {
	who := e.Node
	if name, ok := strings.CutPrefix(e.Detail, "client from "); ok && e.Verb == "connect" {
		name, _, _ = strings.Cut(name, " ")
		who, _ = trace.ParseNode(name) // the server's event, and the client's too
		if who == trace.ClientNode(1) {
			s.servers, s.opened = append(s.servers, e.Node), append(s.opened, e.At)
		}
	}
	if e.Verb == "recv" && strings.Contains(e.Detail, "<c1 ") {
		s.heard = e.At
	}
	if e.Verb == "dial" && e.Node == trace.ClientNode(1) && s.dialed == 0 {
		s.dialed = e.At
	}
	switch e.Verb {
	case "freeze", "thaw":
		s.frozen[e.Node] = e.Verb == "freeze"
		if e.Verb == "freeze" {
			s.freezes++
		}
		if e.Node == trace.ClientNode(1) {
			s.last = s.heard
			s.turns = append(s.turns, e.Verb+" "+plan.FormatDuration(host.Duration(e.At)))
		}
	case "hangup": // the network's doing
		s.hangups++
	default:
		if s.frozen[who] {
			s.broken = append(s.broken, *e)
		}
	}
}

// TestNothingHappensToAFrozenClient: no operation, timer, delivery or dial, also when
// its server hangs or dies, or its connection breaks, meanwhile.
func TestNothingHappensToAFrozenClient(t *testing.T) {
	freezes, hangups := 0, 0
	for seed := uint64(1); seed <= 20; seed++ {
		p := basePlan(t, seed)
		p.Grain, p.SessionTimeout = plan.Grain(seed%2), 800*host.Millisecond
		for i := range host.Duration(60) {
			f := plan.Fault{At: 2*host.Second + i*133*host.Millisecond, For: 250 * host.Millisecond, Name: "freeze", Args: []string{"any-client"}}
			switch i % 8 {
			case 2:
				f.For = 1500 * host.Millisecond // its session expires
			case 4:
				f.Name, f.For, f.Args = "hangup", 0, []string{"c1"}
			case 5:
				f.Name, f.Args = "pause", []string{"any"}
			case 7:
				f.Name, f.Args = "crash", []string{"any"}
			}
			p.Faults = append(p.Faults, f)
		}
		s := newFrost()
		out := scenarios.Execute(p, scenarios.Settings{Sink: s})
		require.Equal(t, scenarios.Passed, out.Verdict, "seed %d: %+v", seed, out.Broken)
		assert.Empty(t, s.broken, "seed %d", seed)
		freezes, hangups = freezes+s.freezes, hangups+s.hangups
	}
	assert.GreaterOrEqual(t, freezes, 400)
	assert.GreaterOrEqual(t, hangups, 60)
}

// TestAClientThawsWithTheLastOfItsFreezes: or with the second act, which ends all of
// them.
func TestAClientThawsWithTheLastOfItsFreezes(t *testing.T) {
	p := basePlan(t, 1)
	p.Faults = []plan.Fault{
		{At: 2 * host.Second, For: 2 * host.Second, Name: "freeze", Args: []string{"c1"}},
		{At: 3 * host.Second, For: 2 * host.Second, Name: "freeze", Args: []string{"c1"}},
		{At: 8 * host.Second, Name: "freeze", Args: []string{"c1"}},
		{At: 9 * host.Second, For: host.Second, Name: "freeze", Args: []string{"c1"}},
	}
	s := newFrost()
	out := scenarios.Execute(p, scenarios.Settings{Sink: s})
	require.Equal(t, scenarios.Passed, out.Verdict)
	assert.Equal(t, []string{"freeze 2s", "thaw 5s", "freeze 8s", "thaw 12s"}, s.turns)
	assert.Empty(t, out.Run.Ails())
}

// TestDrawnClientsAreDecisions: whom any-client hits is in the plan of the run, which
// gives the run again, also without the faults before it.
func TestDrawnClientsAreDecisions(t *testing.T) {
	hit := map[string]bool{}
	for seed := uint64(1); seed <= 10; seed++ {
		p := basePlan(t, seed)
		p.Faults = []plan.Fault{
			{At: 100 * host.Millisecond, Name: "hangup", Args: []string{"any-client"}}, // nobody is connected
			{At: 3 * host.Second, For: host.Second, Name: "freeze", Args: []string{"any-client"}},
			{At: 5 * host.Second, Name: "hangup", Args: []string{"any-client"}},
		}
		first := scenarios.Execute(p, scenarios.Settings{})
		list := first.Run.Intervals()
		require.Len(t, list, 3)
		assert.Equal(t, []plan.Decision{{Key: "hangup@100ms client", Value: "none"},
			{Key: "freeze@3s client", Value: list[1].Target}, {Key: "hangup@5s client", Value: list[2].Target}}, first.Run.Decided()[:3])
		assert.Regexp(t, "^c[1-5]$", list[1].Target)
		hit[list[2].Target] = true

		p.Decisions = first.Run.Decided()
		again := scenarios.Execute(p, scenarios.Settings{})
		assert.Equal(t, first.Run.Fingerprint(), again.Run.Fingerprint())
		assert.Empty(t, again.Run.Unused())

		p.Decisions, p.Faults = nil, p.Faults[2:]
		assert.Equal(t, list[2].Target, scenarios.Execute(p, scenarios.Settings{}).Run.Intervals()[0].Target)

		p.Decisions = []plan.Decision{{Key: "hangup@5s client", Value: "c4"}}
		assert.Equal(t, "c4", scenarios.Execute(p, scenarios.Settings{}).Run.Intervals()[0].Target)
	}
	assert.Greater(t, len(hit), 2, "always the same clients")
}

// owner makes an ephemeral node, sleeps, and says in what state its session is, and
// whether it is the same.
var owner = &client.Program{Name: "owner", Run: func(c client.Client) {
	for {
		if _, err := c.Create("/lock", "", client.Ephemeral); err == nil {
			break
		}
	}
	id := c.Session().ID
	c.Note("made", "")
	c.Sleep(3 * time.Second)
	c.Note("awake", "")
	_, _, err := c.Get("/lock")
	if err != nil {
		_, _, err = c.Get("/lock") // the first may be lost with the connection
	}
	if err == nil && c.Session().ID == id {
		c.Note("mine", "")
	} else if c.Session().State == client.Expired {
		c.Note("expired", "")
	}
}}

// guard says when the ephemeral node is gone.
var guard = &client.Program{Name: "guard", Run: func(c client.Client) {
	seen := false
	for c.Now() < 11*time.Second {
		there, _, err := c.Exists("/lock")
		if err == nil && seen && !there {
			c.Note("gone", "")
			return
		}
		seen = seen || there && err == nil
		c.Sleep(10 * time.Millisecond)
	}
}}

// owned runs owner and guard with faults; c1 is the owner.
func owned(t *testing.T, seed uint64, list ...plan.Fault) (map[string]host.Time, *frost, *sim.Runner) {
	p := &plan.Plan{
		Scenario: "clients", Seed: seed, Quorum: *quorum.Majority(3), Clients: 2, For: 12 * host.Second, Grain: plan.Grain(seed % 2),
		TickTime: 200 * host.Millisecond, InitLimit: 10, SyncLimit: 5, CommitLogCount: 500, SessionTimeout: 2 * host.Second,
		Faults: list,
	}
	s := newFrost()
	r := sim.NewRunner(p, sim.Config{Kinds: faults.All(), Sink: s, Recipes: []*client.Program{nil, owner, guard}})
	r.Run()
	require.NoError(t, r.RecipeErr())
	require.Empty(t, r.View.Violations)
	said := map[string]host.Time{}
	for _, n := range r.Notes {
		said[n.Word] = n.At
	}
	require.Contains(t, said, "made")
	return said, s, r
}

// TestASleepEndsWhenItsClientThaws: an alarm of a recipe is late, and not by more.
func TestASleepEndsWhenItsClientThaws(t *testing.T) {
	for seed := uint64(1); seed <= 10; seed++ {
		plain, _, _ := owned(t, seed)
		woken := plain["awake"]
		thaw := woken.Add(300 * host.Millisecond)
		f := plan.Fault{At: (host.Duration(woken) - 300*host.Millisecond).Round(host.Millisecond), For: 600 * host.Millisecond, Name: "freeze", Args: []string{"c1"}}
		late, _, _ := owned(t, seed, f)
		assert.Equal(t, plain["made"], late["made"])
		assert.InDelta(t, int64(thaw), int64(late["awake"]), float64(3*host.Millisecond), "seed %d", seed)
		assert.Contains(t, late, "mine", "seed %d", seed)
	}
}

// TestAFrozenClientLosesItsSessionInTime: its ephemeral node goes when the servers
// have heard nothing for the time-out, not before, and not at all if the client
// goes on early enough.
func TestAFrozenClientLosesItsSessionInTime(t *testing.T) {
	for seed := uint64(1); seed <= 10; seed++ {
		f := plan.Fault{At: 2500 * host.Millisecond, For: 600 * host.Millisecond, Name: "freeze", Args: []string{"c1"}}
		said, s, _ := owned(t, seed, f)
		assert.NotContains(t, said, "gone", "seed %d", seed)
		assert.Contains(t, said, "mine", "seed %d", seed)
		assert.Equal(t, []string{"freeze 2.5s", "thaw 3.1s"}, s.turns)

		f.For = 6 * host.Second
		said, s, r := owned(t, seed, f)
		require.Contains(t, said, "gone", "seed %d", seed)
		assert.Contains(t, said, "expired", "seed %d", seed)
		assert.NotContains(t, said, "mine", "seed %d", seed)
		assert.Greater(t, said["gone"], s.last.Add(2*host.Second), "seed %d", seed)
		assert.Less(t, said["gone"], s.last.Add(2500*host.Millisecond), "seed %d", seed)
		assert.Empty(t, r.Ails())
		assert.Empty(t, s.broken)
	}
}

// TestAHangupMovesTheSession: to another server, with all that it owns.
func TestAHangupMovesTheSession(t *testing.T) {
	for seed := uint64(1); seed <= 10; seed++ {
		f := plan.Fault{At: 3 * host.Second, Name: "hangup", Args: []string{"c1"}}
		said, s, _ := owned(t, seed, f)
		assert.Contains(t, said, "mine", "seed %d", seed)
		assert.NotContains(t, said, "gone", "seed %d", seed)
		assert.Equal(t, 1, s.hangups)
		n := len(s.servers)
		require.GreaterOrEqual(t, n, 2, "seed %d", seed)
		assert.NotEqual(t, s.servers[n-2], s.servers[n-1], "seed %d", seed)
	}
}

// TestAHangupWithoutAConnectionIsNothing: the run is the same.
func TestAHangupWithoutAConnectionIsNothing(t *testing.T) {
	_, _, plain := owned(t, 1)
	_, s, r := owned(t, 1, plan.Fault{At: 10 * host.Millisecond, Name: "hangup", Args: []string{"c1"}})
	assert.Zero(t, s.hangups)
	assert.Equal(t, plain.Fingerprint(), r.Fingerprint())
	again := plan.Fault{At: 3 * host.Second, Name: "hangup", Args: []string{"c1"}}
	_, s, _ = owned(t, 1, again, again) // broken already
	assert.Equal(t, 1, s.hangups)
}

// TestADialOfAFrozenClientIsAnsweredWhenItGoesOn: soon, and not before.
func TestADialOfAFrozenClientIsAnsweredWhenItGoesOn(t *testing.T) {
	late := 0
	for seed := uint64(1); seed <= 10; seed++ {
		_, plain, _ := owned(t, seed)
		f := plan.Fault{At: host.Duration(plain.dialed) + 1, For: 100 * host.Millisecond, Name: "freeze", Args: []string{"c1"}}
		_, s, _ := owned(t, seed, f)
		assert.Empty(t, s.broken, "seed %d", seed)
		if host.Duration(s.opened[0]) < f.At+f.For+2*host.Millisecond { // the others were refused: nobody served
			late++
			assert.Greater(t, s.opened[0], host.Time(f.At+f.For), "seed %d", seed)
		}
	}
	assert.Positive(t, late)
}
