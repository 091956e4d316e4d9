package zab

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"zabsim/election"
	"zabsim/internal/fp"
	"zabsim/tree/register"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// rig is a tiny host for a few servers: FIFO connections, disks that finish when
// told, timers that fire when told, and an oracle instead of the election. Every
// step is taken twice, by the server and by a clone of it, which must do the same
// and leave the server alone.
type rig struct {
	t        testing.TB
	servers  [quorum.Slots]*Server
	cfgs     [quorum.Slots]Config
	disks    [quorum.Slots]*rigDisk
	timers   [quorum.Slots][TimerCount]host.Duration // 0: does not run
	conns    []*rigConn
	held     [quorum.Slots]bool                          // disks that finish nothing
	slow     [quorum.Slots]bool                          // log writers that finish nothing
	stuck    func(from, to quorum.ServerID, m *Msg) bool // messages that stay where they are
	byHand   bool                                        // the story runs the lanes
	now      host.Time                                   // of all servers; stories let it pass
	lines    []string                                    // what happened, "n2 send ACK 1.0 to n1"
	probes   []Probe
	illegal  []string
	exits    []quorum.ServerID // who ended its process; the rig leaves it there
	out, two Effects
	shadow   Server
}

// rigConn is a connection. Side 0 dialed, side 1 accepted; a client is n0.
type rigConn struct {
	plane  Plane
	side   [2]quorum.ServerID
	dialed bool // not answered yet
	open   [2]bool
	queue  [2][]Msg // towards side i
	client *rigClient
}

// rigDisk is a data directory.
type rigDisk struct {
	img     Image
	synced  int
	pending []DiskOp
}

func z(epoch zxid.Epoch, counter uint32) zxid.Zxid { return zxid.Make(epoch, counter) }

// tx returns a transaction that sets one register.
func tx(e zxid.Epoch, counter uint32) *txn.Txn {
	id := z(e, counter)
	return (&txn.Txn{Zxid: id, Session: 90, Cxid: counter, Op: txn.OpSetData, Version: int32(counter), Path: "/t", Data: id.String()}).Seal()
}

// txs returns transactions from (e,a) to (e,b).
func txs(e zxid.Epoch, a, b uint32) (list []*txn.Txn) {
	for ; a <= b; a++ {
		list = append(list, tx(e, a))
	}
	return list
}

func join(lists ...[]*txn.Txn) (all []*txn.Txn) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func emptySnapshot() *Snapshot { return NewSnapshot(0, 0, 0, register.New()) }

// imageOf returns a sound data directory that holds history.
func imageOf(accepted, current zxid.Epoch, history []*txn.Txn) Image {
	img := Image{
		Accepted: EpochFile{Present: true, Text: fmt.Sprint(uint32(accepted))},
		Current:  EpochFile{Present: true, Text: fmt.Sprint(uint32(current))},
		Snaps:    []*Snapshot{emptySnapshot()},
	}
	for _, t := range history {
		img.Records = append(img.Records, Record{Txn: t, Sum: t.Hash})
	}
	return img
}

// newRig returns n servers that are down and have empty disks.
func newRig(t testing.TB, n int, bugs ...bug.Switch) *rig {
	r := &rig{t: t}
	members := quorum.Majority(n)
	for id := quorum.ServerID(1); int(id) <= n; id++ {
		c := DefaultConfig(id, members)
		c.OracleElection = true
		for _, b := range bugs {
			c.Bugs = c.Bugs.With(b)
		}
		r.cfgs[id] = c
		r.disk(id, imageOf(0, 0, nil))
	}
	t.Cleanup(func() { require.Empty(t, r.illegal, "something arrived that must not") })
	return r
}

// disk gives a server that is down another data directory.
func (r *rig) disk(id quorum.ServerID, img Image) *rig {
	r.disks[id] = &rigDisk{img: img, synced: len(img.Records)}
	return r
}

// start boots servers from their disks.
func (r *rig) start(ids ...quorum.ServerID) *rig {
	for _, id := range ids {
		boot, err := Recover(&r.disks[id].img)
		require.NoError(r.t, err)
		r.servers[id] = New(&r.cfgs[id], &boot)
		r.step(id, Input{Kind: Started})
	}
	return r
}

