package faults

import (
	"fmt"
	"strconv"
	"strings"

	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// midwrite [keep=all|some|none] [after=N]: a crash between two disk writes.
var midwrite = sim.FaultKind{
	Name: "midwrite",
	Doc: "the server whose peer thread writes a file (an epoch, a snapshot, a truncation, the history before the " +
		"ACK of NEWLEADER) next, or after N more such writes, crashes in the middle of it; healing starts it again",
	Survive: "everything that was committed; the server can start on what it left behind",
	Color:   "#8C564B",
	Waits:   true,
	Check: func(_ *plan.Plan, f *plan.Fault) error {
		after, rest := cutAfter(f.Args)
		if n, err := strconv.Atoi(after); err != nil || n < 0 || n > 1000 {
			return fmt.Errorf("after=%s: a whole number from 0 to 1000 is wanted", after)
		}
		return checkKeep(f, rest)
	},
	Draw: func(_ *plan.Plan, d keyed.Draw) []string {
		return []string{"keep=" + []string{"all", "some", "none"}[d.Below(3)], "after=" + strconv.Itoa(int(d.Next().Skewed(0, 6)))}
	},
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		after, _ := cutAfter(f.Args)
		n, _ := strconv.Atoi(after)
		r.Arm(k, n)
	},
	Strike: func(r *sim.Runner, _ int, f *plan.Fault, id quorum.ServerID) { r.Crash(id, keepOf(f.Args)) },
	Heal:   func(r *sim.Runner, k int, _ *plan.Fault) { r.Restart(r.TargetOf(k)) },
}

// cutAfter takes the option after=N from the end of args; "0" if there is none.
func cutAfter(args []string) (after string, rest []string) {
	if n := len(args); n > 0 {
		if after, ok := strings.CutPrefix(args[n-1], "after="); ok {
			return after, args[:n-1]
		}
	}
	return "0", args
}
