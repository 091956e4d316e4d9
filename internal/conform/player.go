package conform

import (
	"zabsim/internal/conform/trace"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// session is a session as its client sees it.
type session struct {
	label    string
	id       txn.SessionID
	password string
	conn     host.ConnID // 0: not connected
	cxid     uint32
	timeout  int32
}

// player executes the steps of a trace on a System.
type player struct {
	sys      System
	zxids    *Mapping
	sessions []*session
	conns    []*session // by ConnID: whose connection it is
	see      observer
}

func newPlayer(sys System, zxids *Mapping) *player {
	return &player{sys: sys, zxids: zxids, see: observer{times: map[int64]int64{}}}
}

// session returns the session called label.
func (p *player) session(label string) *session {
	for _, s := range p.sessions {
		if s.label == label {
			return s
		}
	}
	s := &session{label: label}
	p.sessions = append(p.sessions, s)
	return s
}

// owner returns whose connection c is, or nil.
func (p *player) owner(c host.ConnID) *session {
	if int(c) < len(p.conns) {
		return p.conns[c]
	}
	return nil
}

// play executes one step. An error says that the System could not go on.
func (p *player) play(st *trace.Step) (*observed, error) {
	got := &observed{}
	if st.Op.IsRequest() {
		p.request(st, got)
		return got, nil
	}
	s := p.session(st.Session)
	switch st.Op.Name {
	case "connect", "reconnect":
		p.connect(st, s, got)
	case "disconnect":
		if s.conn != 0 {
			p.sys.HangUp(s.conn)
			s.conn = 0
		}
	case "serverDropsConnection":
		if s.conn != 0 {
			p.sys.Drop(s.conn)
		}
	case "expire":
		p.sys.Expire(s.id)
	case "restart":
		return got, p.restart(got)
	default:
		p.passTime(st, s, got)
	}
	p.hear(got)
	return got, nil
}

// hear takes note of what arrived besides replies.
func (p *player) hear(got *observed) {
	for _, h := range p.sys.Take() {
		p.note(&h, got)
	}
}

// note takes note of a happening that is no reply.
func (p *player) note(h *Happening, got *observed) {
	if h.Txn != nil {
		got.txns = append(got.txns, p.see.applied(h.Txn))
		return
	}
	s := p.owner(h.Conn)
	if s == nil {
		return
	}
	switch {
	case h.Closed:
		got.deliver(s.label, trace.Event{Type: trace.ConnectionClosed})
		if s.conn == h.Conn {
			s.conn = 0
		}
		p.conns[h.Conn] = nil
	case h.Msg.Kind == zab.ClientEvent && h.Msg.Event != nil:
		got.deliver(s.label, event(h.Msg))
	}
}

func event(m *zab.ClientMsg) trace.Event {
	return trace.Event{Type: m.Event.Type.String(), Path: m.Event.Path}
}

// request sends one request, or those of a pipeline at once.
func (p *player) request(st *trace.Step, got *observed) {
	s := p.session(st.Session)
	if s.conn == 0 {
		got.reply.Err = trace.NotConnected
		return
	}
	piped := st.Op.Name == "pipeline"
	ops := []trace.Op{st.Op}
	if piped {
		ops = st.Op.Ops
		got.reply.Stream = []trace.Item{}
	}
	conn, first := s.conn, s.cxid+1
	msgs := make([]zab.ClientMsg, len(ops))
	for i := range ops {
		s.cxid++
		msgs[i] = zab.ClientMsg{Kind: zab.ClientRequest, Cxid: s.cxid, Session: s.id}
		if ops[i].Code == txn.OpPing {
			msgs[i].Kind = zab.ClientPing
			continue
		}
		op := ops[i]
		p.translate(&op)
		msgs[i].Req = request(&op, s.id, s.cxid)
	}
	p.sys.Send(conn, msgs)
	pongs := 0
	for _, h := range p.sys.Take() {
		if h.Conn != conn || h.Msg == nil {
			p.note(&h, got)
			continue
		}
		switch {
		case h.Msg.Kind == zab.ClientEvent && piped:
			e := event(h.Msg)
			got.reply.Stream = append(got.reply.Stream, trace.Item{Event: &e})
		case h.Msg.Kind == zab.ClientReply && h.Msg.Cxid-first < uint32(len(ops)):
			p.reply(got, s.label, piped, ops, int(h.Msg.Cxid-first), h.Msg)
		case h.Msg.Kind == zab.ClientPong:
			if i := pong(ops, pongs); i >= 0 {
				p.reply(got, s.label, piped, ops, i, h.Msg)
			}
			pongs++
		default:
			p.note(&h, got)
		}
	}
	if !got.answered && !piped {
		got.reply.Err = trace.NoReply
		if s.conn != conn {
			got.reply.Err = trace.ClosedCode
		}
	}
}

// pong is the place of the nth ping in ops, or -1.
func pong(ops []trace.Op, n int) int {
	for i := range ops {
		if ops[i].Code == txn.OpPing {
			if n == 0 {
				return i
			}
			n--
		}
	}
	return -1
}

// reply takes the reply to operation i.
func (p *player) reply(got *observed, own string, piped bool, ops []trace.Op, i int, m *zab.ClientMsg) {
	r := p.see.reply(&ops[i], m)
	if piped {
		got.reply.Stream = append(got.reply.Stream, trace.Item{Index: i, Reply: r})
		return
	}
	got.answered, got.reply = true, r
	for _, e := range at(got.events, own) {
		if e.Type != trace.ConnectionClosed {
			got.ownBefore++
		}
	}
}

// translate puts zxids that a client sends into the numbers of the System.
func (p *player) translate(op *trace.Op) {
	if op.Watches == nil {
		return
	}
	w := *op.Watches
	w.Relative = zxid.Zxid(p.zxids.Below(int64(w.Relative)))
	op.Watches = &w
}

// restart stops and starts the System.
func (p *player) restart(got *observed) error {
	if err := p.sys.Restart(); err != nil {
		return err
	}
	for _, s := range p.sessions {
		s.conn = 0
	}
	clear(p.conns)
	p.hear(got)
	z := int64(p.sys.Last())
	got.reply.Zxid = &z
	return nil
}
