package explore

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/client"
	"zabsim/sim/invariant"
	"zabsim/zab/quorum"
)

// Config is one search: a model, and how to go about it.
type Config struct {
	Model

	Workers   int    // 0 means 1
	MaxStates uint64 // no further level once there are as many; 0: no limit
	MaxDepth  int    // 0: no limit
	MaxMemory uint64 // bytes, all in; may cut a level short; 0: no limit
	Memo      bool   // remember steps; changes no count
	Wide      bool   // fingerprints of 128 bits

	Strategy Strategy
	Reduce   Reduction
	Liveness bool   // judge progress, too; see liveness.go
	Walks    int    // Random: how many, of MaxDepth choices each
	Seed     uint64 // Random

	// Stop ends the search, between two levels or within one, once it is closed. What
	// is known is kept.
	Stop <-chan struct{}
	// Progress is called about once a second, from a goroutine of Run's own.
	Progress func(Progress)

	// Checkpoint names the file from which the search can be continued. It is written
	// when the search is stopped or a budget is spent, and every Every; "": none.
	Checkpoint string
	Every      time.Duration // 0 means 5 minutes
	// Resume names a checkpoint to begin with: of the same model and the same build.
	Resume string
}

// Result is what a search found. Only Kinds and Work depend on Workers; of a search
// that memory or Stop ended, all but Depth, PerDepth and the violation's depth does.
// What Depth and PerDepth are with another strategy than BFS, the strategy's doc says.
type Result struct {
	Complete    bool   // every reachable state was visited
	End         End    // why it ended
	States      uint64 // distinct ones
	Transitions uint64 // choices applied
	Depth       int    // levels visited wholly: all schedules of so many choices were
	PerDepth    []uint64
	Frontier    uint64 // states found and not expanded
	Seen        invariant.Seen

	// Violation is the first broken promise, nil if there is none, and Path a
	// shortest list of choices that leads to it from Start's world.
	Violation *invariant.Violation
	Path      []sim.Choice

	// Liveness says in words whether progress was judged, "" if that was not asked
	// for. If it is not possible, Path leads to where it ends, which is StuckStates
	// states, and Stuck has the choices that lead from one to another.
	Liveness    string
	Stuck       []sim.Choice
	StuckStates int

	// Err says why a search was refused, or why its checkpoint could not be written;
	// then what was found is kept.
	Err error

	Wide  bool // fingerprints had 128 bits
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
	Bytes             uint64 // visited set, levels and components at their largest
	Workers           int    // that searched: dfs, iddfs and liveness have one whatever was asked for
	Repeated          uint64 // transitions applied once more: dfs with a depth, and iddfs
	Slept             uint64 // transitions left out by sleep sets
}

// Collision returns the expected number of pairs of states that share a
// fingerprint, so that one of them was not visited: n^2/2^65, or n^2/2^129 if it is
// wide. Components have hashes of their own: see ComponentCollision.
func (r *Result) Collision() float64 {
	n := float64(r.States)
	if r.Wide {
		n /= 1 << 32
	}
	return n * n / (1 << 32) / (1 << 33)
}

// ComponentCollision returns the expected number of pairs of components of one kind
// that share a hash, so that one was taken for the other. A component's hash has 64
// bits whatever the width of fingerprints: there are thousands of them, not millions.
func (r *Result) ComponentCollision() (sum float64) {
	k := &r.Kinds
	for _, n := range []int{k.Servers, k.Disks, k.Queues, k.Clients, k.Ghosts} {
		sum += float64(n) * float64(n) / (1 << 32) / (1 << 33)
	}
	return sum
}

// String writes the counts on one line.
func (r *Result) String() string {
	var b strings.Builder
	verdict := r.End.String()
	if r.Violation != nil {
		verdict = r.Violation.String()
	}
	fmt.Fprintf(&b, "%d states, %d transitions, depth %d, collisions %.1e: %s", r.States, r.Transitions, r.Depth, r.Collision(), verdict)
	return b.String()
}

