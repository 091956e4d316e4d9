package zab

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/election"
	"zabsim/zab/quorum"
)

// Goal: the whole way of two servers to broadcast, in program order. Method: the
// oracle elects, everything happens as soon as it can.
func TestLeaderEstablishesWithAQuorum(t *testing.T) {
	r := newRig(t, 3).start(1, 2).elect(1, 2).settle()
	assert.Equal(t, []string{
		"n2 send FOLLOWERINFO 0.0",
		"n1 disk acceptedEpoch 1",
		"n1 done acceptedEpoch 1",
		"n1 send LEADERINFO 1.0",
		"n2 disk acceptedEpoch 1",
		"n2 done acceptedEpoch 1",
		"n2 send ACKEPOCH 0.0 e0",
		"n1 disk currentEpoch 1",
		"n1 send DIFF 0.0",
		"n1 send NEWLEADER 1.0",
		"n2 disk currentEpoch 1",
		"n1 done currentEpoch 1",
		"n2 done currentEpoch 1",
		"n2 send ACK 1.0",
		"n1 send UPTODATE 0.0",
		"n2 send ACK 1.0",
	}, r.take())
	leader, follower := r.servers[1].Status(), r.servers[2].Status()
	assert.Equal(t, PhaseBroadcast, leader.Phase)
	assert.Equal(t, PhaseBroadcast, follower.Phase)
	assert.True(t, leader.Serving && follower.Serving)
	assert.Equal(t, z(1, 0), leader.LastCommitted)
	assert.Equal(t, z(1, 0), leader.LastProcessed, "the leader's tree stands at (e,0) without a transaction")
	assert.Equal(t, z(0, 0), follower.LastProcessed, "an empty DIFF does not move the follower's (ZOOKEEPER-2355)")
	assert.Equal(t, quorum.Of(1, 2), leader.NewLeaderAcks)
	require.Len(t, r.probed(ProbeEstablish), 1)
	assert.Equal(t, quorum.Of(1, 2), r.probed(ProbeEstablish)[0].Set)
}

// Goal: the promise is on disk before LEADERINFO leaves (ZOOKEEPER-1291).
func TestAcceptedEpochIsWrittenBeforeLeaderInfo(t *testing.T) {
	r := newRig(t, 3).start(1, 2).elect(1, 2)
	r.held[1] = true
	r.settle()
	assert.Equal(t, []string{"n2 send FOLLOWERINFO 0.0", "n1 disk acceptedEpoch 1"}, r.take())
	assert.Zero(t, r.servers[1].Status().AcceptedEpoch)
	r.done(1)
	assert.Equal(t, []string{"done acceptedEpoch 1", "send LEADERINFO 1.0"}, r.take(1))
}

// Goal: the follower's promise is on disk before ACKEPOCH leaves.
func TestFollowerPromisesBeforeAckEpoch(t *testing.T) {
	r := newRig(t, 3).start(1, 2).elect(1, 2)
	r.held[2] = true
	r.settle()
	assert.Equal(t, []string{"send FOLLOWERINFO 0.0", "disk acceptedEpoch 1"}, r.take(2))
	r.done(2)
	assert.Equal(t, []string{"done acceptedEpoch 1", "send ACKEPOCH 0.0 e0"}, r.take(2))
}

// Goal: the new epoch is above all that reported, the leader's own included.
func TestEpochIsTheMaximumPlusOne(t *testing.T) {
	r := newRig(t, 3)
	r.disk(1, imageOf(4, 1, nil)).disk(2, imageOf(7, 1, nil))
	r.start(1, 2).elect(1, 2).settle()
	assert.EqualValues(t, 8, r.servers[1].Status().Epoch)
	assert.EqualValues(t, 8, r.servers[2].Status().CurrentEpoch)
}

