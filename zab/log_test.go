package zab

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/internal/fp"
	"zabsim/tree/register"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

func zxids(list []*txn.Txn) []string {
	got := []string{}
	for _, t := range list {
		got = append(got, t.Zxid.String())
	}
	return got
}

// stateOf returns the registers after a history.
func stateOf(history []*txn.Txn) txn.StateMachine {
	m := register.New()
	for _, t := range history {
		m.Apply(t)
	}
	return m
}

func logOf(base zxid.Zxid, chain fp.Hash, history []*txn.Txn) *Log {
	l := new(Log)
	l.Reset(base, chain)
	for _, t := range history {
		l.Append(t)
	}
	return l
}

func entries(l *Log) []string {
	got := []string{}
	for i := range l.Len() {
		got = append(got, l.At(i).Txn.Zxid.String())
	}
	return got
}

func TestLogAfterAndChainAt(t *testing.T) {
	history := join(txs(1, 2, 3), txs(3, 1, 2))
	l := logOf(z(1, 1), 99, history)
	chain := fp.Hash(99)
	for i, c := range []struct {
		at    zxid.Zxid
		after int
		found bool
	}{
		{0, 0, false}, {z(1, 0), 0, false}, {z(1, 1), 0, true}, {z(1, 2), 1, true}, {z(1, 3), 2, true}, {z(1, 4), 2, false},
		{z(2, 0), 2, false}, {z(3, 0), 2, false}, {z(3, 1), 3, true}, {z(3, 2), 4, true}, {z(3, 3), 4, false},
	} {
		assert.Equal(t, c.after, l.After(c.at), "%v", c.at)
		got, ok := l.ChainAt(c.at)
		assert.Equal(t, c.found, ok, "%v", c.at)
		if ok && i > 2 {
			chain = ChainNext(chain, history[c.after-1])
		}
		if ok {
			assert.Equal(t, chain, got, "%v", c.at)
		} else {
			assert.Zero(t, got)
		}
	}
	last, lastChain := l.Last()
	assert.Equal(t, z(3, 2), last)
	assert.Equal(t, chain, lastChain)
	base, baseChain := l.Base()
	assert.Equal(t, z(1, 1), base)
	assert.EqualValues(t, 99, baseChain)
}

func TestLogAppendPanicsOutOfOrder(t *testing.T) {
	l := logOf(z(1, 1), 0, nil)
	assert.PanicsWithValue(t, "zab: log append of 1.1 after 1.1", func() { l.Append(tx(1, 1)) })
	l.Append(tx(2, 1))
	assert.PanicsWithValue(t, "zab: log append of 1.2 after 2.1", func() { l.Append(tx(1, 2)) })
}

func TestLogTruncate(t *testing.T) {
	history := join(txs(1, 2, 3), txs(3, 1, 2))
	for _, c := range []struct {
		at   zxid.Zxid
		ok   bool
		left int
	}{
		{z(3, 2), true, 4}, {z(3, 1), true, 3}, {z(1, 3), true, 2}, {z(1, 1), true, 0},
		{z(1, 0), false, 4}, {z(2, 0), false, 4}, {z(3, 0), false, 4}, {z(9, 9), false, 4},
	} {
		l := logOf(z(1, 1), 5, history)
		assert.Equal(t, c.ok, l.Truncate(c.at), "%v", c.at)
		assert.Equal(t, zxids(history[:c.left]), entries(l), "%v", c.at)
		assert.Equal(t, logOf(z(1, 1), 5, history[:c.left]).Fingerprint(), l.Fingerprint())
	}
}

func TestLogReset(t *testing.T) {
	l := logOf(0, 0, txs(1, 1, 3))
	l.Reset(z(2, 5), 7)
	last, chain := l.Last()
	assert.Equal(t, z(2, 5), last)
	assert.EqualValues(t, 7, chain)
	assert.Zero(t, l.Len())
}

// Goal: equal fingerprints mean equal logs. Method: all that differs in one thing.
func TestLogFingerprint(t *testing.T) {
	other := *tx(1, 2)
	other.Data = "else"
	seen := map[fp.Hash]string{}
	for name, l := range map[string]*Log{
		"empty": logOf(0, 0, nil), "base": logOf(z(1, 1), 0, nil), "chain": logOf(0, 1, nil),
		"one": logOf(0, 0, txs(1, 1, 1)), "two": logOf(0, 0, txs(1, 1, 2)), "other two": logOf(0, 0, []*txn.Txn{tx(1, 1), other.Seal()}),
		"rolled": logOf(z(1, 1), chainOf(txs(1, 1, 1)), txs(1, 2, 2)),
	} {
		assert.Empty(t, seen[l.Fingerprint()], name)
		seen[l.Fingerprint()] = name
	}
	a, _ := logOf(0, 0, txs(1, 1, 2)).ChainAt(z(1, 2))
	b, _ := logOf(z(1, 1), chainOf(txs(1, 1, 1)), txs(1, 2, 2)).ChainAt(z(1, 2))
	assert.Equal(t, a, b, "a chain does not show where the log was rolled")
}

