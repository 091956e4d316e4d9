package recipes_test

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"zabsim/sim/client"
	"zabsim/sim/coroutine"
)

// fake is a host of some clients and one server that never fails: a map of nodes.
// What fails is the way to it. Which call is answered next comes from a generator.
type fake struct {
	t       testing.TB
	rng     *rand.Rand
	cache   coroutine.Cache
	now     int64
	zxid    client.Zxid
	session client.SessionID
	nodes   map[string]*node
	clients []*fclient
	truth   []change
	heard   []heard
	served  int                                             // server calls so far
	dead    map[client.SessionID]client.Zxid                // sessions that ended, and when
	fault   func(n int, c *fclient, call *client.Call) loss // for call n
}

// loss is what goes wrong with one call.
type loss int

const (
	lossNone   loss = iota
	lossBefore      // it never arrives
	lossAfter       // its reply is lost
	lossLate        // it arrives when the client has connected again
	lossExpiry      // as lossAfter, and the session ends with it
	lossExpiryBefore
	lossZombie // the server ends the session of the next client, who hears of it later
	lossCount
)

type node struct {
	data string
	stat client.Stat
}

// change is a committed change of one node.
type change struct {
	zxid    client.Zxid
	path    string
	data    string
	deleted bool
}

// heard is a note, with the zxid of the moment.
type heard struct {
	client       *fclient
	word, detail string
	zxid         client.Zxid
	session      client.SessionID
}

type fclient struct {
	number  int
	state   coroutine.State
	calls   []client.Call
	due     []int64 // by task: when its sleep ends, -1 if it has not begun
	session client.Session
	watches []*fwatch
	flags   []bool
	back    int64        // when a suspended client connects again
	late    *client.Call // arrives then
	done    bool
}

type fwatch struct {
	session client.SessionID
	stream  bool
	child   bool
	path    string
	ended   bool
	events  []client.Event
}

func newFake(t testing.TB, seed uint64, programs ...*client.Program) *fake {
	f := &fake{t: t, rng: rand.New(rand.NewPCG(seed, 1)), nodes: map[string]*node{"/": {}}, zxid: 1 << 32,
		dead: map[client.SessionID]client.Zxid{}}
	for i, p := range programs {
		c := &fclient{number: i, state: coroutine.State{Name: fmt.Sprint("c", i+1), Program: p}}
		f.connect(c)
		f.clients = append(f.clients, c)
	}
	return f
}

func (f *fake) connect(c *fclient) {
	f.session++
	c.session = client.Session{ID: f.session, State: client.Connected, Timeout: 10e9}
}

// run answers until all programs are done.
func (f *fake) run(stepsMax int) {
	f.t.Helper()
	defer f.cache.Close()
	for range stepsMax {
		var all []int // client and task of calls that can be answered
		for i, c := range f.clients {
			f.resume(c)
			for task := range c.calls {
				if f.answerable(c, task) {
					all = append(all, i<<8|task)
				}
			}
		}
		if len(all) == 0 {
			if !f.pass() {
				for _, c := range f.clients {
					require.True(f.t, c.done, "%s is stuck: %+v", c.state.Name, c.calls)
				}
				return
			}
			continue
		}
		pick := all[f.rng.IntN(len(all))]
		c, task := f.clients[pick>>8], pick&255
		r := f.answer(c, task)
		r.Task = uint32(task)
		c.due[task] = -1
		c.state.Answer(r)
	}
	f.t.Fatalf("not done after %d steps: %+v", stepsMax, f.heard[max(0, len(f.heard)-20):])
}

func (f *fake) resume(c *fclient) {
	calls, done, err := f.cache.Resume(c.number, &c.state)
	require.NoError(f.t, err)
	c.calls, c.done = append(c.calls[:0], calls...), done
	for task, call := range c.calls {
		if task == len(c.due) {
			c.due = append(c.due, -1)
		}
		timed := call.Op == client.OpSleep || call.Op == client.OpWait && call.Duration != client.Forever
		if timed && c.due[task] < 0 {
			c.due[task] = f.now + int64(call.Duration)
		}
	}
}