// crash stops a server. Its disk keeps what is durable.
func (r *rig) crash(id quorum.ServerID) *rig {
	r.servers[id] = nil
	r.timers[id] = [TimerCount]host.Duration{}
	d := r.disks[id]
	d.img.Records, d.pending = d.img.Records[:d.synced], nil
	for i := range r.conns {
		r.hangUp(id, host.ConnID(i+1))
	}
	return r
}

// elect makes all servers decide for leader.
func (r *rig) elect(leader quorum.ServerID, followers ...quorum.ServerID) *rig {
	st := r.servers[leader].Status()
	v := election.Vote{Leader: leader, Zxid: st.LastProcessed, PeerEpoch: st.CurrentEpoch}
	for _, id := range append([]quorum.ServerID{leader}, followers...) {
		require.Equal(r.t, election.Looking, r.servers[id].state, "%v has a role", id)
		r.step(id, Input{Kind: Elected, Peer: leader, Vote: v})
	}
	return r
}

// ensemble returns n servers of which leader leads and the others follow.
func ensemble(t testing.TB, n int, leader quorum.ServerID) *rig {
	r := newRig(t, n)
	var followers []quorum.ServerID
	for id := quorum.ServerID(1); int(id) <= n; id++ {
		r.start(id)
		if id != leader {
			followers = append(followers, id)
		}
	}
	r.elect(leader, followers...).settle()
	require.True(t, r.servers[leader].serving)
	r.take()
	return r
}

func (r *rig) step(id quorum.ServerID, in Input) {
	s := r.servers[id]
	in.Now, in.Wall = r.now, int64(len(r.lines))
	s.CloneInto(&r.shadow)
	before := s.Fingerprint()
	require.Equal(r.t, before, r.shadow.Fingerprint(), "clone of %v", id)
	run := func(s *Server, out *Effects) {
		in := in
		out.Reset()
		s.Step(&in, out)
		if !r.byHand {
			s.Drain(&in, out)
		}
	}
	run(&r.shadow, &r.two)
	require.Equal(r.t, before, s.Fingerprint(), "%v changes with its clone", id)
	run(s, &r.out)
	require.Equal(r.t, s.Fingerprint(), r.shadow.Fingerprint(), "%v and its clone", id)
	require.Equal(r.t, len(r.out.list), len(r.two.list))
	for i := range r.out.list {
		require.Equal(r.t, r.describe(&r.out.list[i]), r.describe(&r.two.list[i]), "%v and its clone", id)
	}
	require.Equal(r.t, s.Status(), r.shadow.Status())
	for _, p := range r.out.Probes() {
		r.probes = append(r.probes, p)
		if p.Kind == ProbeIllegal {
			r.illegal = append(r.illegal, fmt.Sprintf("%v: %s (%v)", id, p.Reason, p.Zxid))
		}
	}
	for i := range r.out.list {
		r.perform(id, &r.out.list[i])
	}
}

func (r *rig) log(id quorum.ServerID, format string, args ...any) {
	if line := fmt.Sprintf(format, args...); line != "" {
		r.lines = append(r.lines, fmt.Sprintf("%v %s", id, line))
	}
}

// take returns what happened since the last call, of one server without its name
// or of all.
func (r *rig) take(ids ...quorum.ServerID) []string {
	got := []string{}
	for _, l := range r.lines {
		if len(ids) == 0 {
			got = append(got, l)
		} else if rest, ok := strings.CutPrefix(l, ids[0].String()+" "); ok {
			got = append(got, rest)
		}
	}
	r.lines = r.lines[:0]
	return got
}

// describe writes an effect; timers and dials are not of interest in stories.
func (r *rig) describe(e *Effect) string {
	switch e.Op {
	case OpSend:
		return "send " + describeMsg(&e.Msg)
	case OpDisk:
		return "disk " + describeOp(&e.Disk)
	case OpClose:
		return "close"
	}
	return ""
}

