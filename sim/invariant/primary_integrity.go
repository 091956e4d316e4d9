package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
)

// A server joins a leader's broadcast with one whole history, so it is enough to
// look at that moment: what it delivers later is the leader's own.
var primaryIntegrity = Check{
	Name:   "primary-integrity",
	Doc:    "What a server serving in epoch e has delivered of earlier epochs, the leader of e has, too; and e has an established leader.",
	Source: "Zab paper, primary integrity; Zab.tla, PrimaryIntegrity; EuroSys'25 I-7",
	probes: []zab.ProbeKind{zab.ProbeActive},
	run:    checkPrimaryIntegrity,
}

func checkPrimaryIntegrity(v *View, e *Event) {
	g, p, id := &v.Ghost, &e.Probe, e.Server
	leader := id
	if st := v.Status[id]; st != nil && st.Leader != 0 {
		leader = st.Leader
	}
	r := g.ReignOf(p.Epoch, leader)
	if r == nil {
		v.fail(quorum.Of(id), p.Zxid, fmt.Sprintf("%v serves in epoch %d, which has no established leader", id, p.Epoch))
		return
	}
	start := g.find(r.Start, v.hint[id])
	if v.at == absent || start == absent {
		return // integrity and prefix-consistency speak of those
	}
	mine := Point{p.Zxid, p.Chain}
	shared := g.marked(v.at, Committed) && g.marked(start, Committed)
	if p.Zxid.Epoch() < p.Epoch {
		if shared && p.Zxid <= r.Start.Zxid || g.leadsThrough(start, mine) {
			return
		}
	} else if shared || g.leadsThrough(v.at, r.Start) {
		return
	}
	v.fail(quorum.Of(id, r.Leader), p.Zxid, fmt.Sprintf(
		"%v serves in epoch %d with a history up to %v that its leader %v, which started with %v, does not share",
		id, p.Epoch, p.Zxid, r.Leader, r.Start.Zxid))
}
