package election

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// Each test tells one TRAP or QUIRK of protocol section 3 as a story: what is
// heard, and the full reaction.

func TestOwnVoteCountsOnlyAfterItCameBack(t *testing.T) {
	s := newTale(t, 3, quorum.Majority(3)).connected()
	s.LookForLeader(vote(3, 1, 5, 1, 0), &s.out)
	s.says("send n1 LOOKING n3 1.5 e1 r1", "send n2 LOOKING n3 1.5 e1 r1")
	assert.Zero(t, s.recv.set, "not inserted directly")
	require.Len(t, s.inbox, 1)

	s.Run(&s.out)
	s.says("set poll 0.200s")
	assert.Equal(t, quorum.Of(3), s.recv.set)
	assert.Equal(t, vote(3, 1, 5, 1, 1), s.Current())
}

func TestOwnVoteMayBeHandledAfterOthers(t *testing.T) {
	s := newTale(t, 1, quorum.Majority(3)).connected()
	s.hear(2, Looking, vote(2, 1, 5, 1, 1)) // queued before this server looks
	s.LookForLeader(vote(1, 1, 5, 1, 0), &s.out)
	s.forget()
	s.Run(&s.out)
	s.says("send n2 LOOKING n2 1.5 e1 r1", "send n3 LOOKING n2 1.5 e1 r1")
	assert.Equal(t, quorum.Of(2), s.recv.set)
}

func TestQuorumNeedsSilenceBeforeDecision(t *testing.T) {
	s := newTale(t, 3, quorum.Majority(3)).connected().look(vote(3, 1, 5, 1, 0)).forget()
	s.take(1, Looking, vote(3, 1, 5, 1, 1)).says("set poll 0.200s")
	assert.Equal(t, finalizing, s.phase)
	assert.Equal(t, Looking, s.State())
	s.fire(TimerPoll).says("stop poll", "decide LEADING n3 1.5 e1 r1")
	assert.Equal(t, Leading, s.State())
	assert.Equal(t, vote(3, 1, 5, 1, 1), s.Current())
}

func TestFinalizeDiscardsWhatIsNotBetter(t *testing.T) {
	s := newTale(t, 3, quorum.Majority(5)).connected().look(vote(3, 1, 5, 1, 0))
	s.take(1, Looking, vote(3, 1, 5, 1, 1)).take(2, Looking, vote(3, 1, 5, 1, 1)).forget()
	require.Equal(t, finalizing, s.phase)
	s.take(4, Looking, vote(4, 1, 4, 1, 1)).says("set poll 0.200s") // the wait starts afresh
	assert.False(t, s.recv.set.Has(4), "discarded, not recorded")
	s.take(5, Looking, vote(3, 1, 5, 1, 1)).says("set poll 0.200s")
	assert.False(t, s.recv.set.Has(5), "an equal vote is no better one")
	s.fire(TimerPoll).says("stop poll", "decide LEADING n3 1.5 e1 r1")
}

func TestFinalizePutsBetterVoteAtTheTail(t *testing.T) {
	s := newTale(t, 3, quorum.Majority(5)).connected().look(vote(3, 1, 5, 1, 0))
	s.take(1, Looking, vote(3, 1, 5, 1, 1)).take(2, Looking, vote(3, 1, 5, 1, 1)).forget()
	s.hear(4, Looking, vote(4, 1, 6, 1, 1)).hear(5, Looking, vote(5, 1, 4, 1, 1))
	s.Run(&s.out)
	assert.Equal(t, polling, s.phase)
	require.Len(t, s.inbox, 2)
	assert.Equal(t, quorum.ServerID(5), s.inbox[0].from)
	assert.Equal(t, quorum.ServerID(4), s.inbox[1].from)
	s.Run(&s.out)
	assert.True(t, s.recv.set.Has(5), "the main loop records again, and finalizes again")
	assert.Equal(t, finalizing, s.phase)
	s.Run(&s.out)
	assert.Equal(t, polling, s.phase)
	s.drain()
	assert.Equal(t, quorum.ServerID(4), s.Current().Leader)
}

