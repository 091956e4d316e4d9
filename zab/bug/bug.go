// Package bug holds the switches that turn historical ZooKeeper bugs on.
//
// A switch is a constant, a branch beside the right code that reads
// Set.Has(bug.X), and a row in the registry that says what goes wrong and which
// invariant must notice. A run stores its Set in the plan; people name switches
// by the dotted name or by the JIRA issue (Lookup, Parse), or ask for all that
// a release had (Profile).
//
// The package imports nothing of the protocol, and the protocol reads nothing
// of it but Set and the constants.
package bug

// Set is a set of switches. The zero value is the correct protocol.
type Set [2]uint64

// Switch is one historical bug.
type Switch uint8

// The switches. Each is documented in the registry under its name. A Set is
// stored as bits: append, do not reorder.
const (
	FlatVoteOrder         Switch = iota // fle.flat-vote-order, ZOOKEEPER-1419
	AckNewLeaderBeforeLog               // follower.ack-nl-before-log, ZOOKEEPER-3911
	EpochBeforeHistory                  // follower.epoch-before-history, ZOOKEEPER-4643
)

// Has tells whether b is switched on.
func (s Set) Has(b Switch) bool { return s[b>>6]&(1<<(b&63)) != 0 }

// With returns s with b switched on.
func (s Set) With(b Switch) Set {
	s[b>>6] |= 1 << (b & 63)
	return s
}
