package cnxn

import (
	"slices"

	"zabsim/sim/client"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/txn"
)

// Received takes a message of a server (SendThread.readResponse). m is used during
// the call only; what it points to is kept.
func (c *Client) Received(conn host.ConnID, m *zab.ClientMsg, out *Out) {
	if conn != c.conn || conn == 0 {
		return
	}
	if c.phase == phaseHandshake {
		if m.Kind == zab.ConnectResponse {
			c.connected(m, out)
		} else {
			c.drop(out)
		}
		return
	}
	switch m.Kind {
	case zab.ClientPong:
	case zab.ClientReply:
		if m.Op == txn.OpAuth {
			c.authReply(m, out)
		} else {
			c.reply(m, out)
		}
	case zab.ClientEvent:
		c.event(m.Event, out)
	default:
		c.drop(out)
	}
	if c.phase == phaseConnected {
		c.heard(out)
	}
}

// reply takes the answer to the oldest request; any other is fatal to the
// connection.
func (c *Client) reply(m *zab.ClientMsg, out *Out) {
	if len(c.pending) == 0 || c.pending[0].req.Cxid != m.Cxid {
		c.drop(out)
		return
	}
	p := c.pending[0]
	n := copy(c.pending, c.pending[1:])
	c.pending[n] = packet{}
	c.pending = c.pending[:n]
	if m.Zxid > 0 {
		c.lastZxid = m.Zxid
	}
	ends := p.req.Op == txn.OpCloseSession
	if ends {
		c.hangUp(out)
		c.become(client.Closed, out)
	}
	c.finish(&p, &m.Result, m.Zxid, true, out)
	if ends {
		c.end(client.Closed, false, out)
	}
}

// authReply ends the session if the server does not accept an identity. No other
// answer to an addAuth matters.
func (c *Client) authReply(m *zab.ClientMsg, out *Out) {
	if m.Result.Err == txn.AuthFailed {
		c.hangUp(out)
		c.end(client.AuthFailed, true, out)
	}
}

// event takes a watch event. One of an unknown kind is fatal to the connection, as
// in the Java client, where materialize throws.
func (c *Client) event(e *txn.Event, out *Out) {
	if e == nil || e.Type < txn.NodeCreated || e.Type > txn.NodeChildrenChanged {
		c.drop(out)
		return
	}
	from := len(out.watchers)
	out.watchers = c.watches.forNode(out.watchers, e.Type, e.Path)
	c.tell(client.Event{Type: client.EventType(e.Type), State: client.Connected, Path: e.Path, Zxid: client.Zxid(e.Zxid)}, from, out)
}

// sessionEvent tells watchers of a state that they don't know yet.
func (c *Client) sessionEvent(s client.State, out *Out) {
	if c.told == s {
		return
	}
	from := len(out.watchers)
	if c.cfg.SessionEvents {
		out.watchers = c.watches.all(append(out.watchers, DefaultWatcher))
	}
	if c.cfg.NoWatchReset && s != client.Connected {
		for t := dataTable; t <= childTable; t++ {
			c.watches.cut(t, 0, len(c.watches.table[t]))
		}
	}
	c.tell(client.Event{Type: client.EventSession, State: s}, from, out)
}

// tell calls the watchers in out from an index on (EventThread.queueEvent). e.Path
// is the server's. A path outside of the chroot calls nobody: the Java client
// fails there.
func (c *Client) tell(e client.Event, from int, out *Out) {
	c.told = e.State
	who := out.watchers[from:]
	if len(who) == 0 {
		return
	}
	slices.Sort(who)
	who = slices.Compact(who)
	out.watchers = out.watchers[:from+len(who)]
	if e.Type != client.EventSession {
		path, inside := c.strip(e.Path)
		if !inside {
			return
		}
		e.Path = path
	}
	out.notify(Event{Event: e, Watchers: who[:len(who):len(who)]})
}
