package zab

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/bug"
)

// buggy gives s a configuration of its own with a switch on.
func buggy(s *Server, b bug.Switch) *Server {
	c := *s.cfg
	c.Bugs = c.Bugs.With(b)
	s.cfg = &c
	return s
}

// Goal: truncation by what is applied, which TestCommittedIsNotTruncated forbids, cuts
// what is committed and sends it again.
func TestTruncByWindow(t *testing.T) {
	s := buggy(syncLeader(t, 4, 0, txs(9, 1, 2)), bug.TruncByWindow)
	s.lead.stage, s.lead.toBeApplied = leadServing, txs(9, 3, 4)
	s.lead.lastProposed, s.lead.lastCommitted = z(9, 4), z(9, 4)
	mode, got := offer(s, z(9, 3), false)
	assert.Equal(t, SyncTrunc, mode)
	assert.Equal(t, "TRUNC 9.2, PROPOSAL 9.3, COMMIT 9.3, PROPOSAL 9.4, COMMIT 9.4, NEWLEADER 9.0", got)
}

// Goal: what a learner acknowledged on its last connection is forgotten at the next
// synchronization, and is not with the bug.
func TestKeepsOldAcks(t *testing.T) {
	for _, bugs := range []bool{false, true} {
		s := syncLeader(t, 4, 0, txs(9, 1, 2))
		if bugs {
			s = buggy(s, bug.KeepsOldAcks)
		}
		s.lead.stage, s.lead.lastProposed = leadServing, z(9, 3)
		s.lead.outstanding = []proposal{{txn: tx(9, 3)}}
		var out Effects
		s.processAck(2, z(9, 3), &out)
		_, got := offer(s, z(9, 3), false)
		assert.Equal(t, "TRUNC 9.2, PROPOSAL 9.3, NEWLEADER 9.0", got)
		assert.Equal(t, bugs, s.lead.outstanding[0].acks.Has(2))
	}
}

// Goal: a log without a snapshot is not trusted, and with the bug the database begins
// empty: what was before the log is gone, and the last zxid says nothing of that.
func TestTrustEmptySnapshot(t *testing.T) {
	history := txs(1, 1, 5)
	img := imageOf(1, 1, history[2:])
	img.LogBase, img.LogChain, img.Snaps, img.Empty = z(1, 2), chainOf(history[:2]), nil, emptySnapshot()
	_, err := Recover(&img)
	assert.EqualError(t, err, "snapshot: no snapshot is whole; a log without one is not trusted (ZOOKEEPER-2325)")

	img.Bugs = img.Bugs.With(bug.TrustEmptySnapshot)
	boot, err := Recover(&img)
	require.NoError(t, err)
	_, last, chain, _ := boot.Rebuild()
	assert.Equal(t, z(1, 5), last)
	assert.Equal(t, chainOf(history[2:]), chain)
}

// Goal: a log goes on behind a hole with the history of the snapshot that covers it, as
// itself and read back; and a tree that is loaded knows nothing from before it.
func TestLogWithAHole(t *testing.T) {
	history := txs(1, 1, 5)
	var log Log
	log.Reset(0, 0)
	log.Append(history[0])
	log.Skip(z(1, 3), chainOf(history[:3]))
	assert.Equal(t, 1, log.Unbroken(), "whatever comes next")
	log.Append(history[3])
	log.Append(history[4])
	last, chain := log.Last()
	assert.Equal(t, z(1, 5), last)
	assert.Equal(t, chainOf(history), chain)
	assert.Equal(t, 1, log.Unbroken())
	_, there := log.ChainAt(z(1, 3))
	assert.False(t, there)

	other := Log{}
	other.Reset(0, 0)
	other.Append(history[0])
	other.Bridge(history[3], chainOf(history[:4]))
	other.Append(history[4])
	assert.Equal(t, log, other)
	log.Cut(1)
	log.Append(history[1])
	assert.Zero(t, log.Unbroken())
	_, chain = log.Last()
	assert.Equal(t, chainOf(history[:2]), chain)
}

// Goal: the record that should be the last goes, too, unless its file begins with it.
func TestOvercut(t *testing.T) {
	var log Log
	log.Reset(0, 0)
	for _, x := range txs(1, 1, 3) {
		log.Append(x)
	}
	require.True(t, log.Truncate(z(1, 2)))
	log.Overcut()
	last, _ := log.Last()
	assert.Equal(t, z(1, 1), last)
	log.Overcut()
	assert.Equal(t, 1, log.Len())
}
