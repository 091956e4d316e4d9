package plan

import (
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// Format is the version that Write writes and Parse accepts.
const Format = 1

// Plan is everything that decides a run, and what is remembered about it.
type Plan struct {
	// Note is what a corpus says of the plan. It decides nothing.
	Note Note

	Scenario string
	Seed     uint64
	Quorum   quorum.Config
	Clients  int
	For      host.Duration // of the first act

	TickTime       host.Duration
	InitLimit      int
	SyncLimit      int
	CommitLogCount int
	// Grain says how finely the threads of a server interleave.
	Grain Grain
	// SnapCount is zookeeper.snapCount: after half of it to all of it transactions
	// the log is rolled and a snapshot begins. 0 is ZooKeeper's 100,000.
	SnapCount int
	// SnapRetain is autopurge.snapRetainCount: how many snapshots, and the logs
	// they need, survive a purge. 0 never purges, as ZooKeeper does by default.
	SnapRetain int
	// SnapshotSizeFactor is zookeeper.snapshotSizeFactor in percent: the log on disk
	// serves a DIFF if it is at most so large, compared with the newest snapshot.
	// 0 is ZooKeeper's 33; FactorUnlimited sets no limit, FactorOff turns it off.
	SnapshotSizeFactor int
	// NotifyMax is FLE's maxNotificationInterval; 0 is ZooKeeper's 60 s.
	NotifyMax      host.Duration
	SessionTimeout host.Duration
	Bugs           bug.Set
	// NetSlow and DiskSlow multiply every latency of links and disks; 0 leaves
	// them as they are, a local network with ordinary disks.
	NetSlow, DiskSlow int
	// CounterMax is the counter of a zxid that is never proposed: a leader that gets
	// there steps down (ZOOKEEPER-1277). 0 is ZooKeeper's 2^32-1.
	CounterMax int
	// ThreadSlow is how many milliseconds a thread of a server may have to wait for its
	// turn, once in a while, at grain threads: the longer the rarer. At 0 it waits some
	// microseconds, always.
	ThreadSlow int

	// Unsafe allows faults that break what ZooKeeper demands of a disk. Without it
	// they are refused, so that a violation always means a bug.
	Unsafe bool
	// Excuse names checks that the unsafe faults of this plan may break: they are
	// reported as excused and decide no verdict.
	Excuse []string

	Programs  []Program  // in order of client
	Ops       []Op       // in order of client, then number
	Faults    []Fault    // in order of time, then of the file
	Decisions []Decision // outcomes that a run has drawn, in order of the file

	// Expect is the footer: what the run that wrote the plan ended with. Zero
	// when the plan was written by hand.
	Expect Expect
}

// Values of Plan.SnapshotSizeFactor that are no percentage.
const (
	FactorUnlimited = -1
	FactorOff       = -2
)

// Grain says how finely the threads of one server interleave.
type Grain uint8

// The grains.
const (
	// GrainAtomic lets all threads of a server run until none has work, after each
	// event.
	GrainAtomic Grain = iota
	// GrainThreads makes each thread (zab.Lane) a choice of its own.
	GrainThreads
)

// String returns "atomic" or "threads".
func (g Grain) String() string { return [...]string{"atomic", "threads"}[g] }

// OpKind is the kind of a client operation.
type OpKind uint8

// The operations of the register machine.
const (
	OpGet     OpKind = iota + 1
	OpSyncGet        // sync, then get, recorded as one operation
	OpSet
	OpCAS // set if the version is the one that this client saw last
)

// Op is one client operation. It starts when the one before it has ended and at
// least Wait has passed since that one started.
type Op struct {
	Client int // from 1
	Number int // from 1, rising by one within a client
	Wait   host.Duration
	Kind   OpKind
	Key    string
	Value  string // of a write
}

// Fault is one fault and, with For > 0, its healing half. For = 0 lasts until
// the second act heals everything.
type Fault struct {
	At, For host.Duration
	Name    string
	Args    []string // targets ("n3", "leader", "n1>n2") and options ("keep=some")
	Line    int      // in the file it was parsed from, 0 otherwise
}

// Decision is one outcome that would otherwise be drawn: the key names it
// ("crash n2#1 keep", "crash@20s target"), the value decides it.
type Decision struct {
	Key, Value string
	Line       int
}

// Note says why a plan is kept. All of it may be absent, as in most plans.
type Note struct {
	Why    string // a sentence for people
	Origin string // where the plan comes from: a seed, an issue, a commit
	// Signature names the failure apart from its seed, as package fuzz writes it.
	Signature string
	// Reach names sometimes-properties for whose sake the plan is kept: a run that
	// misses one is not what the plan is there for.
	Reach []string
	// ScenarioHash is that of the scenario when the plan was kept; 0: unknown.
	ScenarioHash uint64
}

// Expect is the result of the run that wrote a plan.
type Expect struct {
	Events      uint64
	Fingerprint uint64
	Verdict     string // passed, violated, unknown, vacuous, no-progress, threshold
	Check       string // the first violated check
}

// Vocabulary is what a caller knows about faults.
type Vocabulary interface {
	// CheckFault returns an error that says what would be right.
	CheckFault(p *Plan, f *Fault) error
	// FaultNames lists the words for faults.
	FaultNames() []string
}
