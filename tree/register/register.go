// Package register is the smallest replicated state machine: a map of versioned
// registers with set, compare-and-set and get. It stands where the znode tree
// will stand, and stays as the state machine of small searches.
//
// A key that was never set reads as version 0 with empty data, as if set-up had
// created it. Each successful set adds one to the version.
package register

import (
	"zabsim/internal/fp"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

type entry struct {
	path    string
	data    string
	version int32
	mzxid   zxid.Zxid
}

// change is a version that an earlier Prep announced and Apply has not reached.
type change struct {
	path    string
	version int32
	zxid    zxid.Zxid
}

// Map is the registers, sorted by path. The zero value is empty and ready.
type Map struct {
	entries []entry
	digest  fp.Sum
	pending []change
	shared  bool // entries are also seen by a clone: copy before writing
}

var _ txn.StateMachine = (*Map)(nil)

// New returns an empty map.
func New() *Map { return &Map{} }

func (m *Map) find(path string) (int, bool) {
	lo, hi := 0, len(m.entries)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if m.entries[mid].path < path {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(m.entries) && m.entries[lo].path == path
}

// version returns the version that path will have when everything announced is
// applied: ZooKeeper's outstandingChanges.
func (m *Map) version(path string) int32 {
	for i := len(m.pending) - 1; i >= 0; i-- {
		if m.pending[i].path == path {
			return m.pending[i].version
		}
	}
	if i, ok := m.find(path); ok {
		return m.entries[i].version
	}
	return 0
}

// Prep implements txn.StateMachine.
func (m *Map) Prep(r *txn.Request, _ txn.SessionCheck, z zxid.Zxid, wallNano int64) *txn.Txn {
	t := &txn.Txn{Zxid: z, Session: r.Session, Cxid: r.Cxid, WallNano: wallNano, Path: r.Path}
	cur := m.version(r.Path)
	switch {
	case r.Op != txn.OpSetData:
		t.Op, t.Of, t.Err = txn.OpError, r.Op, txn.Unimplemented
	case r.Version != txn.AnyVersion && r.Version != cur:
		t.Op, t.Of, t.Err = txn.OpError, r.Op, txn.BadVersion
	default:
		t.Op, t.Data, t.Version = txn.OpSetData, r.Data, cur+1
		m.pending = append(m.pending, change{r.Path, cur + 1, z})
	}
	return t.Seal()
}

// Forget implements txn.StateMachine.
func (m *Map) Forget() { m.pending = m.pending[:0] }

// Apply implements txn.StateMachine.
func (m *Map) Apply(t *txn.Txn) txn.Result {
	for len(m.pending) > 0 && m.pending[0].zxid <= t.Zxid {
		copy(m.pending, m.pending[1:])
		m.pending = m.pending[:len(m.pending)-1]
	}
	if t.Op != txn.OpSetData {
		return txn.Result{Err: t.Err}
	}
	e := m.writable(t.Path)
	m.digest = m.digest.Sub(0, e.hash())
	e.data, e.version, e.mzxid = t.Data, t.Version, t.Zxid
	m.digest = m.digest.Add(0, e.hash())
	return txn.Result{Stat: txn.Stat{Version: t.Version, Mzxid: t.Zxid, DataLength: int32(len(t.Data))}}
}

// writable returns the entry of path, made if absent, in memory that no clone
// sees.
func (m *Map) writable(path string) *entry {
	i, ok := m.find(path)
	if m.shared {
		m.entries = append(make([]entry, 0, len(m.entries)+1), m.entries...)
		m.shared = false
	}
	if !ok {
		m.entries = append(m.entries, entry{})
		copy(m.entries[i+1:], m.entries[i:])
		m.entries[i] = entry{path: path}
		m.digest = m.digest.Add(0, m.entries[i].hash())
	}
	return &m.entries[i]
}

func (e *entry) hash() fp.Hash {
	return fp.New(0x7267).String(e.path).String(e.data).Word(uint64(uint32(e.version))).Word(uint64(e.mzxid))
}

// Read implements txn.StateMachine.
func (m *Map) Read(r *txn.Request, _ txn.Watcher) txn.Result {
	if r.Op == txn.OpSync {
		return txn.Result{}
	}
	if r.Op != txn.OpGetData {
		return txn.Result{Err: txn.Unimplemented}
	}
	i, ok := m.find(r.Path)
	if !ok {
		return txn.Result{}
	}
	e := &m.entries[i]
	return txn.Result{Data: e.data, Stat: txn.Stat{Version: e.version, Mzxid: e.mzxid, DataLength: int32(len(e.data))}}
}

// Events implements txn.StateMachine: registers have no watches.
func (m *Map) Events() []txn.Event { return nil }

// Unwatch implements txn.StateMachine.
func (m *Map) Unwatch(txn.Watcher) {}

// Crashed implements txn.StateMachine.
func (m *Map) Crashed() string { return "" }

// SessionTimeout implements txn.StateMachine: registers know no sessions.
func (m *Map) SessionTimeout(txn.SessionID) (int32, bool) { return 0, false }

// Sessions implements txn.StateMachine.
func (m *Map) Sessions(func(txn.SessionID, int32) bool) {}

// DropOrphans implements txn.StateMachine.
func (m *Map) DropOrphans(zxid.Zxid) {}

// Expired implements txn.StateMachine.
func (m *Map) Expired(int64, int64) []string { return nil }

// Digest implements txn.StateMachine: it is kept up to date by Apply.
func (m *Map) Digest() fp.Hash { return m.digest.Hash() }

// Fingerprint implements txn.StateMachine.
func (m *Map) Fingerprint() fp.Hash {
	h := fp.New(0x726D).Word(uint64(m.Digest())).Word(uint64(len(m.pending)))
	for _, c := range m.pending {
		h = h.String(c.path).Word(uint64(uint32(c.version))).Word(uint64(c.zxid))
	}
	return h
}

// Clone implements txn.StateMachine. The entries are shared until one side
// writes.
func (m *Map) Clone() txn.StateMachine {
	if !m.shared { // a frozen map may be cloned by several workers at once
		m.shared = true
	}
	c := &Map{entries: m.entries, digest: m.digest, shared: true}
	c.pending = append(c.pending, m.pending...)
	return c
}
