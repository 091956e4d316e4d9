package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// A learner has sent ACKEPOCH when its phase becomes SYNCHRONIZATION.
var acceptedBeforeSent = Check{
	Name:   "accepted-before-sent",
	Doc:    "acceptedEpoch on disk is never below an epoch that was sent: in LEADERINFO by the leader, in ACKEPOCH by a learner.",
	Source: "protocol.md 1.4; Leader.getEpochToPropose, Learner.registerWithLeader; ZOOKEEPER-1291",
	events: []EventKind{EvPromise, EvStatus},
	run:    checkAcceptedBeforeSent,
}

func checkAcceptedBeforeSent(v *View, e *Event) {
	id, epoch := e.Server, e.Zxid.Epoch()
	d := v.Disk[id]
	if d == nil {
		return
	}
	if e.Kind == EvStatus {
		st := v.Status[id]
		if st == nil || st.Leader == 0 || st.Leader == id || st.Phase != zab.PhaseSynchronization || !v.Up.Has(id) {
			return
		}
		epoch = st.Epoch
	}
	if d.Accepted < epoch {
		v.fail(quorum.Of(id), zxid.Make(epoch, 0), fmt.Sprintf("%v speaks of epoch %d, but has promised only %d on its disk", id, epoch, d.Accepted))
	}
}
