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
	p := s.prep[0]
	r := p.req
	s.prep = popFront(s.prep)
	if !s.leads() || s.stopping {
		return
	}
	if !r.Op.IsUpdate() { // a standalone server's read
		o := ordered{conn: p.conn, req: r}
		if s.cfg.Sessions {
			o.err = s.checkSession(r.Session, s.ownerOf(&p))
		}
		s.order = append(s.order, o)
		return
	}
	z, ok := s.nextZxid()
	if !ok {
		out.probe(Probe{Kind: ProbeOverflow, Zxid: s.lead.lastProposed})
		s.endRole(out) // ZOOKEEPER-1277
		return
	}
	if s.cfg.Standalone && loses(r) {
		s.lead.lastProposed = z
		s.order = append(s.order, ordered{conn: p.conn, req: r, err: txn.MarshallingError})
		return
	}
	t := s.sm.Prep(r, s.sessionCheck(&p), z, s.wall)
	if s.died(out) {
		return
	}
	if s.cfg.Sessions {
		s.sessionPrepared(&p)
	}
	if s.cfg.Standalone {
		s.lead.lastProposed = z
		s.order = append(s.order, ordered{conn: p.conn, req: r, txn: t})
		s.sync.push(t)
		return
	}
	s.propose(t, out)
}

// sessionCheck asks the session tracker about who makes a request. What the server
// asks itself, to expire a session or to delete a container, is not checked.
func (s *Server) sessionCheck(p *prepared) (c txn.SessionCheck) {
	who := s.ownerOf(p)
	if !s.cfg.Sessions || who == 0 || p.req.Op == txn.OpCreateSession || p.req.Op == txn.OpCloseSession {
		return c
	}
	c.Session, c.Global = s.checkSession(p.req.Session, who), p.err
	if c.Global == txn.OK {
		c.Global = known(s.checkTracked(p.req.Session, who))
	}
	return c
}

// checkSession is SessionTracker.checkSession: that of SessionTrackerImpl on a
// standalone server, of LeaderSessionTracker on a leader. A leader can't know the
// local sessions of learners and believes in them; the top byte of a session says
// whose it is.
func (s *Server) checkSession(id txn.SessionID, who owner) txn.Code {
	if s.cfg.Standalone {
		return s.checkTracked(id, who)
	}
	if s.hasLocal() {
		code := s.local.check(id, who)
		if code != txn.UnknownSession && (code != txn.OK || !s.sessions.has(id)) {
			return code
		}
	}
	code := s.checkTracked(id, who)
	if code == txn.UnknownSession && s.hasLocal() && id>>56 != txn.SessionID(s.cfg.ID) {
		return txn.OK
	}
	return known(code)
}

// checkTracked asks the tracker of the ensemble's sessions. Nothing is taken from one
// that is closing, even if its closeSession is not applied yet (ZOOKEEPER-1208).
func (s *Server) checkTracked(id txn.SessionID, who owner) txn.Code {
	code := s.sessions.check(id, who)
	if code == txn.SessionExpired && s.cfg.Bugs.Has(bug.CreateAfterClose) {
		return txn.OK
	}
	return code
}

// known is how an ensemble calls a session that its leader does not know.
func known(code txn.Code) txn.Code {
	if code == txn.UnknownSession {
		return txn.SessionExpired
	}
	return code
}

// sessionPrepared is what PrepRequestProcessor tells the tracker: a session lives
// from here on, and nothing more is taken from one that is being closed.
func (s *Server) sessionPrepared(p *prepared) {
	switch p.req.Op {
	case txn.OpCreateSession:
		s.sessions.track(p.req.Session, p.req.Timeout, s.deadline(p.req.Timeout)).owner = s.ownerOf(p)
	case txn.OpCloseSession:
		s.sessions.setClosing(p.req.Session)
	}
}

// died ends the process if the state machine met an error that nobody catches.
func (s *Server) died(out *Effects) bool {
	if s.sm.Crashed() == "" {
		return false
	}
	out.add(OpExit)
	s.serving = false
	return true
}