// Goal: two of three followers without the leader are no quorum in any of the
// three waits (ZOOKEEPER-1270). Method: the leader's own disk does not finish.
func TestQuorumWithoutTheLeaderIsNotEnough(t *testing.T) {
	r := newRig(t, 3).disk(1, imageOf(3, 3, txs(3, 1, 1)))
	r.start(1)
	s := r.servers[1]
	s.state, s.lead.stage = election.Leading, leadWaitEpoch // as if the leader itself had not entered
	var out Effects
	s.epochToPropose(2, 3, &out)
	s.epochToPropose(3, 3, &out)
	assert.Equal(t, leadWaitEpoch, s.lead.stage)
	s.epochToPropose(1, 3, &out)
	assert.Equal(t, leadWriteAccepted, s.lead.stage)

	s.lead.stage, s.lead.summaryEpoch, s.lead.summaryZxid = leadWaitAckEpoch, 3, z(3, 1)
	s.epochAck(2, 3, z(3, 1), &out)
	s.epochAck(3, 3, z(3, 1), &out)
	assert.Equal(t, leadWaitAckEpoch, s.lead.stage)
	s.epochAck(1, 3, z(3, 1), &out)
	assert.Equal(t, leadWriteCurrent, s.lead.stage)

	s.newLeaderAck(2, &out)
	s.newLeaderAck(3, &out)
	assert.Equal(t, leadWriteCurrent, s.lead.stage, "currentEpoch is not on the leader's disk")
	s.leaderDiskDone(&out)
	assert.Equal(t, leadServing, s.lead.stage)
}

// Goal: NEWLEADER acks of a quorum that come before the leader's own currentEpoch
// is durable start it as soon as it is.
func TestLeaderWaitsForItsOwnCurrentEpoch(t *testing.T) {
	r := newRig(t, 3).start(1, 2, 3).elect(1, 2, 3)
	r.held[1] = true
	r.settle().done(1) // acceptedEpoch
	r.settle()
	assert.Equal(t, quorum.Of(2, 3), r.servers[1].Status().NewLeaderAcks)
	assert.False(t, r.servers[1].Status().Serving)
	r.take()
	r.done(1)
	assert.Equal(t, []string{"done currentEpoch 1", "send UPTODATE 0.0", "send UPTODATE 0.0"}, r.take(1))
}

// Goal: a learner that comes when the leader serves passes straight through and
// gets UPTODATE as soon as it acknowledges. Method: all have 1.1, n3 misses 2.1.
func TestLateJoinerGetsUpToDateDirectly(t *testing.T) {
	r := newRig(t, 3)
	for id := quorum.ServerID(1); id <= 3; id++ {
		r.disk(id, imageOf(1, 1, txs(1, 1, 1)))
	}
	r.start(1, 2, 3).elect(1, 2).settle()
	c := r.client(1, 7, 0)
	c.set("/a", "x")
	r.settle().take()
	require.Equal(t, []string{"1 setData OK"}, c.replies())

	r.step(3, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	r.settle()
	assert.Equal(t, []string{
		"n3 send FOLLOWERINFO 1.0",
		"n1 send LEADERINFO 2.0",
		"n3 disk acceptedEpoch 2",
		"n3 done acceptedEpoch 2",
		"n3 send ACKEPOCH 1.1 e1",
		"n1 send DIFF 2.1",
		"n1 send PROPOSAL 2.1",
		"n1 send COMMIT 2.1",
		"n1 send NEWLEADER 2.0",
		"n3 disk append 2.1",
		"n3 disk fsync",
		"n3 done fsync",
		"n3 disk currentEpoch 2",
		"n3 done currentEpoch 2",
		"n3 send ACK 2.0",
		"n1 send UPTODATE 0.0",
		"n3 send ACK 2.0",
	}, r.take())
	r.sameState(1, 2, 3)
}

// Goal: a learner whose history is ahead of the leader's is dropped; the leader
// goes on without it. Both halves of the pair (currentEpoch, zxid) count.
func TestLeaderRejectsALearnerThatIsAhead(t *testing.T) {
	for name, ahead := range map[string]Image{
		"zxid":          imageOf(2, 2, txs(2, 1, 2)),
		"currentEpoch":  imageOf(3, 3, txs(2, 1, 1)),
		"epoch of zxid": imageOf(3, 3, txs(3, 1, 1)),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, 3).disk(1, imageOf(2, 2, txs(2, 1, 1))).disk(2, ahead).start(1, 2).elect(1, 2).settle()
			assert.Equal(t, election.Looking, r.servers[2].state)
			assert.Equal(t, quorum.Of(1), r.servers[1].lead.electing)
			assert.Equal(t, leadWaitAckEpoch, r.servers[1].lead.stage)
			r.start(3)
			r.step(3, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
			r.settle()
			assert.True(t, r.servers[1].serving)
		})
	}
	// A higher zxid does not matter under a lower epoch, and ties are fine.
	for name, behind := range map[string]Image{
		"lower epoch": imageOf(2, 1, txs(1, 1, 9)),
		"equal":       imageOf(2, 2, txs(2, 1, 1)),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, 3).disk(1, imageOf(2, 2, txs(2, 1, 1))).disk(2, behind).start(1, 2).elect(1, 2).settle()
			assert.True(t, r.servers[1].serving && r.servers[2].serving)
			r.sameState(1, 2)
		})
	}
}