func TestFinalizeIgnoresRoundAndState(t *testing.T) {
	// QUIRK: a better vote of a lower round ends the wait, though the main loop
	// then throws it away. The decision comes with the next recorded message.
	s := newTale(t, 3, quorum.Majority(3)).connected()
	s.round = 6
	s.look(vote(3, 1, 5, 1, 0)).take(1, Looking, vote(3, 1, 5, 1, 7)).forget()
	s.take(2, Looking, vote(2, 2, 0, 2, 1))
	s.says("send n2 LOOKING n3 1.5 e1 r7", "set poll 0.200s")
	assert.Equal(t, polling, s.phase)
	assert.Equal(t, quorum.ServerID(3), s.Current().Leader)
	s.fire(TimerPoll) // resend, its own copy is recorded
	assert.Equal(t, finalizing, s.phase)
}

func TestFinalizeSwallowsAHigherRound(t *testing.T) {
	// The same QUIRK the other way: the others have gone on to round 5 with a
	// worse vote. It is discarded, and a lonely leader of round 1 results.
	s := newTale(t, 3, quorum.Majority(3)).connected().look(vote(3, 1, 5, 1, 0))
	s.take(2, Looking, vote(3, 1, 5, 1, 1)).forget()
	s.take(1, Looking, vote(1, 1, 4, 1, 5)).take(2, Looking, vote(1, 1, 4, 1, 5)).forget()
	s.fire(TimerPoll).says("stop poll", "decide LEADING n3 1.5 e1 r1")
}

func TestHigherRoundComparesWithInitialVote(t *testing.T) {
	s := newTale(t, 1, quorum.Majority(5)).connected().look(vote(1, 1, 5, 1, 0))
	s.take(5, Looking, vote(5, 1, 9, 1, 1)).forget()
	require.Equal(t, quorum.ServerID(5), s.Current().Leader)

	// Worse than the proposal adopted in round 1, better than the own vote.
	s.take(2, Looking, vote(2, 1, 6, 1, 3))
	assert.Equal(t, vote(2, 1, 6, 1, 3), s.Current())
	assert.Equal(t, quorum.Of(1, 2), s.recv.set, "votes of round 1 are gone")
	assert.Equal(t, Round(3), s.Round())

	// And worse than the own vote: back to it.
	s.take(3, Looking, vote(3, 1, 4, 1, 4))
	assert.Equal(t, vote(1, 1, 5, 1, 4), s.Current())
}

func TestLowerRoundIsAnsweredAndIgnored(t *testing.T) {
	s := newTale(t, 1, quorum.Majority(3)).connected()
	s.round = 4
	s.look(vote(1, 1, 5, 1, 0)).forget()
	s.take(3, Looking, vote(3, 9, 9, 9, 4)).says("send n3 LOOKING n1 1.5 e1 r5", "set poll 0.200s")
	assert.Equal(t, quorum.Of(1), s.recv.set)
}

func TestBackOffDoublesAndIsNotReset(t *testing.T) {
	s := newTale(t, 1, quorum.Majority(3)).connected()
	s.cfg.NotifyMax = 500 * host.Millisecond
	s.look(vote(1, 1, 5, 1, 0)).forget()
	resend := []string{"send n2 LOOKING n1 1.5 e1 r1", "send n3 LOOKING n1 1.5 e1 r1"}
	s.fire(TimerPoll).says(append(resend, "set poll 0.400s")...)
	s.take(2, Looking, vote(2, 1, 1, 1, 1)).says("set poll 0.400s")
	s.fire(TimerPoll).says(append(resend, "set poll 0.500s")...)
	s.fire(TimerPoll).says(append(resend, "set poll 0.500s")...)
}

