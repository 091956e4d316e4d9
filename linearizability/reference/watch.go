package reference

import (
	"cmp"
	"slices"
	"strings"

	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// table is one of a server's two collections of watches (fact 12.1).
type table uint8

const (
	dataTable  table = iota // for exists and getData
	childTable              // for getChildren
)

// mode is how long a watch lives and what it sees (WatcherMode).
type mode uint8

const (
	standard    mode = iota // one event
	persistence             // until it is removed
	recursive               // the same, and for all that is below; never NodeChildrenChanged
)

type watch struct {
	table   table
	path    string
	watcher txn.Watcher
	mode    mode
}

func compareWatches(a, b watch) int {
	return cmp.Or(cmp.Compare(a.table, b.table), strings.Compare(a.path, b.path),
		cmp.Compare(a.watcher, b.watcher), cmp.Compare(a.mode, b.mode))
}

// leave adds a watch of who asks. A connection has at most one of each kind on a path;
// before ZOOKEEPER-4466 it had one of any kind.
func (s *step) leave(in table, path string, m mode) {
	w := watch{in, path, s.who.Watcher, m}
	if w.watcher == 0 {
		return
	}
	if s.cfg.Bugs.Has(bug.OneShotReplacesPersistent) {
		s.take(func(h watch) bool { return h.table == in && h.path == path && h.watcher == w.watcher })
	}
	if i, found := slices.BinarySearchFunc(s.watches, w, compareWatches); !found {
		s.watches = slices.Insert(s.watches, i, w)
	}
}

// take removes watches and tells whether there were any.
func (s *step) take(which func(watch) bool) bool {
	before := len(s.watches)
	s.watches = slices.DeleteFunc(s.watches, which)
	return len(s.watches) < before
}

// trigger delivers an event to who watches a path in a table, except to those who were
// told already. It returns who watched, whether they may see the event or not.
func (s *step) trigger(in table, path string, t txn.EventType, acl []txn.ACL, told []txn.Watcher) []txn.Watcher {
	var watchers []txn.Watcher
	for _, w := range s.watches {
		here := w.path == path
		covers := w.mode == recursive && w.path != "" && (w.path == "/" || strings.HasPrefix(path, w.path+"/"))
		if w.mode == recursive && t == txn.NodeChildrenChanged {
			continue
		}
		if w.table == in && (here || covers) && !slices.Contains(watchers, w.watcher) {
			watchers = append(watchers, w.watcher)
		}
	}
	s.take(func(w watch) bool { return w.table == in && w.path == path && w.mode == standard })
	slices.Sort(watchers)
	for _, w := range watchers {
		i, _ := s.findConn(w)
		mayRead := allowed(acl, permRead, s.conns[i].ids) || s.cfg.Bugs.Has(bug.EventsIgnoreACL)
		if !slices.Contains(told, w) && mayRead {
			e := txn.Event{To: w, Type: t, Zxid: s.z, Path: path}
			if s.cfg.Bugs.Has(bug.EventWithoutZxid) {
				e.Zxid = 0
			}
			s.events = append(s.events, e)
		}
	}
	return watchers
}

// addWatch asks for neither the node nor the right to read it.
func (s *step) addWatch(r *txn.Request) txn.Result {
	switch r.Flags {
	case 0:
		s.leave(dataTable, r.Path, persistence)
		s.leave(childTable, r.Path, persistence)
	case 1:
		s.leaveRecursive(r.Path)
	default:
		return failed(txn.MarshallingError)
	}
	return txn.Result{}
}

// leaveRecursive uses the data table alone.
func (s *step) leaveRecursive(path string) {
	s.leave(dataTable, path, recursive)
	if s.cfg.Bugs.Has(bug.RecursiveInChildTable) {
		s.leave(childTable, path, recursive)
	}
}

// removeWatches is checkWatches, too. The types for one table mean one-shot watches
// only (ZOOKEEPER-4471).
func (s *step) removeWatches(r *txn.Request) txn.Result {
	byTable := s.cfg.Bugs.Has(bug.RemoveWatchesByTable)
	anybody := s.cfg.Bugs.Has(bug.CheckWatchesOfAnybody) && r.Op == txn.OpCheckWatches
	if r.Flags < 1 || r.Flags > 5 || byTable && r.Flags > 3 {
		return failed(txn.MarshallingError)
	}
	if anybody && r.Path != "" && !strings.Contains(r.Path, "/") {
		return failed(txn.MarshallingError)
	}
	meant := func(w watch) bool {
		if w.path != r.Path || w.watcher != s.who.Watcher && !anybody {
			return false
		}
		switch r.Flags {
		case 1:
			return w.table == childTable && (byTable || w.mode == standard)
		case 2:
			return w.table == dataTable && (byTable || w.mode == standard)
		case 4:
			return w.mode == persistence
		case 5:
			return w.mode == recursive
		}
		return true
	}
	if !slices.ContainsFunc(s.watches, meant) {
		return failed(txn.NoWatcher)
	}
	if r.Op == txn.OpRemoveWatches {
		s.take(meant)
	}
	return txn.Result{}
}

// setWatches leaves the watches of a client that comes back, and tells it at once what
// it has missed (fact 12.4). Nobody checks whether it may READ, and such an event has
// no zxid.
func (s *step) setWatches(r *txn.Request) txn.Result {
	if r.More == nil || r.More.Watches == nil {
		return txn.Result{}
	}
	lists := r.More.Watches
	tell := func(t txn.EventType, path string) {
		s.events = append(s.events, txn.Event{To: s.who.Watcher, Type: t, Path: path})
	}
	for _, path := range lists.Data {
		switch n := s.find(path); {
		case n == nil:
			tell(txn.NodeDeleted, path)
		case n.mzxid > lists.Relative:
			tell(txn.NodeDataChanged, path)
		default:
			s.leave(dataTable, path, standard)
		}
	}
	for _, path := range lists.Exist {
		if s.find(path) != nil {
			tell(txn.NodeCreated, path)
		} else {
			s.leave(dataTable, path, standard)
		}
	}
	for _, path := range lists.Child {
		switch n := s.find(path); {
		case n == nil:
			tell(txn.NodeDeleted, path)
		case n.pzxid > lists.Relative:
			tell(txn.NodeChildrenChanged, path)
		default:
			s.leave(childTable, path, standard)
		}
	}
	if r.Op == txn.OpSetWatches2 {
		for _, path := range lists.Persistent {
			s.leave(childTable, path, persistence)
			s.leave(dataTable, path, persistence)
		}
		for _, path := range lists.Recursives {
			s.leaveRecursive(path)
		}
	}
	return txn.Result{}
}
