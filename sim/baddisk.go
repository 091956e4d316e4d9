package sim

import (
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// diskTrouble is what faults do to the disk of one server.
type diskTrouble struct {
	more    uint32 // by how much the factor of its slowness exceeds 1
	failing int    // number of the fault, from 1, that makes the next operation fail
	full    uint8  // how many faults fill it: every operation fails
}

// diskOp is when the operation of one token will be done. An entry of the queue
// whose gen is another one is stale.
type diskOp struct {
	due host.Time
	gen uint32
}

// tokens is how many disk operations of one server may be under way at once: the
// log writer's, the peer thread's and the snapshot thread's.
const tokens = 3

// onDisk gives a disk operation its time.
func (r *Runner) onDisk(id quorum.ServerID, t zab.Token) {
	seq := &r.diskSeq[id][t]
	*seq++
	after := r.med.disk(uint64(id), t, *seq) * host.Duration(1+r.disks[id].more)
	switch {
	case t == zab.TokenPeer && len(r.armed) > 0:
		r.aim(id, after)
	case t == zab.TokenFlush && len(r.tears) > 0:
		r.aimTear(id, after)
	}
	op := &r.diskOps[id][t]
	op.gen++
	op.due = r.now.Add(after)
	r.push(op.due, Choice{Kind: ChoiceDisk, Node: id, Alt: uint8(t)}, op.gen, r.events)
}

// FailDisk lets the next disk operation of server id fail, as part of fault k.
func (r *Runner) FailDisk(k int, id quorum.ServerID) {
	if id != 0 {
		r.faults[k].target, r.disks[id].failing = id, k+1
	}
}

// FillDisk lets every disk operation of server id fail until fault k heals.
func (r *Runner) FillDisk(k int, id quorum.ServerID) {
	if id != 0 {
		r.faults[k].target, r.faults[k].fills = id, true
		r.disks[id].full++
	}
}

// HealDisk ends what fault k does to a disk by FailDisk or FillDisk, and starts the
// server again if it has exited for it.
func (r *Runner) HealDisk(k int) {
	f := &r.faults[k]
	d := &r.disks[f.target]
	if d.failing == k+1 {
		d.failing = 0
	}
	if f.fills {
		f.fills = false
		d.full--
	}
	if f.exited {
		f.exited = false
		r.Restart(f.target)
	}
}

// fails tells whether the disk operation that is due fails instead. An epoch file
// that can't be written ends the role only (ZOOKEEPER-2307): the choice becomes
// ChoiceDiskFail. Everything else is a severe unrecoverable error, by which the
// process exits (SyncRequestProcessor is a ZooKeeperCriticalThread, a snapshot or
// a truncation that fails calls System.exit): exits is told then, and the choice
// does not happen.
func (r *Runner) fails(e *entry) (exits bool) {
	id := e.choice.Node
	d := &r.disks[id]
	if d.failing == 0 && d.full == 0 {
		return false
	}
	r.counts.DiskErrors++
	if zab.Token(e.choice.Alt) == zab.TokenPeer {
		if k := r.World.Disks[id].op.Kind; k == zab.DiskAcceptedEpoch || k == zab.DiskCurrentEpoch {
			d.failing = 0
			e.choice.Kind = ChoiceDiskFail
			return false
		}
	}
	for k := range r.faults {
		if f := &r.faults[k]; f.on && f.target == id && (f.fills || d.failing == k+1) {
			f.exited = true
		}
	}
	d.failing = 0
	r.crash(id, "some", true)
	return true
}
