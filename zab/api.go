package zab

import (
	"zabsim/election"
	"zabsim/internal/fp"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Config is what a server is told at start. It is shared and never changes.
type Config struct {
	ID             quorum.ServerID
	Quorum         *quorum.Config
	TickTime       host.Duration
	InitLimit      int // ticks that a learner may take to connect and synchronize
	SyncLimit      int // ticks that a learner may be silent
	CommitLogCount int // transactions kept in memory for DIFF
	// SnapshotSizeFactor, in percent, limits the log files that may serve a DIFF,
	// compared with the newest snapshot. 0: no limit; below 0: never from disk.
	SnapshotSizeFactor int
	// SnapCount is zookeeper.snapCount: after half of it to all of it appends the
	// log is rolled and a snapshot is taken. 0: never.
	SnapCount int
	// SnapRetain is how many snapshots a purge keeps, at least 3; it comes after each
	// snapshot that the log writer asked for. (ZooKeeper's autopurge comes by the
	// hour.) 0: nothing is purged.
	SnapRetain int
	// CounterMax is the counter that must never be proposed, zxid.CounterMax in
	// ZooKeeper; 0 means that. A small one lets a run see an overflow.
	CounterMax uint32
	Election   election.Config
	Bugs       bug.Set
	// Standalone makes a server that is no peer: no election, no epochs, zxids from 0
	// on, and the chain Prep, Sync, Final (ZooKeeperServerMain).
	Standalone bool
	// Sessions makes the server keep sessions: numbers and passwords, a tracker with
	// expiry, and moves. Without, a session is whatever number its client says, for
	// searches over registers.
	Sessions bool
	// LocalSessions (localSessionsEnabled) makes new sessions known to nobody but the
	// server that the client is on, until they need more; peers only. With
	// LocalSessionsUpgrade (localSessionsUpgradingEnabled) one that makes an ephemeral
	// node becomes a session of the ensemble first; without, that is refused.
	LocalSessions, LocalSessionsUpgrade bool
	// MinSessionTimeout and MaxSessionTimeout bound what is granted; 0: 2 and 20 ticks.
	MinSessionTimeout, MaxSessionTimeout host.Duration
	// ContainerCheck is how often the container manager looks
	// (znode.container.checkIntervalMs, 60 s in ZooKeeper); 0: never.
	ContainerCheck host.Duration
	// ContainerUnusedMillis is how long a container that never had a child may live
	// (znode.container.maxNeverUsedIntervalMs); 0: for ever.
	ContainerUnusedMillis int64
	// MaxBuffer is jute.maxbuffer, the most bytes of a request; 0: no limit.
	MaxBuffer int64
	// SuperDigest names the super user: zookeeper.DigestAuthenticationProvider.superDigest.
	SuperDigest string
	// Timeless tells that the driver has no time (a search): nothing that only
	// counts time, or is kept only to be shown, may change the state.
	Timeless bool
	// OracleElection replaces notifications by Input Elected.
	OracleElection bool
}

// DefaultConfig returns ZooKeeper's sample configuration (tickTime 2000,
// initLimit 10, syncLimit 5) for server id.
func DefaultConfig(id quorum.ServerID, q *quorum.Config) Config {
	return Config{
		ID: id, Quorum: q, TickTime: 2 * host.Second, InitLimit: 10, SyncLimit: 5,
		CommitLogCount: 500, Election: election.DefaultConfig(id, q),
	}
}

// Lane is one ZooKeeper thread of a server; doc.go has the table.
type Lane uint8

// The lanes. LaneHandler+i is the LearnerHandler of server i.
const (
	LanePeer Lane = iota
	LaneElection
	LaneSync
	LaneCommit
	LanePrep
	LaneSnap
	LaneHandler
	laneCount = LaneHandler + quorum.Slots
)

// String returns the lane's name in traces.
func (l Lane) String() string {
	switch l {
	case LanePeer:
		return "peer"
	case LaneElection:
		return "fle"
	case LaneSync:
		return "sync"
	case LaneCommit:
		return "commit"
	case LanePrep:
		return "prep"
	case LaneSnap:
		return "snap"
	}
	return "h" + string(rune('0'+l-LaneHandler))
}

// Lanes is a set of lanes.
type Lanes uint32

// With returns the set and l.
func (s Lanes) With(l Lane) Lanes { return s | 1<<l }

// Has tells whether l is in the set.
func (s Lanes) Has(l Lane) bool { return s&(1<<l) != 0 }

// Plane separates the three ports of a server.
type Plane uint8

// The planes: ports 3888, 2888 and 2181 of a real server.
const (
	PlaneElection Plane = iota
	PlaneQuorum
	PlaneClient
)

// String returns the plane's name.
func (p Plane) String() string { return [...]string{"election", "quorum", "client"}[p] }

// PacketType is the type field of a quorum packet, with ZooKeeper's numbers
// (protocol fact 4.1).
type PacketType uint8

// The packets.
const (
	Request      PacketType = 1
	Proposal     PacketType = 2
	Ack          PacketType = 3
	Commit       PacketType = 4
	Ping         PacketType = 5
	Revalidate   PacketType = 6
	Sync         PacketType = 7
	Inform       PacketType = 8
	NewLeader    PacketType = 10
	FollowerInfo PacketType = 11
	UpToDate     PacketType = 12
	Diff         PacketType = 13
	Trunc        PacketType = 14
	Snap         PacketType = 15
	ObserverInfo PacketType = 16
	LeaderInfo   PacketType = 17
	AckEpoch     PacketType = 18
)

var packetNames = [...]string{
	Request: "REQUEST", Proposal: "PROPOSAL", Ack: "ACK", Commit: "COMMIT", Ping: "PING",
	Revalidate: "REVALIDATE", Sync: "SYNC", Inform: "INFORM", NewLeader: "NEWLEADER",
	FollowerInfo: "FOLLOWERINFO", UpToDate: "UPTODATE", Diff: "DIFF", Trunc: "TRUNC", Snap: "SNAP",
	ObserverInfo: "OBSERVERINFO", LeaderInfo: "LEADERINFO", AckEpoch: "ACKEPOCH",
}

// String returns ZooKeeper's name of the packet.
func (p PacketType) String() string {
	if int(p) < len(packetNames) && packetNames[p] != "" {
		return packetNames[p]
	}
	return "PACKET?"
}

// Packet is what travels on the quorum plane.
type Packet struct {
	Type PacketType
	// NeedSnap in ACKEPOCH asks for a SNAP whatever the zxids say: the learner
	// was told to truncate behind the oldest snapshot it has. ZooKeeper's own
	// learner exits there; protocol.md 13.4 asks for this rule.
	NeedSnap bool
	Epoch    zxid.Epoch // ACKEPOCH: the learner's currentEpoch, or NoEpoch
	Zxid     zxid.Zxid
	Txn      *txn.Txn      // PROPOSAL, INFORM
	Req      *txn.Request  // REQUEST, SYNC
	Snap     *Snapshot     // SNAP
	Session  txn.SessionID // REVALIDATE
	Timeout  int32         // REVALIDATE to the leader: milliseconds
	Valid    bool          // REVALIDATE to the learner
	Touched  Touches       // PING to the leader: who was heard of since the last one
}

// ClientKind is the kind of a message on the client plane.
type ClientKind uint8

// The client messages. The session's handshake is ConnectRequest/Response; a
// response with session 0 says that there is no such session (any more).
const (
	ConnectRequest ClientKind = iota + 1
	ConnectResponse
	ClientRequest
	ClientReply
	ClientPing
	ClientPong
	ClientEvent // a watch event
)

// ClientMsg is what travels between a client and its server.
type ClientMsg struct {
	Kind    ClientKind
	Op      txn.Op // of a reply
	Cxid    uint32
	Session txn.SessionID
	Zxid    zxid.Zxid // lastZxidSeen of a connect, header zxid of a reply
	Req     *txn.Request
	Result  txn.Result
	Connect *Connect   // ConnectRequest, ConnectResponse
	Event   *txn.Event // ClientEvent
}

// Connect is the body of the session's handshake.
type Connect struct {
	TimeoutMillis int32  // asked for, or granted
	Password      string // 16 bytes, or empty for a new session
	Addr          string // the client's address, as the server sees it: 127.0.0.1
}

// Msg is a message on any plane; Plane tells which part counts.
type Msg struct {
	Plane  Plane
	Note   election.Note
	Packet Packet
	Client ClientMsg
}

// Hash names the message.
func (m *Msg) Hash() fp.Hash {
	h := fp.New(0x6D00 + uint64(m.Plane))
	switch m.Plane {
	case PlaneElection:
		return h.Word(uint64(m.Note.Hash()))
	case PlaneQuorum:
		p := &m.Packet
		h = h.Word(uint64(p.Type)).Bool(p.NeedSnap).Word(uint64(p.Epoch)).Word(uint64(p.Zxid))
		if p.Txn != nil {
			h = h.Word(uint64(p.Txn.Hash))
		}
		if p.Req != nil {
			h = h.Word(uint64(p.Req.Hash()))
		}
		if p.Snap != nil {
			h = h.Word(uint64(p.Snap.Hash()))
		}
		h = h.Word(uint64(p.Session)).Word(uint64(uint32(p.Timeout)) | flags(p.Valid)<<32)
		h = p.Touched.fold(h)
		return h
	}
	c := &m.Client
	h = h.Word(uint64(c.Kind)<<8 | uint64(uint8(c.Op))).Word(uint64(c.Cxid)).Word(uint64(c.Session)).Word(uint64(c.Zxid))
	if c.Req != nil {
		h = h.Word(uint64(c.Req.Hash()))
	}
	if c.Connect != nil {
		h = h.Word(uint64(uint32(c.Connect.TimeoutMillis))).String(c.Connect.Password).String(c.Connect.Addr)
	}
	if e := c.Event; e != nil {
		h = h.Word(uint64(uint8(e.Type))).Word(uint64(e.To)).Word(uint64(e.Zxid)).String(e.Path)
	}
	return h.Word(uint64(c.Result.Hash()))
}

// InputKind is the kind of an Input.
type InputKind uint8

// The inputs of a server.
const (
	Started         InputKind = iota // the process runs: enter the first election
	Opened                           // a connection is open: Conn, Peer, Plane, Incoming
	Closed                           // a connection is gone: Conn, Plane
	DialFailed                       // a dial was refused: Peer, Plane
	Received                         // a message arrived: Conn, Peer, Msg
	TimerFired                       // Timer
	DiskDone                         // Token: a disk operation is durable
	DiskFailed                       // Token: a disk operation failed, nothing of it is durable
	RunLane                          // Lane has work and is scheduled
	Elected                          // an oracle names Peer as leader, with its Vote
	ExpireSession                    // an operator expires Session at once; leader or standalone only
	CheckContainers                  // one pass of the container manager; MaxNeverUsedMillis
	DropClient                       // an operator has Conn, a client's connection, closed
)

// Token tells which disk operation finished.
type Token uint8

// The disk operations that may be under way at once: the log writer's fsync, the
// one operation that the peer thread blocks on, and the snapshot that is taken
// while transactions go on.
const (
	TokenFlush Token = iota
	TokenPeer
	TokenSnap
	TokenCount
)

// TimerID names a timer of a server. At most one of a kind runs.
type TimerID uint8

// The timers.
const (
	TimerElection TimerID = iota                                // + election.TimerID
	TimerTick     TimerID = TimerElection + election.TimerCount // leader: every half tick
	TimerInit     TimerID = TimerTick + 1                       // leader: initLimit of the wait under way
	TimerRead     TimerID = TimerTick + 2                       // learner: socket read time-out
	TimerConnect  TimerID = TimerTick + 3                       // learner: dial time-out or pause before the next try
	TimerSession  TimerID = TimerTick + 4                       // leader, standalone: the end of an expiry bucket
	// TimerContainer is the container manager's: leader, standalone.
	TimerContainer TimerID = TimerTick + 5
	TimerHandler   TimerID = TimerTick + 6 // + sid: the leader's read time-out for a learner
	TimerCount     TimerID = TimerHandler + quorum.Slots
)

// String returns the timer's name.
func (t TimerID) String() string {
	switch {
	case t == TimerElection:
		return "poll"
	case t < TimerTick:
		return "dial-" + string(rune('0'+t))
	case t == TimerTick:
		return "tick"
	case t == TimerInit:
		return "initLimit"
	case t == TimerRead:
		return "read"
	case t == TimerConnect:
		return "connect"
	case t == TimerSession:
		return "expiry"
	case t == TimerContainer:
		return "container"
	}
	return "read-" + string(rune('0'+t-TimerHandler))
}

// Input is one thing that happens to a server.
type Input struct {
	Kind     InputKind
	Plane    Plane
	Peer     quorum.ServerID
	Incoming bool
	Timer    TimerID
	Lane     Lane
	Token    Token
	Conn     host.ConnID
	Now      host.Time // the only clock a server ever sees
	Wall     int64     // nanoseconds, for the time field of transactions
	Msg      *Msg      // Received; valid during the step only
	Vote     election.Vote
	Session  txn.SessionID // ExpireSession
	// MaxNeverUsedMillis of a CheckContainers: how long a container that never had a
	// child may live; 0: for ever (ContainerManager.maxNeverUsedIntervalMs).
	MaxNeverUsedMillis int64
}
