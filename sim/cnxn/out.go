package cnxn

import (
	"zabsim/sim/client"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Watcher is the identity of a watcher object, given by the host. Zero is none.
type Watcher uint32

// DefaultWatcher is the watcher of the client itself: it hears of all changes of
// the session, and a call may name it as any other.
const DefaultWatcher Watcher = 1<<32 - 1

// Timer names a timer of a client. At most one of a kind runs.
type Timer uint8

// The timers.
const (
	TimerBackoff Timer = iota // dial the next server
	TimerConnect              // the dial or the handshake takes too long
	TimerRead                 // nothing was heard for too long
	TimerPing                 // nothing was sent for too long
	TimerExpire               // nothing was heard for so long that the session must be gone
	TimerCount
)

// String returns the timer's name.
func (t Timer) String() string {
	if t >= TimerCount {
		return "timer?"
	}
	return [...]string{"backoff", "connect", "read", "ping", "expire"}[t]
}

// EffectKind is what a client wants done.
type EffectKind uint8

// The effects.
const (
	Dial      EffectKind = iota // open a connection to Server; DialDone or DialFailed tells the end
	Abandon                     // give up the dial to Server
	Send                        // Msg, on Conn
	Close                       // Conn
	SetTimer                    // Timer, After, and up to Jitter more; it replaces a running one
	StopTimer                   // Timer
	Complete                    // Completion
	Notify                      // Event
	NewState                    // State
)

// String returns the effect's name.
func (k EffectKind) String() string {
	if k > NewState {
		return "effect?"
	}
	return [...]string{"dial", "abandon", "send", "close", "set-timer", "stop-timer", "complete", "notify", "state"}[k]
}

// Effect is one thing that a client wants done. The comments of EffectKind name
// the fields that count.
type Effect struct {
	Kind          EffectKind
	Timer         Timer
	State         client.State
	Server        int
	Conn          host.ConnID
	After, Jitter host.Duration
	at            int
}

// Completion ends an operation.
type Completion struct {
	Tag  uint32
	Sent bool // false: the request never left the client
	// Code is what the API reports: that of the reply, but OK for an exists that
	// finds nothing, the first error of a multi, and the client's own.
	Code   txn.Code
	Op     txn.Op // OpNone for NewSession
	Cxid   uint32
	Zxid   zxid.Zxid    // of the reply's header
	Result txn.Result   // paths without the chroot
	Req    *txn.Request // as it was sent, or would have been; nil for what needs no server
	// Response is for Submit only.
	Response client.Response
}

// Event calls watchers.
type Event struct {
	client.Event
	Watchers []Watcher // each once, ascending
}

// Out collects what a client wants done, in order. Reset it before each input;
// what it holds is valid until then.
type Out struct {
	Effects  []Effect
	msgs     []zab.ClientMsg
	done     []Completion
	events   []Event
	watchers []Watcher
}

// Reset empties o and keeps its memory.
func (o *Out) Reset() {
	clear(o.msgs)
	clear(o.done)
	clear(o.events)
	o.Effects, o.msgs, o.done = o.Effects[:0], o.msgs[:0], o.done[:0]
	o.events, o.watchers = o.events[:0], o.watchers[:0]
}

// Msg returns the message of a Send.
func (o *Out) Msg(e *Effect) *zab.ClientMsg { return &o.msgs[e.at] }

// Completion returns that of a Complete.
func (o *Out) Completion(e *Effect) *Completion { return &o.done[e.at] }

// Event returns that of a Notify.
func (o *Out) Event(e *Effect) *Event { return &o.events[e.at] }

func (o *Out) add(e Effect) { o.Effects = append(o.Effects, e) }

func (o *Out) timer(t Timer, after host.Duration) {
	o.add(Effect{Kind: SetTimer, Timer: t, After: after})
}

func (o *Out) stop(t Timer) { o.add(Effect{Kind: StopTimer, Timer: t}) }

func (o *Out) send(conn host.ConnID, m zab.ClientMsg) {
	o.add(Effect{Kind: Send, Conn: conn, at: len(o.msgs)})
	o.msgs = append(o.msgs, m)
}

func (o *Out) complete(d Completion) {
	o.add(Effect{Kind: Complete, at: len(o.done)})
	o.done = append(o.done, d)
}

func (o *Out) notify(e Event) {
	o.add(Effect{Kind: Notify, at: len(o.events)})
	o.events = append(o.events, e)
}
