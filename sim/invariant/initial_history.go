package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
)

// Leaders may be established out of the order of their epochs, when the last
// acknowledgement is long on its way; the promise is one of epochs, not of time. The
// neighbours are enough, since being a prefix is transitive.
var initialHistory = Check{
	Name:   "initial-history",
	Doc:    "The history that an epoch begins with is a prefix of that of every later epoch.",
	Source: "EuroSys'25 I-8, initial history integrity; protocol.md 17.3 and 17.4; ZOOKEEPER-4643, ZOOKEEPER-4646",
	probes: []zab.ProbeKind{zab.ProbeEstablish},
	run:    checkInitialHistory,
}

func checkInitialHistory(v *View, e *Event) {
	g, p := &v.Ghost, &e.Probe
	start := Point{p.Zxid, p.Chain}
	i := len(g.Reigns)
	for i > 0 && g.Reigns[i-1].Epoch >= p.Epoch {
		i--
	}
	if i > 0 {
		if r := &g.Reigns[i-1]; r.Start != start && !v.covers(start, r.Start) {
			v.failInitial(e.Server, p, r, r.Start)
		}
	}
	for i < len(g.Reigns) && g.Reigns[i].Epoch == p.Epoch {
		i++
	}
	if i < len(g.Reigns) {
		if r := &g.Reigns[i]; r.Start != start && !v.covers(r.Start, start) {
			v.failInitial(e.Server, p, r, start)
		}
	}
}

func (v *View) failInitial(id quorum.ServerID, p *zab.Probe, r *Reign, short Point) {
	v.fail(quorum.Of(id, r.Leader), short.Zxid, fmt.Sprintf("epoch %d of %v begins with a history up to %v, epoch %d of %v with one up to %v: the earlier is no prefix of the later",
		p.Epoch, id, p.Zxid, r.Epoch, r.Leader, r.Start.Zxid))
}
