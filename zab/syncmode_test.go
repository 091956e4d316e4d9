package zab

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/election"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// syncLeader returns a leader of epoch 9 that has a history on its disk and keeps
// the last window transactions in memory.
func syncLeader(t *testing.T, window int, base zxid.Zxid, history []*txn.Txn) *Server {
	img := imageOf(9, 9, history)
	img.LogBase, img.Snaps = base, []*Snapshot{NewSnapshot(base, base, 0, emptySnapshot().State)}
	boot, err := Recover(&img)
	require.NoError(t, err)
	cfg := newRig(t, 3).cfgs[1]
	cfg.CommitLogCount = window
	s := New(&cfg, &boot)
	s.state = election.Leading
	s.lead.stage, s.lead.epoch, s.lead.lastProposed = leadWaitNewLeader, 9, z(9, 0)
	return s
}

// offer lets the leader synchronize learner 2, which ends with p, and returns the
// packets up to NEWLEADER; a commit with its proposal counts as one.
func offer(s *Server, p zxid.Zxid, needSnap bool) (SyncMode, string) {
	var out Effects
	s.lead.handlers[2] = handler{stage: handlerWaitElecting, conn: 5, last: p, needSnap: needSnap}
	s.syncFollower(2, &out)
	for s.lead.handlers[2].stage == handlerDumping {
		s.runHandler(2, &out)
	}
	text := ""
	for _, e := range out.List() {
		if e.Op == OpSend {
			text += describeMsg(&e.Msg) + ", "
		}
	}
	for _, t := range s.window {
		text = strings.ReplaceAll(text, "PROPOSAL "+t.Zxid.String()+", COMMIT "+t.Zxid.String(), t.Zxid.String())
	}
	for i := range s.log.Len() {
		id := s.log.At(i).Txn.Zxid.String()
		text = strings.ReplaceAll(text, "PROPOSAL "+id+", COMMIT "+id, id)
	}
	return s.lead.handlers[2].mode, strings.TrimSuffix(text, ", ")
}

