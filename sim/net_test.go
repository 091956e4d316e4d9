package sim

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/plan"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

func quietPlan(servers int) *plan.Plan {
	return &plan.Plan{
		Scenario: "test", Seed: 1, Quorum: *quorum.Majority(servers), For: 10 * host.Second,
		TickTime: 200 * host.Millisecond, InitLimit: 10, SyncLimit: 5, CommitLogCount: 500, SessionTimeout: 2 * host.Second,
	}
}

func packet(n uint32) *zab.Msg {
	return &zab.Msg{Plane: zab.PlaneQuorum, Packet: zab.Packet{Type: zab.Ping, Zxid: zxid.Make(1, n)}}
}

func TestQueueIsFIFO(t *testing.T) {
	var q Queue
	next := uint32(0)
	for n := uint32(1); n <= 500; n++ {
		q.push(packet(n))
		if n%3 == 0 { // let it grow and shrink
			next++
			require.Equal(t, zxid.Make(1, next), q.pop().Packet.Zxid)
		}
	}
	for q.Len() > 0 {
		next++
		require.Equal(t, zxid.Make(1, next), q.pop().Packet.Zxid)
	}
	assert.Equal(t, uint32(500), next)
}

// openPair returns a world with one open quorum connection from n1 to n2 that no
// server knows of.
func openPair(t *testing.T) (*World, int) {
	w := NewWorld(newSetup(quietPlan(3)))
	w.dial(1, 2, zab.PlaneQuorum)
	require.Equal(t, ConnDialing, w.Conns[0].State)
	w.Conns[0].State, w.Conns[0].AOpen, w.Conns[0].BOpen = ConnOpen, true, true
	return w, 0
}

func TestBytesSentBeforeCloseArriveThenTheEnd(t *testing.T) {
	w, slot := openPair(t)
	w.send(1, connID(slot), packet(1))
	w.close(1, connID(slot))
	q := w.Queues[2*slot]
	assert.Equal(t, 1, q.Len())
	assert.True(t, q.Ends())
	assert.True(t, w.Conns[slot].BOpen, "the other end has not been told")
}

func TestBytesToAClosedEndVanish(t *testing.T) {
	w, slot := openPair(t)
	w.send(2, connID(slot), packet(1)) // on its way to n1
	w.close(1, connID(slot))
	assert.Zero(t, w.Queues[2*slot+1].Len(), "undelivered bytes vanish")
	w.send(2, connID(slot), packet(2))
	assert.Zero(t, w.Queues[2*slot+1].Len(), "n2 writes into the void until it learns")
}

func TestASlotIsFreeWhenBothEndsHaveLetGo(t *testing.T) {
	w, slot := openPair(t)
	w.close(1, connID(slot))
	assert.Equal(t, ConnOpen, w.Conns[slot].State)
	w.close(2, connID(slot))
	assert.Equal(t, ConnFree, w.Conns[slot].State)
	w.dial(3, 1, zab.PlaneElection)
	assert.Equal(t, Endpoint(3), w.Conns[slot].A, "and is used again")
}

func TestNewestNotificationReplacesTheOneBefore(t *testing.T) {
	w, slot := openPair(t)
	w.Conns[slot].Plane = zab.PlaneElection
	for n := range 5 {
		m := &zab.Msg{Plane: zab.PlaneElection}
		m.Note.Vote.Round = 1
		m.Note.Vote.Zxid = zxid.Make(1, uint32(n))
		w.send(1, connID(slot), m)
	}
	q := w.Queues[2*slot]
	require.Equal(t, electionWindow, q.Len())
	assert.Equal(t, zxid.Make(1, 0), q.msgs[0].Note.Vote.Zxid)
	assert.Equal(t, zxid.Make(1, 4), q.msgs[1].Note.Vote.Zxid)
}

