// Package trace is what a run writes about itself: one event per applied choice,
// as a line of text for people and as a JSON object for programs.
//
// Every event folds into a running fingerprint, whether or not it is written, so
// two runs that took different roads end with different numbers.
package trace

import (
	"zabsim/internal/fp"
	"zabsim/zab/host"
)

// Node is who an event happens to: 0 the world, 1 to 8 a server, 9 and above a
// client (9 is client 1).
type Node uint8

// ClientNode returns the node of client c, counted from 1.
func ClientNode(c int) Node { return Node(8 + c) }

// Event is one applied choice.
type Event struct {
	ID     uint64 // from 1
	Cause  uint64 // the event that made this one possible, 0 for none
	At     host.Time
	Node   Node
	Lane   string // of a server; may be empty
	Verb   string // deliver, timer, fsync, write, crash, ...
	Detail string
}

// Delta is a fact of a node that changed with an event. Value is JSON.
type Delta struct {
	Node  Node
	Key   string
	Value string
}

// Sink takes events; a nil Sink records nothing.
type Sink interface {
	Event(e *Event, fingerprint fp.Hash, deltas []Delta)
}