// leads tells whether this server validates and tracks sessions: a leader that
// serves, or a standalone server.
func (s *Server) leads() bool { return s.state == election.Leading && s.lead.stage == leadServing }

// nextZxid returns the zxid of the next proposal; false if the counter has come to
// its end, so that a new epoch must begin.
func (s *Server) nextZxid() (zxid.Zxid, bool) {
	last := s.lead.lastProposed
	if s.cfg.Standalone {
		return standaloneZxid(last), true
	}
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
	if s.cfg.Standalone {
		s.runFinal(out)
		return
	}
	if len(s.queue) == 0 {
		return
	}
	c := s.queue[0]
	s.queue = popFront(s.queue)
	if c.sync != nil {
		s.release(c.sync.Session, c.sync.Cxid, s.sm.Read(c.sync, 0), out)
		return
	}
	r := s.apply(c.txn)
	if s.died(out) {
		return
	}
	if l := &s.lead; s.state == election.Leading && len(l.toBeApplied) > 0 && l.toBeApplied[0] == c.txn {
		l.toBeApplied = popFront(l.toBeApplied)
	}
	out.probe(Probe{Kind: ProbeDeliver, Zxid: c.txn.Zxid, Txn: c.txn, Chain: s.chain, Digest: s.sm.Digest()})
	s.finish(c.txn, out)
	if !s.release(c.txn.Session, c.txn.Cxid, r, out) && c.txn.Op == txn.OpCloseSession && s.cfg.Sessions {
		s.closeSessionConns(c.txn.Session, out)
	}
}

// finish does what FinalRequestProcessor does before it answers: sessions come and
// go, and watchers are told before the writer is.
func (s *Server) finish(t *txn.Txn, out *Effects) {
	s.sessionApplied(t)
	s.sendEvents(out)
}

// pendingRequest is a request of a local client that waits for its commit, or
// behind one.
type pendingRequest struct {
	conn  host.ConnID // 0: the connection is gone
	req   *txn.Request
	err   txn.Code // why it fails whatever its commit says, or a read without one
	local bool     // a closeSession of a local session: no commit will come
}

// submit routes a local request: updates wait for their commit, and whatever
// follows an unfinished request of the same session waits behind it.
func (s *Server) submit(c host.ConnID, r *txn.Request, out *Effects) {
	if s.cfg.Standalone {
		s.prep = append(s.prep, prepared{req: r, from: s.cfg.ID, conn: c})
		return
	}
	p := pendingRequest{conn: c, req: r}
	if s.hasLocal() {
		p.local = s.closesLocal(r)
		p.err = s.upgrade(r, out)
	}
	waits := s.waits(&p)
	switch {
	case !s.waitsForCommit(r, p.local):
		if s.cfg.Sessions && s.leads() && !p.local {
			// On a leader reads go through Prep, too. Here they overtake what is in it.
			p.err = s.checkSession(r.Session, ownerSelf)
		}
		if waits {
			s.pending = append(s.pending, p)
		} else {
			s.complete(&p, out)
		}
		return
	case r.Op == txn.OpSync:
		out.packet(s.learn.conn, Sync, 0).Req = r
	case s.state == election.Leading:
		s.prep = append(s.prep, prepared{req: r, from: s.cfg.ID, conn: c, err: p.err})
	default:
		out.packet(s.learn.conn, Request, 0).Req = r
	}
	s.pending = append(s.pending, p)
}

// waitsForCommit is CommitProcessor.needCommit; a local session's closeSession is
// no update.
func (s *Server) waitsForCommit(r *txn.Request, local bool) bool {
	return r.Op.IsUpdate() && !local || r.Op == txn.OpSync && s.state != election.Leading
}

// waits tells whether p has to wait behind an earlier request of its session. Without
// sessions the connection counts.
func (s *Server) waits(p *pendingRequest) bool {
	for i := range s.pending {
		if s.sameQueue(&s.pending[i], p.conn, p.req.Session) {
			return true
		}
	}
	return false
}

