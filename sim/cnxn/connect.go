package cnxn

import (
	"zabsim/sim/client"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/txn"
)

// Start dials the first server. It does nothing on a client that has started.
func (c *Client) Start(out *Out) {
	if c.phase != phaseNew {
		return
	}
	c.nextServer()
	c.dial(out)
}

// nextServer moves on to the next server and tells whether a round is over
// (HostConnectionManager.next).
func (c *Client) nextServer() (round bool) {
	c.server++
	if c.server >= c.cfg.Servers {
		c.server = 0
	}
	round = c.server == c.last
	if c.last < 0 {
		c.last = 0
	}
	return round
}

func (c *Client) dial(out *Out) {
	c.phase = phaseDialing
	out.add(Effect{Kind: Dial, Server: c.server})
	out.timer(TimerConnect, ConnectTimeout(c.timeout, c.cfg.Servers))
}

// DialDone tells that the connection is open.
func (c *Client) DialDone(conn host.ConnID, out *Out) {
	if c.phase != phaseDialing {
		out.add(Effect{Kind: Close, Conn: conn})
		return
	}
	c.phase, c.conn, c.primed = phaseHandshake, conn, true
	out.timer(TimerConnect, ConnectTimeout(c.timeout, c.cfg.Servers))
	c.heard(out)
	out.send(conn, zab.ClientMsg{
		Kind: zab.ConnectRequest, Session: c.session, Zxid: c.lastZxid,
		Connect: &zab.Connect{TimeoutMillis: c.cfg.TimeoutMillis, Password: c.password, Addr: c.cfg.Addr},
	})
}

// DialFailed tells that the dial was refused or came to nothing.
func (c *Client) DialFailed(out *Out) {
	if c.phase == phaseDialing {
		c.lose(out)
	}
}

// ConnClosed tells that a connection is gone; an old one does not matter.
func (c *Client) ConnClosed(conn host.ConnID, out *Out) {
	if c.conn == conn && conn != 0 {
		c.conn = 0
		c.lose(out)
	}
}

// TimerFired tells that a timer is over. One that is of no use any more may come.
func (c *Client) TimerFired(t Timer, out *Out) {
	switch {
	case t == TimerBackoff && c.phase == phaseBackoff:
		c.dial(out)
	case t == TimerConnect && (c.phase == phaseDialing || c.phase == phaseHandshake):
		c.drop(out)
	case t == TimerRead && c.phase == phaseConnected:
		c.drop(out)
	case t == TimerPing && c.phase == phaseConnected:
		c.transmit(zab.ClientMsg{Kind: zab.ClientPing, Session: c.session}, out)
	case t == TimerExpire && c.phase != phaseNew && c.phase != phaseDead && c.session != 0:
		c.hangUp(out)
		if c.closing {
			c.end(client.Closed, false, out)
			return
		}
		c.end(client.Expired, false, out)
	}
}

// transmit sends a message on the connection and puts off the next ping.
func (c *Client) transmit(m zab.ClientMsg, out *Out) {
	out.send(c.conn, m)
	out.timer(TimerPing, PingInterval(c.timeout))
}

// heard restarts what counts the server's silence. While there is a connection
// the read time-out comes first.
func (c *Client) heard(out *Out) {
	if c.phase == phaseConnected {
		out.timer(TimerRead, ReadTimeout(c.timeout))
	}
	if c.session != 0 && !c.cfg.NoLocalExpiry {
		out.timer(TimerExpire, ExpireTimeout(c.timeout))
	}
}

// hangUp ends the dial or the connection under way.
func (c *Client) hangUp(out *Out) {
	switch {
	case c.phase == phaseDialing:
		out.add(Effect{Kind: Abandon, Server: c.server})
	case c.conn != 0:
		out.add(Effect{Kind: Close, Conn: c.conn})
		c.conn = 0
	}
}

// drop gives the dial or the connection up and looks for another server.
func (c *Client) drop(out *Out) {
	c.hangUp(out)
	c.lose(out)
}

// stopConnection stops the timers of a connection that is gone.
func (c *Client) stopConnection(out *Out) {
	switch c.phase {
	case phaseDialing, phaseHandshake:
		out.stop(TimerConnect)
	case phaseConnected:
		out.stop(TimerRead)
		out.stop(TimerPing)
	case phaseBackoff:
		out.stop(TimerBackoff)
	}
}

