package invariant

import (
	"fmt"

	"zabsim/zab/host"
)

var progressAfterHeal = Check{
	Name:   "progress-after-heal",
	Doc:    "Once faults have stopped and a quorum is connected, a write commits within a bound.",
	Source: "protocol.md 17.4, liveness with bound; exemplars.md 16; ZOOKEEPER-1419, ZOOKEEPER-1805, ZOOKEEPER-4203, ZOOKEEPER-4685",
	Kind:   KindEventually,
}

// Progress judges the second act of a run: committed tells whether a write that
// was sent after healing committed within bound. Down servers are named if they
// keep the rest from a quorum.
func Progress(v *View, committed bool, bound host.Duration) {
	if committed || v.violated(progressAfterHeal.Name) {
		return
	}
	text := fmt.Sprintf("no write committed within %v after all faults had stopped", bound)
	if !v.Quorum.Contains(v.Up) {
		text += fmt.Sprintf("; only %v run, which is no quorum", v.Up)
	}
	v.Violations = append(v.Violations, Violation{
		Check: progressAfterHeal.Name, Text: text, Servers: v.Quorum.All(), Zxid: v.Ghost.Committed.Zxid,
	})
}
