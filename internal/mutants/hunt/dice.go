package hunt

import "zabsim/internal/keyed"

// dice are the draws of one try of many: a function of seed, name and number.
type dice struct {
	stream keyed.Stream
	key, n uint64
}

func newDice(b Budget, name string, try int) dice {
	return dice{stream: keyed.New(b.Seed).Stream(name), key: uint64(try)}
}

// draw returns a number below limit.
func (d *dice) draw(limit int) int {
	d.n++
	return int(d.stream.Key2(d.key, d.n).Between(0, int64(limit-1)))
}

// share is how often something is tried: n times, or less if the budget is small, once
// for so many events.
func share(n int, events uint64, b Budget) int { return int(min(uint64(n), b.Events/events+1)) }
