package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
)

// Delivering what no leader has decided belongs here: in the paper a broadcast
// reaches abdeliver only through a decision. A tree that ends with something
// undecided when its server becomes active is left to prefix-consistency, which
// sees it at the same moment in the status.
var integrity = Check{
	Name:   "integrity",
	Doc:    "What a server delivers, and what a leader starts with, was broadcast by an established leader with this content; and it is delivered only after a leader decided it.",
	Source: "Zab paper, integrity; Zab.tla, Integrity; EuroSys'25 I-2; protocol.md 17.1",
	probes: []zab.ProbeKind{zab.ProbeDeliver, zab.ProbeActive, zab.ProbeEstablish},
	run:    checkIntegrity,
}

func checkIntegrity(v *View, e *Event) {
	g, p, id := &v.Ghost, &e.Probe, e.Server
	switch {
	case p.Kind == zab.ProbeEstablish:
		if v.at == absent {
			v.fail(quorum.Of(id), p.Zxid, fmt.Sprintf("%v leads epoch %d with a history that ends with %v and that nobody broadcast", id, p.Epoch, p.Zxid))
		}
	case v.at >= 0 && g.Proposals[v.at].Marks.has(Decided), v.at == atBase:
	case !g.broadcast(p):
		v.fail(quorum.Of(id), p.Zxid, fmt.Sprintf("%v delivers a %v that no leader broadcast", id, p.Zxid))
	case p.Kind == zab.ProbeDeliver && !g.decided(p):
		v.fail(quorum.Of(id), p.Zxid, fmt.Sprintf("%v delivers %v, which no leader has committed", id, p.Zxid))
	}
}

// broadcast tells whether what p delivers was broadcast. Of a whole history only
// the last zxid is known.
func (g *Ghost) broadcast(p *zab.Probe) bool {
	if p.Kind == zab.ProbeDeliver {
		return g.findTxn(p.Zxid, p.Txn, p.Chain, 0) >= 0
	}
	i := g.seek(p.Zxid, 0)
	return i < len(g.Proposals) && g.Proposals[i].Zxid == p.Zxid
}

// decided tells whether some transaction with p's zxid was decided. Whether it
// is the same one is for agreement to say.
func (g *Ghost) decided(p *zab.Probe) bool {
	for i := g.seek(p.Zxid, 0); i < len(g.Proposals) && g.Proposals[i].Zxid == p.Zxid; i++ {
		if g.Proposals[i].Marks.has(Decided) {
			return true
		}
	}
	return false
}
