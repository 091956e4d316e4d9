package zab

import (
	"slices"

	"zabsim/election"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// syncLane is the log writer. Source: S/SyncRequestProcessor.java. Its thread
// blocks in fsync: nothing is appended meanwhile. flushDelay, which holds a batch
// back for a while, is not built (its default is 0).
type syncLane struct {
	queue []*txn.Txn // to be appended
	batch int        // this many records at the log's end are being flushed; 0: idle
}

// maxBatchSize is zookeeper.maxBatchSize, the most transactions per fsync.
const maxBatchSize = 1000

func (l *syncLane) push(t *txn.Txn) { l.queue = append(l.queue, t) }

func (l *syncLane) runnable() bool { return l.batch == 0 && len(l.queue) > 0 }

// runSync appends what is queued and starts its fsync. So one fsync covers all
// that arrived during the one before: group commit.
func (s *Server) runSync(out *Effects) {
	l := &s.sync
	if !l.runnable() {
		return
	}
	n := min(len(l.queue), maxBatchSize)
	for _, t := range l.queue[:n] {
		if s.appendLog(t, out) {
			l.batch++
		}
	}
	l.queue = slices.Delete(l.queue, 0, n)
	if l.batch > 0 {
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

// flushed acknowledges the batch in order. The lane is free for the next one.
func (s *Server) flushed(out *Effects) {
	first := s.log.Len() - s.sync.batch
	s.sync.batch = 0
	if s.stopping {
		s.drainSync(out)
		return
	}
	for i := first; i < s.log.Len(); i++ {
		z := s.log.At(i).Txn.Zxid
		if s.state == election.Leading {
			out.probe(Probe{Kind: ProbeSelfAck, Zxid: z})
			s.processAck(s.cfg.ID, z, out) // AckRequestProcessor
		} else {
			out.packet(s.learn.conn, Ack, z) // SendAckRequestProcessor
		}
	}
}

// drainSync lets the log writer of a role that ends write the rest, batch by
// batch, and then lets the role end: SyncRequestProcessor.shutdown.
func (s *Server) drainSync(out *Effects) {
	for s.sync.runnable() {
		s.runSync(out)
	}
	if s.sync.batch == 0 {
		s.finishShutdown(out)
	}
}

// runPrep is PrepRequestProcessor: the zxid is drawn before validation, so a
// failed update uses one up, too (protocol fact 8.4).
func (s *Server) runPrep(out *Effects) {
	if len(s.prep) == 0 {
		return
	}
	r := s.prep[0].req
	s.prep = popFront(s.prep)
	if s.state != election.Leading || s.lead.stage != leadServing || s.stopping {
		return
	}
	z := s.lead.lastProposed + 1
	if z.Counter() == zxid.CounterMax {
		s.endRole(out) // ZOOKEEPER-1277
		return
	}
	s.propose(s.sm.Prep(r, z, s.wall), out)
}

// runCommit applies one committed transaction, or completes one sync, and lets
// the local requests go on that waited for it: CommitProcessor, Final.
func (s *Server) runCommit(out *Effects) {
	if len(s.queue) == 0 {
		return
	}
	c := s.queue[0]
	s.queue = popFront(s.queue)
	if c.sync != nil {
		s.release(c.sync.Session, c.sync.Cxid, txn.Result{}, out)
		return
	}
	r := s.apply(c.txn)
	if l := &s.lead; s.state == election.Leading && len(l.toBeApplied) > 0 && l.toBeApplied[0] == c.txn {
		l.toBeApplied = popFront(l.toBeApplied)
	}
	out.probe(Probe{Kind: ProbeDeliver, Zxid: c.txn.Zxid, Txn: c.txn, Chain: s.chain, Digest: s.sm.Digest()})
	s.release(c.txn.Session, c.txn.Cxid, r, out)
}

// pendingRequest is a request of a local client. Req is nil for an entry that
// only remembers an idle connection.
type pendingRequest struct {
	conn host.ConnID
	req  *txn.Request
}

// clientReceived takes a message from a client. Sessions are the client's number
// and the zxid that it has seen: there is no session tracker, expiry or password
// yet (they come with the znode tree).
func (s *Server) clientReceived(c host.ConnID, m *ClientMsg, out *Effects) {
	if !s.serving {
		out.close(c)
		return
	}
	switch m.Kind {
	case ConnectRequest:
		// Single system image: a client that has seen more than this server is
		// refused and tries another (ZooKeeperServer.processConnectRequest).
		if m.Zxid > s.lastProcessed {
			out.close(c)
			return
		}
		s.pending = append(s.pending, pendingRequest{conn: c})
		r := out.reply(c, ConnectResponse)
		r.Session, r.Zxid = m.Session, s.lastProcessed
	case ClientPing:
		r := out.reply(c, ClientPong)
		r.Session, r.Zxid = m.Session, s.lastProcessed
	case ClientRequest:
		s.submit(c, m.Req, out)
	}
}

// submit routes a local request: updates wait for their commit, and whatever
// follows an unfinished request of the same session waits behind it.
func (s *Server) submit(c host.ConnID, r *txn.Request, out *Effects) {
	waits := s.waiting(c)
	switch {
	case r.Op.IsUpdate():
		s.pending = append(s.pending, pendingRequest{c, r})
		if s.state == election.Leading {
			s.prep = append(s.prep, prepared{r, 0})
		} else {
			out.packet(s.learn.conn, Request, 0).Req = r
		}
	case r.Op == txn.OpSync && s.state != election.Leading:
		s.pending = append(s.pending, pendingRequest{c, r})
		out.packet(s.learn.conn, Sync, 0).Req = r
	case waits:
		s.pending = append(s.pending, pendingRequest{c, r})
	default:
		s.answer(c, r, s.read(r), out)
	}
}

func (s *Server) waiting(c host.ConnID) bool {
	for i := range s.pending {
		if s.pending[i].conn == c && s.pending[i].req != nil {
			return true
		}
	}
	return false
}

// read answers what needs no commit here. On the leader that includes sync,
// which does not wait for outstanding proposals (protocol fact 6.5, quirk Q7).
func (s *Server) read(r *txn.Request) txn.Result {
	if r.Op == txn.OpSync {
		return txn.Result{}
	}
	return s.sm.Read(r)
}

func (s *Server) answer(c host.ConnID, r *txn.Request, res txn.Result, out *Effects) {
	m := out.reply(c, ClientReply)
	m.Session, m.Cxid, m.Op, m.Zxid, m.Result = r.Session, r.Cxid, r.Op, s.lastProcessed, res
}

// release completes the local request (session, cxid), if it is the first that
// waits on its connection, and then the reads behind it.
func (s *Server) release(session txn.SessionID, cxid uint32, res txn.Result, out *Effects) {
	for i := range s.pending {
		p := s.pending[i]
		if p.req == nil || p.req.Session != session {
			continue
		}
		if p.req.Cxid != cxid {
			return
		}
		s.answer(p.conn, p.req, res, out)
		s.pending = removeAt(s.pending, i)
		s.releaseReads(p.conn, i, out)
		return
	}
}

func (s *Server) releaseReads(c host.ConnID, i int, out *Effects) {
	for i < len(s.pending) {
		p := s.pending[i]
		if p.conn != c || p.req == nil {
			i++
			continue
		}
		if p.req.Op.IsUpdate() || p.req.Op == txn.OpSync && s.state != election.Leading {
			return
		}
		s.answer(c, p.req, s.read(p.req), out)
		s.pending = removeAt(s.pending, i)
	}
}

func (s *Server) forgetClient(c host.ConnID) {
	kept := s.pending[:0]
	for _, p := range s.pending {
		if p.conn != c {
			kept = append(kept, p)
		}
	}
	clear(s.pending[len(kept):])
	s.pending = kept
}

func (s *Server) closeClients(out *Effects) {
	for _, p := range s.pending {
		if p.req == nil {
			out.close(p.conn)
		}
	}
	clear(s.pending)
	s.pending = s.pending[:0]
}
