package linearizability

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/linearizability/history"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// The calls of treeStory, by index, and its events.
const (
	makesX        = iota // c1
	watchesX             // c2, one-shot
	watchesAll           // c2, recursive, on /a
	setsX                // c1
	syncs                // c2
	readsX               // c2, behind the sync
	makesE               // c1, ephemeral
	makesS0              // c1, sequential
	makesS1              // c1
	failsX               // c1: there is one
	readsOwn             // c1 reads /a/x
	setsXAgain           // c1
	readsXAtLast         // c2
	waitsForN            // c1: an exists-watch on a node that is not there
	makesN               // c2
	readsNAtLast         // c1
	toldOfX       = 0    // events: c2 of setsX
	toldOfE       = 1
	toldOfS0      = 2
	toldOfS1      = 3
	toldOfXAgain  = 4
	toldOfN       = 5
	toldOfGone    = 6 // c2, of /a/e at the end of c1's session
	storysCalls   = 16
	storysWatched = 7
)

// treeStory is a short true history, whose session of c1 ends.
func treeStory(t *testing.T) *history.History {
	w := newTreeWorld(2, func(int) int { return 0 })
	do := func(client int, q *txn.Request) {
		a := w.actors[client-1]
		w.now += 10
		w.ask(a, q)
		w.now += 5
		w.serve(a)
		for s := range w.replicas {
			for w.replicas[s].applied < len(w.log) {
				w.apply(s)
			}
		}
		for _, b := range w.actors {
			for len(b.wire) > 0 {
				w.receive(b)
			}
		}
	}
	do(1, &txn.Request{Op: txn.OpCreate2, Path: "/a/x", Data: "1"})
	do(2, &txn.Request{Op: txn.OpGetData, Path: "/a/x", Watch: true})
	do(2, &txn.Request{Op: txn.OpAddWatch, Path: "/a", Flags: 1})
	do(1, &txn.Request{Op: txn.OpSetData, Path: "/a/x", Data: "2", Version: -1})
	do(2, &txn.Request{Op: txn.OpSync, Path: "/"})
	do(2, &txn.Request{Op: txn.OpGetData, Path: "/a/x"})
	do(1, &txn.Request{Op: txn.OpCreate, Path: "/a/e", Flags: 1})
	do(1, &txn.Request{Op: txn.OpCreate, Path: "/a/s-", Flags: 2})
	do(1, &txn.Request{Op: txn.OpCreate, Path: "/a/s-", Flags: 2})
	do(1, &txn.Request{Op: txn.OpCreate, Path: "/a/x"})
	do(1, &txn.Request{Op: txn.OpGetData, Path: "/a/x"})
	do(1, &txn.Request{Op: txn.OpSetData, Path: "/a/x", Data: "3", Version: 1})
	do(2, &txn.Request{Op: txn.OpGetData, Path: "/a/x"})
	do(1, &txn.Request{Op: txn.OpExists, Path: "/n", Watch: true})
	do(2, &txn.Request{Op: txn.OpCreate2, Path: "/n"})
	do(1, &txn.Request{Op: txn.OpGetData, Path: "/n"})
	w.expire(w.actors[0])
	for s := range w.replicas {
		for w.replicas[s].applied < len(w.log) {
			w.apply(s)
		}
	}
	for len(w.actors[1].wire) > 0 {
		w.receive(w.actors[1])
	}
	require.Len(t, w.h.Calls, storysCalls)
	require.Len(t, w.h.Watched, storysWatched)
	return w.h
}

// truthOf returns the transaction of a call.
func truthOf(h *history.History, call int) *txn.Txn {
	for _, x := range h.Truth {
		if q := h.Calls[call].Req; x.Session == q.Session && x.Cxid == q.Cxid {
			return x
		}
	}
	return nil
}

