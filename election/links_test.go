package election

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/zab/quorum"
)

// These stories follow QuorumCnxManager, protocol fact 3.8.

func TestNewestNoteReplacesWaitingOne(t *testing.T) {
	s := newTale(t, 3, quorum.Majority(3))
	s.look(vote(3, 1, 5, 1, 0)).says("dial n1", "set dial n1 5.000s", "dial n2", "set dial n2 5.000s",
		"set poll 0.200s")
	s.Opened(7, 1, false, &s.out)
	s.says("stop dial n1", "send n1 LOOKING n3 1.5 e1 r1")
	s.Receive(7, &Note{vote(1, 1, 9, 1, 1), Looking}, &s.out) // better: a second note for n2
	s.drain().says("send n1 LOOKING n1 1.9 e1 r1", "set poll 0.200s")
	s.Opened(8, 2, false, &s.out)
	s.says("stop dial n2", "send n2 LOOKING n1 1.9 e1 r1")
}

func TestReconnectRepeatsTheLastNote(t *testing.T) {
	s := newTale(t, 3, quorum.Majority(3)).connected().look(vote(3, 1, 5, 1, 0)).forget()
	s.Closed(connTo(1), &s.out)
	s.says() // nobody dials before there is something to send
	s.Opened(50, 1, true, &s.out)
	s.says("close n1 c50", "dial n1", "set dial n1 5.000s") // the smaller asks to be dialed
	s.Opened(51, 1, false, &s.out)
	s.says("stop dial n1", "send n1 LOOKING n3 1.5 e1 r1")
}

func TestSmallerSidDropsWhatItDialed(t *testing.T) {
	s := newTale(t, 1, quorum.Majority(3))
	s.look(vote(1, 1, 5, 1, 0)).forget()
	s.Opened(7, 3, false, &s.out)
	s.says("stop dial n3", "close n3 c7")
	s.Opened(8, 3, true, &s.out)
	s.says("send n3 LOOKING n1 1.5 e1 r1")
	s.Opened(9, 3, true, &s.out)
	s.says("close n3 c8", "send n3 LOOKING n1 1.5 e1 r1")
	s.Closed(8, &s.out) // the old one, no longer ours
	assert.Equal(t, quorum.Of(3), s.links.up)
	s.Receive(8, &Note{vote(3, 1, 5, 1, 1), Looking}, &s.out)
	assert.Empty(t, s.inbox)
}

func TestLargerSidEndsItsDeadConnection(t *testing.T) {
	s := newTale(t, 3, quorum.Majority(3)).connected()
	s.Opened(50, 2, true, &s.out)
	s.says("close n2 c102", "close n2 c50", "dial n2", "set dial n2 5.000s")
	s.Opened(51, 2, true, &s.out)
	s.says("close n2 c51") // one dial at a time
}

func TestOneEmptyQueueMeansDelivered(t *testing.T) {
	// QUIRK: with one peer connected the proposal is sent again, and sending
	// dials the rest. With none connected only dials happen.
	s := newTale(t, 3, quorum.Majority(3)).look(vote(3, 1, 5, 1, 0))
	s.DialFailed(1, &s.out)
	s.DialFailed(2, &s.out)
	s.forget().fire(TimerPoll)
	s.says("dial n1", "set dial n1 5.000s", "dial n2", "set dial n2 5.000s", "set poll 0.400s")

	s.Opened(7, 1, false, &s.out)
	s.DialFailed(2, &s.out)
	s.forget().fire(TimerPoll)
	s.says("send n1 LOOKING n3 1.5 e1 r1", "dial n2", "set dial n2 5.000s", "set poll 0.800s")
}

func TestDialIsBounded(t *testing.T) {
	s := newTale(t, 3, quorum.Majority(3)).look(vote(3, 1, 5, 1, 0)).forget()
	s.fire(TimerDial(2)).says("undial n2")
	s.fire(TimerDial(2)).says()
	s.Opened(9, 2, false, &s.out) // must not happen; harmless if it does
	s.says("close n2 c9")
	s.fire(TimerPoll).says("dial n2", "set dial n2 5.000s", "set poll 0.400s")
}

func TestAnswerDialsWhenTheConnectionIsGone(t *testing.T) {
	q := &quorum.Config{Voters: quorum.Range(3), Observers: quorum.Of(4)}
	s := newTale(t, 1, q).connected()
	s.Install(vote(2, 1, 5, 1, 3), Following)
	s.hear(4, Looking, Vote{}).says("send n4 FOLLOWING n2 1.5 e1 r3")
	s.Closed(connTo(4), &s.out)
	s.answer(4, s.final, &s.out)
	s.says("dial n4", "set dial n4 5.000s")
}

func TestConnectionToOneselfIsClosed(t *testing.T) {
	s := newTale(t, 1, quorum.Majority(3))
	s.Opened(4, 1, true, &s.out)
	s.says("close n1 c4")
	assert.Zero(t, s.links.up)
}
