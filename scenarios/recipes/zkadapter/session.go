package zkadapter

import (
	"github.com/go-zookeeper/zk"

	"zabsim/sim/client"
)

// connect starts a session. The caller knows that there is none.
func (h *host) connect() error {
	h.mu.Lock()
	h.session++
	number := h.session
	h.id = 0
	h.become(client.Connecting)
	h.mu.Unlock()
	heard := func(e zk.Event) { h.heard(number, e) }
	conn, _, err := h.dial(heard)
	if err != nil {
		return err
	}
	h.mu.Lock()
	over := h.session != number || h.state == client.Closed
	if !over {
		h.conn = conn
		h.wake()
	}
	h.mu.Unlock()
	if over {
		conn.Close()
	}
	return nil
}

func (h *host) dial(heard zk.EventCallback) (*zk.Conn, <-chan zk.Event, error) {
	logger, info := zk.WithLogger(h.logger), zk.WithLogInfo(false)
	if h.dialer != nil {
		return zk.Connect(h.servers, h.timeout, zk.WithEventCallback(heard), logger, info, zk.WithDialer(h.dialer))
	}
	return zk.Connect(h.servers, h.timeout, zk.WithEventCallback(heard), logger, info)
}

// heard takes an event of a connection, on the library's goroutine. Events of nodes
// come to the watches' channels.
func (h *host) heard(session int, e zk.Event) {
	if e.Type != zk.EventSession {
		return
	}
	h.mu.Lock()
	for h.conn == nil && h.session == session && h.state != client.Closed { // Connect has not returned yet
		changed := h.changed
		h.mu.Unlock()
		<-changed
		h.mu.Lock()
	}
	conn := h.conn
	current := conn != nil && h.session == session
	if current {
		if e.State == zk.StateHasSession {
			h.id = client.SessionID(conn.SessionID())
		}
		h.become(stateAfter(h.state, e.State))
	}
	expired := current && h.state == client.Expired
	h.mu.Unlock()
	if expired {
		// Before this function returns: after that the library makes a new session and
		// sends it what was meant for the old one.
		conn.Close()
	}
}

// become changes the state and tells. The caller holds mu.
func (h *host) become(s client.State) {
	if s == h.state {
		return
	}
	h.state = s
	for _, w := range h.streams {
		w.events = append(w.events, client.Event{Type: client.EventSession, State: s})
	}
	h.wake()
}

// end closes the session for good.
func (h *host) end(s client.State) {
	h.mu.Lock()
	conn, over := h.conn, h.state == client.Closed || h.state == client.Expired
	h.become(s)
	h.mu.Unlock()
	if conn != nil && !over {
		conn.Close()
	}
}

// renew performs NewSession.
func (h *host) renew() client.Code {
	h.mu.Lock()
	living := h.state != client.Expired && h.state != client.Closed
	if !living {
		h.conn = nil
		h.state = client.Expired // so that connecting is a change, also after Close
	}
	h.mu.Unlock()
	switch {
	case h.ctx.Err() != nil:
		return client.ErrClosing
	case living:
		return client.ErrInvalidState
	}
	if h.connect() != nil {
		return client.ErrBadArguments
	}
	for {
		h.mu.Lock()
		state, changed := h.state, h.changed
		h.mu.Unlock()
		switch state {
		case client.Connected, client.Suspended:
			return client.OK
		case client.Expired:
			return client.ErrSessionExpired
		case client.Closed:
			return client.ErrClosing
		}
		<-changed
	}
}

// reason is the code of an operation that failed with err on a session: once that
// session is over, this is why.
func (h *host) reason(session int, err error) client.Code {
	code := codeOf(err)
	if code != client.ErrConnectionLoss && code != client.ErrClosing {
		return code
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.session != session || h.state == client.Expired:
		return client.ErrSessionExpired
	case h.state == client.Closed:
		return client.ErrClosing
	}
	return client.ErrConnectionLoss
}
