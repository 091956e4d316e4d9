package client

// SignalKind tells what a Signal waits for.
type SignalKind uint8

// The kinds of signals.
const (
	SignalTask  SignalKind = iota // ready when the task has ended
	SignalWatch                   // ready while it has events, and when it has ended
	SignalFlag                    // ready when raised
)

// Signal names a thing to wait for, as a plain value.
type Signal struct {
	Kind SignalKind
	ID   uint32
}

// Waitable is what Wait accepts: a Task, a Watch or a Flag.
type Waitable interface {
	Signal() Signal
}

// Signal returns s itself.
func (s Signal) Signal() Signal { return s }

// Task is a spawned task. Tasks are numbered in the order in which they start;
// main is 0.
type Task struct{ ID uint32 }

// Signal is ready when the task has ended.
func (t Task) Signal() Signal { return Signal{Kind: SignalTask, ID: t.ID} }

// Watch is a queue of events. A one-shot watch ends after its event, every watch
// but those of SessionEvents ends with the session. It survives a change of
// server; a persistent one may miss what happened meanwhile (protocol fact 12.4).
type Watch struct{ ID uint32 }

// Signal is ready when Next would not block.
func (w Watch) Signal() Signal { return Signal{Kind: SignalWatch, ID: w.ID} }

// Flag is raised once and stays up.
type Flag struct{ ID uint32 }

// Signal is ready when the flag is raised.
func (f Flag) Signal() Signal { return Signal{Kind: SignalFlag, ID: f.ID} }
