package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
)

var totalOrder = Check{
	Name:   "total-order",
	Doc:    "If some server delivers a before b, then every server that delivers b delivers a before.",
	Source: "Zab paper, total order; Zab.tla, TotalOrder; EuroSys'25 I-4; protocol.md 17.1",
	probes: []zab.ProbeKind{zab.ProbeDeliver},
	run:    checkTotalOrder,
}

func checkTotalOrder(v *View, e *Event) {
	g, z := &v.Ghost, e.Probe.Zxid
	if v.at < 0 || !g.Proposals[v.at].Marks.has(Delivered) {
		return // the first server that delivers it sets the order
	}
	last := g.Served[e.Server].Zxid
	for i := v.at - 1; i >= 0 && g.Proposals[i].Zxid > last; i-- {
		if a := &g.Proposals[i]; a.Zxid < z && a.Marks.has(Delivered) {
			v.fail(quorum.Of(e.Server), z, fmt.Sprintf("%v delivers %v without %v, which others delivered before it", e.Server, z, a.Zxid))
			return
		}
	}
}
