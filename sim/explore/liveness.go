package explore

import (
	"fmt"
	"slices"
	"strings"

	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// ProgressPossible is the name of the promise that Config.Liveness judges.
//
// From each state in which a quorum of voters is up, steps without faults lead to
// one where every client has got what it wants and some leader serves. Which steps
// are taken is up to a kind scheduler: it is enough that progress is possible.
//
// What is free of faults: all that is not paid from the budget. A retry is free, so
// that servers may go round in loops; what counts is that a loop can be left. So the
// graph of these steps is cut into strongly connected components. A component that
// no step leaves is the end of all schedules that get there. No commit is part of
// one, as the ghost has more after it. The end is good if a leader serves and no
// client wants anything more.
//
// A server that is down does not have to come back: a restart is no step here, as a
// quorum must do without. A component in which no quorum is up is excused.
//
// Time-outs. One who waits for somebody that is gone goes on by a time-out, and some
// of the promise rests on them: a leader whose voters died waits for initLimit. So
// where steps end badly, time-outs may fire, any that run and as often as needed, paid
// or not, a client's too, and steps go on from there. Only where no such way leads to
// a good state the promise is broken. But a time-out is no excuse for those who are
// together: a quorum that follows one leader past discovery, each with an open
// connection to it, with all clients that want something connected to one of them or
// to nobody. There everybody is healthy and hears everybody, and who waits, waits for
// what nobody will send (ZOOKEEPER-4685). In discovery it does happen: a follower
// that has promised an epoch, and comes back to the same leader, does not promise it
// again and is not counted, so that the leader has to give up (protocol.md 4.2).
//
// In a search for elections alone the end is good if a quorum has decided for one
// leader.
const ProgressPossible = "progress-possible"

// liveMax bounds the states of a graph: each is kept with its tuple.
const liveMax = 2_000_000

// graph is the part of a model that needs no fault, and how each state was found.
type graph struct {
	m     *space
	p     parts
	packs packs
	k     *worker
	index *ledger // of a state, from 0
	words []uint32
	nodes []node
	model int // nodes of the model itself; those behind them were reached by unpaid time-outs

	escapes uint32   // searches for one
	heirs   []uint32 // found by the last expansion
	steps   digraph
	limit   int

	result Result
}

type node struct {
	at     int // of its tuple
	parent uint32
	choice sim.Choice
	depth  int32

	// Of the search for an escape.
	search uint32 // the last that came here
	via    uint32
	saved  bool // something fine can be reached
}

// Stuck judges progress from where a path in a model ends, and returns the violation if
// there is no way on from there; nil if there is one, or too much to be judged.
func Stuck(m Model, list []sim.Choice) *invariant.Violation {
	m.Prefix = append(slices.Clone(m.Prefix), list...)
	if r := live(Config{Model: m, Liveness: true, Memo: true}); len(r.Path) == 0 {
		return r.Violation
	}
	return nil
}

// live searches the whole model and judges progress.
func live(cfg Config) Result { return newGraph(cfg).judge(false) }

func newGraph(cfg Config) *graph {
	g := &graph{m: newSpace(cfg), index: newLedger(), limit: liveMax}
	if cfg.MaxStates > 0 {
		g.limit = int(min(cfg.MaxStates, liveMax))
	}
	g.k = newWorker(g.m, &g.p, &g.packs)
	return g
}

// judge explores and then looks for ends. With patient set, broken promises of
// safety do not end it.
func (g *graph) judge(patient bool) Result {
	r := &g.result
	g.explore(patient)
	if g.full() {
		r.Liveness = fmt.Sprintf("not judged: more than %d states", g.limit)
	} else if g.m.cfg.stopped() {
		r.Liveness = "not judged: stopped"
	} else if r.Violation == nil {
		r.Complete = true
		r.Liveness = "judged"
		g.ends()
	}
	r.account(&g.p, g.k)
	g.k.close()
	r.Work.Bytes += g.index.bytes() + uint64(4*cap(g.words)+40*cap(g.nodes)+4*cap(g.steps.head)+8*cap(g.steps.to))
	return *r
}

func (g *graph) full() bool { return len(g.nodes) > g.limit }

// explore visits the model in the order of levels, all choices, and keeps the edges
// that need no fault.
func (g *graph) explore(patient bool) {
	w, start := g.m.start()
	t := g.k.intern(w, &start.Ghost)
	g.index.at(t.sum.Hash())
	g.add(&t, node{})
	r := &g.result
	for i := 0; i < len(g.nodes) && !g.full() && !g.m.cfg.stopped(); i++ {
		depth := g.nodes[i].depth
		if g.expand(uint32(i), false, patient) {
			r.Violation, r.Path = g.k.violation, append(g.path(uint32(i)), g.k.choices[0])
			break
		}
		r.Depth = int(depth) + 1
	}
	g.model = len(g.nodes)
	r.States, r.Transitions, r.Seen = uint64(g.model), g.k.moves, g.k.view.Seen
	r.PerDepth = make([]uint64, g.nodes[g.model-1].depth+1)
	for i := range g.nodes {
		r.PerDepth[g.nodes[i].depth]++
	}
}

// add enters a state.
func (g *graph) add(t *tuple, n node) {
	n.at = len(g.words)
	g.words = g.m.encode(g.words, t)
	g.nodes = append(g.nodes, n)
	g.steps.node()
}

// expand makes the choices of a state: all, or only those without faults. If one
// breaks a promise, it is left as the only one in the worker's choices.
func (g *graph) expand(i uint32, stepsOnly, patient bool) (violated bool) {
	k := g.k
	g.load(i)
	k.choices = k.world.Enabled(k.choices[:0], g.m.cfg.Options)
	for j, c := range k.choices {
		step := !k.world.Spends(c)
		if stepsOnly && !step {
			continue
		}
		k.try(c)
		if k.violation != nil && !patient {
			k.choices = k.choices[j : j+1]
			return true
		}
		k.violation = nil
		g.found(i, c, step)
		k.retract()
	}
	return false
}

// found enters the successor, if it is new, and the edge to it.
func (g *graph) found(i uint32, c sim.Choice, step bool) {
	val, fresh := g.index.at(g.k.to.sum.Hash())
	if fresh {
		*val = uint32(len(g.nodes))
		g.add(&g.k.to, node{parent: i, choice: c, depth: g.nodes[i].depth + 1})
	}
	if g.model > 0 {
		g.heirs = append(g.heirs, *val)
	} else if step {
		g.steps.edge(i, *val)
	}
}

// ends looks for bad ends, and for those that a time-out excuses, looks for a way on.
func (g *graph) ends() {
	of, bad := g.badEnds()
	for v := range uint32(g.model) {
		if !bad[of[v]] {
			continue
		}
		g.load(v)
		switch {
		case g.together():
			g.report(v, of, "though they are together")
			return
		case g.nodes[v].saved || g.escape(v):
		case g.full():
			g.result.Complete = false
			g.result.Liveness = fmt.Sprintf("not judged: more than %d states with those behind time-outs", g.limit)
			return
		default:
			g.report(v, of, "whatever times out")
			return
		}
	}
}

// escape looks for a way from a bad end to a state that is fine, with as few unpaid
// time-outs as may be, and else depth first. What is on the way is saved for the
// next who comes by.
func (g *graph) escape(v uint32) bool {
	g.escapes++
	g.nodes[v].search = g.escapes
	now, later := []uint32{v}, []uint32(nil)
	for len(now) > 0 && !g.full() {
		u := now[len(now)-1]
		now = now[:len(now)-1]
		g.load(u)
		if u != v && (g.nodes[u].saved || g.fine()) {
			for ; u != v; u = g.nodes[u].via {
				g.nodes[u].saved = true
			}
			g.nodes[v].saved = true
			return true
		}
		g.expand(u, true, true)
		now = g.inherit(now, u)
		if later = append(later, u); len(now) > 0 {
			continue
		}
		for _, u := range later {
			g.fire(u)
			now = g.inherit(now, u)
		}
		later = later[:0]
	}
	return false
}

// inherit adds what was found from u, the first of it last, to those who are next.
func (g *graph) inherit(next []uint32, u uint32) []uint32 {
	for i := len(g.heirs) - 1; i >= 0; i-- {
		if n := &g.nodes[g.heirs[i]]; n.search != g.escapes {
			n.search, n.via = g.escapes, u
			next = append(next, g.heirs[i])
		}
	}
	g.heirs = g.heirs[:0]
	return next
}

// badEnds returns the component of each state, and which of them are bad ends.
func (g *graph) badEnds() (of []int32, bad []bool) {
	of, bad = g.steps.components()
	for v := range uint32(len(of)) {
		if bad[of[v]] {
			g.load(v)
			bad[of[v]] = !g.fine()
		}
	}
	return of, bad
}

func (g *graph) load(v uint32) { g.k.load(g.words[g.nodes[v].at:]) }

// fine tells whether an end in the state that is loaded is good, or excused.
func (g *graph) fine() bool {
	k := g.k
	var up quorum.Set
	leads := false
	for id := 1; id <= g.m.servers; id++ {
		if st := k.statusOf(id); st != nil {
			up = up.With(quorum.ServerID(id))
			leads = leads || st.Leader == quorum.ServerID(id) && !st.Stopping && (st.Serving || g.m.cfg.Election == ElectionOnly && g.elected(st.Leader))
		}
	}
	return !g.m.setup.Quorum.Contains(up) || leads && len(k.wanting()) == 0
}

// elected tells whether a quorum has decided for a leader.
func (g *graph) elected(leader quorum.ServerID) bool {
	var set quorum.Set
	for id := 1; id <= g.m.servers; id++ {
		if st := g.k.statusOf(id); st != nil && st.Leader == leader && !st.Stopping {
			set = set.With(quorum.ServerID(id))
		}
	}
	return g.m.setup.Quorum.Contains(set)
}

// statusOf returns the status of a server of the state that is loaded, nil if it is
// down.
func (k *worker) statusOf(id int) *zab.Status {
	if n := k.from.servers[id]; n != 0 {
		return &k.p.servers.get(n).item.status
	}
	return nil
}

// wanting returns the clients that have not got all they want.
func (k *worker) wanting() (list []*sim.Client) {
	for i := 1; i <= k.m.clients; i++ {
		if c := k.world.Clients[i]; !c.Done() {
			list = append(list, c)
		}
	}
	return list
}

// together tells whether a quorum hears everybody: see ProgressPossible.
func (g *graph) together() bool {
	k := g.k
	for id := 1; id <= g.m.servers; id++ {
		self := quorum.ServerID(id)
		if st := k.statusOf(id); st == nil || st.Leader != self || st.Phase < zab.PhaseSynchronization || st.Stopping {
			continue
		}
		set := quorum.Of(self)
		for _, slot := range k.used {
			c := &k.from.conns[slot]
			if c.State != sim.ConnOpen || !c.AOpen || !c.BOpen || c.Plane != zab.PlaneQuorum || c.B.Server() != self {
				continue
			}
			from := c.A.Server()
			if st := k.statusOf(int(from)); st != nil && st.Leader == self && !st.Stopping {
				set = set.With(from)
			}
		}
		near := func(c *sim.Client) bool { return c.Server() == 0 || set.Has(c.Server()) }
		clients := k.wanting()
		if g.m.setup.Quorum.Contains(set) && !slices.ContainsFunc(clients, func(c *sim.Client) bool { return !near(c) }) {
			return true
		}
	}
	return false
}

// fire lets each time-out of a state fire, without a price.
func (g *graph) fire(v uint32) {
	k := g.k
	g.load(v)
	k.grant()
	k.choices = k.world.Enabled(k.choices[:0], g.m.cfg.Options)
	k.choices = slices.DeleteFunc(k.choices, func(c sim.Choice) bool { return c.Kind != sim.ChoiceTimer || !k.world.Spends(c) })
	timers := len(k.choices)
	for i := 1; i <= g.m.clients; i++ {
		for _, act := range [...]sim.ClientAct{sim.ActRead, sim.ActConnect} {
			k.choices = append(k.choices, sim.Choice{Kind: sim.ChoiceClient, Alt: uint8(act), Arg: uint32(i)})
		}
	}
	for j, c := range k.choices {
		if j == timers { // these cost nothing
			g.load(v)
		}
		k.try(c)
		k.violation = nil
		g.found(v, c, true)
		k.retract()
	}
}

// grant gives the state under way one time-out more.
func (k *worker) grant() {
	b := k.from.budget
	old, more := sim.RawHash(b.Word()), fp.Hash(0)
	if k.m.cfg.Election == ElectionOnly {
		b.Rounds++
	} else {
		b.Timeouts++
	}
	more = sim.RawHash(b.Word())
	slot := sim.Slot(sim.PartBudget, 0)
	for _, t := range []*tuple{&k.from, &k.to} {
		t.budget, t.sum = b, t.sum.Sub(slot, old).Add(slot, more)
	}
	k.world.Budget = b
}

// path returns how a state was reached.
func (g *graph) path(v uint32) (list []sim.Choice) {
	for ; g.nodes[v].depth > 0; v = g.nodes[v].parent {
		list = append(list, g.nodes[v].choice)
	}
	slices.Reverse(list)
	return list
}

// report reports the component of v.
func (g *graph) report(v uint32, of []int32, how string) {
	size := 0
	var inside []sim.Choice
	for u, c := range of {
		if c != of[v] {
			continue
		}
		size++
		if n := &g.nodes[u]; n.depth > 0 && of[n.parent] == c && !slices.Contains(inside, n.choice) {
			inside = append(inside, n.choice)
		}
	}
	g.load(v)
	text := g.describe()
	r := &g.result
	r.Path, r.Stuck, r.StuckStates = g.path(v), inside, size
	r.Complete = false
	r.Violation = &invariant.Violation{Check: ProgressPossible,
		Text: fmt.Sprintf("no step without a fault leads on from here, %s, in %s: %s", how, count(size, "state"), text)}
}

// describe says who does what in the state that is loaded.
func (g *graph) describe() string {
	var b strings.Builder
	k := g.k
	for id := 1; id <= g.m.servers; id++ {
		st := k.statusOf(id)
		switch {
		case st == nil:
			fmt.Fprintf(&b, "n%d is down", id)
		case st.Leader == 0 || int(st.Leader) == id:
			fmt.Fprintf(&b, "n%d is %v in %v", id, st.State, st.Phase)
		default:
			fmt.Fprintf(&b, "n%d is %v n%d in %v", id, st.State, st.Leader, st.Phase)
		}
		b.WriteString(", ")
	}
	switch n := len(k.wanting()); n {
	case 1:
		b.WriteString("1 client waits")
	default:
		fmt.Fprintf(&b, "%d clients wait", n)
	}
	return b.String()
}
