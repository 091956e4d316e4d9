// Package reference is a sequential specification of ZooKeeper's znode tree: what
// each request answers when requests run one at a time. It is written to be
// obviously right, not to be fast: the nodes are one sorted list, and children,
// quotas and watches are found by looking through all of it.
//
// It is the second opinion about tree, from which it takes nothing: the two were
// written from the same facts (protocol.md 8 to 13) and the recordings of real
// servers, and are compared with each other. It is also the model by which a
// history is judged linearizable.
package reference

import (
	"cmp"
	"slices"
	"strings"

	"zabsim/internal/fp"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Config is what a server is told at start.
type Config struct {
	Bugs          bug.Set
	EnforceQuota  bool   // zookeeper.enforceQuota: hard limits refuse writes
	ExtendedTypes bool   // zookeeper.extendedTypesEnabled: nodes with a time to live
	SuperDigest   string // zookeeper.DigestAuthenticationProvider.superDigest: "super:" and a hash; empty: nobody
}

// Caller is who asks: the connection that its watches belong to (zero: none), and
// what the session tracker says about its session (the zero value: it lives).
type Caller struct {
	Watcher txn.Watcher
	txn.SessionCheck
}

// Model is a tree with its sessions, the watches on it and the connections that
// hold them. Each list is sorted, so that equal models have equal lists.
type Model struct {
	cfg      Config
	nodes    []node
	sessions []session
	conns    []conn
	watches  []watch
}

// kind is what decides when a node goes away by itself (fact 11.1).
type kind uint8

const (
	persistent kind = iota
	ephemeral       // with its session
	container       // once it has no children any more
	timed           // when its time to live is over
)

// node is a znode. Nobody changes the elements of acl.
type node struct {
	path                string // the root is "/"
	data                string
	null                bool // no data, which is not empty data
	acl                 []txn.ACL
	kind                kind
	owner               txn.SessionID // ephemeral
	ttl                 int64         // timed: milliseconds
	czxid, mzxid, pzxid zxid.Zxid
	ctime, mtime        int64 // milliseconds
	version, aversion   int32
	created             int32 // how many children were ever made: the stored cversion
}

type session struct {
	id      txn.SessionID
	timeout int32 // milliseconds
}

type conn struct {
	watcher txn.Watcher
	ids     []txn.ID
}

func anyone(perms int32) []txn.ACL {
	return []txn.ACL{{Perms: perms, ID: txn.ID{Scheme: "world", ID: "anyone"}}}
}

// New returns the tree of a server that has never been written to.
func New(cfg Config) *Model {
	return &Model{cfg: cfg, nodes: []node{
		{path: "/", acl: anyone(allPerms)},
		{path: "/zookeeper", acl: anyone(allPerms)},
		// DataTree.addConfigNode stores this list with version -1.
		{path: "/zookeeper/config", acl: anyone(permRead), aversion: -1},
		{path: "/zookeeper/quota", acl: anyone(allPerms)},
	}}
}

// Do executes a request at once. An update has zxid z, whether it fails or not, and
// millis is the time in its header; a read has neither. The events are what the
// request made the watches deliver, in order; those that one change makes are sorted
// by watcher. An event that its connection may not see is not among them.
func (m *Model) Do(z zxid.Zxid, millis int64, r *txn.Request, who Caller) (txn.Result, []txn.Event) {
	if who.Watcher != 0 {
		m.SetIDs(who.Watcher, r.Auth)
	}
	s := &step{Model: m, applied: m, z: z, millis: millis, who: who}
	switch {
	case r.Op == txn.OpMulti:
		return s.multi(r)
	case r.Op == txn.OpCheck && !m.cfg.Bugs.Has(bug.LoneCheckUnanswered):
		return txn.Result{Err: txn.Unimplemented}, nil // Request.isValid
	case r.Op.IsUpdate():
		res := s.update(r)
		return res, s.events
	}
	res := s.read(r)
	return res, s.events
}

// step is the execution of one request.
type step struct {
	*Model
	applied *Model // what quotas are checked against: the tree before a multi
	z       zxid.Zxid
	millis  int64
	who     Caller
	events  []txn.Event
}

// SetIDs tells which identities a connection has: its events are filtered by them.
// Do calls it with those of each request.
func (m *Model) SetIDs(w txn.Watcher, ids []txn.ID) {
	c := conn{w, slices.Clone(ids)}
	if i, found := m.findConn(w); found {
		m.conns[i] = c
	} else {
		m.conns = slices.Insert(m.conns, i, c)
	}
}

// Unwatch forgets a connection that is gone.
func (m *Model) Unwatch(w txn.Watcher) {
	m.watches = slices.DeleteFunc(m.watches, func(h watch) bool { return h.watcher == w })
	m.conns = slices.DeleteFunc(m.conns, func(c conn) bool { return c.watcher == w })
}

func (m *Model) findConn(w txn.Watcher) (int, bool) {
	return slices.BinarySearchFunc(m.conns, w, func(c conn, w txn.Watcher) int { return cmp.Compare(c.watcher, w) })
}

// SessionTimeout returns a session's time-out in milliseconds; false if there is no
// such session.
func (m *Model) SessionTimeout(id txn.SessionID) (int32, bool) {
	for _, s := range m.sessions {
		if s.id == id {
			return s.timeout, true
		}
	}
	return 0, false
}

// Clone returns an independent copy.
func (m *Model) Clone() *Model {
	return &Model{m.cfg, slices.Clone(m.nodes), slices.Clone(m.sessions), slices.Clone(m.conns), slices.Clone(m.watches)}
}

// Equal tells whether two models answer all future requests alike.
func (m *Model) Equal(o *Model) bool {
	return m.cfg == o.cfg && slices.Equal(m.sessions, o.sessions) && slices.Equal(m.watches, o.watches) &&
		slices.EqualFunc(m.conns, o.conns, func(a, b conn) bool { return a.watcher == b.watcher && slices.Equal(a.ids, b.ids) }) &&
		slices.EqualFunc(m.nodes, o.nodes, func(a, b node) bool {
			return slices.Equal(a.acl, b.acl) && a.stat(0) == b.stat(0) && a.path == b.path && a.data == b.data && a.null == b.null &&
				a.kind == b.kind && a.ttl == b.ttl
		})
}

// Hash is equal for models that are Equal.
func (m *Model) Hash() fp.Hash {
	h := fp.New(0x7EF0).Word(uint64(len(m.nodes)))
	for i := range m.nodes {
		n := &m.nodes[i]
		r := txn.Result{Stat: n.stat(0), Data: n.data, Null: n.null}
		h = txn.HashACL(h.String(n.path), n.acl).Word(uint64(n.kind)).Word(uint64(n.ttl)).Word(uint64(r.Hash()))
	}
	for _, s := range m.sessions {
		h = h.Word(uint64(s.id)).Word(uint64(uint32(s.timeout)))
	}
	for _, c := range m.conns {
		h = h.Word(uint64(c.watcher))
		for _, id := range c.ids {
			h = h.String(id.Scheme).String(id.ID)
		}
	}
	for _, w := range m.watches {
		h = h.Word(uint64(w.table)<<8 | uint64(w.mode)).String(w.path).Word(uint64(w.watcher))
	}
	return h.Done()
}

// find returns the node at a path, or nil. The empty path is another name of the
// root (DataTree's constructor), which is why it can be read and be a parent.
func (m *Model) find(path string) *node {
	if path == "" {
		path = "/"
	}
	if i, found := m.position(path); found {
		return &m.nodes[i]
	}
	return nil
}

func (m *Model) position(path string) (int, bool) {
	return slices.BinarySearchFunc(m.nodes, path, func(n node, p string) int { return strings.Compare(n.path, p) })
}

// children returns the names below a node, sorted.
func (m *Model) children(of *node) []string {
	names := []string{}
	for i := range m.nodes {
		p := m.nodes[i].path
		if p != "/" && parent(p) == of.path {
			names = append(names, p[strings.LastIndexByte(p, '/')+1:])
		}
	}
	slices.Sort(names)
	return names
}

// ephemerals returns the paths of the nodes that go with a session, sorted.
func (m *Model) ephemerals(id txn.SessionID) []string {
	paths := []string{}
	for i := range m.nodes {
		if m.nodes[i].kind == ephemeral && m.nodes[i].owner == id {
			paths = append(paths, m.nodes[i].path)
		}
	}
	return paths
}

// stat is what clients see of a node with that many children (DataNode.copyStat).
func (n *node) stat(children int) txn.Stat {
	return txn.Stat{
		Czxid: n.czxid, Mzxid: n.mzxid, Pzxid: n.pzxid, Ctime: n.ctime, Mtime: n.mtime, EphemeralOwner: n.owner,
		Version: n.version, Cversion: 2*n.created - int32(children), Aversion: n.aversion,
		DataLength: int32(len(n.data)), NumChildren: int32(children),
	}
}

func (m *Model) statOf(n *node) txn.Stat { return n.stat(len(m.children(n))) }
