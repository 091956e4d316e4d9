package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
)

var globalPrimaryOrder = Check{
	Name:   "global-primary-order",
	Doc:    "If a is of an earlier epoch than b, then whoever delivers both delivers a first.",
	Source: "Zab paper, global primary order; Zab.tla, GlobalPrimaryOrder; EuroSys'25 I-6",
	probes: []zab.ProbeKind{zab.ProbeDeliver},
	run:    checkGlobalPrimaryOrder,
}

func checkGlobalPrimaryOrder(v *View, e *Event) {
	z, last := e.Probe.Zxid, v.Ghost.Served[e.Server].Zxid
	if z.Epoch() < last.Epoch() {
		v.fail(quorum.Of(e.Server), z, fmt.Sprintf("%v delivers %v after %v of a later epoch", e.Server, z, last))
	}
}
