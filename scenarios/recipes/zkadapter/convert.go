package zkadapter

import (
	"errors"
	"strconv"
	"strings"

	"github.com/go-zookeeper/zk"

	"zabsim/sim/client"
)

// codes lists the errors of go-zookeeper that are values. ErrNoServer is for
// requests that were never sent; that is known to nobody but the library, so they
// count as lost.
var codes = []struct {
	err  error
	code client.Code
}{
	{zk.ErrConnectionClosed, client.ErrConnectionLoss},
	{zk.ErrNoServer, client.ErrConnectionLoss},
	{zk.ErrAPIError, -100},
	{zk.ErrNoNode, client.ErrNoNode},
	{zk.ErrNoAuth, client.ErrNoAuth},
	{zk.ErrBadVersion, client.ErrBadVersion},
	{zk.ErrNoChildrenForEphemerals, client.ErrNoChildrenForEphemerals},
	{zk.ErrNodeExists, client.ErrNodeExists},
	{zk.ErrNotEmpty, client.ErrNotEmpty},
	{zk.ErrSessionExpired, client.ErrSessionExpired},
	{zk.ErrInvalidACL, client.ErrInvalidACL},
	{zk.ErrInvalidFlags, client.ErrBadArguments},
	{zk.ErrInvalidPath, client.ErrBadArguments},
	{zk.ErrBadArguments, client.ErrBadArguments},
	{zk.ErrAuthFailed, client.ErrAuthFailed},
	{zk.ErrClosing, client.ErrClosing},
	{zk.ErrNothing, -117},
	{zk.ErrSessionMoved, client.ErrSessionMoved},
	{zk.ErrReconfigDisabled, -123},
	{zk.ErrShortBuffer, client.ErrMarshallingError},
}

// codeOf maps an error of go-zookeeper. Codes that the library does not know come
// as text with the number; all else is an error of the network: the outcome is
// unknown.
func codeOf(err error) client.Code {
	if err == nil {
		return client.OK
	}
	for _, c := range codes {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	if number, ok := strings.CutPrefix(err.Error(), "unknown error: "); ok {
		if n, err := strconv.ParseInt(number, 10, 32); err == nil {
			return client.Code(n)
		}
	}
	return client.ErrConnectionLoss
}

// statOf copies a Stat; a missing one is zero.
func statOf(s *zk.Stat) client.Stat {
	if s == nil {
		return client.Stat{}
	}
	return client.Stat{
		Czxid: client.Zxid(s.Czxid), Mzxid: client.Zxid(s.Mzxid), Pzxid: client.Zxid(s.Pzxid),
		Ctime: s.Ctime, Mtime: s.Mtime, Version: s.Version, Cversion: s.Cversion, Aversion: s.Aversion,
		EphemeralOwner: client.SessionID(s.EphemeralOwner), DataLength: s.DataLength, NumChildren: s.NumChildren,
	}
}

func toACL(list []client.ACL) (out []zk.ACL) {
	for _, a := range list {
		out = append(out, zk.ACL{Perms: int32(a.Perms), Scheme: a.Scheme, ID: a.ID})
	}
	return out
}

func fromACL(list []zk.ACL) (out []client.ACL) {
	for _, a := range list {
		out = append(out, client.ACL{Perms: client.Perms(a.Perms), Scheme: a.Scheme, ID: a.ID})
	}
	return out
}

// eventOf maps an event of a watch; ok is false for the library's word that the
// watch is over.
func eventOf(e zk.Event) (out client.Event, ok bool) {
	if e.Type < zk.EventNodeCreated || e.Type > zk.EventNodeChildrenChanged {
		return out, false
	}
	return client.Event{Type: client.EventType(e.Type), State: client.Connected, Path: e.Path}, true
}

// stateAfter is what a client knows of its session after the library has gone to a
// state. A connection without a session (StateConnected) is as good as none.
func stateAfter(old client.State, s zk.State) client.State {
	switch {
	case old == client.Expired || old == client.Closed:
		return old
	case s == zk.StateHasSession:
		return client.Connected
	case s == zk.StateExpired:
		return client.Expired
	case old == client.Connecting:
		return client.Connecting
	}
	return client.Suspended
}

// multiOf maps the operations of a multi; ok is false if one can't be expressed.
func multiOf(ops []client.MultiOp) (out []any, ok bool) {
	for _, op := range ops {
		switch op.Op {
		case client.OpCreate:
			if op.Mode > client.EphemeralSequential {
				return nil, false // its reply has a type that the library refuses
			}
			out = append(out, &zk.CreateRequest{Path: op.Path, Data: []byte(op.Data), Acl: toACL(op.ACL), Flags: int32(op.Mode)})
		case client.OpDelete:
			out = append(out, &zk.DeleteRequest{Path: op.Path, Version: op.Version})
		case client.OpSet:
			out = append(out, &zk.SetDataRequest{Path: op.Path, Data: []byte(op.Data), Version: op.Version})
		case client.OpCheck:
			out = append(out, &zk.CheckVersionRequest{Path: op.Path, Version: op.Version})
		default:
			return nil, false
		}
	}
	return out, true
}

func resultsOf(list []zk.MultiResponse) (out []client.MultiResult) {
	for _, r := range list {
		out = append(out, client.MultiResult{Code: codeOf(r.Error), Name: r.String, Stat: statOf(r.Stat)})
	}
	return out
}
