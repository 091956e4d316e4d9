package invariant

import (
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// Seen is a set of Sometimes properties.
type Seen uint64

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
	SeenCrashAtAccepted
	SeenCrashAtTruncate
	SeenCrashAtSnapshot
	SeenCrashAtHistory
	SeenCrashAtCurrent
	SeenObserverServed
	SeenObserverDelivered
	SeenLateJoiner
	SeenDiffFromLog
	SeenSnapshot
	SeenSnapshotWhileWriting
	SeenPurge
	SeenErrorTxn
	SeenOverflow
	SeenDeliverBeforeOwnSync
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
	sometimes(SeenCrashAtAccepted, "crash-at-accepted-epoch", "A learner crashed while it wrote acceptedEpoch, before ACKEPOCH."),
	sometimes(SeenCrashAtTruncate, "crash-at-truncate", "A learner crashed while it truncated its log."),
	sometimes(SeenCrashAtSnapshot, "crash-at-snapshot", "A learner crashed at NEWLEADER while it wrote the snapshot."),
	sometimes(SeenCrashAtHistory, "crash-at-history", "A learner crashed at NEWLEADER while it synced the history, before currentEpoch."),
	sometimes(SeenCrashAtCurrent, "crash-at-current-epoch", "A learner crashed at NEWLEADER between history and ACK, while it wrote currentEpoch."),
	sometimes(SeenObserverServed, "observer-served", "An observer came to serve clients."),
	sometimes(SeenObserverDelivered, "observer-delivered", "An observer applied what INFORM told it."),
	sometimes(SeenLateJoiner, "late-joiner", "A learner was synchronized by a leader that served already."),
	sometimes(SeenDiffFromLog, "diff-from-log", "A DIFF was made of the log on disk, behind the committedLog window."),
	sometimes(SeenSnapshot, "snapshot", "A server took a snapshot because its log had grown."),
	sometimes(SeenSnapshotWhileWriting, "snapshot-while-writing", "Transactions were applied while a snapshot was dumped: it is fuzzy."),
	sometimes(SeenPurge, "purge", "Snapshots and log files that were not needed were purged."),
	sometimes(SeenErrorTxn, "error-txn", "A failed update was committed as an error transaction, with a zxid of its own."),
	sometimes(SeenOverflow, "counter-overflow", "A leader stepped down because its counter came to its end."),
	sometimes(SeenDeliverBeforeOwnSync, "deliver-before-own-sync", "A server applied a commit before its own disk had the record."),
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

func seenOfStep(st zab.Step) Seen {
	switch st {
	case zab.StepAccepted:
		return SeenCrashAtAccepted
	case zab.StepTrunc:
		return SeenCrashAtTruncate
	case zab.StepSnapshot:
		return SeenCrashAtSnapshot
	case zab.StepHistory:
		return SeenCrashAtHistory
	case zab.StepCurrent:
		return SeenCrashAtCurrent
	}
	return 0
}

func seenOfProbe(p *zab.Probe) Seen {
	switch {
	case p.Kind == zab.ProbePurge:
		return SeenPurge
	case p.Kind == zab.ProbeOverflow:
		return SeenOverflow
	case p.Set != 0:
		return SeenSnapshot | SeenSnapshotWhileWriting
	}
	return SeenSnapshot
}

func (v *View) seenOfSync(leader quorum.ServerID, p *zab.Probe) Seen {
	s := seenOfMode(p.Mode)
	if st := v.Status[leader]; st != nil && st.Leader == leader && st.Serving {
		s |= SeenLateJoiner
	}
	if p.Reason == "log" {
		s |= SeenDiffFromLog
	}
	return s
}

func (v *View) seenOfDelivery(id quorum.ServerID, p *zab.Probe) (s Seen) {
	const both = SeenObserverDelivered | SeenDeliverBeforeOwnSync
	if v.Seen.Has(both) {
		return 0 // deliveries are many
	}
	if v.Quorum.Observers.Has(id) {
		s |= SeenObserverDelivered
	}
	if d := v.Disk[id]; d != nil && !d.Reaches(p.Zxid) {
		s |= SeenDeliverBeforeOwnSync
	}
	return s
}