// pass lets time pass until something can go on, and tells whether there is any.
func (f *fake) pass() bool {
	next := int64(-1)
	for _, c := range f.clients {
		for _, due := range append(slices.Clone(c.due), c.back) {
			if due > f.now && (next < 0 || due < next) {
				next = due
			}
		}
	}
	if next < 0 {
		return false
	}
	f.now = next
	for _, c := range f.clients {
		if f.dead[c.session.ID] != 0 && c.session.State != client.Expired && c.back <= f.now {
			f.become(c, client.Expired)
		}
		if c.session.State == client.Suspended && c.back <= f.now {
			f.become(c, client.Connected)
			if call := c.late; call != nil {
				c.late = nil
				f.serve(c, call)
			}
		}
	}
	return true
}

func (f *fake) become(c *fclient, s client.State) {
	c.session.State = s
	for _, w := range c.watches {
		if w.stream {
			w.events = append(w.events, client.Event{Type: client.EventSession, State: s})
		}
	}
}

func (f *fake) answerable(c *fclient, task int) bool {
	call := &c.calls[task]
	expired := c.session.State == client.Expired || c.session.State == client.Closed
	switch {
	case call.Op == client.OpNone:
		return false
	case call.Op == client.OpSleep:
		return c.due[task] <= f.now
	case call.Op == client.OpNext:
		return f.ready(c, client.Watch{ID: call.ID}.Signal())
	case call.Op == client.OpWait:
		return slices.ContainsFunc(call.Signals, func(s client.Signal) bool { return f.ready(c, s) }) ||
			call.Duration != client.Forever && c.due[task] <= f.now
	case call.Op.IsServer() || call.Op == client.OpNewSession:
		return expired || c.session.State == client.Connected
	}
	return true
}

func (f *fake) ready(c *fclient, s client.Signal) bool {
	switch {
	case s.Kind == client.SignalTask:
		return c.calls[s.ID].Op == client.OpNone
	case s.ID == 0:
		return true
	case s.Kind == client.SignalFlag:
		return c.flags[s.ID-1]
	}
	w := c.watches[s.ID-1]
	if w.stream {
		return len(w.events) > 0
	}
	if w.session != c.session.ID || c.session.State == client.Expired {
		w.ended = true
	}
	return w.ended || len(w.events) > 0 && c.session.State == client.Connected
}

func (f *fake) answer(c *fclient, task int) (r client.Response) {
	call := &c.calls[task]
	switch call.Op {
	case client.OpNow:
		r.Number = f.now
	case client.OpRand:
		r.Number = f.rng.Int64N(call.Number)
	case client.OpNote:
		f.heard = append(f.heard, heard{c, call.Path, call.Data, f.zxid, c.session.ID})
	case client.OpNewFlag:
		c.flags = append(c.flags, false)
		r.ID = uint32(len(c.flags))
	case client.OpRaise:
		c.flags[call.ID-1] = true
	case client.OpSession:
		r.Session = c.session
	case client.OpSessionEvents:
		c.watches = append(c.watches, &fwatch{stream: true})
		r.ID = uint32(len(c.watches))
	case client.OpWait:
		r.Number = -1
		for i, s := range call.Signals {
			if f.ready(c, s) && (r.Number < 0 || f.rng.IntN(2) == 0) {
				r.Number = int64(i)
			}
		}
	case client.OpNext:
		r.Event = client.Event{Type: client.EventNotWatching, State: c.session.State}
		if q := &c.watches[call.ID-1].events; len(*q) > 0 {
			r.Event, *q = (*q)[0], (*q)[1:]
			c.watches[call.ID-1].ended = !c.watches[call.ID-1].stream
		}
	case client.OpNewSession:
		if c.session.State != client.Expired {
			return client.Response{Code: client.ErrInvalidState}
		}
		f.connect(c)
		f.become(c, client.Connected)
	case client.OpSleep, client.OpSpawn:
	default:
		return f.server(c, call)
	}
	return r
}