// Goal: the table of protocol fact 5.2, row by row. Method: a log of 1.1 to 1.4
// and 2.1 to 2.3, of which the last four are in the committedLog window.
func TestSyncModeTable(t *testing.T) {
	long := join(txs(1, 1, 4), txs(2, 1, 3))
	hole := []*txn.Txn{tx(1, 1), tx(1, 2), tx(1, 4), tx(2, 1), tx(2, 3)}
	type row struct {
		name    string
		base    zxid.Zxid
		history []*txn.Txn
		learner zxid.Zxid
		change  func(*Server)
		mode    SyncMode
		want    string
	}
	noDisk := func(s *Server) { c := *s.cfg; c.SnapshotSizeFactor = -1; s.cfg = &c }
	serving := func(s *Server) { s.lastProcessed, s.lead.stage = z(9, 0), leadServing }
	behind := func(s *Server) { // the log writer has none of the window yet
		serving(s)
		for _, t := range txs(9, 1, 4) {
			s.apply(t)
		}
	}
	for _, c := range []row{
		{"1 equal", 0, long, z(2, 3), nil, SyncDiff, "DIFF 2.3"},
		{"1 equal, leader serves", 0, long, z(9, 0), serving, SyncDiff, "DIFF 9.0"},
		{"1 both empty", 0, nil, 0, nil, SyncDiff, "DIFF 0.0"},
		{"2 ahead", 0, long, z(2, 5), nil, SyncTrunc, "TRUNC 2.3"},
		{"2 ahead by an epoch", 0, long, z(3, 1), nil, SyncTrunc, "TRUNC 2.3"},
		{"2 ahead of an empty log", 0, nil, z(1, 1), nil, SyncTrunc, "TRUNC 0.0"},
		{"3 in the window", 0, long, z(2, 1), nil, SyncDiff, "DIFF 2.3, 2.2, 2.3"},
		{"3 first of the window", 0, long, z(1, 4), nil, SyncDiff, "DIFF 2.3, 2.1, 2.2, 2.3"},
		{"3 last of the window, leader serves", 0, long, z(2, 3), serving, SyncDiff, "DIFF 2.3"},
		{"3 new epoch without transactions", 0, long, z(2, 0), nil, SyncDiff, "DIFF 2.3, 2.1, 2.2, 2.3"},
		{"3 another end of an old epoch", 0, long, z(1, 5), nil, SyncSnap, "SNAP 2.3 last 2.3"},
		{"3 not ours, same epoch (ZOOKEEPER-1154)", 0, hole, z(2, 2), nil, SyncTruncDiff, "TRUNC 2.1, 2.3"},
		{"4 in the log", 0, long, z(1, 2), nil, SyncDiff, "DIFF 2.3, 1.3, 1.4, 2.1, 2.2, 2.3"},
		{"4 first of the log", 0, long, z(1, 1), nil, SyncDiff, "DIFF 2.3, 1.2, 1.3, 1.4, 2.1, 2.2, 2.3"},
		{"4 first of the log after a snapshot", z(1, 2), long[2:], z(1, 3), nil, SyncDiff, "DIFF 2.3, 1.4, 2.1, 2.2, 2.3"},
		{"4 the log has no record of an empty learner", 0, long, 0, nil, SyncSnap, "SNAP 2.3 last 2.3"},
		{"4 at the snapshot that the log starts with, which is no record", z(1, 2), long[2:], z(1, 2), nil, SyncSnap, "SNAP 2.3 last 2.3"},
		{"4 before the log", z(1, 2), long[2:], z(1, 1), nil, SyncSnap, "SNAP 2.3 last 2.3"},
		{"4 before the log, empty learner", z(1, 2), long[2:], 0, nil, SyncSnap, "SNAP 2.3 last 2.3"},
		{"4 switched off", 0, long, z(1, 2), noDisk, SyncSnap, "SNAP 2.3 last 2.3"},
		{"4 not in the log, other epoch", 0, join(txs(1, 1, 1), txs(2, 1, 6)), z(1, 2), nil, SyncSnap, "SNAP 2.6 last 2.6"},
		{"4 the log ends before the window", 0, long, z(1, 2), behind, SyncSnap, "SNAP 9.4 last 9.4"},
		{"4 nothing after the snapshot, leader serves", z(1, 2), nil, z(1, 2), serving, SyncSnap, "SNAP 9.0 last 1.2"},
		{"5 ahead with a new epoch", 0, long, z(3, 0), nil, SyncSnap, "SNAP 2.3 last 2.3"},
		{"5 snapshot only", z(2, 3), nil, z(2, 2), nil, SyncSnap, "SNAP 2.3 last 2.3"},
		{"5 leader serves, nothing committed yet", 0, nil, z(1, 0), serving, SyncSnap, "SNAP 9.0 last 0.0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := syncLeader(t, 4, c.base, c.history)
			if c.change != nil {
				c.change(s)
			}
			mode, got := offer(s, c.learner, false)
			assert.Equal(t, c.want+", NEWLEADER 9.0", got)
			assert.Equal(t, c.mode, mode)
			assert.True(t, s.lead.forwarding.Has(2))
		})
	}
	mode, got := offer(syncLeader(t, 4, 0, long), z(2, 3), true)
	assert.Equal(t, SyncSnap, mode, "the learner asks for it")
	assert.Equal(t, "SNAP 2.3 last 2.3, NEWLEADER 9.0", got)
}

