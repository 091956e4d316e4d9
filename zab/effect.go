package zab

import (
	"zabsim/election"
	"zabsim/internal/fp"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// EffectOp is the kind of an Effect.
type EffectOp uint8

// The effects.
const (
	OpDial      EffectOp = iota // open a connection to Peer on Plane
	OpAbandon                   // give the dial to Peer on Plane up
	OpSend                      // Msg on Conn
	OpClose                     // close Conn
	OpSetTimer                  // Timer fires After from now; a running one is replaced
	OpStopTimer                 // Timer
	OpDisk                      // start Disk
	OpExit                      // the process ends, by an error that nobody catches
)

// DiskKind is the kind of a disk operation.
type DiskKind uint8

// The disk operations. An append is buffered: only DiskFsync makes it durable.
// The others are durable when DiskDone says so and leave one of their stages
// behind if the server crashes first.
const (
	DiskAppend        DiskKind = iota // Txn to the log
	DiskFsync                         // the log, all that was appended so far
	DiskAcceptedEpoch                 // write temp, fsync, rename
	DiskCurrentEpoch                  // write temp, fsync, rename
	DiskSnapshot                      // write temp, fsync, rename; Fence makes older files obsolete
	DiskTruncate                      // cut the log after Zxid, drop snapshots after it, fsync
	DiskRoll                          // the next append begins a new log file; buffered like an append
)

// String returns the operation's name.
func (k DiskKind) String() string {
	return [...]string{"append", "fsync", "acceptedEpoch", "currentEpoch", "snapshot", "truncate", "roll"}[k]
}

// DiskOp is one disk operation.
type DiskOp struct {
	Kind  DiskKind
	Token Token
	Fence bool
	// Retain of a snapshot: how many snapshots, and the logs they need, survive its
	// rename; 0 keeps all.
	Retain int
	// KeepSnaps of a truncation leaves snapshots that hold more: a bug.
	KeepSnaps bool
	// Over of a truncation takes the last record that should stay, too; Hole of a
	// snapshot lets the log go on where the snapshot ends: bugs.
	Over, Hole bool
	Epoch      zxid.Epoch
	Zxid       zxid.Zxid
	Txn        *txn.Txn
	Snap       *Snapshot
}

// Effect is one thing that a server wants done. The host starts effects in
// order; the medium decides when they complete.
type Effect struct {
	Op    EffectOp
	Plane Plane
	Timer TimerID
	Peer  quorum.ServerID
	Conn  host.ConnID
	After host.Duration
	Disk  DiskOp
	Msg   Msg
}

// ProbeKind is the kind of a Probe.
type ProbeKind uint8

// The probes: facts that invariants need and that no message shows.
const (
	ProbePropose   ProbeKind = iota // leader: Txn was broadcast
	ProbeCommit                     // leader: Txn is committed
	ProbeDeliver                    // Txn was applied as committed
	ProbeActive                     // the server serves; its tree ends with Zxid, Chain
	ProbeEstablish                  // leader: Epoch is established with history Zxid, Chain by Set
	ProbeSelfAck                    // leader: its own log writer acknowledged Zxid
	ProbeSync                       // leader: chose Sync mode for learner Peer
	ProbeIllegal                    // something arrived that must not: Reason
	ProbeRole                       // the role or phase changed
	ProbeDrained                    // a role ended: log writer drained, tree fast-forwarded
	ProbeReplace                    // learner: SNAP or TRUNC (Mode) replaced its history by Zxid, Chain
	ProbeDecide                     // an election ended: Peer leads, Set voted for it
	ProbeSnapshot                   // a snapshot named Zxid is done; Set is not empty if transactions went on meanwhile
	ProbePurge                      // snapshots and logs that were not needed are gone
	ProbeOverflow                   // leader: the counter reached its end
	ProbeAdopt                      // a looking server proposes vote Vote in place of Was, in one round or at its beginning
)

// Flag says which of the five ghost flags of ZooKeeper's system specification an
// illegal event sets (protocol fact 17.1).
type Flag uint8

// The flags.
const (
	FlagState    Flag = iota // an event in a phase that can't have it
	FlagProposal             // a proposal or truncation that does not fit the history
	FlagCommit               // a commit of what is not the next pending proposal
	FlagAck                  // an acknowledgement of the wrong epoch or of an unknown zxid
	FlagMessage              // a packet that this role can never receive
	FlagDisk                 // none of the specification's: a disk that does not open
)

// String returns "state", "proposal", "commit", "ack", "message" or "disk".
func (f Flag) String() string {
	return [...]string{"state", "proposal", "commit", "ack", "message", "disk"}[f]
}

// Probe is a fact for the invariants. It has no influence on the run.
type Probe struct {
	Kind ProbeKind
	Flag Flag // of an illegal event
	// Unheard, at ProbeDecide, tells that the leader was joined in its own round
	// without its word.
	Unheard bool
	Peer    quorum.ServerID
	Set     quorum.Set
	Mode    SyncMode
	Epoch   zxid.Epoch
	Zxid    zxid.Zxid
	Chain   fp.Hash
	Digest  fp.Hash // of the tree, at ProbeDeliver and ProbeActive
	// Cut, at ProbeSync, is where the leader lets the learner's history end before it
	// sends more; Zxid is where it ends now.
	Cut    zxid.Zxid
	Txn    *txn.Txn
	Reason string
	Vote   election.Vote // ProbeAdopt
	Was    election.Vote
}

// Effects collects what one step wants done. One per driver, reset per step.
type Effects struct {
	list   []Effect
	probes []Probe
}

// Reset empties e and keeps its memory.
func (e *Effects) Reset() { e.list, e.probes = e.list[:0], e.probes[:0] }

// CopyInto makes dst an independent copy, reusing its memory.
func (e *Effects) CopyInto(dst *Effects) {
	dst.list = append(dst.list[:0], e.list...)
	dst.probes = append(dst.probes[:0], e.probes...)
}

// List returns the effects in program order.
func (e *Effects) List() []Effect { return e.list }

// Probes returns the facts in program order.
func (e *Effects) Probes() []Probe { return e.probes }

// add appends an effect of kind op and returns it to be filled in. Only the
// fields that op's host side reads are reset.
func (e *Effects) add(op EffectOp) *Effect {
	if n := len(e.list); n < cap(e.list) {
		e.list = e.list[:n+1]
	} else {
		e.list = append(e.list, Effect{})
	}
	f := &e.list[len(e.list)-1]
	f.Op = op
	return f
}

func (e *Effects) dial(p Plane, peer quorum.ServerID) {
	f := e.add(OpDial)
	f.Plane, f.Peer = p, peer
}

func (e *Effects) abandon(p Plane, peer quorum.ServerID) {
	f := e.add(OpAbandon)
	f.Plane, f.Peer = p, peer
}

func (e *Effects) close(c host.ConnID) {
	if c != 0 {
		e.add(OpClose).Conn = c
	}
}

func (e *Effects) setTimer(t TimerID, after host.Duration) {
	f := e.add(OpSetTimer)
	f.Timer, f.After = t, after
}

func (e *Effects) stopTimer(t TimerID) { e.add(OpStopTimer).Timer = t }

// packet appends a quorum packet and returns it to be filled in.
func (e *Effects) packet(c host.ConnID, t PacketType, z zxid.Zxid) *Packet {
	f := e.add(OpSend)
	f.Conn = c
	f.Msg.Plane = PlaneQuorum
	f.Msg.Packet = Packet{Type: t, Zxid: z}
	return &f.Msg.Packet
}

// reply appends a client message and returns it to be filled in.
func (e *Effects) reply(c host.ConnID, k ClientKind) *ClientMsg {
	f := e.add(OpSend)
	f.Conn = c
	f.Msg.Plane = PlaneClient
	f.Msg.Client = ClientMsg{Kind: k}
	return &f.Msg.Client
}

func (e *Effects) disk(op DiskOp) { e.add(OpDisk).Disk = op }

func (e *Effects) probe(p Probe) { e.probes = append(e.probes, p) }
