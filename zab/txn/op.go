package txn

// Op is the kind of a request or transaction, with ZooKeeper's numbers
// (ZooDefs.OpCode), so that a recorded opcode is one.
type Op int8

// The operations.
const (
	OpNone                 Op = 0 // on the wire: a notification
	OpCreate               Op = 1
	OpDelete               Op = 2
	OpExists               Op = 3
	OpGetData              Op = 4
	OpSetData              Op = 5
	OpGetACL               Op = 6
	OpSetACL               Op = 7
	OpGetChildren          Op = 8
	OpSync                 Op = 9
	OpPing                 Op = 11
	OpGetChildren2         Op = 12
	OpCheck                Op = 13
	OpMulti                Op = 14
	OpCreate2              Op = 15
	OpReconfig             Op = 16
	OpCheckWatches         Op = 17
	OpRemoveWatches        Op = 18
	OpCreateContainer      Op = 19
	OpDeleteContainer      Op = 20
	OpCreateTTL            Op = 21
	OpMultiRead            Op = 22
	OpAuth                 Op = 100
	OpSetWatches           Op = 101
	OpGetEphemerals        Op = 103
	OpGetAllChildrenNumber Op = 104
	OpSetWatches2          Op = 105
	OpAddWatch             Op = 106
	OpWhoAmI               Op = 107
	OpError                Op = -1 // a failed update that took a zxid (protocol fact 8.4)
	OpCreateSession        Op = -10
	OpCloseSession         Op = -11
)

// String returns the operation's name, as a client library's method is called.
func (o Op) String() string {
	switch o {
	case OpNone:
		return "none"
	case OpCreate:
		return "create"
	case OpDelete:
		return "delete"
	case OpExists:
		return "exists"
	case OpGetData:
		return "getData"
	case OpSetData:
		return "setData"
	case OpGetACL:
		return "getACL"
	case OpSetACL:
		return "setACL"
	case OpGetChildren:
		return "getChildren"
	case OpSync:
		return "sync"
	case OpPing:
		return "ping"
	case OpGetChildren2:
		return "getChildren2"
	case OpCheck:
		return "check"
	case OpMulti:
		return "multi"
	case OpCreate2:
		return "create2"
	case OpReconfig:
		return "reconfig"
	case OpCheckWatches:
		return "checkWatches"
	case OpRemoveWatches:
		return "removeWatches"
	case OpCreateContainer:
		return "createContainer"
	case OpDeleteContainer:
		return "deleteContainer"
	case OpCreateTTL:
		return "createTTL"
	case OpMultiRead:
		return "multiRead"
	case OpAuth:
		return "addAuth"
	case OpSetWatches:
		return "setWatches"
	case OpGetEphemerals:
		return "getEphemerals"
	case OpGetAllChildrenNumber:
		return "getAllChildrenNumber"
	case OpSetWatches2:
		return "setWatches2"
	case OpAddWatch:
		return "addWatch"
	case OpWhoAmI:
		return "whoAmI"
	case OpError:
		return "error"
	case OpCreateSession:
		return "createSession"
	case OpCloseSession:
		return "closeSession"
	}
	return "op?"
}

// IsUpdate tells whether the operation goes through a quorum (fact 8.2). A local
// session's createSession and closeSession do not; whoever has such sessions asks
// before.
func (o Op) IsUpdate() bool {
	switch o {
	case OpCreate, OpCreate2, OpCreateTTL, OpCreateContainer, OpDelete, OpDeleteContainer,
		OpSetData, OpSetACL, OpCheck, OpMulti, OpReconfig, OpError, OpCreateSession, OpCloseSession:
		return true
	}
	return false
}

// Known tells whether o is one of the constants.
func (o Op) Known() bool { return o.String() != "op?" }

// IsCreate tells whether the operation makes a node.
func (o Op) IsCreate() bool {
	return o == OpCreate || o == OpCreate2 || o == OpCreateTTL || o == OpCreateContainer
}
