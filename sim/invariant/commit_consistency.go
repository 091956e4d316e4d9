package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
)

var commitConsistency = Check{
	Name:   "commit-consistency",
	Doc:    "A server that comes to serve in an epoch has delivered the whole history that the epoch began with.",
	Source: "EuroSys'25 I-9, commit consistency; protocol.md 17.3; ZOOKEEPER-3023",
	probes: []zab.ProbeKind{zab.ProbeActive},
	run:    checkCommitConsistency,
}

func checkCommitConsistency(v *View, e *Event) {
	p, id := &e.Probe, e.Server
	leader := id
	if st := v.Status[id]; st != nil && st.Leader != 0 {
		leader = st.Leader
	}
	r := v.Ghost.ReignOf(p.Epoch, leader)
	if r == nil || v.at == absent {
		return // primary-integrity and prefix-consistency speak of those
	}
	if has := (Point{p.Zxid, p.Chain}); has.Zxid < r.Start.Zxid {
		v.fail(quorum.Of(id, r.Leader), r.Start.Zxid, fmt.Sprintf("%v serves in epoch %d with a tree up to %v, but the epoch began with %v", id, p.Epoch, has.Zxid, r.Start.Zxid))
	}
}
