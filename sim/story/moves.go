package story

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"zabsim/election"
	"zabsim/internal/nearest"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

func cutValue(text string) (key, value string, ok bool) { return strings.Cut(text, "=") }

func elect(s *stage, args []string) error {
	if len(args) < 1 || len(args) > 1 && (args[1] != "with" || len(args) < 3) {
		return wrong("elect")
	}
	if !s.oracle {
		return fmt.Errorf("this world elects by itself: use run until leader, or world election=oracle")
	}
	leader, err := s.running(args[0])
	if err != nil {
		return err
	}
	leads := s.w.Servers[leader].State() == election.Leading && !s.w.Servers[leader].Stopping()
	var set quorum.Set
	for _, arg := range args[min(2, len(args)):] {
		id, err := s.running(arg)
		if err != nil {
			return err
		}
		if id != leader {
			set = set.With(id)
		}
	}
	asked := set
	if !leads {
		asked = asked.With(leader)
	}
	for rest := asked; rest != 0; rest = rest.Without(rest.First()) {
		if srv := s.w.Servers[rest.First()]; srv.State() != election.Looking || srv.Stopping() {
			return fmt.Errorf("%s is not LOOKING: it is %s", rest.First(), srv.State())
		}
	}
	if !leads {
		if err := s.mayWin(leader, asked); err != nil {
			return err
		}
	}
	s.apply(sim.Choice{Kind: sim.ChoiceElect, Node: leader, Alt: uint8(set)})
	return nil
}

// mayWin tells whether an election of this set can end with leader: an oracle saves a
// story the notifications, and must not do what they can't.
func (s *stage) mayWin(leader quorum.ServerID, set quorum.Set) error {
	voters := set & s.q.Voters
	switch {
	case !voters.Has(leader):
		return fmt.Errorf("%s is an observer: the voters are %s", leader, s.q.Voters)
	case !s.q.Contains(voters):
		return fmt.Errorf("%s is no quorum of %s", voters, s.q.Voters)
	}
	if better := s.w.Outvotes(leader, voters); better != 0 {
		return fmt.Errorf("the vote of %s beats that of %s, no election of %s ends so; it is:\n%s",
			better, leader, voters, strings.Join(s.status(), "\n"))
	}
	return nil
}

// find returns the possible choice of this kind in a lane of server id, whatever
// is held.
func (s *stage) find(kind sim.ChoiceKind, id quorum.ServerID, lane string) (sim.Choice, bool) {
	s.choices = s.w.Enabled(s.choices[:0], sim.SearchOptions{})
	var e trace.Event
	for _, c := range s.choices {
		if c.Kind != kind || c.Node != id {
			continue
		}
		if s.w.Describe(c, &e); e.Lane == lane {
			return c, true
		}
	}
	return sim.Choice{}, false
}

// knownLane tells whether a name may be a lane or a timer at all.
func knownLane(name string) error {
	var names []string
	for l := zab.LanePeer; l <= zab.LaneHandler+quorum.Max; l++ {
		if l != zab.LaneHandler {
			names = append(names, l.String())
		}
	}
	for t := zab.TimerElection; t < zab.TimerCount; t++ {
		names = append(names, t.String())
	}
	if contains(names, name) {
		return nil
	}
	return fmt.Errorf("there is no lane or timer %q%s; lanes are peer, fle, sync, commit, prep, snap, and h1 for the handler of n1; "+
		"timers are poll, tick, initLimit, read, connect, dial-1 and read-1", name, nearest.Hint(name, names))
}

// runLane gives a lane one turn.
func runLane(s *stage, place string) error {
	id, lane, err := s.place(place)
	if err != nil {
		return err
	}
	if s.w.Setup().Grain != plan.GrainThreads {
		return fmt.Errorf("%s: lanes take turns of their own only in a world with grain=threads", place)
	}
	if err := knownLane(lane); err != nil {
		return err
	}
	c, ok := s.find(sim.ChoiceLane, id, lane)
	if !ok {
		return fmt.Errorf("%s has nothing to do", place)
	}
	s.apply(c)
	return nil
}

func disk(s *stage, args []string) error     { return diskEnds(s, args, sim.ChoiceDisk, "disk") }
func failDisk(s *stage, args []string) error { return diskEnds(s, args, sim.ChoiceDiskFail, "fail") }

// diskEnds completes a disk operation, one way or the other.
func diskEnds(s *stage, args []string, kind sim.ChoiceKind, name string) error {
	if len(args) != 1 {
		return wrong(name)
	}
	id, lane, err := s.place(args[0])
	if err != nil {
		return err
	}
	c, ok := s.find(sim.ChoiceDisk, id, lane)
	if !ok {
		return fmt.Errorf("no disk operation of %s is under way", args[0])
	}
	c.Kind = kind
	s.apply(c)
	return nil
}

