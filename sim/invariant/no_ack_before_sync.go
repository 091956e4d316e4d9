package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// ACK (e,0) is sent twice. The first, of NEWLEADER, promises the leader's whole
// initial history and currentEpoch. After the second, of UPTODATE, the tree may
// be ahead of the disk, because a COMMIT does not wait for the own fsync.
var noAckBeforeSync = Check{
	Name:   "no-ack-before-sync",
	Doc:    "Who acknowledges a proposal has it on disk. Who acknowledges NEWLEADER has on disk the leader's initial history, its own tree's history, and the new currentEpoch.",
	Source: "protocol.md 1.4 and 5.5; EuroSys'25 I-12; ZOOKEEPER-3911, ZOOKEEPER-4643, ZOOKEEPER-4646, ZOOKEEPER-4785",
	probes: []zab.ProbeKind{zab.ProbeSelfAck},
	events: []EventKind{EvAck},
	run:    checkNoAckBeforeSync,
}

func checkNoAckBeforeSync(v *View, e *Event) {
	id, z := e.Server, e.Zxid
	if e.Kind == EvProbe {
		z = e.Probe.Zxid
	}
	d := v.Disk[id]
	switch {
	case d == nil:
	case z.Counter() == 0:
		v.checkNewLeaderAck(e, d)
	case !d.Reaches(z):
		last, _ := d.Last()
		v.fail(quorum.Of(id), z, fmt.Sprintf("%v acknowledges %v, but its disk ends with %v", id, z, last))
	}
}

func (v *View) checkNewLeaderAck(e *Event, d *DiskFacts) {
	id, epoch := e.Server, e.Zxid.Epoch()
	if d.Current < epoch {
		v.fail(quorum.Of(id), e.Zxid, fmt.Sprintf("%v acknowledges the leader of epoch %d, but currentEpoch on its disk is %d", id, epoch, d.Current))
		return
	}
	st := v.Status[id]
	leader := e.Peer
	if leader == 0 && st != nil {
		leader = st.Leader
	}
	if start, ok := v.initialHistory(leader, epoch); ok && !v.Holds(id, start) {
		v.fail(quorum.Of(id, leader), start.Zxid, fmt.Sprintf("%v acknowledges the leader of epoch %d, but lacks its history up to %v on disk", id, epoch, start.Zxid))
		return
	}
	if st == nil || st.Serving || st.Phase != zab.PhaseSynchronization {
		return
	}
	if own := (Point{st.Applied, st.AppliedChain}); !v.Holds(id, own) {
		v.fail(quorum.Of(id), own.Zxid, fmt.Sprintf("%v acknowledges the leader of epoch %d, but its own tree up to %v is not on disk", id, epoch, own.Zxid))
	}
}

// initialHistory returns what leader starts epoch e with. Until it is established
// its tree does not move.
func (v *View) initialHistory(leader quorum.ServerID, e zxid.Epoch) (Point, bool) {
	if r := v.Ghost.ReignOf(e, leader); r != nil && r.Leader == leader {
		return r.Start, true
	}
	if leader == 0 || !v.leads(leader) || v.Status[leader].Epoch != e {
		return Point{}, false
	}
	st := v.Status[leader]
	return Point{st.Applied, st.AppliedChain}, true
}
