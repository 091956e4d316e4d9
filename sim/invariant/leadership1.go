package invariant

import (
	"fmt"

	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// Two leaders of different epochs are normal: a deposed one learns of it late.
var leadership1 = Check{
	Name:   "leadership-1",
	Doc:    "No two running servers lead the same epoch, past discovery, at the same time.",
	Source: "Zab.tla and ZkV3_7_0.tla, Leadership1; protocol.md 17.1; ZOOKEEPER-2959",
	events: []EventKind{EvStatus},
	run:    checkLeadership1,
}

func checkLeadership1(v *View, e *Event) {
	st := v.Status[e.Server]
	if st == nil || !v.leads(e.Server) {
		return
	}
	for rest := v.Up.Without(e.Server); rest != 0; rest = rest.Without(rest.First()) {
		other := rest.First()
		if v.leads(other) && v.Status[other].Epoch == st.Epoch {
			v.fail(quorum.Of(e.Server, other), zxid.Make(st.Epoch, 0),
				fmt.Sprintf("%v and %v both lead epoch %d", min(e.Server, other), max(e.Server, other), st.Epoch))
		}
	}
}
