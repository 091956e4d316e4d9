package linearizability

import (
	"fmt"
	"sort"

	"zabsim/linearizability/history"
	"zabsim/linearizability/reference"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// The names of the checks of what recipes did.
const (
	TreeWrites       = "tree-writes"
	TreeReads        = "tree-reads"
	TreeRealTime     = "tree-real-time"
	TreeSessions     = "tree-sessions"
	TreeProgram      = "tree-program-order"
	TreeSyncs        = "tree-syncs"
	TreeEphemerals   = "tree-ephemerals"
	TreeWatches      = "tree-watches"
	TreeSequences    = "tree-sequences"
	TreeLinearizable = "tree-linearizable"
)

// CheckTree judges the calls of recipes, which are of all kinds. Where the recorder
// knew what was committed (History.Truth) answers are compared with the reference
// model, transaction by transaction; without that the order of zxids and a search by
// porcupine stand in. It does not change the history.
func CheckTree(h *history.History, b Budget) []Result {
	return []Result{
		checkTreeWrites(h, b),
		checkTreeReads(h, b),
		checkTreeRealTime(h, b),
		checkTreeSessions(h, b),
		checkTreeProgram(h, b),
		checkTreeSyncs(h, b),
		checkTreeEphemerals(h, b),
		checkTreeWatches(h, b),
		checkTreeSequences(h, b),
		checkTreeLinearizable(h, b),
	}
}

// describeCall names a call in a message.
func describeCall(h *history.History, i int) string {
	c := &h.Calls[i]
	path := ""
	if c.Req != nil {
		path = " " + c.Req.Path
	}
	text := fmt.Sprintf("call %d (c%d %s%s: %s", i, c.Client, c.Name, path, c.Outcome)
	if c.Result.Err != txn.OK {
		text += " " + c.Result.Err.String()
	}
	if c.Zxid != 0 {
		text += " at " + c.Zxid.String()
	}
	return text + ")"
}

// same names a request across the record and what was committed.
type same struct {
	session txn.SessionID
	cxid    uint32
}

// replayer runs the reference model through what was committed.
type replayer struct {
	h     *history.History
	model *reference.Model
	calls map[same]int
	// proved are sessions that have added identities. When a server knew of them is not
	// in the record, so what it said to them is not compared.
	proved map[txn.SessionID]bool
	at     int // of Truth
}

func newReplayer(h *history.History) *replayer {
	r := &replayer{h: h, model: startModel(h), calls: map[same]int{}, proved: map[txn.SessionID]bool{}}
	for i := range h.Calls {
		c := &h.Calls[i]
		if c.Req == nil {
			continue
		}
		if c.Req.Op == txn.OpAuth {
			r.proved[c.Req.Session] = true
			continue
		}
		r.calls[same{c.Req.Session, c.Req.Cxid}] = i
	}
	return r
}

// next executes the next transaction; call is who asked for it, -1 if no recipe did.
// trusted tells whether result is the model's, to be compared: what only the session
// tracker or a closeSession under way decides is not in the model.
func (r *replayer) next() (t *txn.Txn, call int, result txn.Result, trusted bool) {
	t = r.h.Truth[r.at]
	r.at++
	call = -1
	if i, ok := r.calls[same{t.Session, t.Cxid}]; ok && t.Cxid != 0 {
		call = i
	}
	req, told := requestOf(t), false
	if call >= 0 && !r.proved[t.Session] {
		req, told = r.h.Calls[call].Req, true
	}
	if req == nil || outside(t) {
		return t, call, result, false
	}
	result, _ = r.model.Do(t.Zxid, t.WallNano/1_000_000, req, reference.Caller{})
	return t, call, result, told
}

// outside tells whether the error of a failed request was decided where the model does
// not look: by the session tracker, or because of a closeSession that was validated
// and not applied, whose ephemeral nodes still count (protocol fact 8.4). A multi that
// was refused says why in its members.
func outside(t *txn.Txn) bool {
	if t.More != nil && t.Op == txn.OpMulti {
		for i := range t.More.Ops {
			if outsideCode(t.More.Ops[i].Err) {
				return true
			}
		}
	}
	return outsideCode(t.Err)
}

func outsideCode(c txn.Code) bool {
	switch c {
	case txn.SessionExpired, txn.SessionMoved, txn.EphemeralOnLocalSession, txn.Unimplemented, txn.NotEmpty:
		return true
	}
	return false
}

// outsideAnswer is outside of what a client was told.
func outsideAnswer(r *txn.Result) bool {
	if r.More != nil {
		for i := range r.More.Results {
			if outsideAnswer(&r.More.Results[i]) {
				return true
			}
		}
	}
	return outsideCode(r.Err)
}

// checkTreeWrites applies all requests to the reference model in the order in which
// they were committed, and compares what clients were told. A request that was
// answered was committed once, and one that never left its client was not.
//
// Source: protocol facts 14 (updates are totally ordered by zxid), 8.4 and 8.5.
func checkTreeWrites(h *history.History, b Budget) Result {
	m := &meter{limit: b.Steps}
	if h.Truth == nil {
		return m.passed(TreeWrites, "nobody knows what was committed")
	}
	r := newReplayer(h)
	committed := make([]zxid.Zxid, len(h.Calls))
	for r.at < len(h.Truth) {
		if !m.take() {
			return m.unknown(TreeWrites)
		}
		t, call, result, trusted := r.next()
		if call < 0 {
			continue
		}
		c := &h.Calls[call]
		switch {
		case committed[call] != 0:
			return m.violated(TreeWrites, fmt.Sprintf("%s was committed twice, as %s and %s", describeCall(h, call), committed[call], t.Zxid))
		case c.Outcome.Known() && c.Zxid != 0 && c.Zxid < t.Zxid && c.Req.Op != txn.OpCloseSession:
			return m.violated(TreeWrites, fmt.Sprintf("%s is %s, and was answered before that", describeCall(h, call), t.Zxid))
		case c.Outcome.Known() && c.Zxid != 0 && c.Req.Op != txn.OpCloseSession && !agrees(t, &c.Result):
			return m.violated(TreeWrites, fmt.Sprintf("%s got %s, but what was committed as %s is %s %s", describeCall(h, call), c.Result.Err, t.Zxid, t.Op, t.Err))
		case c.Outcome.Known() && c.Zxid != 0 && trusted && c.Req.Op != txn.OpCloseSession && result.Hash() != c.Result.Hash():
			return m.violated(TreeWrites, fmt.Sprintf("%s got %s, right at %s is %s", describeCall(h, call), tell(&c.Result), t.Zxid, tell(&result)))
		}
		committed[call] = t.Zxid
	}
	for i := range h.Calls {
		c := &h.Calls[i]
		if c.Req == nil || !c.Req.Op.IsUpdate() {
			continue
		}
		// What the entry of a server can't make out takes no zxid (protocol fact 8.4).
		refused := c.Result.Err == txn.Unimplemented || c.Result.Err == txn.MarshallingError
		if c.Outcome.Known() && c.Zxid != 0 && committed[i] == 0 && !refused {
			return m.violated(TreeWrites, fmt.Sprintf("%s was answered and is not among what was committed", describeCall(h, i)))
		}
		if c.Outcome == history.Fail && c.Zxid == 0 && !c.Sent && committed[i] != 0 {
			return m.violated(TreeWrites, fmt.Sprintf("%s never left its client and was committed as %s", describeCall(h, i), committed[i]))
		}
	}
	return m.passed(TreeWrites, fmt.Sprintf("%d transactions give the answers that clients got", len(h.Truth)))
}

// agrees tells whether a transaction and an answer both say that the update happened, or
// both name the same reason why not. A multi says so in its members.
func agrees(t *txn.Txn, r *txn.Result) bool {
	if t.Op == txn.OpMulti {
		return true
	}
	return t.Op == txn.OpError && t.Err == r.Err || t.Op != txn.OpError && r.Err == txn.OK
}

// tell writes a result for people.
func tell(r *txn.Result) string {
	text := r.Err.String()
	if r.More != nil && r.More.Path != "" {
		text += " " + r.More.Path
	}
	if r.Stat != (txn.Stat{}) {
		s := &r.Stat
		text += fmt.Sprintf(" (czxid %s mzxid %s pzxid %s version %d cversion %d aversion %d owner %x length %d children %d)",
			s.Czxid, s.Mzxid, s.Pzxid, s.Version, s.Cversion, s.Aversion, uint64(s.EphemeralOwner), s.DataLength, s.NumChildren)
	}
	if r.More != nil {
		for i := range r.More.Results {
			text += " [" + tell(&r.More.Results[i]) + "]"
		}
		if r.More.Names != nil {
			text += fmt.Sprint(" ", r.More.Names)
		}
	}
	if r.Data != "" {
		text += fmt.Sprintf(" %q", r.Data)
	}
	return text
}

// checkTreeReads compares each read with the reference model after all that was
// committed up to the zxid in the header of its reply: a server answers from a prefix
// of the history, and says which.
//
// Source: protocol facts 14.1 (prefix reads) and 8.6 (a reply's zxid is exact).
func checkTreeReads(h *history.History, b Budget) Result {
	m := &meter{limit: b.Steps}
	if h.Truth == nil {
		return m.passed(TreeReads, "nobody knows what was committed")
	}
	var reads []int
	proved := newReplayer(h).proved
	for i := range h.Calls {
		if c := &h.Calls[i]; c.Req != nil && c.Outcome.Known() && c.Zxid != 0 && isRead(c.Req.Op) && !proved[c.Req.Session] {
			reads = append(reads, i)
		}
	}
	sort.SliceStable(reads, func(i, k int) bool { return h.Calls[reads[i]].Zxid < h.Calls[reads[k]].Zxid })
	r := newReplayer(h)
	for _, i := range reads {
		c := &h.Calls[i]
		for r.at < len(h.Truth) && h.Truth[r.at].Zxid <= c.Zxid {
			r.next()
		}
		if !m.take() {
			return m.unknown(TreeReads)
		}
		own := *c.Req
		own.Watch = false
		result, _ := r.model.Do(c.Zxid, 0, &own, reference.Caller{})
		if result.Hash() != c.Result.Hash() {
			return m.violated(TreeReads, fmt.Sprintf("%s got %s, right is %s", describeCall(h, i), tell(&c.Result), tell(&result)))
		}
	}
	return m.passed(TreeReads, fmt.Sprintf("%d reads are of the state at their zxid", len(reads)))
}

func isRead(op txn.Op) bool {
	switch op {
	case txn.OpGetData, txn.OpExists, txn.OpGetChildren, txn.OpGetChildren2, txn.OpGetACL, txn.OpMultiRead, txn.OpGetAllChildrenNumber:
		return true
	}
	return false
}

// checkTreeRealTime demands that an update which began after another one was answered
// has the greater zxid.
//
// Source: ZooKeeper, "Consistency Guarantees": updates are linearizable.
func checkTreeRealTime(h *history.History, b Budget) Result {
	m := &meter{limit: b.Steps}
	var begins, ends []int
	for i := range h.Calls {
		if c := &h.Calls[i]; placed(c) {
			begins, ends = append(begins, i), append(ends, i)
		}
	}
	sort.SliceStable(begins, func(i, k int) bool { return h.Calls[begins[i]].Invoke < h.Calls[begins[k]].Invoke })
	sort.SliceStable(ends, func(i, k int) bool { return h.Calls[ends[i]].Return < h.Calls[ends[k]].Return })
	next, newest := 0, -1
	for _, i := range begins {
		if !m.take() {
			return m.unknown(TreeRealTime)
		}
		for next < len(ends) && h.Calls[ends[next]].Return < h.Calls[i].Invoke {
			if newest < 0 || h.Calls[ends[next]].Zxid > h.Calls[newest].Zxid {
				newest = ends[next]
			}
			next++
		}
		if newest >= 0 && h.Calls[i].Zxid <= h.Calls[newest].Zxid {
			return m.violated(TreeRealTime, fmt.Sprintf("%s was answered before %s began", describeCall(h, newest), describeCall(h, i)))
		}
	}
	return m.passed(TreeRealTime, fmt.Sprintf("%d updates keep real time", len(begins)))
}

// checkTreeSessions demands that a session sees time go forward: the zxids of its
// answers never fall, whichever servers it is on.
//
// Source: ZooKeeper, "Consistency Guarantees", single system image; protocol fact
// 9.5 (a server refuses a client that has seen more).
func checkTreeSessions(h *history.History, b Budget) Result {
	m := &meter{limit: b.Steps}
	last := map[txn.SessionID]int{}
	for i := range h.Calls {
		c := &h.Calls[i]
		if c.Req == nil || !c.Outcome.Known() || c.Zxid == 0 {
			continue
		}
		if !m.take() {
			return m.unknown(TreeSessions)
		}
		before, seen := last[c.Req.Session]
		if seen && h.Calls[before].Zxid > c.Zxid {
			return m.violated(TreeSessions, fmt.Sprintf("%s follows %s in one session", describeCall(h, i), describeCall(h, before)))
		}
		last[c.Req.Session] = i
	}
	return m.passed(TreeSessions, fmt.Sprintf("%d sessions never go back", len(last)))
}
