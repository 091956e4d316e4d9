package story

import (
	"fmt"
	"strconv"
	"strings"

	"zabsim/election"
	"zabsim/zab/zxid"
)

// votesMax is how many votes a table may have.
const votesMax = 12

// votes writes which of the named votes beat which, as this world's servers see it.
func votes(s *stage, args []string) error {
	if len(args) == 0 {
		return wrong("votes")
	}
	var list []election.Vote
	for _, text := range strings.Split(strings.Join(args, " "), ",") {
		v, err := s.parseVote(text)
		if err != nil {
			return err
		}
		if list = append(list, v); len(list) > votesMax {
			return fmt.Errorf("a table has at most %d votes", votesMax)
		}
	}
	cfg := &s.w.Setup().Configs[s.q.Voters.First()].Election
	for _, v := range list {
		var beaten []string
		for _, other := range list {
			if election.Better(cfg, v, other) {
				beaten = append(beaten, voteText(other))
			}
		}
		if len(beaten) == 0 {
			beaten = []string{"nothing"}
		}
		s.tell(pad(voteText(v), 12) + "beats " + strings.Join(beaten, ", "))
	}
	return nil
}

// parseVote reads "n2 1.1 e2": the proposed leader, its zxid, its currentEpoch.
func (s *stage) parseVote(text string) (v election.Vote, err error) {
	f := strings.Fields(text)
	if len(f) != 3 || !strings.HasPrefix(f[2], "e") {
		return v, fmt.Errorf("%q is no vote: write leader, zxid and currentEpoch, like n2 1.1 e2", strings.TrimSpace(text))
	}
	if v.Leader, err = s.server(f[0]); err != nil {
		return v, err
	}
	if v.Zxid, err = parseZxid(f[1]); err != nil {
		return v, err
	}
	e, err := strconv.ParseUint(f[2][1:], 10, 32)
	if err != nil {
		return v, fmt.Errorf("%q is no epoch: write e2", f[2])
	}
	v.PeerEpoch = zxid.Epoch(e)
	return v, nil
}

func voteText(v election.Vote) string {
	return v.Leader.String() + " " + v.Zxid.String() + " e" + number(uint64(v.PeerEpoch))
}
