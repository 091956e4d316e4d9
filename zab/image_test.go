package zab

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Goal: what a reboot makes of each data directory, with the exact words. Method:
// a sound one (epochs 3 and 2, log 1.1 1.2 2.1 2.2) and one change.
func TestRecover(t *testing.T) {
	history := join(txs(1, 1, 2), txs(2, 1, 2))
	bad := func(t *txn.Txn) Record { return Record{Txn: t, Sum: t.Hash + 1} }
	type got struct {
		accepted, current zxid.Epoch
		last              zxid.Zxid
		torn, write       bool
	}
	sound := got{3, 2, z(2, 2), false, false}
	with := func(change func(*got)) got { g := sound; change(&g); return g }
	for _, c := range []struct {
		name   string
		change func(*Image)
		want   got
		err    string
	}{
		{name: "sound", want: sound},
		// The log.
		{name: "torn last record", change: func(i *Image) { i.Records[3].Torn = true },
			want: with(func(g *got) { g.last, g.torn = z(2, 1), true })},
		{name: "torn only record", change: func(i *Image) { i.Records = []Record{{Txn: new(txn.Txn), Torn: true}} },
			want: with(func(g *got) { g.last, g.torn = 0, true })},
		{name: "torn in the middle", change: func(i *Image) { i.Records[1].Torn = true },
			err: "log: record 2: ends early, but more records follow"},
		{name: "stored checksum", change: func(i *Image) { i.Records[2] = bad(tx(2, 1)) },
			err: fmt.Sprintf("log: record 3: checksum is %016x, %016x is right for 2.1", uint64(tx(2, 1).Hash+1), uint64(tx(2, 1).Hash))},
		{name: "content", change: func(i *Image) { x := *tx(2, 1); x.Data = "?"; i.Records[2].Txn = &x },
			err: fmt.Sprintf("log: record 3: checksum is %016x, %016x is right for 2.1", uint64(tx(2, 1).Hash), uint64((&txn.Txn{
				Zxid: z(2, 1), Session: 90, Cxid: 1, Op: txn.OpSetData, Version: 1, Path: "/t", Data: "?"}).Sum()))},
		{name: "bad checksum in the last record", change: func(i *Image) { i.Records[3] = bad(tx(2, 2)) },
			err: fmt.Sprintf("log: record 4: checksum is %016x, %016x is right for 2.2", uint64(tx(2, 2).Hash+1), uint64(tx(2, 2).Hash))},
		{name: "twice the same", change: func(i *Image) { i.Records[1] = i.Records[0] }, err: "log: record 2: zxid 1.1 does not follow 1.1"},
		{name: "backwards", change: func(i *Image) { i.Records[1], i.Records[2] = i.Records[2], i.Records[1] },
			err: "log: record 3: zxid 1.2 does not follow 2.1"},
		{name: "starts before its snapshot", change: func(i *Image) { i.Snaps[0] = NewSnapshot(z(1, 1), z(1, 1), 0, stateOf(nil)); i.LogBase = z(1, 1) },
			err: "log: record 1: zxid 1.1 does not follow 1.1"},
		// Snapshots.
		{name: "no snapshot", change: func(i *Image) { i.Snaps = nil },
			err: "snapshot: no snapshot is whole; a log without one is not trusted (ZOOKEEPER-2325)"},
		{name: "damaged snapshot", change: func(i *Image) { s := *i.Snaps[0]; s.Name++; i.Snaps[0] = &s },
			err: "snapshot: no snapshot is whole; a log without one is not trusted (ZOOKEEPER-2325)"},
		{name: "damaged newest snapshot", change: func(i *Image) {
			s := *NewSnapshot(z(2, 1), z(2, 1), 0, stateOf(nil))
			s.Chain++
			i.Snaps = append(i.Snaps, &s)
		}, want: sound},
		{name: "snapshot of the log's start is missing", change: func(i *Image) { i.LogBase = z(1, 1); i.Records = i.Records[1:] },
			err: "log: starts after 1.1, but the newest whole snapshot ends with 0.0"},
		{name: "snapshot only", change: func(i *Image) {
			i.Snaps[0], i.LogBase, i.Records = NewSnapshot(z(2, 0), z(1, 2), 7, stateOf(nil)), z(1, 2), nil
		},
			want: with(func(g *got) { g.last = z(1, 2) })},
		// Epoch files.
		{name: "no epoch files", change: func(i *Image) { i.Accepted, i.Current = EpochFile{}, EpochFile{} }, want: got{2, 2, z(2, 2), false, true}},
		{name: "no acceptedEpoch", change: func(i *Image) { i.Accepted.Present = false }, want: got{2, 2, z(2, 2), false, true}},
		{name: "no currentEpoch", change: func(i *Image) { i.Current.Present = false }, want: got{3, 2, z(2, 2), false, true}},
		{name: "acceptedEpoch is missing below current", change: func(i *Image) { i.Accepted.Present = false; i.Current.Text = "3" },
			err: "currentEpoch: is 3, acceptedEpoch is only 2"},
		{name: "garbage", change: func(i *Image) { i.Accepted.Text = "x7" }, err: `acceptedEpoch: "x7" is no epoch; a whole number is wanted`},
		{name: "empty file", change: func(i *Image) { i.Current.Text = "" }, err: `currentEpoch: "" is no epoch; a whole number is wanted`},
		{name: "negative", change: func(i *Image) { i.Current.Text = "-1" }, err: `currentEpoch: "-1" is no epoch; a whole number is wanted`},
		{name: "too large", change: func(i *Image) { i.Accepted.Text = "4294967295" },
			err: `acceptedEpoch: "4294967295" is no epoch; a whole number is wanted`},
		{name: "accepted below current", change: func(i *Image) { i.Accepted.Text = "2"; i.Current.Text = "5" },
			err: "currentEpoch: is 5, acceptedEpoch is only 2"},
		{name: "both below the history", change: func(i *Image) { i.Accepted.Text, i.Current.Text = "1", "1" },
			err: "currentEpoch: is 1, but the history ends with 2.2"},
		{name: "below the snapshot's name", change: func(i *Image) {
			i.Snaps = append(i.Snaps, NewSnapshot(z(4, 0), z(2, 2), chainOf(history), stateOf(history)))
		}, err: "currentEpoch: is 2, but the history ends with 4.0"},
		{name: "history was durable, currentEpoch not (protocol fact 13.5)", change: func(i *Image) { i.Current.Text, i.Current.Temp = "1", "\x00" }, want: sound},
	} {
		t.Run(c.name, func(t *testing.T) {
			img := imageOf(3, 2, history)
			if c.change != nil {
				c.change(&img)
			}
			boot, err := Recover(&img)
			if c.err != "" {
				require.EqualError(t, err, c.err)
				var ie *ImageError
				require.ErrorAs(t, err, &ie)
				assert.Zero(t, boot)
				return
			}
			require.NoError(t, err)
			last, _ := boot.Log.Last()
			assert.Equal(t, c.want, got{boot.Accepted, boot.Current, last, boot.Torn, boot.WriteEpochs})
		})
	}
}

