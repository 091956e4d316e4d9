package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"zabsim/faults"
	"zabsim/internal/keyed"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// Scenario is a named kind of run.
type Scenario struct {
	Name  string `json:"-"`
	Claim string `json:"-"` // one sentence: what a run of it shows
	For   host.Duration

	// The ensemble, unless the caller says otherwise.
	Servers   int      // 0: DefaultServers
	Clients   int      // 0: DefaultClients; NoClients: none
	Least     int      // it makes sense with so many servers; 0: with any
	Observers int      // how many of the servers, the last ones, observe; or SpareObservers
	Groups    []Group  // nil: a majority decides
	Weights   []Weight // of servers in groups; the others weigh 1
	// Sets are names for sets of servers that the timetable speaks of. A set may be
	// told by the ones before it.
	Sets []Set

	// Knobs of the servers; 0 is ZooKeeper's default.
	Grain                          plan.Grain
	TickTime                       host.Duration
	InitLimit, SyncLimit           int
	CommitLogCount                 int
	SnapCount, SnapRetain          int
	SnapshotSizeFactor, ThreadSlow int
	CounterMax                     int
	NotifyMax                      host.Duration // FLE's maxNotificationInterval
	NetSlow, DiskSlow              int
	SessionTimeout                 host.Duration // that clients ask for; 0: DefaultSessionTimeout

	// Interval is the mean time between the starts of two operations of one client.
	// Instead of it, Rate says how many all clients together start in a second. Mix
	// says what they are; Keys on how many keys; in Lulls hardly anybody starts one.
	Interval host.Duration
	Rate     int
	Mix      Mix
	Keys     int
	Lulls    []Lull

	// Programs are what clients run instead, in turn: their Client is not set. Without
	// an Interval or a Rate there are no operations beside them.
	Programs []plan.Program

	// Timetable are the faults at the usual length; a run of another length has them
	// stretched.
	Timetable []Entry
	// Swarm draws faults and knobs from the seed instead, Draw says within which
	// limits. Nil limits are the usual ones.
	Swarm bool
	Draw  *faults.Limits
	// Unsafe allows faults beyond what ZooKeeper demands of a disk, and Excuse
	// names the checks that these may break.
	Unsafe bool
	Excuse []string

	// Reach lists sometimes-properties that a run must reach, or it is vacuous.
	Reach []string
	// Hold lists the properties that decide the verdict; nil: all do. A broken one
	// that is not among them is reported as excused.
	Hold []string
	// Thresholds are what a run must not exceed, or fall short of.
	Thresholds []Threshold

	// File is where the scenario was read from, "" if nowhere: for messages.
	File string `json:"-"`
}

// Group is a group of a hierarchical quorum and who is in it, as Servers of a Set.
type Group struct {
	Number  int
	Servers string
}

// Weight is how much some servers weigh in their group.
type Weight struct {
	Servers string
	Weight  int
}

// Mix is the share of each operation, out of their sum.
type Mix struct{ Set, CAS, Get, SyncGet uint64 }

// Sum is the sum of all shares.
func (m Mix) Sum() uint64 { return m.Set + m.CAS + m.Get + m.SyncGet }

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

// Values that say something else than a number, where 0 says nothing.
const (
	NoObservers    = -1 // of Options.Observers
	NoClients      = -1
	SpareObservers = -1 // of Scenario.Observers: as many as half of the other servers, rounded down
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

// knobs puts what s says of the servers' knobs where o says nothing.
func (s *Scenario) knobs(o Options) Options {
	o.Grain, o.TickTime = or(o.Grain, s.Grain), or(o.TickTime, s.TickTime)
	o.InitLimit, o.SyncLimit = or(o.InitLimit, s.InitLimit), or(o.SyncLimit, s.SyncLimit)
	o.CommitLogCount = or(o.CommitLogCount, s.CommitLogCount)
	o.SnapCount, o.SnapRetain = or(o.SnapCount, s.SnapCount), or(o.SnapRetain, s.SnapRetain)
	o.SnapshotSizeFactor, o.ThreadSlow = or(o.SnapshotSizeFactor, s.SnapshotSizeFactor), or(o.ThreadSlow, s.ThreadSlow)
	o.CounterMax, o.NetSlow, o.DiskSlow = or(o.CounterMax, s.CounterMax), or(o.NetSlow, s.NetSlow), or(o.DiskSlow, s.DiskSlow)
	return o
}

// Plan returns the plan of scenario s under a seed. It is a pure function. What of
// the timetable makes no sense in the ensemble that o asks for is left out: Check
// tells of it.
func (s *Scenario) Plan(seed uint64, o Options) *plan.Plan {
	o = s.knobs(o)
	p := &plan.Plan{
		Scenario: s.Name, Seed: seed, Quorum: s.quorum(o), Clients: max(or(or(o.Clients, s.Clients), DefaultClients), 0),
		For: or(o.For, s.For), TickTime: or(o.TickTime, DefaultTickTime), InitLimit: or(o.InitLimit, DefaultInitLimit),
		SyncLimit: or(o.SyncLimit, DefaultSyncLimit), CommitLogCount: or(o.CommitLogCount, DefaultCommitLogCount),
		Grain: o.Grain, SnapCount: o.SnapCount, SnapRetain: o.SnapRetain,
		SnapshotSizeFactor: o.SnapshotSizeFactor, ThreadSlow: o.ThreadSlow, NotifyMax: s.NotifyMax,
		CounterMax: o.CounterMax, NetSlow: o.NetSlow, DiskSlow: o.DiskSlow, SessionTimeout: or(s.SessionTimeout, DefaultSessionTimeout),
		Unsafe: o.Unsafe || s.Unsafe, Excuse: append(append([]string(nil), s.Excuse...), o.Excuse...), Bugs: o.Bugs,
	}
	rng := keyed.New(seed)
	if s.Swarm {
		s.drawKnobs(p, o, rng.Stream("swarm.knobs"))
	}
	s.addPrograms(p)
	s.addOps(p, rng)
	switch {
	case s.Swarm && s.Draw != nil:
		p.Faults = faults.DrawWithin(p, rng, s.Draw)
	case s.Swarm:
		p.Faults = faults.Draw(p, rng)
	case s.Timetable != nil:
		p.Faults, _ = s.timetable(&p.Quorum)
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

// Hash names what s means in 16 hexadecimal digits: files that differ in comments,
// layout, name and claim only have the same.
func (s *Scenario) Hash() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic("scenarios: " + err.Error()) // plain data can be written
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// scale stretches a time of the usual length to a run of another one, so that a
// shorter run still has its faults. It counts in milliseconds, or the product of
// two lengths would leave 64 bits.
func (s *Scenario) scale(d, length host.Duration) host.Duration {
	if length == s.For {
		return d
	}
	return d / host.Millisecond * max(length/host.Millisecond, 1) / max(s.For/host.Millisecond, 1) * host.Millisecond
}

func or[T int | host.Duration | plan.Grain](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}
