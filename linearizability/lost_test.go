package linearizability

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"zabsim/linearizability/history"
	"zabsim/linearizability/reference"
	"zabsim/zab/txn"
)

// Goal: many lost writes on one node cost few steps. Method: twenty unconditional and
// ten conditional ones are sent early, and answers that come much later leave gaps for
// some of them; then a lie, which has no order.
func TestManyLostWritesTakeFewSteps(t *testing.T) {
	var ops strings.Builder
	for i := range 20 {
		fmt.Fprintf(&ops, "%d set /a lost%d -> unknown [%d-100]\n", i+1, i, i)
	}
	for i := range 10 {
		fmt.Fprintf(&ops, "%d cas /a maybe%d if=%d -> unknown [%d-100]\n", i+21, i, 2*i, i+20)
	}
	version := 0
	for i := range 6 {
		version += 3 // two of the lost ones came before
		fmt.Fprintf(&ops, "40 set /a x%d -> ok version=%d zxid=%d [%d-%d]\n", i, version, 10*(i+1), 200+20*i, 210+20*i)
	}
	h := parseOps(t, ops.String())
	for _, k := range byKey(h) {
		m := &meter{limit: 20_000}
		require.Equal(t, Passed, newSearch(h, &k, false).run(theEnd, m))
		require.Equal(t, Unknown, newSearch(h, &k, true).run(theEnd, &meter{limit: 20_000}), "without the rules it is a long search")
	}
	h = parseOps(t, ops.String()+"40 set /a y -> ok version=99 zxid=99 [900-910]\n")
	for _, k := range byKey(h) {
		require.Equal(t, Violated, newSearch(h, &k, false).run(theEnd, &meter{limit: DefaultBudget.Steps}))
	}
}

// Goal: reads behind a sync that all saw one state need no search, in whatever order
// their sessions stand in the record. Method: the later read first, and no budget.
func TestReadsOfOneStateNeedNoSearch(t *testing.T) {
	create := &txn.Request{Op: txn.OpCreate, Path: "/a"}
	read := &txn.Request{Op: txn.OpExists, Path: "/a"}
	model := startModel(&history.History{})
	made, _ := model.Do(1, 0, create, reference.Caller{})
	seen, _ := model.Do(1, 0, read, reference.Caller{})
	made, seen = normal(&made), normal(&seen)
	p := treePart{calls: []treeCall{
		{req: create, zxid: 1, result: made, from: 0, end: 10},
		{req: read, zxid: 1, result: seen, from: 50, end: 60},
		{req: read, zxid: 1, result: seen, from: 20, end: 30},
	}}
	require.Equal(t, Passed, p.run(&history.History{}, &meter{}))
	p.calls[0].from, p.calls[0].end = 40, 45 // one read came before
	require.NotEqual(t, Passed, p.run(&history.History{}, &meter{limit: treeSteps}))
}
