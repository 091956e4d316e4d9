package scenarios

import (
	"fmt"
	"strconv"

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
	// Interval is the mean time between the starts of two operations of one
	// client; Mix says what they are; Keys on how many keys.
	Interval host.Duration
	Mix      Mix
	Keys     int
	// Timetable returns the faults for an ensemble of these servers and the usual
	// length; a run of another length has them stretched.
	Timetable func(servers quorum.Set) []plan.Fault
	// Swarm draws faults from the seed instead.
	Swarm bool
	// Reach lists sometimes-properties that a run must reach, or it is vacuous.
	Reach []string
}

// Mix is the share of each operation, out of their sum.
type Mix struct{ Set, CAS, Get, SyncGet uint64 }

// Options are what a caller may change of a scenario. The zero value changes
// nothing.
type Options struct {
	Servers, Clients int
	For              host.Duration
	Quorum           *quorum.Config // instead of Servers
	TickTime         host.Duration
	InitLimit        int
	SyncLimit        int
	CommitLogCount   int
	Bugs             bug.Set
}

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

// All returns every scenario.
func All() []Scenario {
	return []Scenario{steady(), leaderCrash(), rollingRestart(), leaderPartition(), coldStart(), chaos()}
}

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
		Scenario: s.Name, Seed: seed, Clients: or(o.Clients, DefaultClients), For: or(o.For, s.For),
		TickTime: or(o.TickTime, DefaultTickTime), InitLimit: or(o.InitLimit, DefaultInitLimit),
		SyncLimit: or(o.SyncLimit, DefaultSyncLimit), CommitLogCount: or(o.CommitLogCount, DefaultCommitLogCount),
		SessionTimeout: DefaultSessionTimeout, Bugs: o.Bugs,
	}
	if o.Quorum != nil {
		p.Quorum = *o.Quorum
	} else {
		p.Quorum = *quorum.Majority(or(o.Servers, DefaultServers))
	}
	rng := keyed.New(seed)
	s.addOps(p, rng)
	switch {
	case s.Swarm:
		drawKnobs(p, o, rng.Stream("swarm.knobs"))
		p.Faults = faults.Draw(p, rng)
	case s.Timetable != nil:
		p.Faults = scale(s.Timetable(p.Quorum.All()), p.For, s.For)
	}
	return p
}

// scale stretches a timetable made for usual to length, so that a shorter run
// still has its faults.
func scale(list []plan.Fault, length, usual host.Duration) []plan.Fault {
	if length == usual {
		return list
	}
	// In milliseconds, or the product of two lengths leaves 64 bits.
	of, to := usual/host.Millisecond, max(length/host.Millisecond, 1)
	for i := range list {
		f := &list[i]
		f.At = f.At / host.Millisecond * to / of * host.Millisecond
		f.For = max(f.For/host.Millisecond*to/of, 1) * host.Millisecond
	}
	return list
}

// drawKnobs draws the environment: a knob that the caller has set stays.
func drawKnobs(p *plan.Plan, o Options, d keyed.Stream) {
	if o.TickTime == 0 {
		p.TickTime = []host.Duration{200, 500, 1000, 2000}[d.Key(1).Below(4)] * host.Millisecond
	}
	if o.InitLimit == 0 {
		p.InitLimit = int(d.Key(2).Between(3, 10))
	}
	if o.SyncLimit == 0 {
		p.SyncLimit = int(d.Key(3).Between(2, 5))
	}
	if o.CommitLogCount == 0 {
		p.CommitLogCount = []int{1, 2, 5, 20, 500}[d.Key(4).Below(5)]
	}
	p.NotifyMax = []host.Duration{1, 5, 60}[d.Key(7).Below(3)] * host.Second
	p.NetSlow = []int{0, 0, 4, 20}[d.Key(5).Below(4)]
	p.DiskSlow = []int{0, 0, 5, 20}[d.Key(6).Below(4)]
}

func or[T int | host.Duration](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}

// addOps draws the operations of all clients: as many as fit into the first act
// if each took no time.
func (s *Scenario) addOps(p *plan.Plan, rng keyed.Rand) {
	kind, key, wait := rng.Stream("load.kind"), rng.Stream("load.key"), rng.Stream("load.wait")
	total := s.Mix.Set + s.Mix.CAS + s.Mix.Get + s.Mix.SyncGet
	for c := 1; c <= p.Clients; c++ {
		var at host.Duration
		for n := 1; ; n++ {
			w := host.Duration(wait.Key2(uint64(c), uint64(n)).Between(int64(s.Interval/2), int64(s.Interval*3/2)))
			if at += w; at > p.For {
				break
			}
			op := plan.Op{Client: c, Number: n, Wait: w.Round(host.Microsecond)}
			op.Key = "/r" + strconv.Itoa(int(key.Key2(uint64(c), uint64(n)).Below(uint64(s.Keys))))
			op.Kind = s.Mix.pick(kind.Key2(uint64(c), uint64(n)).Below(total))
			if op.Kind == plan.OpSet || op.Kind == plan.OpCAS {
				op.Value = "c" + strconv.Itoa(c) + "-" + strconv.Itoa(n)
			}
			p.Ops = append(p.Ops, op)
		}
	}
}

func (m Mix) pick(d uint64) plan.OpKind {
	switch {
	case d < m.Set:
		return plan.OpSet
	case d < m.Set+m.CAS:
		return plan.OpCAS
	case d < m.Set+m.CAS+m.Get:
		return plan.OpGet
	}
	return plan.OpSyncGet
}
