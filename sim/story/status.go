package story

import (
	"fmt"

	"zabsim/election"
	"zabsim/sim/invariant"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

func printStatus(s *stage, args []string) error {
	if len(args) != 0 {
		return wrong("status")
	}
	for _, line := range s.status() {
		s.tell(line)
	}
	return nil
}

// status writes what matters of each server, one line for each.
func (s *stage) status() []string {
	width := roleWidth
	for rest := s.q.All(); rest != 0; rest = rest.Without(rest.First()) {
		width = max(width, len(s.roleStatus(rest.First()))+2)
	}
	var list []string
	for rest := s.q.All(); rest != 0; rest = rest.Without(rest.First()) {
		list = append(list, s.serverStatus(rest.First(), width))
	}
	return list
}

// roleWidth is how wide the roles of a status are at least, so that most of them
// stand below each other throughout a story.
const roleWidth = 34

func (s *stage) serverStatus(id quorum.ServerID, width int) string {
	var d invariant.DiskFacts
	s.w.Disks[id].FactsInto(&d)
	text := id.String() + " " + pad(s.roleStatus(id), width)
	text += fmt.Sprintf("epochs %d/%d  log %s", d.Accepted, d.Current, records(&d, d.Log.Len()))
	if n := s.w.Disks[id].Tail(); n > 0 {
		text += ", the last " + number(uint64(n)) + " not synced"
	}
	if base, _ := d.Log.Base(); base != 0 {
		text += " after " + base.String()
	}
	srv := s.w.Servers[id]
	if srv == nil {
		return text
	}
	st := srv.Status()
	text += "  applied " + st.Applied.String()
	if st.State == election.Leading && st.Phase == zab.PhaseBroadcast {
		text += "  proposed " + st.LastProposed.String() + "  committed " + st.LastCommitted.String()
	}
	return text
}

// roleStatus says what a server is at.
func (s *stage) roleStatus(id quorum.ServerID) string {
	srv := s.w.Servers[id]
	if srv == nil {
		return "down"
	}
	st := srv.Status()
	switch {
	case st.Stopping:
		return st.State.String() + ", ends its role"
	case st.State == election.Looking && !s.oracle:
		vote, counted, _ := srv.Ballot()
		return fmt.Sprintf("LOOKING r%d, votes %s, counts %s", st.Round, vote.Leader, counted)
	case st.State == election.Looking:
		return "LOOKING"
	case st.State == election.Leading && st.Phase == zab.PhaseDiscovery:
		return fmt.Sprintf("LEADING in DISCOVERY %s%s", st.Connecting, st.Electing)
	case st.State == election.Leading && st.Phase == zab.PhaseSynchronization:
		return "LEADING in SYNCHRONIZATION " + st.NewLeaderAcks.String()
	case st.State == election.Leading:
		return "LEADING in " + st.Phase.String()
	}
	return st.State.String() + " " + st.Leader.String() + " in " + st.Phase.String()
}