func (s *Server) sameQueue(p *pendingRequest, c host.ConnID, session txn.SessionID) bool {
	if s.cfg.Sessions {
		return p.req.Session == session
	}
	return p.conn == c
}

// complete answers a request that needs no commit, in its turn.
func (s *Server) complete(p *pendingRequest, out *Effects) {
	switch {
	case p.local:
		s.local.remove(p.req.Session)
		s.answer(p.conn, p.req, txn.Result{}, out)
	case p.err != txn.OK:
		s.answer(p.conn, p.req, txn.Result{Err: p.err}, out)
	case s.client(p.conn) == nil && s.cfg.Bugs.Has(bug.DeadConnectionWatch):
		s.read(p.conn, p.req, out) // nobody hears the answer
	default:
		s.answer(p.conn, p.req, s.read(p.conn, p.req, out), out)
	}
}

// read answers what needs no commit here. On the leader that includes sync,
// which does not wait for outstanding proposals (protocol fact 6.5, quirk Q7).
func (s *Server) read(c host.ConnID, r *txn.Request, out *Effects) txn.Result {
	if r.Op == txn.OpPing {
		return txn.Result{}
	}
	if r.Watch && s.client(c) == nil {
		s.illegal(FlagState, "a watch is left for a connection that is gone", s.lastProcessed, out)
	}
	res := s.sm.Read(r, txn.Watcher(c))
	s.sendEvents(out)
	return res
}

// answer sends the result of a request. Two of them end the connection: that of
// closeSession, and that of a request that came through the wrong server, which is
// not answered at all (ZOOKEEPER-710).
func (s *Server) answer(c host.ConnID, r *txn.Request, res txn.Result, out *Effects) {
	switch {
	case c == 0:
		if r.Op == txn.OpCloseSession {
			s.closeSessionConns(r.Session, out)
		}
		return
	case r.Op == txn.OpCreateSession:
		s.sessionOpened(c, true, out)
		return
	case moved(&res):
		s.hangUp(c, out)
		return
	case r.Op == txn.OpPing:
		s.pong(c, r.Session, out)
		return
	case r.Op == txn.OpCheck && res.Err == txn.OK && s.cfg.Bugs.Has(bug.LoneCheckUnanswered):
		return
	}
	m := out.reply(c, ClientReply)
	m.Session, m.Cxid, m.Op, m.Zxid, m.Result = r.Session, r.Cxid, r.Op, s.lastProcessed, res
	if r.Op == txn.OpCloseSession {
		s.hangUp(c, out)
	}
}

// moved tells whether a request came through the wrong server, be it by the code of
// a multi's member (FinalRequestProcessor, case multi).
func moved(res *txn.Result) bool {
	if res.More != nil {
		for i := range res.More.Results {
			if res.More.Results[i].Err == txn.SessionMoved {
				return true
			}
		}
	}
	return res.Err == txn.SessionMoved
}

// release completes the local request (session, cxid), if it is the first that
// waits on its connection, and then the reads behind it; false if it is not here.
func (s *Server) release(session txn.SessionID, cxid uint32, res txn.Result, out *Effects) bool {
	for i := range s.pending {
		p := s.pending[i]
		if p.req.Session != session {
			continue
		}
		if p.req.Cxid != cxid {
			return false
		}
		s.pending = removeAt(s.pending, i)
		if p.err != txn.OK && res.Err != txn.OK {
			res.Err = p.err // the leader did not know why
		}
		s.answer(p.conn, p.req, res, out)
		s.releaseReads(p.conn, session, i, out)
		return true
	}
	return false
}

func (s *Server) releaseReads(c host.ConnID, session txn.SessionID, i int, out *Effects) {
	for i < len(s.pending) {
		p := s.pending[i]
		if !s.sameQueue(&p, c, session) {
			i++
			continue
		}
		if s.waitsForCommit(p.req, p.local) {
			return
		}
		s.pending = removeAt(s.pending, i)
		s.complete(&p, out)
	}
}
