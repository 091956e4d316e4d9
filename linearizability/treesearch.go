package linearizability

import (
	"context"
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/anishathalye/porcupine"

	"zabsim/linearizability/history"
	"zabsim/linearizability/reference"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// treeSteps bounds the search: a step copies a model, which costs some microseconds.
const treeSteps = 200_000

// checkTreeLinearizable asks porcupine for an order of the updates that respects time
// and explains each answer, with the reference model as the state. Updates are judged
// together with all that are below the same child of the root, or that a multi ties to
// these. A read joins them if a sync that ZooKeeper vouches for came before it in its
// session: both together see one state. What a client was never told counts if it was committed. The ends of sessions
// are operations of nobody, at any time.
//
// Source: ZooKeeper, "Consistency Guarantees": updates are linearizable; protocol
// fact 14.1.
func checkTreeLinearizable(h *history.History, b Budget) Result {
	m := &meter{limit: min(b.Steps, treeSteps)}
	calls, ends, known := treeUpdates(h)
	if !known {
		return m.unknown(TreeLinearizable)
	}
	parts, joined := treeParts(calls), 0
	for _, part := range parts {
		joined += len(part.calls)
		part.calls = append(part.calls, ends...)
		switch part.run(h, m) {
		case Unknown:
			return m.unknown(TreeLinearizable)
		case Violated:
			return m.violated(TreeLinearizable, fmt.Sprintf("no order of the %d updates and reads of %s explains their answers", len(part.calls)-len(ends), strings.Join(part.roots, ", ")))
		}
	}
	return m.passed(TreeLinearizable, fmt.Sprintf("%d updates and reads after a sync in %d parts have an order", joined, len(parts)))
}

// treeCall is an update as the search sees it.
type treeCall struct {
	req       *txn.Request
	zxid      zxid.Zxid
	result    txn.Result // normal
	open      bool       // nobody was told
	from, end int64
}

// treeUpdates returns the updates that had an effect or an answer, and the sessions
// that servers have ended. What was committed for nobody, or for who is not in the
// record, may have happened at any time. Without Truth it is not known whether an open update
// happened, and when ephemeral nodes went.
func treeUpdates(h *history.History) (calls, ends []treeCall, known bool) {
	truth := map[same]*txn.Txn{}
	for _, t := range h.Truth {
		truth[same{t.Session, t.Cxid}] = t
	}
	told, lived := map[same]bool{}, map[txn.SessionID]int64{}
	if h.Truth == nil && !selfContained(h) {
		return nil, nil, false
	}
	proved := newReplayer(h).proved
	for i := range h.Calls {
		c := &h.Calls[i]
		if c.Req == nil || !c.Req.Op.IsUpdate() || !c.Sent || proved[c.Req.Session] {
			continue
		}
		x := treeCall{req: c.Req, zxid: c.Zxid, result: normal(&c.Result), from: int64(c.Invoke), end: int64(c.Return)}
		t, committed := truth[same{c.Req.Session, c.Req.Cxid}]
		// Java's close is content with any end, so without a zxid it is as good as lost.
		answered := c.Outcome.Known() && (c.Req.Op != txn.OpCloseSession || c.Zxid != 0)
		switch {
		case !answered && h.Truth == nil:
			return nil, nil, false
		case !answered && !committed || answered && outsideAnswer(&c.Result):
			continue // the code of a lost call is the client's own, and says nothing
		case committed && outside(t):
			continue
		case committed:
			x.zxid = t.Zxid
		}
		x.open = !answered || c.Req.Op == txn.OpCloseSession
		if !answered {
			x.end = math.MaxInt64
		}
		told[same{c.Req.Session, c.Req.Cxid}] = true
		if answered && c.Result.Err == txn.OK {
			// A session that has ended does nothing: its end is later than this began.
			lived[c.Req.Session] = max(lived[c.Req.Session], x.from)
		}
		calls = append(calls, x)
	}
	for _, t := range h.Truth {
		if told[same{t.Session, t.Cxid}] && t.Cxid != 0 || t.Op == txn.OpError || t.Op == txn.OpCreateSession {
			continue
		}
		req := requestOf(t)
		if req == nil {
			continue
		}
		x := treeCall{req: req, zxid: t.Zxid, open: true, end: math.MaxInt64}
		if t.Op == txn.OpCloseSession {
			x.from = lived[t.Session]
			ends = append(ends, x)
		} else {
			calls = append(calls, x)
		}
	}
	return append(calls, syncReads(h, proved)...), ends, true
}

// selfContained tells whether the answers that clients got hold all that can have
// happened: every call has ended, and no node was made that a server may delete of its
// own accord.
func selfContained(h *history.History) bool {
	for i := range h.Calls {
		c := &h.Calls[i]
		if c.Outcome == history.Pending || c.Req != nil && fleeting(c.Req) {
			return false
		}
	}
	return true
}

// fleeting tells whether a request makes an ephemeral node, a container, or one with a
// time to live.
func fleeting(r *txn.Request) bool {
	if r.Op == txn.OpMulti && r.More != nil {
		for i := range r.More.Ops {
			if fleeting(&r.More.Ops[i]) {
				return true
			}
		}
	}
	return r.Op == txn.OpCreateContainer || r.Op == txn.OpCreateTTL || r.Op.IsCreate() && r.Flags != 0 && r.Flags != 2
}

// syncReads returns the reads that a sync makes fresh. Such a read begins with its sync.
// What is about the root itself depends on all parts, and is left out.
func syncReads(h *history.History, proved map[txn.SessionID]bool) []treeCall {
	var list []treeCall
	if !h.Ghost {
		return nil
	}
	for _, calls := range sessionCalls(h) {
		last := -1
		for _, i := range calls {
			c := &h.Calls[i]
			switch {
			case vouched(c):
				last = i
			case last >= 0 && isRead(c.Req.Op) && c.Outcome.Known() && c.Zxid != 0 && !proved[c.Req.Session] && !aboutRoot(c.Req):
				own := *c.Req
				own.Watch = false
				list = append(list, treeCall{req: &own, zxid: c.Zxid, result: normal(&c.Result), from: int64(h.Calls[last].Invoke), end: int64(c.Return)})
			}
		}
	}
	return list
}

func aboutRoot(r *txn.Request) bool {
	if r.Op != txn.OpMultiRead {
		return len(r.Path) <= 1
	}
	about := r.More == nil || len(r.More.Ops) == 0
	if !about {
		for i := range r.More.Ops {
			about = about || aboutRoot(&r.More.Ops[i])
		}
	}
	return about
}

// normal takes out of a result what the search can't know: when things happened.
func normal(r *txn.Result) txn.Result {
	n := *r
	n.Stat.Ctime, n.Stat.Mtime = 0, 0
	if r.More != nil {
		more := *r.More
		more.Results = make([]txn.Result, len(r.More.Results))
		for i := range more.Results {
			more.Results[i] = normal(&r.More.Results[i])
		}
		if r.More.Results == nil {
			more.Results = nil
		}
		n.More = &more
	}
	return n
}

// treePart is a group of updates that other groups do not touch.
type treePart struct {
	roots []string
	calls []treeCall
}

// treeParts divides updates by the children of the root that they are about.
func treeParts(calls []treeCall) []*treePart {
	group := map[string]string{} // towards the one that stands for the group
	find := func(s string) string {
		for group[s] != "" && group[s] != s {
			s = group[s]
		}
		return s
	}
	for i := range calls {
		first := ""
		for _, root := range rootsOf(calls[i].req) {
			if group[root] == "" {
				group[root] = root
			}
			if first == "" {
				first = find(root)
			}
			group[find(root)] = first
		}
	}
	byName := map[string]*treePart{}
	var parts []*treePart
	for i := range calls {
		if calls[i].req.Op == txn.OpCloseSession {
			continue // below, for all
		}
		name := ""
		if roots := rootsOf(calls[i].req); len(roots) > 0 {
			name = find(roots[0])
		}
		if byName[name] == nil {
			byName[name] = &treePart{roots: []string{name}}
			parts = append(parts, byName[name])
		}
		byName[name].calls = append(byName[name].calls, calls[i])
	}
	for i := range calls {
		for _, p := range parts {
			if calls[i].req.Op == txn.OpCloseSession {
				p.calls = append(p.calls, calls[i])
			}
		}
	}
	sort.Slice(parts, func(i, k int) bool { return parts[i].roots[0] < parts[k].roots[0] })
	return parts
}

// rootsOf returns the children of the root that a request is about.
func rootsOf(r *txn.Request) []string {
	if r.Op != txn.OpMulti && r.Op != txn.OpMultiRead {
		rest := strings.TrimPrefix(r.Path, "/")
		name, _, _ := strings.Cut(rest, "/")
		return []string{"/" + name}
	}
	var list []string
	if r.More != nil {
		for i := range r.More.Ops {
			list = append(list, rootsOf(&r.More.Ops[i])...)
		}
	}
	return list
}

// run searches for an order.
func (p *treePart) run(h *history.History, m *meter) Verdict {
	start := startModel(h)
	ops := make([]porcupine.Operation, len(p.calls))
	for i := range p.calls {
		ops[i] = porcupine.Operation{ClientId: i, Input: &p.calls[i], Call: p.calls[i].from, Return: p.calls[i].end}
	}
	// In the order of zxids, so that the search tries the likely order first.
	sort.SliceStable(ops, func(i, k int) bool {
		a, b := ops[i].Input.(*treeCall), ops[k].Input.(*treeCall)
		switch {
		case a.zxid != b.zxid:
			return a.zxid < b.zxid
		case isRead(a.req.Op) != isRead(b.req.Op):
			return isRead(b.req.Op)
		}
		return a.from < b.from // reads of one state, in the order of time
	})
	if witness(start, ops) {
		return Passed
	}
	spent := false
	model := porcupine.Model{
		Init: func() any { return start },
		StepContext: func(_ context.Context, at, in, _ any) (bool, any) {
			if spent || !m.take() {
				spent = true
				return false, nil
			}
			c := in.(*treeCall)
			if isRead(c.req.Op) { // changes nothing
				got, _ := at.(*reference.Model).Do(c.zxid, 0, c.req, reference.Caller{})
				got = normal(&got)
				return got.Hash() == c.result.Hash(), at
			}
			next := at.(*reference.Model).Clone()
			got, _ := next.Do(c.zxid, 0, c.req, reference.Caller{})
			got = normal(&got)
			if !c.open && got.Hash() != c.result.Hash() {
				return false, nil
			}
			return true, next
		},
		Equal: func(a, b any) bool { return a.(*reference.Model).Equal(b.(*reference.Model)) },
		Hash:  func(a any) uint64 { return uint64(a.(*reference.Model).Hash()) },
	}
	result := porcupine.CheckOperationsTimeout(model, ops, 0)
	switch {
	case spent:
		return Unknown
	case result == porcupine.Ok:
		return Passed
	}
	return Violated
}

// witness tells whether the order in which ops stand is an answer: it respects time and
// explains what clients were told. If it is, nobody needs to search; if not, another
// order may be. The order is that of the zxids, which ZooKeeper promises.
func witness(start *reference.Model, ops []porcupine.Operation) bool {
	at, began := start.Clone(), int64(math.MinInt64)
	for i := range ops {
		if ops[i].Return < began {
			return false
		}
		began = max(began, ops[i].Call)
		c := ops[i].Input.(*treeCall)
		got, _ := at.Do(c.zxid, 0, c.req, reference.Caller{})
		got = normal(&got)
		if !c.open && got.Hash() != c.result.Hash() {
			return false
		}
	}
	return true
}
