package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

var leadership2 = Check{
	Name:   "leadership-2",
	Doc:    "For each epoch at most one server is ever established as its leader.",
	Source: "Zab.tla, Leadership2; EuroSys'25 I-1 primary uniqueness; ZOOKEEPER-335",
	probes: []zab.ProbeKind{zab.ProbeEstablish},
	run:    checkLeadership2,
}

func checkLeadership2(v *View, e *Event) {
	epoch := e.Probe.Epoch
	if r := v.Ghost.ReignOf(epoch, e.Server); r != nil && r.Leader != e.Server {
		v.fail(quorum.Of(e.Server, r.Leader), zxid.Make(epoch, 0),
			fmt.Sprintf("%v is established as leader of epoch %d, which had %v before", e.Server, epoch, r.Leader))
	}
}
