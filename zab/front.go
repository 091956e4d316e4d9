package zab

import (
	"slices"

	"zabsim/zab/acl"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/txn"
)

// clientConn is the connection of a client. Source: S/NIOServerCnxn.java,
// S/ServerCnxn.java.
type clientConn struct {
	conn    host.ConnID
	session txn.SessionID // 0 until the ConnectRequest
	timeout int32         // milliseconds
	open    bool          // the ConnectResponse was sent: requests are read
	ping    *txn.Request  // how its pings go through the processors; nil until it is open
	addr    string        // as the server sees it; empty: unknown
	ids     []txn.ID      // who it has proved to be; never changed in place
}

func (s *Server) client(c host.ConnID) *clientConn {
	for i := range s.clients {
		if s.clients[i].conn == c {
			return &s.clients[i]
		}
	}
	return nil
}

// clientReceived takes a message from a client: ZooKeeperServer.processPacket.
func (s *Server) clientReceived(c host.ConnID, m *ClientMsg, out *Effects) {
	if !s.serving {
		out.close(c)
		return
	}
	if m.Kind == ConnectRequest {
		s.connect(c, m, out)
		return
	}
	cl := s.client(c)
	if cl == nil || !cl.open {
		return // a connection that was given up, or does not speak yet
	}
	switch m.Kind {
	case ClientPing:
		if cl.ping == nil {
			s.pong(cl.conn, cl.session, out)
		} else if s.touch(cl.session, cl.timeout) {
			// Like a read, it waits behind what its session has under way.
			s.submit(c, cl.ping, out)
		}
	case ClientRequest:
		s.request(cl, m.Req, out)
	}
}

func (s *Server) pong(c host.ConnID, session txn.SessionID, out *Effects) {
	r := out.reply(c, ClientPong)
	r.Session, r.Zxid = session, s.lastProcessed
}

// connect is ZooKeeperServer.processConnectRequest.
func (s *Server) connect(c host.ConnID, m *ClientMsg, out *Effects) {
	// Single system image: a client that has seen more than this server is
	// refused and tries another.
	if m.Zxid > s.lastProcessed || s.client(c) != nil {
		s.forgetClient(c)
		out.close(c)
		return
	}
	if !s.cfg.Sessions {
		s.clients = append(s.clients, clientConn{conn: c, session: m.Session, open: true})
		r := out.reply(c, ConnectResponse)
		r.Session, r.Zxid, r.Connect = m.Session, s.lastProcessed, m.Connect
		return
	}
	cl := clientConn{conn: c, session: m.Session}
	var password string
	if q := m.Connect; q != nil {
		cl.timeout, password = s.negotiate(q.TimeoutMillis), q.Password
		if q.Addr != "" {
			cl.addr, cl.ids = q.Addr, []txn.ID{{Scheme: "ip", ID: q.Addr}}
		}
	}
	if m.Session == 0 {
		cl.session = s.newSessionID()
		s.clients = append(s.clients, cl)
		s.createSession(&cl, out)
		return
	}
	right := password == Password(m.Session)
	if right || s.cfg.Bugs.Has(bug.BadPasswordKicks) {
		s.closeSessionConns(m.Session, out)
	}
	s.clients = append(s.clients, cl)
	if !right {
		s.sessionOpened(c, false, out)
		return
	}
	s.revalidate(&cl, out)
}

// createSession is ZooKeeperServer.createSession. A leader's and a standalone
// server's tracker know the session at once; the others hear of it in Prep.
func (s *Server) createSession(cl *clientConn, out *Effects) {
	if s.hasLocal() {
		s.local.track(cl.session, cl.timeout, s.deadline(cl.timeout))
		s.sessionOpened(cl.conn, true, out)
		return
	}
	if s.leads() {
		s.sessions.track(cl.session, cl.timeout, s.deadline(cl.timeout))
	}
	s.submit(cl.conn, &txn.Request{Session: cl.session, Op: txn.OpCreateSession, Timeout: cl.timeout}, out)
}

// negotiate clamps a time-out, in milliseconds, to what the server grants.
func (s *Server) negotiate(asked int32) int32 {
	least, most := s.cfg.MinSessionTimeout, s.cfg.MaxSessionTimeout
	if least == 0 {
		least = 2 * s.cfg.TickTime
	}
	if most == 0 {
		most = 20 * s.cfg.TickTime
	}
	return min(max(asked, int32(least/host.Millisecond)), int32(most/host.Millisecond))
}

// revalidate is ZooKeeperServer.revalidateSession: the tracker knows whether the
// session lives. A learner has to ask its leader, unless the session is its own.
func (s *Server) revalidate(cl *clientConn, out *Effects) {
	if s.leads() || s.local.has(cl.session) {
		valid := s.touch(cl.session, cl.timeout)
		if valid && !s.local.has(cl.session) {
			s.sessions.setOwner(cl.session, ownerSelf)
		}
		s.sessionOpened(cl.conn, valid, out)
		return
	}
	p := out.packet(s.learn.conn, Revalidate, 0)
	p.Session, p.Timeout = cl.session, cl.timeout
}

// revalidated is the leader's answer: Learner.revalidate.
func (s *Server) revalidated(id txn.SessionID, valid bool, out *Effects) {
	for i := range s.clients {
		if cl := &s.clients[i]; cl.session == id && !cl.open {
			s.sessionOpened(cl.conn, valid, out)
			return
		}
	}
}

