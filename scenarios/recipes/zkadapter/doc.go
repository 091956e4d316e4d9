// Package zkadapter runs recipes against a real ensemble: client.Client over
// go-zookeeper (github.com/go-zookeeper/zk), which no other package imports.
//
//	err := zkadapter.RunProgram([]string{"localhost:2181"}, recipes.LockProgram("/lock", 3, time.Second))
//
// The central function is RunProgram. Each task of a program is a goroutine, and a
// lock is handed around so that the tasks of one client never run at the same
// moment, as the rules of client.Client demand. Time is the machine's.
//
// # What differs from the simulator
//
//   - createStat, addWatch and removeWatch are not in go-zookeeper; they return
//     client.ErrNotBuilt, as do containers and nodes with a time to live in a multi.
//   - Event.Zxid is always zero, and Session.Timeout is what was asked for: the
//     library does not tell.
//   - go-zookeeper replaces an expired session by itself. That would let an operation
//     of the old session happen in the new one, so the adapter closes the connection
//     the moment it hears of the expiry; until NewSession operations fail.
//   - When a connection breaks, operations that were not sent yet may be sent on the
//     next one. Those on their way end with ErrConnectionLoss.
//   - Close waits at most a second and does not tell whether the server heard it.
//
// Package zkadapter is a driver: it uses goroutines, channels and clocks.
package zkadapter
