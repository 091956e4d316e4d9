package client

import (
	"strings"
	"time"
)

// Zxid identifies a transaction: the epoch in the high 32 bits, a counter below.
type Zxid int64

// SessionID names a session; zero means none.
type SessionID int64

// AnyVersion matches every version.
const AnyVersion int32 = -1

// CreateMode is the kind of a node, with ZooKeeper's numbers.
type CreateMode uint8

// The kinds of nodes.
const (
	Persistent              CreateMode = 0
	Ephemeral               CreateMode = 1
	PersistentSequential    CreateMode = 2
	EphemeralSequential     CreateMode = 3
	Container               CreateMode = 4
	PersistentTTL           CreateMode = 5
	PersistentSequentialTTL CreateMode = 6
)

var modeNames = [...]string{"persistent", "ephemeral", "persistent-sequential",
	"ephemeral-sequential", "container", "persistent-ttl", "persistent-sequential-ttl"}

// String returns the mode's name.
func (m CreateMode) String() string { return nameOf(modeNames[:], int(m)) }

// IsSequential tells whether the server appends a number to the name.
func (m CreateMode) IsSequential() bool {
	return m == PersistentSequential || m == EphemeralSequential || m == PersistentSequentialTTL
}

// IsEphemeral tells whether the node ends with its session.
func (m CreateMode) IsEphemeral() bool { return m == Ephemeral || m == EphemeralSequential }

// WatchMode is how AddWatch looks, with ZooKeeper's numbers.
type WatchMode uint8

// The modes of AddWatch.
const (
	WatchPersistent WatchMode = 0 // one node: its data and its children
	WatchRecursive  WatchMode = 1 // a node and all below it; never NodeChildrenChanged
)

// String returns the mode's name.
func (m WatchMode) String() string { return nameOf([]string{"persistent", "recursive"}, int(m)) }

// Stat is what ZooKeeper keeps beside a node's data.
type Stat struct {
	Czxid          Zxid  // created by
	Mzxid          Zxid  // data last changed by
	Pzxid          Zxid  // children last changed by
	Ctime, Mtime   int64 // milliseconds on the leader's clock
	Version        int32 // changes of the data
	Cversion       int32 // changes of the children
	Aversion       int32 // changes of the ACL
	EphemeralOwner SessionID
	DataLength     int32
	NumChildren    int32
}

// Perms are permission bits.
type Perms uint8

// The permissions.
const (
	PermRead   Perms = 1
	PermWrite  Perms = 2
	PermCreate Perms = 4
	PermDelete Perms = 8
	PermAdmin  Perms = 16
	PermAll    Perms = 31
)

// String writes the bits as zkCli does: "cdrwa".
func (p Perms) String() string {
	var b strings.Builder
	for _, x := range []struct {
		bit  Perms
		name byte
	}{{PermCreate, 'c'}, {PermDelete, 'd'}, {PermRead, 'r'}, {PermWrite, 'w'}, {PermAdmin, 'a'}} {
		if p&x.bit != 0 {
			b.WriteByte(x.name)
		}
	}
	return b.String()
}

// ACL grants permissions to an identity of a scheme.
type ACL struct {
	Perms  Perms
	Scheme string
	ID     string
}

// OpenACL lets everybody do everything.
func OpenACL() ACL { return ACL{Perms: PermAll, Scheme: "world", ID: "anyone"} }

// State is what a client knows of its session.
type State uint8

// The states. Suspended means that the connection is lost and the session may or
// may not live: a careful recipe stops acting as a leader or holder.
const (
	Connecting State = iota // before the first connection
	Connected
	Suspended
	Closed
	Expired
	AuthFailed // the server refused an identity; the session can't be used any more
)

// String returns the state's name as ZooKeeper users write it.
func (s State) String() string {
	return nameOf([]string{"CONNECTING", "CONNECTED", "SUSPENDED", "CLOSED", "EXPIRED", "AUTH_FAILED"}, int(s))
}

// Session is what a client knows about its session; the server may know better.
type Session struct {
	ID      SessionID // zero before the first connection
	State   State
	Timeout time.Duration // as negotiated
}

// EventType is the kind of an event, with ZooKeeper's numbers.
type EventType int8

// The kinds of events.
const (
	EventNotWatching         EventType = -2 // the watch has ended; State tells why
	EventSession             EventType = -1 // State is the new state
	EventNodeCreated         EventType = 1
	EventNodeDeleted         EventType = 2
	EventNodeDataChanged     EventType = 3
	EventNodeChildrenChanged EventType = 4

	EventDataWatchRemoved       EventType = 5 // the client took it back
	EventChildWatchRemoved      EventType = 6
	EventPersistentWatchRemoved EventType = 7
)

// String returns ZooKeeper's name of the kind.
func (t EventType) String() string {
	return nameOf([]string{"NotWatching", "Session", "None", "NodeCreated", "NodeDeleted",
		"NodeDataChanged", "NodeChildrenChanged", "DataWatchRemoved", "ChildWatchRemoved", "PersistentWatchRemoved"}, int(t)+2)
}

// Event is what a watch delivers.
type Event struct {
	Type  EventType
	State State
	Path  string
	Zxid  Zxid // of the change; zero if the host does not know (ZOOKEEPER-4655)
}

func nameOf(names []string, i int) string {
	if i < 0 || i >= len(names) {
		return "?"
	}
	return names[i]
}
