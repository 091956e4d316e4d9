package sim

import (
	"fmt"

	"zabsim/internal/fp"
	"zabsim/sim/client"
	"zabsim/sim/cnxn"
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
	ActDial    ClientAct = iota // open a connection to the next server
	ActNext                     // start the next operation
	ActPing                     // keep the connection alive
	ActRead                     // nothing was heard for too long: drop the connection
	ActConnect                  // the dial or the handshake takes too long
	ActExpire                   // nothing was heard for so long that the session must be gone
	actCount
)

// String returns the act's name.
func (a ClientAct) String() string {
	if a >= ActAlarm {
		return "alarm"
	}
	return [...]string{"dial", "next", "ping", "read-timeout", "connect-timeout", "expire"}[a]
}

// timerActs are the acts that the client library's timers are for.
var timerActs = [cnxn.TimerCount]ClientAct{
	cnxn.TimerBackoff: ActDial, cnxn.TimerConnect: ActConnect, cnxn.TimerRead: ActRead,
	cnxn.TimerPing: ActPing, cnxn.TimerExpire: ActExpire,
}

// Client is one client of the ensemble: the client library, and a script or a
// recipe that uses it.
type Client struct {
	lib      cnxn.Client
	script   client.ScriptClient
	recipe   *recipe // runs instead of the script; nil: none
	busy     bool    // an operation of the script is under way
	started  bool    // a call of the operation was answered already: the get after a sync
	server   quorum.ServerID
	sessions uint32    // how many it has had before this one
	synced   zxid.Zxid // header zxid of the sync of a sync-get
}

// ClientEventKind is the kind of a ClientEvent.
type ClientEventKind uint8

// The client events.
const (
	ClientInvoked   ClientEventKind = iota // an operation starts
	ClientCompleted                        // with a known result
	ClientLost                             // outcome unknown
	ClientNoted                            // a recipe says Word and Detail
	ClientWatched                          // a watch event reaches a recipe
	ClientOpened                           // the client of a recipe has a new connection
)

// ClientEvent is what a history records.
type ClientEvent struct {
	Kind     ClientEventKind
	Client   int
	Session  uint32 // how many sessions the client has had before
	Op       *client.ScriptOp
	Version  int32 // Invoked: the version that a compare-and-set asks for
	Server   quorum.ServerID
	Zxid     zxid.Zxid
	SyncZxid zxid.Zxid
	Result   txn.Result

	// Of a recipe.
	Task         int
	Call         client.Op
	Req          *txn.Request // Completed, Lost: as it was sent; nil if it was not
	Sent         bool         // Completed, Lost: it left the client
	Event        client.Event // Watched
	Word, Detail string
}

