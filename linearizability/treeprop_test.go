package linearizability

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/linearizability/history"
	"zabsim/zab/txn"
)

func drawTree(t *rapid.T) *history.History {
	steps, clients := rapid.IntRange(20, 600).Draw(t, "steps"), rapid.IntRange(1, 4).Draw(t, "clients")
	seed := rapid.Uint64().Draw(t, "seed")
	return generateTree(steps, clients, rand.New(rand.NewPCG(seed, 2)).IntN)
}

// TestTrueTreeHistoriesPass: whatever the reference model did, seen through servers that
// lag, moves and lost answers, passes every check, and with less knowledge none fails.
func TestTrueTreeHistoriesPass(t *testing.T) {
	unknown := 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawTree(t)
		for _, r := range CheckAll(h, DefaultBudget) {
			if r.Verdict == Violated {
				t.Fatalf("%s: %s: %s", r.Check, r.Verdict, r.Detail)
			} else if r.Verdict == Unknown {
				unknown++
			}
		}
		blind := *h
		blind.Calls, blind.Watched = slices.Clone(h.Calls), slices.Clone(h.Watched)
		for i := range blind.Calls {
			blind.Calls[i].Turn, blind.Calls[i].Link = 0, 0
		}
		for _, truth := range [][]*txn.Txn{h.Truth, nil} {
			blind.Truth = truth
			for _, r := range CheckAll(&blind, DefaultBudget) {
				if r.Verdict == Violated {
					t.Fatalf("with less knowledge: %s: %s: %s", r.Check, r.Verdict, r.Detail)
				}
			}
		}
	})
	t.Logf("%d unknown", unknown)
}

// TestMostTreeLiesAreCaught changes one answer, event, zxid or transaction of a true history.
func TestMostTreeLiesAreCaught(t *testing.T) {
	lies, caught := map[string]int{}, map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		h := drawTree(t)
		what := treeLie(h, rapid.IntRange(0, len(treeLies)-1).Draw(t, "how"), rapid.IntRange(0, 1<<20).Draw(t, "which"))
		if what == "" {
			return
		}
		lies[what]++
		if Worst(CheckAll(h, DefaultBudget)) == Violated {
			caught[what]++
		}
	})
	all, found := 0, 0
	for _, l := range treeLies {
		t.Logf("%s: %d of %d caught", l.name, caught[l.name], lies[l.name])
		all, found = all+lies[l.name], found+caught[l.name]
	}
	require.Positive(t, all)
	require.GreaterOrEqual(t, found*10, all*9)
}

