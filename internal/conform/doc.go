// Package conform replays recordings of a real ZooKeeper against this project's
// server and compares every answer, event and transaction, field by field, and in
// the end the whole tree.
//
// The Runner turns each step of a trace into messages of clients, lets a System
// execute them until it rests, and compares what came out. Sessions are compared
// by label, times by the transaction whose time they are, zxids through a Mapping,
// sets as sets. Where ZooKeeper itself races, file races.go says what is let pass.
//
// Walk, EndSessions and Files need no recording: they drive such an ensemble at random
// and know what must hold whatever is drawn. They are for hunts.
//
// One thing that a recording holds is not compared, because it counts bytes of the
// wire, which no message here has: bodyBytes.
package conform
