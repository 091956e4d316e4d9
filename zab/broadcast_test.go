package zab

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/election"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Goal: one write, all of it in program order.
func TestOneWrite(t *testing.T) {
	r := ensemble(t, 2, 1)
	c := r.client(2, 7, 0)
	r.take()
	c.set("/a", "x")
	r.settle()
	assert.Equal(t, []string{
		"n2 send REQUEST 0.0 s7#1",
		"n1 send PROPOSAL 1.1",
		"n1 disk append 1.1",
		"n1 disk fsync",
		"n2 disk append 1.1",
		"n2 disk fsync",
		"n1 done fsync",
		"n2 done fsync",
		"n2 send ACK 1.1",
		"n1 send COMMIT 1.1",
		`n2 send reply s7#1 setData OK ""`,
	}, r.take())
	r.sameState(1, 2)
}

// Goal: a follower keeps its ACK until the record is durable.
func TestFollowerKeepsAckUntilSynced(t *testing.T) {
	r := ensemble(t, 3, 1)
	r.slow[2], r.slow[3] = true, true
	c := r.client(1, 7, 0)
	c.set("/a", "x")
	r.settle()
	assert.Equal(t, []string{"disk append 1.1", "disk fsync"}, r.take(2))
	assert.Empty(t, c.replies())
	r.slow[2] = false
	r.settle()
	assert.Equal(t, []string{"done fsync", "send ACK 1.1"}, r.take(2))
	assert.Equal(t, []string{"1 setData OK"}, c.replies())
}

// Goal: nothing is appended during an fsync; the next one covers all that arrived
// meanwhile, and the acknowledgements come in order.
func TestGroupCommit(t *testing.T) {
	r := ensemble(t, 3, 1)
	r.slow[2] = true
	c := r.client(1, 7, 0)
	for range 5 {
		c.set("/a", "x")
		r.settle()
	}
	assert.Equal(t, []string{"disk append 1.1", "disk fsync"}, r.take(2))
	r.done(2)
	assert.Equal(t, []string{
		"done fsync", "send ACK 1.1", "disk append 1.2", "disk append 1.3", "disk append 1.4", "disk append 1.5", "disk fsync",
	}, r.take(2))
	c.set("/a", "y") // comes while the second fsync is under way: the third covers it
	r.settle().take()
	r.done(2)
	assert.Equal(t, []string{
		"done fsync", "send ACK 1.2", "send ACK 1.3", "send ACK 1.4", "send ACK 1.5", "disk append 1.6", "disk fsync",
	}, r.take(2))
	r.done(2)
	assert.Equal(t, []string{"done fsync", "send ACK 1.6"}, r.take(2))
	r.settle().sameState(1, 2, 3)
}

// Goal: a batch ends at maxBatchSize.
func TestBatchSize(t *testing.T) {
	var out Effects
	s := syncLeader(t, 4, 0, nil)
	s.sync.queue = txs(9, 1, maxBatchSize+2)
	require.True(t, s.Runnable().Has(LaneSync))
	for _, want := range []int{maxBatchSize, 2} {
		for s.Runnable().Has(LaneSync) {
			s.runSync(&out)
		}
		assert.Len(t, s.sync.batch, want)
		assert.Len(t, out.List(), want+1, "the appends and one fsync")
		s.runSync(&out)
		assert.Len(t, out.List(), want+1, "the thread is at the disk")
		out.Reset()
		s.flushed(&out)
		for range want {
			s.runSync(&out)
		}
		assert.Len(t, out.Probes(), want, "a turn for each acknowledgement")
		assert.Empty(t, out.List(), "none for an append")
		out.Reset()
	}
	assert.False(t, s.Runnable().Has(LaneSync))
	assert.Equal(t, maxBatchSize+2, s.log.Len())
}

