// Package bug holds the switches that turn historical ZooKeeper bugs on.
package bug

// Set is a set of switches. The zero value is the correct protocol.
type Set [2]uint64

// Switch is one historical bug.
type Switch uint8

// The switches. Each is documented in the registry below its name.
const (
	FlatVoteOrder          Switch = iota // fle.flat-vote-order, ZOOKEEPER-1419
	AckNewLeaderBeforeLog                // follower.ack-nl-before-log, ZOOKEEPER-3911
	EpochBeforeHistory                   // follower.epoch-before-history, ZOOKEEPER-4643
)

// Has tells whether b is switched on.
func (s Set) Has(b Switch) bool { return s[b>>6]&(1<<(b&63)) != 0 }

// With returns s with b switched on.
func (s Set) With(b Switch) Set {
	s[b>>6] |= 1 << (b & 63)
	return s
}
