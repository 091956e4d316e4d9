package fp

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// Fingerprints are stored in plans, golden files and visited sets. If one of
// these numbers changes, everything stored is worthless: the answer is a new
// format version, not a new number here.
func TestGoldenVectors(t *testing.T) {
	var pair Sum
	pair = pair.Add(1, 10).Add(2, 20)
	twin := Twin(0).Add(1, 10).Add(2, 20)
	for name, c := range map[string]struct{ got, want Hash }{
		"new 0":       {New(0), 0xd6e8feb86659fd93},
		"new 0x7478":  {New(0x7478), 0x9bc1e2190d7a504b},
		"word 0":      {New(1).Word(0), 0xaca020d950b07472},
		"word 42":     {New(1).Word(42), 0xb535f1b89f6c11c0},
		"words":       {New(1).Word(1).Word(2), 0x1bb5688fee9c836b},
		"true":        {New(1).Bool(true), 0xf3b7239136d672cc},
		"false":       {New(1).Bool(false), 0x195e22489d7c715a},
		"string 0":    {New(1).String(""), 0x4d40744bcbcdda8f},
		"string 1":    {New(1).String("a"), 0x799e45c5e8d13e61},
		"string 6":    {New(1).String("zabsim"), 0xfe118a07afa91145},
		"string 8":    {New(1).String("12345678"), 0x9967f421a2f7dd13},
		"string 9":    {New(1).String("123456789"), 0x9f33167cb1b2121b},
		"string utf8": {New(1).String("Grüße"), 0x7ad2bd5b6f47df1c},
		"done 0":      {Hash(0).Done(), 0},
		"done 1":      {Hash(1).Done(), 0x43397d8f89a4131f},
		"done":        {New(7).Word(7).Done(), 0xe808188a959ddef3},
		"sum":         {Hash(pair), 0x05b6113943de5952},
		"sum hash":    {pair.Hash(), 0xf696d2d19f5191de},
		"twin":        {Hash(twin), 0xd86290a065377813},
		"twin hash":   {twin.Hash(), 0x0949021e6d37fea9},
	} {
		assert.Equal(t, c.want, c.got, "%s: %#x", name, uint64(c.got))
	}
}

func TestSeqGoldenVectors(t *testing.T) {
	var q Seq
	steps := []struct {
		do   func()
		want Hash
	}{
		{func() {}, 0xf5aa04c71fb5491c},
		{func() { q.Push(1) }, 0xa27ce8970d8989e8},
		{func() { q.Push(2); q.Push(3) }, 0x86779a040345521e},
		{func() { q.Pop(1) }, 0x611720d138309a5f},
		{func() { q.Pop(2); q.Pop(3) }, 0xf5aa04c71fb5491c},
	}
	for i, s := range steps {
		s.do()
		assert.Equal(t, s.want, q.Hash(), "step %d: %#x", i, uint64(q.Hash()))
	}
}

func TestSeqBaseIsInvertible(t *testing.T) {
	assert.Equal(t, uint64(1), seqInverse*seqBase)
	rapid.Check(t, func(t *rapid.T) {
		odd := rapid.Uint64().Draw(t, "a") | 1
		assert.Equal(t, uint64(1), odd*inverse(odd))
	})
}

// A queue is named by what it holds and not by how it came about: after any
// pushes and pops it equals, as a value, one that was filled from empty.
func TestSeqForgetsItsPast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q Seq
		var model []Hash
		for _, step := range rapid.SliceOf(rapid.Uint64()).Draw(t, "steps") {
			if step%3 == 0 && len(model) > 0 {
				q.Pop(model[0])
				model = model[1:]
				continue
			}
			q.Push(Hash(step % 5)) // few values, so that equal neighbours occur; 0 is one
			model = append(model, Hash(step%5))
		}
		var fresh Seq
		for _, x := range model {
			fresh.Push(x)
		}
		assert.Equal(t, fresh, q)
		assert.Equal(t, fresh.Hash(), q.Hash())
		assert.Equal(t, len(model), q.Len())
	})
}

// All queues of up to four of three elements have different names: order,
// length and a zero element all count.
func TestShortSeqsDiffer(t *testing.T) {
	seen := map[Hash]int{}
	for code := range 3*3*3*3 + 3*3*3 + 3*3 + 3 + 1 {
		var q Seq
		for c := code; c > 0; c = (c - 1) / 3 {
			q.Push(Hash((c - 1) % 3))
		}
		if other, dup := seen[q.Hash()]; dup {
			t.Fatalf("queues %d and %d have one name", other, code)
		}
		seen[q.Hash()] = code
	}
}

func TestSumForgetsOrderAndWhatWasTakenOut(t *testing.T) {
	part := rapid.Custom(func(t *rapid.T) [2]uint64 {
		return [2]uint64{rapid.Uint64Range(0, 9).Draw(t, "slot"), rapid.Uint64().Draw(t, "hash")}
	})
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(part).Draw(t, "parts")
		var there, back, restored Sum
		var twin, twinBack Twin
		for i := range parts {
			there = there.Add(parts[i][0], Hash(parts[i][1]))
			j := len(parts) - 1 - i
			back = back.Add(parts[j][0], Hash(parts[j][1]))
			twin = twin.Add(parts[i][0], Hash(parts[i][1]))
			twinBack = twinBack.Add(parts[j][0], Hash(parts[j][1]))
		}
		assert.Equal(t, there, back)
		assert.Equal(t, twin, twinBack)
		restored = there
		for _, p := range parts {
			restored = restored.Sub(p[0], Hash(p[1]))
			twin = twin.Sub(p[0], Hash(p[1]))
		}
		assert.Zero(t, restored)
		assert.Zero(t, twin)
	})
}

// The same component under another slot is another state: server 1 in state a
// and server 2 in state b is not the reverse.
func TestSumTellsSlotsApart(t *testing.T) {
	var s Sum
	assert.NotEqual(t, s.Add(1, 10).Add(2, 20), s.Add(1, 20).Add(2, 10))
}

func TestStringsKeepTheirBorders(t *testing.T) {
	h := New(1)
	assert.NotEqual(t, h.String("ab").String("c"), h.String("a").String("bc"))
	assert.NotEqual(t, h.String("a"), h.String("a\x00"))
	assert.NotEqual(t, h.String(""), h)
	assert.NotEqual(t, h.Bool(false), h)
}

// Flipping one input bit flips about half of the output bits.
func TestWordSpreadsEveryBit(t *testing.T) {
	for bit := range 64 {
		flips := 0
		for x := range uint64(256) {
			a := New(x).Word(x).Done()
			b := New(x).Word(x ^ 1<<bit).Done()
			for d := a ^ b; d != 0; d &= d - 1 {
				flips++
			}
		}
		assert.InDelta(t, 32, float64(flips)/256, 3, "bit %d", bit)
	}
}

func BenchmarkFold64Words(b *testing.B) {
	b.ReportAllocs()
	var h Hash
	for b.Loop() {
		for w := range uint64(64) {
			h = h.Word(w)
		}
	}
	sink = h
}

func BenchmarkSeqPushPop(b *testing.B) {
	b.ReportAllocs()
	var q Seq
	for b.Loop() {
		q.Push(7)
		q.Pop(7)
	}
	sink = q.Hash()
}

var sink Hash
