package zkadapter

import (
	"runtime"
	"time"

	"github.com/go-zookeeper/zk"

	"zabsim/sim/client"
)

// port is the client.Port of the tasks of a host.
type port struct{ h *host }

// Name implements client.Port.
func (p *port) Name() string { return p.h.name }

// Do implements client.Port. While it waits others have the turn. A task that is
// stopped ends here: deferred functions run, no recover holds it.
func (p *port) Do(call client.Call) *client.Response {
	h := p.h
	if h.ctx.Err() != nil {
		runtime.Goexit()
	}
	h.turn.Unlock()
	r := h.answer(&call)
	h.turn.Lock()
	if h.ctx.Err() != nil {
		runtime.Goexit()
	}
	return r
}

// Spawn implements client.Port.
func (p *port) Spawn(name string, run func(client.Client)) client.Task { return p.h.spawn(name, run) }

// answer performs a call.
func (h *host) answer(call *client.Call) *client.Response {
	r := &client.Response{}
	switch call.Op {
	case client.OpSleep:
		h.wait(call.Duration, nil)
	case client.OpNow:
		r.Number = int64(time.Since(h.start))
	case client.OpRand:
		h.mu.Lock()
		r.Number = h.rng.Int64N(call.Number)
		h.mu.Unlock()
	case client.OpNote:
		h.note(h.name, call.Path, call.Data)
	case client.OpSession:
		h.mu.Lock()
		r.Session = client.Session{ID: h.id, State: h.state, Timeout: h.timeout}
		h.mu.Unlock()
	case client.OpSessionEvents:
		r.ID = h.add(&watch{stream: true})
	case client.OpNext:
		r.Event = h.next(call.ID)
	case client.OpNewSession:
		r.Code = h.renew()
	case client.OpClose:
		h.end(client.Closed)
	case client.OpWait:
		r.Number = h.wait(call.Duration, call.Signals)
	case client.OpNewFlag:
		h.mu.Lock()
		h.flags = append(h.flags, false)
		r.ID = uint32(len(h.flags))
		h.mu.Unlock()
	case client.OpRaise:
		h.mu.Lock()
		if call.ID > 0 {
			h.flags[call.ID-1] = true
			h.wake()
		}
		h.mu.Unlock()
	default:
		h.ask(call, r)
	}
	return r
}

// ask performs a call that a server answers.
func (h *host) ask(call *client.Call, r *client.Response) {
	h.mu.Lock()
	conn, session, state := h.conn, h.session, h.state
	h.mu.Unlock()
	switch {
	case state == client.Expired:
		r.Code = client.ErrSessionExpired
		return
	case state == client.Closed:
		r.Code = client.ErrClosing
		return
	case conn == nil: // another task is in NewSession
		r.Code = client.ErrConnectionLoss
		return
	}
	var stat *zk.Stat
	var err error
	var w <-chan zk.Event
	switch call.Op {
	case client.OpExists, client.OpGet, client.OpChildren:
		stat, w, err = read(conn, call, r)
	case client.OpMulti:
		ops, ok := multiOf(call.Ops)
		if !ok {
			r.Code = client.ErrNotBuilt
			return
		}
		var results []zk.MultiResponse
		results, err = conn.Multi(ops...)
		r.Results = resultsOf(results)
	default:
		stat, err = write(conn, call, r)
	}
	if err == errNotBuilt {
		r.Code = client.ErrNotBuilt
		return
	}
	if r.Code = h.reason(session, err); r.Code != client.OK {
		r.Found = false
		return
	}
	r.Stat = statOf(stat)
	if call.Watch {
		r.ID = h.add(&watch{session: session, from: w})
	}
}

// errNotBuilt is returned for what go-zookeeper does not have.
var errNotBuilt error = client.ErrNotBuilt

func read(conn *zk.Conn, call *client.Call, r *client.Response) (stat *zk.Stat, w <-chan zk.Event, err error) {
	var data []byte
	switch {
	case call.Op == client.OpExists && call.Watch:
		r.Found, stat, w, err = conn.ExistsW(call.Path)
	case call.Op == client.OpExists:
		r.Found, stat, err = conn.Exists(call.Path)
	case call.Op == client.OpGet && call.Watch:
		data, stat, w, err = conn.GetW(call.Path)
	case call.Op == client.OpGet:
		data, stat, err = conn.Get(call.Path)
	case call.Watch:
		r.Names, stat, w, err = conn.ChildrenW(call.Path)
	default:
		r.Names, stat, err = conn.Children(call.Path)
	}
	r.Data = string(data)
	return stat, w, err
}

// write is for all but reads and multi.
func write(conn *zk.Conn, call *client.Call, r *client.Response) (stat *zk.Stat, err error) {
	switch call.Op {
	case client.OpCreate:
		if call.Mode == client.Container {
			r.Data, err = conn.CreateContainer(call.Path, []byte(call.Data), int32(call.Mode), toACL(call.ACL))
		} else {
			r.Data, err = conn.Create(call.Path, []byte(call.Data), int32(call.Mode), toACL(call.ACL))
		}
	case client.OpCreateTTL:
		r.Data, err = conn.CreateTTL(call.Path, []byte(call.Data), int32(call.Mode), toACL(call.ACL), call.Duration)
	case client.OpDelete:
		err = conn.Delete(call.Path, call.Version)
	case client.OpSet:
		stat, err = conn.Set(call.Path, []byte(call.Data), call.Version)
	case client.OpSync:
		_, err = conn.Sync(call.Path)
	case client.OpGetACL:
		var acl []zk.ACL
		acl, stat, err = conn.GetACL(call.Path)
		r.ACL = fromACL(acl)
	case client.OpSetACL:
		stat, err = conn.SetACL(call.Path, toACL(call.ACL), call.Version)
	case client.OpAddAuth:
		err = conn.AddAuth(call.Path, []byte(call.Data))
	default: // OpCreateStat, OpAddWatch, OpRemoveWatch
		err = errNotBuilt
	}
	return stat, err
}
