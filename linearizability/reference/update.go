package reference

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// The create modes, as requests have them (CreateMode).
const (
	modeEphemeral           = 1
	modeSequential          = 2
	modeEphemeralSequential = 3
	modeContainer           = 4
	modeTTL                 = 5
	modeSequentialTTL       = 6
)

// maxTTL is what a time to live has room for (EphemeralType.TTL.maxValue).
const maxTTL = 1<<40 - 1

func hasTTL(mode int32) bool { return mode == modeTTL || mode == modeSequentialTTL }

func failed(code txn.Code) txn.Result { return txn.Result{Err: code} }

// update executes an update, or a member of a multi. A failed one changes nothing.
func (s *step) update(r *txn.Request) txn.Result {
	switch r.Op {
	case txn.OpCreate, txn.OpCreate2, txn.OpCreateTTL, txn.OpCreateContainer:
		return s.create(r)
	case txn.OpDelete:
		return s.delete(r)
	case txn.OpDeleteContainer:
		return s.deleteContainer(r)
	case txn.OpSetData:
		return s.setData(r)
	case txn.OpSetACL:
		return s.setACL(r)
	case txn.OpCheck:
		return s.check(r)
	case txn.OpReconfig:
		return failed(txn.ReconfigDisabled)
	case txn.OpCreateSession:
		s.endSession(r.Session)
		s.sessions = append(s.sessions, session{r.Session, r.Timeout})
		slices.SortFunc(s.sessions, func(a, b session) int { return cmp.Compare(a.id, b.id) })
		return txn.Result{}
	case txn.OpCloseSession:
		for _, path := range s.ephemerals(r.Session) {
			s.remove(path)
		}
		s.endSession(r.Session)
		return txn.Result{}
	}
	return failed(txn.Unimplemented)
}

func (s *step) endSession(id txn.SessionID) {
	s.sessions = slices.DeleteFunc(s.sessions, func(e session) bool { return e.id == id })
}

// create is PrepRequestProcessor.pRequest2TxnCreate, then DataTree.createNode.
func (s *step) create(r *txn.Request) txn.Result {
	if code := s.checkMode(r); code != txn.OK {
		return failed(code)
	}
	up, ok := above(r.Path)
	if !ok {
		return failed(txn.BadArguments)
	}
	asked := anyone(allPerms)
	if r.More != nil {
		asked = r.More.ACL
	}
	acl, ok := s.expand(asked, r.Auth)
	if !ok {
		return failed(txn.InvalidACL)
	}
	top, code := s.permitted(up, permCreate, r.Auth)
	if code != txn.OK {
		return failed(code)
	}
	path := r.Path
	if r.Flags == modeSequential || r.Flags == modeEphemeralSequential || r.Flags == modeSequentialTTL {
		path += fmt.Sprintf("%010d", top.created)
	}
	if !validPath(path) {
		return failed(txn.BadArguments)
	}
	if s.find(path) != nil {
		return failed(txn.NodeExists)
	}
	if top.kind == ephemeral {
		return failed(txn.NoChildrenForEphemerals)
	}
	if code := s.applied.checkQuota(path, int64(len(r.Data)), 1); code != txn.OK {
		return failed(code)
	}

	n := node{
		path: path, data: r.Data, null: r.Null, acl: acl,
		czxid: s.z, mzxid: s.z, pzxid: s.z, ctime: s.millis, mtime: s.millis,
	}
	switch {
	case r.Op == txn.OpCreateContainer:
		n.kind = container
	case r.Op == txn.OpCreateTTL:
		n.kind, n.ttl = timed, r.TTL
	case r.Flags == modeEphemeral || r.Flags == modeEphemeralSequential:
		n.kind, n.owner = ephemeral, r.Session
	}
	top.created++
	top.pzxid = s.z
	parentACL := top.acl
	i, _ := s.position(path)
	s.nodes = slices.Insert(s.nodes, i, n)

	s.countQuotaFromNow(path)
	s.useQuota(path, int64(len(n.data)), 1)
	s.trigger(dataTable, path, txn.NodeCreated, acl, nil)
	s.trigger(childTable, parent(path), txn.NodeChildrenChanged, parentACL, nil)
	res := txn.Result{More: &txn.ResultMore{Path: path}}
	if r.Op != txn.OpCreate {
		res.Stat = n.stat(0)
	}
	return res
}

// checkMode is what a create is asked about before its path.
func (s *step) checkMode(r *txn.Request) txn.Code {
	if r.Flags < 0 || r.Flags > modeSequentialTTL {
		return txn.BadArguments
	}
	withTTL := hasTTL(r.Flags)
	if withTTL && !s.cfg.ExtendedTypes {
		return txn.Unimplemented
	}
	if withTTL != (r.Op == txn.OpCreateTTL) {
		return txn.BadArguments
	}
	if withTTL && (r.TTL <= 0 || r.TTL > maxTTL) {
		return txn.BadArguments
	}
	if r.Flags == modeEphemeral || r.Flags == modeEphemeralSequential {
		return s.who.Global
	}
	return s.who.Session
}

