package invariant

import (
	"fmt"

	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

var rejoinAfterHeal = Check{
	Name:   "rejoin-after-heal",
	Doc:    "Once faults have stopped and a quorum serves, every other server comes to serve, too, within a bound, unless it has accepted a later epoch.",
	Source: "protocol.md 3.7 and 13.5; bug-zoo A12; ZOOKEEPER-1653, ZOOKEEPER-1732, ZOOKEEPER-1805",
	Kind:   KindEventually,
}

// Rejoin judges the third act of a run, which did not come to its end: absent are the
// servers that did not serve within bound and have accepted no later epoch than the
// leader's: such a server stays out until the next election (protocol.md 4.2).
func Rejoin(v *View, absent quorum.Set, bound host.Duration) {
	v.Violations = append(v.Violations, Violation{
		Check: rejoinAfterHeal.Name, Servers: absent, Zxid: v.Ghost.Committed.Zxid,
		Text: fmt.Sprintf("%v did not come to serve within %v, though a quorum serves and nothing is broken", absent, bound),
	})
}