// space is what all workers share and nobody changes.
type space struct {
	cfg     Config
	setup   *sim.Setup
	servers int // highest server id
	clients int
	slots   int
	ends    []sim.Conn // by slot: whom it connects
	mask    []uint32   // by slot: the bits of both ends

	way []sim.Choice // from the start to the model's situation
}

// writeKey is the register, or the node, that the client of a search writes. A node is
// there from the start.
const writeKey = "/r"

func newSpace(cfg Config) *space {
	if err := cfg.Check(); err != nil {
		panic("explore: " + err.Error())
	}
	q := quorum.Majority(cfg.Servers)
	q.Observers = quorum.Range(cfg.Servers+cfg.Observers) &^ q.Voters
	sc := sim.SearchConfig{Quorum: q, Grain: cfg.Grain, Bugs: cfg.Bugs, CounterMax: uint32(cfg.CounterMax), Znodes: cfg.Znodes, Seeds: []string{writeKey},
		Notifications: cfg.Election != ElectionOracle, Alone: cfg.Election == ElectionOnly, Disks: cfg.Disks}
	if cfg.Writes > 0 {
		ops := make([]client.ScriptOp, cfg.Writes)
		for i := range ops {
			ops[i] = client.ScriptOp{Kind: client.ScriptSet, Key: writeKey, Value: strconv.Itoa(i + 1)}
		}
		script, err := client.NewScript(ops...)
		if err != nil {
			panic("explore: " + err.Error())
		}
		sc.Scripts = []*client.Script{script}
	}
	setup := sim.NewSearchSetup(&sc)
	m := &space{cfg: cfg, setup: setup, servers: cfg.Servers + cfg.Observers, clients: len(sc.Scripts), slots: setup.Slots(), ends: slotEnds(setup)}
	for _, c := range m.ends {
		m.mask = append(m.mask, endBit(c.A)|endBit(c.B))
	}
	m.way, _ = cfg.Situate() // Check has looked
	return m
}

func (m *space) budget() sim.Budget {
	return sim.Budget{Crashes: uint8(m.cfg.Crashes), Restarts: uint8(m.cfg.Restarts), Timeouts: uint8(m.cfg.Timeouts),
		Reboots: uint8(m.cfg.Reboots), Cuts: uint8(m.cfg.Cuts), Rounds: uint8(m.cfg.Rounds)}
}

// start returns the first state: every server was started, in ascending order,
// and is LOOKING; then the way to the situation, which costs nothing, and the prefix
// were applied.
func (m *space) start() (*sim.World, *invariant.View) {
	w := sim.NewWorld(m.setup)
	j := newJudge(m.setup.Quorum)
	for id := quorum.ServerID(1); int(id) <= m.servers; id++ {
		j.before(w)
		c := sim.Choice{Kind: sim.ChoiceRestart, Node: id}
		w.Apply(c)
		j.after(w, c)
	}
	apply := func(path []sim.Choice) {
		for _, c := range path {
			j.before(w)
			w.Apply(c)
			j.after(w, c)
			if len(j.View.Violations) > 0 {
				panic("explore: the prefix breaks " + j.View.Violations[0].String())
			}
		}
	}
	apply(m.way)
	w.Budget = m.budget()
	apply(m.cfg.Prefix)
	w.Begin()
	return w, &j.View
}

// Start returns the world in which the search of cfg begins. Applying a Path to it
// leads to the violation.
func Start(cfg Config) *sim.World {
	w, _ := newSpace(cfg).start()
	return w
}

// Open returns the world in which a search of m begins, and what there is to
// remember of how it came to be.
func Open(m Model) (*sim.World, *invariant.Ghost) {
	w, start := newSpace(Config{Model: m}).start()
	return w, &start.Ghost
}

// Name returns the fingerprint by which a search knows a state.
func Name(w *sim.World, g *invariant.Ghost) fp.Hash { return name(w, g) }

// Replay applies path to Start's world, judges every step, and returns the first
// violation; nil if there is none.
func Replay(cfg Config, path []sim.Choice) *invariant.Violation {
	w, start := newSpace(cfg).start()
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
