package register

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/internal/fp"
	"zabsim/internal/statecheck"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

func set(path, data string, version int32) *txn.Request {
	return &txn.Request{Session: 1, Cxid: 1, Op: txn.OpSetData, Path: path, Data: data, Version: version}
}

func get(path string) *txn.Request {
	return &txn.Request{Session: 1, Cxid: 1, Op: txn.OpGetData, Path: path}
}

// tale writes to one map with one zxid after the other.
type tale struct {
	*Map
	next zxid.Zxid
}

func newTale() *tale { return &tale{New(), zxid.Make(1, 1)} }

func (s *tale) prep(r *txn.Request) *txn.Txn {
	t := s.Prep(r, txn.SessionCheck{}, s.next, 7)
	s.next++
	return t
}

func (s *tale) do(r *txn.Request) txn.Result { return s.Apply(s.prep(r)) }

func TestNeverSetIsVersionZero(t *testing.T) {
	s := newTale()
	assert.Equal(t, txn.Result{}, s.Read(get("/a"), 0))
	assert.Equal(t, txn.Result{Stat: txn.Stat{Version: 1, Mzxid: zxid.Make(1, 1), DataLength: 1}}, s.do(set("/a", "x", 0)))
	assert.Equal(t, txn.Result{Data: "x", Stat: txn.Stat{Version: 1, Mzxid: zxid.Make(1, 1), DataLength: 1}}, s.Read(get("/a"), 0))
	assert.Equal(t, txn.Result{Err: txn.Unimplemented}, s.Read(set("/a", "", 0), 0))
}

// Goal: Prep sees what is announced and not applied, as ZooKeeper's
// outstandingChanges (protocol fact 8.4). Method: a pipeline of compare-and-sets.
func TestPipelinedCompareAndSet(t *testing.T) {
	s := newTale()
	a := s.prep(set("/a", "1", 0))
	b := s.prep(set("/a", "2", 1)) // right only after a
	c := s.prep(set("/a", "3", 1)) // too late: b took version 1
	d := s.prep(set("/a", "4", txn.AnyVersion))
	e := s.prep(set("/b", "5", 0)) // another path
	require.Equal(t, []int32{1, 2, 0, 3, 1}, []int32{a.Version, b.Version, c.Version, d.Version, e.Version})
	require.Equal(t, txn.OpError, c.Op)
	require.Equal(t, txn.BadVersion, c.Err)
	require.Equal(t, zxid.Make(1, 3), c.Zxid, "a failed update takes a zxid, too")

	require.Equal(t, int32(1), s.Apply(a).Stat.Version)
	assert.Equal(t, "1", s.Read(get("/a"), 0).Data, "reads see applied changes only")
	s.Apply(b)
	assert.Equal(t, txn.Result{Err: txn.BadVersion}, s.Apply(c))
	s.Apply(d)
	s.Apply(e)
	assert.Empty(t, s.pending)
	assert.Equal(t, txn.OpSetData, s.prep(set("/a", "", 3)).Op)
}

func TestForgetDropsAnnouncedChanges(t *testing.T) {
	s := newTale()
	s.prep(set("/a", "1", 0))
	s.Forget()
	assert.Equal(t, txn.BadVersion, s.prep(set("/a", "2", 1)).Err)
	assert.Equal(t, txn.OpSetData, s.prep(set("/a", "2", 0)).Op)
}

func TestErrorTransactionsChangeNothing(t *testing.T) {
	s := newTale()
	s.do(set("/a", "1", 0))
	before := s.Digest()
	bad := s.prep(&txn.Request{Session: 4, Cxid: 9, Op: txn.OpGetData, Path: "/a"})
	require.Equal(t, txn.OpError, bad.Op)
	require.Equal(t, txn.SessionID(4), bad.Session)
	require.Equal(t, uint32(9), bad.Cxid)
	assert.Equal(t, txn.Result{Err: txn.Unimplemented}, s.Apply(bad))
	assert.Equal(t, before, s.Digest())
	assert.Equal(t, bad.Sum(), bad.Hash, "sealed")
}

func TestDigestNamesTheContent(t *testing.T) {
	a, b := newTale(), newTale()
	ta, tb := a.prep(set("/a", "1", 0)), a.prep(set("/b", "2", 0))
	a.Apply(ta)
	a.Apply(tb)
	b.Apply(tb) // another order of arrival, the same content
	b.Apply(ta)
	assert.Equal(t, a.Digest(), b.Digest())
	assert.Equal(t, a.Fingerprint(), b.Fingerprint())
	assert.NotEqual(t, New().Digest(), a.Digest())
	before := a.Digest()
	a.prep(set("/a", "3", 1))
	assert.Equal(t, before, a.Digest(), "announced changes are not in it")
	assert.NotEqual(t, b.Fingerprint(), a.Fingerprint(), "but in the fingerprint")
}

// rebuilt returns the digest of the entries, counted from nothing.
func (m *Map) rebuilt() fp.Hash {
	var sum fp.Sum
	for i := range m.entries {
		sum = sum.Add(0, m.entries[i].hash())
	}
	return sum.Hash()
}