// badTrees are changes of treeStory, and the check that must see each.
var badTrees = []struct {
	check, how, want string
	spoil            func(h *history.History)
}{
	{TreeWrites, "an answer of another version", "right at 0.4 is", func(h *history.History) { h.Calls[setsX].Result.Stat.Version = 7 }},
	{TreeWrites, "a failure told as another one", "but what was committed", func(h *history.History) { h.Calls[failsX].Result.Err = txn.NotEmpty }},
	{TreeWrites, "committed, though it never left its client", "never left its client", func(h *history.History) {
		c := &h.Calls[setsXAgain]
		c.Outcome, c.Sent, c.Zxid, c.Result = history.Fail, false, 0, txn.Result{Err: txn.ConnectionLoss}
	}},
	{TreeReads, "data of another time", "right is", func(h *history.History) { h.Calls[readsX].Result = h.Calls[watchesX].Result }},
	{TreeRealTime, "a later write with an earlier zxid", "was answered before", func(h *history.History) { h.Calls[makesN].Zxid = h.Calls[setsX].Zxid }},
	{TreeSessions, "a session that goes back", "in one session", func(h *history.History) { h.Calls[readsOwn].Zxid = h.Calls[makesX].Zxid }},
	{TreeProgram, "answers in another order than requests", "was answered before an earlier request", func(h *history.History) {
		h.Calls[setsX].Turn, h.Calls[makesX].Turn = h.Calls[makesX].Turn, h.Calls[setsX].Turn
	}},
	{TreeProgram, "updates in another order than requests", "before an earlier update", func(h *history.History) {
		a, b := truthOf(h, makesS0), truthOf(h, makesS1)
		a.Cxid, b.Cxid = b.Cxid, a.Cxid
	}},
	{TreeProgram, "a read without the own write", "and misses call 3", func(h *history.History) {
		h.Truth = nil
		h.Calls[readsOwn].Result = h.Calls[watchesX].Result
	}},
	{TreeSyncs, "a sync that misses what was answered before it", "which was answered before it began", func(h *history.History) { h.Calls[syncs].Zxid = h.Calls[setsX].Zxid - 1 }},
	{TreeSyncs, "a read that is older than the sync before it", "is older than call 4", func(h *history.History) { h.Calls[readsX].Zxid = h.Calls[syncs].Zxid - 1 }},
	{TreeEphemerals, "a node for another session", "for session", func(h *history.History) { truthOf(h, makesE).Owner = uint64(h.Calls[syncs].Req.Session) }},
	{TreeEphemerals, "a node of a session that has ended", "had ended at", func(h *history.History) {
		late := *truthOf(h, makesE)
		late.Zxid, late.Path = zxid.Zxid(len(h.Truth)+1), "/a/late"
		h.Truth = append(h.Truth, &late)
	}},
	{TreeEphemerals, "a node that stays", "/a/e stays", func(h *history.History) {
		for _, x := range h.Truth {
			if x.Op == txn.OpCloseSession {
				x.More = nil
			}
		}
	}},
	{TreeEphemerals, "a node that goes as a container", "as a container", func(h *history.History) {
		gone := txn.Txn{Op: txn.OpDeleteContainer, Path: "/a/e", Zxid: truthOf(h, makesS0).Zxid}
		h.Truth[gone.Zxid-1] = &gone
	}},
	{TreeWatches, "a one-shot watch that tells twice", "tells once", func(h *history.History) {
		again := h.Watched[toldOfN]
		again.Turn, again.Zxid = h.Calls[readsNAtLast].Turn+1, 0
		h.Watched = append(h.Watched, again)
	}},
	{TreeWatches, "an event before its watch was left", "has no watch for that", func(h *history.History) { h.Watched[toldOfN].Turn = 1 }},
	{TreeWatches, "an event of a change before its watch was left", "after it left the watch", func(h *history.History) {
		h.Watched[toldOfN].Path, h.Watched[toldOfN].Zxid = "/a/x", truthOf(h, makesX).Zxid
		h.Calls[waitsForN].Req.Path = "/a/x"
	}},
	{TreeWatches, "a newer answer instead of a one-shot event", "call 13 (c1 exists", func(h *history.History) {
		h.Watched = append(h.Watched[:toldOfN:toldOfN], h.Watched[toldOfN+1:]...)
	}},
	{TreeWatches, "a change that a persistent watch misses", "(NodeCreated), and call 12", func(h *history.History) {
		h.Watched = append(h.Watched[:toldOfS0:toldOfS0], h.Watched[toldOfS0+1:]...)
	}},
	{TreeWatches, "events of a connection in the wrong order", "after it had been told of", func(h *history.History) {
		h.Watched[toldOfS0].Turn, h.Watched[toldOfS1].Turn = h.Watched[toldOfS1].Turn, h.Watched[toldOfS0].Turn
	}},
	{TreeWatches, "a change told more often than it happened", "more often", func(h *history.History) {
		again := h.Watched[toldOfXAgain]
		h.Watched = append(h.Watched, again)
	}},
	{TreeWatches, "an answer that is older than the event before it", "is older than the event", func(h *history.History) {
		h.Calls[readsX].Zxid = truthOf(h, makesX).Zxid
		h.Watched[toldOfE].Turn, h.Watched[toldOfS0].Turn = h.Watched[toldOfS0].Turn, h.Watched[toldOfE].Turn
	}},
	{TreeSequences, "a number twice", "comes after number", func(h *history.History) { h.Calls[makesS1].Result.More = h.Calls[makesS0].Result.More }},
	{TreeLinearizable, "a failure without a reason", "no order", func(h *history.History) {
		h.Calls[setsXAgain].Outcome, h.Calls[setsXAgain].Result = history.Fail, txn.Result{Err: txn.NoNode}
	}},
	{TreeLinearizable, "a stale read behind a sync", "no order", func(h *history.History) { h.Calls[readsX].Result = h.Calls[watchesX].Result }},
}