func describeMsg(m *Msg) string {
	switch m.Plane {
	case PlaneQuorum:
		p := &m.Packet
		text := p.Type.String() + " " + p.Zxid.String()
		switch {
		case p.Type == AckEpoch && p.Epoch == zxid.NoEpoch:
			text += " e-1"
		case p.Type == AckEpoch:
			text += fmt.Sprintf(" e%d", p.Epoch)
		}
		if p.NeedSnap {
			text += " needSnap"
		}
		if p.Snap != nil {
			text += " last " + p.Snap.Last.String()
		}
		if p.Req != nil {
			text += fmt.Sprintf(" s%d#%d", p.Req.Session, p.Req.Cxid)
		}
		return text
	case PlaneClient:
		c := &m.Client
		if c.Kind == ClientReply {
			return fmt.Sprintf("reply s%d#%d %v %v %q", c.Session, c.Cxid, c.Op, c.Result.Err, c.Result.Data)
		}
		return fmt.Sprintf("client %d", c.Kind)
	}
	return "note"
}

func describeOp(op *DiskOp) string {
	switch op.Kind {
	case DiskAppend:
		return "append " + op.Txn.Zxid.String()
	case DiskAcceptedEpoch, DiskCurrentEpoch:
		return fmt.Sprintf("%v %d", op.Kind, op.Epoch)
	case DiskSnapshot:
		return fmt.Sprintf("snapshot %v last %v fence %v", op.Snap.Name, op.Snap.Last, op.Fence)
	case DiskTruncate:
		return "truncate " + op.Zxid.String()
	}
	return op.Kind.String()
}

func (r *rig) perform(id quorum.ServerID, e *Effect) {
	r.log(id, "%s", r.describe(e))
	switch e.Op {
	case OpDial:
		r.conns = append(r.conns, &rigConn{plane: e.Plane, side: [2]quorum.ServerID{id, e.Peer}, dialed: true})
	case OpAbandon:
		for _, c := range r.conns {
			if c.side[0] == id && c.plane == e.Plane {
				c.dialed = false
			}
		}
	case OpSend:
		if c, me := r.end(id, e.Conn); c != nil && c.open[me] && c.open[1-me] {
			c.queue[1-me] = append(c.queue[1-me], e.Msg)
		}
	case OpClose:
		r.hangUp(id, e.Conn)
	case OpSetTimer:
		r.timers[id][e.Timer] = e.After
	case OpStopTimer:
		r.timers[id][e.Timer] = 0
	case OpDisk:
		r.disks[id].start(&e.Disk)
	case OpExit:
		r.exits = append(r.exits, id)
	}
}

// end finds a server's side of a connection.
func (r *rig) end(id quorum.ServerID, c host.ConnID) (*rigConn, int) {
	if c == 0 || int(c) > len(r.conns) {
		return nil, 0
	}
	conn := r.conns[c-1]
	for side := range conn.side {
		if conn.side[side] == id {
			return conn, side
		}
	}
	return nil, 0
}

// hangUp closes a server's side: what was on its way to it is lost.
func (r *rig) hangUp(id quorum.ServerID, c host.ConnID) {
	if conn, me := r.end(id, c); conn != nil {
		conn.open[me], conn.dialed = false, false
		conn.queue[me] = nil
		if conn.client != nil {
			conn.client.closed = true
		}
	}
}

func (d *rigDisk) start(op *DiskOp) {
	if op.Kind == DiskAppend {
		d.img.Records = append(d.img.Records, Record{Txn: op.Txn, Sum: op.Txn.Hash})
		return
	}
	if op.Kind == DiskRoll {
		return // one file is enough for this rig
	}
	for _, p := range d.pending {
		if p.Token == op.Token {
			panic("two disk operations of one thread: " + describeOp(&p) + ", " + describeOp(op))
		}
	}
	d.pending = append(d.pending, *op)
	if op.Kind == DiskFsync {
		d.pending[len(d.pending)-1].Zxid = zxid.Zxid(len(d.img.Records))
	}
}

