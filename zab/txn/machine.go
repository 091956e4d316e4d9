package txn

import (
	"zabsim/internal/fp"
	"zabsim/zab/zxid"
)

// StateMachine is what the ensemble replicates: the znode tree with its sessions,
// and a register for small searches. Watches belong to it, too, since applying is
// what triggers them; they are one server's own and in no snapshot.
type StateMachine interface {
	// Prep validates a request against the applied state and the changes that
	// earlier calls announced but that are not applied yet, and makes the
	// transaction with zxid z. A failing request becomes an OpError. Leader only.
	Prep(r *Request, s SessionCheck, z zxid.Zxid, wallNano int64) *Txn
	// Forget drops the announced changes: the leader's role has ended.
	Forget()
	// Apply applies a transaction. Events tells what it triggered.
	Apply(t *Txn) Result
	// Read answers a read and leaves the watch that it asks for with w. Reads are all
	// requests that take no zxid, from exists to setWatches; Events tells what a
	// setWatches triggered.
	Read(r *Request, w Watcher) Result
	// Events returns the events of the last Apply or Read, in the order in which they
	// are sent. It is valid until the next one.
	Events() []Event
	// Unwatch drops the watches of a connection that is gone.
	Unwatch(w Watcher)

	// SessionTimeout returns the time-out of a session in milliseconds; false if there
	// is no such session.
	SessionTimeout(id SessionID) (int32, bool)
	// Sessions calls yield for each session, by ascending id, until it returns false.
	Sessions(yield func(id SessionID, timeoutMillis int32) bool)
	// DropOrphans deletes the ephemeral nodes whose sessions are not there, after
	// loading (ZooKeeperServer.loadData, protocol fact 9.7).
	DropOrphans(z zxid.Zxid)
	// Expired returns the paths of containers and of nodes with a time to live that
	// are to be deleted (ContainerManager, fact 11.8), sorted.
	Expired(wallNano, maxNeverUsedMillis int64) []string

	// Crashed returns why the process that holds the machine ends now: an error that
	// ZooKeeper throws where nobody catches it. Empty if all is well.
	Crashed() string

	// Fingerprint names the applied state, the announced changes and the watches.
	Fingerprint() fp.Hash
	// Digest names the applied state alone: equal on all servers at equal zxid.
	Digest() fp.Hash
	// Clone returns an independent copy in O(1).
	Clone() StateMachine
	// Dump begins a snapshot that is taken while transactions go on.
	Dump() Dump
	// Bytes is about what a snapshot of the state takes on disk.
	Bytes() int64
}

// SessionCheck is what the session tracker says about who asks, before Prep:
// Prep returns it at the place where ZooKeeper would look.
type SessionCheck struct {
	Session Code // OK, SessionExpired, SessionMoved: SessionTracker.checkSession
	Global  Code // the same for who makes ephemeral nodes: checkGlobalSession
}

// Watcher is a connection of this server that may hold watches; zero is none.
type Watcher uint32

// EventType is the kind of an Event, with ZooKeeper's numbers.
type EventType int8

// The kinds of events.
const (
	NodeCreated            EventType = 1
	NodeDeleted            EventType = 2
	NodeDataChanged        EventType = 3
	NodeChildrenChanged    EventType = 4
	DataWatchRemoved       EventType = 5
	ChildWatchRemoved      EventType = 6
	PersistentWatchRemoved EventType = 7
)

// String returns ZooKeeper's name of the kind.
func (t EventType) String() string {
	switch t {
	case NodeCreated:
		return "NodeCreated"
	case NodeDeleted:
		return "NodeDeleted"
	case NodeDataChanged:
		return "NodeDataChanged"
	case NodeChildrenChanged:
		return "NodeChildrenChanged"
	case DataWatchRemoved:
		return "DataWatchRemoved"
	case ChildWatchRemoved:
		return "ChildWatchRemoved"
	case PersistentWatchRemoved:
		return "PersistentWatchRemoved"
	}
	return "Event?"
}

// Event is what a watch delivers. ACL is the list that the watcher must be able to
// READ under, or the event is withheld (CVE-2024-23944); nil withholds nothing.
type Event struct {
	To   Watcher
	Type EventType
	Zxid zxid.Zxid // of the transaction that triggered it (ZOOKEEPER-4655)
	Path string
	ACL  []ACL
}

// Dump is a fuzzy snapshot under way (protocol fact 13.1): it copies one node after
// the other out of the live state, which may change between two of them. What it
// ends with is right once all transactions since its beginning are applied to it
// again.
type Dump interface {
	// Next copies the next node; false if there is none.
	Next(live StateMachine) bool
	// State is what was copied. Nobody may use the Dump any more.
	State() StateMachine
	// Fingerprint names the copy and where it stands.
	Fingerprint() fp.Hash
	// Clone returns an independent copy.
	Clone() Dump
}