// timer lets a timer fire, and again as often as it is set anew.
func timer(s *stage, args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return wrong("timer")
	}
	if who, name, ok := strings.Cut(args[0], "."); ok && strings.HasPrefix(who, "c") && len(args) == 1 {
		return s.clientTimer(who[1:], name)
	}
	id, name, err := s.place(args[0])
	if err != nil {
		return err
	}
	times := 1
	if len(args) == 2 {
		if times, err = count("how often", args[1], 1, 1000); err != nil {
			return err
		}
	}
	for range times {
		if err := s.fire(id, name); err != nil {
			return err
		}
	}
	return nil
}

func (s *stage) fire(id quorum.ServerID, name string) error {
	names := []string(nil)
	for rest := s.w.Timers[id]; rest != 0; rest &= rest - 1 {
		t := zab.TimerID(bits.TrailingZeros32(rest))
		if names = append(names, t.String()); t.String() == name {
			s.apply(sim.Choice{Kind: sim.ChoiceTimer, Node: id, Alt: uint8(t)})
			return nil
		}
	}
	if len(names) == 0 {
		names = []string{"none"}
	}
	return fmt.Errorf("no timer %q of %s runs; those that run: %s", name, id, strings.Join(names, ", "))
}

// clientTimer lets a client do what only time makes it do.
func (s *stage) clientTimer(digits, name string) error {
	i, err := s.clientNumber(digits)
	if err != nil {
		return err
	}
	for _, act := range []sim.ClientAct{sim.ActPing, sim.ActRead} {
		if act.String() != name {
			continue
		}
		if !s.w.Clients[i].Connected() {
			return fmt.Errorf("client %d is not connected", i)
		}
		s.apply(sim.Choice{Kind: sim.ChoiceClient, Alt: uint8(act), Arg: uint32(i)})
		return nil
	}
	return fmt.Errorf("a client has no timer %q: its timers are %s and %s", name, sim.ActPing, sim.ActRead)
}

// deliver brings what is on a link to its reader, one message or more.
func deliver(s *stage, args []string) error {
	if len(args) == 0 {
		return wrong("deliver")
	}
	from, to, err := s.link(args[0])
	if err != nil {
		return err
	}
	rest := args[1:]
	plane := s.usualPlane(from, to)
	if n := len(rest); n > 0 {
		if p, ok := parsePlane(rest[n-1]); ok {
			plane, rest = p, rest[:n-1]
		}
	}
	limit, word := 1, ""
	switch {
	case len(rest) == 0:
	case len(rest) == 1 && rest[0] == "all":
		limit = eventsMax
	case len(rest) == 1:
		if limit, err = count("how many messages", rest[0], 1, eventsMax); err != nil {
			return err
		}
	case len(rest) == 2 && rest[0] == "until":
		limit, word = eventsMax, rest[1]
	default:
		return wrong("deliver")
	}
	for n := range limit {
		c, ok := s.head(from, to, plane)
		switch {
		case !ok && len(rest) == 1 && rest[0] == "all" && n > 0:
			return nil
		case !ok && word != "":
			return fmt.Errorf("%s: %d messages arrived on the %s plane, and no %s was among them", args[0], n, plane, word)
		case !ok:
			return fmt.Errorf("%s: after %d messages nothing more is on its way on the %s plane", args[0], n, plane)
		}
		s.apply(c)
		if word != "" && begins(&s.last, word) {
			return nil
		}
	}
	return nil
}

func (s *stage) usualPlane(from, to sim.Endpoint) zab.Plane {
	if from.Client() > 0 || to.Client() > 0 {
		return zab.PlaneClient
	}
	return zab.PlaneQuorum
}

// head returns the next delivery from one end to the other.
func (s *stage) head(from, to sim.Endpoint, plane zab.Plane) (sim.Choice, bool) {
	s.choices = s.w.Enabled(s.choices[:0], sim.SearchOptions{})
	for _, c := range s.choices {
		if c.Kind == sim.ChoiceDeliver {
			if f, t, p := ends(s.w, c); f == from && t == to && p == plane {
				return c, true
			}
		}
	}
	return sim.Choice{}, false
}

func connect(s *stage, args []string) error {
	if len(args) == 0 || len(args) > 2 {
		return wrong("connect")
	}
	from, to, err := s.link(args[0])
	if err != nil {
		return err
	}
	plane := s.usualPlane(from, to)
	if len(args) == 2 {
		p, ok := parsePlane(args[1])
		if !ok {
			return wrong("connect")
		}
		plane = p
	}
	s.choices = s.w.Enabled(s.choices[:0], sim.SearchOptions{})
	for _, c := range s.choices {
		if c.Kind == sim.ChoiceConnect {
			if conn := &s.w.Conns[c.Arg]; conn.A == from && conn.B == to && conn.Plane == plane {
				s.apply(c)
				return nil
			}
		}
	}
	return fmt.Errorf("%s: nobody dials there on the %s plane", args[0], plane)
}

