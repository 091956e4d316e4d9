// Package recipes holds recipes as Go programmers write them: a distributed lock
// with fencing tokens and a configuration centre. They are ordinary blocking Go
// against client.Client, so one source runs in the simulator, in a test against a
// map, and through zkadapter against a real ensemble.
//
// The central types are Lock and ConfigCache. Each has programs (LockProgram,
// ConfigWriterProgram, ConfigReaderProgram) that use it and say by notes what they
// believe; the comment of a program lists its notes and the properties that must
// hold of them.
//
// # Rules
//
//   - What client's package comment asks of recipes; a test reads this package with
//     coroutine/vet.
//   - A reply that is lost is asked for again, never guessed. An update is repeated
//     only when it is known that the first one did not happen, or when doing it
//     twice is harmless.
//   - A note that gives something up ("released") comes before the call that lets
//     others have it; a note that claims something ("acquired") comes after the
//     reply that proves it. So what the notes claim is never more than was true,
//     unless the session had ended without the client knowing.
//
// Imports: sim/client and the standard library.
package recipes
