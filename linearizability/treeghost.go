package linearizability

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"zabsim/linearizability/history"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// changes calls f for each single change that was committed: the members of a multi
// that succeeded one by one, and each deletion of a closeSession.
func changes(h *history.History, f func(t *txn.Txn)) {
	for _, t := range h.Truth {
		switch {
		case t.Op == txn.OpError:
		case t.Op == txn.OpMulti && t.More != nil:
			if anyFailed(t.More.Ops) {
				continue
			}
			for i := range t.More.Ops {
				member := t.More.Ops[i]
				member.Zxid, member.Session = t.Zxid, t.Session
				f(&member)
			}
		case t.Op == txn.OpCloseSession && t.More != nil:
			for _, path := range t.More.Paths {
				f(&txn.Txn{Op: txn.OpDelete, Of: txn.OpCloseSession, Zxid: t.Zxid, Session: t.Session, Path: path})
			}
			f(t)
		default:
			f(t)
		}
	}
}

func anyFailed(members []txn.Txn) bool {
	for i := range members {
		if members[i].Op == txn.OpError {
			return true
		}
	}
	return false
}

// checkTreeEphemerals follows ephemeral nodes: each lives until somebody deletes it or
// its session is closed; a closeSession takes all nodes of its session and no others;
// and a closed session makes no more.
//
// Source: protocol facts 9.4 and 9.5, ZOOKEEPER-1208.
func checkTreeEphemerals(h *history.History, b Budget) Result {
	m := &meter{limit: b.Steps}
	owner := map[string]txn.SessionID{}
	closed := map[txn.SessionID]zxid.Zxid{}
	wrong, count := "", 0
	complain := func(format string, args ...any) {
		if wrong == "" {
			wrong = fmt.Sprintf(format, args...)
		}
	}
	changes(h, func(t *txn.Txn) {
		m.take()
		switch {
		case t.Op.IsCreate() && ownedBySession(t.Owner):
			if t.Owner != uint64(t.Session) {
				complain("session %x made %s at %s for session %x", uint64(t.Session), t.Path, t.Zxid, t.Owner)
			}
			if at, ok := closed[txn.SessionID(t.Owner)]; ok {
				complain("%s made %s, but its session %x had ended at %s", t.Zxid, t.Path, t.Owner, at)
			}
			owner[t.Path] = txn.SessionID(t.Owner)
			count++
		case t.Op == txn.OpDelete:
			if o, ok := owner[t.Path]; ok && t.Of == txn.OpCloseSession && o != t.Session {
				complain("the end of session %x at %s takes %s, which is of session %x", uint64(t.Session), t.Zxid, t.Path, uint64(o))
			}
			delete(owner, t.Path)
		case t.Op == txn.OpDeleteContainer:
			if o, ok := owner[t.Path]; ok {
				complain("%s takes %s as a container, but it is of session %x", t.Zxid, t.Path, uint64(o))
			}
			delete(owner, t.Path)
		case t.Op == txn.OpCreateSession:
			delete(closed, t.Session)
		case t.Op == txn.OpCloseSession:
			var left []string
			for path, o := range owner {
				if o == t.Session {
					left = append(left, path)
				}
			}
			if sort.Strings(left); len(left) > 0 {
				complain("session %x ended at %s, and %s stays", uint64(t.Session), t.Zxid, strings.Join(left, ", "))
			}
			closed[t.Session] = t.Zxid
		}
	})
	switch {
	case wrong != "":
		return m.violated(TreeEphemerals, wrong)
	case m.used >= m.limit:
		return m.unknown(TreeEphemerals)
	}
	return m.passed(TreeEphemerals, fmt.Sprintf("%d ephemeral nodes live as long as they should", count))
}

// ownedBySession tells whether a stored owner is a session, and not the mark of a
// container or of a node with a time to live (protocol fact 11.1).
func ownedBySession(owner uint64) bool { return owner != 0 && owner != 1<<63 && owner>>56 != 0xff }

// checkTreeSequences demands that the numbers in the names of sequential nodes rise
// below each parent.
//
// Source: protocol fact 11.2 (the suffix is the stored cversion, and never goes back).
func checkTreeSequences(h *history.History, b Budget) Result {
	m := &meter{limit: b.Steps}
	type made struct {
		call   int
		number int64
	}
	last := map[string]made{}
	var creates []int
	for i := range h.Calls {
		c := &h.Calls[i]
		if c.Req != nil && c.Req.Op.IsCreate() && c.Outcome == history.Ok && isSequential(c.Req.Flags) && c.Result.More != nil {
			creates = append(creates, i)
		}
	}
	sort.SliceStable(creates, func(i, k int) bool {
		return h.Calls[creates[i]].Result.Stat.Czxid < h.Calls[creates[k]].Result.Stat.Czxid
	})
	sort.SliceStable(creates, func(i, k int) bool { return h.Calls[creates[i]].Zxid < h.Calls[creates[k]].Zxid })
	for _, i := range creates {
		if !m.take() {
			return m.unknown(TreeSequences)
		}
		path := h.Calls[i].Result.More.Path
		slash := strings.LastIndexByte(path, '/')
		n, err := strconv.ParseInt(path[max(len(path)-10, 0):], 10, 64)
		if err != nil || slash < 0 {
			return m.violated(TreeSequences, fmt.Sprintf("%s: %s has no number", describeCall(h, i), path))
		}
		if before, ok := last[path[:slash]]; ok && n <= before.number {
			return m.violated(TreeSequences, fmt.Sprintf("%s: %s comes after number %d of %s", describeCall(h, i), path, before.number, describeCall(h, before.call)))
		}
		last[path[:slash]] = made{i, n}
	}
	return m.passed(TreeSequences, fmt.Sprintf("the numbers of %d nodes rise", len(creates)))
}

func isSequential(flags int32) bool { return flags == 2 || flags == 3 || flags == 6 }
