package history

import (
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Call is one operation of a recipe's client, of any kind: what an Op is for the
// few kinds that work on one node.
type Call struct {
	Client  int
	Task    int    // of the client; each has one call open at a time
	Session uint32 // how many sessions the client had before
	Name    string // of the client library's method
	Server  quorum.ServerID
	Invoke  host.Time
	Return  host.Time // Never unless the outcome is known
	Ended   host.Time // when the client stopped waiting, whatever the outcome

	Outcome Outcome
	// Req is the request with session and number, nil for what needs no server. Sent
	// tells whether it left its client.
	Req    *txn.Request
	Sent   bool
	Result txn.Result
	Zxid   zxid.Zxid // of the reply's header
	// Turn is the place of the call's end among all ends and watch events of its client,
	// from 1: time alone does not order what reached a client at once. 0 if not recorded.
	Turn uint32
	Link uint32 // how many connections the client had opened when the call ended
	// Unvouched is ghost knowledge about a sync: the leader may have been deposed while
	// it ran, or it ran on the leader itself, whose sync is no barrier (protocol fact 6.5).
	Unvouched bool
}

// Event is a watch event that reached a client.
type Event struct {
	Client  int
	Session uint32 // how many sessions the client had before
	At      host.Time
	Server  quorum.ServerID
	Type    int8 // txn.EventType
	Path    string
	Zxid    zxid.Zxid // of the transaction that triggered it; 0 if the server did not say
	Turn    uint32    // as that of Call
	Link    uint32    // as that of Call
}