// Goal: a transaction that is not newer than the log is reported and skipped; the
// log writer and the synchronization go on with the next.
func TestAppendOfAnOldRecordIsSkipped(t *testing.T) {
	const reason = "log append is not newer than the log's last record"
	probes := func(out *Effects) (got []Probe) {
		for _, p := range out.Probes() {
			if p.Kind == ProbeIllegal {
				got = append(got, p)
			}
		}
		return got
	}
	appended := func(s *Server, out *Effects) (got []string) {
		for _, e := range out.List() {
			got = append(got, describeOp(&e.Disk))
		}
		return got
	}
	t.Run("log writer", func(t *testing.T) {
		var out Effects
		s := syncLeader(t, 4, 0, txs(1, 1, 3))
		drain := func() {
			for s.Runnable().Has(LaneSync) {
				s.runSync(&out)
			}
		}
		s.sync.queue = []*txn.Txn{tx(1, 3), tx(1, 4), tx(1, 2)}
		drain()
		assert.Equal(t, []string{"append 1.4", "fsync"}, appended(s, &out))
		assert.Equal(t, []Probe{{Kind: ProbeIllegal, Flag: FlagProposal, Zxid: z(1, 3), Reason: reason}, {Kind: ProbeIllegal, Flag: FlagProposal, Zxid: z(1, 2), Reason: reason}}, probes(&out))
		out.Reset()
		s.flushed(&out)
		drain()
		assert.Equal(t, []Probe{{Kind: ProbeSelfAck, Zxid: z(1, 4)}}, out.Probes(), "what was skipped is not acknowledged")
		out.Reset()
		s.sync.queue = []*txn.Txn{tx(1, 4)}
		drain()
		assert.Empty(t, out.List(), "nothing to flush")
		assert.Empty(t, s.sync.batch)
	})
	t.Run("synchronization", func(t *testing.T) {
		var out Effects
		s := syncLeader(t, 4, 0, txs(1, 1, 3))
		s.state = election.Following
		s.learn.notLogged = []*txn.Txn{tx(1, 3), tx(1, 4)}
		s.learn.committed = []zxid.Zxid{z(1, 3), z(1, 4)}
		assert.True(t, s.logCommitted(&out))
		assert.Equal(t, []string{"append 1.4", "fsync"}, appended(s, &out))
		assert.Equal(t, []Probe{{Kind: ProbeIllegal, Flag: FlagProposal, Zxid: z(1, 3), Reason: reason}}, probes(&out))
		assert.Equal(t, z(1, 4), s.applied)
		assert.Equal(t, []string{"1.1", "1.2", "1.3", "1.4"}, zxids(s.window), "and not applied twice")
	})
}

