package linearizability

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"zabsim/linearizability/history"
)

// Each line of these histories is "client[@session] kind key ... [from-to]", judged
// by hand; parseOps below has the words.
const good = `
1 set /a x1 -> ok version=1 zxid=1 [0-10]
2 cas /a x2 if=0 -> BADVERSION zxid=2 [5-12]
2 cas /a x3 if=1 -> ok version=2 zxid=4 [15-30]
1 get /a -> x1 version=1 mzxid=1 zxid=3 [20-25]
3 set /a lost -> unknown [31-40]
1 sync-get /a -> lost version=3 mzxid=5 zxid=6 sync=6 [50-60]
2 get /a -> x3 version=2 mzxid=4 zxid=4 [70-80]
`

func TestGoodHistoryPassesEveryCheck(t *testing.T) {
	for _, r := range CheckAll(parseOps(t, good), DefaultBudget) {
		require.Equal(t, Passed, r.Verdict, "%s: %s", r.Check, r.Detail)
	}
}

// TestEachCheckHasItsBadHistory: the named check must fail, with the named
// operations, and the sentence must say why.
func TestEachCheckHasItsBadHistory(t *testing.T) {
	for _, tc := range []struct {
		check, why, ops string
		indices         []int
	}{
		{LinearizableWrites, "no order of the operations on /a explains #2", `
1 set /a x1 -> ok version=1 zxid=1 [0-10]
2 set /a x2 -> ok version=2 zxid=2 [20-30]
3 sync-get /a -> x1 version=1 mzxid=1 zxid=1 sync=1 [40-50]`, []int{1, 2}},
		{LinearizableWrites, "no order", ` # two compare-and-sets win the same version
1 cas /a x1 if=0 -> ok version=1 zxid=1 [0-10]
2 cas /a x2 if=0 -> ok version=1 zxid=2 [5-20]`, []int{0, 1}},
		{LinearizableWrites, "no order", ` # an open write can't make a version that an answered one made
1 set /a x1 -> unknown [0-10]
2 set /a x2 -> ok version=1 zxid=2 [20-30]
2 cas /a x3 if=1 -> BADVERSION zxid=3 [40-50]
2 set /a x4 -> ok version=2 zxid=4 [60-70]`, []int{1, 2, 3}},
		{ZxidOrder, "the same zxid", `
1 set /a x1 -> ok version=1 zxid=1 [0-10]
2 set /b y1 -> ok version=1 zxid=1 [0-10]`, []int{0, 1}},
		{ZxidOrder, "has the smaller zxid", `
1 set /a x1 -> ok version=1 zxid=7 [0-10]
2 set /b y1 -> ok version=1 zxid=6 [11-20]`, []int{0, 1}},
		{ZxidOrder, "which leave the node at version 1", `
1 set /a x1 -> ok version=1 zxid=1 [0-30]
2 set /a x2 -> ok version=3 zxid=2 [0-30]`, []int{0, 1}},
		{ZxidOrder, "which leave the node at version 1 or at version 2", ` # one lost write can't fill a gap of two
1 set /a x1 -> ok version=1 zxid=1 [0-10]
3 set /a lost -> unknown [0-10]
2 set /a x2 -> ok version=4 zxid=2 [20-30]`, []int{0, 2}},
		{ZxidOrder, "which leave the node at version 1", ` # the lost write was sent too late
1 set /a x1 -> ok version=1 zxid=1 [0-10]
2 set /a x2 -> ok version=3 zxid=2 [20-30]
3 set /a lost -> unknown [40-50]`, []int{0, 1}},
		{SessionMonotonic, "session 0x1 went back", `
1 get /a -> zxid=5 [0-10]
1 get /b -> zxid=4 [20-30]`, []int{0, 1}},
		{SessionMonotonic, "session 0x7 went back", ` # across a reconnection, under another client number
1@7 set /a x1 -> ok version=1 zxid=5 [0-10]
2@7 get /b -> zxid=4 [20-30]`, []int{0, 1}},
		{SessionMonotonic, "shows an older node", `
3 set /a x1 -> ok version=1 zxid=5 [0-10]
1 get /a -> x1 version=1 mzxid=5 zxid=5 [0-10]
1 get /a -> zxid=6 [20-30]`, []int{1, 2}},
		{ReadYourWrites, "the version is older", `
1 set /a x1 -> ok version=1 zxid=5 [0-10]
1 get /a -> zxid=5 [20-30]`, []int{0, 1}},
		{ReadYourWrites, "the node is as of 0.4", `
2 set /a x0 -> ok version=1 zxid=4 [0-3]
1 set /a x1 -> ok version=2 zxid=5 [4-10]
1 get /a -> x0 version=1 mzxid=4 zxid=5 [20-30]`, []int{1, 2}},
		{ReadYourWrites, "the node is gone", `
1 set /a x1 -> ok version=1 zxid=5 [0-10]
1 get /a -> NONODE zxid=5 [20-30]`, []int{0, 1}},
		{ReadsSeeWrites, "a value that nobody wrote", `
1 get /a -> ghost version=1 mzxid=5 zxid=5 [0-10]`, []int{0}},
		{ReadsSeeWrites, "the value of a failed write", `
1 cas /a x1 if=4 -> BADVERSION zxid=5 [0-10]
2 get /a -> x1 version=1 mzxid=5 zxid=5 [20-30]`, []int{0, 1}},
		{ReadsSeeWrites, "before it was sent", `
2 get /a -> x1 version=1 mzxid=5 zxid=5 [0-10]
1 set /a x1 -> ok version=1 zxid=5 [20-30]`, []int{0, 1}},
		{ReadsSeeWrites, "and misses #1", ` # the header says that the second write was applied
1 set /a x1 -> ok version=1 zxid=5 [0-10]
1 set /a x2 -> ok version=2 zxid=6 [11-20]
2 get /a -> x1 version=1 mzxid=5 zxid=6 [30-40]`, []int{1, 2}},
		{ReadsSeeWrites, "which the server had not applied", `
1 set /a x1 -> ok version=1 zxid=5 [0-10]
2 get /a -> x1 version=1 mzxid=5 zxid=4 [20-30]`, []int{1}},
		{ReadsSeeWrites, "older than its own sync", `
2 sync-get /a -> zxid=4 sync=5 [20-30]`, []int{0}},
		{ReadsSeeWrites, "another version or zxid", ` # a lost write took effect twice
1 set /a x1 -> unknown [0-10]
2 get /a -> x1 version=1 mzxid=5 zxid=5 [20-30]
3 get /a -> x1 version=2 mzxid=6 zxid=6 [20-30]`, []int{1, 2}},
		{ReadsSeeWrites, "finds no node, which was there from the start", `
2 get /a -> NONODE zxid=4 [20-30]`, []int{0}},
	} {
		found := false
		for _, r := range CheckAll(parseOps(t, tc.ops), DefaultBudget) {
			if r.Check != tc.check {
				continue
			}
			found = true
			require.Equal(t, Violated, r.Verdict, "%s on %s: %s", r.Check, tc.ops, r.Detail)
			require.Contains(t, r.Detail, tc.why, tc.ops)
			require.Equal(t, tc.indices, r.Ops, "%s: %s", tc.ops, r.Detail)
		}
		require.True(t, found)
	}
}