// treeLies are ways to be untrue; each says of which calls, events or transactions, and
// changes one.
var treeLies = []struct {
	name  string
	call  func(c *history.Call) bool // which calls; nil: not about calls
	event bool
	spoil func(h *history.History, i int)
}{
	{"version", func(c *history.Call) bool { return c.Outcome == history.Ok && c.Result.Stat.Czxid != 0 },
		false, func(h *history.History, i int) { h.Calls[i].Result.Stat.Version++ }},
	{"data", func(c *history.Call) bool { return c.Outcome == history.Ok && c.Req.Op == txn.OpGetData },
		false, func(h *history.History, i int) { h.Calls[i].Result.Data += "!" }},
	{"failure told as success", func(c *history.Call) bool { return c.Outcome == history.Fail && c.Req.Op.IsUpdate() },
		false, func(h *history.History, i int) {
			h.Calls[i].Outcome, h.Calls[i].Result.Err = history.Ok, txn.OK
		}},
	{"success told as failure", func(c *history.Call) bool {
		return c.Outcome == history.Ok && (c.Req.Op == txn.OpSetData || c.Req.Op == txn.OpDelete)
	}, false, func(h *history.History, i int) {
		h.Calls[i].Outcome, h.Calls[i].Result = history.Fail, txn.Result{Err: txn.NoNode}
	}},
	{"older zxid", func(c *history.Call) bool {
		return c.Outcome.Known() && c.Req.Op.IsUpdate() && c.Zxid > 1 && c.Req.Op != txn.OpCloseSession
	},
		false, func(h *history.History, i int) { h.Calls[i].Zxid-- }},
	{"names", func(c *history.Call) bool { return c.Outcome == history.Ok && c.Req.Op == txn.OpGetChildren2 },
		false, func(h *history.History, i int) {
			more := *h.Calls[i].Result.More
			more.Names = append(slices.Clone(more.Names), "z")
			h.Calls[i].Result.More = &more
		}},
	{"lost transaction", func(c *history.Call) bool {
		return c.Outcome == history.Ok && c.Req.Op.IsUpdate() && c.Req.Op != txn.OpCloseSession
	},
		false, func(h *history.History, i int) {
			q := h.Calls[i].Req
			h.Truth = slices.DeleteFunc(h.Truth, func(x *txn.Txn) bool { return x.Session == q.Session && x.Cxid == q.Cxid })
		}},
	{"event of another node", nil, true, func(h *history.History, i int) { h.Watched[i].Path = "/nobody" }},
	{"event of another zxid", nil, true, func(h *history.History, i int) { h.Watched[i].Zxid++ }},
	{"event twice", nil, true, func(h *history.History, i int) {
		e := h.Watched[i]
		h.Watched = slices.Insert(h.Watched, i+1, e)
	}},
	{"lost event", nil, true, func(h *history.History, i int) { h.Watched = slices.Delete(h.Watched, i, i+1) }},
	{"late event", nil, true, func(h *history.History, i int) { h.Watched[i].Turn += 10_000 }},
}

// treeLie changes something that is so, chosen by which; "" if there is nothing.
func treeLie(h *history.History, how, which int) string {
	l := treeLies[how]
	var list []int
	if l.event {
		for i := range h.Watched {
			if e := &h.Watched[i]; l.name == "event of another node" || e.Zxid != 0 && answeredAfter(h, e) {
				list = append(list, i)
			}
		}
	}
	for i := range h.Calls {
		if c := &h.Calls[i]; l.call != nil && c.Req != nil && l.call(c) {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		return ""
	}
	l.spoil(h, list[which%len(list)])
	return l.name
}

// answeredAfter tells whether the client was answered from a state that has the change.
func answeredAfter(h *history.History, e *history.Event) bool {
	return slices.ContainsFunc(h.Calls, func(c history.Call) bool {
		return c.Client == e.Client && c.Session == e.Session && c.Link == e.Link && c.Outcome.Known() && c.Turn > e.Turn && c.Zxid >= e.Zxid
	})
}

// TestTreeStepsAreTheSame: verdict and steps are a function of the history, and without
// steps there is no verdict.
func TestTreeStepsAreTheSame(t *testing.T) {
	h := generateTree(600, 3, rand.New(rand.NewPCG(5, 2)).IntN)
	for _, steps := range []int{0, 40, DefaultBudget.Steps} {
		first := CheckTree(h, Budget{Steps: steps})
		for range 5 {
			require.Equal(t, first, CheckTree(h, Budget{Steps: steps}))
		}
		for _, r := range first {
			require.LessOrEqual(t, r.Steps, steps)
			require.NotEqual(t, Violated, r.Verdict, r.Detail)
		}
	}
}

// BenchmarkCheckTree judges the calls of four clients.
func BenchmarkCheckTree(b *testing.B) {
	h := generateTree(4_000, 4, rand.New(rand.NewPCG(3, 2)).IntN)
	b.ReportAllocs()
	for b.Loop() {
		for _, r := range CheckTree(h, DefaultBudget) {
			if r.Verdict == Violated {
				b.Fatalf("%s: %s", r.Check, r.Detail)
			}
		}
	}
	b.ReportMetric(float64(len(h.Calls)), "calls/op")
}
