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

// lying-fsync TARGET: a disk with a write cache and no battery.
var lyingFsync = sim.FaultKind{
	Name:    "lying-fsync",
	Doc:     "fsyncs of a server's log report that they are done while nothing is durable; a crash before the fault heals loses what was reported",
	Survive: unsafeSurvive,
	Color:   "#5254A3",
	Unsafe:  true,
	Check:   checkOne,
	Inject:  func(r *sim.Runner, k int, f *plan.Fault) { r.LyingFsync(k, r.Victim(k, f.Args[0])) },
	Heal:    func(r *sim.Runner, k int, _ *plan.Fault) { r.HealLying(k) },
}

// lost-file TARGET file=NAME: an operator's slip, or a broken file system.
var lostFile = sim.FaultKind{
	Name:    "lost-file",
	Doc:     "a server crashes and a file of its data directory is gone: the log, the newest snapshot, or an epoch file; healing starts it again, if it can",
	Survive: unsafeSurvive,
	Color:   "#637939",
	Unsafe:  true,
	Check:   checkFile,
	Draw:    drawFile,
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		x := options(f, "file")
		file, _ := sim.ParseFile(x.get("file"))
		r.LoseFile(r.Victim(k, x.words[0]), file)
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.Restart(r.TargetOf(k)) },
}

// corrupt TARGET file=NAME: rotten bits.
var corrupt = sim.FaultKind{
	Name:    "corrupt",
	Doc:     "a server crashes and a file of its data directory can't be read any more: a record of the log, the newest snapshot, or an epoch file; healing starts it again, if it can",
	Survive: unsafeSurvive,
	Color:   "#8C6D31",
	Unsafe:  true,
	Check:   checkFile,
	Draw:    drawFile,
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		x := options(f, "file")
		file, _ := sim.ParseFile(x.get("file"))
		r.RotFile(k, r.Victim(k, x.words[0]), file)
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.Restart(r.TargetOf(k)) },
}

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
