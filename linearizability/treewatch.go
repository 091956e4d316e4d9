package linearizability

import (
	"fmt"
	"sort"
	"strings"

	"zabsim/linearizability/history"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// checkTreeWatches follows the watches of each session. An event is for a watch that
// was left, a one-shot watch tells once, and what is told was committed after the watch
// was left. On one connection events come in the order of zxids, each change is told
// once, and before any answer from a state that has it. A persistent watch tells of all
// changes between two answers on one connection.
//
// What an access list may withhold nobody is owed, nor the events of a watch that was
// to be removed. Without the order of events and answers (Call.Turn) only causes are
// judged.
//
// Source: ZooKeeper, "Watches": ordering guarantees; protocol facts 12.1 to 12.5.
func checkTreeWatches(h *history.History, b Budget) Result {
	m := &meter{limit: b.Steps}
	if h.Truth == nil {
		return m.passed(TreeWatches, "nobody knows what was committed")
	}
	base := watchReplay{h: h, ledger: newLedger(h), m: m, owed: everybodyReads(h), exact: tellsZxids(h)}
	watches := 0
	for _, list := range moments(h) {
		r := base
		r.told = map[cause]int{}
		for _, x := range list.moments {
			if !m.take() {
				return m.unknown(TreeWatches)
			}
			why := ""
			if x.event {
				why = r.event(x.index, list.ordered)
			} else if list.ordered {
				why = r.answer(x.index)
			}
			switch {
			case r.spent:
				return m.unknown(TreeWatches)
			case why != "":
				return m.violated(TreeWatches, why)
			}
		}
		watches += r.count
	}
	if why := tooOften(h); why != "" {
		return m.violated(TreeWatches, why)
	}
	return m.passed(TreeWatches, fmt.Sprintf("%d watches told in time, %d events have a cause", watches, len(h.Watched)))
}

// tellsZxids tells whether servers put a zxid into events (ZOOKEEPER-4655).
func tellsZxids(h *history.History) bool {
	for i := range h.Watched {
		if h.Watched[i].Zxid != 0 {
			return true
		}
	}
	return false
}

// moment is an event or the end of a call, by index.
type moment struct {
	event bool
	index int
	turn  uint32
}

type sessionMoments struct {
	moments []moment
	ordered bool // each has its turn
}

// moments lists what reached each session, in order.
func moments(h *history.History) []sessionMoments {
	type session struct {
		client int
		number uint32
	}
	place := map[session]int{}
	var list []sessionMoments
	add := func(client int, number uint32, x moment) {
		n, ok := place[session{client, number}]
		if !ok {
			n = len(list)
			place[session{client, number}] = n
			list = append(list, sessionMoments{ordered: true})
		}
		list[n].moments = append(list[n].moments, x)
		list[n].ordered = list[n].ordered && x.turn != 0
	}
	for i := range h.Calls {
		if c := &h.Calls[i]; c.Req != nil && c.Outcome != history.Pending {
			add(c.Client, c.Session, moment{false, i, c.Turn})
		}
	}
	for i := range h.Watched {
		if e := &h.Watched[i]; e.Type >= int8(txn.NodeCreated) && e.Type <= int8(txn.NodeChildrenChanged) {
			add(e.Client, e.Session, moment{true, i, e.Turn})
		}
	}
	for n := range list {
		if l := list[n]; l.ordered {
			sort.SliceStable(l.moments, func(i, k int) bool { return l.moments[i].turn < l.moments[k].turn })
		}
	}
	return list
}

// watchTable is one of the client library's tables (protocol fact 10).
type watchTable uint8

const (
	dataWatch watchTable = iota
	existWatch
	childWatch
	persistentWatch
	recursiveWatch
)

// keptWatch is a watch of a session.
type keptWatch struct {
	table watchTable
	path  string
	call  int       // that left it
	zxid  zxid.Zxid // of the state in which it was left; of the last one that was judged, if it is persistent
	first zxid.Zxid // of the state in which it was left
	due   zxid.Zxid // one-shot: the first change that it must tell of; 0 if there is none
	link  uint32
	loose bool // maybe removed: it may tell, and need not
}

// sees tells whether a watch is for an event (ZKWatchManager.materialize).
func (w *keptWatch) sees(typ txn.EventType, path string) bool {
	if w.table == recursiveWatch {
		below := w.path == "/" || strings.HasPrefix(path, w.path+"/")
		return typ != txn.NodeChildrenChanged && (w.path == path || below)
	}
	if w.path != path {
		return false
	}
	switch w.table {
	case childWatch:
		return typ == txn.NodeChildrenChanged || typ == txn.NodeDeleted
	case persistentWatch:
		return true
	}
	return typ != txn.NodeChildrenChanged
}

func (w *keptWatch) oneShot() bool { return w.table <= childWatch }

// watchReplay is a session with its watches.
type watchReplay struct {
	h      *history.History
	ledger *ledger
	m      *meter
	owed   bool // no event may be withheld
	exact  bool // events have zxids
	spent  bool

	live   []keptWatch
	told   map[cause]int // how often; looked up, never walked
	newest int           // index of the connection's last event with a zxid, plus one
	link   uint32
	count  int // watches so far
}

// event takes an event, and says what is wrong with it.
func (r *watchReplay) event(i int, ordered bool) string {
	e := &r.h.Watched[i]
	typ := txn.EventType(e.Type)
	what := func() string { return fmt.Sprintf("c%d was told %v of %s at %s", e.Client, typ, e.Path, e.Zxid) }
	if e.Link != r.link {
		// What a client was told does not count for where it may go: a server that is
		// behind may tell it again.
		r.link, r.newest = e.Link, 0
		clear(r.told)
	}
	if e.Zxid != 0 && ordered && e.Link != 0 {
		if r.newest > 0 && r.h.Watched[r.newest-1].Zxid > e.Zxid {
			return fmt.Sprintf("%s after it had been told of %s", what(), r.h.Watched[r.newest-1].Zxid)
		}
		r.newest = i + 1
		x := cause{e.Path, e.Zxid, typ}
		if r.told[x]++; r.told[x] > r.ledger.count(x) && r.told[x] > 1 {
			return what() + ", more often than that happened"
		}
	}
	if !r.ledger.explains(e, 0) {
		return what() + ", and nothing like that was committed"
	}
	if !ordered {
		return ""
	}
	left, found := zxid.Zxid(0), false
	kept := r.live[:0]
	for _, w := range r.live {
		sees := w.sees(typ, e.Path)
		if sees && (!found || w.first < left) {
			left, found = w.first, true
		}
		if !sees || !w.oneShot() {
			kept = append(kept, w)
		}
	}
	r.live = kept
	switch {
	case !found:
		return what() + ", and has no watch for that: a one-shot watch tells once"
	case !r.ledger.explains(e, left):
		return fmt.Sprintf("%s, and nothing like that was committed after it left the watch at %s", what(), left)
	}
	return ""
}

// answer takes the end of a call, and says which event it should have waited for.
func (r *watchReplay) answer(i int) string {
	c := &r.h.Calls[i]
	if c.Req.Op == txn.OpRemoveWatches || c.Req.Op == txn.OpCheckWatches {
		for k := range r.live {
			r.live[k].loose = r.live[k].loose || r.live[k].path == c.Req.Path
		}
	}
	if !c.Outcome.Known() || c.Zxid == 0 || c.Req.Op == txn.OpCloseSession {
		return ""
	}
	if r.newest > 0 {
		if e := &r.h.Watched[r.newest-1]; e.Link == c.Link && e.Zxid > c.Zxid {
			return fmt.Sprintf("%s is older than the event of %s at %s before it", describeCall(r.h, i), e.Path, e.Zxid)
		}
	}
	if r.owed {
		for k := range r.live {
			if why := r.owes(&r.live[k], c); why != "" {
				return fmt.Sprintf("%s left a watch, %s, and %s was answered before the watch was told", describeCall(r.h, r.live[k].call), why, describeCall(r.h, i))
			}
		}
	}
	r.leave(i)
	return ""
}

// owes says which change a watch must have told of before an answer.
func (r *watchReplay) owes(w *keptWatch, c *history.Call) string {
	switch {
	case w.loose:
		return ""
	case w.oneShot():
		if w.due == 0 || w.due > c.Zxid {
			return ""
		}
		if w.table == existWatch && w.link != c.Link && !r.ledger.present(w.path, c.Zxid) {
			return "" // it came and went while the client was away
		}
		return fmt.Sprintf("%s changed at %s", w.path, w.due)
	case !r.exact:
		return ""
	case w.link != c.Link:
		w.link, w.zxid = c.Link, c.Zxid // what happened in between is lost (fact 12.4)
		return ""
	}
	list := r.ledger.byPath[w.path]
	if w.table == recursiveWatch {
		list = r.ledger.all
	}
	for _, x := range between(list, w.zxid, c.Zxid) {
		if !r.m.take() {
			r.spent = true
			return ""
		}
		if w.sees(x.typ, x.path) && r.told[x] == 0 {
			return fmt.Sprintf("%s changed at %s (%v)", x.path, x.zxid, x.typ)
		}
	}
	w.zxid = max(w.zxid, c.Zxid)
	return ""
}

// leave adds the watch that a call has left (WatchRegistration.shouldAddWatch).
func (r *watchReplay) leave(i int) {
	c := &r.h.Calls[i]
	w := keptWatch{path: c.Req.Path, call: i, zxid: c.Zxid, first: c.Zxid, link: c.Link}
	ok := c.Result.Err == txn.OK
	switch {
	case c.Req.Op == txn.OpAddWatch && ok:
		w.table = persistentWatch
		if c.Req.Flags == 1 {
			w.table = recursiveWatch
		}
	case !c.Req.Watch:
		return
	case c.Req.Op == txn.OpExists && c.Result.Err == txn.NoNode:
		w.table = existWatch
	case !ok:
		return
	case c.Req.Op == txn.OpGetChildren, c.Req.Op == txn.OpGetChildren2:
		w.table = childWatch
	case c.Req.Op == txn.OpGetData, c.Req.Op == txn.OpExists:
		w.table = dataWatch
	default:
		return
	}
	for _, x := range r.ledger.byPath[w.path] {
		if x.zxid > c.Zxid && w.sees(x.typ, x.path) {
			w.due = x.zxid
			break
		}
	}
	r.count++
	r.live = append(r.live, w)
}