// Goal: recovery loads the newest snapshot and replays the rest of the log over
// it; lastProcessedZxid may be the snapshot's name.
func TestRebuild(t *testing.T) {
	history := join(txs(1, 1, 2), txs(2, 1, 2))
	snap := func(name zxid.Zxid, n int) *Snapshot {
		last := zxid.Zxid(0)
		if n > 0 {
			last = history[n-1].Zxid
		}
		return NewSnapshot(name, last, chainOf(history[:n]), stateOf(history[:n]))
	}
	for _, c := range []struct {
		name      string
		snaps     []*Snapshot
		records   int
		processed zxid.Zxid
	}{
		{"log only", []*Snapshot{snap(0, 0)}, 4, z(2, 2)},
		{"newest snapshot", []*Snapshot{snap(0, 0), snap(z(2, 1), 3)}, 4, z(2, 2)},
		{"not the last in the list", []*Snapshot{snap(0, 0), snap(z(2, 1), 3), snap(z(1, 1), 1)}, 4, z(2, 2)},
		{"named after an epoch", []*Snapshot{snap(0, 0), snap(z(3, 0), 4)}, 4, z(3, 0)},
		{"named after an old epoch", []*Snapshot{snap(0, 0), snap(z(2, 0), 2)}, 4, z(2, 2)},
		{"empty", []*Snapshot{snap(0, 0)}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			img := imageOf(3, 3, history[:c.records])
			img.Snaps = c.snaps
			boot, err := Recover(&img)
			require.NoError(t, err)
			before := make([]bool, len(c.snaps))
			sm, last, chain, processed := boot.Rebuild()
			assert.Equal(t, stateOf(history[:c.records]).Digest(), sm.Digest())
			assert.Equal(t, chainOf(history[:c.records]), chain)
			if c.records > 0 {
				assert.Equal(t, history[c.records-1].Zxid, last)
			}
			assert.Equal(t, c.processed, processed)
			for i := range before {
				assert.True(t, c.snaps[i].Intact(), "a snapshot is never written to")
			}
		})
	}
}

func TestRebuildTo(t *testing.T) {
	history := txs(1, 1, 5)
	img := imageOf(1, 1, history)
	img.Snaps = append(img.Snaps, NewSnapshot(z(1, 2), z(1, 2), chainOf(history[:2]), stateOf(history[:2])))
	boot, err := Recover(&img)
	require.NoError(t, err)
	for at, want := range map[uint32]uint32{5: 5, 4: 4, 2: 2, 1: 2, 9: 5} {
		sm, last, chain := boot.RebuildTo(z(1, at))
		assert.Equal(t, z(1, want), last)
		assert.Equal(t, chainOf(history[:want]), chain)
		assert.Equal(t, stateOf(history[:want]).Digest(), sm.Digest())
	}
	assert.Equal(t, 5, boot.Log.Len())
}

// Goal: no disk, however broken, makes Recover panic or accept what is not sound.
// Method: random mutations of a sound directory, several at once.
func TestRecoverSurvivesAnything(t *testing.T) { rapid.Check(t, recoverAnything) }

