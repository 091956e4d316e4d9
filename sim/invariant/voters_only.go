package invariant

import (
	"fmt"

	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

var votersOnly = Check{
	Name:   "voters-only",
	Doc:    "The sets in which a leader counts FOLLOWERINFO, ACKEPOCH and the ACKs of NEWLEADER hold voters only.",
	Source: "protocol.md 4.2; ZOOKEEPER-2959",
	events: []EventKind{EvStatus},
	run:    checkVotersOnly,
}

func checkVotersOnly(v *View, e *Event) {
	st := v.Status[e.Server]
	if st == nil || st.Leader != e.Server {
		return
	}
	if alien := (st.Connecting | st.Electing | st.NewLeaderAcks) &^ v.Quorum.Voters; alien != 0 {
		v.fail(quorum.Of(e.Server), zxid.Make(st.Epoch, 0), fmt.Sprintf("%v counts %v, which has no vote, towards a quorum for epoch %d", e.Server, alien, st.Epoch))
	}
}