// Goal: what arrives waits in the inbox of its thread until the lane runs, one
// packet at a time, each learner's in order; a connection that ends takes its own
// with it.
func TestPacketsWaitForTheirLane(t *testing.T) {
	r := ensemble(t, 3, 1)
	r.byHand = true
	s := r.servers[1]
	arrive := func(at, peer quorum.ServerID, p Packet) {
		r.step(at, Input{Kind: Received, Conn: r.quorumConn(max(at, peer), 1), Peer: peer, Plane: PlaneQuorum, Msg: &Msg{Plane: PlaneQuorum, Packet: p}})
	}
	run := func(id quorum.ServerID, l Lane) { r.step(id, Input{Kind: RunLane, Lane: l}) }
	forward := func(id quorum.ServerID, cxid uint32) {
		arrive(1, id, Packet{Type: Request, Req: ask(txn.SessionID(id), cxid)})
	}
	prep := func() (got []string) {
		for _, p := range s.prep {
			got = append(got, fmt.Sprintf("s%d#%d", p.req.Session, p.req.Cxid))
		}
		return got
	}
	forward(2, 1)
	forward(3, 1)
	forward(2, 2)
	require.Equal(t, Lanes(0).With(LaneHandler+2).With(LaneHandler+3), s.Runnable())
	require.Empty(t, prep())
	run(1, LaneHandler+3)
	assert.Equal(t, []string{"s3#1"}, prep())
	assert.False(t, s.Runnable().Has(LaneHandler+3))
	run(1, LaneHandler+2)
	assert.Equal(t, []string{"s3#1", "s2#1"}, prep())
	forward(3, 2)
	run(1, LaneHandler+1) // nothing waits
	require.Len(t, s.lead.inbox, 2)
	r.cut(2, 1)
	assert.Equal(t, Lanes(0).With(LaneHandler+3).With(LanePrep), s.Runnable())
	run(1, LaneHandler+3)
	assert.Equal(t, []string{"s3#1", "s2#1", "s3#2"}, prep())

	arrive(3, 1, Packet{Type: Ping, Zxid: z(1, 0)})
	arrive(3, 1, Packet{Type: Ping, Zxid: z(1, 1)})
	f := r.servers[3]
	require.True(t, f.Runnable().Has(LanePeer))
	r.take()
	run(3, LanePeer)
	assert.Equal(t, []string{"send PING 1.0"}, r.take(3))
	run(3, LanePeer)
	assert.Equal(t, []string{"send PING 1.1"}, r.take(3))
	assert.Zero(t, f.Runnable())

	// A second connection of the same learner, and the end of the role.
	forward(3, 3)
	r.step(1, Input{Kind: Opened, Conn: 99, Peer: 3, Plane: PlaneQuorum, Incoming: true})
	assert.Empty(t, s.lead.inbox)
	r.step(1, Input{Kind: Received, Conn: 99, Peer: 3, Plane: PlaneQuorum, Msg: &Msg{Plane: PlaneQuorum, Packet: Packet{Type: FollowerInfo}}})
	require.Len(t, s.lead.inbox, 1)
	r.fire(1, TimerTick)
	s.lead.tickSkip, s.lead.handlers[3].ticksLeft = false, 0
	r.fire(1, TimerTick)
	assert.Equal(t, election.Looking, s.state)
	assert.Empty(t, s.lead.inbox)
}

// Goal: the leader's own acknowledgement is not implicit. Method: its log writer
// is slow; one follower is not enough, two commit before the leader has anything.
func TestLeaderAckIsNotImplicit(t *testing.T) {
	r := ensemble(t, 3, 1)
	r.slow[1], r.slow[3] = true, true
	c := r.client(1, 7, 0)
	c.set("/a", "x")
	r.settle()
	require.Equal(t, quorum.Of(2), r.servers[1].lead.outstanding[0].acks)
	assert.Empty(t, c.replies())
	r.slow[3] = false
	r.settle()
	assert.Equal(t, []string{"1 setData OK"}, c.replies())
	assert.Empty(t, r.probed(ProbeSelfAck))
	assert.Equal(t, z(1, 1), r.servers[1].applied, "memory is ahead of the disk")
	assert.Zero(t, r.disks[1].synced)
	r.slow[1] = false
	r.settle()
	assert.Len(t, r.probed(ProbeSelfAck), 1)

	r.slow[2], r.slow[3] = true, true // the leader alone is no quorum, either
	c.set("/a", "y")
	r.settle()
	assert.Equal(t, quorum.Of(1), r.servers[1].lead.outstanding[0].acks)
}

