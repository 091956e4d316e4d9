package keyed

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// A seed in a plan means these numbers, on every machine and for ever.
func TestGoldenVectors(t *testing.T) {
	for _, c := range []struct {
		seed                   uint64
		name                   string
		key, key2, key3, after uint64
	}{
		{0x0, "net.delay", 0x7ac9b8157189ff8d, 0xa66d5039f378228c, 0x34495d02039a5660, 0xb7b4b4e7338a2738},
		{0x0, "disk.tear", 0x3a09794707b98e33, 0x3ea4f68fc8677ba4, 0xedb71691ddc2aa40, 0x3bac8858266cf489},
		{0x0, "", 0xbccd1fe0ed6122d4, 0xa08278ea8a28fc2c, 0x306cdf5261f31cc6, 0x746f066037951ec6},
		{0x1, "net.delay", 0x2190397a8c47b78, 0x8d107ea48fc1d536, 0xb6371070abc035e6, 0xe38ba9ea7cba8401},
		{0x1, "disk.tear", 0xc29bb81217eed7f4, 0xbfd0b6c8122d1c0, 0x86258244af92cee3, 0x8f9ab0a97b32c50c},
		{0x1, "", 0x9ff0c4d06445e054, 0x75a0a326b4dc641d, 0x28ae5520ba343738, 0x768e8867b0408e03},
		{0x8f31, "net.delay", 0x97f55b128cd8cfc8, 0xa865096fe2888f40, 0x120289cdab8bfa2a, 0xf3c068226ef4f7e7},
		{0x8f31, "disk.tear", 0x9702962e200d82bd, 0xe286556c1d4b6365, 0xf4c3372ac161ed29, 0x62a98d9fb608246c},
		{0x8f31, "", 0x185a0c3669d17109, 0x7e5bd515aa65d5f9, 0xc4178b485731222, 0x2144fbb2a1164c17},
	} {
		s := New(c.seed).Stream(c.name)
		got := []uint64{s.Key(1).Uint64(), s.Key2(1, 2).Uint64(), s.Key3(1, 2, 3).Uint64(), s.Key(1).Next().Uint64()}
		assert.Equal(t, []uint64{c.key, c.key2, c.key3, c.after}, got, "%d %q: %#x", c.seed, c.name, got)
	}
}

func TestDrawsAreFunctionsOfSeedNameAndKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed, name := rapid.Uint64().Draw(t, "seed"), rapid.String().Draw(t, "name")
		a, b := rapid.Uint64().Draw(t, "a"), rapid.Uint64().Draw(t, "b")
		before := New(seed).Stream(name).Key2(a, b)
		// A new consumer, another key, a longer chain: nothing of it shows.
		New(seed).Stream("something.new").Key(a).Next()
		New(seed).Stream(name).Key2(b, a).Next().Next()
		assert.Equal(t, before, New(seed).Stream(name).Key2(a, b))
	})
}

// Numbers that should have nothing to do with each other differ: seeds, names,
// keys, the arity of keys, and the followers of a draw.
func TestNamesKeysAndFollowersDiffer(t *testing.T) {
	seen := map[uint64]string{}
	add := func(d Draw, what string) {
		if other, dup := seen[d.Uint64()]; dup {
			t.Errorf("%s equals %s", what, other)
		}
		seen[d.Uint64()] = what
	}
	for _, seed := range []uint64{0, 1, 2, math.MaxUint64} {
		for _, name := range []string{"", "a", "b", "ab", "ba", "net.delay"} {
			s := New(seed).Stream(name)
			for a := range uint64(4) {
				add(s.Key(a), "key")
				add(s.Key(a).Next(), "next of key")
				add(s.Key(a).Next().Next(), "next of next of key")
				for b := range uint64(4) {
					add(s.Key2(a, b), "key2")
					add(s.Key2(a, b).Next(), "next of key2")
					for c := range uint64(4) {
						add(s.Key3(a, b, c), "key3")
					}
				}
			}
		}
	}
}

func TestRanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := New(rapid.Uint64().Draw(t, "seed")).Stream("x").Key(rapid.Uint64().Draw(t, "key"))
		a := rapid.Int64Range(math.MinInt64/2, math.MaxInt64/2).Draw(t, "a")
		b := rapid.Int64Range(a, math.MaxInt64/2).Draw(t, "b")
		for _, x := range []int64{d.Between(a, b), d.Skewed(a, b)} {
			assert.GreaterOrEqual(t, x, a)
			assert.LessOrEqual(t, x, b)
		}
		assert.Equal(t, a, d.Between(a, a))
		assert.Equal(t, a, d.Skewed(a, a))
		n := rapid.Uint64Min(1).Draw(t, "n")
		assert.Less(t, d.Below(n), n)
		assert.False(t, d.Chance(0, n))
		assert.True(t, d.Chance(n, n))
	})
}

const rounds = 64_000

// each calls f with the draws of consecutive keys, which is how runs use them.
func each(f func(d Draw)) {
	s := New(1).Stream("distribution")
	for k := range uint64(rounds) {
		f(s.Key(k))
	}
}

func TestChanceIsFair(t *testing.T) {
	hits := 0
	each(func(d Draw) {
		if d.Chance(1, 8) {
			hits++
		}
	})
	assert.InEpsilon(t, rounds/8, hits, 0.05)
}

func TestBetweenIsEven(t *testing.T) {
	var count [10]int
	each(func(d Draw) { count[d.Between(-3, 6)+3]++ })
	for i, n := range count {
		assert.InEpsilon(t, rounds/10, n, 0.06, "value %d", i-3)
	}
}

// Half of the draws lie in the lowest 64th of the range, a quarter more in the
// lowest 32nd, and a few reach the top.
func TestSkewedIsMostlyLow(t *testing.T) {
	const top = 64_000
	low, high := 0, 0
	var most int64
	each(func(d Draw) {
		x := d.Skewed(0, top)
		most = max(most, x)
		if x <= top/64 {
			low++
		}
		if x > top/2 {
			high++
		}
	})
	// 1/2 + 1/4 * 1/2 + 1/8 * 1/4 + ... is 2/3; the top half needs shift 0.
	assert.InEpsilon(t, rounds*2/3, low, 0.03)
	assert.InEpsilon(t, rounds/128, high, 0.2)
	assert.Greater(t, most, int64(top*9/10))
}

// Two questions with Next between them are independent, also after Skewed,
// which needs a second number of its own.
func TestNextIsIndependent(t *testing.T) {
	var both [2][2]int
	bit := func(yes bool) int {
		if yes {
			return 1
		}
		return 0
	}
	each(func(d Draw) { both[bit(d.Skewed(0, 1<<40)&1 == 1)][bit(d.Next().Below(2) == 1)]++ })
	for _, row := range both {
		assert.InEpsilon(t, rounds/4, row[0], 0.05)
		assert.InEpsilon(t, rounds/4, row[1], 0.05)
	}
	low := 0 // how often both lie in the low half of their ranges
	each(func(d Draw) {
		if d.Between(0, 1) == 0 && d.Next().Between(0, 1) == 0 {
			low++
		}
	})
	assert.InEpsilon(t, rounds/4, low, 0.05)
}

func TestNextDiffersFromSkewedsOwnNumber(t *testing.T) {
	equal := 0
	each(func(d Draw) {
		const a, b = 0, math.MaxInt64 / 2
		for shift := range 7 {
			if d.Skewed(a, b) == d.Next().Between(a, b>>shift) {
				equal++
			}
		}
	})
	assert.Zero(t, equal)
}

func BenchmarkDraw(b *testing.B) {
	b.ReportAllocs()
	s := New(1).Stream("bench")
	var sum uint64
	var k uint64
	for b.Loop() {
		k++
		sum += s.Key2(k, 3).Below(1000)
	}
	sink = sum
}

var sink uint64
