package conform

import (
	"strconv"

	"zabsim/zab"
	"zabsim/zab/zxid"
)

// disk is a data directory whose operations are durable at once.
type disk struct {
	accepted, current zxid.Epoch
	snaps             []*zab.Snapshot
	log               zab.Log
}

func newDisk(initial *zab.Snapshot) *disk {
	d := &disk{snaps: []*zab.Snapshot{initial}}
	d.log.Reset(initial.Last, initial.Chain)
	return d
}

// do carries an operation out. It returns true if its end must be reported.
func (d *disk) do(op *zab.DiskOp) bool {
	switch op.Kind {
	case zab.DiskAppend:
		d.log.Append(op.Txn)
		return false
	case zab.DiskRoll:
		d.log.Roll()
		return false
	case zab.DiskAcceptedEpoch:
		d.accepted = op.Epoch
	case zab.DiskCurrentEpoch:
		d.current = op.Epoch
	case zab.DiskSnapshot:
		d.snaps, _ = zab.Install(d.snaps, &d.log, op.Snap, op.Fence, op.Retain)
	case zab.DiskTruncate:
		d.log.Truncate(op.Zxid)
	}
	return true
}

// image is what a start finds.
func (d *disk) image() *zab.Image {
	base, chain := d.log.Base()
	epoch := func(e zxid.Epoch) zab.EpochFile {
		return zab.EpochFile{Present: true, Text: strconv.FormatUint(uint64(e), 10)}
	}
	img := &zab.Image{Accepted: epoch(d.accepted), Current: epoch(d.current), Snaps: d.snaps, LogBase: base, LogChain: chain}
	for i := range d.log.Len() {
		e := d.log.At(i)
		img.Records = append(img.Records, zab.Record{Txn: e.Txn, Sum: e.Txn.Hash, First: e.First})
	}
	return img
}
