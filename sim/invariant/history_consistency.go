package invariant

import (
	"fmt"

	"zabsim/zab/quorum"
)

// Judged when a server acknowledges NEWLEADER: what its log takes in afterwards comes
// from its leader alone, and process-consistency looks at that.
var historyConsistency = Check{
	Name:   "history-consistency",
	Doc:    "Of the logs of two servers that have accepted NEWLEADER of the same epoch one is a prefix of the other.",
	Source: "EuroSys'25 I-10; protocol.md 17.3; ZOOKEEPER-4712",
	events: []EventKind{EvAck},
	run:    checkHistoryConsistency,
}

func checkHistoryConsistency(v *View, e *Event) {
	id := e.Server
	if e.Zxid.Counter() != 0 || !v.settled(id) {
		return
	}
	st := v.Status[id]
	mine := Point{st.LastLogged, st.LogChain}
	for rest := v.Up.Without(id); rest != 0; rest = rest.Without(rest.First()) {
		other := rest.First()
		if o := v.Status[other]; v.settled(other) && o.Epoch == st.Epoch {
			theirs := Point{o.LastLogged, o.LogChain}
			if mine != theirs && !v.covers(mine, theirs) && !v.covers(theirs, mine) {
				v.fail(quorum.Of(id, other), min(mine.Zxid, theirs.Zxid), fmt.Sprintf("%v and %v are both in epoch %d, but their logs up to %v and %v are not prefixes of one history",
					id, other, st.Epoch, mine.Zxid, theirs.Zxid))
				return
			}
		}
	}
}