func verdicts(h *history.History) map[string]Result {
	list := map[string]Result{}
	for _, r := range CheckTree(h, DefaultBudget) {
		list[r.Check] = r
	}
	return list
}

// Each check passes the story and sees what is changed in it.
func TestBadTreeHistories(t *testing.T) {
	for check, r := range verdicts(treeStory(t)) {
		require.Equal(t, Passed, r.Verdict, "%s: %s", check, r.Detail)
	}
	for _, c := range badTrees {
		t.Run(c.check+"/"+c.how, func(t *testing.T) {
			h := treeStory(t)
			c.spoil(h)
			r := verdicts(h)[c.check]
			assert.Equal(t, Violated, r.Verdict, r.Detail)
			assert.Contains(t, r.Detail, c.want)
		})
	}
}

// What ZooKeeper does not promise is no violation.
func TestTreeClaimsNoMoreThanZooKeeper(t *testing.T) {
	for _, c := range []struct {
		check, how string
		change     func(h *history.History)
	}{
		{TreeSyncs, "a sync of a leader that may be deposed", func(h *history.History) {
			h.Calls[syncs].Zxid, h.Calls[syncs].Unvouched = h.Calls[setsX].Zxid-1, true
		}},
		{TreeProgram, "a lost multi that comes late and is refused", func(h *history.History) {
			q := h.Calls[makesS0].Req
			h.Calls[makesS0].Outcome, h.Calls[makesS0].Zxid = history.Unknown, 0
			truthOf(h, makesS0).Cxid = 0
			h.Truth = append(h.Truth, &txn.Txn{Op: txn.OpMulti, Session: q.Session, Cxid: q.Cxid, Zxid: zxid.Zxid(len(h.Truth) + 1),
				More: &txn.TxnMore{Ops: []txn.Txn{{Op: txn.OpError, Err: txn.SessionMoved}}}})
		}},
		{TreeSyncs, "nobody knows who led", func(h *history.History) { h.Calls[syncs].Zxid, h.Ghost = 1, false }},
		{TreeLinearizable, "a stale read behind such a sync", func(h *history.History) {
			h.Calls[syncs].Unvouched, h.Calls[readsX].Result = true, h.Calls[watchesX].Result
		}},
		{TreeWatches, "an event that is told again on the next connection, by a server that is behind", func(h *history.History) {
			again := h.Watched[toldOfGone]
			again.Turn, again.Link = again.Turn+1, again.Link+1
			h.Watched = append(h.Watched, again)
		}},
		{TreeWatches, "what happened between two connections", func(h *history.History) {
			h.Watched = append(h.Watched[:toldOfS0:toldOfS0], h.Watched[toldOfS0+1:]...)
			h.Calls[readsXAtLast].Link = 2
			for i := toldOfS0; i < len(h.Watched); i++ {
				h.Watched[i].Link = 2
			}
		}},
		{TreeWatches, "what an access list may withhold", func(h *history.History) {
			truthOf(h, makesS0).More = &txn.TxnMore{ACL: []txn.ACL{{Perms: 31, ID: txn.ID{Scheme: "digest", ID: "u:x"}}}}
			h.Watched = append(h.Watched[:toldOfS0:toldOfS0], h.Watched[toldOfS0+1:]...)
		}},
		{TreeRealTime, "a refusal that took no zxid", func(h *history.History) {
			h.Calls[makesN].Outcome, h.Calls[makesN].Result, h.Calls[makesN].Zxid = history.Fail, txn.Result{Err: txn.MarshallingError}, 1
		}},
	} {
		t.Run(c.check+"/"+c.how, func(t *testing.T) {
			h := treeStory(t)
			c.change(h)
			r := verdicts(h)[c.check]
			assert.Equal(t, Passed, r.Verdict, r.Detail)
		})
	}
}