// Goal: no field is forgotten, nothing that a clone changes is seen. The entries
// are copied on the first write, so they are checked as a value of their own.
func TestStateIsComplete(t *testing.T) {
	fresh := func() any {
		s := newTale()
		s.do(set("/a", "1", 0))
		s.do(set("/b", "2", 0))
		s.prep(set("/a", "3", 1))
		s.prep(set("/b", "4", 1))
		return s.Map
	}
	statecheck.Fields(t, fresh,
		func(x any) any { return x.(*Map).Clone() },
		func(x any) uint64 { return uint64(x.(*Map).Fingerprint()) },
		"entries: named by digest, copied on write; checked below",
		"shared: who else sees the entries is no part of the content")

	statecheck.Fields(t, fresh,
		func(x any) any {
			m := x.(*Map)
			c := m.Clone().(*Map)
			if c.shared {
				c.writable("/a") // the first write
			}
			return c
		},
		func(x any) uint64 { // in order, unlike the digest: a sorted slice has one
			h := fp.New(0)
			for i := range x.(*Map).entries {
				h = h.Word(uint64(x.(*Map).entries[i].hash()))
			}
			return uint64(h)
		},
		"digest: is counted again in TestModel",
		"pending: checked above",
		"shared: who else sees the entries is no part of the content")
}

// Goal: the map does what a plain Go map does, whatever is pipelined, cloned and
// forgotten. Method: a model beside it.
func TestModel(t *testing.T) {
	type reg struct {
		data    string
		version int32
		mzxid   zxid.Zxid
	}
	paths := []string{"/a", "/b", "/c", "/d", "/e", "/"}
	rapid.Check(t, func(t *rapid.T) {
		type world struct {
			m       txn.StateMachine
			applied map[string]reg
			flight  []*txn.Txn
			next    zxid.Zxid
		}
		copyOf := func(w *world) *world {
			c := &world{w.m.Clone(), map[string]reg{}, append([]*txn.Txn(nil), w.flight...), w.next}
			for k, v := range w.applied {
				c.applied[k] = v
			}
			return c
		}
		future := func(w *world, path string) int32 {
			for i := len(w.flight) - 1; i >= 0; i-- {
				if f := w.flight[i]; f.Path == path && f.Op == txn.OpSetData {
					return f.Version
				}
			}
			return w.applied[path].version
		}
		worlds := []*world{{New(), map[string]reg{}, nil, zxid.Make(1, 1)}}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			w := worlds[rapid.IntRange(0, len(worlds)-1).Draw(t, "world")]
			path := rapid.SampledFrom(paths).Draw(t, "path")
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0, 1, 2, 3: // announce
				version := rapid.Int32Range(-1, 3).Draw(t, "version")
				p := w.m.Prep(set(path, fmt.Sprint(w.next), version), txn.SessionCheck{}, w.next, 1)
				if cur := future(w, path); version == txn.AnyVersion || version == cur {
					require.Equal(t, cur+1, p.Version)
				} else {
					require.Equal(t, txn.BadVersion, p.Err)
				}
				w.flight = append(w.flight, p)
				w.next++
			case 4, 5, 6: // apply the oldest
				if len(w.flight) == 0 {
					continue
				}
				f := w.flight[0]
				w.flight = w.flight[1:]
				r := w.m.Apply(f)
				require.Equal(t, f.Err, r.Err)
				if f.Op == txn.OpSetData {
					w.applied[f.Path] = reg{f.Data, f.Version, f.Zxid}
				}
			case 7:
				if len(worlds) < 4 {
					worlds = append(worlds, copyOf(w))
				}
			case 8:
				w.m.Forget()
				w.flight = nil
			}
			for _, w := range worlds {
				for _, path := range paths {
					r := w.m.Read(get(path), 0)
					require.Equal(t, w.applied[path], reg{r.Data, r.Stat.Version, r.Stat.Mzxid})
				}
				require.Equal(t, w.m.(*Map).rebuilt(), w.m.Digest())
				c := copyOf(w)
				require.Equal(t, w.m.Fingerprint(), c.m.Fingerprint())
			}
		}
	})
}

func filled(n int) *tale {
	s := newTale()
	for i := range n {
		s.do(set(fmt.Sprintf("/key-%03d", i), "some data", 0))
	}
	return s
}

func BenchmarkApply(b *testing.B) {
	s := filled(16)
	t := s.prep(set("/key-007", "other data", 1))
	b.ReportAllocs()
	for b.Loop() {
		s.Apply(t)
	}
}

func BenchmarkCloneAndApply(b *testing.B) {
	s := filled(16)
	t := s.prep(set("/key-007", "other data", 1))
	b.ReportAllocs()
	for b.Loop() {
		s.Clone().Apply(t)
	}
}

func BenchmarkFingerprint(b *testing.B) {
	s := filled(16)
	b.ReportAllocs()
	for b.Loop() {
		s.Fingerprint()
	}
}
