// Package coroutine runs recipes: ordinary blocking Go against client.Client,
// inside a world that is a value.
//
// The central type is State: a program and the history of all responses it was
// given. A recipe is a pure function of what it has been told, so this is its
// whole state; a world copies it in O(1) and names it in O(1). The goroutine
// stacks live in a Cache, one per worker, never in a world: Resume materialises
// them by feeding the responses that a live coroutine has not seen, or all of
// them to a new one.
//
//	calls, done, err := cache.Resume(i, &state) // what each task asks for
//	...                                         // the world chooses a task and an answer
//	state.Answer(client.Response{Task: 2, ...})
//
// # Order
//
// Every task is a coroutine (iter.Pull, which only this package may use). Exactly
// one runs at a time, and only inside Resume:
//
//   - Main runs to its first call when the program is materialised.
//   - A response resumes the task it is addressed to, which runs to its next call
//     or its end.
//   - A spawn is a call that the world answers at once. The spawner goes on first,
//     to its next call; then the new task runs to its first call, in the same
//     Resume. The new task's number is the number of tasks started so far.
//   - The program is done when every task has ended.
//
// # Stopping
//
// A coroutine that is dropped in mid-call is stopped: the call does not return but
// panics with a private sentinel, which the coroutine's root catches; deferred
// functions run on the way. Calls from then on panic the same way at once and
// never reach the world. A recipe that swallows the sentinel (a retry loop with
// recover) is let go on for refusalsMax calls; after that the coroutine is ended
// by runtime.Goexit, which no recover stops. Goexit would also end whoever resumes
// the coroutine, so that last step, and nothing else here, borrows a goroutine.
// What can't be stopped is a loop without calls; it hangs any Go program.
//
// # Errors
//
// A panic of the recipe's own becomes a PanicError that names recipe, client,
// task, and line. A recipe whose calls differ when it is told the same again is
// found by Verify. Package vet names the lines that use what recipes must not use.
//
// Imports: client and internal/fp. It must never import sim, zab or tree.
package coroutine
