//go:build mutants

package pick

import "cmp"

// None is the index of the right code.
const None = -1

// Index is the mutant that this process is. It is set once, before anything of the
// protocol runs: the worlds of one process are all the same mutant.
var Index = None

// Hits counts how often the mutated place was come to. It decides nothing: a survivor
// with none was not driven.
var Hits uint64

// Is tells whether place i is the one that is changed.
func Is(i int) bool {
	if i != Index {
		return false
	}
	Hits++
	return true
}

// Less is a < b, and a <= b if place i is changed.
func Less[T cmp.Ordered](i int, a, b T) bool {
	if Is(i) {
		return a <= b
	}
	return a < b
}

// LessEq is a <= b, and a < b if place i is changed.
func LessEq[T cmp.Ordered](i int, a, b T) bool {
	if Is(i) {
		return a < b
	}
	return a <= b
}
