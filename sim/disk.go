package sim

import (
	"strconv"

	"zabsim/internal/fp"
	"zabsim/sim/invariant"
	"zabsim/zab"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Disk is the data directory of one server: what is durable, and what is on its
// way. Appends are buffered behind the first synced records; one fsync of the log,
// one operation of the peer thread and one snapshot may be under way at once, on
// files of their own, so that a crash may keep either without the others.
type Disk struct {
	accepted, current epochFile
	snaps             []*zab.Snapshot
	log               zab.Log // all that was written
	synced            int     // the first records are durable
	torn              bool    // a piece of one more record follows: after a crash

	flushing bool
	flushTo  int
	busy     bool // the peer thread's operation is under way
	op       zab.DiskOp
	snapping bool // the snapshot thread's is
	snapOp   zab.DiskOp

	bugs  bug.Set       // of the server, for who reads the disk
	empty *zab.Snapshot // what a server reads where there is nothing

	harm
}

// epochFile is acceptedEpoch or currentEpoch.
type epochFile struct {
	present bool
	epoch   zxid.Epoch
	temp    tempFile
	tempIs  zxid.Epoch
	rotten  bool // an unsafe fault has made it unreadable
}

type tempFile uint8

const (
	tempNone tempFile = iota
	tempTorn
	tempWhole
)

// NewDisk returns the disk of a server that was set up but never ran: an initial
// snapshot of the empty state and epoch files of 0.
func NewDisk(initial *zab.Snapshot) *Disk {
	d := &Disk{snaps: []*zab.Snapshot{initial}, empty: initial}
	d.accepted.present, d.current.present = true, true
	d.log.Reset(initial.Last, initial.Chain)
	return d
}

// start begins op. It returns true if a completion will follow.
func (d *Disk) start(op *zab.DiskOp) bool {
	switch {
	case op.Kind == zab.DiskAppend:
		d.log.Append(op.Txn)
		return false
	case op.Kind == zab.DiskRoll:
		d.log.Roll()
		return false
	case op.Token == zab.TokenSnap:
		if d.snapping {
			panic("sim: two snapshots of one snapshot thread")
		}
		d.snapping, d.snapOp = true, *op
	case op.Kind == zab.DiskFsync && op.Token == zab.TokenFlush:
		if d.flushing {
			panic("sim: two fsyncs of one log writer")
		}
		d.flushing, d.flushTo = true, d.log.Len()
	default:
		if d.busy {
			panic("sim: two disk operations of one peer thread")
		}
		d.busy, d.op = true, *op
	}
	return true
}

// pending tells whether the operation of token is under way.
func (d *Disk) pending(t zab.Token) bool {
	switch t {
	case zab.TokenFlush:
		return d.flushing
	case zab.TokenSnap:
		return d.snapping
	}
	return d.busy
}

// finish completes the operation of token.
func (d *Disk) finish(t zab.Token) {
	switch t {
	case zab.TokenFlush:
		d.synced = max(d.synced, min(d.flushTo, d.log.Len()))
		d.flushing, d.flushTo = false, 0
	case zab.TokenSnap:
		d.snapping = false
		d.complete(&d.snapOp)
		d.snapOp = zab.DiskOp{}
	default:
		d.busy = false
		d.complete(&d.op)
		d.op = zab.DiskOp{}
	}
}

// fail ends the operation of token without any effect on what is durable.
func (d *Disk) fail(t zab.Token) {
	switch t {
	case zab.TokenFlush:
		d.flushing, d.flushTo = false, 0
	case zab.TokenSnap:
		d.snapping, d.snapOp = false, zab.DiskOp{}
	default:
		d.busy, d.op = false, zab.DiskOp{}
	}
}

// complete makes an operation durable.
func (d *Disk) complete(op *zab.DiskOp) {
	switch op.Kind {
	case zab.DiskFsync:
		d.synced = d.log.Len()
	case zab.DiskAcceptedEpoch:
		d.accepted = epochFile{present: true, epoch: op.Epoch}
	case zab.DiskCurrentEpoch:
		d.current = epochFile{present: true, epoch: op.Epoch}
	case zab.DiskSnapshot:
		var gone int
		d.snaps, gone = zab.Install(d.snaps, &d.log, op.Snap, op.Fence, op.Retain)
		d.synced, d.flushTo = max(d.synced-gone, 0), max(d.flushTo-gone, 0)
		if op.Fence {
			d.synced = 0
		}
		if op.Hole {
			d.log.Skip(op.Snap.Last, op.Snap.Chain)
		}
	case zab.DiskTruncate:
		d.log.Truncate(op.Zxid)
		if op.Over {
			d.log.Overcut()
		}
		if !op.KeepSnaps {
			d.snaps = zab.DropAfter(d.snaps, op.Zxid)
		}
		d.synced = min(d.synced, d.log.Len())
	}
}

// tail returns how many written records are not durable.
func (d *Disk) tail() int { return d.log.Len() - d.durable() }

// crash leaves what a reboot will find.
func (d *Disk) crash(o Outcome) {
	keep := min(int(o.Keep), d.tail())
	d.torn = o.Torn && keep < d.tail()
	d.log.Cut(d.durable() + keep)
	d.synced = d.log.Len()
	if d.busy {
		d.crashOp(o.Stage)
	}
	d.busy, d.op, d.flushing, d.flushTo = false, zab.DiskOp{}, false, 0
	d.snapping, d.snapOp = false, zab.DiskOp{} // its temporary file means nothing
	if d.lying {
		d.solid, _ = d.log.Last()
	}
}

func (d *Disk) crashOp(stage uint8) {
	if stage == StageRenamed {
		d.complete(&d.op)
		return
	}
	var f *epochFile
	switch d.op.Kind {
	case zab.DiskAcceptedEpoch:
		f = &d.accepted
	case zab.DiskCurrentEpoch:
		f = &d.current
	default:
		return
	}
	if stage != StageNone {
		f.temp, f.tempIs = tempFile(stage), d.op.Epoch
	}
}

// stages returns how many different outcomes the peer thread's operation has.
func (d *Disk) stages() uint8 {
	switch {
	case !d.busy:
		return 1
	case d.op.Kind == zab.DiskAcceptedEpoch || d.op.Kind == zab.DiskCurrentEpoch:
		return 4
	}
	return 2
}

// Image returns the data directory as a reboot finds it. With all set it also
// holds what is written but not durable: what the running process would read.
func (d *Disk) Image(all bool) *zab.Image {
	base, chain := d.log.Base()
	img := &zab.Image{
		Accepted: d.accepted.image(), Current: d.current.image(),
		Snaps: append([]*zab.Snapshot(nil), d.snaps...), LogBase: base, LogChain: chain,
		Bugs: d.bugs, Empty: d.empty,
	}
	n := d.synced
	if all {
		n = d.log.Len()
	}
	img.Records = make([]zab.Record, 0, n+1)
	for i := range n {
		e := d.log.At(i)
		r := zab.Record{Txn: e.Txn, Sum: e.Txn.Hash, First: e.First, Gap: e.Gap}
		if e.Gap {
			r.Chain = e.Chain
		}
		img.Records = append(img.Records, r)
	}
	if at := int(d.rotten) - 1; at >= 0 && at < len(img.Records) {
		img.Records[at].Sum = ^img.Records[at].Sum
	}
	if d.torn {
		img.Records = append(img.Records, zab.Record{Txn: new(txn.Txn), Torn: true})
	}
	return img
}

func (f *epochFile) image() zab.EpochFile {
	e := zab.EpochFile{Present: f.present, Text: strconv.FormatUint(uint64(f.epoch), 10)}
	if f.rotten {
		e.Text = "\x00"
	}
	switch f.temp {
	case tempWhole:
		e.Temp = strconv.FormatUint(uint64(f.tempIs), 10)
	case tempTorn:
		e.Temp = "\x00"
	}
	return e
}

// adopt makes the disk what recovery leaves of it: the torn tail is gone, and
// epoch files that were missing are written.
func (d *Disk) adopt(boot *zab.Boot) {
	d.torn = false
	boot.Log.CloneInto(&d.log) // begun anew, perhaps
	d.synced = d.log.Len()
	if len(d.snaps) != len(boot.Snaps) { // damaged ones are passed over
		d.snaps = append([]*zab.Snapshot(nil), boot.Snaps...)
	}
	if boot.WriteEpochs {
		d.accepted = epochFile{present: true, epoch: boot.Accepted}
		d.current = epochFile{present: true, epoch: boot.Current}
	}
}

// FactsInto fills dst for the checks.
func (d *Disk) FactsInto(dst *invariant.DiskFacts) {
	dst.Accepted, dst.Current = d.accepted.epoch, d.current.epoch
	dst.Log, dst.Synced, dst.Snaps = &d.log, d.synced, d.snaps
}

// CloneInto makes dst an independent copy.
func (d *Disk) CloneInto(dst *Disk) {
	snaps := append(dst.snaps[:0], d.snaps...)
	log := dst.log
	*dst = *d
	dst.snaps, dst.log = snaps, log
	d.log.CloneInto(&dst.log)
}

// Fingerprint names the disk.
func (d *Disk) Fingerprint() fp.Hash {
	h := d.current.fold(d.accepted.fold(fp.New(0x4453))).Word(uint64(d.log.Fingerprint()))
	h = h.Word(uint64(d.synced)).Word(uint64(d.flushTo)).Word(uint64(len(d.snaps)))
	for _, s := range d.snaps {
		h = h.Word(uint64(s.Hash()))
	}
	h = h.Bool(d.torn).Bool(d.flushing).Bool(d.busy)
	if d.busy {
		h = foldOp(h, &d.op)
	}
	if d.snapping {
		h = foldOp(h.Word(1), &d.snapOp)
	}
	if w := d.harm.word(); w != 0 {
		h = h.Word(w).Word(uint64(d.solid))
	}
	return h.Done()
}

func foldOp(h fp.Hash, o *zab.DiskOp) fp.Hash {
	h = h.Word(uint64(o.Kind) | uint64(o.Token)<<8 | uint64(o.Epoch)<<32).Word(uint64(o.Zxid))
	h = h.Bool(o.Fence).Bool(o.KeepSnaps).Word(uint64(int64(o.Retain)))
	if o.Over || o.Hole {
		h = h.Bool(o.Over).Bool(o.Hole)
	}
	if o.Snap != nil {
		h = h.Word(uint64(o.Snap.Hash()))
	}
	if o.Txn != nil {
		h = h.Word(uint64(o.Txn.Hash))
	}
	return h
}

func (f *epochFile) fold(h fp.Hash) fp.Hash {
	rotten := uint64(0)
	if f.rotten {
		rotten = 1
	}
	return h.Word(uint64(f.epoch) | uint64(f.tempIs)<<32).Word(uint64(f.temp) | rotten<<8).Bool(f.present)
}
