// Package trace reads recordings of what a real ZooKeeper answered, step by step:
// JSON lines, plain or gzip, in the format that Decode documents by what it takes.
// It is strict: what it does not know is an error that names file, line and field
// and says what would be right, since a field that is passed over is a promise
// that nobody checks.
//
// A trace has one of two levels. At the server's level clients speak the raw wire
// protocol, so that every answer is the server's own (Step). At the level
// "java-client" the stock client library is in between (ClientStep).
package trace
