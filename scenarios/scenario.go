package scenarios

import (
	"fmt"

	"zabsim/faults"
	"zabsim/internal/keyed"
	"zabsim/internal/nearest"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// Scenario is a named kind of run.
type Scenario struct {
	Name  string
	Claim string // one sentence: what a run of it shows
	For   host.Duration

	// The ensemble, unless the caller says otherwise.
	Clients   int                             // 0: DefaultClients
	Least     int                             // it makes sense with so many servers; 0: with any
	Observers func(servers int) int           // how many of the servers, the last ones, observe
	Quorum    func(servers int) quorum.Config // groups and weights; nil: a majority decides

	// Knobs of the servers; 0 is ZooKeeper's default.
	Grain                          plan.Grain
	CommitLogCount                 int
	SnapCount, SnapRetain          int
	SnapshotSizeFactor, ThreadSlow int
	SessionTimeout                 host.Duration // that clients ask for; 0: DefaultSessionTimeout

	// Interval is the mean time between the starts of two operations of one
	// client; Mix says what they are; Keys on how many keys; in Lulls hardly anybody
	// starts one.
	Interval host.Duration
	Mix      Mix
	Keys     int
	Lulls    []Lull

	// Programs are what clients run instead, in turn: their Client is not set. Without
	// an Interval there are no operations beside them.
	Programs []plan.Program

	// Timetable returns the faults for an ensemble and the usual length; a run of
	// another length has them stretched.
	Timetable func(q *quorum.Config) []plan.Fault
	// Swarm draws faults from the seed instead.
	Swarm bool
	// Unsafe allows faults beyond what ZooKeeper demands of a disk, and Excuse
	// names the checks that these may break.
	Unsafe bool
	Excuse []string

	// Reach lists sometimes-properties that a run must reach, or it is vacuous.
	Reach []string
}

// Mix is the share of each operation, out of their sum.
type Mix struct{ Set, CAS, Get, SyncGet uint64 }

// Lull is a time in which nobody starts an operation, except that each client
// starts one write within the second after Burst. What a server has of these
// writes stays the end of its history until the lull is over.
type Lull struct{ From, Burst, Until host.Duration }

// Options are what a caller may change of a scenario. The zero value changes
// nothing.
type Options struct {
	Servers   int            // voters and observers
	Voters    int            // instead of Servers: a swarm may add observers
	Observers int            // so many of the servers, the last ones, observe; NoObservers: none does
	Quorum    *quorum.Config // instead of all three
	Clients   int            // NoClients: none
	For       host.Duration

	Grain                          plan.Grain
	TickTime                       host.Duration
	InitLimit, SyncLimit           int
	CommitLogCount                 int
	SnapCount, SnapRetain          int
	SnapshotSizeFactor, ThreadSlow int
	CounterMax                     int
	NetSlow, DiskSlow              int
	Unsafe                         bool
	Excuse                         []string
	Bugs                           bug.Set
}

// Values of Options that say none where 0 says nothing.
const (
	NoObservers = -1
	NoClients   = -1
)

// Defaults of an ensemble: ZooKeeper's sample configuration.
const (
	DefaultServers        = 5
	DefaultClients        = 5
	DefaultTickTime       = 2 * host.Second
	DefaultInitLimit      = 10
	DefaultSyncLimit      = 5
	DefaultCommitLogCount = 500
	DefaultSessionTimeout = 10 * host.Second
)

// Default is the scenario of a run that names none.
const Default = "leader-crash"

// Names returns the names of all scenarios.
func Names() []string {
	var names []string
	for _, s := range All() {
		names = append(names, s.Name)
	}
	return names
}

// Lookup finds a scenario by name.
func Lookup(name string) (*Scenario, error) {
	for _, s := range All() {
		if s.Name == name {
			return &s, nil
		}
	}
	return nil, fmt.Errorf("unknown scenario %q%s", name, nearest.Hint(name, Names()))
}

// Plan returns the plan of scenario s under a seed. It is a pure function.
func (s *Scenario) Plan(seed uint64, o Options) *plan.Plan {
	p := &plan.Plan{
		Scenario: s.Name, Seed: seed, Quorum: s.quorum(o), Clients: max(or(or(o.Clients, s.Clients), DefaultClients), 0),
		For: or(o.For, s.For), TickTime: or(o.TickTime, DefaultTickTime), InitLimit: or(o.InitLimit, DefaultInitLimit),
		SyncLimit: or(o.SyncLimit, DefaultSyncLimit), CommitLogCount: or(or(o.CommitLogCount, s.CommitLogCount), DefaultCommitLogCount),
		Grain: or(o.Grain, s.Grain), SnapCount: or(o.SnapCount, s.SnapCount), SnapRetain: or(o.SnapRetain, s.SnapRetain),
		SnapshotSizeFactor: or(o.SnapshotSizeFactor, s.SnapshotSizeFactor), ThreadSlow: or(o.ThreadSlow, s.ThreadSlow),
		CounterMax: o.CounterMax, NetSlow: o.NetSlow, DiskSlow: o.DiskSlow, SessionTimeout: or(s.SessionTimeout, DefaultSessionTimeout),
		Unsafe: o.Unsafe || s.Unsafe, Excuse: append(append([]string(nil), s.Excuse...), o.Excuse...), Bugs: o.Bugs,
	}
	rng := keyed.New(seed)
	if s.Swarm {
		drawKnobs(p, o, rng.Stream("swarm.knobs"))
	}
	s.addPrograms(p)
	s.addOps(p, rng)
	switch {
	case s.Swarm:
		p.Faults = faults.Draw(p, rng)
	case s.Timetable != nil:
		p.Faults = s.Timetable(&p.Quorum)
		for i := range p.Faults {
			f := &p.Faults[i]
			f.At = s.scale(f.At, p.For)
			if f.For > 0 {
				f.For = max(s.scale(f.For, p.For), host.Millisecond)
			}
		}
	}
	return p
}

// Fits returns an error if s makes no sense with so many servers.
func (s *Scenario) Fits(servers int) error {
	if servers < s.Least {
		return fmt.Errorf("%s makes sense with %d servers or more, not with %d", s.Name, s.Least, servers)
	}
	return nil
}

// scale stretches a time of the usual length to a run of another one, so that a
// shorter run still has its faults. It counts in milliseconds, or the product of
// two lengths would leave 64 bits.
func (s *Scenario) scale(d, length host.Duration) host.Duration {
	if length == s.For {
		return d
	}
	return d / host.Millisecond * max(length/host.Millisecond, 1) / (s.For / host.Millisecond) * host.Millisecond
}

func or[T int | host.Duration | plan.Grain](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}
