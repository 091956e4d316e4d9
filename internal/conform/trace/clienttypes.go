package trace

import "zabsim/zab/txn"

// ClientStep is one step above the client library and all that it caused.
type ClientStep struct {
	Line   int
	Index  int
	Client string // a handle
	Op     string
	Args   ClientArgs
	Res    ClientRes
	Events []ClientDelivery
}

// ClientArgs are the arguments of a ClientStep.
type ClientArgs struct {
	Path    Text
	Data    Data   // left out: empty
	Mode    string // of create and addWatch, as the Java has it
	ACL     []txn.ACL
	ACLName string // a ready-made list, such as creator
	Watch   Text   // name of the watcher; "default" for the handle's own
	Version int32
	Timeout int32
	Chroot  string
	Scheme  string
	Auth    string
	Type    string // of removeWatches: Data, Children, Any
	Local   bool
	Ops     []ClientOp // multi
}

// ClientOp is a member of a multi above the client library.
type ClientOp struct{ Type, Path string }

// ClientRes is what a ClientStep returned or threw.
type ClientRes struct {
	Err                string // a KeeperException's code, or OK
	Exception, Message string // any other exception
	Value              *ClientValue
	Results            []string // codes of a failed multi's members
	Timeout            *int64
	Reconnected        *bool
}

// ClientValue is what a call returned. One of the fields is set; NoStat is the null
// that exists returns.
type ClientValue struct {
	Text   *string
	List   []string
	Data   *Data
	Stat   *Stat // without times
	NoStat bool
}

// ClientDelivery is what the watchers of one handle were called with, in order.
type ClientDelivery struct {
	Client string
	Events []ClientEvent
}

// ClientEvent is one call of a watcher.
type ClientEvent struct {
	Watcher, Type, State string
	Path                 Text
}
