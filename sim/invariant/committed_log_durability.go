package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// Judged when the leader decides, not when the learner obeys: meanwhile what is cut
// may have been committed by others, who have it. (The leader takes back what this
// learner has acknowledged of it.)
//
// A leader that another one has superseded knows nothing of what that one commits. It
// may cut a learner that was in no quorum of the later epoch; one that was in a quorum
// does not follow it, and committed-survives watches the disks.
var committedLogDurability = Check{
	Name:   "committed-log-durability",
	Doc:    "A leader of the latest epoch lets no learner's history be cut where it is committed.",
	Source: "protocol.md 17.2, committedLogDurability; ZOOKEEPER-4643, ZOOKEEPER-4646",
	probes: []zab.ProbeKind{zab.ProbeSync},
	run:    checkCommittedLogDurability,
}

func checkCommittedLogDurability(v *View, e *Event) {
	p := &e.Probe
	st := v.Status[e.Server]
	if p.Cut >= p.Zxid || p.Mode == zab.SyncDiff || st != nil && v.Ghost.superseded(st.Epoch) {
		return
	}
	if z := v.Ghost.committedIn(p.Cut, p.Zxid); z != 0 {
		v.fail(quorum.Of(e.Server, p.Peer), z, fmt.Sprintf("%v has %v cut its history, which ends with %v, by %v after %v, but %v is committed",
			e.Server, p.Peer, p.Zxid, p.Mode, p.Cut, z))
	}
}

// committedIn returns a committed transaction after low and not after high, 0 if
// there is none.
func (g *Ghost) committedIn(low, high zxid.Zxid) zxid.Zxid {
	for i := g.seek(low+1, len(g.Proposals)-1); i < len(g.Proposals) && g.Proposals[i].Zxid <= high; i++ {
		if g.Proposals[i].Marks.has(Committed) {
			return g.Proposals[i].Zxid
		}
	}
	return 0
}
