package zab

import (
	"zabsim/internal/fp"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// snapLane is the snapshot thread that the log writer starts: it dumps the tree
// node by node while transactions go on. At most one runs.
//
// Source: SyncRequestProcessor.run (snapThreadMutex), ZooKeeperServer.takeSnapshot,
// FileTxnSnapLog.save.
type snapLane struct {
	wanted bool // the thread was started and has not begun
	moved  bool // a transaction was applied during the dump
	dump   txn.Dump
	name   zxid.Zxid // lastProcessedZxid when the dump began
	last   zxid.Zxid // the last transaction in the tree then
	chain  fp.Hash
	done   *Snapshot // the dump has ended, its file is being synced and renamed
}

func (l *snapLane) runnable() bool { return l.wanted || l.dump != nil }

func (l *snapLane) idle() bool { return !l.runnable() && l.done == nil }

func (l *snapLane) fold(h fp.Hash) fp.Hash {
	if l.idle() {
		return h.Word(0)
	}
	h = h.Word(1 | flags(l.wanted, l.moved)<<1).Word(uint64(l.name)).Word(uint64(l.last)).Word(uint64(l.chain))
	if l.dump != nil {
		h = h.Word(uint64(l.dump.Fingerprint()))
	}
	if l.done != nil {
		h = h.Word(uint64(l.done.Hash()))
	}
	return h
}

func (l *snapLane) cloneInto(dst *snapLane) {
	*dst = *l
	if l.dump != nil {
		dst.dump = l.dump.Clone()
	}
}

// countAppend is the log writer's decision after an append: after half of snapCount
// and a random part of the other half it rolls the log and starts the snapshot
// thread, unless that is still busy. The random part keeps the servers of an
// ensemble from snapshotting together; here it follows from the server and the
// zxid.
func (s *Server) countAppend(z zxid.Zxid, out *Effects) {
	if s.cfg.SnapCount == 0 {
		return
	}
	l := &s.sync
	if l.sinceRoll == 0 {
		half := max(s.cfg.SnapCount/2, 1)
		draw := fp.New(0x7263).Word(uint64(s.cfg.ID)).Word(uint64(z)).Done()
		l.rollAfter = half + int(uint64(draw)%uint64(half))
	}
	l.sinceRoll++
	if l.sinceRoll <= l.rollAfter {
		return
	}
	l.sinceRoll, l.rollAfter = 0, 0
	s.log.Roll()
	out.disk(DiskOp{Kind: DiskRoll})
	if s.snap.idle() {
		s.snap.wanted = true
	}
}

// runSnap begins the dump, copies one node more, or hands the file to the disk.
func (s *Server) runSnap(out *Effects) {
	l := &s.snap
	switch {
	case l.wanted:
		*l = snapLane{dump: s.sm.Dump(), name: s.lastProcessed, last: s.applied, chain: s.chain}
	case l.dump == nil:
	case l.dump.Next(s.sm):
	default:
		l.done, l.dump = NewSnapshot(l.name, l.last, l.chain, l.dump.State()), nil
		out.disk(DiskOp{Kind: DiskSnapshot, Token: TokenSnap, Snap: l.done, Retain: s.retain(true)})
	}
}

// snapWritten is told that the snapshot is durable and that the disk is purged.
func (s *Server) snapWritten(out *Effects) {
	l := &s.snap
	if l.done == nil {
		return
	}
	p := Probe{Kind: ProbeSnapshot, Zxid: l.name}
	if l.moved {
		p.Set = quorum.Of(s.cfg.ID)
	}
	out.probe(p)
	snaps, gone := Install(s.snaps, &s.log, l.done, false, s.retain(true))
	if gone > 0 || len(snaps) < len(s.snaps) {
		out.probe(Probe{Kind: ProbePurge, Zxid: l.name})
	}
	s.snaps = snaps
	*l = snapLane{}
	if s.stopping {
		s.drainSync(out)
	}
}

// cancel ends a dump that is not complete: its role has ended, and the tree is about
// to take in what is not committed. Java lets the thread go on; its snapshot can
// then hold what a later TRUNC takes back.
func (l *snapLane) cancel() {
	if l.done == nil {
		*l = snapLane{}
	}
}

// retain returns DiskOp.Retain for a snapshot: only the snapshot thread purges. A
// search keeps no more than the ends, so that its states stay few.
func (s *Server) retain(purges bool) int {
	switch {
	case s.cfg.Timeless:
		return RetainEnds
	case purges:
		return s.cfg.SnapRetain
	}
	return 0
}

// RetainEnds as DiskOp.Retain keeps the snapshot that the log starts at and the
// newest.
const RetainEnds = -1

// Install puts a finished snapshot among the files and purges what retain lets go.
// With fence set the log does not lead up to it, so that the log and all other
// snapshots become obsolete. A snapshot of the same name is replaced, as its file
// is. It returns the snapshots and how many records the log has lost at its front.
func Install(snaps []*Snapshot, log *Log, snap *Snapshot, fence bool, retain int) ([]*Snapshot, int) {
	if fence {
		log.Reset(snap.Last, snap.Chain)
		return []*Snapshot{snap}, 0
	}
	base, _ := log.Base()
	kept := make([]*Snapshot, 0, len(snaps)+1)
	for _, old := range snaps {
		if old.Name != snap.Name && (retain >= 0 || old.Last == base && len(kept) == 0) {
			kept = append(kept, old)
		}
	}
	kept = append(kept, snap)
	if retain <= 0 || len(kept) <= retain {
		return kept, 0
	}
	return purge(kept, log, retain)
}

// purge keeps the newest snapshots by name, and of the log what the oldest of them
// needs. Source: PurgeTxnLog.
func purge(snaps []*Snapshot, log *Log, retain int) ([]*Snapshot, int) {
	for len(snaps) > retain {
		oldest := 0
		for i := range snaps {
			if snaps[i].Name < snaps[oldest].Name {
				oldest = i
			}
		}
		snaps = removeAt(snaps, oldest)
	}
	least := snaps[0].Last
	for _, s := range snaps {
		least = min(least, s.Last)
	}
	return snaps, log.Purge(least)
}

// DropAfter returns list without the snapshots that hold more than z.
func DropAfter(list []*Snapshot, z zxid.Zxid) []*Snapshot {
	var kept []*Snapshot
	for _, s := range list {
		if s.Last <= z {
			kept = append(kept, s)
		}
	}
	return kept
}
