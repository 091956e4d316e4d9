package invariant

import "zabsim/zab"

// Seen is a set of Sometimes properties.
type Seen uint32

// The properties.
const (
	SeenEstablished Seen = 1 << iota
	SeenSecondLeader
	SeenTwoLeaders
	SeenLateEstablish
	SeenCommit
	SeenCommitByEstablish
	SeenLateCommit
	SeenCommitBeforeOwnSync
	SeenSyncDiff
	SeenSyncTrunc
	SeenSyncTruncDiff
	SeenSyncSnap
	SeenCrash
	SeenCrashOfLeader
	SeenCrashWithTail
	SeenIllegal
)

// Has tells whether s holds all of x.
func (s Seen) Has(x Seen) bool { return s&x == x }

// Names returns the names of the properties in s, in the order of their bits.
func (s Seen) Names() []string {
	var names []string
	for i := range properties {
		if s.Has(properties[i].Bit) {
			names = append(names, properties[i].Name)
		}
	}
	return names
}

const seenSource = "exemplars.md 15: a run that never got there proved little"

var properties = [...]Check{
	sometimes(SeenEstablished, "established", "A leader was established."),
	sometimes(SeenSecondLeader, "second-leader", "Leaders of two epochs were established."),
	sometimes(SeenTwoLeaders, "two-leaders-at-once", "Two servers led at the same time, past discovery, in different epochs: one of them does not know yet that it is deposed."),
	sometimes(SeenLateEstablish, "late-establish", "A leader was established after one of a later epoch: the last acknowledgement was long on its way."),
	sometimes(SeenCommit, "commit", "A leader committed a transaction."),
	sometimes(SeenCommitByEstablish, "commit-by-establish", "A transaction that its own leader never committed became committed as part of a later leader's initial history."),
	sometimes(SeenLateCommit, "late-commit", "A leader committed a transaction after a leader of a later epoch was established."),
	sometimes(SeenCommitBeforeOwnSync, "commit-before-own-sync", "A leader committed what was on a quorum's disks but not on its own."),
	sometimes(SeenSyncDiff, "sync-diff", "A learner was synchronized by DIFF."),
	sometimes(SeenSyncTrunc, "sync-trunc", "A learner was synchronized by TRUNC."),
	sometimes(SeenSyncTruncDiff, "sync-trunc-diff", "A learner was synchronized by TRUNC and then DIFF."),
	sometimes(SeenSyncSnap, "sync-snap", "A learner was synchronized by SNAP."),
	sometimes(SeenCrash, "crash", "A server crashed."),
	sometimes(SeenCrashOfLeader, "crash-of-leader", "A leader that served crashed."),
	sometimes(SeenCrashWithTail, "crash-with-unsynced-tail", "A server crashed and lost log records that it had not synced."),
	sometimes(SeenIllegal, "illegal", "A server met something that must not happen."),
}

func sometimes(bit Seen, name, doc string) Check {
	return Check{Name: name, Doc: doc, Source: seenSource, Kind: KindSometimes, Bit: bit}
}

func seenOfMode(m zab.SyncMode) Seen {
	switch m {
	case zab.SyncDiff:
		return SeenSyncDiff
	case zab.SyncTrunc:
		return SeenSyncTrunc
	case zab.SyncTruncDiff:
		return SeenSyncTruncDiff
	case zab.SyncSnap:
		return SeenSyncSnap
	}
	return 0
}
