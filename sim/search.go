package sim

import (
	"fmt"

	"zabsim/election"
	"zabsim/sim/client"
	"zabsim/sim/plan"
	"zabsim/tree"
	"zabsim/tree/register"
	"zabsim/zab"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// SearchConfig is what an explored world is made of.
type SearchConfig struct {
	Quorum         *quorum.Config
	Scripts        []*client.Script // one client each
	CommitLogCount int              // transactions kept in memory for DIFF; 0 means 2
	Grain          plan.Grain
	Bugs           bug.Set
	// Znodes puts the tree in place of the registers. There are no sessions either way.
	Znodes bool
}

// NewSearchSetup returns the setup of an explored world: no time, elections by an
// oracle, clients that run scripts, and nobody who demands progress.
func NewSearchSetup(cfg *SearchConfig) *Setup {
	s := &Setup{
		Quorum: cfg.Quorum, Search: true, Grain: cfg.Grain, WallNano: wallNano, SessionTimeout: host.Second,
		Scripts: append([]*client.Script{nil}, cfg.Scripts...), Offsets: make([]uint8, len(cfg.Scripts)+1),
		Initial: zab.NewSnapshot(0, 0, 0, register.New().Clone()),
	}
	s.sessionless()
	if cfg.Znodes {
		s.Initial = zab.NewSnapshot(0, 0, 0, tree.New(&tree.Config{Bugs: cfg.Bugs}).Clone())
	}
	count := cfg.CommitLogCount
	if count == 0 {
		count = 2
	}
	for rest := cfg.Quorum.All(); rest != 0; rest = rest.Without(rest.First()) {
		c := zab.DefaultConfig(rest.First(), cfg.Quorum)
		c.CommitLogCount, c.Bugs, c.Election.Bugs = count, cfg.Bugs, cfg.Bugs
		c.Timeless, c.Election.Timeless, c.OracleElection = true, true, true
		s.Configs[rest.First()] = &c
	}
	return s
}

// generations is how many connections of one plane may exist from one end to
// another: a half-open one that the acceptor has not let go of, and its successor.
const generations = 2

// Slots returns how many connection slots a search's world has.
func (s *Setup) Slots() int {
	n := s.highest()
	return generations * (n*(n-1) + (len(s.Scripts)-1)*n)
}

func (s *Setup) highest() int {
	n := quorum.Max
	for !s.Quorum.All().Has(quorum.ServerID(n)) {
		n--
	}
	return n
}

// fixSlots makes the slots of a search. A slot is named by plane, ends and live
// generation, not by when it was dialed: else worlds that are equal but for the
// history of their slots would count as different. There are none for the election
// plane, which an oracle replaces.
func (w *World) fixSlots() {
	w.Conns = make([]Conn, w.setup.Slots())
	w.Queues = make([]*Queue, 2*len(w.Conns))
	for i := range w.Queues {
		w.Queues[i] = new(Queue)
	}
}

func (w *World) fixedSlot(from, to Endpoint, p zab.Plane) int {
	n := w.setup.highest()
	a, b := int(from)-1, int(to)-1
	var pair int
	switch {
	case p == zab.PlaneClient:
		pair = n*(n-1) + (from.Client()-1)*n + b
	case p == zab.PlaneQuorum && b < a:
		pair = a*(n-1) + b
	case p == zab.PlaneQuorum:
		pair = a*(n-1) + b - 1
	default:
		panic("sim: a search has no election plane")
	}
	for g := range generations {
		if slot := pair*generations + g; w.Conns[slot].State == ConnFree {
			return slot
		}
	}
	panic(fmt.Sprintf("sim: a third connection from end %d to %d on the %v plane", from, to, p))
}

// freeTimer tells whether a timer fires at no cost: what happens because nothing else
// happens. All others are paid from the budget.
func (w *World) freeTimer(id quorum.ServerID, t zab.TimerID) bool {
	return t == zab.TimerElection || t == zab.TimerConnect && w.Servers[id].Pausing()
}

// spend pays for a choice. A world whose budget is empty is being set up: its
// servers start for the first time.
func (w *World) spend(c Choice) {
	b := &w.Budget
	switch c.Kind {
	case ChoiceCrash:
		b.Crashes--
	case ChoiceRestart:
		if b.Restarts > 0 {
			b.Restarts--
		}
	case ChoiceTimer:
		if !w.freeTimer(c.Node, zab.TimerID(c.Alt)) {
			b.Timeouts--
		}
	}
}

// looking returns the servers that take part in an election now.
func (w *World) looking() (set quorum.Set) {
	for id := quorum.ServerID(1); id <= quorum.Max; id++ {
		if s := w.Servers[id]; s != nil && s.State() == election.Looking && !s.Stopping() {
			set = set.With(id)
		}
	}
	return set
}

// SlotEnds returns what a slot of a search's world connects.
func (s *Setup) SlotEnds(slot int) (p zab.Plane, from, to Endpoint) {
	n := s.highest()
	pair := slot / generations
	if pair >= n*(n-1) {
		pair -= n * (n - 1)
		return zab.PlaneClient, ClientEnd(1 + pair/n), Endpoint(1 + pair%n)
	}
	a, b := pair/(n-1), pair%(n-1)
	if b >= a {
		b++
	}
	return zab.PlaneQuorum, Endpoint(1 + a), Endpoint(1 + b)
}
