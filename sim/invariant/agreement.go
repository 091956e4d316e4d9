package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// The sets of delivered transactions must be nested. So a transaction that
// nobody has delivered yet may only be delivered by a server that has delivered
// all that anybody has.
var agreement = Check{
	Name:   "agreement",
	Doc:    "If one server delivers a and another delivers b, then the first delivers b or the second delivers a.",
	Source: "Zab paper, agreement; Zab.tla, Agreement; EuroSys'25 I-3; protocol.md 17.1",
	probes: []zab.ProbeKind{zab.ProbeDeliver, zab.ProbeActive},
	run:    checkAgreement,
}

func checkAgreement(v *View, e *Event) {
	g, p := &v.Ghost, &e.Probe
	if v.at < 0 || g.Proposals[v.at].Marks.has(Delivered) {
		return
	}
	had := g.Served[e.Server].Zxid
	if p.Kind == zab.ProbeActive {
		i := v.at
		for i >= 0 && !g.Proposals[i].Marks.has(Delivered) {
			i = g.parent(i)
		}
		if i == absent {
			return
		}
		had = g.point(i).Zxid
	}
	if had < g.Delivered.Zxid {
		v.failAgreement(e.Server, p.Zxid)
	}
}

// failAgreement names a server that has delivered the most, if one still serves.
func (v *View) failAgreement(id quorum.ServerID, z zxid.Zxid) {
	g := &v.Ghost
	top := g.Delivered.Zxid
	for rest := v.Quorum.All().Without(id); rest != 0; rest = rest.Without(rest.First()) {
		if other := rest.First(); g.Served[other].Zxid == top {
			v.fail(quorum.Of(id, other), z, fmt.Sprintf("%v delivers %v%s, %v delivered %v%s",
				id, z, without(top, z), other, top, without(z, top)))
			return
		}
	}
	v.fail(quorum.Of(id), z, fmt.Sprintf("%v delivers %v%s, which was delivered before", id, z, without(top, z)))
}

// without completes "n1 delivers 1.2": of two transactions with one zxid, only
// the contents differ.
func without(missing, z zxid.Zxid) string {
	if missing == z {
		return " with other content"
	}
	return fmt.Sprintf(" without %v", missing)
}
