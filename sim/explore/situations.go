package explore

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"zabsim/internal/nearest"
	"zabsim/sim"
	"zabsim/zab/quorum"
)

// Situation is a state of a model in which a search may begin instead of at the
// start: the way there is long, and of no interest. What the way there takes is not
// charged to the model's budgets.
type Situation struct {
	Name string
	Doc  string // what has happened, and what is under way

	servers, writes int // the model must have so many at least
	lead            func(g *guide)
}

// Situations returns the registry, in the order of the alphabet.
func Situations() []Situation { return slices.Clone(situations) }

var situations = []Situation{
	{
		Name: "behind",
		Doc: "As rejoin, but the last server has missed more writes than a leader keeps in memory, " +
			"and its log must be brought up to date from the log of the leader, or by a snapshot.",
		servers: 3, writes: 4, lead: rejoin,
	},
	{
		Name: "deposed",
		Doc: "As leftover, but then the last server led the others in the next epoch, and they have done the last write. " +
			"The first one looks for a leader.",
		servers: 3, writes: 2, lead: deposed,
	},
	{
		Name: "leftover",
		Doc: "All servers followed the first one and have all writes but the last two. The first of these two is in its log and " +
			"nobody else has seen it. It stopped and started again, and all look for a leader.",
		servers: 3, writes: 2, lead: leftover,
	},
	{
		Name: "rejoin",
		Doc: "All servers followed the first one and have the first write. Then the last one stopped and started again: " +
			"it looks for a leader, while the others have done the rest of the writes.",
		servers: 3, writes: 2, lead: rejoin,
	},
	{
		Name:    "serving",
		Doc:     "The first servers, just enough for a quorum, have a leader and have done all writes. The others look for a leader and know nothing.",
		servers: 2, writes: 1, lead: serving,
	},
	{
		Name: "stale",
		Doc: "As deposed, but the last write is not begun: the first server looks for a leader, with a write in its log that " +
			"nobody else has, and the last one leads the others and has proposed nothing.",
		servers: 3, writes: 2, lead: stale,
	},
	{
		Name: "tail",
		Doc: "All servers follow the first one and have all writes but the last. That one is in the log of the second server alone: " +
			"its leader has not written it yet, and nobody has committed it.",
		servers: 2, writes: 1, lead: tail,
	},
}

// Situate returns the choices that lead from the start of m to its situation, none
// if it has none. The error says why there is no way there, or that the model's own
// bugs show on it.
func (m *Model) Situate() ([]sim.Choice, error) {
	if m.Scenario == "" {
		return nil, nil
	}
	i := slices.IndexFunc(situations, func(s Situation) bool { return s.Name == m.Scenario })
	if i < 0 {
		var known []string
		for _, s := range situations {
			known = append(known, s.Name)
		}
		return nil, fmt.Errorf("unknown situation %q%s", m.Scenario, orAll(nearest.Hint(m.Scenario, known), known))
	}
	s := &situations[i]
	switch {
	case m.Election != ElectionOracle:
		return nil, fmt.Errorf("situation %s: its servers are elected by the oracle, not by %v", s.Name, m.Election)
	case m.Servers < s.servers:
		return nil, fmt.Errorf("situation %s needs %d or more servers", s.Name, s.servers)
	case m.Writes < s.writes:
		return nil, fmt.Errorf("situation %s needs %d or more writes", s.Name, s.writes)
	}
	start := *m
	start.Scenario, start.Prefix = "", nil
	g := newGuide(&start)
	if s.lead(g); g.err != nil {
		return nil, fmt.Errorf("situation %s: %w", s.Name, g.err)
	}
	return g.way, nil
}

// guide leads a world to a situation by a fixed policy: of what is wanted it takes
// what Enabled offers first.
type guide struct {
	m     *space
	world *sim.World
	judge *judge
	last  quorum.ServerID // the highest voter
	way   []sim.Choice
	begun int // writes
	err   error
}

func newGuide(m *Model) *guide {
	g := &guide{m: newSpace(Config{Model: *m}), last: quorum.ServerID(m.Servers)}
	w, view := g.m.start()
	g.world, g.judge = w, newJudge(w.Setup().Quorum)
	view.Ghost.CloneInto(&g.judge.View.Ghost)
	w.Budget = sim.Budget{}
	return g
}

// apply applies a choice. After an error nothing is applied.
func (g *guide) apply(c sim.Choice) {
	if g.err != nil {
		return
	}
	g.judge.before(g.world)
	g.world.Apply(c)
	g.judge.after(g.world, c)
	g.world.Budget = sim.Budget{}
	g.way = append(g.way, c)
	if c.Kind == sim.ChoiceClient && sim.ClientAct(c.Alt) == sim.ActNext {
		g.begun++
	}
	if v := g.judge.View.Violations; len(v) > 0 {
		g.err = fmt.Errorf("the bugs of this model break a promise on the way there (%s); a search from the start will find it", &v[0])
	}
}

// offered returns the first choice that the world offers and want takes.
func (g *guide) offered(want func(c sim.Choice) bool) (sim.Choice, bool) {
	list := g.world.Enabled(nil, sim.SearchOptions{})
	i := slices.IndexFunc(list, want)
	if i < 0 {
		return sim.Choice{}, false
	}
	return list[i], true
}

