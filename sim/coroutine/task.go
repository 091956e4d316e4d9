package coroutine

import (
	"fmt"
	"iter"
	"path"
	"runtime"
	"strings"

	"zabsim/sim/client"
)

// refusalsMax is how many calls after the stop panic, before the task is taken for
// one that swallows the panic. Deferred functions make a few.
const refusalsMax = 100

// stopped is the sentinel. Only the root of a task looks for it.
type stopped struct{}

// A task is one coroutine. Call and answer pass through its fields, not through
// the iterator: they are large, and nobody else runs meanwhile.
type task struct {
	m       *machine
	name    string
	number  int
	run     func(client.Client)
	next    func() (struct{}, bool)
	yield   func(struct{}) bool
	call    client.Call         // what it asks for
	answer  *client.Response    // what it is told
	spawn   func(client.Client) // while it asks to spawn: what
	spawned client.Task         // answer of a spawn
	failure error               // how it ended, if badly
	ended   bool                // its function has returned
	refused int                 // calls since the stop; 0 means not stopped
	leaving bool                // the next call leaves by Goexit
}

func newTask(m *machine, name string, run func(client.Client)) *task {
	t := &task{m: m, name: name, number: len(m.tasks), run: run}
	t.next, _ = iter.Pull(t.body)
	return t
}

// body is the root of the coroutine.
func (t *task) body(yield func(struct{}) bool) {
	t.yield = yield
	defer func() {
		// Nil after a return and after Goexit.
		if v := recover(); v != nil && t.refused == 0 {
			t.failure = &PanicError{Recipe: t.m.program.Name, Client: t.m.name,
				Task: t.name, Number: t.number, Value: v, Line: panicLine()}
		}
	}()
	t.run(client.New(t))
}

// Name implements client.Port.
func (t *task) Name() string { return t.m.name }

// Do implements client.Port.
func (t *task) Do(call client.Call) *client.Response {
	if t.m.running != t {
		// Switching to another coroutine's caller would be fatal without a word.
		panic(fmt.Sprintf("%v called on the client of task %s; use the client that the task's own function was given",
			call.Op, t.name))
	}
	if t.refused > 0 {
		t.refuse()
	}
	t.call = call
	t.yield(struct{}{})
	if t.refused > 0 {
		t.refuse()
	}
	return t.answer
}

// Spawn implements client.Port.
func (t *task) Spawn(name string, run func(client.Client)) client.Task {
	t.spawn = run
	t.Do(client.Call{Op: client.OpSpawn, Path: name})
	return t.spawned
}

// stop ends a task that waits in a call.
func (t *task) stop() {
	t.refused = 1
	if _, asks := t.next(); !asks {
		t.ended = true
		return
	}
	// It swallowed refusalsMax panics and stands in refuse again.
	t.leaving = true
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		t.next() // ends this goroutine along with the coroutine
	}()
	<-gone
	t.ended = true
}

// refuse is what a call does once the task is stopped. It never returns.
func (t *task) refuse() {
	if t.refused++; t.refused > refusalsMax && !t.leaving {
		t.yield(struct{}{}) // back to stop, which sets leaving
	}
	if t.leaving {
		runtime.Goexit()
	}
	panic(stopped{})
}

// PanicError is a recipe's own panic.
type PanicError struct {
	Recipe string // the program's name
	Client string
	Task   string // the task's name
	Number int    // and number
	Value  any    // what it panicked with
	Line   string // "lock.go:42", empty if unknown
}

// Error names the recipe, the task and the line.
func (e *PanicError) Error() string {
	at := ""
	if e.Line != "" {
		at = " at " + e.Line
	}
	return fmt.Sprintf("recipe %s, client %s, task %d (%s): panic%s: %v", e.Recipe, e.Client, e.Number, e.Task, at, e.Value)
}

// Unwrap returns the panic's value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// panicLine returns the innermost line of the recipe while its panic is being
// recovered: the first frame behind the runtime's and the client's methods. Only
// the file's base name, since messages must be the same on every machine.
func panicLine() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	inPanic := false
	for {
		f, more := frames.Next()
		if f.Function == "runtime.gopanic" {
			inPanic = true
		} else if inPanic && !strings.HasPrefix(f.Function, "runtime.") && !ownFrame(f.Function) {
			return fmt.Sprintf("%s:%d", path.Base(f.File), f.Line)
		}
		if !more {
			return ""
		}
	}
}

// ownFrame tells whether a function is a method of a Client, not of the recipe.
func ownFrame(function string) bool {
	return strings.HasPrefix(function, "zabsim/sim/client.caller.") ||
		strings.HasPrefix(function, "zabsim/sim/coroutine.(*task).")
}
