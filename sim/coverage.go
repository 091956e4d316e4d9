package sim

import (
	"math/bits"

	"zabsim/election"
	"zabsim/internal/fp"
	"zabsim/sim/invariant"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// What can happen to a server, as coverage counts it. Packets have their own numbers.
const (
	metNote     = 20 // + the sender's state
	metClient   = 24
	metClosed   = 25 // + plane
	metDiskFail = 28
	metStart    = 29
	metCrash    = 32 // + the step that the peer thread waits for
	metTimer    = 40 // + kind, see timerKind
	metCount    = 64

	coverPhases = int(zab.PhaseBroadcast) + 1
	coverStates = (int(election.Observing)+1)*coverPhases + 1 // and down
	coverDown   = coverStates - 1

	cellWords = coverStates * metCount / 64
	edgeWords = 64
)

// Coverage is which transitions of the protocol a run took: what happened to a server
// (a packet, a notification, a timer, a crash in the middle of a step) in which role
// and phase. Beside these, which have names, it knows which of them followed upon each
// other at one server, as marks in a table of 4,096 places, and the
// sometimes-properties that were reached. It is a value; the zero value has seen nothing.
type Coverage struct {
	Seen  invariant.Seen
	cells [cellWords]uint64
	edges [edgeWords]uint64
}

// Add adds what o has seen and returns how many named things and how many marks were
// new.
func (c *Coverage) Add(o *Coverage) (named, marks int) {
	named = bits.OnesCount64(uint64(o.Seen &^ c.Seen))
	c.Seen |= o.Seen
	for i := range c.cells {
		named += bits.OnesCount64(o.cells[i] &^ c.cells[i])
		c.cells[i] |= o.cells[i]
	}
	for i := range c.edges {
		marks += bits.OnesCount64(o.edges[i] &^ c.edges[i])
		c.edges[i] |= o.edges[i]
	}
	return named, marks
}

// Count returns how many transitions and how many marks were seen.
func (c *Coverage) Count() (transitions, marks int) {
	for _, w := range c.cells {
		transitions += bits.OnesCount64(w)
	}
	for _, w := range c.edges {
		marks += bits.OnesCount64(w)
	}
	return transitions, marks
}

// TransitionMax is above the number of every transition.
const TransitionMax = coverStates * metCount

// Transitions calls f with the number of each transition that was seen, in order.
func (c *Coverage) Transitions(f func(number int)) {
	for i, w := range c.cells {
		for ; w != 0; w &= w - 1 {
			f(i*64 + bits.TrailingZeros64(w))
		}
	}
}

// TransitionName names a transition, such as "FOLLOWING/SYNCHRONIZATION NEWLEADER".
func TransitionName(number int) string {
	return stateName(number/metCount) + " " + metName(number%metCount)
}

func stateName(s int) string {
	if s == coverDown {
		return "down"
	}
	state := election.State(s / coverPhases)
	if state == election.Looking {
		return state.String()
	}
	return state.String() + "/" + zab.Phase(s%coverPhases).String()
}

var timerNames = [...]string{"poll", "dial", "tick", "initLimit", "read", "connect", "session", "container", "handler"}

var stepNames = [...]string{"", "acceptedEpoch", "truncate", "snapshot", "history", "currentEpoch", "hand-over"}

func metName(m int) string {
	switch {
	case m >= metTimer && m-metTimer < len(timerNames):
		return "timer " + timerNames[m-metTimer]
	case m == metCrash:
		return "crash"
	case m > metCrash && m-metCrash < len(stepNames):
		return "crash at " + stepNames[m-metCrash]
	case m == metStart:
		return "start"
	case m == metDiskFail:
		return "disk error"
	case m >= metClosed && m < metDiskFail:
		return "closed " + [...]string{"election", "quorum", "client"}[m-metClosed]
	case m == metClient:
		return "client message"
	case m >= metNote && m < metClient:
		return "notification " + election.State(m-metNote).String()
	}
	return zab.PacketType(m).String()
}

func timerKind(t zab.TimerID) int {
	switch {
	case t == zab.TimerElection:
		return 0
	case t < zab.TimerTick:
		return 1
	case t >= zab.TimerHandler:
		return len(timerNames) - 1
	}
	return 2 + int(t-zab.TimerTick)
}

// cover is what a Runner keeps for its coverage.
type cover struct {
	coverage Coverage
	last     [quorum.Slots]uint16
}

// Coverage returns what the run has covered so far.
func (r *Runner) Coverage() *Coverage {
	r.cover.coverage.Seen = r.View.Seen
	return &r.cover.coverage
}

// covers notes what choice c is about to do to a server.
func (r *Runner) covers(c Choice) {
	id, met := c.Node, 0
	switch c.Kind {
	case ChoiceDeliver:
		if id, met = r.arriving(int(c.Arg)); id == 0 {
			return
		}
	case ChoiceTimer:
		met = metTimer + timerKind(zab.TimerID(c.Alt))
	case ChoiceCrash:
		met = metCrash + int(r.status[id].Step)
	case ChoiceRestart:
		met = metStart
	case ChoiceDiskFail:
		met = metDiskFail
	default:
		return
	}
	state := coverDown
	if r.View.Up.Has(id) {
		state = int(r.status[id].State)*coverPhases + int(r.status[id].Phase)
	}
	cell := state*metCount + met
	v := &r.cover.coverage
	v.cells[cell/64] |= 1 << (cell % 64)
	// Pings and notifications come between any two: they would mark everything.
	if met == int(zab.Ping) || met == metTimer+2 {
		return
	}
	mark := fp.New(uint64(r.cover.last[id])).Word(uint64(cell)).Done() % (edgeWords * 64)
	r.cover.last[id] = uint16(cell)
	v.edges[mark/64] |= 1 << (mark % 64)
}

// arriving returns who reads the head of a queue, 0 for a client, and what it is.
func (r *Runner) arriving(q int) (quorum.ServerID, int) {
	c := &r.World.Conns[q/2]
	to := c.B
	if q&1 == 1 {
		to = c.A
	}
	if to.Client() > 0 {
		return 0, 0
	}
	queue := r.World.Queues[q]
	if queue.Len() == 0 {
		return to.Server(), metClosed + int(c.Plane)
	}
	switch m := queue.Head(); c.Plane {
	case zab.PlaneElection:
		return to.Server(), metNote + int(m.Note.State)
	case zab.PlaneQuorum:
		return to.Server(), int(m.Packet.Type)
	}
	return to.Server(), metClient
}
