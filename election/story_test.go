package election

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// tale drives one machine by hand and writes down what it asks for, one line
// per Out, so that a test reads as a story.
type tale struct {
	*Machine
	t   *testing.T
	cfg Config
	out Outs
}

// vote is a short way to write a Vote with epoch.counter as zxid.
func vote(leader quorum.ServerID, epoch zxid.Epoch, counter uint32, peerEpoch zxid.Epoch, r Round) Vote {
	return Vote{Leader: leader, Zxid: zxid.Make(epoch, counter), PeerEpoch: peerEpoch, Round: r}
}

func newTale(t *testing.T, id quorum.ServerID, q *quorum.Config) *tale {
	s := &tale{Machine: new(Machine), t: t, cfg: DefaultConfig(id, q)}
	s.Init(&s.cfg)
	return s
}

// connected gives s a connection to every other server, as conn 100+peer.
func (s *tale) connected() *tale {
	for rest := s.cfg.Quorum.All().Without(s.cfg.ID); rest != 0; rest = rest.Without(rest.First()) {
		p := rest.First()
		s.links.dialing = s.links.dialing.With(p)
		s.Opened(connTo(p), p, p > s.cfg.ID, &s.out)
	}
	s.out.Reset()
	s.links.dialing = 0
	return s
}

func connTo(p quorum.ServerID) host.ConnID { return 100 + host.ConnID(p) }

// look starts an election and drains the inbox.
func (s *tale) look(own Vote) *tale {
	s.LookForLeader(own, &s.out)
	return s.drain()
}

func (s *tale) drain() *tale {
	for s.Runnable() {
		s.Run(&s.out)
	}
	return s
}

// hear delivers a note without running the lane.
func (s *tale) hear(from quorum.ServerID, state State, v Vote) *tale {
	s.Receive(connTo(from), &Note{Vote: v, State: state}, &s.out)
	return s
}

// take delivers a note and drains the inbox.
func (s *tale) take(from quorum.ServerID, state State, v Vote) *tale {
	return s.hear(from, state, v).drain()
}

func (s *tale) fire(id TimerID) *tale {
	s.TimerFired(id, &s.out)
	return s.drain()
}

// forget drops what was said so far.
func (s *tale) forget() *tale {
	s.out.Reset()
	return s
}

// says demands exactly these lines and forgets them.
func (s *tale) says(lines ...string) {
	s.t.Helper()
	var got []string
	for _, o := range s.out.List() {
		if o.Op != OutAdopt { // nothing happens
			got = append(got, tell(&o))
		}
	}
	s.out.Reset()
	require.Equal(s.t, strings.Join(lines, "\n"), strings.Join(got, "\n"))
}

func tell(o *Out) string {
	switch o.Op {
	case OutSend:
		return "send " + o.Peer.String() + " " + o.Note.String()
	case OutDial:
		return "dial " + o.Peer.String()
	case OutClose:
		if o.Conn == 0 {
			return "undial " + o.Peer.String()
		}
		return "close " + o.Peer.String() + " c" + strconv.Itoa(int(o.Conn))
	case OutSetTimer:
		return "set " + timerName(o.Timer) + " " + o.After.String()
	case OutStopTimer:
		return "stop " + timerName(o.Timer)
	default:
		return "decide " + o.State.String() + " " + o.Vote.String()
	}
}

func timerName(t TimerID) string {
	if t == TimerPoll {
		return "poll"
	}
	return "dial " + quorum.ServerID(t).String()
}
