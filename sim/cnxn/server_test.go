package cnxn

import (
	"fmt"
	"sort"
	"strings"

	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// fakeServer is a standalone server that is just good enough to talk to a client
// library: one tree in a map, ACLs that only know their creator, no errors but those
// that the recordings show.
type fakeServer struct {
	zxid     zxid.Zxid
	nodes    map[string]*fakeNode
	sessions map[txn.SessionID]bool
	conns    map[host.ConnID]*fakeConn
	nextID   txn.SessionID
}

type fakeNode struct {
	data     string
	stat     txn.Stat
	cversion int32 // creations of children
	creator  string
}

type fakeConn struct {
	session                          txn.SessionID
	auth                             map[string]bool
	data, child, persist, recursives map[string]bool
	out                              []zab.ClientMsg
	closed                           bool
}

func newFakeServer() *fakeServer {
	return &fakeServer{
		nodes:    map[string]*fakeNode{"/": {}, "/zookeeper": {}},
		sessions: map[txn.SessionID]bool{}, conns: map[host.ConnID]*fakeConn{},
	}
}

func (s *fakeServer) receive(id host.ConnID, m *zab.ClientMsg) {
	c := s.conns[id]
	switch m.Kind {
	case zab.ConnectRequest:
		c = &fakeConn{session: m.Session, auth: map[string]bool{}, data: map[string]bool{}, child: map[string]bool{}, persist: map[string]bool{}, recursives: map[string]bool{}}
		s.conns[id] = c
		if m.Session == 0 {
			s.zxid++
			s.nextID++
			c.session = s.nextID
			s.sessions[c.session] = true
		}
		r := zab.ClientMsg{Kind: zab.ConnectResponse, Session: c.session, Connect: &zab.Connect{TimeoutMillis: m.Connect.TimeoutMillis, Password: "pw"}}
		if !s.sessions[c.session] {
			r.Session, r.Connect, c.closed = 0, &zab.Connect{}, true
		}
		c.out = append(c.out, r)
	case zab.ClientPing:
		c.out = append(c.out, zab.ClientMsg{Kind: zab.ClientPong})
	case zab.ClientRequest:
		res := s.perform(c, m.Req)
		c.out = append(c.out, zab.ClientMsg{Kind: zab.ClientReply, Op: m.Req.Op, Cxid: m.Req.Cxid, Zxid: s.zxid, Result: res})
	}
}

func (s *fakeServer) perform(c *fakeConn, r *txn.Request) txn.Result {
	switch r.Op {
	case txn.OpMulti:
		s.zxid++
		return s.multi(c, r)
	case txn.OpMultiRead:
		more := &txn.ResultMore{}
		for i := range r.More.Ops {
			m := s.read(c, &r.More.Ops[i])
			m.Op = r.More.Ops[i].Op
			more.Results = append(more.Results, m)
		}
		return txn.Result{More: more}
	case txn.OpCloseSession:
		s.zxid++
		s.expire(c.session)
		return txn.Result{}
	}
	if r.Op.IsUpdate() {
		s.zxid++
		return s.write(c, r)
	}
	return s.read(c, r)
}

func (s *fakeServer) expire(id txn.SessionID) {
	delete(s.sessions, id)
	for _, p := range s.paths() {
		if s.nodes[p].stat.EphemeralOwner == id {
			s.remove(p)
		}
	}
	for _, c := range s.conns {
		if c.session == id {
			c.closed = true
		}
	}
}

func (s *fakeServer) paths() []string {
	var all []string
	for p := range s.nodes {
		all = append(all, p)
	}
	sort.Strings(all)
	return all
}

func (s *fakeServer) multi(c *fakeConn, r *txn.Request) txn.Result {
	failed := -1
	saved := s.copyNodes()
	quiet := s.conns
	s.conns = nil // tried without watchers first
	var results []txn.Result
	for i := range r.More.Ops {
		m := s.write(c, &r.More.Ops[i])
		m.Op = r.More.Ops[i].Op
		results = append(results, m)
		if m.Err != txn.OK {
			failed = i
			break
		}
	}
	s.conns, s.nodes = quiet, saved
	if failed < 0 {
		for i := range r.More.Ops {
			s.write(c, &r.More.Ops[i])
		}
		return txn.Result{More: &txn.ResultMore{Results: results}}
	}
	code := results[failed].Err
	results = make([]txn.Result, len(r.More.Ops))
	for i := range results {
		results[i].Op = txn.OpError
		if i == failed {
			results[i].Err = code
		} else if i > failed {
			results[i].Err = txn.RuntimeInconsistency
		}
	}
	return txn.Result{More: &txn.ResultMore{Results: results}}
}

func (s *fakeServer) copyNodes() map[string]*fakeNode {
	m := map[string]*fakeNode{}
	for p, n := range s.nodes {
		own := *n
		m[p] = &own
	}
	return m
}

func parentOf(path string) string { return path[:max(strings.LastIndexByte(path, '/'), 1)] }

func (s *fakeServer) write(c *fakeConn, r *txn.Request) txn.Result {
	if r.Op.IsCreate() {
		return s.create(c, r)
	}
	n := s.nodes[r.Path]
	switch {
	case r.Op == txn.OpDelete && r.Path == "/":
		return txn.Result{Err: txn.BadArguments}
	case n == nil:
		return txn.Result{Err: txn.NoNode}
	case n.creator != "" && !c.auth[n.creator]:
		return txn.Result{Err: txn.NoAuth}
	}
	switch r.Op {
	case txn.OpDelete:
		s.remove(r.Path)
	case txn.OpSetData:
		n.data = r.Data
		n.stat.Version++
		n.stat.Mzxid, n.stat.DataLength = s.zxid, int32(len(r.Data))
		s.trigger(txn.NodeDataChanged, r.Path)
		return txn.Result{Stat: s.stat(r.Path)}
	}
	return txn.Result{}
}

func (s *fakeServer) create(c *fakeConn, r *txn.Request) txn.Result {
	parent := s.nodes[parentOf(r.Path)]
	path := r.Path
	if isSequential(r) && parent != nil {
		path += fmt.Sprintf("%010d", parent.cversion)
	}
	switch {
	case parent == nil:
		return txn.Result{Err: txn.NoNode}
	case s.nodes[path] != nil:
		return txn.Result{Err: txn.NodeExists}
	}
	n := &fakeNode{data: r.Data, stat: txn.Stat{Czxid: s.zxid, Mzxid: s.zxid, Pzxid: s.zxid, DataLength: int32(len(r.Data))}}
	if r.Flags == 1 {
		n.stat.EphemeralOwner = c.session
	}
	if r.More != nil {
		for id := range c.auth {
			n.creator = id
		}
	}
	s.nodes[path] = n
	parent.cversion++
	parent.stat.Pzxid = s.zxid
	s.trigger(txn.NodeCreated, path)
	s.trigger(txn.NodeChildrenChanged, parentOf(path))
	return txn.Result{More: &txn.ResultMore{Path: path}, Stat: s.stat(path)}
}

func (s *fakeServer) remove(path string) {
	delete(s.nodes, path)
	s.nodes[parentOf(path)].stat.Pzxid = s.zxid
	s.trigger(txn.NodeDeleted, path)
	s.trigger(txn.NodeChildrenChanged, parentOf(path))
}

func (s *fakeServer) children(path string) (names []string) {
	for _, p := range s.paths() {
		if p != "/" && parentOf(p) == path {
			names = append(names, p[strings.LastIndexByte(p, '/')+1:])
		}
	}
	return names
}

func (s *fakeServer) stat(path string) txn.Stat {
	n := s.nodes[path]
	st := n.stat
	st.NumChildren = int32(len(s.children(path)))
	st.Cversion = 2*n.cversion - st.NumChildren
	return st
}

func (s *fakeServer) read(c *fakeConn, r *txn.Request) txn.Result {
	switch r.Op {
	case txn.OpAuth:
		if r.Path != "digest" {
			c.closed = true
			return txn.Result{Err: txn.AuthFailed}
		}
		c.auth[r.Data] = true
		return txn.Result{}
	case txn.OpSetWatches, txn.OpSetWatches2:
		s.setWatches(c, r.More.Watches)
		return txn.Result{}
	case txn.OpAddWatch:
		if r.Flags == 1 {
			c.recursives[r.Path] = true
		} else {
			c.persist[r.Path] = true
		}
		return txn.Result{}
	case txn.OpCheckWatches, txn.OpRemoveWatches:
		return s.removeWatches(c, r)
	}
	n := s.nodes[r.Path]
	if n == nil {
		if r.Op == txn.OpExists && r.Watch {
			c.data[r.Path] = true
		}
		return txn.Result{Err: txn.NoNode}
	}
	if n.creator != "" && !c.auth[n.creator] && r.Op != txn.OpExists {
		return txn.Result{Err: txn.NoAuth}
	}
	res := txn.Result{Stat: s.stat(r.Path)}
	switch r.Op {
	case txn.OpGetData:
		res.Data = n.data
	case txn.OpGetChildren, txn.OpGetChildren2:
		res.More = &txn.ResultMore{Names: s.children(r.Path)}
		if r.Watch {
			c.child[r.Path] = true
		}
		return res
	}
	if r.Watch {
		c.data[r.Path] = true
	}
	return res
}

func (s *fakeServer) removeWatches(c *fakeConn, r *txn.Request) txn.Result {
	found := false
	for _, m := range []map[string]bool{c.data, c.child, c.persist, c.recursives} {
		found = found || m[r.Path]
		if r.Op == txn.OpRemoveWatches {
			delete(m, r.Path)
		}
	}
	if !found {
		return txn.Result{Err: txn.NoWatcher}
	}
	return txn.Result{}
}

func (s *fakeServer) setWatches(c *fakeConn, l *txn.WatchLists) {
	set := func(paths []string, into map[string]bool) {
		for _, p := range paths {
			into[p] = true
		}
	}
	set(l.Data, c.data)
	set(l.Exist, c.data)
	set(l.Child, c.child)
	set(l.Persistent, c.persist)
	set(l.Recursives, c.recursives)
}

func (s *fakeServer) trigger(k txn.EventType, path string) {
	for _, c := range s.conns {
		hit := c.persist[path]
		if k != txn.NodeChildrenChanged {
			hit = hit || c.data[path]
			delete(c.data, path)
			for p := path; ; p = parentOf(p) {
				hit = hit || c.recursives[p]
				if p == "/" {
					break
				}
			}
		}
		if k == txn.NodeChildrenChanged || k == txn.NodeDeleted {
			// The server of the recordings has one mode for a session and a path: a
			// recursive watch silences a child watch beside it (fixed by ZOOKEEPER-4466).
			if !c.recursives[path] || k == txn.NodeDeleted {
				hit = hit || c.child[path]
				delete(c.child, path)
			}
		}
		if hit && !c.closed {
			c.out = append(c.out, zab.ClientMsg{Kind: zab.ClientEvent, Event: &txn.Event{Type: k, Path: path, Zxid: s.zxid}})
		}
	}
}