// TestCutLinkHoldsBytesUntilItHeals: a partition loses nothing that the ends do
// not give up on, keeps order, and half-open ends learn by time-out only.
func TestCutLinkHoldsBytesUntilItHeals(t *testing.T) {
	p := quietPlan(3)
	r := NewRunner(p, Config{})
	for r.Leader() == 0 {
		require.True(t, r.Step())
	}
	until := r.Now().Add(500 * host.Millisecond)
	for r.Now() < until {
		require.True(t, r.Step())
	}
	leader := r.Leader()
	follower := r.View.Up.Without(leader).First()
	r.faults = make([]faultRun, 1)
	r.CutLink(0, leader, follower)
	r.CutLink(0, follower, leader)
	held := 0
	until = r.Now().Add(600 * host.Millisecond) // below syncLimit * tickTime
	for r.Now() < until {
		require.True(t, r.Step())
		held = 0
		for i := range r.World.Queues {
			if r.cutQueue(i) {
				held += r.World.Queues[i].Len()
			}
		}
	}
	assert.NotZero(t, held, "pings wait on the cut link")
	assert.Equal(t, leader, r.status[follower].Leader, "the follower has not noticed yet")
	r.HealLinks(0)
	until = r.Now().Add(2 * host.Second)
	for r.Now() < until {
		require.True(t, r.Step())
	}
	assert.Equal(t, leader, r.Leader())
	assert.Equal(t, leader, r.status[follower].Leader, "a short cut costs nothing")
	assert.Empty(t, r.View.Violations)
}

func TestFollowerLearnsOfALongCutByReadTimeout(t *testing.T) {
	p := quietPlan(3)
	r := NewRunner(p, Config{})
	for r.Leader() == 0 {
		require.True(t, r.Step())
	}
	leader := r.Leader()
	follower := r.View.Up.Without(leader).First()
	for !r.status[follower].Serving {
		require.True(t, r.Step())
	}
	cutAt := r.Now()
	r.faults = make([]faultRun, 1)
	r.CutLink(0, leader, follower)
	for r.status[follower].Leader == leader {
		require.True(t, r.Step())
	}
	limit := p.TickTime * host.Duration(p.SyncLimit)
	assert.GreaterOrEqual(t, int64(r.Now().Sub(cutAt)), int64(limit/2))
	assert.LessOrEqual(t, int64(r.Now().Sub(cutAt)), int64(limit+100*host.Millisecond))
}

// TestALinkDeliversAgainWhenTheLastCutHeals: two faults may cut the same link.
func TestALinkDeliversAgainWhenTheLastCutHeals(t *testing.T) {
	r := NewRunner(quietPlan(3), Config{})
	r.faults = make([]faultRun, 2)
	r.CutLink(0, 1, 2)
	r.CutLink(1, 1, 2)
	r.HealLinks(0)
	assert.True(t, r.World.Cut[1].Has(2))
	r.HealLinks(1)
	assert.False(t, r.World.Cut[1].Has(2))
}

// TestAResetLosesWhatIsOnItsWay: both directions are emptied, each end learns of
// the reset on its own, and what an end sends before it has learned vanishes.
func TestAResetLosesWhatIsOnItsWay(t *testing.T) {
	w, slot := openPair(t)
	w.send(1, connID(slot), packet(1))
	w.send(2, connID(slot), packet(2))
	w.breakConn(slot, 0)
	for q := 2 * slot; q < 2*slot+2; q++ {
		assert.Zero(t, w.Queues[q].Len(), "undelivered bytes vanish")
		assert.True(t, w.Queues[q].Ends(), "the reader has yet to learn")
	}
	w.send(1, connID(slot), packet(3))
	assert.Zero(t, w.Queues[2*slot].Len(), "nothing follows a reset")
	w.readEnd(slot, 2)
	assert.Equal(t, ConnOpen, w.Conns[slot].State, "n1 has not been told")
	assert.True(t, w.Conns[slot].AOpen)
	assert.True(t, w.Queues[2*slot+1].Ends(), "its notice is still on the way")
	w.readEnd(slot, 1)
	assert.Equal(t, ConnFree, w.Conns[slot].State)
}

// TestADeposedLeaderIsNotTrustedAfterItsSuccessorDied: nobody else leads any more,
// and still a read after sync under an old epoch proves nothing.
func TestADeposedLeaderIsNotTrustedAfterItsSuccessorDied(t *testing.T) {
	r := NewRunner(quietPlan(3), Config{})
	r.status[1].Leader, r.status[1].Epoch, r.newest = 1, 7, 7
	r.leading = quorum.Of(1)
	assert.False(t, r.otherLeader(1))
	r.newest = 8 // established and gone
	assert.True(t, r.otherLeader(1))
	r.newest, r.leading = 7, quorum.Of(1, 2)
	assert.True(t, r.otherLeader(1), "another one leads")
}
