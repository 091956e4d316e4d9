package conform

import (
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// System is what a trace is replayed against: a server, or an ensemble. Each method
// returns when everything that it caused has happened.
type System interface {
	// Dial opens a connection for the session with this label; false if nothing
	// listens.
	Dial(label string) (host.ConnID, bool)
	// Send writes messages at once on a connection.
	Send(c host.ConnID, msgs []zab.ClientMsg)
	// HangUp is the client's end of a connection.
	HangUp(c host.ConnID)
	// Drop has the server end a connection.
	Drop(c host.ConnID)
	// Expire expires a session at once.
	Expire(id txn.SessionID)
	// CheckContainers is one pass of the container manager; 0: containers that never
	// had a child live for ever.
	CheckContainers(maxNeverUsedMillis int64)
	// Sleep lets time pass.
	Sleep(d host.Duration)
	// Restart stops the system and starts it on what its disk holds. All connections
	// are gone.
	Restart() error
	// Take returns what came out since the last call, in the order of arrival. It is
	// valid until the next call of any method.
	Take() []Happening
	// Last is the zxid of the last transaction that was applied.
	Last() zxid.Zxid
	// Machine is the applied state; read only.
	Machine() txn.StateMachine
}

// Happening is something that came out of a System. One of Msg, Closed and Txn is
// set.
type Happening struct {
	Conn   host.ConnID
	Msg    *zab.ClientMsg
	Closed bool     // the server ended the connection
	Txn    *txn.Txn // was applied
}

// Content is what a state machine shows of its tree, for the comparison of final
// states.
type Content interface {
	// Nodes calls yield for each node, parents before children and children by name,
	// until it returns false. Owner is the stored ephemeralOwner: a session, or one of
	// the special values of containers and nodes with a time to live (fact 11.1).
	// Stat is as a client sees it.
	Nodes(yield func(path string, owner uint64, data string, null bool, acl []txn.ACL, stat txn.Stat) bool)
}
