// Package keyed draws random numbers that are pure functions of a seed, the
// name of a concern and a logical key.
//
// There is no generator state. A new consumer moves no other draw, and taking a
// fault out of a plan leaves every other draw where it was, because draws are
// named ("net.delay of the 7th packet on the 2nd connection from 2 to 3") and
// not numbered. Integers only: the same on every processor.
package keyed

import "math/bits"

// Rand is a seed.
type Rand struct{ seed uint64 }

// New returns the source of all draws of one run.
func New(seed uint64) Rand { return Rand{mix(seed ^ 0x5A42_5349_4D00_0001)} }

// Stream returns the draws of one concern. Call it once, keep the result.
func (r Rand) Stream(name string) Stream {
	h := r.seed
	for i := 0; i < len(name); i++ {
		h = mix(h ^ uint64(name[i]))
	}
	return Stream{h}
}

// Stream is the draws of one concern.
type Stream struct{ h uint64 }

// Key returns the draw that belongs to a key of one part.
func (s Stream) Key(a uint64) Draw { return Draw{mix(s.h + a*mulA)} }

// Key2 returns the draw that belongs to a key of two parts.
func (s Stream) Key2(a, b uint64) Draw { return Draw{mix(mix(s.h+a*mulA) + b*mulA)} }

// Key3 returns the draw that belongs to a key of three parts.
func (s Stream) Key3(a, b, c uint64) Draw { return Draw{mix(mix(mix(s.h+a*mulA)+b*mulA) + c*mulA)} }

// Draw is one random 64-bit number with ways to use it. Two questions about
// the same draw get related answers: use Next between them.
type Draw struct{ x uint64 }

// Uint64 returns the raw draw.
func (d Draw) Uint64() uint64 { return d.x }

// Next returns a fresh draw under the same key. It differs from all draws of
// longer keys, which is why it does not add a multiple of mulA as they do.
func (d Draw) Next() Draw { return Draw{mix(d.x ^ mulB)} }

// Below returns a number in [0, n), n > 0.
func (d Draw) Below(n uint64) uint64 {
	hi, _ := bits.Mul64(d.x, n)
	return hi
}

// Between returns a number in [a, b], a <= b.
func (d Draw) Between(a, b int64) int64 { return a + int64(d.Below(uint64(b-a)+1)) }

// Chance is true in num of den draws.
func (d Draw) Chance(num, den uint64) bool { return d.Below(den) < num }

// Skewed returns a number in [a, b] that is mostly close to a: half of the
// draws lie in the lowest 64th, a quarter in the lowest 32nd, and so on by
// halving, and one in 64 anywhere.
func (d Draw) Skewed(a, b int64) int64 {
	shift := 6 - min(bits.TrailingZeros64(d.x|1<<6), 6)
	// Not d.Next(): the caller may ask that one the next question.
	inner := Draw{mix(^d.x)}
	return inner.Between(a, a+(b-a)>>shift)
}

const (
	mulA = 0x9E3779B97F4A7C15
	mulB = 0xA24BAED4963EE407
)

// mix is two rounds of a 64-bit finalizer.
func mix(x uint64) uint64 {
	x ^= x >> 32
	x *= 0xD6E8FEB86659FD93
	x ^= x >> 32
	x *= 0xD6E8FEB86659FD93
	x ^= x >> 32
	return x
}