// calm takes what costs nothing and does not elect, until done or nothing is left
// that want takes. Who dials waits until all else is at rest: he has few tries, and
// whom he dials may be busy.
func (g *guide) calm(want func(c sim.Choice) bool, done func() bool) {
	for range stepsMax {
		if g.err != nil || done != nil && done() {
			return
		}
		take := func(c sim.Choice) bool {
			return (c.Kind <= sim.ChoiceClient || c.Kind == sim.ChoiceLane) && (want == nil || want(c))
		}
		c, ok := g.offered(func(c sim.Choice) bool { return c.Kind != sim.ChoiceConnect && c.Kind != sim.ChoiceTimer && take(c) })
		if !ok {
			c, ok = g.offered(take)
		}
		if !ok {
			return
		}
		g.apply(c)
	}
	g.err = errors.New("the servers do not come to rest")
}

// stepsMax bounds a stretch of calm.
const stepsMax = 10_000

// without takes choices that do not concern certain servers.
func (g *guide) without(out quorum.Set) func(c sim.Choice) bool {
	return func(c sim.Choice) bool { return !g.concerns(c, out) }
}

// only takes choices of one server.
func (g *guide) only(id quorum.ServerID) func(c sim.Choice) bool {
	return func(c sim.Choice) bool { return g.m.endsOf(c, &tuple{conns: g.world.Conns}) == uint32(quorum.Of(id)) }
}

func (g *guide) concerns(c sim.Choice, set quorum.Set) bool {
	return g.m.endsOf(c, &tuple{conns: g.world.Conns})&uint32(set) != 0
}

// elect lets the oracle elect.
func (g *guide) elect(leader quorum.ServerID, others quorum.Set) {
	g.take(fmt.Sprintf("n%d can't be elected", leader), func(c sim.Choice) bool {
		return c.Kind == sim.ChoiceElect && c.Node == leader && quorum.Set(c.Alt) == others
	})
}

// crash stops a server, which keeps all that it has written, synced or not.
func (g *guide) crash(id quorum.ServerID) {
	g.world.Budget.Crashes = 1
	keeps := -1
	var best sim.Choice
	for _, c := range g.world.Enabled(nil, sim.SearchOptions{}) {
		if c.Kind == sim.ChoiceCrash && c.Node == id && int(c.Arg) > keeps {
			best, keeps = c, int(c.Arg)
		}
	}
	g.apply(best)
}

// restart starts a server that has stopped.
func (g *guide) restart(id quorum.ServerID) {
	g.world.Budget.Restarts = 1
	g.take(fmt.Sprintf("n%d can't start", id), func(c sim.Choice) bool { return c.Kind == sim.ChoiceRestart && c.Node == id })
}

// timeout fires a timer that is not free: the server waits no longer for its leader.
func (g *guide) timeout(id quorum.ServerID) {
	g.world.Budget.Timeouts = 1
	g.take(fmt.Sprintf("n%d waits for nothing", id), func(c sim.Choice) bool { return c.Kind == sim.ChoiceTimer && c.Node == id })
}

func (g *guide) take(otherwise string, want func(c sim.Choice) bool) {
	if g.err != nil {
		return
	}
	c, ok := g.offered(want)
	if !ok {
		g.err = errors.New(otherwise)
		return
	}
	g.apply(c)
}

// others returns the voters from first to last, without one.
func others(first, last, but quorum.ServerID) (set quorum.Set) {
	for id := first; id <= last; id++ {
		if id != but {
			set = set.With(id)
		}
	}
	return set
}

// proposed tells whether the first server has proposed what the client asked for last.
func (g *guide) proposed(writes int) func() bool {
	return func() bool {
		s := g.world.Servers[1]
		return g.begun == writes && s != nil && int(s.Status().LastProposed.Counter()) >= writes
	}
}

// hold takes what want takes, but begins no more writes than n.
func (g *guide) hold(n int, want func(c sim.Choice) bool) func(c sim.Choice) bool {
	return func(c sim.Choice) bool {
		next := c.Kind == sim.ChoiceClient && sim.ClientAct(c.Alt) == sim.ActNext
		return (!next || g.begun < n) && (want == nil || want(c))
	}
}

func serving(g *guide) {
	most := g.last/2 + 1
	rest := others(most+1, quorum.ServerID(g.m.servers), 0)
	g.elect(1, others(2, most, 0))
	g.calm(g.without(rest), nil)
}

func rejoin(g *guide) {
	g.elect(1, others(2, g.last, 0))
	g.calm(g.hold(1, nil), nil)
	g.crash(g.last)
	g.calm(g.hold(1, nil), nil)
	g.restart(g.last)
	g.calm(g.without(quorum.Of(g.last)), nil)
}

func tail(g *guide) {
	writes := g.m.cfg.Writes
	g.elect(1, others(2, g.last, 0))
	g.calm(g.hold(writes-1, nil), nil)
	g.calm(nil, g.proposed(writes))
	g.calm(g.only(2), nil)
}

// leftover leaves at least one write for what comes after it.
func leftover(g *guide) {
	before := max(g.m.cfg.Writes-2, 0)
	g.elect(1, others(2, g.last, 0))
	g.calm(g.hold(before, nil), nil)
	g.calm(nil, g.proposed(before+1))
	g.calm(g.only(1), nil)
	for id := quorum.ServerID(2); id <= g.last; id++ {
		g.timeout(id)
	}
	g.crash(1)
	g.restart(1)
	g.calm(g.hold(before+1, nil), nil)
}

func stale(g *guide) {
	leftover(g)
	g.elect(g.last, others(2, g.last-1, 0))
	g.calm(g.hold(g.begun, g.without(quorum.Of(1))), nil)
}

func deposed(g *guide) {
	stale(g)
	g.calm(g.without(quorum.Of(1)), nil)
}

// orAll lists what there is where no name is near.
func orAll(hint string, known []string) string {
	if hint != "" {
		return hint
	}
	return "; there are " + strings.Join(known, ", ")
}
