package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
)

// The published specifications say "there exist two transactions" where they
// must say "for all two different ones", so theirs can't fail (protocol.md 17.1).
var localPrimaryOrder = Check{
	Name:   "local-primary-order",
	Doc:    "If a leader broadcasts a before b, then whoever delivers b, and the leader when it commits b, has done the same with a before.",
	Source: "Zab paper, local primary order; ZkV3_7_0.tla, LocalPrimaryOrder, made non-vacuous; EuroSys'25 I-5",
	probes: []zab.ProbeKind{zab.ProbeDeliver, zab.ProbeCommit},
	run:    checkLocalPrimaryOrder,
}

func checkLocalPrimaryOrder(v *View, e *Event) {
	if v.at < 0 {
		return
	}
	g, z, id := &v.Ghost, e.Probe.Zxid, e.Server
	before := g.parent(v.at)
	sameEpoch := before >= 0 && g.Proposals[before].Zxid.Epoch() == z.Epoch()
	if e.Probe.Kind == zab.ProbeCommit {
		if sameEpoch && !g.Proposals[before].Marks.has(Decided) {
			v.fail(quorum.Of(id), z, fmt.Sprintf("%v commits %v before %v, which it broadcast earlier", id, z, g.Proposals[before].Zxid))
		}
		return
	}
	last := g.Served[id].Zxid
	switch {
	case last >= z && last.Epoch() == z.Epoch():
		v.fail(quorum.Of(id), z, fmt.Sprintf("%v delivers %v after %v of the same leader", id, z, last))
	case sameEpoch && last < g.Proposals[before].Zxid:
		v.fail(quorum.Of(id), z, fmt.Sprintf("%v delivers %v without %v, which the same leader broadcast before", id, z, g.Proposals[before].Zxid))
	}
}
