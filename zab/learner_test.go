package zab

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/election"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// after returns what follows the first line that equals from.
func after(lines []string, from string) []string {
	for i, l := range lines {
		if l == from {
			return lines[i+1:]
		}
	}
	return nil
}

// newLeaderStory synchronizes n2 with a leader that has 1.1 to 1.3, and returns
// what n2 does after ACKEPOCH.
func newLeaderStory(t *testing.T, learner Image, bugs ...bug.Switch) (*rig, []string) {
	r := newRig(t, 3, bugs...).disk(1, imageOf(2, 2, txs(1, 1, 3))).disk(2, learner)
	if learner.LogBase != 0 { // can't be told by DIFF: force SNAP
		r.cfgs[1].SnapshotSizeFactor, r.cfgs[1].CommitLogCount = -1, 1
	}
	r.start(1, 2).elect(1, 2).settle()
	lines := r.take(2)
	for i, l := range lines {
		if len(l) > 13 && l[:13] == "send ACKEPOCH" {
			return r, lines[i+1:]
		}
	}
	return r, nil
}

// Goal: history first, then currentEpoch, then ACK (ZOOKEEPER-3911, 4643, 4646,
// 4785), each durable before the next begins.
func TestNewLeaderOrder(t *testing.T) {
	t.Run("DIFF", func(t *testing.T) {
		_, got := newLeaderStory(t, imageOf(1, 1, txs(1, 1, 1)))
		assert.Equal(t, []string{
			"disk append 1.2", "disk append 1.3", "disk fsync", "done fsync",
			"disk currentEpoch 3", "done currentEpoch 3", "send ACK 3.0", "send ACK 3.0",
		}, got)
	})
	t.Run("empty DIFF", func(t *testing.T) {
		_, got := newLeaderStory(t, imageOf(1, 1, txs(1, 1, 3)))
		assert.Equal(t, []string{"disk currentEpoch 3", "done currentEpoch 3", "send ACK 3.0", "send ACK 3.0"}, got)
	})
	t.Run("TRUNC", func(t *testing.T) {
		_, got := newLeaderStory(t, imageOf(1, 1, txs(1, 1, 5)))
		assert.Equal(t, []string{
			"disk truncate 1.3", "done truncate 1.3",
			"disk snapshot 1.3 last 1.3 fence false", "done snapshot 1.3 last 1.3 fence false",
			"disk currentEpoch 3", "done currentEpoch 3", "send ACK 3.0", "send ACK 3.0",
		}, got)
	})
	t.Run("SNAP", func(t *testing.T) {
		learner := imageOf(1, 1, nil)
		learner.LogBase = z(0, 7)
		learner.Snaps = []*Snapshot{NewSnapshot(z(0, 7), z(0, 7), 1, stateOf(nil))}
		_, got := newLeaderStory(t, learner)
		assert.Equal(t, []string{
			"disk snapshot 1.3 last 1.3 fence true", "done snapshot 1.3 last 1.3 fence true",
			"disk currentEpoch 3", "done currentEpoch 3", "send ACK 3.0", "send ACK 3.0",
		}, got)
	})
}

