// Package client is the interface that recipes are written against: a lock, a
// latch, a queue or a cache in ordinary blocking Go.
//
//	func raise(c client.Client) {
//		for {
//			data, stat, err := c.Get("/counter")
//			if err != nil {
//				return
//			}
//			n, _ := strconv.Atoi(data)
//			_, err = c.CompareAndSet("/counter", strconv.Itoa(n+1), stat.Version)
//			if err != client.ErrBadVersion {
//				return // nil, or an error whose outcome may be unknown
//			}
//		}
//	}
//
// The central type is Client. The simulator runs a recipe as coroutines (package
// coroutine); outside of it an adapter over a real ZooKeeper client runs the same
// source with goroutines. Both implement only Port, a single blocking call; New
// makes a Client of it. So Client may grow a method without breaking a host.
//
// # Rules for recipes
//
//   - Everything that blocks or varies comes from the Client: Sleep, Now, Rand,
//     Spawn, Wait. No go statement, channel, mutex, package time clock, global
//     variable or map order. coroutine/vet finds most of these by name and line.
//   - A task uses the Client that was handed to its own function.
//   - Tasks of one client never run at the same moment: from the return of one
//     call to the next call a task is undisturbed. They may share variables
//     without locks; what they read may have changed after every call.
//   - A recipe may be stopped at any call. That call does not return; deferred
//     functions run, and calls inside them do not return either. Only the session's
//     end cleans up on the servers, as after a real crash.
//
// # Rules for hosts
//
//   - A Call is answered once, with a Response; which call is answered next is the
//     host's decision. Calls for which Op.Instant holds are answered at once.
//   - Handles in Response.ID (watches, flags) are numbered by the host, from 1. The
//     zero Watch has ended and the zero Flag is raised, so waiting on them returns.
//   - An event is in its watch's queue before a call returns that shows the change.
//   - Calls and Responses are immutable once handed over, slices included.
//   - What a host cannot do is answered with ErrNotBuilt, never ignored.
//
// Package client is a leaf: it imports the standard library only, holds no clock
// and no randomness, and never imports a package of zabsim.
package client
