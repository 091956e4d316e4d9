package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// Once the leader serves, its sets mean nothing, and a search forgets them.
var leaderInQuorum = Check{
	Name:   "leader-in-quorum",
	Doc:    "A leader is itself in each of the quorums that choose its epoch, accept its history and establish it.",
	Source: "protocol.md 4.2; Leader.getEpochToPropose, waitForEpochAck; ZOOKEEPER-1270",
	probes: []zab.ProbeKind{zab.ProbeEstablish},
	events: []EventKind{EvStatus},
	run:    checkLeaderInQuorum,
}

func checkLeaderInQuorum(v *View, e *Event) {
	id := e.Server
	if e.Kind == EvProbe {
		if p := &e.Probe; !p.Set.Has(id) {
			v.fail(quorum.Of(id), zxid.Make(p.Epoch, 0), fmt.Sprintf("%v is established in epoch %d by %v, without its own acknowledgement", id, p.Epoch, p.Set))
		}
		return
	}
	st := v.Status[id]
	if st == nil || st.Leader != id || st.Phase != zab.PhaseSynchronization || st.Stopping {
		return
	}
	if !st.Connecting.Has(id) || !st.Electing.Has(id) {
		v.fail(quorum.Of(id), zxid.Make(st.Epoch, 0), fmt.Sprintf("%v enters synchronization in epoch %d on the word of %v and %v, without its own", id, st.Epoch, st.Connecting, st.Electing))
	}
}
