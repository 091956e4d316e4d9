package election

import (
	"strconv"

	"zabsim/internal/fp"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// State is what a server takes itself for, QuorumPeer.ServerState. The values
// are the ordinals on the wire.
type State uint8

// The states of a server.
const (
	Looking State = iota
	Following
	Leading
	Observing
)

var stateNames = [...]string{"LOOKING", "FOLLOWING", "LEADING", "OBSERVING"}

// String writes ZooKeeper's name of the state.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "STATE" + strconv.Itoa(int(s))
}

// Round counts the elections a process took part in: logicalclock in Java,
// electionEpoch in votes. It decides which votes are counted together and is no
// part of the vote order (protocol fact 1.2).
type Round uint64

// Vote names a leader and says why: its last zxid and its currentEpoch. The
// zero Vote is the minimum that observers cast; Java uses the smallest long
// three times. It loses against every vote for a server.
type Vote struct {
	Leader    quorum.ServerID
	Zxid      zxid.Zxid
	PeerEpoch zxid.Epoch
	Round     Round
}

// String writes "n3 1.17 e1 r4": leader, zxid, peerEpoch, round.
func (v Vote) String() string {
	return v.Leader.String() + " " + v.Zxid.String() +
		" e" + strconv.FormatUint(uint64(v.PeerEpoch), 10) +
		" r" + strconv.FormatUint(uint64(v.Round), 10)
}

// Note is a notification (protocol fact 3.1). Who sent it follows from the
// connection, not from the message.
type Note struct {
	Vote  Vote
	State State // of the sender
}

// String writes "LOOKING n3 1.17 e1 r4".
func (n Note) String() string { return n.State.String() + " " + n.Vote.String() }

const (
	saltNote    = 0xE1EC7001
	saltMachine = 0xE1EC7002
)

// Hash names the content of n.
func (n *Note) Hash() fp.Hash { return n.fold(fp.New(saltNote)).Done() }

func (n *Note) fold(h fp.Hash) fp.Hash { return n.Vote.fold(h, uint64(n.State)) }

// Fold appends the vote to a hash.
func (v *Vote) Fold(h fp.Hash) fp.Hash { return v.fold(h, 0) }

// fold packs the small fields into one word; tag shares it.
func (v *Vote) fold(h fp.Hash, tag uint64) fp.Hash {
	small := uint64(v.PeerEpoch)<<32 | tag<<8 | uint64(v.Leader)
	return h.Word(small).Word(uint64(v.Zxid)).Word(uint64(v.Round))
}

// Config is what a Machine never changes. All machines of a world may share the
// Quorum.
type Config struct {
	ID             quorum.ServerID
	Quorum         *quorum.Config
	NotifyMin      host.Duration // first wait for a message; doubles after each empty wait
	NotifyMax      host.Duration // where the doubling ends
	FinalizeWait   host.Duration // silence that must follow a quorum
	ConnectTimeout host.Duration // bound of one dial
	Bugs           bug.Set
	// Timeless says that the driver has no time, as in a search. The back-off
	// then never grows, so that no time leaks into the state.
	Timeless bool
}

// DefaultConfig returns ZooKeeper's defaults.
func DefaultConfig(id quorum.ServerID, q *quorum.Config) Config {
	return Config{
		ID:             id,
		Quorum:         q,
		NotifyMin:      200 * host.Millisecond,
		NotifyMax:      60 * host.Second,
		FinalizeWait:   200 * host.Millisecond,
		ConnectTimeout: 5 * host.Second,
	}
}

// Better tells whether vote new beats vote cur: a leader with voting weight, and
// then (peerEpoch, zxid, sid) in this order. Equal votes do not beat each other.
// FastLeaderElection.totalOrderPredicate, protocol fact 3.2.
func Better(cfg *Config, new, cur Vote) bool {
	if cfg.Quorum.Weight(new.Leader) == 0 {
		return false
	}
	if cfg.Bugs.Has(bug.FlatVoteOrder) {
		return betterFlat(&new, &cur)
	}
	if new.PeerEpoch != cur.PeerEpoch {
		return new.PeerEpoch > cur.PeerEpoch
	}
	if new.Zxid != cur.Zxid {
		return new.Zxid > cur.Zxid
	}
	return new.Leader > cur.Leader
}

// betterFlat is the predicate before ZOOKEEPER-1419: the sid decides whenever
// the zxids are equal, even against a higher epoch. Two votes can beat each
// other, and the electorate then never settles.
func betterFlat(new, cur *Vote) bool {
	return new.PeerEpoch > cur.PeerEpoch ||
		new.PeerEpoch == cur.PeerEpoch && new.Zxid > cur.Zxid ||
		new.Zxid == cur.Zxid && new.Leader > cur.Leader
}
