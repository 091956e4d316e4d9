package zab

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/election"
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// lane gives one lane of a server a turn.
func (r *rig) lane(id quorum.ServerID, l Lane) {
	require.True(r.t, r.servers[id].Runnable().Has(l), "%v has no work for %v", id, l)
	r.step(id, Input{Kind: RunLane, Lane: l})
}

// allBut lets everything go on but one lane of one server.
func (r *rig) allBut(id quorum.ServerID, but Lane) {
	for again := true; again; {
		again = r.one()
		for other := quorum.ServerID(1); other <= quorum.Max; other++ {
			for l := LanePeer; l < laneCount; l++ {
				if s := r.servers[other]; s != nil && (other != id || l != but) && s.Runnable().Has(l) {
					r.lane(other, l)
					again = true
				}
			}
		}
	}
}

// Goal: a snapshot is taken node by node while transactions go on, is named after
// the moment when it began, and with the log it gives the tree (protocol fact 13.1).
func TestSnapshotIsFuzzy(t *testing.T) {
	r := ensemble(t, 1, 1)
	s := r.servers[1]
	c := r.client(1, 7, 0)
	for _, p := range []string{"/a", "/b", "/c"} {
		c.set(p, "old")
	}
	r.settle()
	r.byHand = true
	s.snap.wanted = true
	r.lane(1, LaneSnap) // begins at 1.3
	r.lane(1, LaneSnap) // /a
	c.set("/a", "new")
	c.set("/c", "new")
	r.allBut(1, LaneSnap)
	require.Equal(t, z(1, 5), s.applied)
	r.byHand = false
	r.lane(1, LaneSnap)
	r.settle()
	snap := newest(s.snaps)
	require.Equal(t, z(1, 3), snap.Name)
	require.Equal(t, z(1, 3), snap.Last)
	probes := r.probed(ProbeSnapshot)
	require.Len(t, probes, 1)
	assert.Equal(t, quorum.Of(1), probes[0].Set, "transactions went on")
	data := func(path string) string { return snap.State.Read(&txn.Request{Op: txn.OpGetData, Path: path}, 0).Data }
	assert.Equal(t, []string{"old", "old", "new"}, []string{data("/a"), data("/b"), data("/c")}, "no state that ever was")
	before, digest := s.chain, s.sm.Digest()
	r.crash(1).start(1)
	assert.Equal(t, before, r.servers[1].chain)
	assert.Equal(t, digest, r.servers[1].sm.Digest(), "replay over the fuzzy snapshot")
}

// Goal: the log writer rolls the log and starts a snapshot after snapCount/2 to
// snapCount appends, one at a time; a purge keeps three snapshots and their logs,
// and a restart finds the same tree.
func TestSnapshotsRollAndPurge(t *testing.T) {
	r := newRig(t, 1)
	r.cfgs[1].SnapCount, r.cfgs[1].SnapRetain = 6, 3
	r.start(1).elect(1).settle()
	s, c := r.servers[1], r.client(1, 7, 0)
	names := map[zxid.Zxid]bool{}
	last := uint32(0)
	for k := range 60 {
		c.set("/a", string(rune('a'+k%26)))
		r.settle()
		if n := newest(s.snaps).Name; !names[n] {
			names[n] = true
			if n.Counter() > 0 {
				assert.LessOrEqual(t, n.Counter()-last, uint32(8), "after at most snapCount appends")
				assert.Greater(t, n.Counter()-last, uint32(3), "and no sooner than after half of them")
				last = n.Counter()
			}
		}
		assert.LessOrEqual(t, len(s.snaps), 3)
	}
	assert.Greater(t, len(names), 8)
	assert.NotEmpty(t, r.probed(ProbePurge))
	base, _ := s.log.Base()
	oldest := s.snaps[0].Last
	assert.LessOrEqual(t, base, oldest)
	assert.Less(t, s.log.Len(), 30, "the rest was purged")
	want := s.sm.Digest()
	r.disks[1].img.LogBase, r.disks[1].img.LogChain = s.log.Base()
	img := &r.disks[1].img
	for len(img.Records) > 0 && img.Records[0].Txn.Zxid <= base {
		img.Records = img.Records[1:] // this rig's disk does not purge by itself
	}
	boot, err := Recover(img)
	require.NoError(t, err)
	again := New(&r.cfgs[1], &boot)
	assert.Equal(t, want, again.sm.Digest())
	assert.Equal(t, s.chain, again.chain)

	// With its newest snapshot damaged, recovery goes back to the one before.
	bad := *newest(img.Snaps)
	bad.Sum++
	for i := range img.Snaps {
		if img.Snaps[i].Name == bad.Name {
			img.Snaps[i] = &bad
		}
	}
	boot, err = Recover(img)
	require.NoError(t, err)
	assert.Len(t, boot.Snaps, 2)
	assert.Equal(t, want, New(&r.cfgs[1], &boot).sm.Digest())
}

