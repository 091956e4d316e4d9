package sim

import (
	"zabsim/sim/invariant"
	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// Damage is what an unsafe fault does to a disk: more than ZooKeeper can bear.
type Damage uint8

// The damages.
const (
	DamageLie    Damage = iota // an fsync of the log reports that it is done, and nothing is durable
	DamageHonest               // fsyncs are honest again, and what they have reported becomes durable
	DamageLost                 // a File is gone; the server is down
	DamageRot                  // a File can't be read any more; the server is down
)

// String returns the damage's name in traces.
func (d Damage) String() string { return [...]string{"lies", "is honest", "loses", "can't read"}[d] }

// File is a file, or the files of one kind, in a data directory.
type File uint8

// The files.
const (
	FileLog      File = iota // all log files; of a damaged one a single record
	FileSnapshot             // the newest
	FileCurrent
	FileAccepted
)

var fileNames = [...]string{"log", "snapshot", "currentEpoch", "acceptedEpoch"}

// String returns the file's name as ZooKeeper and plans know it.
func (f File) String() string { return fileNames[f] }

// FileNames returns the names that ParseFile knows.
func FileNames() []string { return append([]string(nil), fileNames[:]...) }

// ParseFile finds a file by its name.
func ParseFile(name string) (File, bool) {
	for i, n := range fileNames {
		if n == name {
			return File(i), true
		}
	}
	return 0, false
}

// harm is the part of a Disk that only unsafe faults change.
type harm struct {
	harmed bool      // by an unsafe fault, at any time
	lying  bool      // fsyncs of the log do nothing
	solid  zxid.Zxid // while lying: what is newer is not durable, whatever was reported
	rotten uint32    // number of the log record, from 1, whose checksum is wrong; 0: none
}

// word packs harm for a fingerprint; 0 if there is none.
func (h *harm) word() uint64 {
	w := uint64(h.rotten) << 2
	if h.harmed {
		w |= 1
	}
	if h.lying {
		w |= 2
	}
	return w
}

// damage does what c says to a disk.
func (w *World) damage(c Choice) {
	d := w.disk(c.Node)
	d.harmed = true
	switch Damage(c.Alt) {
	case DamageLie:
		d.lying, d.solid = true, d.durableLast()
	case DamageHonest:
		d.lying, d.solid = false, 0
	case DamageLost:
		d.lose(File(c.Arg))
	case DamageRot:
		d.rot(File(uint8(c.Arg)), c.Arg>>8)
	}
	w.event(invariant.EvDisk, c.Node)
}

// durable returns how many records of the log a crash can't take away.
func (d *Disk) durable() int {
	if d.lying {
		return min(d.synced, d.log.After(d.solid))
	}
	return d.synced
}

// durableLast returns the zxid of the last of them.
func (d *Disk) durableLast() zxid.Zxid {
	if n := d.durable(); n > 0 {
		return d.log.At(n - 1).Txn.Zxid
	}
	z, _ := d.log.Base()
	return z
}

func (d *Disk) lose(f File) {
	switch f {
	case FileLog:
		d.log.Cut(0)
		d.synced, d.torn, d.rotten = 0, false, 0
	case FileSnapshot:
		last := max(len(d.snaps)-1, 0)
		d.snaps = d.snaps[:last:last]
	case FileCurrent:
		d.current = epochFile{}
	case FileAccepted:
		d.accepted = epochFile{}
	}
}

// rot damages a file; of the log it damages the record that at names, counted
// around, if there is one.
func (d *Disk) rot(f File, at uint32) {
	switch f {
	case FileLog:
		if n := uint32(d.log.Len()); n > 0 {
			d.rotten = 1 + at%n
		}
	case FileSnapshot:
		if last := len(d.snaps) - 1; last >= 0 { // snapshots are shared: this disk gets a bad one of its own
			bad := *d.snaps[last]
			bad.Sum = ^bad.Sum
			d.snaps = append(append([]*zab.Snapshot(nil), d.snaps[:last]...), &bad)
		}
	case FileCurrent:
		d.current.rotten = true
	case FileAccepted:
		d.accepted.rotten = true
	}
}

// Harmed returns the servers whose disks an unsafe fault has damaged.
func (r *Runner) Harmed() quorum.Set { return r.harmedSet() }

// harmedSet returns the servers whose disks an unsafe fault has damaged.
func (r *Runner) harmedSet() (set quorum.Set) {
	for id, d := range r.World.Disks {
		if d != nil && d.harmed {
			set = set.With(quorum.ServerID(id))
		}
	}
	return set
}

// mayHarm tells whether the disk of server id may be damaged: the servers with
// good disks must form a quorum without it. A disk that was damaged counts as bad
// for the rest of the run, even when its server was synchronized again. The
// atlas keeps a quorum of good disks alive; it does not make damage harmless: two
// quorums may meet in the one server that has forgotten.
func (r *Runner) mayHarm(id quorum.ServerID) bool {
	bad := r.harmedSet()
	q := r.World.setup.Quorum
	return bad.Has(id) || q.Contains(q.Voters&^bad.With(id))
}

// Victim is Target for a fault that damages a disk: it returns 0, and records the
// decision "none", if no server may be hit.
func (r *Runner) Victim(k int, word string) quorum.ServerID {
	set := quorum.Set(0)
	named, isName := ParseServer(word)
	if isName {
		set = quorum.Of(named)
	} else {
		set = r.candidates(word)
	}
	for rest := set; rest != 0; rest = rest.Without(rest.First()) {
		if !r.mayHarm(rest.First()) {
			set = set.Without(rest.First())
		}
	}
	id := r.decideTarget(k, set)
	if id != 0 && !r.mayHarm(id) { // the plan says so, and was edited
		r.decided[len(r.decided)-1].Value = "none"
		id = 0
	}
	r.faults[k].target = id
	return id
}

// LyingFsync lets the disk of server id report fsyncs of the log that do nothing,
// until fault k heals.
func (r *Runner) LyingFsync(k int, id quorum.ServerID) {
	if id != 0 {
		r.faults[k].lies = true
		r.setLying(id, true)
	}
}

// HealLying makes the disk that fault k has taught to lie honest, unless another
// fault still wants it to lie.
func (r *Runner) HealLying(k int) {
	f := &r.faults[k]
	f.lies = false
	for i := range r.faults {
		if r.faults[i].lies && r.faults[i].target == f.target {
			return
		}
	}
	if f.target != 0 {
		r.setLying(f.target, false)
	}
}

func (r *Runner) setLying(id quorum.ServerID, on bool) {
	if r.World.Disks[id].lying == on {
		return
	}
	what := DamageHonest
	if on {
		what = DamageLie
	}
	r.apply(Choice{Kind: ChoiceDamage, Node: id, Alt: uint8(what)}, r.events)
}

// LoseFile stops server id and takes a file of its disk away.
func (r *Runner) LoseFile(id quorum.ServerID, f File) {
	if id != 0 {
		r.Crash(id, "all")
		r.apply(Choice{Kind: ChoiceDamage, Node: id, Alt: uint8(DamageLost), Arg: uint32(f)}, r.events)
	}
}

// RotFile stops server id and makes a file of its disk unreadable: of the log, one
// record that is drawn.
func (r *Runner) RotFile(k int, id quorum.ServerID, f File) {
	if id != 0 {
		r.Crash(id, "all")
		at := uint32(r.faultDraw("fault.rot", k).Below(1 << 20))
		r.apply(Choice{Kind: ChoiceDamage, Node: id, Alt: uint8(DamageRot), Arg: uint32(f) | at<<8}, r.events)
	}
}