func TestTimelessBackOffStays(t *testing.T) {
	s := newTale(t, 1, quorum.Majority(3)).connected()
	s.cfg.Timeless = true
	s.look(vote(1, 1, 5, 1, 0)).fire(TimerPoll).forget()
	before := s.Fingerprint()
	s.fire(TimerPoll)
	assert.Equal(t, before, s.Fingerprint(), "a resend changes nothing")
}

func TestPollTimerMeansNothingWhileThereIsMail(t *testing.T) {
	s := newTale(t, 1, quorum.Majority(3)).connected().look(vote(1, 1, 5, 1, 0))
	s.hear(2, Looking, vote(2, 1, 1, 1, 1)).forget()
	s.TimerFired(TimerPoll, &s.out)
	s.says()
	assert.Len(t, s.inbox, 1)
}

func TestLateJoinerFollowsSettledEnsemble(t *testing.T) {
	s := newTale(t, 3, quorum.Majority(3)).connected()
	s.look(vote(3, 9, 9, 9, 0)).forget() // a better vote than anybody's
	s.take(1, Following, vote(2, 1, 5, 2, 7)).says("set poll 0.200s")
	s.take(2, Leading, vote(2, 1, 3, 2, 6)) // zxid and round differ (ZK-1805)
	s.says("stop poll", "decide FOLLOWING n2 1.3 e2 r6")
	assert.Equal(t, Round(6), s.Round(), "takes over the ensemble's round")
}

func TestLoneLeaderIsNotEnough(t *testing.T) {
	// ZOOKEEPER-975, in the joiner's round and in another one.
	for _, r := range []Round{1, 8} {
		s := newTale(t, 1, quorum.Majority(3)).connected().look(vote(1, 1, 5, 1, 0)).forget()
		s.take(2, Leading, vote(2, 1, 5, 1, r))
		s.take(2, Leading, vote(2, 1, 5, 1, r))
		assert.Equal(t, Looking, s.State())
	}
}

func TestFollowersOfAGoneLeaderDoNotConvince(t *testing.T) {
	s := newTale(t, 1, quorum.Majority(5)).connected().look(vote(1, 1, 5, 1, 0)).forget()
	for _, p := range []quorum.ServerID{2, 3, 4} {
		s.take(p, Following, vote(5, 1, 5, 1, 1))
	}
	assert.Equal(t, Looking, s.State())
	s.take(5, Looking, vote(5, 1, 5, 1, 1)) // restarted: it looks, it does not lead
	assert.Equal(t, Looking, s.State())
}

func TestStepOneAsksItsOwnTallyForTheLeader(t *testing.T) {
	// ZOOKEEPER-3537: the joiner knows from an older round, in outofelection,
	// that n5 leads. In its own round a quorum names n5, but n5 is silent there.
	// The epochs differ, so that step 2 has no quorum of its own.
	s := newTale(t, 1, quorum.Majority(5)).connected().look(vote(1, 1, 5, 1, 0))
	s.take(5, Leading, vote(5, 1, 5, 1, 9))
	s.take(2, Following, vote(5, 1, 5, 2, 1))
	s.take(3, Following, vote(5, 1, 5, 3, 1))
	s.take(4, Following, vote(5, 1, 5, 4, 1))
	require.True(t, s.outof.leading(5))
	probe := Note{vote(5, 1, 5, 4, 1), Following}
	require.True(t, s.cfg.Quorum.Contains(s.recv.supporters(&probe, byLeader)))
	assert.Equal(t, Looking, s.State())
	s.take(5, Leading, vote(5, 1, 5, 1, 1))
	assert.Equal(t, Following, s.State())
}

func TestOwnRoundComparesLeaderAlone(t *testing.T) {
	// QUIRK: epochs differ, yet step 1 decides; in another round step 2 does not.
	s := newTale(t, 1, quorum.Majority(3)).connected().look(vote(1, 1, 5, 1, 0)).forget()
	s.take(2, Following, vote(3, 1, 5, 1, 1)).forget()
	s.take(3, Leading, vote(3, 1, 5, 2, 1)).says("stop poll", "decide FOLLOWING n3 1.5 e2 r1")

	s = newTale(t, 1, quorum.Majority(3)).connected().look(vote(1, 1, 5, 1, 0)).forget()
	s.take(2, Following, vote(3, 1, 5, 1, 2)).take(3, Leading, vote(3, 1, 5, 2, 2))
	assert.Equal(t, Looking, s.State())
}

