package sim

import (
	"zabsim/internal/fp"
	"zabsim/sim/client"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// ClientAct is something that a client may do by itself.
type ClientAct uint8

// The acts. Each has at most one time at which it is due.
const (
	ActDial ClientAct = iota // open a connection to the next server
	ActNext                  // start the next operation
	ActPing                  // keep the connection alive
	ActRead                  // nothing was heard for too long: drop the connection
	actCount
)

// String returns the act's name.
func (a ClientAct) String() string {
	if a >= ActAlarm {
		return "alarm"
	}
	return [...]string{"dial", "next", "ping", "read-timeout"}[a]
}

// clientState is where a client stands with its connection.
type clientState uint8

const (
	clientIdle clientState = iota
	clientDialing
	clientConnecting // ConnectRequest sent
	clientConnected
)

// Client is one client of the ensemble: a session, at most one connection, at
// most one operation under way. Source: ClientCnxn.java, much reduced: sessions
// are a number and lastZxidSeen until the session tracker is built.
type Client struct {
	script  client.ScriptClient
	recipe  *recipe // runs instead of the script; nil: none
	state   clientState
	busy    bool   // an operation is under way
	started bool   // a call of the operation was answered already: the get after a sync
	next    uint8  // which server to dial next, counted in the client's own order
	cxid    uint32 // of the last request
	conn    host.ConnID
	server  quorum.ServerID
	seen    zxid.Zxid // lastZxidSeen
	synced  zxid.Zxid // header zxid of the sync of a sync-get
}

// ClientEventKind is the kind of a ClientEvent.
type ClientEventKind uint8

// The client events.
const (
	ClientInvoked   ClientEventKind = iota // an operation starts
	ClientCompleted                        // with a known result
	ClientLost                             // outcome unknown
	ClientNoted                            // a recipe says Word and Detail
)

// ClientEvent is what a history records.
type ClientEvent struct {
	Kind     ClientEventKind
	Client   int
	Op       *client.ScriptOp
	Version  int32 // Invoked: the version that a compare-and-set asks for
	Server   quorum.ServerID
	Zxid     zxid.Zxid
	SyncZxid zxid.Zxid
	Result   txn.Result

	Task         int // Noted: of the recipe
	Word, Detail string
}

// CloneInto makes dst an independent copy.
func (c *Client) CloneInto(dst *Client) {
	own := dst.recipe
	*dst = *c
	if c.recipe != nil {
		if own == nil {
			own = new(recipe)
		}
		c.recipe.cloneInto(own)
		dst.recipe = own
	}
}

// Fingerprint names the client.
func (c *Client) Fingerprint() fp.Hash {
	h := fp.New(0x434C).Word(uint64(c.state) | uint64(c.next)<<8 | uint64(c.server)<<16).Bool(c.busy).Bool(c.started)
	h = h.Word(uint64(c.cxid)<<32 | uint64(c.conn)).Word(uint64(c.seen)).Word(uint64(c.synced))
	for _, w := range c.script.Words() {
		h = h.Word(w)
	}
	if c.recipe != nil {
		h = c.recipe.fold(h)
	}
	return h.Done()
}

// Done tells whether the client's script or recipe has ended.
func (c *Client) Done() bool {
	if c.recipe != nil {
		return c.recipe.done()
	}
	_, _, more := c.script.Next()
	return !more && !c.busy
}

// clientAct performs act of client i.
func (w *World) clientAct(i int, act ClientAct) {
	c := w.client(i)
	switch act {
	case ActDial:
		if c.state != clientIdle {
			return
		}
		c.server = w.setup.order(i, c.next)
		c.next = (c.next + 1) % uint8(w.setup.Quorum.All().Len())
		c.state = clientDialing
		w.dial(ClientEnd(i), Endpoint(c.server), zab.PlaneClient)
		w.notice(Notice{Op: NoticeClient, Arg: uint32(i), Alt: uint8(ActRead), After: w.setup.ClientConnectTimeout})
		if c.recipe != nil {
			w.recipeBegin(i, c)
		}
	case ActNext:
		if c.state == clientConnected && !c.busy {
			w.clientInvoke(i, c)
		}
	case ActPing:
		if c.state == clientConnected {
			m := zab.Msg{Plane: zab.PlaneClient, Client: zab.ClientMsg{Kind: zab.ClientPing, Session: txn.SessionID(i)}}
			w.clientSend(i, c, &m)
		}
	case ActRead:
		w.clientDrop(i, c)
	default:
		w.recipeAlarm(i, c, act)
	}
}

// clientInvoke starts the next operation of the script or recipe.
func (w *World) clientInvoke(i int, c *Client) {
	if c.recipe != nil {
		w.recipeInvoke(i, c)
		return
	}
	call, _, more := c.script.Next()
	if !more {
		return
	}
	c.busy, c.synced = true, 0
	if !c.started {
		w.clientEvent(ClientEvent{Kind: ClientInvoked, Client: i, Op: w.scriptOp(c), Version: call.Version, Server: c.server})
	}
	w.clientRequest(i, c, &call)
}

// clientRequest sends a call.
func (w *World) clientRequest(i int, c *Client, call *client.Call) {
	c.cxid++
	req := &txn.Request{Session: txn.SessionID(i), Cxid: c.cxid, Path: call.Path, Version: txn.AnyVersion}
	switch call.Op {
	case client.OpGet:
		req.Op = txn.OpGet
	case client.OpSync:
		req.Op = txn.OpSync
	case client.OpSet:
		req.Op, req.Data, req.Version = txn.OpSet, call.Data, call.Version
	}
	m := zab.Msg{Plane: zab.PlaneClient, Client: zab.ClientMsg{Kind: zab.ClientRequest, Session: req.Session, Req: req.Seal()}}
	w.clientSend(i, c, &m)
}

func (w *World) scriptOp(c *Client) *client.ScriptOp {
	return c.script.Script().At(c.script.Index())
}

func (w *World) clientSend(i int, c *Client, m *zab.Msg) {
	w.send(ClientEnd(i), c.conn, m)
	w.notice(Notice{Op: NoticeClient, Arg: uint32(i), Alt: uint8(ActPing), After: w.setup.SessionTimeout / 3})
}

// clientOpened is told that the dial succeeded.
func (w *World) clientOpened(i int, conn host.ConnID) {
	c := w.client(i)
	c.state, c.conn = clientConnecting, conn
	m := zab.Msg{Plane: zab.PlaneClient, Client: zab.ClientMsg{Kind: zab.ConnectRequest, Session: txn.SessionID(i), Zxid: c.seen}}
	w.clientSend(i, c, &m)
	w.heard(i)
}

// heard restarts the client's read time-out.
func (w *World) heard(i int) {
	w.notice(Notice{Op: NoticeClient, Arg: uint32(i), Alt: uint8(ActRead), After: w.setup.SessionTimeout * 2 / 3})
}

// clientClosed is told that its connection, or its dial, is gone.
func (w *World) clientClosed(i int) {
	c := w.client(i)
	c.conn = 0
	w.clientLose(i, c)
}

// clientDrop closes the connection from the client's side.
func (w *World) clientDrop(i int, c *Client) {
	switch c.state {
	case clientIdle:
		return
	case clientDialing:
		w.abandon(ClientEnd(i), Endpoint(c.server), zab.PlaneClient)
	default:
		w.close(ClientEnd(i), c.conn)
	}
	c.conn = 0
	w.clientLose(i, c)
}

// clientLose ends the operation under way with an unknown outcome and looks for
// another server.
func (w *World) clientLose(i int, c *Client) {
	lost, server := c.busy, c.server
	if c.busy && c.recipe == nil {
		c.started = false
		w.clientEvent(ClientEvent{Kind: ClientLost, Client: i, Op: w.scriptOp(c), Server: c.server, Result: txn.Result{Err: txn.ConnectionLoss}})
		c.script.Answer(&client.Response{Code: client.ErrConnectionLoss})
	}
	c.state, c.server, c.busy = clientIdle, 0, false
	w.notice(Notice{Op: NoticeQuiet, Arg: uint32(i), Alt: uint8(ActNext)})
	w.notice(Notice{Op: NoticeQuiet, Arg: uint32(i), Alt: uint8(ActPing)})
	w.notice(Notice{Op: NoticeQuiet, Arg: uint32(i), Alt: uint8(ActRead)})
	w.notice(Notice{Op: NoticeClient, Arg: uint32(i), Alt: uint8(ActDial), After: w.setup.ClientRetryMax})
	if c.recipe != nil {
		w.recipeLost(i, c, lost, ClientEvent{Kind: ClientLost, Server: server, Result: txn.Result{Err: txn.ConnectionLoss}})
	}
}

// clientReceived takes a message from the server.
func (w *World) clientReceived(i int, m *zab.ClientMsg) {
	c := w.client(i)
	w.heard(i)
	c.seen = max(c.seen, m.Zxid)
	switch m.Kind {
	case zab.ConnectResponse:
		c.state = clientConnected
		if c.recipe != nil {
			w.recipeConnected(i, c)
			return
		}
		w.clientReady(i, c)
	case zab.ClientReply:
		if c.busy && m.Cxid == c.cxid {
			w.clientReply(i, c, m)
		}
	}
}

func (w *World) clientReply(i int, c *Client, m *zab.ClientMsg) {
	if c.recipe != nil {
		w.recipeReply(i, c, ClientEvent{Kind: ClientCompleted, Server: c.server, Zxid: m.Zxid, Result: m.Result})
		return
	}
	op := w.scriptOp(c)
	index := c.script.Index()
	c.script.Answer(&client.Response{Code: client.Code(m.Result.Err), Data: m.Result.Data, Stat: client.Stat{Version: m.Result.Version}})
	if c.script.Index() == index { // a sync-get whose sync is done
		synced := m.Zxid
		c.busy, c.started = false, true
		w.clientInvoke(i, c)
		c.synced = synced
		return
	}
	c.busy, c.started = false, false
	w.clientEvent(ClientEvent{Kind: ClientCompleted, Client: i, Op: op, Server: c.server, Zxid: m.Zxid, SyncZxid: c.synced, Result: m.Result})
	w.clientReady(i, c)
}

func (w *World) clientReady(i int, c *Client) {
	if _, _, more := c.script.Next(); more {
		w.notice(Notice{Op: NoticeClient, Arg: uint32(i), Alt: uint8(ActNext)})
	}
}