// Goal: commits come in order even if a later proposal has its quorum first, and
// the later one does not wait for another ACK then.
func TestCommitsAreInOrder(t *testing.T) {
	r := ensemble(t, 3, 1)
	r.slow[1], r.slow[2], r.slow[3] = true, true, true
	c := r.client(1, 7, 0)
	c.set("/a", "1")
	c.set("/a", "2")
	c.set("/a", "3")
	r.settle().take()
	s := r.servers[1]
	ack := func(id quorum.ServerID, counter uint32) []string {
		r.step(1, Input{Kind: Received, Conn: r.quorumConn(id, 1), Peer: id, Plane: PlaneQuorum,
			Msg: &Msg{Plane: PlaneQuorum, Packet: Packet{Type: Ack, Zxid: z(1, counter)}}})
		return r.take(1)
	}
	assert.Empty(t, ack(2, 3))
	assert.Empty(t, ack(3, 3))
	assert.Empty(t, ack(2, 2))
	assert.Empty(t, ack(3, 2))
	assert.Equal(t, z(1, 0), s.lead.lastCommitted)
	assert.Empty(t, ack(2, 1))
	assert.Equal(t, []string{
		"send COMMIT 1.1", "send COMMIT 1.1", "send COMMIT 1.2", "send COMMIT 1.2", "send COMMIT 1.3", "send COMMIT 1.3",
		`send reply s7#1 setData OK ""`, `send reply s7#2 setData OK ""`, `send reply s7#3 setData OK ""`,
	}, ack(3, 1))
	assert.Empty(t, s.lead.outstanding)
	assert.Empty(t, s.lead.toBeApplied)
	// Late, unknown and empty acknowledgements do nothing.
	assert.Empty(t, ack(3, 2))
	assert.Empty(t, ack(3, 0))
	assert.Empty(t, ack(3, 9))
	r.servers[1].lead.outstanding = []proposal{{txn: tx(1, 4)}}
	assert.Empty(t, ack(3, 9))
	r.wantIllegal("n1: ACK of an unknown proposal (1.9)")
	r.servers[1].lead.outstanding = nil
}

// Goal: the ACK of a server without a vote is not counted.
func TestAckOfANonVoterIsNotCounted(t *testing.T) {
	s := syncLeader(t, 4, 0, nil)
	s.lead.stage, s.lead.lastCommitted = leadServing, z(9, 0)
	s.lead.outstanding = []proposal{{txn: tx(9, 1)}}
	var out Effects
	s.processAck(1, z(9, 1), &out)
	s.processAck(5, z(9, 1), &out)
	assert.Len(t, s.lead.outstanding, 1)
	s.processAck(2, z(9, 1), &out)
	assert.Empty(t, s.lead.outstanding)
}

