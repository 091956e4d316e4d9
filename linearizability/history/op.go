package history

import (
	"math"
	"strconv"

	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Kind is what a client asked for.
type Kind uint8

// The kinds of operations.
const (
	Get     Kind = iota // a local read of the server that the client is on
	SyncGet             // sync and then a read, as one operation
	Set                 // unconditional setData
	CAS                 // setData that asks for version Expect
	Create              // create a node that must be absent
	Delete              // unconditional delete
	CDelete             // delete that asks for version Expect
	kinds
)

var kindNames = [kinds]string{"get", "sync-get", "set", "cas", "create", "delete", "cdelete"}

// String returns the kind's name in history files.
func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return "kind?"
}

// IsRead tells whether the kind only looks.
func (k Kind) IsRead() bool { return k <= SyncGet }

// IsWrite tells whether the kind goes through a quorum and takes a zxid, even if
// the answer is an error.
func (k Kind) IsWrite() bool { return k > SyncGet && k < kinds }

// Writes tells whether the kind, when it succeeds, leaves the operation's Value in the node.
func (k Kind) Writes() bool { return k >= Set && k <= Create }

// Removes tells whether the kind, when it succeeds, removes the node.
func (k Kind) Removes() bool { return k == Delete || k == CDelete }

// Conditional tells whether the kind asks for version Expect.
func (k Kind) Conditional() bool { return k == CAS || k == CDelete }

// Outcome is what the client knows about an operation.
type Outcome uint8

// The outcomes.
const (
	Pending Outcome = iota // still waiting when the record ended
	Ok                     // took effect
	Fail                   // certainly had no effect; Err says what the server saw
	Unknown                // the connection went away: it may take effect at any later time, or never
)

var outcomeNames = [...]string{"pending", "ok", "fail", "info"}

// String returns the outcome's name in history files; Unknown is "info".
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return "outcome?"
}

// Known tells whether the client was answered.
func (o Outcome) Known() bool { return o == Ok || o == Fail }

// Never is the return time of an operation whose outcome is unknown: as far as
// anyone knows it may still take effect.
const Never host.Time = math.MaxInt64

// Op is one operation of one client. A client has one operation open at a time; who
// sends several at once counts as several clients that share a Session.
type Op struct {
	Client  int       // who asked
	Session uint64    // in which session; the order of a session's operations is their order in History.Ops
	Kind    Kind      // what it asked
	Key     string    // the node's path
	Value   string    // written, or read
	Expect  int32     // the version that a conditional operation asks for
	Invoke  host.Time // when the client asked
	Return  host.Time // when the client was answered; Never unless the outcome is known
	Ended   host.Time // when the client stopped waiting, whatever the outcome; not part of any order

	Outcome  Outcome
	Err      txn.Code
	Version  int32     // of the node as written or as read
	Zxid     zxid.Zxid // reply header: the transaction of a write, failed ones too; the last one that the server had applied at a read
	SyncZxid zxid.Zxid // reply header of the sync within a SyncGet
	Mzxid    zxid.Zxid // of the node as written or as read
	Server   quorum.ServerID
	// Deposed is ghost knowledge: while this SyncGet ran, a server other than the
	// one that answered the sync was leading. ZooKeeper does not promise that such
	// a read is fresh (ZOOKEEPER-1675), so it doesn't join the model.
	Deposed bool
}

// Observes tells whether the answer says something about the node: success, or
// an error that the server could only give after looking at it.
func (o *Op) Observes() bool {
	switch o.Outcome {
	case Ok:
		return true
	case Fail:
		return o.Err == txn.NoNode || o.Err == txn.BadVersion || o.Err == txn.NodeExists
	}
	return false
}

// String describes the operation in one line for messages.
func (o *Op) String() string {
	b := append([]byte("client "), strconv.Itoa(o.Client)...)
	b = append(append(append(b, ' '), o.Kind.String()...), ' ')
	b = append(b, o.Key...)
	if o.Kind.Conditional() {
		b = append(b, " if version "...)
		b = strconv.AppendInt(b, int64(o.Expect), 10)
	}
	if o.Kind.Writes() {
		b = strconv.AppendQuote(append(b, " := "...), o.Value)
	}
	switch o.Outcome {
	case Ok:
		b = append(b, " -> ok"...)
		if o.Kind.IsRead() {
			b = strconv.AppendQuote(append(b, ' '), o.Value)
		}
		if !o.Kind.Removes() {
			b = strconv.AppendInt(append(b, " version "...), int64(o.Version), 10)
		}
	case Fail:
		b = append(append(b, " -> "...), o.Err.String()...)
	case Unknown:
		b = append(b, " -> unknown"...)
	default:
		b = append(b, " -> pending"...)
	}
	if o.Zxid != 0 {
		b = o.Zxid.Append(append(b, " at "...))
	}
	return string(b)
}

// parseErr reads the name of a code, as txn.Code writes it.
func parseErr(s string) (txn.Code, bool) { return txn.ParseCode(s) }