func (s *step) delete(r *txn.Request) txn.Result {
	if s.who.Session != txn.OK {
		return failed(s.who.Session)
	}
	up, ok := above(r.Path)
	if !ok || reserved(r.Path) {
		return failed(txn.BadArguments)
	}
	if _, code := s.permitted(up, permDelete, r.Auth); code != txn.OK {
		return failed(code)
	}
	n := s.find(r.Path)
	if n == nil {
		return failed(txn.NoNode)
	}
	if r.Version != txn.AnyVersion && r.Version != n.version {
		return failed(txn.BadVersion)
	}
	if len(s.children(n)) > 0 {
		return failed(txn.NotEmpty)
	}
	s.remove(r.Path)
	return txn.Result{}
}

// deleteContainer refuses an ephemeral node alone: the server that posts it looks for
// containers before (ContainerManager).
func (s *step) deleteContainer(r *txn.Request) txn.Result {
	misread := r.Session != 0 && s.cfg.Bugs.Has(bug.DeleteContainerMisread)
	if _, ok := above(r.Path); !ok || reserved(r.Path) || misread {
		return failed(txn.BadArguments)
	}
	n := s.find(r.Path)
	if n == nil {
		return failed(txn.NoNode)
	}
	if len(s.children(n)) > 0 {
		return failed(txn.NotEmpty)
	}
	if n.kind == ephemeral {
		return failed(txn.BadVersion)
	}
	s.remove(r.Path)
	return txn.Result{}
}

// remove is DataTree.deleteNode.
func (s *step) remove(path string) {
	i, _ := s.position(path)
	n := s.nodes[i]
	s.nodes = slices.Delete(s.nodes, i, i+1)
	top := s.find(parent(path))
	top.pzxid = s.z
	parentACL := top.acl
	s.useQuota(path, -int64(len(n.data)), -1)
	told := s.trigger(dataTable, path, txn.NodeDeleted, n.acl, nil)
	s.trigger(childTable, path, txn.NodeDeleted, n.acl, told)
	s.trigger(childTable, parent(path), txn.NodeChildrenChanged, parentACL, nil)
}

func (s *step) setData(r *txn.Request) txn.Result {
	if s.who.Session != txn.OK {
		return failed(s.who.Session)
	}
	if !validPath(r.Path) {
		return failed(txn.BadArguments)
	}
	n, code := s.permitted(r.Path, permWrite, r.Auth)
	if code != txn.OK {
		return failed(code)
	}
	grown := int64(len(r.Data)) - int64(len(n.data))
	if code := s.applied.checkQuota(r.Path, grown, 0); code != txn.OK {
		return failed(code)
	}
	if r.Version != txn.AnyVersion && r.Version != n.version {
		return failed(txn.BadVersion)
	}
	n.data, n.null = r.Data, r.Null
	n.version = s.next(n.version)
	n.mzxid, n.mtime = s.z, s.millis
	// The answer is copied before a quota below this very node changes its data.
	res := txn.Result{Stat: s.statOf(n)}
	acl := n.acl
	s.useQuota(r.Path, grown, 0)
	s.trigger(dataTable, r.Path, txn.NodeDataChanged, acl, nil)
	return res
}

// next is the version after one. It is never -1, which would match any (ZOOKEEPER-4743).
func (s *step) next(version int32) int32 {
	if version == -2 && !s.cfg.Bugs.Has(bug.VersionMinusOne) {
		return 0
	}
	return version + 1
}

// permitted finds a node that is to be changed; NoNode or NoAuth if it can't be.
func (s *step) permitted(path string, perm int32, auth []txn.ID) (*node, txn.Code) {
	n := s.find(path)
	if n == nil {
		return nil, txn.NoNode
	}
	if !allowed(n.acl, perm, auth) {
		return nil, txn.NoAuth
	}
	return n, txn.OK
}

func (s *step) setACL(r *txn.Request) txn.Result {
	if s.who.Session != txn.OK {
		return failed(s.who.Session)
	}
	if !validPath(r.Path) {
		return failed(txn.BadArguments)
	}
	var asked []txn.ACL
	if r.More != nil {
		asked = r.More.ACL
	}
	acl, ok := s.expand(asked, r.Auth)
	if !ok {
		return failed(txn.InvalidACL)
	}
	n, code := s.permitted(r.Path, permAdmin, r.Auth)
	if code != txn.OK {
		return failed(code)
	}
	if r.Version != txn.AnyVersion && r.Version != n.aversion {
		return failed(txn.BadVersion)
	}
	n.acl, n.aversion = acl, s.next(n.aversion)
	return txn.Result{Stat: s.statOf(n)}
}

func (s *step) check(r *txn.Request) txn.Result {
	if s.who.Session != txn.OK {
		return failed(s.who.Session)
	}
	if !validPath(r.Path) {
		return failed(txn.BadArguments)
	}
	n, code := s.permitted(r.Path, permRead, r.Auth)
	if code != txn.OK {
		return failed(code)
	}
	if r.Version != txn.AnyVersion && r.Version != n.version {
		return failed(txn.BadVersion)
	}
	return txn.Result{}
}

// Expired returns the containers and the nodes with a time to live that are to be
// deleted (fact 11.8), sorted. maxNeverUsed is for how many milliseconds a container
// may wait for its first child; 0: for ever.
func (m *Model) Expired(millis, maxNeverUsed int64) []string {
	var paths []string
	for i := range m.nodes {
		n := &m.nodes[i]
		age := millis - n.mtime
		switch {
		case len(m.children(n)) > 0:
		case n.kind == container && (n.created > 0 || maxNeverUsed != 0 && age > maxNeverUsed),
			n.kind == timed && age > n.ttl:
			paths = append(paths, strings.Clone(n.path))
		}
	}
	return paths
}
