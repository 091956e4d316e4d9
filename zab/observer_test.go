package zab

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/election"
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
)

// watched returns three voters led by n1, and n4 which observes and is down.
func watched(t testing.TB, bugs ...bug.Switch) *rig {
	r := newRig(t, 4, bugs...)
	members := &quorum.Config{Voters: quorum.Range(3), Observers: quorum.Of(4)}
	for id := range r.cfgs {
		r.cfgs[id].Quorum = members
	}
	return r.start(1, 2, 3).elect(1, 2, 3).settle()
}

// Goal: an observer is synchronized, told of what is committed and of nothing
// else, logs it without a word, forwards writes and answers reads and syncs
// (protocol fact 6.6).
func TestObserver(t *testing.T) {
	r := watched(t)
	r.client(1, 7, 0).set("/a", "0")
	r.settle().start(4)
	r.step(4, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	r.settle()
	s := r.servers[4]
	require.True(t, s.serving)
	assert.Equal(t, election.Observing, s.state)
	assert.Equal(t, quorum.Of(4), r.servers[1].lead.observing)
	assert.Equal(t, quorum.Of(2, 3), r.servers[1].lead.forwarding)
	assert.False(t, r.servers[1].lead.newLeaderAcks.Has(4), "its ACK of NEWLEADER does not count")
	r.sameState(1, 4)
	r.take()

	c := r.client(4, 8, 0)
	r.take()
	c.set("/a", "1")
	c.get("/a")
	c.sync()
	assert.Equal(t, []string{"send REQUEST 0.0 s8#1", "send SYNC 0.0 s8#3"}, r.take(4))
	r.settle()
	assert.Equal(t, []string{"1 setData OK", "2 getData OK 1", "3 sync OK"}, c.replies())
	assert.Equal(t, []string{"disk append 1.2", "disk fsync", "done fsync"}, kept(r.take(4), "disk", "done", "send A"), "and no ACK")
	assert.Equal(t, []string{"1.2"}, r.history(4), "1.1 came with a SNAP")
	r.sameState(1, 2, 3, 4)

	// Stray packets of voters are ignored, and what is no observer's is reported.
	s.onBroadcast(&Packet{Type: Proposal, Zxid: z(1, 3), Txn: tx(1, 3)}, &r.out)
	s.onBroadcast(&Packet{Type: Commit, Zxid: z(1, 3)}, &r.out)
	assert.Empty(t, s.queue)
	assert.Empty(t, s.sync.queue)
	r.out.Reset()
	r.servers[2].onBroadcast(&Packet{Type: Inform, Zxid: z(1, 3), Txn: tx(1, 3)}, &r.out)
	require.Len(t, r.out.Probes(), 1)
	assert.Equal(t, FlagMessage, r.out.Probes()[0].Flag)
}

// kept returns the lines that begin with one of the words.
func kept(lines []string, words ...string) (got []string) {
	for _, l := range lines {
		for _, w := range words {
			if len(l) >= len(w) && l[:len(w)] == w {
				got = append(got, l)
			}
		}
	}
	return got
}

// Goal: an observer's part in discovery is its acceptedEpoch, and no vote: with it
// and without a quorum of voters nothing goes on (ZOOKEEPER-2959). In the period
// check it does not count either (ZOOKEEPER-1294). With the bugs, both do.
func TestObserverCountsForNothing(t *testing.T) {
	for _, bugs := range [][]bug.Switch{nil, {bug.DiscoveryCountsObservers}} {
		r := newRig(t, 4, bugs...)
		members := &quorum.Config{Voters: quorum.Range(3), Observers: quorum.Of(4)}
		for id := range r.cfgs {
			r.cfgs[id].Quorum = members
		}
		r.disk(4, imageOf(7, 0, nil)).start(1, 4).elect(1, 4).settle()
		l := &r.servers[1].lead
		assert.EqualValues(t, 8, l.epoch, "a promise of an observer is heard")
		assert.Equal(t, bugs != nil, l.stage > leadWaitEpoch)
		assert.Equal(t, bugs != nil, l.connecting.Has(4))
	}
	for _, bugs := range [][]bug.Switch{nil, {bug.CountObservers}} {
		r := watched(t, bugs...).start(4)
		r.step(4, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
		r.settle().stuck = func(from, to quorum.ServerID, _ *Msg) bool { return from == 2 || from == 3 }
		s := r.servers[1]
		for range 40 {
			if s.state == election.Leading {
				r.fire(1, TimerTick).settle()
			}
		}
		assert.Equal(t, bugs != nil, s.state == election.Leading, "one voter and one observer of three voters")
	}
}

// Goal: what is committed while an observer is being synchronized reaches it in
// order, on both sides of NEWLEADER (ZOOKEEPER-1551).
func TestObserverJoinsWhileTransactionsGoOn(t *testing.T) {
	for _, after := range []PacketType{ObserverInfo, AckEpoch, NewLeader, Ack} {
		r := watched(t)
		c := r.client(2, 7, 0)
		c.set("/a", "0")
		r.settle().start(4)
		r.stuck = func(from, to quorum.ServerID, m *Msg) bool {
			return (from == 4 || to == 4) && m.Plane == PlaneQuorum && m.Packet.Type == after
		}
		r.step(4, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
		r.settle()
		c.set("/b", "1")
		c.set("/a", "2")
		r.settle().stuck = nil
		c.set("/b", "3")
		r.settle()
		require.True(t, r.servers[4].serving, "%v", after)
		r.sameState(1, 2, 3, 4)
	}
}
