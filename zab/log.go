package zab

import (
	"sort"

	"zabsim/internal/fp"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Entry is one log record with the fingerprint of the history up to it.
type Entry struct {
	Txn   *txn.Txn
	Chain fp.Hash
	First bool // of its file, which is named log.<zxid>
	Gap   bool // records between the one before and this one are missing: only with a bug
}

// Log is a transaction log: what lies between a snapshot and now. Zxids rise
// strictly, so code that holds a Log need not check.
//
// Histories are compared by Chain: two logs that have equal chains at a zxid
// hold equal histories up to it. Copies share entries until one of them grows.
type Log struct {
	baseZxid  zxid.Zxid // the history before the first entry ends here
	baseChain fp.Hash
	entries   []Entry
	rolled    bool // the next record begins a file

	// Where the next record goes on, if that is not the last record: only with a bug.
	skipZxid  zxid.Zxid
	skipChain fp.Hash
}

// ChainNext extends the fingerprint of a history by t.
func ChainNext(chain fp.Hash, t *txn.Txn) fp.Hash { return chain.Word(uint64(t.Hash)) }

// Reset empties the log; its history so far ends with z.
func (l *Log) Reset(z zxid.Zxid, chain fp.Hash) {
	*l = Log{baseZxid: z, baseChain: chain}
}

// Roll makes the next record the first of a new file: FileTxnLog.rollLog, and what
// the first append of a process does. (A log that was truncated goes on in its last
// file here; in Java it begins another.)
func (l *Log) Roll() { l.rolled = true }

// Files returns how many files the log has.
func (l *Log) Files() int {
	n := 0
	for i := range l.entries {
		if l.entries[i].First {
			n++
		}
	}
	return n
}

// Purge drops the files that a snapshot which ends at z makes needless: all before
// the one that may hold the first record after it. It returns how many records are
// gone. Source: PurgeTxnLog, FileTxnLog.getLogFiles.
func (l *Log) Purge(z zxid.Zxid) int {
	cut := 0
	for i := range l.entries {
		if l.entries[i].Txn.Zxid > z {
			break
		}
		if l.entries[i].First {
			cut = i
		}
	}
	if cut > 0 {
		l.baseZxid, l.baseChain = l.entries[cut-1].Txn.Zxid, l.entries[cut-1].Chain
		l.entries = l.entries[cut:]
	}
	return cut
}

// bytesFrom returns the size of the files from the one that holds entry i on.
func (l *Log) bytesFrom(i int) int64 {
	for i > 0 && !l.entries[i].First {
		i--
	}
	n := int64(0)
	for ; i < len(l.entries); i++ {
		n += l.entries[i].Txn.Bytes()
	}
	return n
}

// Append adds t, which must be newer than the last entry. Callers test that first
// (Server.appendLog, readLog); the panic is the backstop that keeps a Log sound.
func (l *Log) Append(t *txn.Txn) {
	last, chain := l.Last()
	if t.Zxid <= last {
		panic("zab: log append of " + t.Zxid.String() + " after " + last.String())
	}
	gap := l.skipZxid != 0
	if gap {
		chain, l.skipZxid, l.skipChain = l.skipChain, 0, 0
	}
	l.entries = append(l.entries, Entry{t, ChainNext(chain, t), l.rolled || len(l.entries) == 0, gap})
	l.rolled = false
}

// Skip lets the next record follow a history that ends with z, though the log does
// not reach that far: a snapshot does (ZOOKEEPER-2099).
func (l *Log) Skip(z zxid.Zxid, chain fp.Hash) { l.skipZxid, l.skipChain = z, chain }

// Bridge appends t behind a hole. The chain is that of the history up to t.
func (l *Log) Bridge(t *txn.Txn, chain fp.Hash) {
	l.Append(t)
	e := &l.entries[len(l.entries)-1]
	e.Chain, e.Gap = chain, true
}

// Unbroken returns the index of the first entry from which on no record is missing.
func (l *Log) Unbroken() int {
	n := len(l.entries)
	if l.skipZxid != 0 {
		return n
	}
	for n > 0 && !l.entries[n-1].Gap {
		n--
	}
	return max(n-1, 0)
}

// Last returns the zxid of the last transaction and the chain up to it.
func (l *Log) Last() (zxid.Zxid, fp.Hash) {
	if n := len(l.entries); n > 0 {
		return l.entries[n-1].Txn.Zxid, l.entries[n-1].Chain
	}
	return l.baseZxid, l.baseChain
}

// Base returns where the history before the first entry ends.
func (l *Log) Base() (zxid.Zxid, fp.Hash) { return l.baseZxid, l.baseChain }

// Len returns the number of entries.
func (l *Log) Len() int { return len(l.entries) }

// At returns entry i.
func (l *Log) At(i int) *Entry { return &l.entries[i] }

// After returns the index of the first entry that is newer than z.
func (l *Log) After(z zxid.Zxid) int {
	if n := len(l.entries); n == 0 || z >= l.entries[n-1].Txn.Zxid {
		return n // the common case: nothing is newer
	}
	return sort.Search(len(l.entries), func(i int) bool { return l.entries[i].Txn.Zxid > z })
}

// ChainAt returns the fingerprint of the history up to z; false if the log has
// no transaction z and does not start there.
func (l *Log) ChainAt(z zxid.Zxid) (fp.Hash, bool) {
	i := l.After(z)
	switch {
	case i > 0 && l.entries[i-1].Txn.Zxid == z:
		return l.entries[i-1].Chain, true
	case i == 0 && l.baseZxid == z:
		return l.baseChain, true
	}
	return 0, false
}

// Truncate cuts everything after z. It reports false, and changes nothing, if
// the log cannot end there: z is no entry and not the base.
func (l *Log) Truncate(z zxid.Zxid) bool {
	if _, ok := l.ChainAt(z); !ok {
		return false
	}
	l.Cut(l.After(z))
	return true
}

// Cut keeps the first n entries.
func (l *Log) Cut(n int) {
	if n < len(l.entries) {
		l.skipZxid, l.skipChain = 0, 0
	}
	l.entries = l.entries[:n:n]
}

// Overcut takes the last record as well, unless its file begins with it
// (ZOOKEEPER-1156).
func (l *Log) Overcut() {
	if n := len(l.entries); n > 0 && !l.entries[n-1].First {
		l.Cut(n - 1)
	}
}

// CloneInto makes dst an independent copy that shares the entries.
func (l *Log) CloneInto(dst *Log) {
	if len(l.entries) != cap(l.entries) { // a frozen log may be cloned by several workers at once
		l.entries = l.entries[:len(l.entries):len(l.entries)]
	}
	*dst = *l
}

// Fingerprint names the log: its base and, by the last chain, all of it.
func (l *Log) Fingerprint() fp.Hash {
	_, chain := l.Last()
	h := fp.New(0x6C67).Word(uint64(l.baseZxid)).Word(uint64(l.baseChain)).Word(uint64(len(l.entries))).Word(uint64(chain))
	h = h.Bool(l.rolled)
	if l.skipZxid != 0 || l.skipChain != 0 {
		h = h.Word(uint64(l.skipZxid)).Word(uint64(l.skipChain))
	}
	files := 0
	for i := range l.entries {
		if l.entries[i].First {
			files++
		}
		if l.entries[i].Gap {
			h = h.Word(uint64(i)).Word(uint64(l.entries[max(i-1, 0)].Chain))
		}
	}
	return h.Word(uint64(files))
}

// Snapshot is a finished snapshot file: immutable, shared by pointer. It is fuzzy:
// it holds all up to Last, and perhaps parts of what came later. Replay of the log
// from there on makes it whole (protocol fact 13.1).
type Snapshot struct {
	Name  zxid.Zxid        // lastProcessedZxid when it was taken, may be (e,0)
	Last  zxid.Zxid        // the last transaction that is wholly inside
	Chain fp.Hash          // the history inside
	State txn.StateMachine // frozen: clone before use
	Sum   fp.Hash          // of all of the above: what the file's checksum covers
	Bytes int64            // about what the file takes
}

// snapshotBytes is what a snapshot of nothing takes: header, an empty session map,
// the ACL cache, the root and its reserved children, and the trailer (FileSnap).
const snapshotBytes = 450

// NewSnapshot freezes state, which must not be used by anyone else. What a leader
// has announced but not applied is no part of a snapshot.
func NewSnapshot(name, last zxid.Zxid, chain fp.Hash, state txn.StateMachine) *Snapshot {
	state.Forget()
	_ = state.Clone() // it is shared from now on, and says so before several workers of a search copy it at once
	s := &Snapshot{Name: name, Last: last, Chain: chain, State: state}
	s.Sum, s.Bytes = s.checksum(), snapshotBytes+state.Bytes()
	return s
}

func (s *Snapshot) checksum() fp.Hash {
	return fp.New(0x736E).Word(uint64(s.Name)).Word(uint64(s.Last)).Word(uint64(s.Chain)).Word(uint64(s.State.Digest()))
}

// Hash names the snapshot.
func (s *Snapshot) Hash() fp.Hash { return s.Sum }

// Intact tells whether the checksum fits the content.
func (s *Snapshot) Intact() bool { return s.Sum == s.checksum() }
