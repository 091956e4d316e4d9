package conform

import (
	"zabsim/internal/conform/trace"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// connect makes a session or resumes one.
func (p *player) connect(st *trace.Step, s *session, got *observed) {
	c, ok := p.sys.Dial(st.Session)
	if !ok {
		got.reply.Err = trace.ServerDown
		return
	}
	m := zab.ClientMsg{Kind: zab.ConnectRequest, Zxid: p.seen(st.Op.LastZxid),
		Connect: &zab.Connect{TimeoutMillis: st.Op.Timeout, Addr: st.Op.Bind}}
	if m.Connect.Addr == "" {
		m.Connect.Addr = "127.0.0.1"
	}
	if st.Op.Name == "reconnect" {
		m.Session, m.Connect.Password = s.id, s.password
		if st.Op.UnknownID {
			m.Session ^= 0x5A5A5A
			m.Connect.Password = zab.Password(m.Session)
		}
		if st.Op.BadPasswd {
			m.Connect.Password = "not the password"
		}
	}
	p.sys.Send(c, []zab.ClientMsg{m})
	list := append([]Happening(nil), p.sys.Take()...)
	got.reply.Err = trace.ClosedCode
	p.welcome(list, c, s, got)
	for i := range list {
		h := &list[i]
		if h.Txn == nil && h.Conn == c && p.owner(c) == nil {
			continue // of a connection that came to nothing: the reply tells of it
		}
		p.note(h, got)
	}
}

// welcome looks for the answer to a handshake on connection c. Who is named by the
// answer must be known before anything else is looked at.
func (p *player) welcome(list []Happening, c host.ConnID, s *session, got *observed) {
	for i := range list {
		h := &list[i]
		if h.Conn != c || h.Msg == nil || h.Msg.Kind != zab.ConnectResponse {
			continue
		}
		granted := int64(0)
		if h.Msg.Connect != nil {
			granted = int64(h.Msg.Connect.TimeoutMillis)
		}
		got.reply.Timeout = &granted
		if h.Msg.Session == 0 {
			closed := false
			for _, later := range list[i:] {
				closed = closed || later.Conn == c && later.Closed
			}
			got.reply.Err, got.reply.Session, got.reply.Closed = txn.SessionExpired.String(), &trace.Text{Null: true}, &closed
			return
		}
		s.conn, s.timeout = c, int32(granted)
		if h.Msg.Connect != nil {
			s.password = h.Msg.Connect.Password
		}
		if s.id == 0 || s.id != h.Msg.Session && p.see.name(h.Msg.Session)[0] == '?' {
			s.id = h.Msg.Session
			p.see.labels = append(p.see.labels, label{s.id, s.label})
		}
		for int(c) >= len(p.conns) {
			p.conns = append(p.conns, nil)
		}
		p.conns[c] = s
		got.reply.Err, got.reply.Session = txn.OK.String(), &trace.Text{Value: p.see.name(h.Msg.Session)}
	}
}

// seen is a lastZxidSeen in the numbers of the System. What the recording has no
// transaction for is ahead of all.
func (p *player) seen(z int64) zxid.Zxid {
	if z <= 0 {
		return 0 // Java compares signed numbers: -1 is before all
	}
	if got, ok := p.zxids.Got(z); ok {
		return zxid.Zxid(got)
	}
	return p.sys.Last() + zxid.Zxid(z)
}

// What a step of the harness takes, in virtual time.
const (
	breath    = 200 * host.Millisecond // sessions are kept alive this often
	beforeTTL = 7 * host.Millisecond   // before a pass of the container manager
)

// passTime executes the steps during which time passes.
func (p *player) passTime(st *trace.Step, s *session, got *observed) {
	switch st.Op.Name {
	case "sleep":
		p.sleep(host.Duration(st.Op.Millis)*host.Millisecond, nil, got, func() bool { return false })
	case "containerCheck":
		p.sys.Sleep(beforeTTL)
		p.sys.CheckContainers(st.Op.NeverUsed)
	case "waitGone":
		gone := p.sleep(host.Duration(st.Op.Millis)*host.Millisecond, nil, got, func() bool {
			return hasTxn(got.txns, func(t *trace.Txn) bool { return t.Path == st.Op.Path })
		})
		got.reply.Gone = &gone
	case "expireByTimeout":
		// A bucket of the tracker may be one tick late, and ticks are at most a minute.
		most := host.Duration(s.timeout)*host.Millisecond + 60*host.Second
		p.sleep(most, s, got, func() bool {
			return hasTxn(got.txns, func(t *trace.Txn) bool {
				return t.Type == txn.OpCloseSession.String() && t.Session == s.label
			})
		})
	}
}

func hasTxn(list []trace.Txn, is func(*trace.Txn) bool) bool {
	for i := range list {
		if is(&list[i]) {
			return true
		}
	}
	return false
}

// sleep lets time pass until it is over or until says so, which it returns. All
// connected sessions but silent send pings.
func (p *player) sleep(d host.Duration, silent *session, got *observed, until func() bool) bool {
	for ; d > 0; d -= breath {
		for _, s := range p.sessions {
			if s.conn != 0 && s != silent {
				p.sys.Send(s.conn, []zab.ClientMsg{{Kind: zab.ClientPing, Session: s.id}})
			}
		}
		p.sys.Sleep(min(d, breath))
		p.hear(got)
		if until() {
			return true
		}
	}
	return false
}
