package path

import (
	"strconv"

	"zabsim/sim"
	"zabsim/sim/trace"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// Key names a choice of a world by what it is about, and not by a number that the
// next change of the code may give to something else: "deliver n1>n2", "crash n2
// keep=1 stage=renamed". Among the choices that a world offers, no two have one key.
func Key(w *sim.World, c sim.Choice) string {
	who := c.Node.String()
	switch c.Kind {
	case sim.ChoiceDeliver:
		conn := &w.Conns[c.Arg/2]
		from, to := conn.A, conn.B
		if c.Arg&1 == 1 {
			from, to = to, from
		}
		return "deliver " + end(from) + ">" + end(to) + which(w, int(c.Arg/2))
	case sim.ChoiceConnect:
		conn := &w.Conns[c.Arg]
		return "connect " + end(conn.A) + ">" + end(conn.B) + which(w, int(c.Arg))
	case sim.ChoiceTimer:
		return "timer " + who + "." + zab.TimerID(c.Alt).String()
	case sim.ChoiceDisk:
		return "disk " + who + "." + tokenName(zab.Token(c.Alt))
	case sim.ChoiceLane:
		return "run " + who + "." + zab.Lane(c.Alt).String()
	case sim.ChoiceClient:
		return "client " + strconv.Itoa(int(c.Arg)) + " " + sim.ClientAct(c.Alt).String()
	case sim.ChoiceCrash, sim.ChoiceReboot:
		return c.Kind.String() + " " + who + outcome(c.Arg)
	case sim.ChoiceRestart:
		return "restart " + who
	case sim.ChoiceBreak:
		conn := &w.Conns[c.Arg]
		return "cut " + end(conn.A) + "-" + end(conn.B) + " noticed by " + end(sim.Endpoint(c.Alt)) + which(w, int(c.Arg))
	case sim.ChoiceElect:
		text := "elect " + who + " with"
		for rest := quorum.Set(c.Alt); rest != 0; rest = rest.Without(rest.First()) {
			text += " " + strconv.Itoa(int(rest.First()))
		}
		return text
	}
	text := c.Kind.String()
	if c.Node != 0 {
		text += " " + who
	}
	return text + " " + strconv.Itoa(int(c.Alt)) + " " + strconv.Itoa(int(c.Arg))
}

func end(e sim.Endpoint) string {
	if n := e.Client(); n > 0 {
		return trace.ClientNode(n).String()
	}
	return e.Server().String()
}

// which tells a connection from others between the same two: by its plane if that is
// not the usual one, and by its slot if there are more on that plane.
func which(w *sim.World, slot int) string {
	conn := &w.Conns[slot]
	text := ""
	if conn.Plane == zab.PlaneElection {
		text = " election"
	}
	for i := range w.Conns {
		other := &w.Conns[i]
		same := other.A == conn.A && other.B == conn.B || other.A == conn.B && other.B == conn.A
		if i != slot && other.State != sim.ConnFree && other.Plane == conn.Plane && same {
			return text + " c" + strconv.Itoa(slot+1)
		}
	}
	return text
}

func tokenName(t zab.Token) string {
	switch t {
	case zab.TokenFlush:
		return "sync"
	case zab.TokenSnap:
		return "snap"
	}
	return "peer"
}

var stages = [...]string{"", " stage=torn", " stage=temp", " stage=renamed"}

// outcome says what a crash leaves, nothing for what nobody had synced.
func outcome(arg uint32) string {
	o := sim.OutcomeOf(arg)
	text := ""
	if o.Keep > 0 {
		text += " keep=" + strconv.Itoa(int(o.Keep))
	}
	if o.Torn {
		text += " torn"
	}
	return text + stages[o.Stage]
}
