package cnxn

import (
	"slices"
	"strings"

	"zabsim/sim/client"
	"zabsim/zab/txn"
)

// Java is the Java API by names, as recordings of the Java client have them:
//
//	j := cnxn.NewJava(&cnxn.Config{Servers: 1, TimeoutMillis: 30_000})
//	j.Client.Start(&out)
//	x := j.Do(tag, "getData", &cnxn.JavaArgs{Path: &path, Watch: &w1}, &out)
//	...                              // until out has the Completion of tag
//	res := j.Result(out.Completion(e))
//	calls := j.Calls(out.Event(e))   // whom an event calls
//
// The watcher named "default" is the client's own.
type Java struct {
	Client   Client
	watchers []string // Watcher i+1
}

// NewJava returns a client that tells its watchers of changes of the session.
func NewJava(cfg *Config) *Java {
	own := *cfg
	own.SessionEvents = true
	j := new(Java)
	j.Client.Init(&own)
	return j
}

// JavaArgs are the arguments of a call; nil pointers are null. The comments of the
// fields name the operations that use them.
type JavaArgs struct {
	Path    *string
	Data    *string   // create, create2, createTTL, setData
	Mode    string    // create*: name of a CreateMode, "" is PERSISTENT; addWatch: PERSISTENT or PERSISTENT_RECURSIVE
	ACL     []txn.ACL // create*, setACL
	NoACL   bool      // create*: the list is null or empty; without, no ACL is the open one
	TTL     int64     // createTTL
	Version int32     // delete, setData, setACL, check; -1 is any, and there is no default
	Watch   *string   // name of a watcher: exists, getData, getChildren, getChildren2, addWatch, removeWatches
	Type    string    // removeWatches, removeAllWatches: Children, Data, Any, Persistent, PersistentRecursive
	Local   bool      // removeWatches, removeAllWatches
	Scheme  string    // addAuthInfo
	Auth    string    // addAuthInfo
	Ops     []JavaOp  // multi
}

// JavaOp is a member of a multi: create, delete, setData, check, getData or
// getChildren, with its arguments.
type JavaOp struct {
	Type string
	JavaArgs
}

// javaOps are the methods, by name.
var javaOps = []struct {
	name string
	op   txn.Op
}{
	{"create", txn.OpCreate}, {"create2", txn.OpCreate2}, {"createTTL", txn.OpCreateTTL}, {"delete", txn.OpDelete},
	{"exists", txn.OpExists}, {"getData", txn.OpGetData}, {"setData", txn.OpSetData}, {"getACL", txn.OpGetACL},
	{"setACL", txn.OpSetACL}, {"getChildren", txn.OpGetChildren}, {"getChildren2", txn.OpGetChildren2}, {"check", txn.OpCheck},
	{"sync", txn.OpSync}, {"multi", txn.OpMulti}, {"addWatch", txn.OpAddWatch}, {"removeWatches", txn.OpCheckWatches},
	{"removeAllWatches", txn.OpRemoveWatches}, {"addAuthInfo", txn.OpAuth}, {"addAuthInfo-and-wait", txn.OpAuth},
	{"getEphemerals", txn.OpGetEphemerals}, {"getAllChildrenNumber", txn.OpGetAllChildrenNumber},
	{"whoAmI", txn.OpWhoAmI}, {"close", txn.OpCloseSession},
}

func javaOp(name string) txn.Op {
	for _, o := range javaOps {
		if o.name == name {
			return o.op
		}
	}
	return txn.OpNone
}

// IsJavaOp tells whether Do knows an operation.
func IsJavaOp(name string) bool { return javaOp(name) != txn.OpNone }

// Do calls a method. It returns the exception that refuses the call, or nil, and
// then the call completes with tag. An unknown method or name of a constant is a
// NoSuchMethodError.
func (j *Java) Do(tag uint32, op string, args *JavaArgs, out *Out) *Exception {
	a := Ask{Tag: tag, Local: args.Local, NullPath: args.Path == nil}
	if a.Req.Op = javaOp(op); a.Req.Op == txn.OpNone {
		return &Exception{"NoSuchMethodError", op}
	}
	if e := fillJava(&a.Req, args); e != nil {
		return e
	}
	if args.Watch != nil {
		a.Watcher, a.Req.Watch = j.Watcher(*args.Watch), true
	}
	switch a.Req.Op {
	case txn.OpCheckWatches, txn.OpRemoveWatches, txn.OpAddWatch:
		a.Req.Watch = false
	case txn.OpMulti:
		a.Req.More = &txn.RequestMore{Ops: make([]txn.Request, len(args.Ops))}
		for i := range args.Ops {
			m := &a.Req.More.Ops[i]
			if m.Op = javaOp(args.Ops[i].Type); m.Op == txn.OpNone {
				return &Exception{"NoSuchMethodError", args.Ops[i].Type}
			}
			if e := fillJava(m, &args.Ops[i].JavaArgs); e != nil {
				return e
			}
		}
	}
	return j.Client.Ask(&a, out)
}

// Watcher returns the number of a watcher by name; it gets one when it is new.
func (j *Java) Watcher(name string) Watcher {
	if name == "default" {
		return DefaultWatcher
	}
	i := slices.Index(j.watchers, name)
	if i < 0 {
		i = len(j.watchers)
		j.watchers = append(j.watchers, name)
	}
	return Watcher(i + 1)
}

// Name returns the name of a watcher.
func (j *Java) Name(w Watcher) string {
	if w == DefaultWatcher {
		return "default"
	}
	if w == 0 || int(w) > len(j.watchers) {
		return "?"
	}
	return j.watchers[w-1]
}

