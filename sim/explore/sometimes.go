package explore

import (
	"zabsim/sim/invariant"
	"zabsim/zab/bug"
)

// Unreached returns the names of the sometimes-properties that a complete search
// has not reached, in the order of their registry: no schedule within its bounds
// gets there. It is empty for a search that is not complete, which does not know.
// Left out are those that no schedule of such a model can reach, see possible; and
// "illegal", which is no goal.
func (r *Result) Unreached(m *Model) []string {
	if !r.Complete {
		return nil
	}
	return (possible(m) &^ r.Seen).Names()
}

// possible returns the sometimes-properties that are not excluded by what a model
// is made of. It errs towards possible: what only the protocol excludes stays, and
// is what a complete search is asked for.
func possible(m *Model) invariant.Seen {
	const (
		crashes = invariant.SeenCrash | invariant.SeenCrashOfLeader | invariant.SeenCrashWithTail | invariant.SeenCrashAtAccepted |
			invariant.SeenCrashAtTruncate | invariant.SeenCrashAtSnapshot | invariant.SeenCrashAtHistory | invariant.SeenCrashAtCurrent
		learners = invariant.SeenSyncDiff | invariant.SeenSyncTrunc | invariant.SeenSyncTruncDiff | invariant.SeenSyncSnap | invariant.SeenLateJoiner |
			invariant.SeenDiffFromLog | invariant.SeenTwoLeaders | invariant.SeenLateEstablish | invariant.SeenLateCommit
		writes    = invariant.SeenCommit | invariant.SeenCommitByEstablish | invariant.SeenLateCommit | invariant.SeenCommitBeforeOwnSync | invariant.SeenDeliverBeforeOwnSync
		observers = invariant.SeenObserverServed | invariant.SeenObserverDelivered
		// A search purges nothing, and its scripts ask for nothing that fails. Its
		// counter does not overflow unless a bug says so.
		never = invariant.SeenIllegal | invariant.SeenPurge | invariant.SeenErrorTxn
	)
	var all invariant.Seen
	for i := invariant.Seen(1); len(i.Names()) == 1; i <<= 1 {
		all |= i
	}
	all &^= never
	bare := len(m.Prefix) == 0 && m.Scenario == ""
	if m.Crashes+m.Reboots == 0 && bare {
		all &^= crashes
	}
	if m.Servers+m.Observers == 1 {
		all &^= learners
	}
	if m.Observers == 0 {
		all &^= observers
	}
	if m.Writes == 0 && bare {
		all &^= writes
	}
	if !m.Bugs.Has(bug.ZxidRollover) {
		all &^= invariant.SeenOverflow
	}
	return all
}
