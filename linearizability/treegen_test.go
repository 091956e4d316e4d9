package linearizability

import (
	"fmt"
	"slices"
	"strings"

	"zabsim/linearizability/history"
	"zabsim/linearizability/reference"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// entry is something committed.
type entry struct {
	req    *txn.Request
	zxid   zxid.Zxid
	millis int64
}

// replica is a server: the reference model after a prefix of the log.
type replica struct {
	model   *reference.Model
	applied int
}

// parcel is an event or a reply on its way to a client.
type parcel struct {
	event  *txn.Event
	result txn.Result
	zxid   zxid.Zxid
}

// actor is a client: one call at a time, and a table of watches for each list of
// setWatches, as ZKWatchManager has them.
type actor struct {
	id         txn.Watcher
	session    txn.SessionID
	number     uint32
	cxid       uint32
	server     int
	link, turn uint32
	last       zxid.Zxid
	wire       []parcel
	call       int // -1: none
	req        *txn.Request
	waits      int // of the log: the server must have applied so much
	waiting    bool
	watches    [5][]string
}

// treeWorld is an ensemble that does all right: one order of updates, servers that lag
// behind it, connections that are first in, first out.
type treeWorld struct {
	h        *history.History
	draw     func(n int) int
	now      host.Time
	log      []entry
	leader   *reference.Model
	replicas []replica
	actors   []*actor
	sessions txn.SessionID
}

// newTreeWorld returns an ensemble of two servers and its clients.
func newTreeWorld(clients int, draw func(n int) int) *treeWorld {
	w := &treeWorld{h: &history.History{Name: "generated tree", Ghost: true, Seeds: []string{"/a"}, Truth: []*txn.Txn{}}, draw: draw, leader: reference.New(reference.Config{})}
	w.replicas = make([]replica, 2)
	seed := &txn.Request{Op: txn.OpCreate, Path: "/a"}
	w.leader.Do(0, 0, seed, reference.Caller{})
	for i := range w.replicas {
		w.replicas[i].model = reference.New(reference.Config{})
		w.replicas[i].model.Do(0, 0, seed, reference.Caller{})
	}
	for c := range clients {
		a := &actor{id: txn.Watcher(c + 1), server: c % 2, call: -1, link: 1}
		w.actors = append(w.actors, a)
		w.open(a)
	}
	return w
}

// generateTree makes a history over the tree that keeps every promise.
func generateTree(steps, clients int, draw func(n int) int) *history.History {
	w := newTreeWorld(clients, draw)
	for range steps {
		w.now += host.Time(1 + draw(4))
		a := w.actors[draw(clients)]
		switch n := draw(40); {
		case n < 14 && a.call < 0:
			w.invoke(a)
		case n < 20 && a.call >= 0 && !a.waiting && a.req != nil:
			w.serve(a)
		case n < 27:
			w.apply(draw(2))
		case n < 38:
			w.receive(a)
		case n == 38:
			w.move(a)
		case draw(4) == 0:
			w.expire(a)
		}
	}
	return w.h
}

func (w *treeWorld) zxid() zxid.Zxid { return zxid.Zxid(len(w.log)) }

// commit appends a request to the log.
func (w *treeWorld) commit(q *txn.Request) {
	e := entry{q, w.zxid() + 1, int64(len(w.log)) * 7}
	var gone []string
	if q.Op == txn.OpCloseSession {
		list, _ := w.leader.Do(0, 0, &txn.Request{Op: txn.OpGetEphemerals, Session: q.Session, Path: "/"}, reference.Caller{})
		gone = list.More.Names
	}
	result, _ := w.leader.Do(e.zxid, e.millis, q, reference.Caller{})
	w.log = append(w.log, e)
	t := txnOf(q, &result, gone)
	t.Zxid, t.WallNano = e.zxid, e.millis*1_000_000
	w.h.Truth = append(w.h.Truth, t.Seal())
}

// txnOf returns the transaction of a request that had a result.
func txnOf(q *txn.Request, r *txn.Result, gone []string) *txn.Txn {
	t := &txn.Txn{Session: q.Session, Cxid: q.Cxid, Op: q.Op, Path: q.Path, Data: q.Data, Version: r.Stat.Version, Timeout: q.Timeout}
	switch {
	case q.Op == txn.OpMulti:
		t.More = &txn.TxnMore{}
		for i := range q.More.Ops {
			member := txnOf(&q.More.Ops[i], &r.More.Results[i], nil)
			if slices.ContainsFunc(r.More.Results, func(x txn.Result) bool { return x.Err != txn.OK }) {
				member = &txn.Txn{Op: txn.OpError, Of: q.More.Ops[i].Op, Err: r.More.Results[i].Err}
			}
			member.Session = q.Session
			t.More.Ops = append(t.More.Ops, *member)
		}
	case r.Err != txn.OK:
		return &txn.Txn{Session: q.Session, Cxid: q.Cxid, Op: txn.OpError, Of: q.Op, Err: r.Err}
	case q.Op.IsCreate():
		t.Path = r.More.Path
		if q.Flags&1 != 0 {
			t.Owner = uint64(q.Session)
		}
	case q.Op == txn.OpCloseSession && gone != nil:
		t.More = &txn.TxnMore{Paths: gone}
	}
	return t
}

// open begins a session.
func (w *treeWorld) open(a *actor) {
	w.sessions++
	a.session, a.cxid, a.watches = 1<<40+w.sessions, 0, [5][]string{}
	w.commit(&txn.Request{Session: a.session, Op: txn.OpCreateSession, Timeout: 9})
	for w.replicas[a.server].applied < len(w.log) { // it answers the connect request then
		w.apply(a.server)
	}
}

// invoke asks for something.
func (w *treeWorld) invoke(a *actor) { w.ask(a, w.request()) }

func (w *treeWorld) ask(a *actor, q *txn.Request) {
	a.cxid++
	q.Session, q.Cxid = a.session, a.cxid
	a.req, a.call = q, len(w.h.Calls)
	w.h.Calls = append(w.h.Calls, history.Call{Client: int(a.id), Session: a.number, Name: q.Op.String(), Server: quorum.ServerID(a.server + 1), Invoke: w.now, Return: history.Never})
}

func (w *treeWorld) request() *txn.Request {
	path := []string{"/a", "/a/x", "/a/y", "/b"}[w.draw(4)]
	data := fmt.Sprint("d", len(w.h.Calls))
	switch w.draw(15) {
	case 0, 1:
		return &txn.Request{Op: txn.OpCreate2, Path: path, Data: data, Flags: int32(w.draw(2))}
	case 2:
		return &txn.Request{Op: txn.OpCreate, Path: "/a/s-", Flags: int32(2 + w.draw(2))}
	case 3, 4:
		return &txn.Request{Op: txn.OpSetData, Path: path, Data: data, Version: int32(w.draw(3) - 1)}
	case 5:
		return &txn.Request{Op: txn.OpDelete, Path: path, Version: -1}
	case 6:
		return &txn.Request{Op: txn.OpMulti, More: &txn.RequestMore{Ops: []txn.Request{
			{Op: txn.OpCheck, Path: "/a", Version: -1}, {Op: txn.OpSetData, Path: path, Data: data, Version: -1}, {Op: txn.OpDelete, Path: "/a/y", Version: -1}}}}
	case 7:
		return &txn.Request{Op: txn.OpSync, Path: path}
	case 8:
		return &txn.Request{Op: txn.OpAddWatch, Path: path, Flags: int32(w.draw(2))}
	case 9:
		return &txn.Request{Op: txn.OpGetChildren2, Path: path, Watch: w.draw(2) == 0}
	case 10:
		return &txn.Request{Op: txn.OpMultiRead, More: &txn.RequestMore{Ops: []txn.Request{{Op: txn.OpGetData, Path: path}, {Op: txn.OpGetChildren, Path: "/a"}}}}
	case 11:
		if w.draw(6) == 0 {
			return &txn.Request{Op: txn.OpCloseSession}
		}
		return &txn.Request{Op: txn.OpGetACL, Path: path}
	case 12:
		return &txn.Request{Op: txn.OpRemoveWatches, Path: path, Flags: 3}
	case 13:
		return &txn.Request{Op: txn.OpExists, Path: path, Watch: w.draw(2) == 0}
	}
	return &txn.Request{Op: txn.OpGetData, Path: path, Watch: w.draw(2) == 0}
}

// serve lets the request reach the server of its client.
func (w *treeWorld) serve(a *actor) {
	switch {
	case a.req.Op.IsUpdate():
		w.commit(a.req)
		a.waits, a.waiting = len(w.log), true
	case a.req.Op == txn.OpSync:
		a.waits, a.waiting = len(w.log), true
		w.answer(a, txn.Result{})
	default:
		r := &w.replicas[a.server]
		result, _ := r.model.Do(w.zxid(), 0, a.req, reference.Caller{Watcher: a.id})
		a.wire = append(a.wire, parcel{result: result, zxid: zxid.Zxid(r.applied)})
		a.waiting, a.waits = true, -1
	}
}

// answer replies to what waited for its server, if it has come so far.
func (w *treeWorld) answer(a *actor, result txn.Result) {
	if r := &w.replicas[a.server]; a.waiting && a.waits >= 0 && r.applied >= a.waits {
		a.wire = append(a.wire, parcel{result: result, zxid: zxid.Zxid(r.applied)})
		a.waits = -1
	}
}

// apply lets a server apply what comes next.
func (w *treeWorld) apply(server int) {
	r := &w.replicas[server]
	if r.applied == len(w.log) {
		return
	}
	e := w.log[r.applied]
	r.applied++
	result, events := r.model.Do(e.zxid, e.millis, e.req, reference.Caller{})
	w.deliver(events)
	for _, a := range w.actors {
		switch {
		case a.server != server || !a.waiting || a.req == nil:
		case a.req == e.req, a.req.Op == txn.OpSync:
			own := result
			if a.req != e.req {
				own = txn.Result{}
			}
			w.answer(a, own)
		}
	}
}

func (w *treeWorld) deliver(events []txn.Event) {
	for i := range events {
		a := w.actors[events[i].To-1]
		a.wire = append(a.wire, parcel{event: &events[i]})
	}
}

// receive lets a client take what comes next.
func (w *treeWorld) receive(a *actor) {
	if len(a.wire) == 0 {
		return
	}
	p := a.wire[0]
	a.wire = a.wire[1:]
	if p.event != nil {
		w.notify(a, p.event)
		return
	}
	a.turn++
	c := &w.h.Calls[a.call]
	c.Outcome, c.Req, c.Sent, c.Result, c.Zxid = history.Ok, a.req, true, p.result, p.zxid
	if p.result.Err != txn.OK {
		c.Outcome = history.Fail
	}
	c.Return, c.Ended, c.Turn, c.Link = w.now, w.now, a.turn, a.link
	a.last = p.zxid
	a.register(p.result.Err)
	closed := a.req.Op == txn.OpCloseSession
	a.call, a.req, a.waiting = -1, nil, false
	if closed {
		w.renew(a)
	}
}

// register keeps the watch that the call has left.
func (a *actor) register(err txn.Code) {
	t, q := -1, a.req
	switch {
	case q.Op == txn.OpRemoveWatches && err == txn.OK:
		for i := range a.watches {
			a.watches[i] = slices.DeleteFunc(a.watches[i], func(p string) bool { return p == q.Path })
		}
	case q.Op == txn.OpAddWatch:
		t = 3 + int(q.Flags)
	case !q.Watch:
	case q.Op == txn.OpExists && err == txn.NoNode:
		t = 1
	case err == txn.OK && q.Op == txn.OpGetChildren2:
		t = 2
	case err == txn.OK:
		t = 0
	}
	if t >= 0 && !slices.Contains(a.watches[t], q.Path) {
		a.watches[t] = append(a.watches[t], q.Path)
	}
}

// notify records an event if a watch of the client is for it.
func (w *treeWorld) notify(a *actor, e *txn.Event) {
	table, found := [5]bool{}, false
	switch e.Type {
	case txn.NodeCreated, txn.NodeDataChanged:
		table[0], table[1] = true, true
	case txn.NodeChildrenChanged:
		table[2] = true
	case txn.NodeDeleted:
		table[0], table[1], table[2] = true, true, true
	}
	for t := range 3 {
		before := len(a.watches[t])
		if table[t] {
			a.watches[t] = slices.DeleteFunc(a.watches[t], func(p string) bool { return p == e.Path })
		}
		found = found || len(a.watches[t]) < before
	}
	found = found || slices.Contains(a.watches[3], e.Path)
	for _, p := range a.watches[4] {
		found = found || e.Type != txn.NodeChildrenChanged && (p == e.Path || strings.HasPrefix(e.Path, p+"/"))
	}
	if !found {
		return
	}
	a.turn++
	w.h.Watched = append(w.h.Watched, history.Event{Client: int(a.id), Session: a.number, At: w.now, Server: quorum.ServerID(a.server + 1),
		Type: int8(e.Type), Path: e.Path, Zxid: e.Zxid, Turn: a.turn, Link: a.link})
}

// lose ends the call that is open, whose outcome nobody knows.
func (w *treeWorld) lose(a *actor) {
	if a.call >= 0 {
		if !a.waiting && a.req.Op.IsUpdate() && a.req.Op != txn.OpCloseSession && w.draw(2) == 0 {
			w.commit(a.req)
		}
		a.turn++
		c := &w.h.Calls[a.call]
		c.Outcome, c.Req, c.Sent, c.Result, c.Ended, c.Turn, c.Link = history.Unknown, a.req, true, txn.Result{Err: txn.ConnectionLoss}, w.now, a.turn, a.link
	}
	a.call, a.req, a.waiting, a.wire = -1, nil, false, nil
	w.replicas[a.server].model.Unwatch(a.id)
}

// connect goes to a server that knows all that the client has seen, and tells it of
// the client's watches.
func (w *treeWorld) connect(a *actor) {
	a.server, a.link = w.draw(len(w.replicas)), a.link+1
	for w.replicas[a.server].applied < int(a.last) {
		w.apply(a.server)
	}
	lists := &txn.WatchLists{Relative: a.last, Data: a.watches[0], Exist: a.watches[1], Child: a.watches[2], Persistent: a.watches[3], Recursives: a.watches[4]}
	own := *lists
	own.Data, own.Exist, own.Child = slices.Clone(lists.Data), slices.Clone(lists.Exist), slices.Clone(lists.Child)
	_, events := w.replicas[a.server].model.Do(0, 0, &txn.Request{Op: txn.OpSetWatches2, More: &txn.RequestMore{Watches: &own}}, reference.Caller{Watcher: a.id})
	w.deliver(events)
}

// move breaks the connection; a session whose close was lost ends with it.
func (w *treeWorld) move(a *actor) {
	if a.req != nil && a.req.Op == txn.OpCloseSession {
		w.expire(a)
		return
	}
	w.lose(a)
	w.connect(a)
}

// expire ends a session for its client.
func (w *treeWorld) expire(a *actor) {
	w.lose(a)
	w.commit(&txn.Request{Session: a.session, Op: txn.OpCloseSession})
	w.renew(a)
}

func (w *treeWorld) renew(a *actor) {
	w.replicas[a.server].model.Unwatch(a.id)
	a.number, a.wire, a.link, a.server = a.number+1, nil, a.link+1, w.draw(len(w.replicas))
	w.open(a)
}
