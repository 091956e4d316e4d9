package invariant

import (
	"testing"

	"zabsim/zab"
	"zabsim/zab/zxid"
)

func TestIllegalProbeTripsNoIllegalEvent(t *testing.T) {
	w := newWorld(t, 3)
	w.probe(2, zab.Probe{Kind: zab.ProbeIllegal, Zxid: zxid.Make(1, 2), Reason: "COMMIT without a pending proposal"})
	w.trips("no-illegal-event", "n2: COMMIT without a pending proposal at 1.2")
	w = newWorld(t, 3)
	w.probe(2, zab.Probe{Kind: zab.ProbeIllegal, Reason: "UPTODATE before NEWLEADER"})
	w.trips("no-illegal-event", "n2: UPTODATE before NEWLEADER")
}

func TestOtherProbesAreLegal(t *testing.T) {
	w := newWorld(t, 3)
	for _, k := range []zab.ProbeKind{zab.ProbeRole, zab.ProbeDrained, zab.ProbeSync, probeKinds, 200} {
		w.probe(2, zab.Probe{Kind: k, Mode: zab.SyncTruncDiff})
	}
	w.judge(Event{Kind: 200})
	w.honest()
}