// Goal: each switch breaks exactly the order that it names.
func TestNewLeaderOrderWithBugs(t *testing.T) {
	t.Run("ack before log", func(t *testing.T) {
		_, got := newLeaderStory(t, imageOf(1, 1, txs(1, 1, 1)), bug.AckNewLeaderBeforeLog)
		assert.Equal(t, []string{
			"disk currentEpoch 3", "done currentEpoch 3", "send ACK 3.0", "send ACK 3.0",
			"disk append 1.2", "disk append 1.3", "disk fsync", "done fsync", "send ACK 1.2", "send ACK 1.3",
		}, got)
	})
	t.Run("epoch before history", func(t *testing.T) {
		r, got := newLeaderStory(t, imageOf(1, 1, txs(1, 1, 1)), bug.EpochBeforeHistory)
		assert.Equal(t, []string{
			"disk currentEpoch 3", "done currentEpoch 3",
			"disk append 1.2", "disk append 1.3", "disk fsync", "done fsync", "send ACK 3.0", "send ACK 3.0",
		}, got)
		r.sameState(1, 2)
	})
	t.Run("both", func(t *testing.T) {
		_, got := newLeaderStory(t, imageOf(1, 1, txs(1, 1, 1)), bug.AckNewLeaderBeforeLog, bug.EpochBeforeHistory)
		assert.Equal(t, "disk currentEpoch 3", got[0])
		assert.Equal(t, "send ACK 3.0", got[2])
	})
	// What it costs: the crash after the ACK.
	for name, c := range map[string]struct {
		bugs []bug.Switch
		want []string
	}{"correct": {nil, []string{"1.1", "1.2", "1.3"}}, "bug": {[]bug.Switch{bug.AckNewLeaderBeforeLog}, []string{"1.1"}}} {
		t.Run("crash after ACK, "+name, func(t *testing.T) {
			r := newRig(t, 3, c.bugs...).disk(1, imageOf(2, 1, txs(1, 1, 3))).disk(2, imageOf(1, 1, txs(1, 1, 1))).start(1, 2).elect(1, 2)
			r.slow[2] = true
			r.settle()
			require.True(t, r.servers[1].serving, "the leader has counted n2")
			r.crash(2).start(2)
			assert.Equal(t, c.want, r.history(2))
		})
	}
}

