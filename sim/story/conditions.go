package story

import (
	"fmt"
	"strings"

	"zabsim/election"
	"zabsim/internal/nearest"
	"zabsim/sim/invariant"
	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// condition is something that is true of a world or not.
type condition struct {
	text  string
	holds func() bool // nil stands for quiet
}

const conditionUsage = "leader, client 1 done, client 1 told TEXT, n1 leads EPOCH, n2 follows n1, n2 down, n2 LOOKING (or another state), " +
	"n2 BROADCAST (or another phase), n2 log 1.1..1.3, n2 durable 1.1, n2 applied 1.1, n2 committed 1.1, n2 accepted 1, n2 current 1, " +
	"n2 round 1, n2 votes n3, n2 counts {1,2}, and for run: n2 saw WORD"

// parseCondition reads a condition; now tells whether it may speak of the event
// that was just applied.
func (s *stage) parseCondition(args []string, now bool) (*condition, error) {
	c := &condition{text: strings.Join(args, " ")}
	switch {
	case c.text == "leader":
		c.holds = func() bool { return s.leader() != 0 }
		return c, nil
	case len(args) >= 3 && args[0] == "client":
		return c, s.clientCondition(c, args)
	case len(args) < 2:
		return nil, fmt.Errorf("%q is no condition; there are: %s", c.text, conditionUsage)
	}
	id, err := s.server(args[0])
	if err != nil {
		return nil, err
	}
	if len(args) == 2 {
		return c, s.plainCondition(c, id, args[1])
	}
	if len(args) != 3 {
		return nil, fmt.Errorf("%q is no condition; there are: %s", c.text, conditionUsage)
	}
	if args[1] == "saw" {
		if !now {
			return nil, fmt.Errorf("%q: only run can wait for an event", c.text)
		}
		c.holds = func() bool { return s.last.Node.String() == id.String() && begins(&s.last, args[2]) }
		return c, nil
	}
	return c, s.factCondition(c, id, args[1], args[2])
}

// leader returns a server that leads and serves.
func (s *stage) leader() quorum.ServerID {
	for id := quorum.ServerID(1); id <= quorum.Max; id++ {
		if s.leads(id) {
			return id
		}
	}
	return 0
}

func (s *stage) leads(id quorum.ServerID) bool {
	srv := s.w.Servers[id]
	if srv == nil {
		return false
	}
	st := srv.Status()
	return st.State == election.Leading && st.Phase == zab.PhaseBroadcast && !st.Stopping
}

func (s *stage) clientCondition(c *condition, args []string) error {
	i, err := s.clientNumber(args[1])
	if err != nil {
		return err
	}
	p := &s.clients[i]
	switch {
	case args[2] == "done" && len(args) == 3:
		c.holds = func() bool { return p.done == p.asked }
	case args[2] == "told" && len(args) > 3:
		want := strings.Join(args[3:], " ")
		c.holds = func() bool { return p.result == want }
	default:
		return fmt.Errorf("%q is no condition; there are: %s", c.text, conditionUsage)
	}
	return nil
}

var states = [...]string{"LOOKING", "FOLLOWING", "LEADING", "OBSERVING"}
var phases = [...]string{"ELECTION", "DISCOVERY", "SYNCHRONIZATION", "BROADCAST"}

// plainCondition reads what one word says of a server.
func (s *stage) plainCondition(c *condition, id quorum.ServerID, word string) error {
	if word == "down" {
		c.holds = func() bool { return s.w.Servers[id] == nil }
		return nil
	}
	if word == "finalizing" {
		c.holds = func() bool {
			srv := s.w.Servers[id]
			if srv == nil {
				return false
			}
			_, _, finalizing := srv.Ballot()
			return finalizing
		}
		return nil
	}
	if !contains(states[:], word) && !contains(phases[:], word) {
		known := append(append([]string{"down", "finalizing"}, states[:]...), phases[:]...)
		return fmt.Errorf("%q is no condition%s; there are: %s", c.text, nearest.Hint(word, known), conditionUsage)
	}
	c.holds = func() bool {
		srv := s.w.Servers[id]
		if srv == nil {
			return false
		}
		st := srv.Status()
		return !st.Stopping && (st.State.String() == word || st.Phase.String() == word)
	}
	return nil
}

// facts are what factCondition knows.
var facts = []string{"leads", "follows", "log", "durable", "applied", "committed", "proposed", "accepted", "current", "round", "votes", "counts", "saw"}

// factCondition reads what a word and a value say of a server.
func (s *stage) factCondition(c *condition, id quorum.ServerID, key, value string) (err error) {
	switch key {
	case "log", "durable":
		if value, err = parseHistory(value); err != nil {
			return err
		}
	case "applied", "committed", "proposed":
		z, err := parseZxid(value)
		if err != nil {
			return err
		}
		value = z.String()
	case "votes", "follows":
		other, err := s.server(value)
		if err != nil {
			return err
		}
		value = other.String()
	case "leads", "accepted", "current", "round":
		n, err := count(key, value, 0, 1_000_000)
		if err != nil {
			return err
		}
		value = number(uint64(n))
	case "counts":
		if !strings.HasPrefix(value, "{") || !strings.HasSuffix(value, "}") {
			return fmt.Errorf("%q is no set: write {1,3}", value)
		}
	default:
		return fmt.Errorf("%q is no condition%s; there are: %s", c.text, nearest.Hint(key, facts), conditionUsage)
	}
	c.holds = func() bool { return s.fact(id, key) == value }
	return nil
}

// fact writes a fact of a server: of its disk whether it runs or not, of its memory
// only if it does.
func (s *stage) fact(id quorum.ServerID, key string) string {
	var d invariant.DiskFacts
	s.w.Disks[id].FactsInto(&d)
	switch key {
	case "log":
		return records(&d, d.Log.Len())
	case "durable":
		return records(&d, d.Synced)
	case "accepted":
		return number(uint64(d.Accepted))
	case "current":
		return number(uint64(d.Current))
	}
	srv := s.w.Servers[id]
	if srv == nil {
		return "down"
	}
	st := srv.Status()
	vote, counted, _ := srv.Ballot()
	switch key {
	case "leads":
		if s.leads(id) {
			return number(uint64(st.Epoch))
		}
	case "follows":
		if st.State != election.Leading && st.Leader != 0 && st.Phase == zab.PhaseBroadcast && !st.Stopping {
			return st.Leader.String()
		}
	case "applied":
		return st.Applied.String()
	case "committed":
		return st.LastCommitted.String()
	case "proposed":
		return st.LastProposed.String()
	case "round":
		return number(uint64(st.Round))
	case "votes":
		return vote.Leader.String()
	case "counts":
		return counted.String()
	}
	return "no"
}

// records writes the first n records of a log.
func records(d *invariant.DiskFacts, n int) string {
	list := make([]zxid.Zxid, 0, n)
	for i := range n {
		list = append(list, d.Log.At(i).Txn.Zxid)
	}
	return history(list)
}

// expect checks something that a reader should not have to look for.
func expect(s *stage, args []string) error {
	if len(args) == 2 && args[0] == "violation" {
		return s.expectViolation(args[1])
	}
	if strings.Join(args, " ") == "no violation" {
		if v := s.unexpected(); v != "" {
			return fmt.Errorf("there is one: %s", v)
		}
		return nil
	}
	want := true
	if len(args) > 0 && args[0] == "not" {
		want, args = false, args[1:]
	}
	c, err := s.parseCondition(args, false)
	if err != nil {
		return err
	}
	if c.holds() != want {
		verb := "does not hold"
		if !want {
			verb = "holds"
		}
		return fmt.Errorf("%s: it %s; it is:\n%s", c.text, verb, strings.Join(s.status(), "\n"))
	}
	return nil
}

func (s *stage) expectViolation(name string) error {
	if _, ok := invariant.Lookup(name); !ok {
		var names []string
		for _, c := range invariant.All() {
			names = append(names, c.Name)
		}
		return fmt.Errorf("there is no invariant %q%s", name, nearest.Hint(name, names))
	}
	for i := range s.judge.View.Violations {
		if s.judge.View.Violations[i].Check == name {
			s.known = append(s.known, name)
			return nil
		}
	}
	return fmt.Errorf("%s is not violated", name)
}