// CloneInto makes dst an independent copy.
func (c *Client) CloneInto(dst *Client) {
	own, lib := dst.recipe, dst.lib
	c.lib.CloneInto(&lib)
	*dst = *c
	dst.lib = lib
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
	h := fp.New(0x434C).Word(uint64(c.lib.Fingerprint())).Word(uint64(c.server)<<32 | uint64(c.sessions)).
		Bool(c.busy).Bool(c.started).Word(uint64(c.synced))
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

// Connected tells whether the client has a connection on which it was answered.
func (c *Client) Connected() bool { return c.lib.Connected() }

// Server returns the server that the client is connected to, or dialing; 0 if it
// has none.
func (c *Client) Server() quorum.ServerID { return c.server }

// clientAct performs act of client i.
func (w *World) clientAct(i int, act ClientAct) {
	c := w.client(i)
	out := w.libBegin()
	switch act {
	case ActDial:
		if !c.lib.Started() {
			c.lib.Start(out)
			if c.recipe != nil {
				w.recipeBegin(i, c)
			}
			break
		}
		c.lib.TimerFired(cnxn.TimerBackoff, out)
	case ActNext:
		if c.lib.Connected() && !c.busy && c.recipe == nil {
			w.clientInvoke(i, c)
		}
	case ActPing:
		c.lib.TimerFired(cnxn.TimerPing, out)
	case ActRead:
		c.lib.TimerFired(cnxn.TimerRead, out)
	case ActConnect:
		c.lib.TimerFired(cnxn.TimerConnect, out)
	case ActExpire:
		c.lib.TimerFired(cnxn.TimerExpire, out)
	default:
		w.recipeAlarm(i, c, act)
	}
	w.libEnd(i, c)
}

// libBegin empties the list of what a client's library wants done. An input that
// follows from another's effects appends to the same list.
func (w *World) libBegin() *cnxn.Out {
	w.lib.Reset()
	return &w.lib
}

// libEnd does what the library wants, in order.
func (w *World) libEnd(i int, c *Client) {
	out := &w.lib
	for k := 0; k < len(out.Effects); k++ {
		if k == instantMax && c.recipe != nil && c.recipe.err == nil {
			c.recipe.fail(0, fmt.Sprintf("%d calls in a row that fail at once: nothing else would ever happen", k))
		}
		e := out.Effects[k]
		switch e.Kind {
		case cnxn.Dial:
			c.server = w.setup.order(i, e.Server)
			w.dial(ClientEnd(i), Endpoint(c.server), zab.PlaneClient)
		case cnxn.Abandon:
			w.abandon(ClientEnd(i), Endpoint(w.setup.order(i, e.Server)), zab.PlaneClient)
		case cnxn.Send:
			m := zab.Msg{Plane: zab.PlaneClient, Client: *out.Msg(&e)}
			w.send(ClientEnd(i), e.Conn, &m)
		case cnxn.Close:
			w.close(ClientEnd(i), e.Conn)
		case cnxn.SetTimer:
			if e.Timer == cnxn.TimerBackoff {
				c.server = 0
			}
			w.notice(Notice{Op: NoticeClient, Arg: uint32(i), Alt: uint8(timerActs[e.Timer]), After: e.After, Jitter: e.Jitter})
		case cnxn.StopTimer:
			w.notice(Notice{Op: NoticeQuiet, Arg: uint32(i), Alt: uint8(timerActs[e.Timer])})
		case cnxn.Complete:
			w.clientAnswer(i, c, out.Completion(&e))
		case cnxn.Notify:
			if c.recipe != nil {
				w.recipeEvent(i, c, out.Event(&e))
			}
		case cnxn.NewState:
			w.clientState(i, c, e.State)
		}
	}
}

// clientState follows the state of the session. A script goes on in a new one when
// its session has expired, as a new ZooKeeper object would.
func (w *World) clientState(i int, c *Client, s client.State) {
	switch {
	case c.recipe != nil:
		w.recipeState(i, c, s)
	case s == client.Connected:
		w.clientReady(i, c)
	case s == client.Suspended || s == client.Connecting:
		w.notice(Notice{Op: NoticeQuiet, Arg: uint32(i), Alt: uint8(ActNext)})
	case s == client.Expired:
		c.server = 0
		c.sessions++
		w.notice(Notice{Op: NoticeQuiet, Arg: uint32(i), Alt: uint8(ActNext)})
		c.lib.Submit(&client.Call{Op: client.OpNewSession}, tagSession, 0, &w.lib)
	}
}

// tagSession marks the calls that the host makes for a session of its own accord.
const tagSession = 1<<32 - 1

// clientInvoke starts the next operation of the script.
func (w *World) clientInvoke(i int, c *Client) {
	call, _, more := c.script.Next()
	if !more {
		return
	}
	c.busy, c.synced = true, 0
	if !c.started {
		w.clientEvent(ClientEvent{Kind: ClientInvoked, Client: i, Session: c.sessions, Op: w.scriptOp(c), Version: call.Version, Server: c.server})
	}
	c.lib.Submit(&call, 0, 0, &w.lib)
}

func (w *World) scriptOp(c *Client) *client.ScriptOp {
	return c.script.Script().At(c.script.Index())
}

// clientOpened is told that the dial succeeded.
func (w *World) clientOpened(i int, conn host.ConnID) {
	c := w.client(i)
	if c.recipe != nil {
		w.clientEvent(ClientEvent{Kind: ClientOpened, Client: i, Server: c.server})
	}
	c.lib.DialDone(conn, w.libBegin())
	w.libEnd(i, c)
}

// clientClosed is told that a connection of its own, or its dial, is gone.
func (w *World) clientClosed(i int, conn host.ConnID) {
	c := w.client(i)
	out := w.libBegin()
	if conn == 0 {
		c.lib.DialFailed(out)
	} else {
		c.lib.ConnClosed(conn, out)
	}
	w.libEnd(i, c)
}

// clientReceived takes a message from the server.
func (w *World) clientReceived(i int, conn host.ConnID, m *zab.ClientMsg) {
	c := w.client(i)
	c.lib.Received(conn, m, w.libBegin())
	w.libEnd(i, c)
}

// lost tells whether a request ended without an answer although it was sent.
func lost(d *cnxn.Completion) bool {
	if !d.Sent || d.Zxid != 0 {
		return false
	}
	return d.Code == txn.ConnectionLoss || d.Code == txn.SessionExpired || d.Code == txn.AuthFailed
}

// clientAnswer takes the end of an operation.
func (w *World) clientAnswer(i int, c *Client, d *cnxn.Completion) {
	switch {
	case c.recipe != nil:
		w.recipeAnswer(i, c, d)
		return
	case d.Tag == tagSession:
		return
	}
	op, index := w.scriptOp(c), c.script.Index()
	e := ClientEvent{Kind: ClientCompleted, Client: i, Session: c.sessions, Op: op, Server: c.server, Zxid: d.Zxid, Result: d.Result}
	if lost(d) {
		c.busy, c.started = false, false
		e.Kind, e.Result = ClientLost, txn.Result{Err: txn.ConnectionLoss}
		w.clientEvent(e)
		c.script.Answer(&client.Response{Code: client.ErrConnectionLoss})
		return
	}
	c.script.Answer(&d.Response)
	if c.script.Index() == index { // a sync-get whose sync is done
		c.busy, c.started = false, true
		w.clientInvoke(i, c)
		c.synced = d.Zxid
		return
	}
	c.busy, c.started = false, false
	e.SyncZxid = c.synced
	w.clientEvent(e)
	w.clientReady(i, c)
}

func (w *World) clientReady(i int, c *Client) {
	if _, _, more := c.script.Next(); more && c.lib.Connected() {
		w.notice(Notice{Op: NoticeClient, Arg: uint32(i), Alt: uint8(ActNext)})
	}
}
