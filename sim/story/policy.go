package story

import (
	"errors"
	"fmt"
	"strings"

	"zabsim/sim"
	"zabsim/sim/trace"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// eventsMax is how many events one run may take unless the story says.
const eventsMax = 20_000

// next returns what the policy does next: the first choice in canonical order that
// is no timer. If there is none, with polls set, the silence ends for which a server
// waits that has counted a quorum; then a learner dials again; and at last, with
// polls set, a poll of an election ends. Of several the one goes first that went least. Links, lanes and timers that are held, and
// everything else that needs a decision (crashes, elections by oracle), are left
// to the story.
func (s *stage) next(polls bool) (sim.Choice, bool) {
	s.choices = s.w.Enabled(s.choices[:0], sim.SearchOptions{})
	var best sim.Choice
	for _, c := range s.choices {
		switch c.Kind {
		case sim.ChoiceDeliver, sim.ChoiceConnect, sim.ChoiceDisk, sim.ChoiceLane:
			if !s.held(c) {
				return c, true
			}
		case sim.ChoiceClient:
			if s.lets(c) {
				return c, true
			}
		case sim.ChoiceTimer:
			if retry := zab.TimerID(c.Alt) != zab.TimerElection; (polls || retry) && !s.held(c) && s.sooner(c, best) {
				best = c
			}
		}
	}
	return best, best.Kind != sim.ChoiceNone
}

// sooner tells whether timer c fires before timer d.
func (s *stage) sooner(c, d sim.Choice) bool {
	if d.Kind == sim.ChoiceNone {
		return true
	}
	if a, b := s.rank(c), s.rank(d); a != b {
		return a < b
	}
	return s.fired[c.Node][c.Alt] < s.fired[d.Node][d.Alt]
}

// rank orders the timers. A learner gives up after five tries, and its leader, whose
// silence has not ended yet, would be left alone: so that comes first.
func (s *stage) rank(c sim.Choice) int {
	if zab.TimerID(c.Alt) != zab.TimerElection {
		return 1
	}
	if _, _, finalizing := s.w.Servers[c.Node].Ballot(); finalizing {
		return 0
	}
	return 2
}

// lets tells whether a client may do this by itself: dial only the server that the
// story names, and only while it serves.
func (s *stage) lets(c sim.Choice) bool {
	p := &s.clients[c.Arg]
	if sim.ClientAct(c.Alt) != sim.ActDial {
		return true
	}
	if srv := s.w.Servers[p.via]; srv == nil || !srv.Accepts(zab.PlaneClient) {
		return false
	}
	s.w.Aim(int(c.Arg), p.via)
	return true
}

// run applies choices of the policy until the goal holds.
func (s *stage) run(goal *condition, atMost int) error {
	limit := eventsMax
	if atMost > 0 {
		limit = atMost
	}
	for n := 0; ; n++ {
		if goal.holds != nil && goal.holds() {
			break
		}
		c, ok := s.next(goal.holds != nil)
		why := ""
		switch {
		case !ok && goal.holds == nil:
			return nil
		case !ok:
			why = "nothing more is possible"
		case n == limit:
			why = number(uint64(n)) + " events"
		}
		if why != "" && atMost > 0 {
			s.tell(why + ", and still not: " + goal.text)
			return nil
		}
		if why != "" {
			return errors.New(why + ", and still not: " + goal.text + s.holding() + "; it is:\n" + strings.Join(s.status(), "\n"))
		}
		if c.Kind == sim.ChoiceTimer {
			s.fired[c.Node][c.Alt]++
		}
		s.apply(c)
	}
	return nil
}

// hold is what the policy leaves alone.
type hold struct {
	text     string
	from, to sim.Endpoint // a link; or
	plane    int          // of the link, -1 for all
	who      string       // a lane: n2.sync
	at       string       // only at an event that begins with this word; empty: always
}

// held tells whether a hold is in the way of c.
func (s *stage) held(c sim.Choice) bool {
	if len(s.holds) == 0 {
		return false
	}
	var e trace.Event
	s.w.Describe(c, &e)
	for i := range s.holds {
		if s.holds[i].stops(s.w, c, &e) {
			return true
		}
	}
	return false
}

func (h *hold) stops(w *sim.World, c sim.Choice, e *trace.Event) bool {
	if h.at != "" && !begins(e, h.at) {
		return false
	}
	switch {
	case h.who != "":
		return c.Kind != sim.ChoiceDeliver && c.Kind != sim.ChoiceConnect && h.who == e.Node.String()+"."+lane(c, e)
	case c.Kind == sim.ChoiceDeliver:
		from, to, plane := ends(w, c)
		return from == h.from && to == h.to && (h.plane < 0 || h.plane == int(plane))
	case c.Kind == sim.ChoiceConnect:
		conn := &w.Conns[c.Arg]
		there := conn.A == h.from && conn.B == h.to || conn.A == h.to && conn.B == h.from
		return there && h.at == "" && (h.plane < 0 || h.plane == int(conn.Plane))
	}
	return false
}

// begins tells whether an event is of this word: its verb, or the head of its detail.
func begins(e *trace.Event, word string) bool {
	return e.Verb == word || strings.HasPrefix(e.Detail+" ", word) &&
		strings.ContainsAny((e.Detail + " ")[len(word):len(word)+1], " =./<")
}

// lane names what c belongs to: timers by their own name, all else by lane.
func lane(c sim.Choice, e *trace.Event) string {
	if c.Kind == sim.ChoiceTimer {
		return e.Detail
	}
	return e.Lane
}

// ends returns between whom a delivery is.
func ends(w *sim.World, c sim.Choice) (from, to sim.Endpoint, plane zab.Plane) {
	conn := &w.Conns[c.Arg/2]
	if c.Arg&1 == 1 {
		return conn.B, conn.A, conn.Plane
	}
	return conn.A, conn.B, conn.Plane
}

// holding names the holds for an error.
func (s *stage) holding() string {
	if len(s.holds) == 0 {
		return ""
	}
	var list []string
	for i := range s.holds {
		list = append(list, s.holds[i].text)
	}
	return " (held: " + strings.Join(list, "; ") + ")"
}

// servers writes the set of the world's servers for errors.
func (s *stage) servers() string { return s.q.All().String() }

func (s *stage) server(text string) (quorum.ServerID, error) {
	id, err := parseServer(text)
	if err != nil {
		return 0, err
	}
	if !s.q.All().Has(id) {
		return 0, fmt.Errorf("there is no server %s, the servers are %s", id, s.servers())
	}
	return id, nil
}