// Goal: whatever the learner has, after the packets it has the leader's history.
// Method: every zxid around two histories, played on a real log.
func TestSyncLeadsToTheLeadersHistory(t *testing.T) {
	leaders := [][]*txn.Txn{nil, txs(1, 1, 3), join(txs(1, 1, 3), txs(2, 1, 3)), join(txs(1, 1, 2), txs(3, 1, 4)), txs(4, 1, 1)}
	learners := [][]*txn.Txn{nil, txs(1, 1, 1), txs(1, 1, 3), txs(1, 1, 5), join(txs(1, 1, 3), txs(2, 1, 1)),
		join(txs(1, 1, 2), txs(2, 1, 2)), join(txs(1, 1, 2), txs(3, 1, 2)), join(txs(1, 1, 3), txs(2, 1, 3), txs(3, 1, 1))}
	for _, window := range []int{1, 2, 500} {
		for _, leads := range leaders {
			for _, learns := range learners {
				if !agree(leads, learns) {
					continue // no run of Zab leads there
				}
				r := newRig(t, 3).disk(1, imageOf(5, 5, leads)).disk(2, imageOf(5, 4, learns))
				r.cfgs[1].CommitLogCount, r.cfgs[2].CommitLogCount = window, window
				r.start(1, 2).elect(1, 2).settle()
				for k := 0; !r.servers[2].serving && k < 2; k++ { // TRUNC may fail once
					r.step(2, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
					r.settle()
				}
				require.True(t, r.servers[1].serving && r.servers[2].serving)
				r.sameState(1, 2)
				// And a crash right after finds the same on the disk.
				r.crash(2).start(2).sameState(1, 2)
			}
		}
	}
}

// agree tells whether two histories are equal up to each transaction they share.
func agree(a, b []*txn.Txn) bool {
	for i := range a {
		for k := range b {
			if a[i].Zxid == b[k].Zxid && chainOf(a[:i+1]) != chainOf(b[:k+1]) {
				return false
			}
		}
	}
	return true
}

// Goal: what is committed but not applied, and what is outstanding, reaches a
// learner in order and once (protocol fact 5.3).
func TestStartForwardingClosesTheGap(t *testing.T) {
	s := syncLeader(t, 4, 0, txs(1, 1, 2))
	s.lead.stage, s.lastProcessed = leadServing, z(9, 0)
	for _, t := range txs(9, 1, 4) {
		s.lead.outstanding = append(s.lead.outstanding, proposal{txn: t})
		s.lead.lastProposed = t.Zxid
	}
	s.lead.toBeApplied = []*txn.Txn{s.lead.outstanding[0].txn, s.lead.outstanding[1].txn}
	s.lead.outstanding = s.lead.outstanding[2:]
	_, got := offer(s, z(1, 1), false)
	assert.Equal(t, "DIFF 1.2, 1.2, PROPOSAL 9.1, COMMIT 9.1, PROPOSAL 9.2, COMMIT 9.2, PROPOSAL 9.3, PROPOSAL 9.4, NEWLEADER 9.0", got)
	_, got = offer(s, z(3, 0), false) // SNAP covers what is applied
	assert.Equal(t, "SNAP 9.0 last 1.2, PROPOSAL 9.1, COMMIT 9.1, PROPOSAL 9.2, COMMIT 9.2, PROPOSAL 9.3, PROPOSAL 9.4, NEWLEADER 9.0", got)
}

// Goal: DIFF from the log on disk goes on with the committedLog window, which may
// be ahead of what the leader's own log writer has appended. Method: at a grain
// where lanes run alone, a commit is applied before the leader's append.
func TestDiffFromTheLogEndsWithTheWindow(t *testing.T) {
	s := syncLeader(t, 2, 0, txs(1, 1, 4))
	s.lead.stage, s.lastProcessed, s.lead.lastCommitted = leadServing, z(9, 0), z(9, 0)
	next := tx(9, 1)
	s.apply(next) // two followers acknowledged it
	s.lead.lastProposed, s.lead.lastCommitted = next.Zxid, next.Zxid
	s.sync.push(next)
	_, got := offer(s, z(1, 1), false)
	assert.Equal(t, "DIFF 9.1, 1.2, 1.3, 1.4, 9.1, NEWLEADER 9.0", got)
}

// Goal: a record counts only on the connection that acknowledged it: what n2 was
// told to drop commits nothing (forgetAcks). Method: n2 alone logs a proposal,
// loses its connection and comes back. It stands beyond all that is committed:
// TRUNC, or SNAP if its log does not reach back to where it should be cut.
func TestCommitNeedsAcksOfTheConnection(t *testing.T) {
	for _, c := range []struct {
		mode      SyncMode
		committed uint32 // what all have before
		rejoins   int    // until n2 is synchronized
	}{{SyncTrunc, 1, 1}, {SyncSnap, 0, 2}} {
		for _, again := range []quorum.ServerID{2, 3} { // who acknowledges in the end
			t.Run(fmt.Sprintf("%v, %v acknowledges", c.mode, again), func(t *testing.T) {
				r := ensemble(t, 3, 1)
				client, next := r.client(1, 7, 0), z(1, c.committed+1)
				for range c.committed {
					client.set("/a", "w")
				}
				r.settle()
				r.slow[1], r.slow[3] = true, true
				client.set("/a", "x")
				r.settle()
				lead := &r.servers[1].lead
				require.Equal(t, next, lead.outstanding[0].txn.Zxid)
				require.Equal(t, quorum.Of(2), lead.outstanding[0].acks)
				require.EqualValues(t, c.committed+1, r.disks[2].synced)

				r.cut(2, 1)
				r.slow[2] = true // it won't log what is forwarded to it
				for range c.rejoins {
					r.settle()
					r.step(2, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
				}
				r.settle()
				require.True(t, r.servers[2].serving)
				require.Equal(t, c.mode, lead.handlers[2].mode)
				require.EqualValues(t, c.committed, r.disks[2].synced, "the record is gone")

				r.slow[1] = false
				r.settle()
				require.Len(t, r.probed(ProbeSelfAck), int(c.committed)+1)
				require.Len(t, r.probed(ProbeCommit), int(c.committed), "n1 alone has it")
				assert.Equal(t, quorum.Of(1), lead.outstanding[0].acks)
				assert.Len(t, client.replies(), int(c.committed))

				r.slow[again] = false
				r.settle()
				assert.Empty(t, lead.outstanding)
				assert.Len(t, r.probed(ProbeCommit), int(c.committed)+1)
				assert.Len(t, client.replies(), int(c.committed)+1)
				r.slow = [quorum.Slots]bool{}
				r.settle().sameState(1, 2, 3)
			})
		}
	}
}

// Goal: what is committed and waits for the commit processor is no more truncated
// than what is applied: a quorum may need the learner's copy. What is not committed
// goes, and comes again.
func TestCommittedIsNotTruncated(t *testing.T) {
	leader := func() *Server {
		s := syncLeader(t, 4, 0, txs(9, 1, 2))
		s.lead.stage = leadServing
		s.lead.toBeApplied = txs(9, 3, 4)
		for _, x := range txs(9, 5, 6) {
			s.lead.outstanding = append(s.lead.outstanding, proposal{txn: x})
		}
		s.lead.lastProposed, s.lead.lastCommitted = z(9, 6), z(9, 4)
		return s
	}
	_, got := offer(leader(), z(9, 3), false)
	assert.Equal(t, "DIFF 9.3, PROPOSAL 9.4, COMMIT 9.4, PROPOSAL 9.5, PROPOSAL 9.6, NEWLEADER 9.0", got)
	_, got = offer(leader(), z(9, 4), false)
	assert.Equal(t, "DIFF 9.4, PROPOSAL 9.5, PROPOSAL 9.6, NEWLEADER 9.0", got)
	_, got = offer(leader(), z(9, 6), false)
	assert.Equal(t, "TRUNC 9.4, PROPOSAL 9.5, PROPOSAL 9.6, NEWLEADER 9.0", got)
}

// Goal: a tail of an old epoch that was never committed goes, though the leader has
// committed newer transactions which it has not applied: that p lies between the
// window and the last commit does not make it the leader's.
func TestOldTailIsTruncatedWhileCommitsWait(t *testing.T) {
	leader := func() *Server {
		s := syncLeader(t, 4, 0, txs(8, 1, 2))
		s.lead.stage, s.lastProcessed = leadServing, z(9, 0)
		s.lead.toBeApplied = txs(9, 1, 2)
		s.lead.lastProposed, s.lead.lastCommitted = z(9, 2), z(9, 2)
		return s
	}
	mode, got := offer(leader(), z(8, 4), false)
	assert.Equal(t, "TRUNC 8.2, PROPOSAL 9.1, COMMIT 9.1, PROPOSAL 9.2, COMMIT 9.2, NEWLEADER 9.0", got)
	assert.Equal(t, SyncTrunc, mode)
	_, got = offer(leader(), z(9, 1), false)
	assert.Equal(t, "DIFF 9.1, PROPOSAL 9.2, COMMIT 9.2, NEWLEADER 9.0", got)
}

// Goal: TRUNC behind all snapshots asks for a SNAP, even if the log reaches further
// back than they do, as a purge leaves it.
func TestTruncateBehindAllSnapshotsNeedsSnap(t *testing.T) {
	s := syncLeader(t, 4, 0, txs(1, 1, 4))
	s.snaps = []*Snapshot{NewSnapshot(z(1, 3), z(1, 3), 0, emptySnapshot().State)}
	s.state = election.Following
	s.learn.stage = learnSyncing
	var out Effects
	s.truncate(z(1, 2), &out)
	assert.True(t, s.needSnap)
	assert.Len(t, s.snaps, 1)
	for _, e := range out.List() {
		assert.NotEqual(t, OpDisk, e.Op, "nothing is cut")
	}
}

// Goal: a SNAP that brings what the disk has already leaves nothing to be dropped
// with its connection, just as one that was written. Method: NEWLEADER after such a
// SNAP.
func TestSnapThatIsOnDiskAlreadyIsNotDirty(t *testing.T) {
	s := syncLeader(t, 4, z(1, 2), nil)
	s.state = election.Following
	s.learn.stage, s.learn.mode, s.learn.epoch = learnNewLeader, SyncSnap, 9
	s.learn.snapshotNeeded, s.learn.dirty = true, true
	var out Effects
	s.newLeaderSteps(&out)
	require.Equal(t, StepCurrent, s.learn.blocked, "there is no snapshot to write")
	assert.False(t, s.learn.dirty)
}
