package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
)

// The trees are compared with the committed history: two prefixes of one history
// are prefixes of each other. While a server does not serve, its tree may hold
// what was never committed, because a restart replays the whole log.
var prefixConsistency = Check{
	Name:   "prefix-consistency",
	Doc:    "Of the trees of two serving servers one holds a prefix of the other's history: each holds a prefix of what is committed.",
	Source: "Zab.tla, PrefixConsistency; Zab paper, agreement and total order; protocol.md 17.2, monotonicRead",
	probes: []zab.ProbeKind{zab.ProbeActive},
	events: []EventKind{EvStatus},
	run:    checkPrefixConsistency,
}

func checkPrefixConsistency(v *View, e *Event) {
	g := &v.Ghost
	if e.Kind == EvProbe {
		if v.at == absent {
			v.failPrefix(e.Server, Point{e.Probe.Zxid, e.Probe.Chain})
		}
		return
	}
	st := v.Status[e.Server]
	if st == nil || !st.Serving || st.Stopping || !v.Up.Has(e.Server) {
		return
	}
	p := Point{st.Applied, st.AppliedChain}
	if p == g.Committed || g.marked(g.find(p, v.hint[e.Server]), Committed) {
		return
	}
	v.failPrefix(e.Server, p)
}

// failPrefix names another server whose history reaches as far, if there is one.
func (v *View) failPrefix(id quorum.ServerID, p Point) {
	g := &v.Ghost
	for rest := v.Quorum.All().Without(id); rest != 0; rest = rest.Without(rest.First()) {
		other := rest.First()
		if s := g.Served[other]; s != (Point{}) && s.Zxid >= p.Zxid && g.IsCommitted(s) {
			v.fail(quorum.Of(id, other), p.Zxid, fmt.Sprintf("%v and %v differ at %v", min(id, other), max(id, other), p.Zxid))
			return
		}
	}
	if _, ok := g.CommittedAt(p.Zxid); ok {
		v.fail(quorum.Of(id), p.Zxid, fmt.Sprintf("%v serves a history that differs from the committed one at or before %v", id, p.Zxid))
		return
	}
	v.fail(quorum.Of(id), p.Zxid, fmt.Sprintf("%v serves a tree that ends with %v, which is not committed", id, p.Zxid))
}
