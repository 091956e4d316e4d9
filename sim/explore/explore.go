package explore

import (
	"fmt"
	"strconv"
	"strings"

	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/client"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
)

// Config is one search: a model, its budgets, and how to run it.
type Config struct {
	Servers int // 1 to quorum.Max voters
	Writes  int // by one client, one after the other
	Grain   plan.Grain
	Bugs    bug.Set
	Options sim.SearchOptions

	Crashes, Restarts, Timeouts int

	// Prefix leads from the start to the state in which the search begins. What it
	// spends is spent. It must break nothing.
	Prefix []sim.Choice

	Workers   int    // 0 means 1
	MaxStates uint64 // no further level once there are as many; 0: no limit
	MaxDepth  int    // 0: no limit
	Memo      bool   // remember steps; changes no count
}

// Result is what a search found. Only Kinds and Work depend on Workers.
type Result struct {
	Complete    bool   // every reachable state was visited
	States      uint64 // distinct ones
	Transitions uint64 // choices applied
	Depth       int    // levels visited
	PerDepth    []uint64
	Seen        invariant.Seen

	// Violation is the first broken promise, nil if there is none, and Path a
	// shortest list of choices that leads to it from Start's world.
	Violation *invariant.Violation
	Path      []sim.Choice

	Kinds Kinds
	Work  Work
}

// Kinds counts distinct components.
type Kinds struct {
	Servers, Disks, Queues, Clients, Ghosts int
}

// Work says how the search went, for benchmarks.
type Work struct {
	MoveHits          uint64 // transitions found in the memo
	Steps, StepHits   uint64 // steps of servers, of those not found, and those found in a memo of their own
	Judged, JudgeHits uint64 // transitions with events, and those found in the memo
	Rechecked         uint64 // hits that were computed again and compared
	Bytes             uint64 // visited set, tuples and components at their largest
}

// Collision returns the expected number of pairs of states that share a
// fingerprint, so that one of them was not visited: n^2/2^65.
func (r *Result) Collision() float64 {
	n := float64(r.States)
	return n * n / (1 << 32) / (1 << 33)
}

// String writes the counts on one line.
func (r *Result) String() string {
	var b strings.Builder
	verdict := "budget spent"
	switch {
	case r.Violation != nil:
		verdict = r.Violation.String()
	case r.Complete:
		verdict = "complete"
	}
	fmt.Fprintf(&b, "%d states, %d transitions, depth %d, collisions %.1e: %s", r.States, r.Transitions, r.Depth, r.Collision(), verdict)
	return b.String()
}

// model is what all workers share and nobody changes.
type model struct {
	cfg     Config
	setup   *sim.Setup
	servers int // highest server id
	clients int
	slots   int
	ends    []sim.Conn // by slot: whom it connects
	mask    []uint32   // by slot: the bits of both ends
}

func newModel(cfg Config) *model {
	if cfg.Servers < 1 || cfg.Servers > quorum.Max {
		panic("explore: " + strconv.Itoa(cfg.Servers) + " servers; 1 to " + strconv.Itoa(quorum.Max) + " are possible")
	}
	sc := sim.SearchConfig{Quorum: quorum.Majority(cfg.Servers), Grain: cfg.Grain, Bugs: cfg.Bugs}
	if cfg.Writes > 0 {
		ops := make([]client.ScriptOp, cfg.Writes)
		for i := range ops {
			ops[i] = client.ScriptOp{Kind: client.ScriptSet, Key: "/r", Value: strconv.Itoa(i + 1)}
		}
		script, err := client.NewScript(ops...)
		if err != nil {
			panic("explore: " + err.Error())
		}
		sc.Scripts = []*client.Script{script}
	}
	setup := sim.NewSearchSetup(&sc)
	m := &model{cfg: cfg, setup: setup, servers: cfg.Servers, clients: len(sc.Scripts), slots: setup.Slots(), ends: slotEnds(setup)}
	for _, c := range m.ends {
		m.mask = append(m.mask, endBit(c.A)|endBit(c.B))
	}
	return m
}

func (m *model) budget() sim.Budget {
	return sim.Budget{Crashes: uint8(m.cfg.Crashes), Restarts: uint8(m.cfg.Restarts), Timeouts: uint8(m.cfg.Timeouts)}
}

// start returns the first state: every server was started, in ascending order,
// and is LOOKING; then the prefix was applied.
func (m *model) start() (*sim.World, *invariant.View) {
	w := sim.NewWorld(m.setup)
	j := newJudge(m.setup.Quorum)
	for id := quorum.ServerID(1); int(id) <= m.servers; id++ {
		j.before(w)
		c := sim.Choice{Kind: sim.ChoiceRestart, Node: id}
		w.Apply(c)
		j.after(w, c)
	}
	w.Budget = m.budget()
	for _, c := range m.cfg.Prefix {
		j.before(w)
		w.Apply(c)
		j.after(w, c)
		if len(j.View.Violations) > 0 {
			panic("explore: the prefix breaks " + j.View.Violations[0].String())
		}
	}
	w.Begin()
	return w, &j.View
}

// Start returns the world in which the search of cfg begins. Applying a Path to it
// leads to the violation.
func Start(cfg Config) *sim.World {
	w, _ := newModel(cfg).start()
	return w
}

// Replay applies path to Start's world, judges every step, and returns the first
// violation; nil if there is none.
func Replay(cfg Config, path []sim.Choice) *invariant.Violation {
	w, start := newModel(cfg).start()
	j := newJudge(w.Setup().Quorum)
	start.Ghost.CloneInto(&j.View.Ghost)
	for _, c := range path {
		j.before(w)
		w.Apply(c)
		j.after(w, c)
		if len(j.View.Violations) > 0 {
			v := j.View.Violations[0]
			return &v
		}
	}
	return nil
}

// ghostSlot is the ghost's place in the fingerprint of a state.
const ghostSlot = 0xFFFF_0000

// name returns the fingerprint of a world and its ghost.
func name(w *sim.World, g *invariant.Ghost) fp.Hash {
	return w.Sum().Add(ghostSlot, g.Fingerprint()).Hash()
}