// Goal: a learner that has accepted the leader's epoch before answers -1; it is
// not counted, yet synchronized. One that has accepted a higher epoch leaves.
func TestMinusOneIsNotCounted(t *testing.T) {
	r := newRig(t, 3).start(1, 2, 3).elect(1, 2)
	r.held[1] = true
	r.settle()
	r.crash(2)
	r.held[1] = false
	r.settle()
	// n2 comes back and has the promise of epoch 1 on its disk, from nobody knows whom.
	r.disk(2, imageOf(1, 0, nil)).start(2).take()
	r.step(2, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	r.settle()
	assert.Contains(t, r.take(2), "send ACKEPOCH 0.0 e-1")
	assert.Equal(t, quorum.Of(1), r.servers[1].lead.electing)
	assert.Equal(t, leadWaitAckEpoch, r.servers[1].lead.stage)
	assert.Equal(t, handlerWaitElecting, r.servers[1].lead.handlers[2].stage)

	r.step(3, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	r.settle()
	assert.Equal(t, quorum.Of(1, 3), r.servers[1].lead.electing)
	assert.True(t, r.servers[2].serving, "synchronized all the same")
	assert.EqualValues(t, 1, r.servers[2].current)
}

func TestLearnerLeavesALeaderOfALowerEpoch(t *testing.T) {
	r := newRig(t, 3).start(1, 2).elect(1, 2).settle()
	r.disk(3, imageOf(9, 0, nil)).start(3)
	r.step(3, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	r.settle()
	assert.Equal(t, election.Looking, r.servers[3].state)
	assert.EqualValues(t, 9, r.servers[3].accepted)
}

// Goal: each of the leader's waits ends after initLimit ticks.
func TestLeaderGivesUpAfterInitLimit(t *testing.T) {
	for name, wait := range map[string]func(r *rig){
		"FOLLOWERINFO": func(r *rig) { r.elect(1) },
		"ACKEPOCH":     func(r *rig) { r.held[2] = true; r.elect(1, 2).settle() },
		"NEWLEADER":    func(r *rig) { r.elect(1, 2); r.settleUntilHeld(2, "currentEpoch 1") },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, 3).start(1, 2)
			wait(r)
			require.Equal(t, r.servers[1].initLimit(), r.timers[1][TimerInit])
			r.fire(1, TimerInit)
			assert.Equal(t, election.Looking, r.servers[1].state)
			assert.Equal(t, PhaseElection, r.servers[1].phase)
			assert.Zero(t, r.servers[1].lead.stage)
		})
	}
}

// settleUntilHeld settles until a server has started a disk operation, which does
// not finish.
func (r *rig) settleUntilHeld(id quorum.ServerID, op string) *rig {
	for {
		for _, p := range r.disks[id].pending {
			if describeOp(&p) == op {
				r.held[id] = true
				return r.settle()
			}
		}
		require.True(r.t, r.one(), "%v never starts %s", id, op)
	}
}

// Goal: a leader alone in its ensemble establishes with itself.
func TestEnsembleOfOne(t *testing.T) {
	r := newRig(t, 1).start(1).elect(1).settle()
	require.True(t, r.servers[1].serving)
	c := r.client(1, 7, 0)
	c.set("/a", "x")
	r.settle()
	assert.Equal(t, []string{"1 setData OK"}, c.replies())
}

