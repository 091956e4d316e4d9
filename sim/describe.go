package sim

import (
	"strconv"

	"zabsim/internal/fp"
	"zabsim/sim/trace"
	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// describeChoice writes what is about to be applied into r.describe: only when
// somebody listens, because text costs more than the event.
func (r *Runner) describeChoice(c Choice, cause uint64) {
	r.World.Describe(c, &r.describe)
	r.describe.ID, r.describe.Cause, r.describe.At = r.events, cause, r.now
	r.deltas = r.deltas[:0]
}

// Describe says what c, which is about to be applied, will do: where, verb and
// detail. Who applies it knows the rest of the event.
func (w *World) Describe(c Choice, e *trace.Event) {
	*e = trace.Event{Node: trace.Node(c.Node)}
	switch c.Kind {
	case ChoiceDeliver:
		w.describeDeliver(int(c.Arg), e)
	case ChoiceConnect:
		conn := &w.Conns[c.Arg]
		e.Node, e.Verb = trace.Node(conn.B), "connect"
		e.Detail = conn.Plane.String() + " from " + endName(conn.A) + " c" + strconv.Itoa(int(c.Arg)+1)
		if s := w.Servers[conn.B.Server()]; s == nil || !s.Accepts(conn.Plane) {
			e.Node, e.Verb = trace.Node(conn.A), "refused"
			e.Detail = conn.Plane.String() + " by " + endName(conn.B)
		}
	case ChoiceTimer:
		e.Verb, e.Detail = "timer", zab.TimerID(c.Alt).String()
		e.Lane = timerLane(zab.TimerID(c.Alt))
	case ChoiceDisk:
		e.Lane, e.Verb, e.Detail = describeDisk(w.Disks[c.Node], zab.Token(c.Alt))
	case ChoiceDiskFail:
		e.Lane, _, e.Detail = describeDisk(w.Disks[c.Node], zab.Token(c.Alt))
		e.Verb = "fails"
	case ChoiceLane:
		e.Lane, e.Verb = zab.Lane(c.Alt).String(), "run"
		e.Detail = w.Servers[c.Node].Ahead(zab.Lane(c.Alt))
	case ChoiceClient:
		e.Node, e.Verb = trace.ClientNode(int(c.Arg)), ClientAct(c.Alt).String()
		e.Detail = w.describeAct(int(c.Arg), ClientAct(c.Alt))
	case ChoiceCrash, ChoiceReboot:
		o := OutcomeOf(c.Arg)
		e.Verb, e.Detail = c.Kind.String(), "keeps "+strconv.Itoa(int(o.Keep))+" of "+strconv.Itoa(w.Disks[c.Node].tail())+" unsynced"
		if o.Torn {
			e.Detail += ", tears the next"
		}
	case ChoiceRestart:
		e.Verb = "start"
	case ChoiceBreak:
		conn := &w.Conns[c.Arg]
		e.Verb, e.Detail = "reset", conn.Plane.String()+" "+endName(conn.A)+"-"+endName(conn.B)+" c"+strconv.Itoa(int(c.Arg)+1)
		if c.Alt != 0 {
			e.Node = trace.Node(Endpoint(c.Alt))
		}
		if conn.A.Client() > 0 {
			e.Node, e.Verb = trace.Node(conn.A), "hangup"
		}
	case ChoiceCut:
		e.Verb, e.Detail = "cut", "to "+quorum.ServerID(c.Alt).String()
	case ChoiceHeal:
		e.Verb, e.Detail = "heal", "to "+quorum.ServerID(c.Alt).String()
	case ChoiceElect:
		e.Verb, e.Detail = "elect", "with "+quorum.Set(c.Alt).String()
	default:
		w.describeTrouble(c, e)
	}
}

func timerLane(t zab.TimerID) string {
	switch {
	case t < zab.TimerTick:
		return "fle"
	case t >= zab.TimerHandler:
		return "h" + strconv.Itoa(int(t-zab.TimerHandler))
	}
	return "peer"
}

func endName(e Endpoint) string {
	if n := e.Client(); n > 0 {
		return "c" + strconv.Itoa(n)
	}
	return e.Server().String()
}

func (w *World) describeDeliver(q int, e *trace.Event) {
	conn := &w.Conns[q/2]
	from, to := conn.A, conn.B
	if q&1 == 1 {
		from, to = to, from
	}
	e.Node, e.Verb = trace.Node(to), "recv"
	tail := " <" + endName(from) + " c" + strconv.Itoa(q/2+1)
	queue := w.Queues[q]
	if queue.Len() == 0 {
		e.Verb, e.Detail = "closed", conn.Plane.String()+tail
		return
	}
	m := queue.Head()
	switch m.Plane {
	case zab.PlaneElection:
		e.Lane, e.Detail = "fle", m.Note.String()+tail
	case zab.PlaneQuorum:
		e.Lane, e.Detail = packetLane(&m.Packet, from), describePacket(&m.Packet)+tail
	default:
		e.Detail = describeClient(&m.Client) + tail
	}
}

func packetLane(p *zab.Packet, from Endpoint) string {
	switch p.Type {
	case zab.FollowerInfo, zab.AckEpoch, zab.Ack, zab.Request:
		return "h" + strconv.Itoa(int(from))
	}
	return "peer"
}

func describePacket(p *zab.Packet) string {
	b := append([]byte(p.Type.String()), ' ')
	b = p.Zxid.Append(b)
	switch {
	case p.Type == zab.AckEpoch && p.Epoch == zxid.NoEpoch:
		b = append(b, " epoch -1"...)
	case p.Type == zab.AckEpoch:
		b = strconv.AppendUint(append(b, " epoch "...), uint64(p.Epoch), 10)
	case p.Txn != nil:
		b = append(append(b, ' '), describeTxn(p.Txn)...)
	case p.Req != nil:
		b = append(append(b, ' '), describeRequest(p.Req)...)
	}
	return string(b)
}

func describeTxn(t *txn.Txn) string {
	if t.Op == txn.OpError {
		return "error " + t.Err.String()
	}
	return t.Op.String() + " " + t.Path + "=" + t.Data
}

func describeRequest(q *txn.Request) string {
	s := q.Op.String() + " " + q.Path
	if q.Op == txn.OpSetData {
		s += "=" + q.Data
		if q.Version != txn.AnyVersion {
			s += " if version " + strconv.Itoa(int(q.Version))
		}
	}
	return s + " #" + strconv.Itoa(int(q.Cxid))
}

func describeClient(m *zab.ClientMsg) string {
	switch m.Kind {
	case zab.ConnectRequest:
		return "connect, seen " + m.Zxid.String()
	case zab.ConnectResponse:
		return "connected at " + m.Zxid.String()
	case zab.ClientRequest:
		return describeRequest(m.Req)
	case zab.ClientReply:
		return "reply #" + strconv.Itoa(int(m.Cxid)) + " " + m.Result.Err.String() + " at " + m.Zxid.String()
	case zab.ClientPing:
		return "ping"
	}
	return "pong at " + m.Zxid.String()
}

func describeDisk(d *Disk, t zab.Token) (lane, verb, detail string) {
	switch t {
	case zab.TokenFlush:
		return "sync", "fsync", "log<=" + lastOf(d, d.flushTo)
	case zab.TokenSnap:
		return "snap", "write", "snapshot." + d.snapOp.Snap.Name.String()
	}
	switch d.op.Kind {
	case zab.DiskFsync:
		return "peer", "fsync", "log<=" + lastOf(d, d.log.Len())
	case zab.DiskSnapshot:
		return "peer", "write", "snapshot." + d.op.Snap.Name.String()
	case zab.DiskTruncate:
		return "peer", "truncate", "log after " + d.op.Zxid.String()
	}
	return "peer", "write", d.op.Kind.String() + "=" + strconv.Itoa(int(d.op.Epoch))
}

func lastOf(d *Disk, n int) string {
	if n == 0 || n > d.log.Len() {
		z, _ := d.log.Base()
		return z.String()
	}
	return d.log.At(n - 1).Txn.Zxid.String()
}

func (w *World) describeAct(i int, act ClientAct) string {
	c := w.Clients[i]
	if act != ActDial && c.recipe != nil {
		return c.recipe.describe(act)
	}
	switch act {
	case ActDial:
		return w.setup.order(i, c.lib.Upcoming()).String()
	case ActNext:
		if _, _, more := c.script.Next(); more {
			op := c.script.Script().At(c.script.Index())
			return op.Kind.String() + " " + op.Key + " " + op.Value
		}
	}
	return ""
}

// statusDelta notes which facts of a server have changed.
func (r *Runner) statusDelta(id quorum.ServerID, old, now *zab.Status) {
	d := deltas{node: trace.Node(id), list: r.deltas}
	d.text("state", old.State.String(), now.State.String())
	d.text("phase", old.Phase.String(), now.Phase.String())
	d.bool("serving", old.Serving, now.Serving)
	d.bool("stopping", old.Stopping, now.Stopping)
	d.text("leader", serverOrNone(old.Leader), serverOrNone(now.Leader))
	d.text("mode", old.Mode.String(), now.Mode.String())
	d.num("round", uint64(old.Round), uint64(now.Round))
	d.num("accepted", uint64(old.AcceptedEpoch), uint64(now.AcceptedEpoch))
	d.num("current", uint64(old.CurrentEpoch), uint64(now.CurrentEpoch))
	d.num("epoch", uint64(old.Epoch), uint64(now.Epoch))
	d.zxid("processed", old.LastProcessed, now.LastProcessed)
	d.zxid("applied", old.Applied, now.Applied)
	d.zxid("logged", old.LastLogged, now.LastLogged)
	d.zxid("proposed", old.LastProposed, now.LastProposed)
	d.zxid("committed", old.LastCommitted, now.LastCommitted)
	d.num("outstanding", uint64(old.Outstanding), uint64(now.Outstanding))
	d.text("connecting", old.Connecting.String(), now.Connecting.String())
	d.text("electing", old.Electing.String(), now.Electing.String())
	d.text("acks", old.NewLeaderAcks.String(), now.NewLeaderAcks.String())
	d.text("forwarding", old.Forwarding.String(), now.Forwarding.String())
	r.deltas = d.list
}

func serverOrNone(id quorum.ServerID) string {
	if id == 0 {
		return ""
	}
	return id.String()
}

type deltas struct {
	node trace.Node
	list []trace.Delta
}

func (d *deltas) text(key, old, now string) {
	if old != now {
		d.list = append(d.list, trace.Delta{Node: d.node, Key: key, Value: `"` + now + `"`})
	}
}

func (d *deltas) bool(key string, old, now bool) {
	if old != now {
		d.list = append(d.list, trace.Delta{Node: d.node, Key: key, Value: strconv.FormatBool(now)})
	}
}

func (d *deltas) num(key string, old, now uint64) {
	if old != now {
		d.list = append(d.list, trace.Delta{Node: d.node, Key: key, Value: strconv.FormatUint(now, 10)})
	}
}

func (d *deltas) zxid(key string, old, now zxid.Zxid) {
	if old != now {
		d.text(key, old.String(), now.String())
	}
}

// record hands the applied event to the sink. Whether a server runs is not in
// its Status: it is added here.
func (r *Runner) record(fingerprint fp.Hash) {
	if k := r.describe.Verb; k == "crash" || k == "start" {
		d := deltas{node: r.describe.Node, list: r.deltas}
		d.bool("up", k == "crash", k == "start" && r.World.Servers[r.describe.Node] != nil)
		r.deltas = d.list
	}
	r.sink.Event(&r.describe, fingerprint, r.deltas)
}
