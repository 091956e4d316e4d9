package trace

import (
	"strings"

	"zabsim/zab/txn"
)

// JavaClient is the Level of a trace that was recorded above the client library.
const JavaClient = "java-client"

// Harness is the session of a step that no session takes.
const Harness = "-"

// Trace is one recording.
type Trace struct {
	File     string // where it came from, for messages
	Name     string
	Topic    string
	Server   string // which release answered
	Level    string // "" or JavaClient
	Prefix   bool   // the trace was cut: it has no final state
	Settings Settings
	Zxid0    int64 // last zxid before the first step
	Steps    []Step
	Client   []ClientStep // instead of Steps at the level JavaClient
	Final    *Final       // nil at the level JavaClient and in a prefix

	header object
	lines  []string // of the steps, as they were read
}

// Settings are those of the server that a recorder changes.
type Settings struct {
	TickMillis           int64 // tickTime
	MinSession           int32 // minSessionTimeout, milliseconds; -1: two ticks
	MaxSession           int32 // maxSessionTimeout, milliseconds; -1: 20 ticks
	ExtendedTypes        bool  // extendedTypesEnabled: nodes with a time to live
	EnforceQuota         bool  // enforceQuota
	ContainerCheckMillis int64 // containerCheckIntervalMs
	LocalSessions        bool  // localSessionsEnabled and localSessionsUpgradingEnabled; no recording has them
}

// Text is a string or null.
type Text struct {
	Null  bool
	Value string
}

// Data is a node's data, as short as the trace has it.
type Data struct {
	Null bool
	Text string // if Fill is 0
	Fill byte   // a byte that is repeated Len times
	Len  int
}

// Bytes returns the data itself; "" for null.
func (d Data) Bytes() string {
	if d.Fill != 0 {
		return strings.Repeat(string([]byte{d.Fill}), d.Len)
	}
	return d.Text
}

// Op is an operation with its arguments. Arguments that a trace leaves out have
// the values of the format.
type Op struct {
	Name    string
	Code    txn.Op // OpNone for what the harness does
	Path    string // or the prefix of getEphemerals
	NoPath  bool   // the path is null
	Data    Data
	HasACL  bool // an access list is given; if not, world:anyone has all
	ACL     []txn.ACL
	NullID  bool  // an entry of ACL has a null id
	Flags   int32 // create*; the mode of addWatch; the type of checkWatches and removeWatches
	Version int32
	TTL     int64
	Watch   bool
	Ops     []Op            // multi, multiRead, pipeline
	Watches *txn.WatchLists // setWatches, setWatches2
	Scheme  string          // addAuth
	Auth    Text            // addAuth

	Timeout   int32  // connect, reconnect: milliseconds
	LastZxid  int64  // connect, reconnect
	Bind      string // connect: the client's address
	BadPasswd bool   // reconnect
	UnknownID bool   // reconnect
	Millis    int64  // sleep, waitGone
	NeverUsed int64  // containerCheck: maxNeverUsedIntervalMs
	RawCode   int32  // rawOp
	RawBody   string // rawOp
}

// Step is one step and all that it caused.
type Step struct {
	Line      int
	Index     int
	Session   string // a label, or Harness
	Op        Op
	Reply     Reply
	OwnBefore int // events of Session that came before the reply
	Events    []Delivery
	Txns      []Txn
}

// Delivery is what arrived at one session, in order.
type Delivery struct {
	Session string
	Events  []Event
}

// ConnectionClosed is the Type of an Event that is none: the server closed the
// session's connection.
const ConnectionClosed = "ConnectionClosed"

// Event is a watch event, or ConnectionClosed.
type Event struct {
	Type  string
	State string // "" is SyncConnected
	Path  string
}

// Codes of a harness, beside those of KeeperException.
const (
	NotConnected = "NOT_CONNECTED"     // the session has no connection; nothing was sent
	ClosedCode   = "CONNECTION_CLOSED" // the server hung up instead of answering
	NoReply      = "NO_REPLY"          // it never answered; a ping behind was answered
	ServerDown   = "SERVER_DOWN"       // nothing listens any more
)

// Reply is the answer to a step. Nil is a field that is not there.
type Reply struct {
	Err        string // "" for steps of the harness
	Zxid       *int64
	Path       *Text
	Stat       *Stat
	Data       *Data
	Children   []string
	ACL        []txn.ACL
	Ephemerals []string
	Number     *int64
	Who        []string
	Code       *int64   // addWatch
	Results    []Member // multi, multiRead
	Stream     []Item   // pipeline
	Timeout    *int64   // connect, reconnect: granted, milliseconds
	Session    *Text    // connect, reconnect
	Closed     *bool    // reconnect: the server hung up after its answer
	Gone       *bool    // waitGone
	BodyBytes  *int64   // an error that carried a body all the same
	EmptyBody  bool     // OK without the body that one expects
}

// Other is the CTime or MTime that no transaction explains.
const Other int64 = -1 << 63

// Stat is a node's stat with times told by zxids: CTime and MTime are the zxid of
// the transaction whose time they are.
type Stat struct {
	Czxid, Mzxid, Pzxid         int64
	CTime, MTime                int64
	Version, Cversion, Aversion int64
	Owner                       string // "0" or a session's label
	DataLength, NumChildren     int64
}

// Member is the result of one operation of a multi or multiRead.
type Member struct {
	Type     string
	Path     *Text
	Stat     *Stat
	Data     *Data
	Children []string
	Err      string // of an error
	HdrErr   string // of an error: the header's code if it is not OK
}

// Item is one thing of a pipeline's stream: an event, or the reply to an operation.
type Item struct {
	Event *Event
	Index int
	Reply Reply
}

// Txn is a transaction that the server applied. Server is the Session of one that
// no session asked for. A member of a multi has neither zxid nor session.
type Txn struct {
	Zxid    int64
	Session string
	Type    string // as txn.Op writes it, or NotApplied
	Path    string
	Deleted []string // closeSession
	Of      string   // error
	Err     string   // error
	Ops     []Txn    // multi
}

// Server is the Session of a transaction that the server made by itself.
const Server = "server"

// NotApplied is the Type of a good member of a failed multi.
const NotApplied = "notApplied"

// Final is the state behind the last step.
type Final struct {
	Line       int
	LastZxid   int64
	Sessions   []string
	Ephemerals []Owned
	Nodes      []Node // depth first, children sorted
}

// Owned lists the ephemeral nodes of a session.
type Owned struct {
	Session string
	Paths   []string
}

// Node is a node with all that it holds.
type Node struct {
	Path string
	Kind string // persistent, ephemeral:<session>, container, ttl:<milliseconds>
	Data Data
	ACL  []txn.ACL
	Stat Stat
}