func TestLookingVotesNeedAllFourFields(t *testing.T) {
	s := newTale(t, 3, quorum.Majority(3)).connected().look(vote(3, 1, 5, 1, 0))
	s.take(1, Looking, vote(3, 1, 4, 1, 1)).take(2, Looking, vote(3, 1, 5, 0, 1))
	assert.Equal(t, polling, s.phase)
	s.take(1, Looking, vote(3, 1, 5, 1, 1))
	assert.Equal(t, finalizing, s.phase)
}

func TestOneLookingVoteMakesTheComparisonStrict(t *testing.T) {
	// n1 and n2 still look, n5 leads already and has bumped its peerEpoch: equal
	// leaders, different votes.
	s := newTale(t, 1, quorum.Majority(5)).connected().look(vote(1, 1, 5, 1, 0))
	s.take(2, Looking, vote(5, 1, 5, 1, 1)).take(5, Leading, vote(5, 1, 5, 2, 1))
	require.Equal(t, quorum.Of(1, 2, 5), s.recv.set)
	assert.Equal(t, Looking, s.State())
	s.take(5, Leading, vote(5, 1, 5, 1, 1))
	assert.Equal(t, Following, s.State())
}

func TestCallToLeadNeedsTheRound(t *testing.T) {
	// checkLeader when the others say it is me.
	s := newTale(t, 1, quorum.Majority(3)).connected().look(vote(1, 1, 5, 1, 0)).forget()
	s.take(2, Following, vote(1, 1, 5, 1, 4)).take(3, Following, vote(1, 1, 5, 1, 4))
	assert.Equal(t, Looking, s.State())
	s.forget().take(2, Following, vote(1, 1, 5, 1, 1)).says("stop poll", "decide LEADING n1 1.5 e1 r1")
}

func TestEstablishedEpochLetsLateJoinersIn(t *testing.T) {
	// Fact 3.7, ZOOKEEPER-1732: seen from the one that answers.
	s := newTale(t, 1, quorum.Majority(3)).connected()
	s.Install(vote(2, 1, 5, 1, 3), Following)
	s.Established(2)
	s.take(3, Looking, vote(3, 1, 1, 1, 9)).says("send n3 FOLLOWING n2 1.5 e2 r3")
	assert.Equal(t, Round(3), s.Round())
	assert.False(t, s.Runnable())
}

func TestSettledServerAnswersOnlyThoseWhoLook(t *testing.T) {
	s := newTale(t, 1, quorum.Majority(3)).connected()
	s.Install(vote(2, 1, 5, 1, 3), Following)
	s.take(3, Following, vote(2, 1, 5, 1, 3)).take(2, Leading, vote(2, 1, 5, 1, 3)).says()
	assert.Empty(t, s.inbox)
}

func TestObserverIsAnsweredAndNeverHeard(t *testing.T) {
	q := &quorum.Config{Voters: quorum.Range(3), Observers: quorum.Of(4)}
	s := newTale(t, 1, q).connected()
	s.Install(vote(2, 1, 5, 1, 3), Following)
	s.take(4, Observing, Vote{Round: 9}).says("send n4 FOLLOWING n2 1.5 e1 r3")

	// While looking it hears the previous decision under the present round.
	s.look(vote(1, 1, 7, 1, 0)).forget()
	s.take(4, Looking, Vote{Round: 1}).says("send n4 LOOKING n2 1.5 e1 r4")
	assert.Equal(t, quorum.Of(1), s.recv.set)
}