// The same, with mutations that the coverage of Recover guides.
func FuzzRecover(f *testing.F) {
	for seed := range 8 { // rapid takes its draws from the bytes
		f.Add(bytes.Repeat([]byte{byte(seed), 0, 0, byte(seed * 31), 0, 0, 0, 0}, 40))
	}
	f.Fuzz(rapid.MakeFuzz(recoverAnything))
}

func recoverAnything(t *rapid.T) {
	history := join(txs(1, 1, 3), txs(2, 1, 3))
	img := imageOf(3, 2, history[2:])
	base := NewSnapshot(z(1, 2), z(1, 2), chainOf(history[:2]), stateOf(history[:2]))
	img.LogBase, img.Snaps = z(1, 2), []*Snapshot{base, NewSnapshot(z(2, 1), z(2, 1), chainOf(history[:4]), stateOf(history[:4]))}
	for range rapid.IntRange(0, 6).Draw(t, "mutations") {
		mutate(t, &img)
	}
	boot, err := Recover(&img)
	if err != nil {
		var ie *ImageError
		require.ErrorAs(t, err, &ie)
		require.NotEmpty(t, ie.File)
		require.NotEmpty(t, ie.Why)
		return
	}
	require.GreaterOrEqual(t, boot.Accepted, boot.Current)
	last, _ := boot.Log.Base()
	for i := range boot.Log.Len() {
		e := boot.Log.At(i).Txn
		require.Greater(t, e.Zxid, last)
		require.Equal(t, e.Sum(), e.Hash)
		last = e.Zxid
	}
	require.GreaterOrEqual(t, boot.Current, last.Epoch())
	for _, s := range boot.Snaps {
		require.True(t, s.Intact())
	}
	// Written as a sound directory, it is the same once more.
	again, err := Recover(written(&boot))
	require.NoError(t, err)
	boot.Torn, boot.WriteEpochs = false, false
	boot.Log.rolled, again.Log.rolled = false, false
	require.Equal(t, boot, again)

	cfg := newRigConfig()
	s := New(&cfg, &boot) // what it accepts can run
	var out Effects
	s.Step(&Input{Kind: Started}, &out)
	require.LessOrEqual(t, last, s.lastProcessed)
}

// written is the data directory that holds what b has read.
func written(b *Boot) *Image {
	img := imageOf(b.Accepted, b.Current, nil)
	img.Snaps = b.Snaps
	img.LogBase, img.LogChain = b.Log.Base()
	for i := range b.Log.Len() {
		e := b.Log.At(i)
		img.Records = append(img.Records, Record{Txn: e.Txn, Sum: e.Txn.Hash, First: e.First})
	}
	return &img
}

func mutate(t *rapid.T, img *Image) {
	word := rapid.SampledFrom([]string{"", "0", "1", "2", "3", "9", "-1", "x", "\x00", "99999999999999999999", " 2"})
	small := func(n int) int { return rapid.IntRange(0, n).Draw(t, "n") }
	switch small(11) {
	case 0:
		img.Accepted.Text = word.Draw(t, "text")
	case 1:
		img.Current.Text = word.Draw(t, "text")
	case 2:
		img.Accepted.Present = !img.Accepted.Present
	case 3:
		img.Current.Present, img.Current.Temp = !img.Current.Present, word.Draw(t, "temp")
	case 4:
		img.LogBase ^= 1 << (16 * small(3))
	case 5: // lose a record
		if n := len(img.Records); n > 0 {
			i := small(n - 1)
			img.Records = append(img.Records[:i:i], img.Records[i+1:]...)
		}
	case 6: // lose the tail
		img.Records = img.Records[:small(len(img.Records))]
	case 7:
		if n := len(img.Records); n > 0 {
			img.Records[small(n-1)].Torn = true
		}
	case 8: // flip a bit
		if n := len(img.Records); n > 0 {
			r := &img.Records[small(n-1)]
			x := *r.Txn
			switch small(4) {
			case 0:
				x.Zxid ^= 1 << small(40)
			case 1:
				x.Data += "~"
			case 2:
				r.Sum ^= 1 << small(63)
			case 3: // one that fits again
				x.Zxid ^= 1 << small(40)
				x.Seal()
				r.Sum = x.Hash
			case 4:
				x.Hash ^= 1
			}
			r.Txn = &x
		}
	case 9: // exchange two records
		if n := len(img.Records); n > 1 {
			i, k := small(n-1), small(n-1)
			img.Records[i], img.Records[k] = img.Records[k], img.Records[i]
		}
	case 10: // lose a snapshot
		if n := len(img.Snaps); n > 0 {
			i := small(n - 1)
			img.Snaps = append(img.Snaps[:i:i], img.Snaps[i+1:]...)
		}
	case 11: // damage a snapshot
		if n := len(img.Snaps); n > 0 {
			i := small(n - 1)
			x := *img.Snaps[i]
			switch small(2) {
			case 0:
				x.Name ^= 1 << (16 * small(3))
			case 1:
				x.Last ^= 1
			case 2:
				x.Sum ^= 1
			}
			img.Snaps[i] = &x
		}
	}
}
