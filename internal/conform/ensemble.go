package conform

import (
	"math/bits"

	"zabsim/election"
	"zabsim/internal/conform/trace"
	"zabsim/zab"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// ensemble drives several servers with ZAB between them, the highest of which leads.
// Links and disks are instant, and every call runs until nobody has anything to do,
// so that all servers have applied what one of them was asked to.
//
// Sessions are spread over the servers, and each new connection of a session goes to
// the next one, unless it has one that is still open: only the server that has both
// ends the older at once. What is more, a session without watches and identities of
// its own moves before each of its requests: behind the back of the trace it connects
// to the next server and goes on there.
//
// Releases in which checkWatches sees the watches of other sessions at the same
// server answer it by who is where. Traces that ask keep all sessions at one
// follower.
type ensemble struct {
	n       int
	nodes   [quorum.Slots]node
	now     host.Time
	links   []link // between servers; index + 1 is the ConnID of both ends
	clients []visit
	homes   map[string]quorum.ServerID // where the last connection of a label went
	latest  map[string]host.ConnID     // the last connection of a label
	stay    bool                       // all sessions are at one server
	out     zab.Effects
	heard   []Happening
	sent    []Happening
	last    zxid.Zxid
	held    bool     // disks report nothing
	illegal []string // what servers have done that they must not
}

// node is one server and what belongs to its machine.
type node struct {
	cfg    zab.Config
	disk   *disk
	server *zab.Server
	timers [zab.TimerCount]host.Time // 0: not set
	done   []zab.Token
}

// link is a connection between two servers; a dialed.
type link struct {
	a, b  quorum.ServerID
	open  bool
	queue []parcel
}

type parcel struct {
	to  quorum.ServerID
	msg zab.Msg
}

// visit is a connection of a client as the trace knows it, and where it really is.
type visit struct {
	at      quorum.ServerID
	conn    host.ConnID // there
	open    bool
	settled bool // has watches or identities that a move would lose
	quiet   bool // it is being moved: the handshake is none of the trace's business
	connect zab.Connect
	session txn.SessionID
	seen    zxid.Zxid
	moves   int
}

// clientConns is where the ConnIDs of clients begin, out of the way of the links.
const clientConns host.ConnID = 1 << 20

// NewEnsemble starts n servers with the settings of a trace and the bugs of a
// release, and lets the highest lead.
func NewEnsemble(n int, t *trace.Trace, bugs bug.Set, machine Machine) (System, error) {
	s := t.Settings
	q := quorum.Majority(n)
	e := &ensemble{n: n, homes: map[string]quorum.ServerID{}, latest: map[string]host.ConnID{}}
	e.stay = bugs.Has(bug.CheckWatchesOfAnybody) && asks(t.Steps)
	initial := zab.NewSnapshot(0, 0, 0, machine(s, bugs))
	for id := quorum.ServerID(1); int(id) <= n; id++ {
		d := &e.nodes[id]
		d.cfg = zab.DefaultConfig(id, q)
		configure(&d.cfg, s, bugs)
		d.cfg.OracleElection = true
		d.disk = newDisk(initial)
		boot, err := zab.Recover(d.disk.image())
		if err != nil {
			return nil, err
		}
		d.server = zab.New(&d.cfg, &boot)
		e.step(id, zab.Input{Kind: zab.Started})
	}
	leader := quorum.ServerID(n)
	for id := leader; id > 0; id-- {
		e.step(id, zab.Input{Kind: zab.Elected, Peer: leader, Vote: election.Vote{Leader: leader}})
	}
	e.settle()
	e.last = e.nodes[leader].server.Status().LastProcessed
	return e, nil
}

func (e *ensemble) leader() quorum.ServerID { return quorum.ServerID(e.n) }

// Dial implements System.
func (e *ensemble) Dial(label string) (host.ConnID, bool) {
	home := e.homes[label]%quorum.ServerID(e.n) + 1
	switch c := e.latest[label]; {
	case e.stay:
		home = 1
	case c != 0 && e.visit(c).open:
		home = e.visit(c).at
	case e.homes[label] == 0:
		home = quorum.ServerID(len(e.homes)%e.n + 1)
	}
	e.homes[label] = home
	e.clients = append(e.clients, visit{at: home, open: true})
	c := clientConns + host.ConnID(len(e.clients))
	e.clients[len(e.clients)-1].conn = c
	e.latest[label] = c
	return c, true
}

// asks tells whether steps ask for watches by path.
func asks(steps []trace.Step) bool {
	for i := range steps {
		for _, op := range append([]trace.Op{steps[i].Op}, steps[i].Op.Ops...) {
			if op.Name == "checkWatches" {
				return true
			}
		}
	}
	return false
}

// visit returns the connection that the trace calls c.
func (e *ensemble) visit(c host.ConnID) *visit { return &e.clients[c-clientConns-1] }

// Send implements System.
func (e *ensemble) Send(c host.ConnID, msgs []zab.ClientMsg) {
	v := e.visit(c)
	for i := range msgs {
		m := &msgs[i]
		switch {
		case m.Kind == zab.ConnectRequest && m.Connect != nil:
			v.connect = *m.Connect
		case m.Kind == zab.ClientRequest && m.Req != nil:
			v.settled = v.settled || binds(m.Req)
		}
	}
	if v.session != 0 && v.open && !v.settled && !e.stay && msgs[0].Kind == zab.ClientRequest {
		e.move(v)
	}
	for i := range msgs {
		e.step(v.at, zab.Input{Kind: zab.Received, Plane: zab.PlaneClient, Conn: v.conn, Msg: &zab.Msg{Plane: zab.PlaneClient, Client: msgs[i]}})
	}
	e.settle()
}

// binds tells whether a request leaves something with its connection, or asks about
// what is there.
func binds(r *txn.Request) bool {
	switch r.Op {
	case txn.OpAuth, txn.OpAddWatch, txn.OpSetWatches, txn.OpSetWatches2, txn.OpCheckWatches, txn.OpRemoveWatches:
		return true
	}
	return r.Watch
}

// move takes a session to the next server, as a client does that has lost its own.
func (e *ensemble) move(v *visit) {
	old, from := v.conn, v.at
	v.moves++
	v.at = from%quorum.ServerID(e.n) + 1
	v.conn = old + 1<<10 // another connection, with the same name in the trace
	v.quiet = true
	e.step(from, zab.Input{Kind: zab.Closed, Plane: zab.PlaneClient, Conn: old})
	hello := zab.ClientMsg{Kind: zab.ConnectRequest, Session: v.session, Zxid: v.seen, Connect: &v.connect}
	e.step(v.at, zab.Input{Kind: zab.Received, Plane: zab.PlaneClient, Conn: v.conn, Msg: &zab.Msg{Plane: zab.PlaneClient, Client: hello}})
	e.settle()
	v.quiet = false
}

// HangUp implements System.
func (e *ensemble) HangUp(c host.ConnID) {
	v := e.visit(c)
	v.open = false
	e.step(v.at, zab.Input{Kind: zab.Closed, Plane: zab.PlaneClient, Conn: v.conn})
	e.settle()
}

// Drop implements System.
func (e *ensemble) Drop(c host.ConnID) {
	v := e.visit(c)
	e.step(v.at, zab.Input{Kind: zab.DropClient, Plane: zab.PlaneClient, Conn: v.conn})
	e.settle()
}

// Expire implements System.
func (e *ensemble) Expire(id txn.SessionID) {
	e.step(e.leader(), zab.Input{Kind: zab.ExpireSession, Session: id})
	e.settle()
}

// CheckContainers implements System.
func (e *ensemble) CheckContainers(maxNeverUsedMillis int64) {
	e.step(e.leader(), zab.Input{Kind: zab.CheckContainers, MaxNeverUsedMillis: maxNeverUsedMillis})
	e.settle()
}

// Sleep implements System.
func (e *ensemble) Sleep(d host.Duration) {
	end := e.now.Add(d)
	for {
		var who quorum.ServerID
		first, at := 0, end
		for id := quorum.ServerID(1); int(id) <= e.n; id++ {
			for t, when := range e.nodes[id].timers {
				if when != 0 && when <= at && (who == 0 || when < at) {
					who, first, at = id, t, when
				}
			}
		}
		if who == 0 {
			break
		}
		e.now, e.nodes[who].timers[first] = max(e.now, at), 0
		e.step(who, zab.Input{Kind: zab.TimerFired, Timer: zab.TimerID(first)})
		e.settle()
	}
	e.now = max(e.now, end)
}

// Restart implements System. Traces that restart are not for ensembles.
func (e *ensemble) Restart() error { return ErrNotBuilt }

// Take implements System.
func (e *ensemble) Take() []Happening {
	e.heard, e.sent = e.sent[:0], e.heard
	return e.sent
}

// Last implements System.
func (e *ensemble) Last() zxid.Zxid { return e.last }

// Machine implements System: that of a follower, if there is one.
func (e *ensemble) Machine() txn.StateMachine { return e.nodes[1].server.Machine() }

// settle runs all servers until nobody has anything to do.
func (e *ensemble) settle() {
	for e.turn() {
	}
}

// turn lets one thing happen; false if there is nothing.
func (e *ensemble) turn() bool {
	for i := range e.links {
		if l := &e.links[i]; len(l.queue) > 0 {
			p := l.queue[0]
			l.queue = l.queue[1:]
			from := l.a + l.b - p.to
			e.step(p.to, zab.Input{Kind: zab.Received, Plane: zab.PlaneQuorum, Conn: host.ConnID(i + 1), Peer: from, Msg: &p.msg})
			return true
		}
	}
	for id := quorum.ServerID(1); int(id) <= e.n; id++ {
		d := &e.nodes[id]
		if len(d.done) > 0 && !e.held {
			t := d.done[0]
			d.done = d.done[1:]
			e.step(id, zab.Input{Kind: zab.DiskDone, Token: t})
			return true
		}
		if lanes := d.server.Runnable(); lanes != 0 {
			lane := zab.Lane(bits.TrailingZeros32(uint32(lanes)))
			if lane == zab.LanePrep {
				e.now = e.now.Add(host.Millisecond)
			}
			e.step(id, zab.Input{Kind: zab.RunLane, Lane: lane})
			return true
		}
	}
	return false
}

func (e *ensemble) step(id quorum.ServerID, in zab.Input) {
	d := &e.nodes[id]
	in.Now, in.Wall = e.now, firstWall+int64(e.now)
	e.out.Reset()
	d.server.Step(&in, &e.out)
	for _, p := range e.out.Probes() {
		if p.Kind == zab.ProbeDeliver && p.Zxid > e.last {
			e.last = p.Zxid
			e.heard = append(e.heard, Happening{Txn: p.Txn})
		}
		if p.Kind == zab.ProbeIllegal {
			e.illegal = append(e.illegal, p.Flag.String()+": "+p.Reason)
		}
	}
	list := append([]zab.Effect(nil), e.out.List()...) // dials step other servers
	for i := range list {
		e.perform(id, &list[i])
	}
}

func (e *ensemble) perform(id quorum.ServerID, f *zab.Effect) {
	d := &e.nodes[id]
	switch f.Op {
	case zab.OpDial:
		e.dial(id, f.Peer)
	case zab.OpSend:
		e.send(id, f)
	case zab.OpClose:
		e.closed(id, f.Conn)
	case zab.OpSetTimer:
		d.timers[f.Timer] = e.now.Add(f.After)
	case zab.OpStopTimer:
		d.timers[f.Timer] = 0
	case zab.OpDisk:
		if d.disk.do(&f.Disk) {
			d.done = append(d.done, f.Disk.Token)
		}
	}
}

func (e *ensemble) dial(from, to quorum.ServerID) {
	if !e.nodes[to].server.Accepts(zab.PlaneQuorum) {
		e.step(from, zab.Input{Kind: zab.DialFailed, Plane: zab.PlaneQuorum, Peer: to})
		return
	}
	e.links = append(e.links, link{a: from, b: to, open: true})
	c := host.ConnID(len(e.links))
	e.step(to, zab.Input{Kind: zab.Opened, Plane: zab.PlaneQuorum, Conn: c, Peer: from, Incoming: true})
	e.step(from, zab.Input{Kind: zab.Opened, Plane: zab.PlaneQuorum, Conn: c, Peer: to})
}

func (e *ensemble) send(id quorum.ServerID, f *zab.Effect) {
	if f.Conn < clientConns {
		l := &e.links[f.Conn-1]
		l.queue = append(l.queue, parcel{to: l.a + l.b - id, msg: f.Msg})
		return
	}
	c, v := e.named(id, f.Conn)
	if v == nil {
		return
	}
	m := f.Msg.Client
	if m.Kind == zab.ConnectResponse && m.Session != 0 {
		v.session = m.Session
		if m.Connect != nil {
			v.connect.Password = m.Connect.Password
		}
	}
	if m.Kind != zab.ClientEvent {
		v.seen = max(v.seen, m.Zxid)
	}
	if !v.quiet {
		e.heard = append(e.heard, Happening{Conn: c, Msg: &m})
	}
}

// named returns the connection of a client that a server calls conn.
func (e *ensemble) named(id quorum.ServerID, conn host.ConnID) (host.ConnID, *visit) {
	for i := range e.clients {
		if v := &e.clients[i]; v.open && v.at == id && v.conn == conn {
			return clientConns + host.ConnID(i+1), v
		}
	}
	return 0, nil
}

func (e *ensemble) closed(id quorum.ServerID, conn host.ConnID) {
	if conn < clientConns {
		return // servers do not part while no fault is active
	}
	if c, v := e.named(id, conn); v != nil {
		v.open = false
		e.heard = append(e.heard, Happening{Conn: c, Closed: true})
	}
}
