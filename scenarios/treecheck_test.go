package scenarios

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/linearizability"
	"zabsim/linearizability/history"
	"zabsim/zab/host"
	"zabsim/zab/txn"
)

// recorded runs a scenario and returns a copy of its history that may be changed.
func recorded(t *testing.T, scenario string) *history.History {
	t.Helper()
	s, err := Lookup(scenario)
	require.NoError(t, err)
	out := Execute(s.Plan(1, Options{}), Settings{})
	require.Equal(t, Passed, out.Verdict, "%+v", out.Broken)
	h := out.Run.History
	h.Calls, h.Watched, h.Truth = slices.Clone(h.Calls), slices.Clone(h.Watched), slices.Clone(h.Truth)
	return &h
}

// call returns the n-th call that is so.
func call(t *testing.T, h *history.History, n int, is func(c *history.Call) bool) *history.Call {
	t.Helper()
	for i := range h.Calls {
		if is(&h.Calls[i]) {
			if n == 0 {
				return &h.Calls[i]
			}
			n--
		}
	}
	t.Fatal("no such call")
	return nil
}

func done(op txn.Op) func(c *history.Call) bool {
	return func(c *history.Call) bool { return c.Req != nil && c.Req.Op == op && c.Outcome == history.Ok }
}

// Goal: each check of what recipes did can fail. Method: the history of a run that
// passes, changed in one place.
func TestTreeChecksCanFail(t *testing.T) {
	for _, c := range []struct {
		check, how, scenario string
		spoil                func(t *testing.T, h *history.History)
	}{
		{linearizability.TreeWrites, "an answer with another version", "distributed-lock", func(t *testing.T, h *history.History) {
			call(t, h, 3, done(txn.OpSetData)).Result.Stat.Version++
		}},
		{linearizability.TreeWrites, "an answered write that was not committed", "distributed-lock", func(t *testing.T, h *history.History) {
			q := call(t, h, 3, done(txn.OpSetData)).Req
			h.Truth = slices.DeleteFunc(h.Truth, func(x *txn.Txn) bool { return x.Session == q.Session && x.Cxid == q.Cxid })
		}},
		{linearizability.TreeWrites, "a write that was committed twice", "distributed-lock", func(t *testing.T, h *history.History) {
			z := call(t, h, 3, done(txn.OpSetData)).Zxid
			i := slices.IndexFunc(h.Truth, func(x *txn.Txn) bool { return x.Zxid == z })
			again := *h.Truth[i]
			again.Zxid++
			h.Truth = slices.Insert(h.Truth, i+1, &again)
		}},
		{linearizability.TreeReads, "data that is not there", "config-centre", func(t *testing.T, h *history.History) {
			call(t, h, 20, done(txn.OpGetData)).Result.Data += "9"
		}},
		{linearizability.TreeReads, "an older state than its zxid says", "config-centre", func(t *testing.T, h *history.History) {
			old, young := call(t, h, 20, done(txn.OpGetData)), 0
			for i := range h.Calls {
				if n := &h.Calls[i]; done(txn.OpGetData)(n) && n.Req.Path == old.Req.Path && n.Result.Data != old.Result.Data && n.Zxid > old.Zxid {
					young = i
					break
				}
			}
			require.NotZero(t, young)
			h.Calls[young].Result = old.Result
		}},
		{linearizability.TreeRealTime, "a write with the zxid of an earlier time", "distributed-lock", func(t *testing.T, h *history.History) {
			call(t, h, 5, done(txn.OpSetData)).Zxid = call(t, h, 1, done(txn.OpSetData)).Zxid
		}},
		{linearizability.TreeSessions, "a session that goes back", "config-centre", func(t *testing.T, h *history.History) {
			first := call(t, h, 0, done(txn.OpGetData))
			later := call(t, h, 9, func(c *history.Call) bool { return done(txn.OpGetData)(c) && c.Req.Session == first.Req.Session })
			later.Zxid = 1
		}},
		{linearizability.TreeEphemerals, "a node that stays when its session ends", "session-expiry", func(t *testing.T, h *history.History) {
			for i, x := range h.Truth {
				if x.Op == txn.OpCloseSession && x.More != nil && len(x.More.Paths) > 0 {
					own := *x
					own.More = &txn.TxnMore{}
					h.Truth[i] = &own
					return
				}
			}
			t.Fatal("no session ends with nodes")
		}},
		{linearizability.TreeEphemerals, "a node of another session goes, too", "session-expiry", func(t *testing.T, h *history.History) {
			for i, x := range h.Truth {
				if x.Op == txn.OpCloseSession && x.More != nil && len(x.More.Paths) > 0 {
					own := *x
					own.More = &txn.TxnMore{Paths: append([]string{"/members/c5"}, x.More.Paths...)}
					h.Truth[i] = &own
					return
				}
			}
		}},
		{linearizability.TreeWatches, "an event without a cause", "session-expiry", func(_ *testing.T, h *history.History) {
			h.Watched[3].Path = "/nobody"
		}},
		{linearizability.TreeWatches, "a watch that fires twice", "config-centre", func(_ *testing.T, h *history.History) {
			h.Watched = slices.Insert(h.Watched, 4, h.Watched[3], h.Watched[3], h.Watched[3], h.Watched[3])
		}},
		{linearizability.TreeWatches, "events in the wrong order", "session-move", func(t *testing.T, h *history.History) {
			for i := range h.Watched {
				for k := range i {
					a, b := &h.Watched[k], &h.Watched[i]
					if a.Client == b.Client && a.Session == b.Session && a.Path == b.Path && a.Type == b.Type && a.Zxid != 0 && a.Zxid < b.Zxid {
						a.Zxid, b.Zxid = b.Zxid, a.Zxid
						return
					}
				}
			}
			t.Fatal("no client was told twice")
		}},
		{linearizability.TreeWatches, "an answer before the event", "session-expiry", func(_ *testing.T, h *history.History) {
			for i := range h.Watched {
				h.Watched[i].At += 60 * host.Time(host.Second)
				h.Watched[i].Turn += 1 << 20
			}
		}},
		{linearizability.TreeSequences, "a number that was there", "distributed-lock", func(t *testing.T, h *history.History) {
			is := func(c *history.Call) bool {
				return c.Req != nil && c.Req.Op.IsCreate() && c.Req.Flags == 3 && c.Outcome == history.Ok
			}
			call(t, h, 5, is).Result.More = &txn.ResultMore{Path: call(t, h, 2, is).Result.More.Path}
		}},
		{linearizability.TreeLinearizable, "an answer with another version", "distributed-lock", func(t *testing.T, h *history.History) {
			call(t, h, 3, done(txn.OpSetData)).Result.Stat.Version++
		}},
		{linearizability.TreeLinearizable, "no node where there is one", "distributed-lock", func(t *testing.T, h *history.History) {
			bad := call(t, h, 4, done(txn.OpDelete))
			bad.Outcome, bad.Result = history.Fail, txn.Result{Err: txn.NoNode}
		}},
	} {
		t.Run(c.check+"/"+c.how, func(t *testing.T) {
			h := recorded(t, c.scenario)
			c.spoil(t, h)
			for _, r := range linearizability.CheckTree(h, linearizability.DefaultBudget) {
				if r.Check == c.check {
					assert.Equal(t, linearizability.Violated, r.Verdict)
					t.Log(r.Detail)
				}
			}
		})
	}
}

// Goal: without the steps there is no verdict, and each check says what it looked at.
func TestTreeChecksCount(t *testing.T) {
	h := recorded(t, "config-centre")
	steps := map[string]int{}
	for _, r := range linearizability.CheckTree(h, linearizability.DefaultBudget) {
		assert.NotEmpty(t, r.Detail, r.Check)
		t.Log(r.Check, r.Detail, r.Steps)
		steps[r.Check] = r.Steps
	}
	for _, r := range linearizability.CheckTree(h, linearizability.Budget{Steps: 3}) {
		assert.Equal(t, steps[r.Check] > 3, r.Verdict == linearizability.Unknown, r.Check)
	}
	h.Truth = nil
	for _, r := range linearizability.CheckTree(h, linearizability.DefaultBudget) {
		assert.NotEqual(t, linearizability.Violated, r.Verdict, "%s: %s", r.Check, r.Detail)
	}
}
