package hunt

import (
	"fmt"
	"slices"

	"zabsim/internal/fp"
	"zabsim/tree"
	"zabsim/zab"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// directories is how many data directories are damaged at random and recovered. A
// simulated disk never loses a snapshot that was whole, or a record in the middle: what
// recovery makes of those is asked here.
const directories = 20_000

func (r *Report) directories(b Budget, at *Catch) {
	for i := range share(directories, 200, b) {
		*at = Catch{By: "directories", Where: fmt.Sprintf("directory %d", i)}
		d := directory{dice: newDice(b, "mutants.directory", i)}
		check, detail := "", d.try()
		if detail != "" {
			check = "recovery"
		}
		if r.tried(at, check, detail, d.n) {
			return
		}
	}
}

// directory is one, with the history that it should hold.
type directory struct {
	dice

	txns   []*txn.Txn
	zxids  []zxid.Zxid // after so many transactions
	chains []fp.Hash
	states []txn.StateMachine

	img  zab.Image
	base int   // the log begins after so many
	at   []int // where each snapshot ends
	best int   // the newest whole one, as an index of the image's; -1: none
	end  int   // the history that is left has so many
	bad  bool  // recovery must refuse it
}

// try returns what recovery did wrong, "" if nothing.
func (d *directory) try() string {
	d.live()
	d.store()
	d.damage()
	accepted, current, write := d.epochs()
	boot, err := zab.Recover(&d.img)
	if (err != nil) != d.bad {
		return fmt.Sprintf("recovery says %v, and an error is due: %v", err, d.bad)
	}
	if err != nil {
		return ""
	}
	if boot.Accepted != accepted || boot.Current != current || boot.WriteEpochs != write {
		return fmt.Sprintf("epochs %d and %d, to be written: %v; %d, %d and %v are right", boot.Accepted, boot.Current, boot.WriteEpochs, accepted, current, write)
	}
	if last, _ := boot.Log.Last(); last != d.zxids[d.end] {
		return fmt.Sprintf("the log ends with %v, and the history with %v", last, d.zxids[d.end])
	}
	sm, last, chain, processed := boot.Rebuild()
	if name := max(d.img.Snaps[d.best].Name, d.zxids[d.end]); processed != name {
		return fmt.Sprintf("%v is the last processed, %v is right", processed, name)
	}
	if what := d.compare(d.end, sm, last, chain); what != "" {
		return what
	}
	if what := d.purge(boot); what != "" {
		return what
	}
	if what := d.install(boot); what != "" {
		return what
	}
	return d.truncate(&boot)
}

// live makes a history of up to three epochs.
func (d *directory) live() {
	sm := txn.StateMachine(tree.New(&tree.Config{}))
	z := zxid.Zxid(0)
	keep := func(chain fp.Hash) {
		d.zxids, d.chains, d.states = append(d.zxids, z), append(d.chains, chain), append(d.states, sm.Clone())
	}
	keep(0)
	for i := range d.draw(9) {
		if z == 0 || d.draw(4) == 0 {
			z = zxid.Make(z.Epoch()+1, 0)
		}
		z += zxid.Zxid(1 + d.draw(2)) // zxids of requests that failed are not in the log of an older release
		t := sm.Prep(&txn.Request{Op: txn.OpCreate, Path: fmt.Sprint("/n", i)}, txn.SessionCheck{}, z, 0)
		sm.Apply(t)
		d.txns = append(d.txns, t)
		keep(zab.ChainNext(d.chains[i], t))
	}
}

// store writes snapshots and the log behind one of them.
func (d *directory) store() {
	d.at = append(d.at, 0)
	for i := 1; i < len(d.zxids); i++ {
		if d.draw(3) == 0 {
			d.at = append(d.at, i)
		}
	}
	for _, i := range d.at {
		name := d.zxids[i]
		if i < len(d.txns) && i > 0 && d.zxids[i+1].Epoch() > name.Epoch() && d.draw(2) == 0 {
			name = zxid.Make(d.zxids[i+1].Epoch(), 0) // taken between NEWLEADER and the first proposal
		}
		d.img.Snaps = append(d.img.Snaps, zab.NewSnapshot(name, d.zxids[i], d.chains[i], d.states[i].Clone()))
	}
	if d.draw(2) == 0 {
		d.base = d.at[d.draw(len(d.at))]
	}
	d.img.LogBase, d.img.LogChain = d.zxids[d.base], d.chains[d.base]
	for i, t := range d.txns[d.base:] {
		d.img.Records = append(d.img.Records, zab.Record{Txn: t, Sum: t.Hash, First: i == 0 || d.draw(4) == 0})
	}
}

// damage does what disks and hands do, and notes what must be left.
func (d *directory) damage() {
	list := d.img.Records
	if d.draw(3) == 0 {
		list = list[:d.draw(len(list)+1)] // the tail was not synced
	}
	n := len(list)
	if n > 0 {
		i := d.draw(n)
		switch d.draw(18) {
		case 0:
			list[i].Torn = true
			d.bad = i < n-1
		case 1:
			list[n-1].Torn = true
		case 2:
			list[i].Sum++
			d.bad = true
		case 3:
			t := *list[i].Txn
			t.Path += "x"
			list[i].Txn = &t
			d.bad = true
		case 4:
			list[i], list[n-1] = list[n-1], list[i]
			d.bad = i < n-1
		case 5:
			list = slices.Insert(list, i, list[i])
			n++
			d.bad = true
		}
		if !d.bad && list[n-1].Torn {
			n--
		}
	}
	d.img.Records = list
	d.best = -1
	for i, s := range d.img.Snaps {
		if d.draw(6) == 0 {
			broken := *s
			broken.Chain++
			d.img.Snaps[i] = &broken
		} else {
			d.best = i
		}
	}
	d.bad = d.bad || d.best < 0 || d.at[d.best] < d.base
	if !d.bad {
		d.end = max(d.base+n, d.at[d.best])
	}
}

// epochs writes both files, and says what recovery has to find in them.
func (d *directory) epochs() (accepted, current zxid.Epoch, write bool) {
	if d.bad {
		return 0, 0, false
	}
	end := max(d.img.Snaps[d.best].Name, d.zxids[d.end]).Epoch()
	file := func(f *zab.EpochFile) zxid.Epoch {
		e := zxid.Epoch(max(int(end)+d.draw(6)/2-1, 0))
		switch d.draw(12) {
		case 0:
			return end // none
		case 1:
			f.Present, f.Text = true, "?"
			d.bad = true
		default:
			f.Present, f.Text = true, fmt.Sprint(e)
		}
		return e
	}
	accepted = file(&d.img.Accepted)
	current = file(&d.img.Current)
	if current < end && end <= accepted {
		current = end
	}
	d.bad = d.bad || current > accepted || end > current
	return accepted, current, !d.img.Accepted.Present || !d.img.Current.Present
}

// compare returns what a state differs in from what so many transactions lead to.
func (d *directory) compare(n int, sm txn.StateMachine, last zxid.Zxid, chain fp.Hash) string {
	if last != d.zxids[n] || chain != d.chains[n] || sm.Digest() != d.states[n].Digest() {
		return fmt.Sprintf("rebuilt up to %v, and it should be %v with the same history and the same state", last, d.zxids[n])
	}
	return ""
}

// purge drops the files of a log that a snapshot makes needless: all but the last that
// begins at or before its end, and none that is needed.
func (d *directory) purge(boot zab.Boot) string {
	var log zab.Log
	boot.Log.CloneInto(&log)
	z := d.zxids[d.at[d.best]]
	var begins []zxid.Zxid
	for i := range log.Len() {
		if log.At(i).First {
			begins = append(begins, log.At(i).Txn.Zxid)
		}
	}
	files := len(begins)
	for len(begins) > 1 && begins[1] <= z {
		begins = begins[1:]
	}
	old, was := log.Len(), log.Files()
	gone := log.Purge(z)
	boot.Log = log
	_, last, chain, _ := boot.Rebuild()
	base, before := log.Base()
	i := slices.Index(d.zxids, base)
	switch {
	case i < 0 || before != d.chains[i] || log.Len() != d.end-i && log.Len() > 0:
		return fmt.Sprintf("after a purge up to %v the log has %d records behind %v", z, log.Len(), base)
	case was != files || log.Files() != len(begins):
		return fmt.Sprintf("%d files, and %d after a purge up to %v; %d and %d are right", was, log.Files(), z, files, len(begins))
	case gone != old-log.Len():
		return fmt.Sprintf("a purge says that %d records are gone, and %d are", gone, old-log.Len())
	case log.Len() > 0 && log.At(0).Txn.Zxid != begins[0]:
		return fmt.Sprintf("after a purge up to %v the log begins with %v, and not with %v", z, log.At(0).Txn.Zxid, begins[0])
	case last != d.zxids[d.end] || chain != d.chains[d.end]:
		return fmt.Sprintf("after a purge up to %v the history ends with %v", z, last)
	}
	return ""
}

// install puts one more snapshot among the files: it is there afterwards, with as many of
// the newest others as are to be kept, and the log begins before the end of each.
func (d *directory) install(boot zab.Boot) string {
	snap := zab.NewSnapshot(max(d.zxids[d.end], d.img.Snaps[d.best].Name), d.zxids[d.end], d.chains[d.end], d.states[d.end].Clone())
	retain, fence := 1+d.draw(4), d.draw(6) == 0
	want := []*zab.Snapshot{snap}
	for i := len(boot.Snaps) - 1; i >= 0 && len(want) < retain && !fence; i-- {
		if boot.Snaps[i].Name != snap.Name {
			want = slices.Insert(want, 0, boot.Snaps[i])
		}
	}
	var log zab.Log
	boot.Log.CloneInto(&log)
	old := log.Len()
	was, _ := log.Base()
	got, gone := zab.Install(slices.Clone(boot.Snaps), &log, snap, fence, retain)
	boot.Snaps, boot.Log = got, log
	_, last, chain, _ := boot.Rebuild()
	base, _ := log.Base()
	switch {
	case !slices.Equal(got, want):
		return fmt.Sprintf("of %d snapshots and one more, to keep %d, %d are left, and not the %d newest", len(d.img.Snaps), retain, len(got), len(want))
	case !fence && gone != old-log.Len():
		return fmt.Sprintf("%d records are said to be gone, and the log has %d", gone, log.Len())
	case base > max(got[0].Last, was): // it may have begun later before
		return fmt.Sprintf("the log begins after %v, and a snapshot that is kept ends with %v", base, got[0].Last)
	case last != d.zxids[d.end] || chain != d.chains[d.end]:
		return fmt.Sprintf("with one more snapshot the history ends with %v", last)
	}
	return ""
}

// truncate cuts the log of what was recovered, as a leader may ask.
func (d *directory) truncate(boot *zab.Boot) string {
	first, _ := boot.Log.Base()
	base := slices.Index(d.zxids, first)
	n := d.draw(len(d.zxids))
	z, can := d.zxids[n], n >= base && n <= d.end
	if d.draw(3) == 0 {
		z++
		can = slices.Contains(d.zxids[base:d.end+1], z)
		if can {
			n++
		}
	}
	sm, last, chain := boot.RebuildTo(z)
	kept := slices.DeleteFunc(slices.Clone(boot.Snaps), func(s *zab.Snapshot) bool { return s.Last > z })
	if got := zab.DropAfter(boot.Snaps, z); !slices.Equal(got, kept) {
		return fmt.Sprintf("%d snapshots are left of those that hold nothing after %v, and there are %d", len(got), z, len(kept))
	}
	if did := boot.Log.Truncate(z); did != can {
		return fmt.Sprintf("the log from %v to %v is cut after %v: %v; it should be %v", first, d.zxids[d.end], z, did, can)
	}
	if !can {
		return ""
	}
	if last, chain := boot.Log.Last(); last != z || chain != d.chains[n] || boot.Log.Len() != n-base {
		return fmt.Sprintf("cut after %v, the log has %d records and ends with %v", z, boot.Log.Len(), last)
	}
	return d.compare(max(n, d.at[d.best]), sm, last, chain)
}
