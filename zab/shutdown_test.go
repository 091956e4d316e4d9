package zab

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/election"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
)

// Goal: the order of ZOOKEEPER-4712 and 2845: stop accepting, wait for the fsync
// under way, append what is queued, fsync, and only then bring the tree up to the log and look for a leader.
func TestShutdownDrainsThenFastForwards(t *testing.T) {
	r := ensemble(t, 3, 1)
	r.stuck = func(from, to quorum.ServerID, _ *Msg) bool { return to == 1 } // no ACK arrives
	r.slow[2] = true
	c := r.client(1, 7, 0)
	c.set("/a", "1")
	c.set("/a", "2")
	local := r.client(2, 8, 0)
	r.settle()
	r.byHand = true // the log writer of n2 does not get to run
	c.set("/a", "3")
	r.servers[1].Step(&Input{Kind: RunLane, Lane: LanePrep}, &r.out)
	last := r.servers[1].lead.outstanding[2].txn
	conn := r.quorumConn(2, 1)
	r.step(2, Input{Kind: Received, Conn: conn, Peer: 1, Plane: PlaneQuorum,
		Msg: &Msg{Plane: PlaneQuorum, Packet: Packet{Type: Proposal, Zxid: last.Zxid, Txn: last}}})
	r.step(2, Input{Kind: RunLane, Lane: LanePeer})
	s := r.servers[2]
	require.Equal(t, []string{"1.2", "1.3"}, zxids(s.sync.queue))
	require.Zero(t, s.applied)
	r.take()

	r.fire(2, TimerRead)
	r.byHand = false
	assert.True(t, s.stopping)
	assert.False(t, s.serving)
	assert.True(t, local.closed)
	assert.Equal(t, []string{"close", "close"}, r.take(2), "the first fsync is still under way")
	assert.Equal(t, election.Following, s.state)
	r.done(2)
	assert.Equal(t, []string{"done fsync", "disk append 1.2", "disk append 1.3", "disk fsync"}, r.take(2), "nothing is acknowledged any more")
	assert.Zero(t, s.applied)
	r.done(2)
	assert.Equal(t, []string{"done fsync"}, r.take(2))
	assert.Equal(t, election.Looking, s.state)
	assert.Equal(t, z(1, 3), s.applied)
	assert.Equal(t, z(1, 3), s.lastProcessed)
	assert.Equal(t, z(1, 3), s.elect.Current().Zxid, "the vote speaks of what is on disk")
	assert.Equal(t, []string{"1.1", "1.2", "1.3"}, zxids(s.window))
	require.NotEmpty(t, r.probed(ProbeDrained))
	// A crash now finds all of it.
	r.crash(2).start(2)
	assert.Equal(t, z(1, 3), r.servers[2].lastProcessed)
}

// Goal: without anything to drain the role ends at once.
func TestShutdownOfAnIdleServer(t *testing.T) {
	r := ensemble(t, 3, 1)
	r.fire(2, TimerRead)
	assert.Equal(t, election.Looking, r.servers[2].state)
	assert.Equal(t, PhaseElection, r.servers[2].phase)
	assert.Zero(t, r.timers[2], "no timer runs")
	assert.Equal(t, learner{}, emptied(r.servers[2].learn))
}

// emptied returns l without the memory of its slices.
func emptied(l learner) learner {
	if len(l.notLogged)+len(l.committed)+len(l.pending)+len(l.inbox) == 0 {
		l.notLogged, l.committed, l.pending, l.inbox = nil, nil, nil, nil
	}
	return l
}

// Goal: a leader that loses its role logs its own proposals, acknowledged or not,
// drops what only its processors knew, and tells everybody.
func TestShutdownOfALeader(t *testing.T) {
	r := ensemble(t, 3, 1)
	r.stuck = func(_, to quorum.ServerID, _ *Msg) bool { return to == 1 }
	c := r.client(1, 7, 0)
	c.set("/a", "1")
	r.settle()
	s := r.servers[1]
	require.Len(t, s.lead.outstanding, 1)
	for i := 0; s.state == election.Leading; i++ {
		r.fire(1, TimerTick)
		require.Less(t, i, 100)
	}
	assert.Equal(t, election.Looking, s.state)
	assert.True(t, c.closed)
	assert.Zero(t, r.timers[1], "no timer runs")
	assert.Equal(t, z(1, 1), s.lastProcessed, "the tree has what the log has, committed or not")
	assert.Zero(t, s.lead.stage)
	assert.Empty(t, s.lead.outstanding)
	assert.Zero(t, s.lead.handlers)
	r.stuck = nil
	r.settle()
	assert.Equal(t, election.Looking, r.servers[2].state)
	r.elect(2, 1, 3).settle().sameState(1, 2, 3)
	assert.Equal(t, []string{"1.1"}, r.history(3), "and the next leader commits it")
}

// Goal: what the leader announced in Prep dies with its role.
func TestPrepForgetsWithTheRole(t *testing.T) {
	r := ensemble(t, 3, 1)
	r.stuck = func(_, to quorum.ServerID, _ *Msg) bool { return to != 0 }
	c := r.client(1, 7, 0)
	c.ask(txn.OpSetData, "/a", "", 0)
	c.set("/a", "1")
	before := r.servers[1].sm.Fingerprint()
	require.NotEqual(t, r.servers[2].sm.Fingerprint(), before)
	r.servers[1].endRole(&r.out)
	r.out.Reset()
	r.done(1)
	clone := r.servers[1].sm.Clone()
	clone.Forget()
	assert.Equal(t, clone.Fingerprint(), r.servers[1].sm.Fingerprint())
}

// Goal: three servers live through several epochs and agree. Method: the leader
// changes, sometimes by crash, always with writes on the way.
func TestSeveralReigns(t *testing.T) {
	r := newRig(t, 3).start(1, 2, 3)
	writes := 0
	for reign := range 9 {
		leader := quorum.ServerID(reign%3 + 1)
		others := []quorum.ServerID{leader%3 + 1, (leader+1)%3 + 1}
		r.elect(leader, others...).settle()
		require.True(t, r.servers[1].serving && r.servers[2].serving && r.servers[3].serving)
		for _, at := range []quorum.ServerID{1, 2, 3} {
			c := r.client(at, 7, 0)
			c.set("/a", "x")
			c.ask(txn.OpSetData, "/a", "y", int32(writes)) // right once in a while
			r.settle()
			require.Len(t, c.replies(), 2)
			writes += 2
		}
		r.sameState(1, 2, 3)
		if reign%2 == 0 {
			r.crash(leader).settle().start(leader)
		} else {
			r.fire(others[0], TimerRead)
			r.fire(others[1], TimerRead)
			r.settle()
			for i := 0; r.servers[leader].state == election.Leading; i++ {
				r.fire(leader, TimerTick).settle()
				require.Less(t, i, 100)
			}
		}
		r.settle().sameState(1, 2, 3)
		// The one that was behind leads nobody: all are equal, any may lead.
	}
	assert.Equal(t, 54, r.servers[1].log.Len())
}