// Goal: a copy shares entries but never changes the other. Method: a tree of
// copies against plain slices.
func TestLogCopiesAreIndependent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		logs, models := []*Log{logOf(0, 0, nil)}, [][]*txn.Txn{nil}
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			i := rapid.IntRange(0, len(logs)-1).Draw(t, "log")
			l := logs[i]
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0, 1:
				last, _ := l.Last()
				fresh := (&txn.Txn{Zxid: last + 1, Op: txn.OpSetData, Data: rapid.StringN(1, 3, 3).Draw(t, "data")}).Seal()
				l.Append(fresh)
				models[i] = append(models[i][:len(models[i]):len(models[i])], fresh)
			case 2:
				n := rapid.IntRange(0, l.Len()).Draw(t, "cut")
				l.Cut(n)
				models[i] = models[i][:n]
			case 3:
				if len(logs) < 5 {
					c := new(Log)
					l.CloneInto(c)
					logs, models = append(logs, c), append(models, models[i])
				}
			case 4:
				k := rapid.IntRange(0, len(logs)-1).Draw(t, "target")
				if i != k {
					l.CloneInto(logs[k])
					models[k] = models[i]
				}
			}
			for i, l := range logs {
				require.Equal(t, zxids(models[i]), entries(l))
				require.Equal(t, logOf(0, 0, models[i]).Fingerprint(), l.Fingerprint())
			}
		}
	})
}

func TestSnapshotIntact(t *testing.T) {
	s := NewSnapshot(z(2, 0), z(1, 2), chainOf(txs(1, 1, 2)), stateOf(txs(1, 1, 2)))
	require.True(t, s.Intact())
	require.Equal(t, s.Sum, s.Hash())
	for name, change := range map[string]func(*Snapshot){
		"name": func(s *Snapshot) { s.Name++ }, "last": func(s *Snapshot) { s.Last++ }, "chain": func(s *Snapshot) { s.Chain++ },
		"sum": func(s *Snapshot) { s.Sum++ }, "state": func(s *Snapshot) { s.State = stateOf(txs(1, 1, 1)) },
	} {
		bad := *s
		change(&bad)
		assert.False(t, bad.Intact(), name)
	}
}

// Goal: what becomes of the files when a snapshot is done: all stay, unless it is
// fenced, or a search keeps the ends, or a purge keeps the newest and their logs.
func TestInstall(t *testing.T) {
	at := func(last zxid.Zxid) *Snapshot {
		return NewSnapshot(last, last, chainOf(txs(1, 1, last.Counter())), stateOf(nil))
	}
	base, old, fresh := at(z(1, 1)), at(z(1, 5)), at(z(1, 9))
	list := []*Snapshot{base, old}
	history := func() *Log {
		l := logOf(z(1, 1), base.Chain, nil)
		for _, x := range txs(1, 2, 12) {
			if c := x.Zxid.Counter(); c == 4 || c == 8 || c == 11 {
				l.Roll()
			}
			l.Append(x)
		}
		return l
	}
	l := history()
	got, gone := Install(list, l, fresh, false, 0)
	assert.Equal(t, []*Snapshot{base, old, fresh}, got)
	assert.Zero(t, gone)
	got, _ = Install(list, l, fresh, false, RetainEnds)
	assert.Equal(t, []*Snapshot{base, fresh}, got, "the one that the log starts at stays")
	again := at(z(1, 5))
	got, _ = Install(list, l, again, false, 0)
	require.Len(t, got, 2)
	assert.Same(t, again, got[1], "a file of the same name is replaced")

	assert.Equal(t, 4, l.Files())
	end, _ := l.Last()
	chain, _ := l.ChainAt(end)
	got, gone = Install(list, l, fresh, false, 2)
	assert.Equal(t, []*Snapshot{old, fresh}, got)
	assert.Equal(t, 2, gone, "the file from 1.2 on is needless, that from 1.4 on may hold what follows 1.5")
	from, _ := l.Base()
	assert.Equal(t, z(1, 3), from)
	still, ok := l.ChainAt(end)
	assert.True(t, ok)
	assert.Equal(t, chain, still, "a purge changes no history")

	got, _ = Install(list, l, fresh, true, 2)
	assert.Equal(t, []*Snapshot{fresh}, got)
	assert.Zero(t, l.Len(), "the log of a fenced snapshot begins anew")
	assert.Equal(t, []*Snapshot{base, old}, list, "the list is another's")
}

func TestDropAfter(t *testing.T) {
	at := func(name, last zxid.Zxid) *Snapshot { return NewSnapshot(name, last, 0, stateOf(nil)) }
	list := []*Snapshot{at(0, 0), at(z(2, 0), z(1, 5)), at(z(1, 6), z(1, 6))}
	assert.Equal(t, list[:2], DropAfter(list, z(1, 5)), "by the last transaction, not by the name")
	assert.Equal(t, list[:1], DropAfter(list, z(1, 4)))
	assert.Equal(t, list, DropAfter(list, z(9, 9)))
	assert.Len(t, list, 3)
	assert.Equal(t, z(1, 6), list[2].Name)
}

func BenchmarkLogAppend(b *testing.B) {
	history := txs(1, 1, 1<<16)
	l := logOf(0, 0, nil)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i == len(history) {
			i = 0
			l.Reset(0, 0)
		}
		l.Append(history[i])
		i++
	}
}

// The price of a copy: the next append moves the whole log.
func BenchmarkLogCloneAndAppend(b *testing.B) {
	l := logOf(0, 0, txs(1, 1, 100))
	next := tx(1, 101)
	b.ReportAllocs()
	var c Log
	for b.Loop() {
		l.CloneInto(&c)
		c.Append(next)
	}
}