func (d *rigDisk) complete(op *DiskOp) {
	switch op.Kind {
	case DiskFsync:
		d.synced = max(d.synced, min(int(op.Zxid), len(d.img.Records)))
	case DiskAcceptedEpoch:
		d.img.Accepted = EpochFile{Present: true, Text: fmt.Sprint(uint32(op.Epoch))}
	case DiskCurrentEpoch:
		d.img.Current = EpochFile{Present: true, Text: fmt.Sprint(uint32(op.Epoch))}
	case DiskSnapshot:
		var log Log // no story of this rig purges
		log.Reset(d.img.LogBase, d.img.LogChain)
		d.img.Snaps, _ = Install(d.img.Snaps, &log, op.Snap, op.Fence, op.Retain)
		if op.Fence {
			d.img.LogBase, d.img.LogChain, d.img.Records, d.synced = op.Snap.Last, op.Snap.Chain, nil, 0
		}
	case DiskTruncate:
		d.img.Snaps = DropAfter(d.img.Snaps, op.Zxid)
		for n := len(d.img.Records); n > 0 && d.img.Records[n-1].Txn.Zxid > op.Zxid; n-- {
			d.img.Records = d.img.Records[:n-1]
		}
		d.synced = min(d.synced, len(d.img.Records))
	}
}

// done finishes the oldest disk operation of a server.
func (r *rig) done(id quorum.ServerID) *rig {
	d := r.disks[id]
	require.NotEmpty(r.t, d.pending, "disk of %v", id)
	return r.finish(id, 0)
}

func (r *rig) finish(id quorum.ServerID, i int) *rig {
	d := r.disks[id]
	op := d.pending[i]
	d.pending = append(d.pending[:i:i], d.pending[i+1:]...)
	d.complete(&op)
	r.log(id, "done %s", describeOp(&op))
	r.step(id, Input{Kind: DiskDone, Token: op.Token})
	return r
}

// fire lets a timer fire, which must be running.
func (r *rig) fire(id quorum.ServerID, t TimerID) *rig {
	require.NotZero(r.t, r.timers[id][t], "%v does not run on %v", t, id)
	r.timers[id][t] = 0
	r.step(id, Input{Kind: TimerFired, Timer: t})
	return r
}

// settle lets everything happen that is not held.
func (r *rig) settle() *rig {
	for r.one() {
	}
	return r
}

func (r *rig) one() bool {
	for i := 0; i < len(r.conns); i++ {
		c, id := r.conns[i], host.ConnID(i+1)
		if target := r.servers[c.side[1]]; c.dialed && target != nil && target.Accepts(c.plane) {
			c.dialed, c.open = false, [2]bool{true, true}
			r.step(c.side[1], Input{Kind: Opened, Conn: id, Peer: c.side[0], Plane: c.plane, Incoming: true})
			if r.servers[c.side[0]] != nil {
				r.step(c.side[0], Input{Kind: Opened, Conn: id, Peer: c.side[1], Plane: c.plane})
			}
			return true
		}
		for me := range c.queue {
			if r.deliver(c, id, me) {
				return true
			}
		}
	}
	for id := quorum.ServerID(1); id <= quorum.Max; id++ {
		if r.disks[id] == nil || r.held[id] || r.servers[id] == nil {
			continue
		}
		for i, op := range r.disks[id].pending {
			if op.Token != TokenFlush || !r.slow[id] {
				r.finish(id, i)
				return true
			}
		}
	}
	return false
}

// deliver gives side me of a connection its next message, or the end.
func (r *rig) deliver(c *rigConn, id host.ConnID, me int) bool {
	to, from := c.side[me], c.side[1-me]
	if !c.open[me] {
		return false
	}
	if len(c.queue[me]) == 0 {
		if c.open[1-me] {
			return false
		}
		c.open[me] = false
		if to != 0 {
			r.step(to, Input{Kind: Closed, Conn: id, Plane: c.plane})
		}
		return true
	}
	m := c.queue[me][0]
	if r.stuck != nil && r.stuck(from, to, &m) {
		return false
	}
	c.queue[me] = c.queue[me][1:]
	if to == 0 {
		c.client.heard = append(c.client.heard, m.Client)
		return true
	}
	r.step(to, Input{Kind: Received, Conn: id, Peer: from, Plane: c.plane, Msg: &m})
	return true
}

// quorumConn returns the open connection between two servers.
func (r *rig) quorumConn(learner, leader quorum.ServerID) host.ConnID {
	for i, c := range r.conns {
		if c.plane == PlaneQuorum && c.side == [2]quorum.ServerID{learner, leader} && c.open[0] && c.open[1] {
			return host.ConnID(i + 1)
		}
	}
	r.t.Fatalf("%v has no connection to %v", learner, leader)
	return 0
}