// server lets a call reach the server, or not.
func (f *fake) server(c *fclient, call *client.Call) (r client.Response) {
	if c.session.State == client.Expired {
		return client.Response{Code: client.ErrSessionExpired}
	}
	if f.dead[c.session.ID] != 0 {
		f.become(c, client.Expired)
		return client.Response{Code: client.ErrSessionExpired}
	}
	f.served++
	what := lossNone
	if f.fault != nil {
		what = f.fault(f.served, c, call)
	}
	if what == lossNone {
		return f.serve(c, call)
	}
	if what == lossZombie {
		victim := f.clients[(c.number+1)%len(f.clients)]
		if victim.session.State == client.Connected {
			f.expire(victim.session.ID)
			victim.back = f.now + 4e8
		}
		return f.serve(c, call)
	}
	if what == lossAfter || what == lossExpiry {
		f.serve(c, call)
	}
	if what == lossExpiry || what == lossExpiryBefore {
		f.expire(c.session.ID)
		f.become(c, client.Expired)
		return client.Response{Code: client.ErrSessionExpired}
	}
	if what == lossLate {
		own := *call
		c.late = &own
	}
	f.become(c, client.Suspended)
	c.back = f.now + 1e6 + f.rng.Int64N(3e8)
	return client.Response{Code: client.ErrConnectionLoss}
}

// expire ends a session on the server.
func (f *fake) expire(id client.SessionID) {
	var own []string
	for p, n := range f.nodes {
		if n.stat.EphemeralOwner == id {
			own = append(own, p)
		}
	}
	slices.Sort(own)
	f.zxid++
	f.dead[id] = f.zxid
	for _, p := range own {
		f.remove(p)
	}
}

func (f *fake) serve(c *fclient, call *client.Call) (r client.Response) {
	n := f.nodes[call.Path]
	switch call.Op {
	case client.OpSync:
		return r
	case client.OpExists, client.OpGet, client.OpChildren:
		if n == nil && call.Op != client.OpExists {
			return client.Response{Code: client.ErrNoNode}
		}
		if r.Found = n != nil; r.Found {
			r.Data, r.Stat = n.data, n.stat
		}
		if call.Op == client.OpChildren {
			r.Data, r.Names = "", f.children(call.Path)
		}
		if call.Watch {
			c.watches = append(c.watches, &fwatch{session: c.session.ID, path: call.Path, child: call.Op == client.OpChildren})
			r.ID = uint32(len(c.watches))
		}
		return r
	case client.OpCreate, client.OpDelete, client.OpSet:
		results, code := f.multi(c, []client.MultiOp{{Op: call.Op, Mode: call.Mode, Version: call.Version, Path: call.Path, Data: call.Data}})
		return client.Response{Code: code, Data: results[0].Name, Stat: results[0].Stat}
	case client.OpMulti:
		results, code := f.multi(c, call.Ops)
		return client.Response{Code: code, Results: results}
	}
	return client.Response{Code: client.ErrNotBuilt}
}

// multi tries the operations on a copy first.
func (f *fake) multi(c *fclient, ops []client.MultiOp) (results []client.MultiResult, code client.Code) {
	old := map[string]*node{}
	for p, n := range f.nodes {
		own := *n
		old[p] = &own
	}
	truth, fired := len(f.truth), []func(){}
	f.zxid++
	for _, op := range ops {
		r, fire := f.apply(c, op)
		if r.Code != client.OK && code == client.OK {
			code = r.Code
		}
		results, fired = append(results, r), append(fired, fire)
	}
	if code != client.OK {
		f.nodes, f.truth = old, f.truth[:truth]
		f.zxid--
		return results, code
	}
	for _, fire := range fired {
		fire()
	}
	return results, code
}