// fillJava takes the arguments that do not depend on the client.
func fillJava(r *txn.Request, args *JavaArgs) *Exception {
	if args.Path != nil {
		r.Path = *args.Path
	}
	r.Version = args.Version
	switch r.Op {
	case txn.OpCreate, txn.OpCreate2, txn.OpCreateTTL, txn.OpSetData:
		if r.Null = args.Data == nil; !r.Null {
			r.Data = *args.Data
		}
	case txn.OpAuth:
		r.Path, r.Data = args.Scheme, args.Auth
	}
	switch {
	case r.Op.IsCreate():
		mode := max(0, slices.Index(modeNames[:], args.Mode))
		if args.Mode != "" && modeNames[mode] != args.Mode {
			return &Exception{"NoSuchMethodError", args.Mode}
		}
		r.Flags, r.TTL = int32(mode), args.TTL
		if client.CreateMode(mode) == client.Container && r.Op != txn.OpCreateTTL {
			r.Op = txn.OpCreateContainer
		}
		if len(args.ACL) > 0 || args.NoACL {
			r.More = &txn.RequestMore{ACL: args.ACL}
		}
	case r.Op == txn.OpSetACL:
		r.More = &txn.RequestMore{ACL: args.ACL}
	case r.Op == txn.OpAddWatch:
		if args.Mode == "PERSISTENT_RECURSIVE" {
			r.Flags = int32(client.WatchRecursive)
		}
	case r.Op == txn.OpCheckWatches || r.Op == txn.OpRemoveWatches:
		t := slices.Index(watcherTypes[:], args.Type)
		if t < 1 {
			return &Exception{"NoSuchMethodError", args.Type}
		}
		r.Flags = int32(t)
	}
	return nil
}

var watcherTypes = [...]string{"", "Children", "Data", "Any", "Persistent", "PersistentRecursive"}

// JavaResult is what a call returns or throws as a KeeperException. The comments
// of the fields name the operations that fill them, when Err is OK.
type JavaResult struct {
	Err string // name of the code
	// Path is that of create*. Names: getChildren*, getEphemerals. Number:
	// getAllChildrenNumber. ACL: getACL. Data: getData; nil is null. Stat: getData,
	// setData, setACL, create2, getChildren2, getACL, exists; nil: exists found
	// nothing.
	Path   string
	Names  []string
	Number int32
	ACL    []txn.ACL
	Data   *string
	Stat   *txn.Stat
	// Multi has the classes of the results of a multi: "CreateResult", or of a failed
	// one the names of the codes.
	Multi []string
}

// Result tells what a completion returns to its caller. c is not kept.
func (j *Java) Result(c *Completion) JavaResult {
	r := c.Result
	res := JavaResult{Err: c.Code.String()}
	if c.Op == txn.OpMulti || c.Op == txn.OpMultiRead {
		res.Multi = multiNames(c)
		return res
	}
	if c.Code != txn.OK {
		return res
	}
	switch c.Op {
	case txn.OpGetData, txn.OpSetData, txn.OpSetACL, txn.OpCreate2, txn.OpCreateTTL, txn.OpGetChildren2, txn.OpGetACL, txn.OpExists:
		if r.Err == txn.OK {
			res.Stat = &r.Stat
		}
	}
	if c.Op == txn.OpGetData && !r.Null {
		res.Data = &r.Data
	}
	if m := r.More; m != nil {
		res.Names, res.Number, res.ACL = m.Names, m.Number, m.ACL
		if c.Op.IsCreate() {
			res.Path = m.Path
		}
	}
	return res
}

// multiNames gives the classes of OpResult, or the codes of a multi that failed.
func multiNames(c *Completion) []string {
	names := []string{}
	if c.Result.More == nil {
		return names
	}
	for i := range c.Result.More.Results {
		m := &c.Result.More.Results[i]
		switch {
		case c.Code != txn.OK:
			names = append(names, m.Err.String())
		case m.Op == txn.OpError || m.Err != txn.OK:
			names = append(names, "ErrorResult")
		case m.Op.IsCreate():
			names = append(names, "CreateResult")
		default:
			name := m.Op.String()
			names = append(names, strings.ToUpper(name[:1])+name[1:]+"Result")
		}
	}
	return names
}

// JavaCall is one call of a watcher.
type JavaCall struct {
	Watcher string
	Type    string // "None" for a change of the session
	State   string
	Path    string // "" if Type is None, null in Java
}

// Calls tells whom an event calls, by name, as recordings list them.
func (j *Java) Calls(e *Event) []JavaCall {
	calls := make([]JavaCall, 0, len(e.Watchers))
	for _, w := range e.Watchers {
		c := JavaCall{Watcher: j.Name(w), Type: e.Type.String(), State: keeperState(e.State), Path: e.Path}
		if e.Type == client.EventSession {
			c.Type = "None"
		}
		calls = append(calls, c)
	}
	slices.SortStableFunc(calls, func(a, b JavaCall) int { return strings.Compare(a.Watcher, b.Watcher) })
	return calls
}

// keeperState returns the name of Watcher.Event.KeeperState.
func keeperState(s client.State) string {
	switch s {
	case client.Connected:
		return "SyncConnected"
	case client.Closed:
		return "Closed"
	case client.Expired:
		return "Expired"
	case client.AuthFailed:
		return "AuthFailed"
	}
	return "Disconnected"
}

// CloneInto makes dst an independent copy.
func (j *Java) CloneInto(dst *Java) {
	j.Client.CloneInto(&dst.Client)
	dst.watchers = copyInto(dst.watchers, j.watchers)
}
