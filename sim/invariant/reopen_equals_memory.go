package invariant

import (
	"fmt"

	"zabsim/zab/quorum"
)

var reopenEqualsMemory = Check{
	Name:   "reopen-equals-memory",
	Doc:    "Reading a server's disk from scratch gives the tree that the server has in memory: the same last transaction, history and content.",
	Source: "protocol.md 17.4; ZOOKEEPER-2845, ZOOKEEPER-3642, ZOOKEEPER-4712, ZOOKEEPER-4925, ZOOKEEPER-5094",
	events: []EventKind{EvReopen},
	run:    checkReopenEqualsMemory,
}

func checkReopenEqualsMemory(v *View, e *Event) {
	m, r := &e.Mem, &e.Reopened
	var text string
	switch {
	case m.Zxid != r.Zxid:
		text = fmt.Sprintf("%v has a tree up to %v in memory, but its disk gives one up to %v", e.Server, m.Zxid, r.Zxid)
	case m.Chain != r.Chain:
		text = fmt.Sprintf("%v has another history up to %v in memory than on disk", e.Server, m.Zxid)
	case m.Digest != r.Digest:
		text = fmt.Sprintf("%v has another tree at %v in memory than its disk gives, after the same history", e.Server, m.Zxid)
	default:
		return
	}
	v.fail(quorum.Of(e.Server), max(m.Zxid, r.Zxid), text)
}