// Goal: a leader reports and drops a learner that breaks the order of discovery.
func TestLeaderDropsALearnerThatBreaksTheOrder(t *testing.T) {
	say := func(r *rig, p Packet) {
		r.step(1, Input{Kind: Received, Conn: r.quorumConn(2, 1), Peer: 2, Plane: PlaneQuorum, Msg: &Msg{Plane: PlaneQuorum, Packet: p}})
	}
	// until returns a rig whose leader does not get n2's packets of a type.
	until := func(p PacketType) *rig {
		r := newRig(t, 3).start(1, 2).elect(1, 2)
		r.stuck = func(_, to quorum.ServerID, m *Msg) bool { return to == 1 && m.Packet.Type == p }
		return r.settle()
	}
	r := until(FollowerInfo)
	say(r, Packet{Type: Ack, Zxid: z(1, 1)})
	assert.Equal(t, handlerNone, r.servers[1].lead.handlers[2].stage)
	r.wantIllegal("n1: first packet of a learner is neither FOLLOWERINFO nor OBSERVERINFO (1.1)")

	r = until(AckEpoch)
	say(r, Packet{Type: FollowerInfo})
	assert.Equal(t, handlerNone, r.servers[1].lead.handlers[2].stage)
	r.wantIllegal("n1: FOLLOWERINFO instead of ACKEPOCH (0.0)")

	r = until(Ack) // an ACK of something else is not counted, yet the handler goes on (quirk Q6)
	say(r, Packet{Type: Ack, Zxid: z(1, 7)})
	assert.Equal(t, handlerWaitStart, r.servers[1].lead.handlers[2].stage)
	assert.False(t, r.servers[1].serving)
	r.wantIllegal("n1: NEWLEADER is acknowledged with another zxid (1.7)")
}

// Goal: the real election drives the same roles. Method: no oracle; time-outs of
// the election fire when nothing else happens.
func TestServersElectAndEstablish(t *testing.T) {
	r := newRig(t, 3)
	for id := quorum.ServerID(1); id <= 3; id++ {
		r.cfgs[id].OracleElection = false
	}
	r.disk(2, imageOf(4, 4, txs(4, 1, 2))).disk(3, imageOf(4, 4, txs(4, 1, 1))).start(1, 2, 3).settle()
	for k := 0; !(r.servers[1].serving && r.servers[2].serving && r.servers[3].serving); k++ {
		require.Less(t, k, 50)
		for id := quorum.ServerID(1); id <= 3; id++ {
			for _, timer := range []TimerID{TimerElection, TimerConnect} {
				if r.timers[id][timer] != 0 {
					r.fire(id, timer).settle()
				}
			}
		}
	}
	assert.Equal(t, election.Leading, r.servers[2].state, "the most recent history")
	assert.EqualValues(t, 5, r.servers[1].elect.Current().PeerEpoch, "votes speak of the new epoch")
	r.sameState(1, 2, 3)
}

func TestNames(t *testing.T) {
	for l, want := range map[Lane]string{LanePeer: "peer", LaneElection: "fle", LaneSync: "sync", LaneCommit: "commit", LanePrep: "prep", LaneHandler + 3: "h3"} {
		assert.Equal(t, want, l.String())
	}
	for timer, want := range map[TimerID]string{TimerElection: "poll", TimerElection + 2: "dial-2", TimerTick: "tick", TimerInit: "initLimit",
		TimerRead: "read", TimerConnect: "connect", TimerHandler + 4: "read-4"} {
		assert.Equal(t, want, timer.String())
	}
	assert.Equal(t, "quorum", PlaneQuorum.String())
	assert.Equal(t, "BROADCAST", PhaseBroadcast.String())
	assert.Equal(t, "TRUNC+DIFF", SyncTruncDiff.String())
	assert.Equal(t, "NEWLEADER", NewLeader.String())
	assert.Equal(t, "PACKET?", PacketType(9).String())
	assert.Equal(t, "PACKET?", PacketType(200).String())
}