// Goal: proposals that are not committed wait for UPTODATE; their ACKs never come
// before ACK(NEWLEADER) (ZOOKEEPER-4685), and a COMMIT between NEWLEADER and
// UPTODATE finds its proposal (ZOOKEEPER-4394).
func TestUncommittedProposalsWaitForUpToDate(t *testing.T) {
	r := ensemble(t, 5, 1)
	for id := quorum.ServerID(2); id <= 4; id++ {
		r.slow[id] = true
	}
	r.crash(5)
	r.client(1, 7, 0).set("/a", "x") // proposed, nobody acknowledges
	r.settle()
	require.Len(t, r.servers[1].lead.outstanding, 1)

	r.start(5).take()
	r.step(5, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	r.settleUntilHeld(5, "currentEpoch 1")
	require.Equal(t, SyncDiff, r.servers[5].learn.mode)
	assert.Equal(t, []string{"1.1"}, zxids(r.servers[5].learn.notLogged))
	r.slow[2], r.slow[3] = false, false
	r.settle() // COMMIT 1.1 reaches n5 behind NEWLEADER
	r.held[5] = false
	r.settle()
	assert.Equal(t, []string{
		"send ACK 1.0", "send ACK 1.0", "disk append 1.1", "disk fsync", "done fsync", "send ACK 1.1",
	}, after(r.take(5), "done currentEpoch 1"))
	r.sameState(1, 5)
}

// Goal: a SNAP that never came to NEWLEADER leaves nothing behind, in memory or
// on disk (ZOOKEEPER-3642).
func TestUnfinishedSnapIsDropped(t *testing.T) {
	learner := imageOf(0, 0, txs(0, 1, 2)) // its history is not the leader's
	r := newRig(t, 3).disk(1, imageOf(2, 2, txs(2, 1, 3))).disk(2, learner).start(1, 2)
	r.cfgs[1].SnapshotSizeFactor, r.cfgs[1].CommitLogCount = -1, 1
	r.crash(1).start(1).elect(1, 2)
	before := r.servers[2].sm.Digest()
	r.stuck = func(_, to quorum.ServerID, m *Msg) bool { return to == 2 && m.Packet.Type == NewLeader }
	r.settle()
	s := r.servers[2]
	require.Equal(t, SyncSnap, s.learn.mode)
	require.Equal(t, z(2, 3), s.lastProcessed, "the leader's, in memory only")
	require.NotEqual(t, before, s.sm.Digest())
	r.cut(2, 1)
	assert.Equal(t, election.Looking, s.state)
	assert.Equal(t, z(0, 2), s.lastProcessed)
	assert.Equal(t, z(0, 2), s.elect.Current().Zxid, "and so says its vote")
	assert.Equal(t, before, s.sm.Digest())
	assert.Equal(t, []string{"0.1", "0.2"}, r.history(2))
	assert.Equal(t, []string{"0.1", "0.2"}, zxids(s.window))
}

// Goal: the same when commits were applied on top of TRUNC.
func TestUnfinishedTruncIsReloaded(t *testing.T) {
	hole := imageOf(2, 2, txs(2, 1, 1))
	hole.Records = append(hole.Records, Record{Txn: tx(2, 3), Sum: tx(2, 3).Hash})
	r := newRig(t, 3).disk(1, hole).disk(2, imageOf(2, 2, txs(2, 1, 2))).start(1, 2)
	r.stuck = func(_, to quorum.ServerID, m *Msg) bool { return to == 2 && m.Packet.Type == NewLeader }
	r.elect(1, 2).settle()
	s := r.servers[2]
	require.Equal(t, SyncTrunc, s.learn.mode)
	require.Equal(t, z(2, 3), s.applied)
	r.cut(2, 1)
	assert.Equal(t, z(2, 1), s.lastProcessed)
	assert.Equal(t, []string{"2.1"}, r.history(2))
	assert.Equal(t, []string{"2.1"}, zxids(s.window))
	r.stuck = nil
	r.step(2, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	r.settle().sameState(1, 2)
	r.crash(2).start(2).sameState(1, 2)
}

// Goal: a learner that can't truncate as told changes nothing, asks for SNAP and
// gets it (protocol fact 13.4). Method: its log starts behind the leader's end.
func TestTruncBelowTheLogAsksForSnap(t *testing.T) {
	learner := imageOf(1, 1, nil)
	learner.Snaps = []*Snapshot{NewSnapshot(z(1, 5), z(1, 5), chainOf(txs(1, 1, 5)), emptySnapshot().State)}
	learner.LogBase = z(1, 5)
	r := newRig(t, 3).disk(1, imageOf(2, 2, txs(1, 1, 3))).disk(2, learner).start(1, 2, 3).elect(1, 2, 3).settle()
	assert.Equal(t, election.Looking, r.servers[2].state)
	assert.True(t, r.servers[2].needSnap)
	assert.Equal(t, z(1, 5), r.servers[2].applied)
	assert.NotContains(t, r.take(2), "disk truncate 1.3")
	r.step(2, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	r.settle()
	lines := r.take()
	assert.Contains(t, lines, "n2 send ACKEPOCH 1.5 e-1 needSnap")
	assert.Contains(t, lines, "n1 send SNAP 3.0 last 1.3")
	assert.False(t, r.servers[2].needSnap)
	r.sameState(1, 2)
	r.crash(2).start(2).sameState(1, 2)
}

// Goal: TRUNC drops snapshots that hold what is cut, or it would come back from
// them (ZOOKEEPER-4837).
func TestTruncDropsNewerSnapshots(t *testing.T) {
	learner := imageOf(2, 1, txs(1, 1, 4))
	all := NewSnapshot(z(1, 4), z(1, 4), chainOf(txs(1, 1, 4)), stateOf(txs(1, 1, 4)))
	learner.Snaps = append(learner.Snaps, all)
	r := newRig(t, 3).disk(1, imageOf(2, 2, txs(1, 1, 2))).disk(2, learner).start(1, 2).elect(1, 2).settle()
	require.Contains(t, r.take(2), "disk truncate 1.2")
	r.sameState(1, 2)
	assert.NotContains(t, r.servers[2].snaps, all)
	r.crash(2).start(2).sameState(1, 2)
}

// Goal: a gap in the leader's proposals ends the synchronization (ZOOKEEPER-4925).
func TestGapEndsTheSynchronization(t *testing.T) {
	gap := join(txs(1, 1, 1), txs(2, 1, 1), txs(2, 3, 3))
	r := newRig(t, 3).disk(1, imageOf(2, 2, gap)).disk(2, imageOf(1, 1, gap[:1])).start(1, 2).elect(1, 2).settle()
	assert.Equal(t, election.Looking, r.servers[2].state)
	assert.Equal(t, []string{"1.1"}, r.history(2))
}

func TestProposalOrder(t *testing.T) {
	var s Server
	for _, c := range []struct {
		prev, next zxid.Zxid
		want       bool
	}{
		{0, z(1, 7), true}, {z(1, 1), z(1, 2), true}, {z(1, 1), z(1, 3), false}, {z(1, 2), z(1, 2), false},
		{z(1, 2), z(1, 1), false}, {z(1, 9), z(2, 1), true}, {z(1, 9), z(4, 1), true}, {z(1, 9), z(2, 2), false}, {z(2, 1), z(1, 1), false},
	} {
		assert.Equal(t, c.want, s.follows(c.prev, c.next), "%v after %v", c.next, c.prev)
	}
}

// Goal: packets that arrive while the peer thread is at the disk are taken
// afterwards, in order, and a connection that ends meanwhile is noticed then.
func TestPeerThreadBlocksOnTheDisk(t *testing.T) {
	r := newRig(t, 3).disk(1, imageOf(2, 1, txs(1, 1, 3))).disk(2, imageOf(1, 1, txs(1, 1, 1))).start(1, 2).elect(1, 2)
	r.held[2] = true
	r.settle().done(2) // acceptedEpoch
	r.settle()         // DIFF, both transactions, NEWLEADER; the fsync is under way
	s := r.servers[2]
	require.Equal(t, StepHistory, s.learn.blocked)
	r.fire(2, TimerRead)
	assert.False(t, s.lost, "the thread is not reading: nothing times out")
	assert.NotZero(t, r.timers[2][TimerRead])
	r.fire(1, TimerInit)
	r.settle() // the leader is gone
	assert.Equal(t, election.Following, s.state)
	assert.True(t, s.lost)
	r.done(2)
	require.Equal(t, StepCurrent, s.learn.blocked, "the socket is not looked at in between")
	r.done(2)
	assert.Equal(t, election.Looking, s.state)
	assert.EqualValues(t, 3, s.current)
	assert.Equal(t, z(1, 3), s.lastProcessed)
}

// Goal: the learner's socket read time-out is initLimit until NEWLEADER is done,
// then syncLimit; when it fires, the role ends.
func TestLearnerReadTimeOuts(t *testing.T) {
	r := newRig(t, 3).start(1, 2).elect(1, 2)
	r.settleUntilHeld(2, "currentEpoch 1")
	assert.Equal(t, 20*host.Second, r.timers[2][TimerRead])
	r.held[2] = false
	r.settle()
	assert.Equal(t, 10*host.Second, r.timers[2][TimerRead])
	r.fire(2, TimerRead)
	assert.Equal(t, election.Looking, r.servers[2].state)
	r.settle()
	assert.Zero(t, r.servers[1].lead.handlers[2].stage, "the leader learns of it")
}

// Goal: a dial is tried five times, 100 ms apart. Method: nobody listens.
func TestConnectToLeaderGivesUp(t *testing.T) {
	r := newRig(t, 3).start(2)
	r.step(2, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	for try := 1; try < connectTriesMax; try++ {
		require.Len(t, r.conns, try)
		require.Equal(t, learnDialing, r.servers[2].learn.stage)
		if try == 2 {
			r.fire(2, TimerConnect) // no answer at all
		} else {
			r.step(2, Input{Kind: DialFailed, Peer: 1, Plane: PlaneQuorum})
		}
		require.Equal(t, learnPausing, r.servers[2].learn.stage)
		require.Equal(t, 100*host.Millisecond, r.timers[2][TimerConnect])
		r.fire(2, TimerConnect)
	}
	r.step(2, Input{Kind: DialFailed, Peer: 1, Plane: PlaneQuorum})
	assert.Equal(t, election.Looking, r.servers[2].state)
	assert.Zero(t, r.timers[2][TimerConnect])
}

// Goal: all tries together take no longer than initLimit. Method: the host never
// answers, each dial hangs for syncLimit; five of them would take longer.
func TestHangingDialsEndWithInitLimit(t *testing.T) {
	r := newRig(t, 3).start(2)
	s := r.servers[2]
	limit := s.cfg.TickTime * host.Duration(s.cfg.InitLimit)
	require.Greater(t, connectTriesMax*s.syncLimit(), limit)
	r.step(2, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	var elapsed host.Duration
	for s.state == election.Following {
		elapsed += r.fireNext(2)
		require.LessOrEqual(t, elapsed, limit)
	}
	assert.Equal(t, limit, elapsed)
	assert.Equal(t, election.Looking, s.state)
	assert.Len(t, r.conns, 2, "the second dial is under way")
	assert.False(t, r.conns[1].dialed, "and given up")
	assert.Zero(t, r.timers[2][TimerConnect])
	assert.Zero(t, r.timers[2][TimerRead])

	// A dial that succeeds late starts the time of the connection itself.
	r.start(1).step(2, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	require.Equal(t, s.syncLimit(), r.fireNext(2))
	require.Equal(t, connectPause, r.fireNext(2))
	require.Less(t, r.timers[2][TimerRead], limit)
	r.elect(1).settle()
	assert.Equal(t, PhaseBroadcast, s.phase)
	assert.Equal(t, s.syncLimit(), r.timers[2][TimerRead])
}

// fireNext lets time pass until the first of a server's timers fires, and returns
// how long that took. No two may be due at once.
func (r *rig) fireNext(id quorum.ServerID) host.Duration {
	first := TimerCount
	for t, left := range r.timers[id] {
		if left != 0 && (first == TimerCount || left < r.timers[id][first]) {
			first = TimerID(t)
		}
	}
	require.Less(r.t, first, TimerCount, "%v waits for nothing", id)
	after := r.timers[id][first]
	for t, left := range r.timers[id] {
		if left != 0 && TimerID(t) != first {
			require.Greater(r.t, left, after)
			r.timers[id][t] -= after
		}
	}
	r.fire(id, first)
	return after
}

// Goal: what a correct leader never sends is reported and harms nothing.
func TestIllegalPacketsAreReported(t *testing.T) {
	for _, c := range []struct {
		name   string
		packet Packet
		early  bool // before the synchronization has begun
		state  election.State
		want   string
	}{
		{"first packet", Packet{Type: Proposal}, true, election.Looking, "n2: synchronization starts with PROPOSAL (0.0)"},
		{"COMMIT of nothing", Packet{Type: Commit, Zxid: z(1, 9)}, false, election.Following, "n2: COMMIT without a pending proposal (1.9)"},
		{"second NEWLEADER", Packet{Type: NewLeader, Zxid: z(1, 0)}, false, election.Following, "n2: NEWLEADER in broadcast (1.0)"},
		{"ACK", Packet{Type: Ack}, false, election.Following, "n2: ACK from a leader (0.0)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, 3).start(1, 2).elect(1, 2)
			if c.early {
				r.stuck = func(_, to quorum.ServerID, m *Msg) bool { return to == 2 && m.Packet.Type == Diff }
			}
			r.settle()
			r.step(2, Input{Kind: Received, Conn: r.quorumConn(2, 1), Peer: 1, Plane: PlaneQuorum, Msg: &Msg{Plane: PlaneQuorum, Packet: c.packet}})
			assert.Equal(t, c.state, r.servers[2].state)
			r.wantIllegal(c.want)
		})
	}
}
