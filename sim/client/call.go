package client

import "time"

// Op is what a Call asks for.
type Op uint8

// The operations. OpNone stands for a task that has ended and asks for nothing.
const (
	OpNone Op = iota
	OpCreate
	OpCreateTTL
	OpCreateStat
	OpDelete
	OpExists
	OpGet
	OpSet
	OpChildren
	OpMulti
	OpCheck // in a multi only
	OpSync
	OpGetACL
	OpSetACL
	OpAddAuth
	OpAddWatch
	OpRemoveWatch
	OpSessionEvents
	OpNext
	OpSession
	OpNewSession
	OpClose
	OpSleep
	OpNow
	OpRand
	OpNote
	OpSpawn
	OpWait
	OpNewFlag
	OpRaise
)

var opNames = [...]string{"none", "create", "createTTL", "create2", "delete", "exists", "get", "set",
	"children", "multi", "check", "sync", "getACL", "setACL", "addAuth", "addWatch", "removeWatch",
	"sessionEvents", "next", "session", "newSession", "close", "sleep", "now", "rand", "note", "spawn",
	"wait", "newFlag", "raise"}

// String returns the operation's name.
func (o Op) String() string { return nameOf(opNames[:], int(o)) }

// Instant tells whether the host answers at once, with no server involved and no
// time passing.
func (o Op) Instant() bool {
	switch o {
	case OpSessionEvents, OpSession, OpNow, OpRand, OpNote, OpSpawn, OpNewFlag, OpRaise:
		return true
	}
	return false
}

// IsServer tells whether ZooKeeper answers the operation; it may fail, and with
// an unknown outcome if it changes something.
func (o Op) IsServer() bool { return o >= OpCreate && o <= OpRemoveWatch }

// Forever is the Duration of a Wait without time-out.
const Forever time.Duration = -1

// Call is what a blocked task asks, as a plain value. The comment of a field names
// the operations that use it.
type Call struct {
	Op        Op
	Mode      CreateMode    // Create, CreateTTL, CreateStat
	WatchMode WatchMode     // AddWatch
	Watch     bool          // Exists, Get, Children: leave a one-shot watch
	Version   int32         // Delete, Set, SetACL
	ID        uint32        // Next, RemoveWatch: the watch; Raise: the flag
	Number    int64         // Rand: the bound
	Duration  time.Duration // Sleep; CreateTTL: time to live; Wait: time-out or Forever
	Path      string        // server operations; AddAuth: scheme; Note: word; Spawn: name
	Data      string        // Create..., Set; AddAuth: credentials; Note: detail
	ACL       []ACL         // Create..., SetACL; never empty for Create...
	Ops       []MultiOp     // Multi
	Signals   []Signal      // Wait
}

// Response answers a Call, as a plain value.
type Response struct {
	Task    uint32 // whom it answers, by number; hosts with goroutines may leave it 0
	Code    Code   // OK, or why not
	ID      uint32 // the new watch or flag; Spawn: the new task
	Number  int64  // Now: nanoseconds; Rand: the draw; Wait: the index or -1
	Data    string // Get: the data; Create...: the name
	Found   bool   // Exists
	Stat    Stat   // reads, Set, SetACL, CreateStat
	Names   []string
	ACL     []ACL
	Results []MultiResult
	Event   Event   // Next
	Session Session // Session
}

// MultiOp is one operation of a multi; make it with CreateOp, DeleteOp, SetOp or
// CheckOp.
type MultiOp struct {
	Op      Op
	Mode    CreateMode
	Version int32
	Path    string
	Data    string
	ACL     []ACL
}

// MultiResult is the result of one operation of a multi.
type MultiResult struct {
	Code Code
	Name string // CreateOp
	Stat Stat   // SetOp
}

// CreateOp makes a node within a multi.
func CreateOp(path, data string, mode CreateMode, acl ...ACL) MultiOp {
	return MultiOp{Op: OpCreate, Path: path, Data: data, Mode: mode, ACL: orOpen(acl)}
}

// DeleteOp removes a node within a multi.
func DeleteOp(path string, version int32) MultiOp {
	return MultiOp{Op: OpDelete, Path: path, Version: version}
}

// SetOp replaces data within a multi.
func SetOp(path, data string, version int32) MultiOp {
	return MultiOp{Op: OpSet, Path: path, Data: data, Version: version}
}

// CheckOp lets a multi fail unless the version matches.
func CheckOp(path string, version int32) MultiOp {
	return MultiOp{Op: OpCheck, Path: path, Version: version}
}

// orOpen copies an access list, since the recipe may change its own later.
func orOpen(acl []ACL) []ACL {
	if len(acl) == 0 {
		return []ACL{OpenACL()}
	}
	return append([]ACL(nil), acl...)
}