func (f *fake) apply(c *fclient, op client.MultiOp) (r client.MultiResult, fire func()) {
	n := f.nodes[op.Path]
	if op.Op != client.OpCreate && n == nil {
		return client.MultiResult{Code: client.ErrNoNode}, nil
	}
	if op.Op != client.OpCreate && op.Version != client.AnyVersion && op.Version != n.stat.Version {
		return client.MultiResult{Code: client.ErrBadVersion}, nil
	}
	switch op.Op {
	case client.OpCreate:
		parent := f.nodes[path.Dir(op.Path)]
		if parent == nil {
			return client.MultiResult{Code: client.ErrNoNode}, nil
		}
		if op.Mode.IsSequential() {
			op.Path += fmt.Sprintf("%010d", parent.stat.Cversion)
		} else if n != nil {
			return client.MultiResult{Code: client.ErrNodeExists}, nil
		}
		n = &node{data: op.Data, stat: client.Stat{Czxid: f.zxid, Mzxid: f.zxid}}
		if op.Mode.IsEphemeral() {
			n.stat.EphemeralOwner = c.session.ID
		}
		f.nodes[op.Path] = n
		parent.stat.Cversion++
		r.Name = op.Path
		f.truth = append(f.truth, change{f.zxid, op.Path, op.Data, false})
		return r, func() {
			f.fire(op.Path, client.EventNodeCreated, false)
			f.fire(path.Dir(op.Path), client.EventNodeChildrenChanged, true)
		}
	case client.OpDelete:
		if len(f.children(op.Path)) > 0 {
			return client.MultiResult{Code: client.ErrNotEmpty}, nil
		}
		return r, f.removeQuietly(op.Path)
	case client.OpSet:
		n.data, n.stat.Mzxid = op.Data, f.zxid
		n.stat.Version++
		r.Stat = n.stat
		f.truth = append(f.truth, change{f.zxid, op.Path, op.Data, false})
		return r, func() { f.fire(op.Path, client.EventNodeDataChanged, false) }
	}
	return r, func() {}
}

func (f *fake) remove(p string) { f.removeQuietly(p)() }

func (f *fake) removeQuietly(p string) (fire func()) {
	delete(f.nodes, p)
	f.truth = append(f.truth, change{zxid: f.zxid, path: p, deleted: true})
	return func() {
		f.fire(p, client.EventNodeDeleted, false)
		f.fire(p, client.EventNodeDeleted, true)
		f.fire(path.Dir(p), client.EventNodeChildrenChanged, true)
	}
}

func (f *fake) fire(p string, kind client.EventType, child bool) {
	for _, c := range f.clients {
		for _, w := range c.watches {
			if !w.stream && w.path == p && w.child == child && !w.ended && len(w.events) == 0 && f.dead[w.session] == 0 {
				w.events = append(w.events, client.Event{Type: kind, Path: p})
			}
		}
	}
}

func (f *fake) children(p string) (names []string) {
	for q := range f.nodes {
		if q != "/" && path.Dir(q) == p {
			names = append(names, path.Base(q))
		}
	}
	slices.Sort(names)
	f.rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return names
}

// said returns the details of all notes with a word.
func (f *fake) said(word string) (all []string) {
	for _, h := range f.heard {
		if h.word == word {
			all = append(all, h.detail)
		}
	}
	return all
}

// at returns the data below dir after the transaction zxid, as "name=data" sorted.
func (f *fake) at(dir string, zxid client.Zxid) string {
	data := map[string]string{}
	for _, ch := range f.truth {
		if ch.zxid > zxid || path.Dir(ch.path) != dir {
			continue
		}
		if delete(data, path.Base(ch.path)); !ch.deleted {
			data[path.Base(ch.path)] = ch.data
		}
	}
	var all []string
	for name, value := range data {
		all = append(all, fmt.Sprintf("%s=%q", name, value))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}
