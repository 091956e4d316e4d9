package client

import "errors"

// Code is the result of an operation, with ZooKeeper's numbers. It is the error
// that a Client returns, as a constant to compare with.
type Code int32

// OK is the result of a success. It is never returned as an error.
const OK Code = 0

// Errors that a recipe branches on. ErrConnectionLoss means that the outcome is
// unknown: the operation may take effect once, now or later, or never.
const (
	ErrSystemError             Code = -1
	ErrRuntimeInconsistency    Code = -2 // in a multi: not tried, an earlier one failed
	ErrDataInconsistency       Code = -3
	ErrConnectionLoss          Code = -4
	ErrMarshallingError        Code = -5
	ErrUnimplemented           Code = -6 // the server says so
	ErrOperationTimeout        Code = -7
	ErrBadArguments            Code = -8
	ErrInvalidState            Code = -9
	ErrNoNode                  Code = -101
	ErrNoAuth                  Code = -102
	ErrBadVersion              Code = -103
	ErrNoChildrenForEphemerals Code = -108
	ErrNodeExists              Code = -110
	ErrNotEmpty                Code = -111
	ErrSessionExpired          Code = -112
	ErrInvalidACL              Code = -114
	ErrAuthFailed              Code = -115
	ErrClosing                 Code = -116 // the session is closed
	ErrSessionMoved            Code = -118
	ErrEphemeralOnLocalSession Code = -120
	ErrNoWatcher               Code = -121
	ErrRequestTimeout          Code = -122
	ErrQuotaExceeded           Code = -125
	ErrThrottledOp             Code = -127
)

// ErrNotBuilt is ours: the host cannot do this operation. Clients return it as a
// NotBuilt, which names the operation; errors.Is finds it.
const ErrNotBuilt Code = -10001

// codeNames is a switch's job done by a sorted list: codes are few.
var codeNames = []struct {
	code Code
	name string
}{
	{OK, "OK"}, {ErrSystemError, "SYSTEMERROR"}, {ErrRuntimeInconsistency, "RUNTIMEINCONSISTENCY"},
	{ErrDataInconsistency, "DATAINCONSISTENCY"}, {ErrConnectionLoss, "CONNECTIONLOSS"},
	{ErrMarshallingError, "MARSHALLINGERROR"}, {ErrUnimplemented, "UNIMPLEMENTED"},
	{ErrOperationTimeout, "OPERATIONTIMEOUT"}, {ErrBadArguments, "BADARGUMENTS"},
	{ErrInvalidState, "INVALIDSTATE"}, {ErrNoNode, "NONODE"}, {ErrNoAuth, "NOAUTH"},
	{ErrBadVersion, "BADVERSION"}, {ErrNoChildrenForEphemerals, "NOCHILDRENFOREPHEMERALS"},
	{ErrNodeExists, "NODEEXISTS"}, {ErrNotEmpty, "NOTEMPTY"}, {ErrSessionExpired, "SESSIONEXPIRED"},
	{ErrInvalidACL, "INVALIDACL"}, {ErrAuthFailed, "AUTHFAILED"}, {ErrClosing, "CLOSING"},
	{ErrSessionMoved, "SESSIONMOVED"}, {ErrEphemeralOnLocalSession, "EPHEMERALONLOCALSESSION"},
	{ErrNoWatcher, "NOWATCHER"}, {ErrRequestTimeout, "REQUESTTIMEOUT"},
	{ErrQuotaExceeded, "QUOTAEXCEEDED"}, {ErrThrottledOp, "THROTTLEDOP"}, {ErrNotBuilt, "NOTBUILT"},
}

// String returns ZooKeeper's name of the code.
func (c Code) String() string {
	for _, n := range codeNames {
		if n.code == c {
			return n.name
		}
	}
	return "CODE?"
}

// Error returns the code's name.
func (c Code) Error() string { return "zookeeper: " + c.String() }

// NotBuilt is the error of an operation that the host does not have.
type NotBuilt struct {
	Op    Op
	Watch bool // it is the watch that is not built
}

// Error names the operation.
func (e NotBuilt) Error() string {
	if e.Watch {
		return "zabsim: " + e.Op.String() + " with a watch is not built"
	}
	return "zabsim: " + e.Op.String() + " is not built"
}

// Is makes errors.Is(err, ErrNotBuilt) true.
func (e NotBuilt) Is(target error) bool { return target == ErrNotBuilt }

// OutcomeUnknown tells whether an update that returned err may still have
// happened, or happen later. A recipe that retries after such an error may do
// the update twice. Expiry counts too: a request in flight can outlive its
// session (protocol fact 10), and the caller cannot know that it was not.
func OutcomeUnknown(err error) bool {
	var code Code
	if !errors.As(err, &code) {
		return false
	}
	switch code {
	case ErrConnectionLoss, ErrOperationTimeout, ErrRequestTimeout, ErrSessionExpired:
		return true
	}
	return false
}
