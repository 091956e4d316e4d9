package zab

import (
	"zabsim/election"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

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
	z, ok := s.nextZxid()
	if !ok {
		out.probe(Probe{Kind: ProbeOverflow, Zxid: s.lead.lastProposed})
		s.endRole(out) // ZOOKEEPER-1277
		return
	}
	s.propose(s.sm.Prep(r, z, s.wall), out)
}

// nextZxid returns the zxid of the next proposal; false if the counter has come to
// its end, so that a new epoch must begin.
func (s *Server) nextZxid() (zxid.Zxid, bool) {
	last := s.lead.lastProposed
	if last.Counter()+1 < s.counterMax() {
		return last + 1, true
	}
	if s.cfg.Bugs.Has(bug.ZxidRollover) {
		return zxid.Make(last.Epoch()+1, 0), true // ZOOKEEPER-1277: it carries into the epoch
	}
	return 0, false
}

func (s *Server) counterMax() uint32 {
	if s.cfg.CounterMax == 0 {
		return zxid.CounterMax
	}
	return s.cfg.CounterMax
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
