package zab

import (
	"zabsim/election"
	"zabsim/zab/quorum"
)

// Ballot returns what a looking server proposes, whose votes it counts for that,
// and whether it waits for silence to decide; otherwise its final vote.
func (s *Server) Ballot() (vote election.Vote, counted quorum.Set, finalizing bool) {
	return s.elect.Current(), s.elect.Counted(), s.elect.Finalizing()
}