// Goal: a dump that is under way when its role ends is given up; one whose file is
// being written is waited for.
func TestSnapshotEndsWithItsRole(t *testing.T) {
	r := ensemble(t, 3, 1)
	r.client(1, 7, 0).set("/a", "1")
	r.settle().byHand = true
	s := r.servers[2]
	s.snap.wanted = true
	r.lane(2, LaneSnap)
	r.fire(2, TimerRead)
	assert.True(t, s.snap.idle())
	assert.Equal(t, election.Looking, s.state)

	s = r.servers[3]
	s.snap.wanted = true
	for range 3 {
		r.lane(3, LaneSnap)
	}
	require.NotNil(t, s.snap.done)
	r.fire(3, TimerRead)
	assert.True(t, s.stopping, "the file is being written")
	r.settle()
	assert.Equal(t, election.Looking, s.state)
	assert.Equal(t, z(1, 1), newest(s.snaps).Name)
}

// Goal: SNAP is dumped node by node by the learner's handler, what is committed
// meanwhile waits behind it, and NEWLEADER comes after all that the dump may have
// seen (ZOOKEEPER-3104).
func TestSnapIsDumpedWhileTransactionsGoOn(t *testing.T) {
	r := newRig(t, 3)
	r.cfgs[1].CommitLogCount, r.cfgs[1].SnapshotSizeFactor = 1, -1
	r.start(1, 2).elect(1, 2).settle()
	c := r.client(1, 7, 0)
	for _, p := range []string{"/a", "/b", "/c"} {
		c.set(p, "old")
	}
	r.settle().start(3)
	r.byHand = true
	r.step(3, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	s := r.servers[1]
	for s.lead.handlers[3].stage != handlerDumping {
		if s.Runnable().Has(LaneHandler + 3) {
			r.lane(1, LaneHandler+3)
		}
		if r.servers[3].Runnable().Has(LanePeer) {
			r.lane(3, LanePeer)
		}
		r.settle()
	}
	r.lane(1, LaneHandler+3) // begins at 1.3
	r.lane(1, LaneHandler+3) // /a
	c.set("/a", "new")
	c.set("/c", "new")
	r.allBut(1, LaneHandler+3)
	require.Equal(t, z(1, 5), s.applied)
	assert.Len(t, s.lead.held, 4, "PROPOSAL and COMMIT of two transactions")
	r.take()
	r.byHand = false
	r.lane(1, LaneHandler+3)
	sent := kept(r.take(1), "send")
	require.Equal(t, []string{"send SNAP 1.3 last 1.3", "send PROPOSAL 1.4", "send PROPOSAL 1.5", "send COMMIT 1.4", "send COMMIT 1.5", "send NEWLEADER 1.0"}, sent)
	r.settle()
	require.True(t, r.servers[3].serving)
	r.sameState(1, 2, 3)
}

// Goal: the log on disk serves a DIFF only if its files are not too large, compared
// with the newest snapshot (snapshotSizeFactor).
func TestDiffFromDiskHasALimit(t *testing.T) {
	history := txs(1, 1, 40)
	for _, c := range []struct {
		factor int
		want   SyncMode
	}{{0, SyncDiff}, {-1, SyncSnap}, {33, SyncSnap}, {100_000, SyncDiff}} {
		s := syncLeader(t, 2, 0, history)
		cfg := *s.cfg
		cfg.SnapshotSizeFactor = c.factor
		s.cfg = &cfg
		mode, _ := offer(s, z(1, 3), false)
		assert.Equal(t, c.want, mode, "factor %d", c.factor)
	}
	s := syncLeader(t, 2, 0, history)
	cfg := *s.cfg
	cfg.SnapshotSizeFactor = int(100 * 8 * history[0].Bytes() / newest(s.snaps).Bytes)
	s.cfg = &cfg
	for i := range s.log.entries {
		s.log.entries[i].First = i%5 == 0
	}
	mode, _ := offer(s, z(1, 38), false)
	assert.Equal(t, SyncDiff, mode, "only the files from the learner's zxid on are counted")
	mode, _ = offer(s, z(1, 28), false)
	assert.Equal(t, SyncSnap, mode)
}

// Goal: at the end of the counter the leader steps down and a new epoch begins
// (ZOOKEEPER-1277); with the bug it runs into the epoch.
func TestCounterEnds(t *testing.T) {
	for _, bugs := range [][]bug.Switch{nil, {bug.ZxidRollover}} {
		r := newRig(t, 3, bugs...)
		for id := range r.cfgs {
			r.cfgs[id].CounterMax = 3
		}
		r.start(1, 2, 3).elect(1, 2, 3).settle()
		c := r.client(1, 7, 0)
		c.set("/a", "1")
		c.set("/a", "2")
		r.settle()
		c.set("/a", "3")
		r.settle()
		if bugs == nil {
			assert.Equal(t, election.Looking, r.servers[1].state)
			assert.Equal(t, z(1, 2), r.servers[1].applied)
			assert.Len(t, r.probed(ProbeOverflow), 1)
			continue
		}
		r.wantIllegal("n2: PROPOSAL is not the successor of the last (2.0)", "n3: PROPOSAL is not the successor of the last (2.0)")
	}
}
