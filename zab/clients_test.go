package zab

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/election"
	"zabsim/zab/quorum"
)

// Goal: a session's reads wait behind its own writes, not behind those of others;
// answers come in the order of the requests.
func TestReadsWaitBehindOwnWrites(t *testing.T) {
	for _, at := range []quorum.ServerID{1, 2} { // at the leader, at a follower
		r := ensemble(t, 3, 1)
		r.slow[1], r.slow[2], r.slow[3] = true, true, true
		a, b := r.client(at, 7, 0), r.client(at, 8, 0)
		a.set("/a", "x")
		a.get("/a")
		a.set("/a", "y")
		a.get("/a")
		a.get("/b")
		b.get("/a")
		r.settle()
		assert.Empty(t, a.replies())
		assert.Equal(t, []string{"1 getData OK"}, b.replies(), "reads the past")
		r.slow = [quorum.Slots]bool{}
		r.settle()
		assert.Equal(t, []string{"1 setData OK", "2 getData OK x", "3 setData OK", "4 getData OK y", "5 getData OK"}, a.replies())
		b.get("/a")
		r.settle()
		assert.Equal(t, "2 getData OK y", b.replies()[1])
	}
}

// Goal: sync at a follower waits for what is outstanding at the leader, and the
// read behind it sees that (protocol fact 6.5).
func TestSyncAtAFollowerWaitsForOutstanding(t *testing.T) {
	r := ensemble(t, 3, 1)
	a, b := r.client(1, 7, 0), r.client(2, 8, 0)
	r.slow[2], r.slow[3] = true, true
	a.set("/a", "x")
	r.settle()
	b.sync()
	b.get("/a")
	r.settle()
	assert.Empty(t, b.replies())
	require.Len(t, r.servers[1].lead.syncs, 1)
	r.slow[3] = false
	r.settle()
	assert.Equal(t, []string{"1 sync OK", "2 getData OK x"}, b.replies())

	b.sync() // nothing is outstanding: at once, without a quorum
	r.stuck = func(from, to quorum.ServerID, _ *Msg) bool { return from == 3 || to == 3 }
	r.settle()
	assert.Equal(t, "3 sync OK", b.replies()[2])
}

// Goal: sync at the leader passes by what is outstanding, but not by the own
// writes of its session (quirk Q7).
func TestSyncAtTheLeaderWaitsForNothing(t *testing.T) {
	r := ensemble(t, 3, 1)
	a, b := r.client(1, 7, 0), r.client(1, 8, 0)
	r.slow[2], r.slow[3] = true, true
	a.set("/a", "x")
	a.sync()
	b.sync()
	b.get("/a")
	r.settle()
	assert.Equal(t, []string{"1 sync OK", "2 getData OK"}, b.replies())
	assert.Empty(t, a.replies())
	r.slow = [quorum.Slots]bool{}
	r.settle()
	assert.Equal(t, []string{"1 setData OK", "2 sync OK"}, a.replies())
}

// Goal: a client that has seen more than the server is refused.
func TestClientThatHasSeenMoreIsRefused(t *testing.T) {
	r := ensemble(t, 3, 1)
	r.stuck = func(_, to quorum.ServerID, _ *Msg) bool { return to == 3 }
	c := r.client(1, 7, 0)
	c.set("/a", "x")
	r.settle()
	require.Equal(t, []string{"1 setData OK"}, c.replies())
	seen := c.heard[len(c.heard)-1].Zxid
	require.Equal(t, z(1, 1), seen)
	assert.True(t, r.client(3, 7, seen).closed, "n3 has not heard of 1.1")
	assert.False(t, r.client(2, 7, seen).closed)
	assert.False(t, r.client(3, 7, 0).closed)
	r.stuck = nil
	r.settle()
	assert.False(t, r.client(3, 7, seen).closed)
}

// Goal: a server that does not serve takes no clients, and closes those it had.
func TestClientsLeaveWithTheRole(t *testing.T) {
	r := newRig(t, 3).start(1, 2)
	assert.False(t, r.servers[1].Accepts(PlaneClient))
	assert.True(t, r.client(1, 7, 0).closed)
	r.elect(1, 2).settle()
	assert.True(t, r.servers[1].Accepts(PlaneClient) && r.servers[2].Accepts(PlaneClient))
	a, b := r.client(2, 7, 0), r.client(2, 8, 0)
	a.set("/a", "x")
	r.fire(2, TimerRead)
	assert.True(t, a.closed && b.closed)
	assert.Empty(t, r.servers[2].pending)
}

// Goal: a client that is gone leaves nothing behind; its write happens.
func TestForgottenClient(t *testing.T) {
	r := ensemble(t, 3, 1)
	a, b := r.client(2, 7, 0), r.client(2, 8, 0)
	a.set("/a", "x")
	b.set("/b", "y")
	r.step(2, Input{Kind: Closed, Conn: a.conn, Plane: PlaneClient})
	r.settle()
	assert.Empty(t, a.replies())
	assert.Equal(t, []string{"1 setData OK"}, b.replies())
	assert.Len(t, r.servers[2].clients, 1, "the connection of b")
	assert.Empty(t, r.servers[2].pending)
	assert.Equal(t, z(1, 2), r.servers[3].applied)
}

func TestClientPing(t *testing.T) {
	r := ensemble(t, 3, 1)
	c := r.client(2, 7, 0)
	c.say(ClientMsg{Kind: ClientPing, Session: 7})
	r.settle()
	require.Len(t, c.heard, 2)
	assert.Equal(t, ConnectResponse, c.heard[0].Kind)
	assert.Equal(t, ClientPong, c.heard[1].Kind)
}

// Goal: the answer to a sync goes to the connection that asked, not to a later one
// of the same learner (Leader.sendSync, LearnerSyncRequest.fh).
func TestSyncIsNotAnsweredOnAnotherConnection(t *testing.T) {
	r := ensemble(t, 3, 1)
	a, b := r.client(1, 7, 0), r.client(2, 8, 0)
	a.set("/a", "x")
	r.settle()
	r.slow[1], r.slow[2], r.slow[3] = true, true, true
	a.set("/a", "y")
	b.sync()
	r.settle()
	require.Len(t, r.servers[1].lead.syncs, 1)
	r.cut(2, 1)
	r.slow[2] = false
	r.settle() // n2 drains its log writer
	r.held[2] = true
	r.step(2, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	r.settle() // n2 is being synchronized and gets all that is new
	require.True(t, r.servers[1].lead.forwarding.Has(2))
	r.slow[1], r.slow[3] = false, false
	r.settle()
	assert.NotContains(t, r.take(1), "send SYNC 0.0 s8#1")
	r.held[2] = false
	r.settle().sameState(1, 2, 3)
}
