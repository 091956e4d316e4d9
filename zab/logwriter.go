package zab

import (
	"zabsim/election"
	"zabsim/internal/fp"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// syncLane is the log writer. A turn of its thread is one of: append a record,
// start the fsync, acknowledge a record that is durable. The thread blocks in
// fsync: nothing is appended meanwhile. flushDelay, which holds a batch back for a
// while, is not built (its default is 0).
//
// Source: S/SyncRequestProcessor.java.
type syncLane struct {
	queue    []*txn.Txn  // to be appended
	batch    []zxid.Zxid // appended and not synced
	acks     []zxid.Zxid // synced and not acknowledged
	flushing bool        // an fsync of the batch is under way

	// shouldSnapshot: appends since the log was rolled, and after how many it is.
	sinceRoll, rollAfter int
}

// maxBatchSize is zookeeper.maxBatchSize, the most transactions per fsync.
const maxBatchSize = 1000

func (l *syncLane) push(t *txn.Txn) { l.queue = append(l.queue, t) }

func (l *syncLane) runnable() bool {
	return !l.flushing && (len(l.acks) > 0 || len(l.batch) > 0 || len(l.queue) > 0)
}

// idle tells whether nothing is left to do, not even to wait for.
func (l *syncLane) idle() bool { return !l.flushing && len(l.batch) == 0 && len(l.queue) == 0 }

func (l *syncLane) fold(h fp.Hash) fp.Hash {
	h = hashZxids(hashZxids(hashTxns(h, l.queue), l.batch), l.acks).Bool(l.flushing)
	return h.Word(uint64(l.sinceRoll)).Word(uint64(l.rollAfter))
}

func (l *syncLane) cloneInto(dst *syncLane) {
	queue := append(dst.queue[:0], l.queue...)
	batch := append(dst.batch[:0], l.batch...)
	acks := append(dst.acks[:0], l.acks...)
	*dst = *l
	dst.queue, dst.batch, dst.acks = queue, batch, acks
}

// runSync is one turn of the log writer. It acknowledges what is durable, in order;
// it appends what is queued; when the queue is empty or the batch is full it starts
// the fsync. So one fsync covers all that arrived during the one before: group
// commit.
func (s *Server) runSync(out *Effects) {
	l := &s.sync
	switch {
	case l.flushing:
	case len(l.acks) > 0:
		s.ackLogged(out)
	case len(l.queue) > 0 && len(l.batch) < maxBatchSize:
		t := l.queue[0]
		l.queue = popFront(l.queue)
		if s.appendLog(t, out) {
			l.batch = append(l.batch, t.Zxid)
			s.countAppend(t.Zxid, out)
		}
	case len(l.batch) > 0:
		l.flushing = true
		out.disk(DiskOp{Kind: DiskFsync, Token: TokenFlush})
	}
}

// appendLog appends t to the log. ZooKeeper only warns of a record that is not
// newer than the last one, and writes it (protocol fact 1.3); here it is reported
// and skipped, since a Log is in order.
func (s *Server) appendLog(t *txn.Txn, out *Effects) bool {
	if last, _ := s.log.Last(); t.Zxid <= last {
		s.illegal(FlagProposal, "log append is not newer than the log's last record", t.Zxid, out)
		return false
	}
	s.log.Append(t)
	out.disk(DiskOp{Kind: DiskAppend, Txn: t})
	return true
}

// flushed is told that the batch is durable. Nobody is left to hear of it if the
// role is ending, and an observer has nothing to say.
func (s *Server) flushed(out *Effects) {
	l := &s.sync
	l.flushing = false
	if s.state != election.Observing && !s.stopping {
		l.acks, l.batch = l.batch, l.acks
	}
	l.batch = l.batch[:0]
	if s.stopping {
		s.drainSync(out)
	}
}

// ackLogged acknowledges the oldest record that is durable: AckRequestProcessor on
// the leader, SendAckRequestProcessor on a follower.
func (s *Server) ackLogged(out *Effects) {
	z := s.sync.acks[0]
	s.sync.acks = popFront(s.sync.acks)
	if s.cfg.Standalone {
		s.durable = z
		return
	}
	if s.state == election.Leading {
		out.probe(Probe{Kind: ProbeSelfAck, Zxid: z})
		s.processAck(s.cfg.ID, z, out)
	} else {
		out.packet(s.learn.conn, Ack, z)
	}
}

// drainSync lets the log writer of a role that ends write the rest, batch by batch,
// and then, when no snapshot is being written either, lets the role end:
// SyncRequestProcessor.shutdown.
func (s *Server) drainSync(out *Effects) {
	s.sync.acks = s.sync.acks[:0]
	for s.sync.runnable() {
		s.runSync(out)
	}
	s.snap.cancel() // a roll in the drain starts no snapshot
	if s.sync.idle() && s.snap.idle() {
		s.finishShutdown(out)
	}
}
