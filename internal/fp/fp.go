// Package fp names states with 64-bit fingerprints.
//
// A fingerprint is stored in plans, golden files and visited sets, so the
// functions here are an interface to the past: changing one constant makes
// every stored fingerprint wrong. fp_test.go holds golden vectors.
//
// Hash folds words in order. Sum adds components without order, so one of them
// can be replaced in O(1) (AdHash); Twin is another such sum, for 128 bits. Seq names a FIFO, so pushing and popping
// are O(1). A chain is Hash folded over a log, one value per prefix.
package fp

import "math/bits"

// Hash is the fingerprint of something.
type Hash uint64

const (
	mulA = 0x9E3779B97F4A7C15 // odd, golden ratio
	mulB = 0xD6E8FEB86659FD93 // odd
)

// New starts a fold. The salt keeps two kinds of things apart that hold the
// same words.
func New(salt uint64) Hash { return Hash(salt*mulA ^ mulB) }

// Word folds one word into h; order matters.
func (h Hash) Word(w uint64) Hash {
	hi, lo := bits.Mul64(uint64(h)^w^mulA, mulB)
	return Hash(hi ^ lo ^ bits.RotateLeft64(uint64(h), 29))
}

// Bool folds one truth value.
func (h Hash) Bool(b bool) Hash {
	if b {
		return h.Word(1)
	}
	return h.Word(2)
}

// String folds the length and the bytes of s.
func (h Hash) String(s string) Hash {
	h = h.Word(uint64(len(s)))
	for len(s) >= 8 {
		h = h.Word(uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56)
		s = s[8:]
	}
	var w uint64
	for i := 0; i < len(s); i++ {
		w |= uint64(s[i]) << (8 * i)
	}
	return h.Word(w)
}

// Done mixes h once more, so that close inputs end far apart in every bit.
func (h Hash) Done() Hash {
	x := uint64(h)
	x ^= x >> 32
	x *= mulB
	x ^= x >> 29
	x *= mulA
	x ^= x >> 32
	return Hash(x)
}

// Sum is an unordered sum of components, each under a slot of its own.
type Sum uint64

// Add puts component c into slot.
func (s Sum) Add(slot uint64, c Hash) Sum { return s + Sum(c.Word(slot).Done()) }

// Sub takes component c out of slot.
func (s Sum) Sub(slot uint64, c Hash) Sum { return s - Sum(c.Word(slot).Done()) }

// Hash returns the sum as a fingerprint.
func (s Sum) Hash() Hash { return Hash(s).Done() }

// Twin is a second Sum of the same components, mixed in another way: two states that
// share one by accident do not share the other. What it cannot tell apart is two
// components that have one hash.
type Twin uint64

// Add puts component c into slot.
func (t Twin) Add(slot uint64, c Hash) Twin {
	return t + Twin(New(twinSalt).Word(slot).Word(uint64(c)).Done())
}

// Sub takes component c out of slot.
func (t Twin) Sub(slot uint64, c Hash) Twin {
	return t - Twin(New(twinSalt).Word(slot).Word(uint64(c)).Done())
}

// Hash returns the sum as a fingerprint.
func (t Twin) Hash() Hash { return Hash(t).Word(twinSalt).Done() }

const twinSalt = 0x7477696E

// seqBase is odd, hence invertible modulo 2^64.
const seqBase = 0xA24BAED4963EE407

// Seq names a FIFO of hashes. The zero value names the empty FIFO.
type Seq struct {
	sum uint64 // sum of x_i * base^(n-1-i), head has the highest power
	pow uint64 // base^n, 0 stands for 1 in the zero value
	n   uint64
}

func (q *Seq) power() uint64 {
	if q.n == 0 {
		return 1
	}
	return q.pow
}

// Push appends x at the tail.
func (q *Seq) Push(x Hash) {
	p := q.power()
	q.sum = q.sum*seqBase + uint64(x.Done())
	q.pow = p * seqBase
	q.n++
}

// Pop removes x, which must be the head.
func (q *Seq) Pop(x Hash) {
	q.pow *= seqInverse
	q.n--
	q.sum -= uint64(x.Done()) * q.pow
	if q.n == 0 {
		q.pow = 0
	}
}

// Len returns how many elements the FIFO holds.
func (q *Seq) Len() int { return int(q.n) }

// Hash returns the fingerprint of the whole FIFO.
func (q *Seq) Hash() Hash { return Hash(q.sum).Word(q.n).Done() }

var seqInverse = inverse(seqBase)

// inverse returns the multiplicative inverse of an odd number modulo 2^64
// by Newton's iteration: each round doubles the number of right bits.
func inverse(a uint64) uint64 {
	x := a
	for range 6 {
		x *= 2 - a*x
	}
	return x
}
