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
	"zabsim/zab/zxid"
)

// SearchConfig is what an explored world is made of.
type SearchConfig struct {
	Quorum         *quorum.Config
	Scripts        []*client.Script // one client each
	CommitLogCount int              // transactions kept in memory for DIFF; 0 means 2
	Grain          plan.Grain
	Bugs           bug.Set
	CounterMax     uint32 // see zab.Config
	// Notifications elects by notifications, as ZooKeeper does, and not by an oracle.
	// With Alone nothing else is there: who has decided leads or follows nobody, and
	// its role ends at the price of one of the budget's rounds.
	Notifications, Alone bool
	// Disks is what servers have on their disks at first, in order of id: an epoch in
	// both files, and the last zxid of a snapshot. Who is not listed has 0 and 0.
	Disks []FirstDisk
	// Znodes puts the tree in place of the registers. There are no sessions either way.
	Znodes bool
	Seeds  []string // nodes that the tree begins with
}

// FirstDisk is what a server has on its disk when it starts for the first time.
type FirstDisk struct {
	Epoch zxid.Epoch
	Last  zxid.Zxid
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
	s.notified, s.alone, s.first = cfg.Notifications, cfg.Alone, cfg.Disks
	if cfg.Znodes {
		t := tree.New(&tree.Config{Bugs: cfg.Bugs})
		t.Seed(cfg.Seeds...)
		s.Initial = zab.NewSnapshot(0, 0, 0, t.Clone())
	}
	count := cfg.CommitLogCount
	if count == 0 {
		count = 2
	}
	for rest := cfg.Quorum.All(); rest != 0; rest = rest.Without(rest.First()) {
		c := zab.DefaultConfig(rest.First(), cfg.Quorum)
		c.CommitLogCount, c.Bugs, c.Election.Bugs = count, cfg.Bugs, cfg.Bugs
		c.CounterMax = cfg.CounterMax
		c.Timeless, c.Election.Timeless, c.OracleElection = true, true, !cfg.Notifications
		s.Configs[rest.First()] = &c
	}
	return s
}

// firstDisk returns the disk that a server starts with.
func (s *Setup) firstDisk(id quorum.ServerID) *Disk {
	if int(id) > len(s.first) {
		return NewDisk(s.Initial)
	}
	f := s.first[id-1]
	d := NewDisk(zab.NewSnapshot(f.Last, f.Last, s.Initial.Chain, s.Initial.State.Clone()))
	d.accepted.epoch, d.current.epoch = f.Epoch, f.Epoch
	return d
}

// generations is how many connections of one plane may exist from one end to
// another: a half-open one that the acceptor has not let go of, and its successor.
const generations = 2

// Slots returns how many connection slots a search's world has.
func (s *Setup) Slots() int {
	n := s.highest()
	pairs := n*(n-1) + (len(s.Scripts)-1)*n
	if s.notified {
		pairs += n * (n - 1)
	}
	return generations * pairs
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
// history of their slots would count as different. First come those of the quorum
// plane, then those of clients, then, unless an oracle elects, the election plane.
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
	case p == zab.PlaneElection && !w.setup.notified:
		panic("sim: a search with an oracle has no election plane")
	default:
		if pair = a*(n-1) + b; b > a {
			pair--
		}
		if p == zab.PlaneElection {
			pair += n*(n-1) + (len(w.setup.Scripts)-1)*n
		}
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
	return t == zab.TimerElection+zab.TimerID(election.TimerPoll) || t == zab.TimerConnect && w.Servers[id].Pausing()
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
	case ChoiceReboot:
		b.Reboots--
	case ChoiceBreak:
		b.Cuts--
	case ChoiceTimer:
		switch {
		case w.freeTimer(c.Node, zab.TimerID(c.Alt)):
		case w.setup.alone:
			b.Rounds--
		default:
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
	pair, servers, clients := slot/generations, n*(n-1), (len(s.Scripts)-1)*n
	switch {
	case pair >= servers+clients:
		pair, p = pair-servers-clients, zab.PlaneElection
	case pair >= servers:
		pair -= servers
		return zab.PlaneClient, ClientEnd(1 + pair/n), Endpoint(1 + pair%n)
	default:
		p = zab.PlaneQuorum
	}
	a, b := pair/(n-1), pair%(n-1)
	if b >= a {
		b++
	}
	return p, Endpoint(1 + a), Endpoint(1 + b)
}

// urgent returns what happens before anything else in a search with notifications:
// a dial of the election plane is answered, and the end of such a connection is
// noticed. Who dials whom in which order decides who keeps the connection, and
// nothing about votes; all those orders would be most of the states.
func (w *World) urgent() (Choice, bool) {
	for slot := range w.Conns {
		c := &w.Conns[slot]
		if c.State == ConnFree || c.Plane != zab.PlaneElection {
			continue
		}
		a, b := w.Queues[2*slot], w.Queues[2*slot+1]
		switch {
		case c.State == ConnDialing:
			return Choice{Kind: ChoiceConnect, Arg: uint32(slot)}, true
		case c.BOpen && a.Len() == 0 && a.fin:
			return Choice{Kind: ChoiceDeliver, Arg: uint32(2 * slot)}, true
		case c.AOpen && b.Len() == 0 && b.fin:
			return Choice{Kind: ChoiceDeliver, Arg: uint32(2*slot + 1)}, true
		}
	}
	return Choice{}, false
}

// resends tells whether a timer would only send once more what was sent before, while
// notifications are still on their way. A poll that ends in vain matters where
// one was lost: so it is offered once all that can arrive has arrived.
func (w *World) resends(id quorum.ServerID, t zab.TimerID) bool {
	if t != zab.TimerElection+zab.TimerID(election.TimerPoll) {
		return false
	}
	if _, _, finalizing := w.Servers[id].Ballot(); finalizing {
		return false
	}
	for slot := range w.Conns {
		if w.Conns[slot].Plane == zab.PlaneElection && w.Queues[2*slot].Len()+w.Queues[2*slot+1].Len() > 0 {
			return true
		}
	}
	return false
}

// dialsTooSoon tells whether a learner would dial a leader whose own election goes on: it
// is refused, and after some such tries it looks for a leader again, in a later round.
// No clock says how many of them fit into an election, so that rounds would grow without
// end. It dials once the leader has decided, or is down.
func (w *World) dialsTooSoon(id quorum.ServerID, t zab.TimerID) bool {
	if t != zab.TimerConnect || !w.Servers[id].Pausing() {
		return false
	}
	leader := w.Servers[w.Servers[id].Dials()]
	return leader != nil && leader.State() == election.Looking
}
