package linearizability

import (
	"fmt"

	"zabsim/linearizability/history"
)

// Verdict is what a check says.
type Verdict uint8

// The verdicts, from good to bad.
const (
	Passed   Verdict = iota
	Unknown          // the budget ran out before anything was found
	Violated         // the operations in Result.Ops contradict the promise
)

// String returns the verdict in lower case.
func (v Verdict) String() string {
	switch v {
	case Passed:
		return "passed"
	case Unknown:
		return "unknown"
	case Violated:
		return "violated"
	}
	return "verdict?"
}

// The names of the checks, as reports print them.
const (
	LinearizableWrites = "linearizable-writes"
	ZxidOrder          = "zxid-order"
	SessionMonotonic   = "session-monotonic"
	ReadYourWrites     = "read-your-writes"
	ReadsSeeWrites     = "reads-see-writes"
)

// Result is the outcome of one check.
type Result struct {
	Check   string
	Verdict Verdict
	Detail  string // one sentence: what contradicts what, or what was looked at
	Ops     []int  // indices in History.Ops of the operations that contradict, in ascending order
	Steps   int    // used; the same on every machine
}

// Budget bounds the work of each check.
type Budget struct {
	Steps int // tried transitions or visited operations, per check; none left means Unknown
}

// DefaultBudget is ample for some ten thousand operations with a handful of
// unknown outcomes per key.
var DefaultBudget = Budget{Steps: 5_000_000}

// CheckAll runs every check, each with a budget of its own, and returns the
// results in the order of the package comment. It does not change the history.
func CheckAll(h *history.History, b Budget) []Result {
	keys := byKey(h)
	list := []Result{
		checkLinearizableWrites(h, keys, b),
		checkZxidOrder(h, keys, b),
		checkSessionMonotonic(h, b),
		checkReadYourWrites(h, keys, b),
		checkReadsSeeWrites(h, keys, b),
	}
	if len(h.Calls) > 0 {
		list = append(list, CheckTree(h, b)...)
	}
	return list
}

// Worst returns the worst verdict: Violated over Unknown over Passed.
func Worst(results []Result) Verdict {
	worst := Passed
	for _, r := range results {
		worst = max(worst, r.Verdict)
	}
	return worst
}

// meter counts a check's steps.
type meter struct{ used, limit int }

// take uses one step and tells whether there was one left.
func (m *meter) take() bool {
	if m.used >= m.limit {
		return false
	}
	m.used++
	return true
}

// passed, unknown and violated make a check's result.
func (m *meter) passed(check, detail string) Result {
	return Result{Check: check, Verdict: Passed, Detail: detail, Steps: m.used}
}

func (m *meter) unknown(check string) Result {
	return Result{Check: check, Verdict: Unknown, Detail: fmt.Sprintf("the budget of %d steps ran out", m.limit), Steps: m.used}
}

func (m *meter) violated(check, detail string, ops ...int) Result {
	return Result{Check: check, Verdict: Violated, Detail: detail, Ops: ascending(ops), Steps: m.used}
}

// describe names an operation in a message.
func describe(h *history.History, i int) string { return fmt.Sprintf("#%d (%s)", i, &h.Ops[i]) }
