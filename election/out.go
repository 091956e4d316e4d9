package election

import (
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// TimerID names one timer of a Machine.
type TimerID uint8

const (
	// TimerPoll is the time-out of reading the inbox: the back-off, or the
	// finalize wait.
	TimerPoll TimerID = 0
	// TimerCount is the number of timers of a Machine.
	TimerCount = quorum.Slots
)

// TimerDial returns the timer that bounds the dial to p.
func TimerDial(p quorum.ServerID) TimerID { return TimerID(p) }

// OutOp says what an Out asks for.
type OutOp uint8

// What a Machine asks of its driver. Fields of Out not named here are zero.
const (
	OutSend      OutOp = iota // Note to Peer on Conn
	OutDial                   // open a connection to Peer
	OutClose                  // close Conn, or with Conn 0 give up the dial to Peer
	OutSetTimer               // fire Timer once, After from now
	OutStopTimer              // forget Timer
	OutDecide                 // the election is over: become State under Vote
	OutAdopt                  // nothing to do: Vote took the place of Was: of the round, or of the initial vote in a new one
)

// Out is one thing that must happen next.
type Out struct {
	Op    OutOp
	Conn  host.ConnID
	Peer  quorum.ServerID
	Timer TimerID
	After host.Duration
	Note  Note
	State State
	Vote  Vote
	Was   Vote       // OutAdopt
	Set   quorum.Set // OutDecide: the servers whose votes decided it
	// Unheard, of an OutDecide by votes of settled servers in the own round, tells that
	// the leader has not said in that round that it leads.
	Unheard bool
}

// Outs is what one or more calls asked for, in program order. The caller owns
// it and uses it again and again.
type Outs struct {
	list []Out
}

// Reset empties o and keeps its memory.
func (o *Outs) Reset() { o.list = o.list[:0] }

// List returns the Outs since the last Reset. It is valid until the next call
// that is given o.
func (o *Outs) List() []Out { return o.list }

func (o *Outs) send(c host.ConnID, p quorum.ServerID, n *Note) {
	o.list = append(o.list, Out{Op: OutSend, Conn: c, Peer: p, Note: *n})
}

func (o *Outs) dial(p quorum.ServerID) {
	o.list = append(o.list, Out{Op: OutDial, Peer: p})
}

func (o *Outs) close(c host.ConnID, p quorum.ServerID) {
	o.list = append(o.list, Out{Op: OutClose, Conn: c, Peer: p})
}

func (o *Outs) setTimer(t TimerID, after host.Duration) {
	o.list = append(o.list, Out{Op: OutSetTimer, Timer: t, After: after})
}

func (o *Outs) stopTimer(t TimerID) {
	o.list = append(o.list, Out{Op: OutStopTimer, Timer: t})
}

func (o *Outs) decide(s State, v Vote, set quorum.Set) {
	o.list = append(o.list, Out{Op: OutDecide, State: s, Vote: v, Set: set})
}

func (o *Outs) adopt(v, was Vote) {
	o.list = append(o.list, Out{Op: OutAdopt, Vote: v, Was: was})
}
