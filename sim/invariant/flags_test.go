package invariant

import (
	"testing"

	"zabsim/zab"
	"zabsim/zab/zxid"
)

func TestIllegalProbesTripTheirFlags(t *testing.T) {
	for flag, name := range map[zab.Flag]string{
		zab.FlagState: "flag-state", zab.FlagProposal: "flag-proposal", zab.FlagCommit: "flag-commit",
		zab.FlagAck: "flag-ack", zab.FlagMessage: "flag-message", zab.FlagDisk: "disk-opens",
	} {
		w := newWorld(t, 3)
		w.probe(2, zab.Probe{Kind: zab.ProbeIllegal, Flag: flag, Zxid: zxid.Make(1, 2), Reason: "COMMIT without a pending proposal"})
		w.trips(name, "n2: COMMIT without a pending proposal at 1.2")
		w = newWorld(t, 3)
		w.probe(2, zab.Probe{Kind: zab.ProbeIllegal, Flag: flag, Reason: "UPTODATE before NEWLEADER"})
		w.trips(name, "n2: UPTODATE before NEWLEADER")
	}
}

func TestOtherProbesAreLegal(t *testing.T) {
	w := newWorld(t, 3)
	for _, k := range []zab.ProbeKind{zab.ProbeRole, zab.ProbeDrained, zab.ProbeSync, zab.ProbeSnapshot, zab.ProbePurge, zab.ProbeOverflow, probeKinds, 200} {
		w.probe(2, zab.Probe{Kind: k, Mode: zab.SyncTruncDiff})
	}
	w.judge(Event{Kind: 200})
	w.honest()
}