func TestVotesForStrangersAreDropped(t *testing.T) {
	q := &quorum.Config{Voters: quorum.Range(3), Observers: quorum.Of(4)}
	s := newTale(t, 1, q).connected().look(vote(1, 1, 5, 1, 0)).forget()
	s.take(2, Looking, vote(4, 9, 9, 9, 1)).take(3, Looking, Vote{Round: 9})
	assert.Equal(t, Round(1), s.Round())
	assert.Equal(t, quorum.Of(1), s.recv.set)
}

func TestObserverEndsObserving(t *testing.T) {
	q := &quorum.Config{Voters: quorum.Range(3), Observers: quorum.Of(4)}
	s := newTale(t, 4, q).connected()
	s.look(vote(4, 9, 9, 9, 0)).says("send n1 LOOKING n0 0.0 e0 r1",
		"send n2 LOOKING n0 0.0 e0 r1", "send n3 LOOKING n0 0.0 e0 r1", "set poll 0.200s")
	s.take(1, Following, vote(3, 1, 5, 1, 2)).forget()
	s.take(3, Leading, vote(3, 1, 5, 1, 2)).says("stop poll", "decide OBSERVING n3 1.5 e1 r2")
}

func TestSingleServerElectsItself(t *testing.T) {
	s := newTale(t, 1, quorum.Majority(1)).look(vote(1, 0, 0, 0, 0))
	s.says("set poll 0.200s")
	s.fire(TimerPoll).says("stop poll", "decide LEADING n1 0.0 e0 r1")
}

func TestInboxDropsTheOldest(t *testing.T) {
	s := newTale(t, 1, quorum.Majority(3)).connected().look(vote(1, 1, 5, 1, 0))
	for i := range 130 {
		s.hear(2, Looking, vote(2, 1, uint32(i), 0, 1))
	}
	require.Len(t, s.inbox, inboxMax)
	assert.Equal(t, uint32(30), s.inbox[0].note.Vote.Zxid.Counter())
}

func TestHaltLeavesNothing(t *testing.T) {
	s := newTale(t, 2, quorum.Majority(3))
	s.look(vote(2, 1, 5, 1, 0)).Opened(7, 3, true, &s.out)
	s.forget().Halt(&s.out)
	s.says("stop poll", "stop dial n1", "undial n1", "close n3 c7", "stop dial n3", "undial n3")
	assert.Equal(t, links{}, s.links)
	assert.False(t, s.Runnable())
}

// Goal: who adopts a better vote in its round says so, with both votes; a new round
// begins with the own one, which only a better vote replaces.
func TestAdoptedVotesAreTold(t *testing.T) {
	adopted := func(s *tale) (list []Out) {
		for _, o := range s.out.List() {
			if o.Op == OutAdopt {
				list = append(list, o)
			}
		}
		return list
	}
	s := newTale(t, 1, quorum.Majority(3)).connected().look(Vote{Leader: 1, Zxid: 5, PeerEpoch: 1})
	was := s.Current()
	better := Vote{Leader: 3, Zxid: was.Zxid, PeerEpoch: was.PeerEpoch, Round: s.Round()}
	s.forget().take(3, Looking, better)
	require.Equal(t, []Out{{Op: OutAdopt, Vote: better, Was: was}}, adopted(s))
	s.forget().take(2, Looking, Vote{Leader: 2, Zxid: was.Zxid, PeerEpoch: was.PeerEpoch, Round: s.Round()})
	require.Empty(t, adopted(s))
	better.Round, better.PeerEpoch = better.Round+1, 9
	s.forget().take(3, Looking, better)
	own := Vote{Leader: 1, Zxid: 5, PeerEpoch: 1}
	require.Equal(t, []Out{{Op: OutAdopt, Vote: better, Was: own}}, adopted(s))
	require.Equal(t, better, s.Current())

	s = newTale(t, 1, quorum.Majority(3)).connected().look(own)
	s.forget().take(2, Looking, Vote{Leader: 2, Zxid: 4, PeerEpoch: 1, Round: 7})
	require.Empty(t, adopted(s))
	require.Equal(t, quorum.ServerID(1), s.Current().Leader)
}
