package txn

import (
	"strconv"
	"strings"
)

// Code is a result code, with ZooKeeper's numbers (KeeperException.Code).
type Code int8

// Result codes. ConnectionLoss and OperationTimeout are the client's own: the
// outcome is unknown.
const (
	OK                       Code = 0
	SystemError              Code = -1
	RuntimeInconsistency     Code = -2
	DataInconsistency        Code = -3
	ConnectionLoss           Code = -4
	MarshallingError         Code = -5
	Unimplemented            Code = -6
	OperationTimeout         Code = -7
	BadArguments             Code = -8
	UnknownSession           Code = -12
	NewConfigNoQuorum        Code = -13
	ReconfigInProgress       Code = -14
	APIError                 Code = -100
	NoNode                   Code = -101
	NoAuth                   Code = -102
	BadVersion               Code = -103
	NoChildrenForEphemerals  Code = -108
	NodeExists               Code = -110
	NotEmpty                 Code = -111
	SessionExpired           Code = -112
	InvalidCallback          Code = -113
	InvalidACL               Code = -114
	AuthFailed               Code = -115
	SessionMoved             Code = -118
	NotReadOnly              Code = -119
	EphemeralOnLocalSession  Code = -120
	NoWatcher                Code = -121
	RequestTimeout           Code = -122
	ReconfigDisabled         Code = -123
	SessionClosedRequireSasl Code = -124
	QuotaExceeded            Code = -125
	ThrottledOp              Code = -127
)

// String returns ZooKeeper's name of the code.
func (c Code) String() string {
	switch c {
	case OK:
		return "OK"
	case SystemError:
		return "SYSTEMERROR"
	case RuntimeInconsistency:
		return "RUNTIMEINCONSISTENCY"
	case DataInconsistency:
		return "DATAINCONSISTENCY"
	case ConnectionLoss:
		return "CONNECTIONLOSS"
	case MarshallingError:
		return "MARSHALLINGERROR"
	case Unimplemented:
		return "UNIMPLEMENTED"
	case OperationTimeout:
		return "OPERATIONTIMEOUT"
	case BadArguments:
		return "BADARGUMENTS"
	case UnknownSession:
		return "UNKNOWNSESSION"
	case NewConfigNoQuorum:
		return "NEWCONFIGNOQUORUM"
	case ReconfigInProgress:
		return "RECONFIGINPROGRESS"
	case APIError:
		return "APIERROR"
	case NoNode:
		return "NONODE"
	case NoAuth:
		return "NOAUTH"
	case BadVersion:
		return "BADVERSION"
	case NoChildrenForEphemerals:
		return "NOCHILDRENFOREPHEMERALS"
	case NodeExists:
		return "NODEEXISTS"
	case NotEmpty:
		return "NOTEMPTY"
	case SessionExpired:
		return "SESSIONEXPIRED"
	case InvalidCallback:
		return "INVALIDCALLBACK"
	case InvalidACL:
		return "INVALIDACL"
	case AuthFailed:
		return "AUTHFAILED"
	case SessionMoved:
		return "SESSIONMOVED"
	case NotReadOnly:
		return "NOTREADONLY"
	case EphemeralOnLocalSession:
		return "EPHEMERALONLOCALSESSION"
	case NoWatcher:
		return "NOWATCHER"
	case RequestTimeout:
		return "REQUESTTIMEOUT"
	case ReconfigDisabled:
		return "RECONFIGDISABLED"
	case SessionClosedRequireSasl:
		return "SESSIONCLOSEDREQUIRESASLAUTH"
	case QuotaExceeded:
		return "QUOTAEXCEEDED"
	case ThrottledOp:
		return "THROTTLEDOP"
	}
	return "CODE" + strconv.Itoa(int(c))
}

// Codes returns the codes that have a name, OK first.
func Codes() []Code {
	var all []Code
	for n := 0; n >= -128; n-- {
		if c := Code(n); !strings.HasPrefix(c.String(), "CODE") {
			all = append(all, c)
		}
	}
	return all
}

// ParseCode is the inverse of String.
func ParseCode(s string) (Code, bool) {
	for n := 0; n >= -128; n-- {
		if c := Code(n); c.String() == s {
			return c, true
		}
	}
	return 0, false
}
