package faults

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zabsim/internal/keyed"
	"zabsim/internal/nearest"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

var midsyncWhat = []string{"reset", "learner", "leader", "both"}

// midsync [after=N] [hit=reset|learner|leader|both]: trouble while a learner is being
// synchronized.
var midsync = sim.FaultKind{
	Name: "midsync",
	Doc: "the next learner that a leader begins to synchronize is disturbed after N more of its events: its connection " +
		"to the leader is reset, or it crashes, or its leader does, or both; healing starts again what has crashed",
	Survive: "everything that was committed; a synchronization that did not end counts for nobody, and the next one starts from what the disk has",
	Color:   "#E7969C",
	Waits:   true,
	Check: func(_ *plan.Plan, f *plan.Fault) error {
		x, err := read(f, "after", "hit")
		if err != nil {
			return err
		}
		if len(x.words) > 0 {
			return fmt.Errorf("midsync takes no %q", x.words[0])
		}
		if what := x.get("hit"); x.has("hit") && !slices.Contains(midsyncWhat, what) {
			return fmt.Errorf("hit=%s%s: one of %s is wanted", what, nearest.Hint(what, midsyncWhat), strings.Join(midsyncWhat, ", "))
		}
		_, err = x.number("after", 0, 1000, 0, "")
		return err
	},
	Draw: func(_ *plan.Plan, d keyed.Draw) []string {
		return []string{"after=" + strconv.Itoa(int(d.Skewed(0, 40))), "hit=" + midsyncWhat[d.Next().Below(uint64(len(midsyncWhat)))]}
	},
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		x := options(f, "after", "hit")
		r.ArmSync(k, must(x.number("after", 0, 1000, 0, "")))
	},
	Strike: func(r *sim.Runner, k int, f *plan.Fault, id quorum.ServerID) {
		x := options(f, "after", "hit")
		leader := r.LeaderOf(id)
		switch x.get("hit") {
		case "learner":
			r.Crash(id, "some")
		case "leader":
			r.Aim(k, leader)
			r.Crash(leader, "some")
		case "both":
			r.Fell(k, leader, "some")
			r.Fell(k, id, "some")
		default:
			if leader != 0 {
				r.ResetConns(id, leader)
			}
		}
	},
	Heal: func(r *sim.Runner, k int, f *plan.Fault) {
		x := options(f, "after", "hit")
		switch x.get("hit") {
		case "learner", "leader":
			r.Restart(r.TargetOf(k))
		case "both":
			r.HealFelled(k)
		}
	},
}
