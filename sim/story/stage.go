package story

import (
	"strings"

	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/sim/trace"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// stage is a world on which a story is played.
type stage struct {
	w      *sim.World
	q      *quorum.Config
	judge  sim.Judge
	oracle bool

	out     []string // the reaction so far
	quietly bool     // leave events out of it: a run says how it ended
	silent  bool     // leave everything out of it but violations
	holds   []hold
	last    trace.Event // the last event
	state   [quorum.Slots]string
	fired   [quorum.Slots][zab.TimerCount]uint32
	clients []patron // slot 0 is unused
	known   []string // violations that the story expects
	choices []sim.Choice
}

// patron is what a stage keeps of a client.
type patron struct {
	via    quorum.ServerID // the only server it goes to
	asked  int             // operations
	done   int             // answered or lost
	result string          // of the last one
}

// apply applies a choice, judges it, and tells what happened.
func (s *stage) apply(c sim.Choice) {
	s.w.Describe(c, &s.last)
	s.judge.Before(s.w)
	s.w.Apply(c)
	found := len(s.judge.View.Violations)
	s.judge.After(s.w, c)
	loud := !s.quietly && !s.silent
	if loud {
		s.tell(line(&s.last))
	}
	for i := range s.w.Events {
		if note := s.note(i); note != "" && loud {
			s.tell(indent + note)
		}
	}
	for i := range s.w.Told {
		if note := s.heard(&s.w.Told[i]); note != "" && loud {
			s.tell(indent + note)
		}
	}
	for _, v := range s.judge.View.Violations[found:] {
		s.out = append(s.out, "VIOLATION "+v.String())
	}
}

// tell adds a line to the reaction.
func (s *stage) tell(line string) {
	if !s.silent {
		s.out = append(s.out, line)
	}
}

// unexpected returns the first violation that no command has expected, or "".
func (s *stage) unexpected() string {
	for i := range s.judge.View.Violations {
		v := &s.judge.View.Violations[i]
		if !contains(s.known, v.Check) {
			return v.String()
		}
	}
	return ""
}

func contains(list []string, name string) bool {
	for _, n := range list {
		if n == name {
			return true
		}
	}
	return false
}

// indent leads what an event had for a consequence.
const indent = "            "

// line writes an event as a trace does, without number, time and cause.
func line(e *trace.Event) string {
	who := e.Node.String()
	if e.Lane != "" {
		who += "." + e.Lane
	}
	return strings.TrimRight(pad(who, 10)+pad(e.Verb, 8)+e.Detail, " ")
}

func pad(text string, width int) string {
	if n := width - len(text); n > 0 {
		return text + strings.Repeat(" ", n)
	}
	return text + " "
}

// note says what event i of the step means, or nothing where the trace's line says
// it already.
func (s *stage) note(i int) string {
	e := &s.w.Events[i]
	p, who := &e.Probe, e.Server.String()
	if e.Kind == invariant.EvAck {
		return who + " acknowledges " + e.Zxid.String()
	}
	if e.Kind != invariant.EvProbe {
		return ""
	}
	switch p.Kind {
	case zab.ProbePropose:
		return who + " proposes " + p.Zxid.String() + " " + transaction(p.Txn)
	case zab.ProbeCommit:
		return p.Zxid.String() + " is committed"
	case zab.ProbeDeliver:
		return who + " applies " + p.Zxid.String()
	case zab.ProbeEstablish:
		return "epoch " + number(uint64(p.Epoch)) + " is established by " + p.Set.String() + ", its history ends with " + p.Zxid.String()
	case zab.ProbeSelfAck:
		return who + " acknowledges " + p.Zxid.String() + " to itself"
	case zab.ProbeSync:
		return who + " synchronizes " + p.Peer.String() + ", which is at " + p.Zxid.String() + ", by " + p.Mode.String()
	case zab.ProbeReplace:
		return p.Mode.String() + " leaves " + who + " with a history that ends with " + p.Zxid.String()
	case zab.ProbeIllegal:
		return who + ": " + p.Reason
	case zab.ProbeDrained:
		return who + " has drained its log writer, its tree ends with " + p.Zxid.String()
	case zab.ProbeRole:
		if !s.changesAgain(i) {
			return s.role(e.Server)
		}
	}
	return ""
}

// changesAgain tells whether the role that event i speaks of changes once more
// within the step. What is told is where the step ends, at the place where it got
// there: a server that drains its log writer at once is not LOOKING before.
func (s *stage) changesAgain(i int) bool {
	for _, e := range s.w.Events[i+1:] {
		if e.Kind == invariant.EvProbe && e.Probe.Kind == zab.ProbeRole && e.Server == s.w.Events[i].Server {
			return true
		}
	}
	return false
}

// role says what a server takes itself for, if that has changed.
func (s *stage) role(id quorum.ServerID) string {
	now := ""
	if srv := s.w.Servers[id]; srv != nil {
		st := srv.Status()
		now = id.String() + " is " + st.State.String() + " in " + st.Phase.String()
		if st.Stopping {
			now = id.String() + " ends its role"
		}
	}
	if now == s.state[id] {
		return ""
	}
	s.state[id] = now
	return now
}

// heard notes what a client was told.
func (s *stage) heard(e *sim.ClientEvent) string {
	c := &s.clients[e.Client]
	switch e.Kind {
	case sim.ClientCompleted:
		c.done++
		c.result = e.Result.Err.String()
		if e.Result.Data != "" {
			c.result += " " + e.Result.Data
		}
		return "client " + number(uint64(e.Client)) + " is told " + c.result + " at " + e.Zxid.String()
	case sim.ClientLost:
		c.done++
		c.result = e.Result.Err.String()
		return "client " + number(uint64(e.Client)) + " will never know what became of it"
	}
	return ""
}
