package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
)

// Before a server serves, its tree may be ahead of its last transaction, in places: a
// fuzzy snapshot holds parts of what came later (protocol.md 13.1).
var equalDigests = Check{
	Name:   "equal-digests",
	Doc:    "Serving servers that have applied the same history have the same tree.",
	Source: "protocol.md 13.7 and 17.4; bug-zoo DIGEST; ZOOKEEPER-4837, ZOOKEEPER-4925",
	probes: []zab.ProbeKind{zab.ProbeDeliver, zab.ProbeActive},
	run:    checkEqualDigests,
}

func checkEqualDigests(v *View, e *Event) {
	g, p := &v.Ghost, &e.Probe
	if v.at < 0 || p.Digest == 0 || g.Proposals[v.at].Chain != p.Chain {
		return
	}
	if known := g.Proposals[v.at].Digest; known != 0 && known != p.Digest {
		v.fail(quorum.Of(e.Server), p.Zxid, fmt.Sprintf("%v has another tree at %v than a server before it, after the same history", e.Server, p.Zxid))
	}
}
