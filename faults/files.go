package faults

import (
	"fmt"
	"slices"
	"strings"

	"zabsim/internal/keyed"
	"zabsim/internal/nearest"
	"zabsim/sim"
	"zabsim/sim/plan"
)

// The unsafe faults break what ZooKeeper demands of a disk. They hit servers only as
// long as the others form a quorum, and what they may break must be excused in the
// plan: two quorums may meet in the one server that has forgotten.
const unsafeSurvive = "nothing is promised: a quorum may rest on the disk that has forgotten; the plan says what is excused"

func checkFile(p *plan.Plan, f *plan.Fault) error {
	x, err := read(f, "file")
	if err != nil {
		return err
	}
	if name := x.get("file"); !slices.Contains(sim.FileNames(), name) {
		return fmt.Errorf("file=%s%s: one of %s is wanted", name, nearest.Hint(name, sim.FileNames()), strings.Join(sim.FileNames(), ", "))
	}
	return x.one(p)
}

func drawFile(_ *plan.Plan, d keyed.Draw) []string {
	names := sim.FileNames()
	return []string{drawTarget(d), "file=" + names[d.Next().Below(uint64(len(names)))]}
}