// sessionOpened is ZooKeeperServer.finishSessionInit. A session that is not valid
// is answered with 0, and the connection ends.
func (s *Server) sessionOpened(c host.ConnID, valid bool, out *Effects) {
	cl := s.client(c)
	if cl == nil {
		return
	}
	r := out.reply(c, ConnectResponse)
	r.Zxid = s.lastProcessed
	if !valid {
		r.Connect = &Connect{Password: noPassword}
		s.hangUp(c, out)
		return
	}
	cl.open, cl.ping = true, &txn.Request{Session: cl.session, Op: txn.OpPing}
	r.Session = cl.session
	r.Connect = &Connect{TimeoutMillis: cl.timeout, Password: Password(cl.session)}
}

// noPassword is what ZooKeeper answers with session 0.
const noPassword = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// request takes a request of a client: ZooKeeperServer.processPacket and
// submitRequestNow.
func (s *Server) request(cl *clientConn, r *txn.Request, out *Effects) {
	if s.cfg.MaxBuffer > 0 && r.Bytes() > s.cfg.MaxBuffer {
		s.hangUp(cl.conn, out)
		return
	}
	if r.Op == txn.OpAuth {
		s.addAuth(cl, r, out)
		return
	}
	if !s.touch(cl.session, cl.timeout) {
		return // "Dropping request": nobody is told
	}
	if !s.isValid(r.Op) {
		s.unimplemented(cl, r, out)
		return
	}
	if len(cl.ids) > 0 || s.cfg.Sessions && (r.Session != cl.session || len(r.Auth) > 0) {
		// Who asks is what the connection has proved, whatever the request says.
		own := *r
		own.Session, own.Auth = cl.session, cl.ids
		r = own.Seal()
	}
	s.submit(cl.conn, r, out)
}

// isValid is Request.isValid. Sessions are made and unmade by the handshake and by
// closeSession alone.
func (s *Server) isValid(op txn.Op) bool {
	switch op {
	case txn.OpCheck:
		return s.cfg.Bugs.Has(bug.LoneCheckUnanswered)
	case txn.OpNone, txn.OpError, txn.OpAuth, txn.OpCreateSession:
		return false
	}
	return op.Known()
}

// unimplemented is UnimplementedRequestProcessor.
func (s *Server) unimplemented(cl *clientConn, r *txn.Request, out *Effects) {
	m := out.reply(cl.conn, ClientReply)
	m.Session, m.Cxid, m.Op, m.Result.Err = cl.session, r.Cxid, r.Op, txn.Unimplemented
	s.hangUp(cl.conn, out)
}

// addAuth is handled where the connection is read, so that it overtakes the
// requests before it. Its answer has no zxid. One that fails ends the connection.
func (s *Server) addAuth(cl *clientConn, r *txn.Request, out *Effects) {
	ids, code := acl.Authenticate(r.Path, r.Data, r.Null, cl.addr, s.cfg.SuperDigest)
	m := out.reply(cl.conn, ClientReply)
	m.Session, m.Cxid, m.Op, m.Result.Err = cl.session, r.Cxid, r.Op, code
	if code != txn.OK {
		s.hangUp(cl.conn, out)
		return
	}
	for _, id := range ids {
		if !slices.Contains(cl.ids, id) {
			cl.ids = append(cl.ids[:len(cl.ids):len(cl.ids)], id)
		}
	}
}

// sendEvents sends what the last Apply or Read triggered, before any answer. Who
// may not READ the node is told nothing (CVE-2024-23944).
func (s *Server) sendEvents(out *Effects) {
	events := s.sm.Events()
	for i := range events {
		e := events[i]
		cl := s.client(host.ConnID(e.To))
		if cl == nil || !acl.Allows(e.ACL, acl.Read, cl.ids) {
			continue
		}
		m := out.reply(cl.conn, ClientEvent)
		m.Session = cl.session
		m.Event = &e
	}
}

// hangUp ends a client's connection from this side.
func (s *Server) hangUp(c host.ConnID, out *Effects) {
	s.forgetClient(c)
	out.close(c)
}

// closeSessionConns ends the connections that a session has here.
func (s *Server) closeSessionConns(id txn.SessionID, out *Effects) {
	for i := 0; i < len(s.clients); i++ {
		if s.clients[i].session == id {
			s.hangUp(s.clients[i].conn, out)
			i--
		}
	}
}

// forgetClient drops what belongs to a connection that is gone. Its writes go on,
// and the next connection of the session waits behind them: CommitProcessor has one
// queue for a session.
func (s *Server) forgetClient(c host.ConnID) {
	for i := range s.clients {
		if s.clients[i].conn == c {
			s.clients = removeAt(s.clients, i)
			s.sm.Unwatch(txn.Watcher(c))
			break
		}
	}
	kept := s.pending[:0]
	for _, p := range s.pending {
		switch {
		case p.conn != c:
			kept = append(kept, p)
		case s.cfg.Sessions && s.waitsForCommit(p.req, p.local):
			p.conn = 0
			kept = append(kept, p)
		case p.local:
			s.local.remove(p.req.Session)
		case s.cfg.Bugs.Has(bug.DeadConnectionWatch):
			kept = append(kept, p) // ZOOKEEPER-1382: it is still answered in its turn
		}
	}
	clear(s.pending[len(kept):])
	s.pending = kept
}

func (s *Server) closeClients(out *Effects) {
	for i := range s.clients {
		out.close(s.clients[i].conn)
		s.sm.Unwatch(txn.Watcher(s.clients[i].conn))
	}
	clear(s.clients)
	clear(s.pending)
	s.clients, s.pending = s.clients[:0], s.pending[:0]
	s.touched = Touches{}
	s.stopLocal(out)
}
