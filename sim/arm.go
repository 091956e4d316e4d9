package sim

import (
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// Arm lets fault k wait until the peer threads of all servers together have
// started so many writes more, and strike in the next one: an epoch, a snapshot, a truncation, the history before the ACK of
// NEWLEADER. In the middle of it its server crashes. Crashes at random times
// seldom hit these few milliseconds, and ZooKeeper's worst bugs live in them.
func (r *Runner) Arm(k, after int) { r.armed = append(r.armed, armedFault{k: k, after: after}) }

type armedFault struct {
	k, after int
	id       quorum.ServerID // of a tear: whose log
}

// aim is told that server id starts such a write, which takes so long.
func (r *Runner) aim(id quorum.ServerID, takes host.Duration) {
	if r.armed[0].after > 0 {
		r.armed[0].after--
		return
	}
	k := r.armed[0].k
	r.armed = r.armed[1:]
	r.strikeWithin(k, id, takes)
}

// strikeWithin lets fault k hit server id within a time, unless it crashes first.
func (r *Runner) strikeWithin(k int, id quorum.ServerID, takes host.Duration) {
	at := r.faultDraw("fault.strike", k).Between(0, max(int64(takes)-1, 0))
	r.push(r.now.Add(host.Duration(at)), Choice{Kind: ChoiceNone, Alt: wakeStrike, Node: id, Arg: uint32(k)}, r.diskGen[id], r.events)
}

// ArmTear lets fault k wait until server id next has its log fsynced, and strike
// before that is done: then there is a tail that is not durable.
func (r *Runner) ArmTear(k int, id quorum.ServerID) {
	if id != 0 {
		r.tears = append(r.tears, armedFault{k: k, id: id})
	}
}

// aimTear is told that server id starts an fsync of its log, which takes so long.
func (r *Runner) aimTear(id quorum.ServerID, takes host.Duration) {
	for i, t := range r.tears {
		if t.id == id {
			r.tears = append(r.tears[:i], r.tears[i+1:]...)
			r.strikeWithin(t.k, id, takes)
			return
		}
	}
}

// syncWatch is a fault that waits for a learner to be synchronized.
type syncWatch struct {
	k, after, left int
	learner        quorum.ServerID // 0: none is yet
}

// ArmSync lets fault k wait until a leader begins to synchronize a learner, and
// strike after so many events more that touch the learner. What a learner does
// there with its memory, log and epochs is where most of ZooKeeper's data losses
// were.
func (r *Runner) ArmSync(k, after int) {
	r.syncs = append(r.syncs, syncWatch{k: k, after: after})
}

// aimSync is told that a leader begins to synchronize a learner.
func (r *Runner) aimSync(learner quorum.ServerID) {
	for i := range r.syncs {
		if w := &r.syncs[i]; w.learner == 0 {
			w.learner, w.left = learner, w.after
			return
		}
	}
}

// watchSyncs counts the event that was just applied.
func (r *Runner) watchSyncs() {
	kept := r.syncs[:0]
	for _, w := range r.syncs {
		if w.learner == 0 || !r.World.Touched.Has(w.learner) {
			kept = append(kept, w)
			continue
		}
		if w.left--; w.left >= 0 {
			kept = append(kept, w)
			continue
		}
		r.strikeWithin(w.k, w.learner, 0)
	}
	r.syncs = kept
}

func (r *Runner) strike(k int, id quorum.ServerID, gen uint32) {
	if r.act2 || gen != r.diskGen[id] {
		return // it has crashed before
	}
	f := &r.plan.Faults[k]
	run := &r.faults[k]
	run.on, run.begun, run.from, run.target = true, true, r.now, id
	run.kind.Strike(r, k, f, id)
	if f.For > 0 {
		r.push(r.now.Add(f.For), Choice{Kind: ChoiceNone, Alt: wakeHeal, Arg: uint32(k)}, 0, r.events)
	}
}