// lose cleans up behind a connection or dial that is gone and prepares the next
// (SendThread.cleanAndNotifyState). The application learns of the state before its
// requests end.
func (c *Client) lose(out *Out) {
	if c.closing {
		c.end(client.Closed, false, out)
		return
	}
	c.stopConnection(out)
	if c.state == client.Connected {
		c.become(client.Suspended, out)
	}
	c.phase = phaseBackoff
	c.flush(!c.cfg.KeepQueued, txn.ConnectionLoss, out)
	c.sessionEvent(client.Suspended, out)
	pause := Effect{Kind: SetTimer, Timer: TimerBackoff, After: cleanupDelay}
	if c.nextServer() {
		pause.After += spinDelay
	}
	if c.primed {
		pause.Jitter = dialJitter
	}
	out.add(pause)
}

// connected takes the answer to a ConnectRequest (SendThread.onConnected).
func (c *Client) connected(m *zab.ClientMsg, out *Out) {
	switch {
	case m.Session == 0 || m.Connect != nil && m.Connect.TimeoutMillis <= 0:
		c.hangUp(out)
		if c.closing {
			c.end(client.Closed, false, out)
			return
		}
		c.end(client.Expired, true, out)
		return
	case m.Connect == nil:
		c.drop(out) // no ConnectResponse at all
		return
	}
	c.phase, c.last = phaseConnected, c.server
	c.session, c.password, c.timeout = m.Session, m.Connect.Password, m.Connect.TimeoutMillis
	out.stop(TimerConnect)
	out.timer(TimerPing, PingInterval(c.timeout))
	c.heard(out)
	c.become(client.Connected, out)
	c.sessionEvent(client.Connected, out)
	if c.opening {
		c.opening = false
		out.complete(Completion{Tag: c.openTag, Sent: true})
	}
	c.prime(out)
	c.sendQueue(out)
}

// prime sends what a new connection must know before any request: identities, then
// watches. Both are sent from back to front, since the Java client pushes them to
// the front of its queue (SendThread.primeConnection).
func (c *Client) prime(out *Out) {
	for i := len(c.auth) - 1; i >= 0; i-- {
		c.sendAuth(c.auth[i], out)
	}
	if c.cfg.NoWatchReset {
		return
	}
	var requests []*txn.Request
	for t, at := dataTable, 0; ; {
		lists, nextTable, nextAt := c.watches.lists(t, at)
		if len(lists.Data)+len(lists.Exist)+len(lists.Child)+len(lists.Persistent)+len(lists.Recursives) == 0 {
			break
		}
		lists.Relative = c.lastZxid
		r := &txn.Request{Op: txn.OpSetWatches, More: &txn.RequestMore{Watches: &lists}}
		if len(lists.Persistent)+len(lists.Recursives) > 0 {
			r.Op = txn.OpSetWatches2 // which servers before 3.6 don't know
		}
		requests = append(requests, r)
		t, at = nextTable, nextAt
	}
	for i := len(requests) - 1; i >= 0; i-- {
		c.sendNow(packet{req: requests[i], quiet: true}, out)
	}
}

func (c *Client) sendAuth(id identity, out *Out) {
	r := &txn.Request{Session: c.session, Op: txn.OpAuth, Path: id.scheme, Data: id.auth}
	c.transmit(zab.ClientMsg{Kind: zab.ClientRequest, Session: c.session, Req: r.Seal()}, out)
}

// become changes the state that the application sees.
func (c *Client) become(s client.State, out *Out) {
	if c.state == s && s != client.Connecting {
		return
	}
	c.state = s
	out.add(Effect{Kind: NewState, State: s})
}

// end ends the session. Whether watchers learn it before or after the requests end
// is as in the Java client.
func (c *Client) end(s client.State, eventFirst bool, out *Out) {
	c.stopConnection(out)
	out.stop(TimerExpire)
	// A close that gets no answer is a loss for those who wait with it: the state is
	// CLOSED only after them.
	code := txn.ConnectionLoss
	if c.become(s, out); s != client.Closed {
		code = c.lossCode()
	}
	c.phase = phaseDead
	if eventFirst {
		c.sessionEvent(s, out)
	}
	c.flush(true, code, out)
	if c.opening {
		c.opening = false
		d := Completion{Tag: c.openTag, Code: code, Response: client.Response{Code: client.Code(code)}}
		if s == client.Closed {
			d.Response.Code = client.ErrClosing
		}
		out.complete(d)
	}
	c.sessionEvent(s, out)
}

// restart begins a new session (a new ZooKeeper object): no identities, no
// watches, nothing seen. It completes when connected.
func (c *Client) restart(tag uint32, out *Out) {
	c.Init(c.cfg)
	c.opening, c.openTag = true, tag
	c.become(client.Connecting, out)
	c.Start(out)
}