// cut breaks the connection between two servers: both ends learn of it.
func (r *rig) cut(learner, leader quorum.ServerID) *rig {
	id := r.quorumConn(learner, leader)
	c := r.conns[id-1]
	c.open, c.queue = [2]bool{}, [2][]Msg{}
	r.step(learner, Input{Kind: Closed, Conn: id, Plane: PlaneQuorum})
	r.step(leader, Input{Kind: Closed, Conn: id, Plane: PlaneQuorum})
	return r
}

// rigClient is a client of one server.
type rigClient struct {
	r      *rig
	at     quorum.ServerID
	conn   host.ConnID
	id     txn.SessionID
	cxid   uint32
	heard  []ClientMsg
	closed bool
}

// client connects session id, which has seen zxid seen.
func (r *rig) client(at quorum.ServerID, id txn.SessionID, seen zxid.Zxid) *rigClient {
	c := &rigClient{r: r, at: at, id: id, conn: host.ConnID(len(r.conns) + 1)}
	r.conns = append(r.conns, &rigConn{plane: PlaneClient, side: [2]quorum.ServerID{0, at}, open: [2]bool{true, true}, client: c})
	c.say(ClientMsg{Kind: ConnectRequest, Session: id, Zxid: seen})
	return c
}

func (c *rigClient) say(m ClientMsg) {
	c.r.step(c.at, Input{Kind: Received, Conn: c.conn, Plane: PlaneClient, Msg: &Msg{Plane: PlaneClient, Client: m}})
}

func (c *rigClient) ask(op txn.Op, path, data string, version int32) uint32 {
	c.cxid++
	c.say(ClientMsg{Kind: ClientRequest, Session: c.id, Req: &txn.Request{
		Session: c.id, Cxid: c.cxid, Op: op, Path: path, Data: data, Version: version,
	}})
	return c.cxid
}

func (c *rigClient) set(path, data string) uint32 {
	return c.ask(txn.OpSetData, path, data, txn.AnyVersion)
}
func (c *rigClient) get(path string) uint32 { return c.ask(txn.OpGetData, path, "", 0) }
func (c *rigClient) sync() uint32           { return c.ask(txn.OpSync, "/", "", 0) }

// replies returns what the client heard as "1 setData OK", "2 getData OK x".
func (c *rigClient) replies() []string {
	got := []string{}
	for _, m := range c.heard {
		if m.Kind == ClientReply {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%d %v %v %s", m.Cxid, m.Op, m.Result.Err, m.Result.Data)))
		}
	}
	return got
}

// history returns the zxids in a server's log.
func (r *rig) history(id quorum.ServerID) []string {
	got := []string{}
	for l, i := r.servers[id].Log(), 0; i < l.Len(); i++ {
		got = append(got, l.At(i).Txn.Zxid.String())
	}
	return got
}

// sameState demands that servers have applied the same history.
func (r *rig) sameState(ids ...quorum.ServerID) {
	first := r.servers[ids[0]]
	for _, id := range ids[1:] {
		s := r.servers[id]
		require.Equal(r.t, first.applied, s.applied, "%v and %v", ids[0], id)
		require.Equal(r.t, first.chain, s.chain, "%v and %v", ids[0], id)
		require.Equal(r.t, first.sm.Digest(), s.sm.Digest(), "%v and %v", ids[0], id)
	}
}

// wantIllegal takes the illegal events that a story provokes.
func (r *rig) wantIllegal(want ...string) {
	require.Equal(r.t, want, r.illegal)
	r.illegal = nil
}

// probed returns the probes of a kind.
func (r *rig) probed(k ProbeKind) (got []Probe) {
	for _, p := range r.probes {
		if p.Kind == k {
			got = append(got, p)
		}
	}
	return got
}

// chainOf returns the fingerprint of a history.
func chainOf(history []*txn.Txn) (h fp.Hash) {
	for _, t := range history {
		h = ChainNext(h, t)
	}
	return h
}

// newRigConfig returns the configuration of server 1 of three.
func newRigConfig() Config {
	c := DefaultConfig(1, quorum.Majority(3))
	c.OracleElection = true
	return c
}
