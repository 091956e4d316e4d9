package explore

import "zabsim/sim"

// ample leaves of the choices of a state the one that may be made alone, if there is
// one, and else all.
//
// It is a delivery to a client that can't do anything of its own: an answer, or the
// end of its connection. Until it is made,
//
//   - it stays possible. A client has one open connection at a time. Whatever the
//     server does, a close and a crash included, comes behind what it has sent, and
//     nobody but the client reads there. (A reset would take it away: see Check.)
//   - nothing that others do depends on it, nor it on them: it touches the client,
//     its end of the connection, and, if that is the end of both, a slot that only
//     this client can use again.
//   - the client makes no choice: it starts an operation when it has none under way,
//     and dials when it has no connection, and gets there by such a delivery only.
//     Where it could start one, all choices are made.
//
// It is invisible: no status, disk or ghost changes, no event is judged; that is
// looked at each time. And each takes a message off a queue and puts none on it, so
// that no cycle consists of such states alone and nothing is put off for ever.
//
// So to each schedule belongs one that makes these deliveries at once, in which the
// servers go through the same states in the same order: verdicts and reachable
// statuses are equal (Clarke, Grumberg and Peled, C0 to C3). There are fewer states,
// and a path may be longer than the shortest without the reduction.
func (k *worker) ample(choices []sim.Choice) []sim.Choice {
	for _, c := range choices {
		if c.Kind != sim.ChoiceDeliver {
			break // they come first
		}
		client := k.readerOf(c).Client()
		if client == 0 || acts(choices, client) {
			continue
		}
		k.try(c)
		quiet := k.actOf(c).manner == 0
		k.moves--
		k.retract()
		if quiet {
			choices[0] = c
			return choices[:1]
		}
	}
	return choices
}

// readerOf returns who gets what a choice delivers.
func (k *worker) readerOf(c sim.Choice) sim.Endpoint {
	conn := &k.from.conns[c.Arg/2]
	if c.Arg%2 == 0 {
		return conn.B
	}
	return conn.A
}

// acts tells whether a client may do something of its own.
func acts(choices []sim.Choice, client int) bool {
	for _, c := range choices {
		if c.Kind == sim.ChoiceClient && int(c.Arg) == client {
			return true
		}
	}
	return false
}
