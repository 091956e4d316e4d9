package zab

import (
	"fmt"
	"strconv"

	"zabsim/internal/fp"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// EpochFile is acceptedEpoch or currentEpoch as found on a disk.
type EpochFile struct {
	Present bool
	Text    string // a decimal number
	Temp    string // what a crash left in the temporary file, if anything
}

// Record is one log record as found on a disk.
type Record struct {
	Txn   *txn.Txn
	Sum   fp.Hash // the stored checksum
	Torn  bool    // the record ends early
	First bool    // the record is the first of its file
	// Gap tells that records before this one are missing; Chain is then the history up
	// to it, which a real log does not hold. Only with a bug.
	Gap   bool
	Chain fp.Hash
}

// Image is a server's data directory as a reboot finds it. Nothing in it has
// been checked.
type Image struct {
	Accepted, Current EpochFile
	Snaps             []*Snapshot // in the order they were written
	LogBase           zxid.Zxid   // what the first log file is rolled after
	// LogChain is the history up to LogBase. A real log does not hold it: it is known
	// from the snapshot that ends there, which a purge may have taken.
	LogChain fp.Hash
	Records  []Record
	// Bugs are those of the server that reads the directory, and Empty is what it takes
	// an empty one for: only needed with a bug.
	Bugs  bug.Set
	Empty *Snapshot
}

// Boot is what recovery read from a disk and found sound.
type Boot struct {
	Accepted, Current zxid.Epoch
	Snaps             []*Snapshot
	Log               Log
	Torn              bool // a torn tail was cut off
	WriteEpochs       bool // an epoch file was missing: both must be written before the start
}

// ImageError tells what is wrong with a data directory, in which file.
type ImageError struct {
	File   string // acceptedEpoch, currentEpoch, snapshot.<zxid>, log
	Record int    // 1-based number of the log record, 0 if none
	Why    string
}

// Error implements error.
func (e *ImageError) Error() string {
	if e.Record > 0 {
		return fmt.Sprintf("%s: record %d: %s", e.File, e.Record, e.Why)
	}
	return e.File + ": " + e.Why
}

// Recover reads a data directory. A torn last record ends the log silently
// (protocol fact 1.3); everything else that is wrong is an *ImageError, and the
// server does not start.
//
// Source: FileTxnSnapLog.restore, FileTxnLog, QuorumPeer.loadDataBase.
func Recover(img *Image) (Boot, error) {
	var b Boot
	base, err := b.readSnapshots(img)
	if err != nil {
		return Boot{}, err
	}
	if err := b.readLog(img, base); err != nil {
		return Boot{}, err
	}
	b.closeGap(img.Bugs)
	if img.Bugs.Has(bug.ReplayMissingParentFatal) {
		if err := b.missingParent(); err != nil {
			return Boot{}, err
		}
	}
	last, _ := b.Log.Last()
	if err := b.readEpochs(img, max(last, newest(b.Snaps).Name)); err != nil {
		return Boot{}, err
	}
	return b, nil
}

// readSnapshots keeps the snapshots that are whole. A damaged one is skipped, as the
// Java does, unless none is left: recovery goes back to an older one and replays
// more of the log. It
// returns the history up to the log's beginning.
func (b *Boot) readSnapshots(img *Image) (fp.Hash, error) {
	for _, s := range img.Snaps {
		if s.Intact() {
			b.Snaps = append(b.Snaps, s)
		}
	}
	if len(b.Snaps) == 0 && img.Bugs.Has(bug.TrustEmptySnapshot) && img.Empty != nil {
		b.Snaps = append(b.Snaps, img.Empty) // ZOOKEEPER-2325
		return img.Empty.Chain, nil
	}
	if len(b.Snaps) == 0 {
		return 0, &ImageError{File: "snapshot", Why: "no snapshot is whole; a log without one is not trusted (ZOOKEEPER-2325)"}
	}
	// The log must not begin behind the end of the newest snapshot.
	best := newest(b.Snaps)
	if best.Last < img.LogBase {
		return 0, &ImageError{File: "log", Why: "starts after " + img.LogBase.String() + ", but the newest whole snapshot ends with " + best.Last.String()}
	}
	for _, s := range b.Snaps {
		if s.Last == img.LogBase {
			return s.Chain, nil
		}
	}
	return img.LogChain, nil
}

// closeGap begins the log anew at the newest snapshot, if that holds more than the
// log. It can: a follower applies a commit before its own log writer has synced the
// record (protocol fact 6.2), a snapshot taken then is durable on its own, and a
// crash takes the records. ZooKeeper goes on appending behind the hole, which
// start-up does not notice since the snapshot covers it; but a DIFF from that log
// skips what is missing (ZOOKEEPER-2099, ZOOKEEPER-2846).
func (b *Boot) closeGap(bugs bug.Set) {
	best := newest(b.Snaps)
	if last, _ := b.Log.Last(); best.Last <= last {
		return
	}
	if bugs.Has(bug.HoleInLog) {
		b.Log.Skip(best.Last, best.Chain)
	} else {
		b.Log.Reset(best.Last, best.Chain)
	}
}

func (b *Boot) readLog(img *Image, chain fp.Hash) error {
	b.Log.Reset(img.LogBase, chain)
	last := img.LogBase
	for i := range img.Records {
		r := &img.Records[i]
		switch {
		case r.Torn && i == len(img.Records)-1:
			b.Torn = true
			return nil
		case r.Torn:
			return &ImageError{"log", i + 1, "ends early, but more records follow"}
		case r.Sum != r.Txn.Sum() || r.Sum != r.Txn.Hash:
			return &ImageError{"log", i + 1, fmt.Sprintf("checksum is %016x, %016x is right for %v", uint64(r.Sum), uint64(r.Txn.Sum()), r.Txn.Zxid)}
		case r.Txn.Zxid <= last:
			return &ImageError{"log", i + 1, fmt.Sprintf("zxid %v does not follow %v", r.Txn.Zxid, last)}
		}
		if r.First {
			b.Log.Roll()
		}
		if r.Gap {
			b.Log.Bridge(r.Txn, r.Chain)
		} else {
			b.Log.Append(r.Txn)
		}
		last = r.Txn.Zxid
	}
	return nil
}

// missingParent replays the log, and takes offence at a create without a parent: what
// releases with bug.ReplayMissingParentFatal do (ZOOKEEPER-1573). The parent is deleted
// further on in the log, and was, when the snapshot came to it.
func (b *Boot) missingParent() error {
	best := newest(b.Snaps)
	sm := best.State.Clone()
	for i := b.Log.After(best.Last); i < b.Log.Len(); i++ {
		t := b.Log.At(i).Txn
		if r := sm.Apply(t); t.Op.IsCreate() && r.Err == txn.NoNode {
			return &ImageError{"log", i + 1, fmt.Sprintf("%v makes %s, whose parent is not there", t.Zxid, t.Path)}
		}
	}
	return nil
}

// readEpochs parses the epoch files and checks accepted >= current >= epoch of
// the last zxid. A crash between history and currentEpoch legally leaves the
// last zxid one epoch ahead (protocol.md 13.5): the history of that epoch is
// complete then, so its epoch is taken, provided that it was promised. ZooKeeper
// takes it only if currentEpoch's temporary file was left over (protocol fact 1.2,
// ZOOKEEPER-4269). That file is not needed here: this rule takes the same epoch in
// every case in which the file would be used.
func (b *Boot) readEpochs(img *Image, last zxid.Zxid) error {
	if !img.Accepted.Present && !img.Current.Present {
		b.Accepted, b.Current, b.WriteEpochs = last.Epoch(), last.Epoch(), true
		return nil
	}
	b.WriteEpochs = !img.Accepted.Present || !img.Current.Present
	var err error
	if b.Accepted, err = parseEpoch("acceptedEpoch", &img.Accepted, last.Epoch()); err != nil {
		return err
	}
	if b.Current, err = parseEpoch("currentEpoch", &img.Current, last.Epoch()); err != nil {
		return err
	}
	if e := last.Epoch(); e > b.Current && e <= b.Accepted && !img.isStrict() {
		b.Current = e
	}
	switch {
	case b.Current > b.Accepted:
		return &ImageError{File: "currentEpoch", Why: fmt.Sprintf("is %d, acceptedEpoch is only %d", b.Current, b.Accepted)}
	case last.Epoch() > b.Current:
		return &ImageError{File: "currentEpoch", Why: fmt.Sprintf("is %d, but the history ends with %v", b.Current, last)}
	}
	return nil
}

// isStrict is ZOOKEEPER-2354: the epoch of the history counts only if a whole temporary
// file was left over (ZOOKEEPER-4269).
func (img *Image) isStrict() bool {
	temp := EpochFile{Present: true, Text: img.Current.Temp}
	_, err := parseEpoch("currentEpoch", &temp, 0)
	return err != nil && img.Bugs.Has(bug.StrictEpochCheck)
}

func parseEpoch(name string, f *EpochFile, missing zxid.Epoch) (zxid.Epoch, error) {
	if !f.Present {
		return missing, nil
	}
	n, err := strconv.ParseUint(f.Text, 10, 31)
	if err != nil {
		return 0, &ImageError{File: name, Why: fmt.Sprintf("%q is no epoch; a whole number is wanted", f.Text)}
	}
	return zxid.Epoch(n), nil
}

// newest returns the snapshot with the highest name, the later one of two.
func newest(snaps []*Snapshot) *Snapshot {
	best := snaps[0]
	for _, s := range snaps[1:] {
		if s.Name >= best.Name {
			best = s
		}
	}
	return best
}

// Rebuild loads the newest snapshot by name and replays what the log has after
// it, committed or not (protocol fact 13.2). It returns the state, the last
// transaction in it, and lastProcessedZxid.
func (b *Boot) Rebuild() (txn.StateMachine, zxid.Zxid, fp.Hash, zxid.Zxid) {
	return rebuild(b.Snaps, &b.Log)
}

// RebuildTo is Rebuild that stops after transaction z, unless the newest snapshot
// already holds more.
func (b *Boot) RebuildTo(z zxid.Zxid) (txn.StateMachine, zxid.Zxid, fp.Hash) {
	log := b.Log
	log.Cut(log.After(z))
	sm, last, chain, _ := rebuild(b.Snaps, &log)
	return sm, last, chain
}

func rebuild(snaps []*Snapshot, log *Log) (txn.StateMachine, zxid.Zxid, fp.Hash, zxid.Zxid) {
	best := newest(snaps)
	sm, last, chain, processed := best.State.Clone(), best.Last, best.Chain, best.Name
	for i := log.After(last); i < log.Len(); i++ {
		e := log.At(i)
		sm.Apply(e.Txn)
		last, chain = e.Txn.Zxid, ChainNext(chain, e.Txn)
		processed = max(processed, last)
	}
	return sm, last, chain, processed
}
