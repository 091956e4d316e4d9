package cnxn

import (
	"cmp"
	"slices"
	"strings"

	"zabsim/internal/fp"
	"zabsim/sim/client"
	"zabsim/zab/txn"
)

// tableID names one of the five tables of watches; plus one, it is what a request
// registers when it succeeds.
type tableID uint8

const (
	dataTable tableID = iota
	existTable
	childTable
	persistentTable
	recursiveTable
	tableCount
)

// WatcherType says which watches a removal means, with ZooKeeper's numbers
// (Watcher.WatcherType).
type WatcherType int32

// The types of watchers.
const (
	TypeChildren            WatcherType = 1
	TypeData                WatcherType = 2
	TypeAny                 WatcherType = 3
	TypePersistent          WatcherType = 4
	TypePersistentRecursive WatcherType = 5
)

// covers tells whether a removal of type t looks into a table.
func (t WatcherType) covers(table tableID) bool {
	switch t {
	case TypeAny:
		return true
	case TypeChildren:
		return table == childTable
	case TypeData:
		return table == dataTable || table == existTable
	case TypePersistent:
		return table == persistentTable
	case TypePersistentRecursive:
		return table == recursiveTable
	}
	return false
}

// removal lists the tables in the order in which their watchers are told that they
// are removed, and how.
var removal = [...]struct {
	event  client.EventType
	tables []tableID
}{
	{client.EventChildWatchRemoved, []tableID{childTable}},
	{client.EventDataWatchRemoved, []tableID{dataTable, existTable}},
	{client.EventPersistentWatchRemoved, []tableID{persistentTable, recursiveTable}},
}

// watch is an entry of a table. The path is the server's.
type watch struct {
	path    string
	watcher Watcher
}

func (a watch) compare(b watch) int {
	if n := strings.Compare(a.path, b.path); n != 0 {
		return n
	}
	return cmp.Compare(a.watcher, b.watcher)
}

// watches are the tables (ZKWatchManager). Each is sorted, so that they are the
// same in all runs, and the watchers of a path are neighbours.
type watches struct {
	table [tableCount][]watch
	sum   fp.Sum // of all entries
}

func (w *watches) cloneInto(dst *watches) {
	for t := range w.table {
		clear(dst.table[t][min(len(w.table[t]), len(dst.table[t])):]) // let go of the paths
		dst.table[t] = append(dst.table[t][:0], w.table[t]...)
	}
	dst.sum = w.sum
}

func (w *watches) reset() {
	for t := range w.table {
		clear(w.table[t])
		w.table[t] = w.table[t][:0]
	}
	w.sum = 0
}

func (e *watch) hash() fp.Hash { return fp.New(0x5754).String(e.path).Word(uint64(e.watcher)) }

func (w *watches) add(t tableID, e watch) {
	i, found := slices.BinarySearchFunc(w.table[t], e, watch.compare)
	if !found {
		w.table[t] = slices.Insert(w.table[t], i, e)
		w.sum = w.sum.Add(uint64(t), e.hash())
	}
}

// of returns the range of the entries for a path.
func (w *watches) of(t tableID, path string) (from, to int) {
	list := w.table[t]
	from, _ = slices.BinarySearchFunc(list, watch{path: path}, watch.compare)
	for to = from; to < len(list) && list[to].path == path; to++ {
	}
	return from, to
}

func (w *watches) cut(t tableID, from, to int) {
	for i := from; i < to; i++ {
		w.sum = w.sum.Sub(uint64(t), w.table[t][i].hash())
	}
	w.table[t] = slices.Delete(w.table[t], from, to)
}

// collect appends the watchers of a path to dst, and removes them with take.
func (w *watches) collect(dst []Watcher, t tableID, path string, take bool) []Watcher {
	from, to := w.of(t, path)
	for _, e := range w.table[t][from:to] {
		dst = append(dst, e.watcher)
	}
	if take {
		w.cut(t, from, to)
	}
	return dst
}

// all appends the watchers of all paths.
func (w *watches) all(dst []Watcher) []Watcher {
	for _, list := range w.table {
		for _, e := range list {
			dst = append(dst, e.watcher)
		}
	}
	return dst
}

// forNode appends whom an event of a node calls, and removes the one-shot watches
// among them (ZKWatchManager.materialize).
func (w *watches) forNode(dst []Watcher, kind txn.EventType, path string) []Watcher {
	switch kind {
	case txn.NodeCreated, txn.NodeDataChanged:
		dst = w.collect(dst, dataTable, path, true)
		dst = w.collect(dst, existTable, path, true)
	case txn.NodeChildrenChanged:
		dst = w.collect(dst, childTable, path, true)
	case txn.NodeDeleted:
		dst = w.collect(dst, dataTable, path, true)
		dst = w.collect(dst, existTable, path, true)
		dst = w.collect(dst, childTable, path, true)
	}
	dst = w.collect(dst, persistentTable, path, false)
	if kind == txn.NodeChildrenChanged || len(w.table[recursiveTable]) == 0 {
		// A server sends such an event to who has a one-shot watch below a recursive
		// one; the recursive watch never promised it (ZOOKEEPER-4475).
		return dst
	}
	for {
		dst = w.collect(dst, recursiveTable, path, false)
		if len(path) <= 1 {
			return dst
		}
		path = path[:max(strings.LastIndexByte(path, '/'), 1)]
	}
}

// has tells whether a watcher, or any if it is zero, is registered for a path
// (ZKWatchManager.containsWatcher).
func (w *watches) has(path string, who Watcher, kind WatcherType) bool {
	for t := range tableCount {
		if !kind.covers(t) {
			continue
		}
		from, to := w.of(t, path)
		for _, e := range w.table[t][from:to] {
			if who == 0 || e.watcher == who {
				return true
			}
		}
	}
	return false
}

// take removes a watcher of a path, or all if it is zero, from a table and appends
// them to dst.
func (w *watches) take(dst []Watcher, t tableID, path string, who Watcher) []Watcher {
	if who == 0 {
		return w.collect(dst, t, path, true)
	}
	if i, found := slices.BinarySearchFunc(w.table[t], watch{path, who}, watch.compare); found {
		w.cut(t, i, i+1)
		dst = append(dst, who)
	}
	return dst
}

// find returns where a watcher is registered first; false if nowhere.
func (w *watches) find(who Watcher) (tableID, string, bool) {
	for t := range tableCount {
		for _, e := range w.table[t] {
			if e.watcher == who {
				return t, e.path, true
			}
		}
	}
	return 0, "", false
}

// lists returns what one setWatches asks for: paths from (table, at) on, about
// watchesMax bytes of them, and where the next one begins.
func (w *watches) lists(t tableID, at int) (l txn.WatchLists, nextTable tableID, nextAt int) {
	into := [tableCount]*[]string{&l.Data, &l.Exist, &l.Child, &l.Persistent, &l.Recursives}
	size := 0
	for ; t < tableCount; t, at = t+1, 0 {
		for ; at < len(w.table[t]); at++ {
			path := w.table[t][at].path
			if at > 0 && path == w.table[t][at-1].path {
				continue
			}
			if size >= watchesMax {
				return l, t, at
			}
			*into[t] = append(*into[t], path)
			size += len(path)
		}
	}
	return l, t, 0
}