// TestStaleReadsAreNotClaimed: a plain read may be old, a deposed sync-read too,
// and without ghost knowledge any sync-read.
func TestStaleReadsAreNotClaimed(t *testing.T) {
	const stale = `
1 set /a x1 -> ok version=1 zxid=1 [0-10]
2 set /a x2 -> ok version=2 zxid=2 [20-30]
3 sync-get /a -> x1 version=1 mzxid=1 zxid=1 sync=1 [40-50]`
	h := parseOps(t, stale)
	require.Equal(t, Violated, Worst(CheckAll(h, DefaultBudget)))
	h.Ops[2].Deposed = true
	require.Equal(t, Passed, Worst(CheckAll(h, DefaultBudget)))
	h.Ops[2].Deposed, h.Ghost = false, false
	require.Equal(t, Passed, Worst(CheckAll(h, DefaultBudget)))
	h.Ghost, h.Ops[2].Kind = true, history.Get
	require.Equal(t, Passed, Worst(CheckAll(h, DefaultBudget)))
}

// TestSpentBudgetIsUnknown: no steps, no verdict; and the count never exceeds the budget.
func TestSpentBudgetIsUnknown(t *testing.T) {
	h := parseOps(t, good)
	for steps := range 8 {
		for _, r := range CheckAll(h, Budget{Steps: steps}) {
			require.LessOrEqual(t, r.Steps, steps)
			require.NotEqual(t, Violated, r.Verdict)
			if steps < 5 {
				require.Equal(t, Unknown, r.Verdict, r.Check)
			}
		}
	}
	require.Equal(t, Passed, Worst(CheckAll(&history.History{}, Budget{})))
}

// TestManyLostWritesStayCheap: a hundred lost writes to one key, which a naive
// search would try in every subset, cost few steps.
func TestManyLostWritesStayCheap(t *testing.T) {
	var text strings.Builder
	for range 100 {
		text.WriteString("9 set /a lost -> unknown [0-1]\n")
	}
	h := parseOps(t, text.String()+`
1 set /a x1 -> ok version=1 zxid=1 [10-20]
2 set /a x2 -> ok version=3 zxid=3 [30-40]
2 sync-get /a -> x2 version=3 mzxid=3 zxid=3 sync=3 [50-60]`)
	for _, r := range CheckAll(h, Budget{Steps: 2_000}) {
		require.Equal(t, Passed, r.Verdict, "%s: %s", r.Check, r.Detail)
	}
}

// TestConditionalWritesOfTwoLives: of two lost conditional writes that expect the same
// version both have taken effect, each in another life of the node.
func TestConditionalWritesOfTwoLives(t *testing.T) {
	h := parseOps(t, `
2 cas /a y1 if=0 -> unknown [11-20]
3 cas /a y2 if=0 -> unknown [11-20]
1 cdelete /a if=1 -> ok zxid=3 [30-40]
1 create /a x1 -> ok version=0 zxid=4 [50-60]
1 cdelete /a if=1 -> ok zxid=6 [70-80]
`)
	for _, r := range CheckAll(h, DefaultBudget) {
		require.Equal(t, Passed, r.Verdict, "%s: %s", r.Check, r.Detail)
	}
}