// breakConn resets all connections of a plane between two servers.
func breakConn(s *stage, args []string) error {
	if len(args) == 0 || len(args) > 2 {
		return wrong("break")
	}
	left, right, ok := strings.Cut(args[0], "-")
	if !ok {
		return wrong("break")
	}
	a, b, err := s.link(left + ">" + right)
	if err != nil {
		return err
	}
	plane := s.usualPlane(a, b)
	if len(args) == 2 {
		if plane, ok = parsePlane(args[1]); !ok {
			return wrong("break")
		}
	}
	found := false
	for slot := range s.w.Conns {
		c := &s.w.Conns[slot]
		if c.State == sim.ConnOpen && c.Plane == plane && (c.A == a && c.B == b || c.A == b && c.B == a) {
			found = true
			s.apply(sim.Choice{Kind: sim.ChoiceBreak, Arg: uint32(slot)})
		}
	}
	if !found {
		return fmt.Errorf("%s have no connection on the %s plane", args[0], plane)
	}
	return nil
}

func cut(s *stage, args []string) error {
	return s.eachLink("cut", args, func(from, to quorum.ServerID) error {
		if s.w.Cut[from].Has(to) {
			return fmt.Errorf("the link %s>%s is cut already", from, to)
		}
		s.apply(sim.Choice{Kind: sim.ChoiceCut, Node: from, Alt: uint8(to)})
		return nil
	})
}

func heal(s *stage, args []string) error {
	mend := func(from, to quorum.ServerID) error {
		if !s.w.Cut[from].Has(to) {
			return fmt.Errorf("the link %s>%s is not cut", from, to)
		}
		s.apply(sim.Choice{Kind: sim.ChoiceHeal, Node: from, Alt: uint8(to)})
		return nil
	}
	if len(args) > 0 {
		return s.eachLink("heal", args, mend)
	}
	for id := quorum.ServerID(1); id <= quorum.Max; id++ {
		for rest := s.w.Cut[id]; rest != 0; rest = rest.Without(rest.First()) {
			_ = mend(id, rest.First()) // is cut
		}
	}
	return nil
}

// eachLink reads "n1 n2", both directions, or "n1>n2".
func (s *stage) eachLink(name string, args []string, do func(from, to quorum.ServerID) error) error {
	switch {
	case len(args) == 1:
		from, to, err := s.link(args[0])
		if err != nil {
			return err
		}
		if from.Server() == 0 || to.Server() == 0 {
			return fmt.Errorf("%s: links to clients can't be cut", args[0])
		}
		return do(from.Server(), to.Server())
	case len(args) == 2:
		a, err := s.server(args[0])
		if err != nil {
			return err
		}
		b, err := s.server(args[1])
		if err != nil {
			return err
		}
		if a == b {
			return fmt.Errorf("%s %s: a link has two ends", args[0], args[1])
		}
		if err := do(a, b); err != nil {
			return err
		}
		return do(b, a)
	}
	return wrong(name)
}

// run reads "n2.LANE" or "[quietly] [at most N] until CONDITION".
func run(s *stage, args []string) error {
	if len(args) == 1 && strings.Contains(args[0], ".") {
		return runLane(s, args[0])
	}
	quietly, atMost := false, 0
	if len(args) > 0 && args[0] == "quietly" {
		quietly, args = true, args[1:]
	}
	if len(args) > 2 && args[0] == "at" && args[1] == "most" {
		n, err := count("at most", args[2], 1, eventsMax)
		if err != nil {
			return err
		}
		atMost, args = n, args[3:]
	}
	if len(args) < 2 || args[0] != "until" {
		return wrong("run")
	}
	goal := &condition{text: "quiet"}
	if strings.Join(args[1:], " ") != "quiet" {
		var err error
		if goal, err = s.parseCondition(args[1:], true); err != nil {
			return err
		}
	}
	s.last = trace.Event{}
	s.quietly = quietly
	err := s.run(goal, atMost)
	s.quietly = false
	if quietly && err == nil {
		s.tell(s.summary())
	}
	return err
}

// summary says in one line who leads whom.
func (s *stage) summary() string {
	var list []string
	for id := quorum.ServerID(1); id <= quorum.Max; id++ {
		srv := s.w.Servers[id]
		if srv == nil || srv.State() != election.Leading || srv.Stopping() {
			continue
		}
		st := srv.Status()
		text := id.String() + " leads epoch " + strconv.Itoa(int(st.Epoch))
		if st.Phase != zab.PhaseBroadcast {
			text = id.String() + " is LEADING in " + st.Phase.String()
		}
		var with quorum.Set
		for other := quorum.ServerID(1); other <= quorum.Max; other++ {
			if o := s.w.Servers[other]; o != nil && other != id {
				if f := o.Status(); f.Leader == id && f.Phase == zab.PhaseBroadcast && f.Epoch == st.Epoch && !f.Stopping {
					with = with.With(other)
				}
			}
		}
		if with != 0 {
			text += " with " + with.String()
		}
		list = append(list, text)
	}
	if len(list) == 0 {
		return "nobody leads"
	}
	return strings.Join(list, "; ")
}
