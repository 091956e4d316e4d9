package election

import (
	"reflect"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/internal/fp"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// leaves calls f for every settable integer inside v. Slot 0 of the arrays by
// server is not a server, and cfg is no state.
func leaves(v reflect.Value, path string, f func(path string, leaf reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "cfg" {
				leaves(v.Field(i), path+"."+name, f)
			}
		}
	case reflect.Array:
		for i := 1; i < v.Len(); i++ {
			leaves(v.Index(i), path+quorum.ServerID(i).String(), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			leaves(v.Index(i), path+"[]", f)
		}
	default:
		f(path, reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem())
	}
}

func flip(leaf reflect.Value) {
	if leaf.CanInt() {
		leaf.SetInt(leaf.Int() ^ 1)
		return
	}
	leaf.SetUint(leaf.Uint() ^ 1) // panics on a kind that this test must learn about
}

// fullMachine has every field and every slot in use.
func fullMachine() *Machine {
	cfg := DefaultConfig(1, quorum.Majority(3))
	m := &Machine{cfg: &cfg, inbox: make([]letter, 3)}
	k := uint64(0)
	leaves(reflect.ValueOf(m).Elem(), "", func(_ string, leaf reflect.Value) {
		k += 2
		if leaf.CanInt() {
			leaf.SetInt(int64(k))
		} else {
			leaf.SetUint(k % 120)
		}
	})
	all := quorum.Range(8)
	m.recv.set, m.outof.set = all, all
	m.links.up, m.links.dialing, m.links.queued, m.links.pending, m.links.sent = all, all, all, all, all
	return m
}

// Goal: no field is forgotten by Fingerprint. Method: change one at a time.
func TestEveryFieldIsInTheFingerprint(t *testing.T) {
	m := fullMachine()
	before := m.Fingerprint()
	seen := 0
	leaves(reflect.ValueOf(m).Elem(), "", func(path string, leaf reflect.Value) {
		seen++
		flip(leaf)
		assert.NotEqual(t, before, m.Fingerprint(), path)
		flip(leaf)
	})
	require.Equal(t, before, m.Fingerprint())
	require.Greater(t, seen, 150)

	m.inbox[0], m.inbox[1] = m.inbox[1], m.inbox[0]
	assert.NotEqual(t, before, m.Fingerprint(), "order of the inbox")
	m.inbox = m.inbox[:2]
	assert.NotEqual(t, before, m.Fingerprint(), "length of the inbox")
}

// Goal: a clone is equal, shares nothing, and uses the memory that was there.
func TestCloneIsEqualAndUnshared(t *testing.T) {
	m := fullMachine()
	dst := &Machine{inbox: make([]letter, 0, 8)}
	m.CloneInto(dst)
	require.Equal(t, m, dst)
	require.Equal(t, 8, cap(dst.inbox))
	before := m.Fingerprint()
	leaves(reflect.ValueOf(dst).Elem(), "", func(path string, leaf reflect.Value) {
		flip(leaf)
		require.Equal(t, before, m.Fingerprint(), path)
	})
	require.NotEqual(t, before, dst.Fingerprint())
	require.Zero(t, testing.AllocsPerRun(100, func() { m.CloneInto(dst) }))
}

func TestNoteHashSeesEveryField(t *testing.T) {
	n := Note{vote(1, 2, 3, 4, 5), Leading}
	before := n.Hash()
	leaves(reflect.ValueOf(&n).Elem(), "", func(path string, leaf reflect.Value) {
		flip(leaf)
		assert.NotEqual(t, before, n.Hash(), path)
		flip(leaf)
	})
}

// Goal: stored fingerprints stay valid. A change here invalidates plans.
func TestFingerprintsAreGolden(t *testing.T) {
	n := Note{vote(1, 2, 3, 4, 5), Leading}
	assert.Equal(t, fp.Hash(0xb4cf33f41ee2e489), n.Hash())
	assert.Equal(t, fp.Hash(0xeaa10576d764ac88), fullMachine().Fingerprint())
}

// Goal: settled machines with equal knowledge are equal, however they came there.
func TestDecisionLeavesNoTrace(t *testing.T) {
	a := newTale(t, 3, quorum.Majority(3)).connected().look(vote(3, 1, 5, 1, 0))
	b := newTale(t, 3, quorum.Majority(3)).connected().look(vote(3, 1, 5, 1, 0))
	a.take(1, Looking, vote(3, 1, 5, 1, 1)).fire(TimerPoll)
	b.take(2, Looking, vote(2, 1, 4, 1, 1)).fire(TimerPoll)
	b.take(2, Looking, vote(3, 1, 5, 1, 1)).hear(1, Looking, vote(1, 0, 0, 0, 1)).drain().fire(TimerPoll)
	require.Equal(t, Leading, b.State())
	assert.Equal(t, a.Fingerprint(), b.Fingerprint())
	b.Install(a.Current(), Leading)
	assert.Equal(t, a.Fingerprint(), b.Fingerprint())
}

func TestNamesAreReadable(t *testing.T) {
	assert.Equal(t, "OBSERVING", Observing.String())
	assert.Equal(t, "STATE9", State(9).String())
	assert.Equal(t, "LEADING n3 1.17 e2 r4", Note{vote(3, 1, 17, 2, 4), Leading}.String())
}

// lookingMachine hears votes that change nothing.
func lookingMachine() (*Machine, *Outs, Note) {
	cfg := DefaultConfig(3, quorum.Majority(5))
	m, out := new(Machine), new(Outs)
	m.Init(&cfg)
	m.links.dialing = quorum.Of(1)
	m.Opened(1, 1, false, out)
	m.LookForLeader(vote(3, 1, 5, 1, 0), out)
	for m.Runnable() {
		m.Run(out)
	}
	return m, out, Note{vote(1, 1, 4, 1, 1), Looking}
}

func TestReceiveAndRunAllocateNothing(t *testing.T) {
	m, out, n := lookingMachine()
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		out.Reset()
		m.Receive(1, &n, out)
		m.Run(out)
		m.TimerFired(TimerPoll, out)
		m.Run(out)
	}))
	require.Equal(t, polling, m.phase)
}

func BenchmarkReceiveAndRun(b *testing.B) {
	m, out, n := lookingMachine()
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		m.Receive(host.ConnID(1), &n, out)
		m.Run(out)
	}
}

func BenchmarkFingerprint(b *testing.B) {
	m, _, _ := lookingMachine()
	b.ReportAllocs()
	for b.Loop() {
		m.Fingerprint()
	}
}

func BenchmarkCloneInto(b *testing.B) {
	m, _, _ := lookingMachine()
	var dst Machine
	b.ReportAllocs()
	for b.Loop() {
		m.CloneInto(&dst)
	}
}
