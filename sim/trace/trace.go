package trace

import (
	"strconv"
	"strings"

	"zabsim/internal/fp"
	"zabsim/zab/host"
)

// Node is who an event happens to: 0 the world, 1 to 8 a server, 9 and above a
// client (9 is client 1).
type Node uint8

// World is the node of events that happen to no server and no client.
const World Node = 0

// lastServer is the highest node of a server; clients follow.
const lastServer = 8

// ClientNode returns the node of client c, counted from 1.
func ClientNode(c int) Node { return Node(lastServer + c) }

// String returns "world", or "n1" for a server, or "c1" for a client.
func (n Node) String() string { return string(n.append(nil)) }

func (n Node) append(dst []byte) []byte {
	switch {
	case n == World:
		return append(dst, "world"...)
	case n <= lastServer:
		return append(dst, 'n', '0'+byte(n))
	default:
		return strconv.AppendUint(append(dst, 'c'), uint64(n-lastServer), 10)
	}
}

// ParseNode reads what Node.String writes.
func ParseNode(name string) (Node, bool) {
	if name == "world" {
		return World, true
	}
	if digits, ok := strings.CutPrefix(name, "n"); ok {
		n, err := strconv.ParseUint(digits, 10, 8)
		return Node(n), err == nil && n >= 1 && n <= lastServer
	}
	digits, ok := strings.CutPrefix(name, "c")
	n, err := strconv.ParseUint(digits, 10, 8)
	return Node(lastServer + n), ok && err == nil && n >= 1 && n <= 255-lastServer
}

// Header says which run a trace or a recording is of.
type Header struct {
	Scenario string
	Servers  int
	Clients  int
	Seed     uint64
	Bugs     string // names separated by commas, as bug.Names writes them
}

// Verdict is the result of one check, for the end of a text.
type Verdict struct {
	Check  string // name of the invariant or of the judge
	Result string // passed, violated, unknown, ...
	Detail string // what was seen; may be empty
}

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

// Sink takes events; a nil Sink records nothing. It must not keep e or deltas.
type Sink interface {
	Event(e *Event, fingerprint fp.Hash, deltas []Delta)
}

// Multi returns a sink that hands each event to all of sinks, in their order.
// It leaves out nil ones, and is nil if there are no others.
func Multi(sinks ...Sink) Sink {
	var m multi
	for _, s := range sinks {
		if s != nil {
			m = append(m, s)
		}
	}
	switch len(m) {
	case 0:
		return nil
	case 1:
		return m[0]
	}
	return m
}

type multi []Sink

func (m multi) Event(e *Event, fingerprint fp.Hash, deltas []Delta) {
	for _, s := range m {
		s.Event(e, fingerprint, deltas)
	}
}