// Goal: a follower applies a COMMIT although its own fsync is not done (protocol
// fact 6.2), and the transaction is not lost to the others when it crashes.
func TestFollowerMemoryMayBeAheadOfItsDisk(t *testing.T) {
	r := ensemble(t, 3, 1)
	c := r.client(1, 7, 0)
	c.set("/a", "w") // all have 1.1
	r.settle()
	r.slow[2] = true
	c.set("/a", "x")
	r.settle()
	assert.Equal(t, z(1, 2), r.servers[2].applied)
	assert.Equal(t, 1, r.disks[2].synced)
	r.crash(2).start(2)
	assert.Equal(t, z(1, 1), r.servers[2].applied)
	r.step(2, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	r.settle().sameState(1, 2, 3)
	assert.Equal(t, SyncDiff, r.servers[1].lead.handlers[2].mode)
}

// Goal: the last counter of an epoch is never proposed; the leader gives up and
// the next epoch begins (ZOOKEEPER-1277).
func TestCounterNeverOverflows(t *testing.T) {
	r := ensemble(t, 3, 1)
	r.servers[1].lead.lastProposed = z(1, zxid.CounterMax-2)
	for id := quorum.ServerID(2); id <= 3; id++ {
		r.servers[id].learn.lastQueued = z(1, zxid.CounterMax-2)
	}
	c := r.client(2, 7, 0)
	c.set("/a", "1") // takes the last one that is allowed
	r.settle()
	require.Equal(t, []string{"1 setData OK"}, c.replies())
	require.Equal(t, z(1, zxid.CounterMax-1), r.servers[3].applied)
	c.set("/a", "2")
	r.settle()
	for id := quorum.ServerID(1); id <= 3; id++ {
		assert.Equal(t, election.Looking, r.servers[id].state)
		assert.Equal(t, z(1, zxid.CounterMax-1), r.servers[id].lastProcessed)
	}
	assert.True(t, c.closed)
	r.elect(2, 1, 3).settle()
	c = r.client(1, 7, z(1, zxid.CounterMax-1))
	c.set("/a", "2")
	r.settle()
	assert.Equal(t, []string{"1 setData OK"}, c.replies())
	assert.Equal(t, z(2, 1), r.servers[3].applied)
	r.sameState(1, 2, 3)
}

// pings counts PINGs to a server among lines.
func pings(lines []string) (n int) {
	for _, l := range lines {
		if len(l) >= 9 && l[:9] == "send PING" {
			n++
		}
	}
	return n
}

// Goal: PING every half tick, the quorum check every full tick, the first half
// tick counts for none (Leader.lead, tickSkip). Method: followers never answer.
func TestQuorumCheckIsPerFullTick(t *testing.T) {
	r := ensemble(t, 3, 1)
	r.stuck = func(from, _ quorum.ServerID, _ *Msg) bool { return from != 1 }
	s := r.servers[1]
	require.Equal(t, host.Second, r.timers[1][TimerTick])
	deadline := s.lead.handlers[2].ticksLeft
	require.Equal(t, s.lead.handlers[2].ticksLeft, s.lead.handlers[3].ticksLeft)
	full := 0
	for half := 1; s.state == election.Leading; half++ {
		r.fire(1, TimerTick)
		if half%2 == 0 {
			full++
		}
		if s.state != election.Leading {
			break
		}
		assert.Equal(t, 2, pings(r.take(1)), "half tick %d", half)
		assert.Equal(t, deadline-int16(full), s.lead.handlers[2].ticksLeft, "half tick %d", half)
		require.Less(t, half, 100)
	}
	assert.Equal(t, int(deadline)+1, full, "a deadline that is reached has not passed")
	assert.Zero(t, r.timers[1][TimerTick])
}

// Goal: one follower of two is enough for a leader of three, and its answers keep
// the leader alive; a packet moves the deadline to syncLimit ticks.
func TestAnswersKeepTheLeader(t *testing.T) {
	r := ensemble(t, 3, 1)
	r.crash(3).settle()
	for range 100 {
		r.fire(1, TimerTick).settle()
		require.Equal(t, election.Leading, r.servers[1].state)
	}
	assert.Equal(t, int16(5), r.servers[1].lead.handlers[2].ticksLeft)
	r.crash(2).settle() // alone: at the next full tick
	r.fire(1, TimerTick)
	r.servers[1].lead.tickSkip = false
	r.fire(1, TimerTick)
	assert.Equal(t, election.Looking, r.servers[1].state)
}

// Goal: a learner that answers pings but not proposals is dropped after syncLimit
// ticks (LearnerHandler.SyncLimitCheck); the leader goes on.
func TestProposalTimeOutOfALearner(t *testing.T) {
	r := ensemble(t, 3, 1)
	r.slow[3] = true // its log writer hangs
	c := r.client(1, 7, 0)
	c.set("/a", "1")
	r.settle()
	require.Equal(t, z(1, 1), r.servers[1].lead.handlers[3].watched)
	for half := 1; half <= 10; half++ {
		r.fire(1, TimerTick).settle()
		require.Equal(t, handlerActive, r.servers[1].lead.handlers[3].stage, "half tick %d", half)
	}
	r.fire(1, TimerTick).settle()
	assert.Equal(t, handlerNone, r.servers[1].lead.handlers[3].stage)
	assert.Equal(t, handlerActive, r.servers[1].lead.handlers[2].stage)
	c.set("/a", "2")
	r.settle()
	assert.Equal(t, []string{"1 setData OK", "2 setData OK"}, c.replies())
	assert.True(t, r.servers[3].stopping, "its log writer drains")
	r.slow[3] = false
	r.settle()
	assert.Equal(t, election.Looking, r.servers[3].state)
}

// Goal: acknowledged proposals are not watched, the next one is.
func TestProposalWatch(t *testing.T) {
	h := handler{stage: handlerActive}
	h.proposed(z(1, 1))
	h.proposed(z(1, 2))
	h.proposed(z(1, 3)) // not remembered: one at a time
	h.pings = 4
	h.acked(z(1, 2))
	assert.Equal(t, z(1, 1), h.watched)
	h.acked(z(1, 1))
	assert.Equal(t, z(1, 2), h.watched)
	assert.Zero(t, h.pings)
	h.acked(z(1, 2))
	assert.Zero(t, h.watched)
	h.proposed(z(1, 4))
	assert.Equal(t, z(1, 4), h.watched)
	h = handler{stage: handlerWaitNewLeader}
	h.proposed(z(1, 1))
	assert.Zero(t, h.watched, "the check starts with the ACK of NEWLEADER")
}

// Goal: the leader's read time-out for a learner is initLimit, then syncLimit
// from the ACK of NEWLEADER on. A handler that waits for the leader can't time out.
func TestHandlerReadTimeOuts(t *testing.T) {
	r := newRig(t, 3).start(1, 2, 3).elect(1, 2)
	r.held[1] = true
	r.settle()
	assert.Equal(t, handlerWaitEpoch, r.servers[1].lead.handlers[2].stage)
	r.fire(1, TimerHandler+2)
	assert.Equal(t, 20*host.Second, r.timers[1][TimerHandler+2], "it waits on")
	r.held[1] = false
	r.settle()
	assert.Equal(t, 10*host.Second, r.timers[1][TimerHandler+2])
	r.step(3, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	r.settleUntilHeld(3, "currentEpoch 1")
	assert.Equal(t, 20*host.Second, r.timers[1][TimerHandler+3])
	r.fire(1, TimerHandler+3)
	assert.Equal(t, handlerNone, r.servers[1].lead.handlers[3].stage)
	assert.True(t, r.servers[1].lead.connecting.Has(3) || r.servers[1].lead.quorumFormed)
}

// Goal: a learner's new connection replaces its old one.
func TestSecondConnectionReplacesTheFirst(t *testing.T) {
	r := ensemble(t, 3, 1)
	old := r.quorumConn(2, 1)
	r.conns[old-1].open[0] = false // n2 is gone, n1 has not noticed
	r.servers[2] = nil
	r.start(2)
	r.conns[old-1].open[1] = false
	r.step(2, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	r.settle()
	h := r.servers[1].lead.handlers[2]
	assert.Equal(t, r.quorumConn(2, 1), h.conn)
	assert.NotEqual(t, old, h.conn)
	r.step(1, Input{Kind: Closed, Conn: old, Plane: PlaneQuorum}) // the old one's end comes late
	assert.Equal(t, handlerActive, r.servers[1].lead.handlers[2].stage)
	r.client(2, 7, 0).set("/a", "x")
	r.settle().sameState(1, 2, 3)
}

// Goal: a failed update takes a zxid and is logged and committed as the others.
func TestErrorTransactionTakesAZxid(t *testing.T) {
	r := ensemble(t, 3, 1)
	c := r.client(2, 7, 0)
	c.set("/a", "x")
	c.ask(txn.OpSetData, "/a", "y", 5)
	c.set("/a", "z")
	r.settle()
	assert.Equal(t, []string{"1 setData OK", "2 setData BADVERSION", "3 setData OK"}, c.replies())
	for id := quorum.ServerID(1); id <= 3; id++ {
		assert.Equal(t, []string{"1.1", "1.2", "1.3"}, r.history(id))
		assert.Equal(t, txn.OpError, r.servers[id].log.At(1).Txn.Op)
		assert.EqualValues(t, 2, r.servers[id].sm.Read(&txn.Request{Op: txn.OpGetData, Path: "/a"}, 0).Stat.Version)
	}
	r.sameState(1, 2, 3)
}
