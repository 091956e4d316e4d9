package conform

import (
	"fmt"
	"slices"

	"zabsim/zab"
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
)

// Files has an ensemble of three write for a while, and looks at the files that it
// leaves: how long a log file is, how many snapshots there are and of what, where the
// log begins, and what a start makes of it. It returns what is wrong, "" if nothing.
// How much there is of what, draw says: a number below n.
func Files(bugs bug.Set, draw func(n int) int) string {
	w, err := begin(bugs, false)
	if err != nil {
		return err.Error()
	}
	half, retain := 2+draw(8), 3+draw(3)
	for id := range w.e.nodes {
		w.e.nodes[id].cfg.SnapCount, w.e.nodes[id].cfg.SnapRetain = 2*half, retain
	}
	g := w.come("writer", 0, "")
	for i := range filesWrites {
		w.ask(g, txn.Request{Op: txn.OpCreate, Path: fmt.Sprint("/n", i)})
	}
	var starts [quorum.Slots][]int
	for id := quorum.ServerID(1); id <= 3; id++ {
		var wrong string
		if starts[id], wrong = w.e.nodes[id].disk.look(half, retain); wrong != "" {
			return fmt.Sprintf("n%d, snapCount %d, %d snapshots to keep: %s", id, 2*half, retain, wrong)
		}
	}
	if half >= 4 && slices.Equal(starts[1], starts[2]) && slices.Equal(starts[2], starts[3]) {
		return fmt.Sprintf("all servers take their snapshots at the same transactions: %v", starts[1])
	}
	return ""
}

const filesWrites = 120

// look returns where the log files begin, as counters of zxids, and what is wrong with
// the files. The first epoch's history has no gap.
func (d *disk) look(half, retain int) (starts []int, wrong string) {
	for i := range d.log.Len() {
		if d.log.At(i).First {
			starts = append(starts, int(d.log.At(i).Txn.Zxid.Counter()))
		}
	}
	if len(starts) < 2 {
		return nil, fmt.Sprintf("%d records are in %d log files", d.log.Len(), len(starts))
	}
	last, chain := d.log.Last()
	end := int(last.Counter())
	for i, from := range append(slices.Clone(starts[1:]), end+1) {
		if n := from - starts[i]; n > 2*half || n <= half && i < len(starts)-1 {
			return nil, fmt.Sprintf("a log file has %d records; more than %d and up to %d are right", n, half, 2*half)
		}
	}
	newest, oldest := d.snaps[len(d.snaps)-1], d.snaps[0]
	base, _ := d.log.Base()
	file := starts[len(starts)-1]
	if at := int(newest.Last.Counter()); at >= end-1 && end-file >= half {
		file = at // the next file begins with the next record
	}
	switch {
	case len(d.snaps) != retain:
		return nil, fmt.Sprintf("there are %d snapshots", len(d.snaps))
	case int(newest.Last.Counter()) < file-2 || int(newest.Last.Counter()) > file+1:
		return nil, fmt.Sprintf("the newest snapshot ends with %v, and the last log file begins with %d", newest.Last, file)
	case base > oldest.Last:
		return nil, fmt.Sprintf("the log begins after %v, and the oldest snapshot ends with %v", base, oldest.Last)
	case starts[1] <= int(oldest.Last.Counter()):
		return nil, fmt.Sprintf("the first log file ends before %d, and the oldest snapshot with %v", starts[1], oldest.Last)
	}
	boot, err := zab.Recover(d.image())
	if err != nil {
		return nil, err.Error()
	}
	if _, z, c, _ := boot.Rebuild(); z != last || c != chain || boot.Log.Len() != d.log.Len() {
		return nil, fmt.Sprintf("a start finds a history up to %v, and it was written up to %v", z, last)
	}
	if boot.Log.Files() != len(starts) {
		return nil, fmt.Sprintf("a start finds %d log files, and %d were written", boot.Log.Files(), len(starts))
	}
	return starts, ""
}
