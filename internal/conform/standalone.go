package conform

import (
	"fmt"
	"math/bits"

	"zabsim/internal/conform/trace"
	"zabsim/zab"
	"zabsim/zab/acl"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Machine makes the empty state of a server with the given settings and bugs.
type Machine func(s trace.Settings, bugs bug.Set) txn.StateMachine

// firstWall is the time at which a System begins, nanoseconds since 1970.
const firstWall int64 = 1_700_000_000_000_000_000

// maxBuffer is the default of jute.maxbuffer.
const maxBuffer = 0xfffff

// superUser is who the recorder made the super user.
const superUser = "super:pw"

// standalone drives one server without a quorum. The disk is instant, and time
// passes only while somebody sleeps, and one millisecond for each validated
// request, so that no two transactions have the same time.
type standalone struct {
	cfg    zab.Config
	disk   *disk
	server *zab.Server
	last   zxid.Zxid // of the last applied transaction
	down   bool
	now    host.Time
	timers [zab.TimerCount]host.Time // 0: not set
	done   []zab.Token               // disk operations whose end is to be reported
	conns  host.ConnID               // given out so far
	open   []host.ConnID             // clients
	out    zab.Effects
	heard  []Happening
	sent   []Happening // what the last Take returned
}

// NewStandalone starts a server as the recorder's was: alone, empty, with the
// settings of a trace and the bugs of a release.
func NewStandalone(s trace.Settings, bugs bug.Set, machine Machine) (System, error) {
	q := quorum.Majority(1)
	a := &standalone{cfg: zab.DefaultConfig(1, q)}
	configure(&a.cfg, s, bugs)
	a.cfg.Standalone = true
	a.disk = newDisk(zab.NewSnapshot(0, 0, 0, machine(s, bugs)))
	return a, a.boot()
}

// configure gives a server the settings of the recorder's.
func configure(c *zab.Config, s trace.Settings, bugs bug.Set) {
	c.Bugs, c.Sessions = bugs, true
	c.TickTime = host.Duration(s.TickMillis) * host.Millisecond
	c.MinSessionTimeout = host.Duration(max(s.MinSession, 0)) * host.Millisecond
	c.MaxSessionTimeout = host.Duration(max(s.MaxSession, 0)) * host.Millisecond
	c.ContainerCheck = host.Duration(s.ContainerCheckMillis) * host.Millisecond
	c.LocalSessions, c.LocalSessionsUpgrade = s.LocalSessions, s.LocalSessions
	c.MaxBuffer, c.SuperDigest = maxBuffer, acl.DigestOf(superUser)
}

// boot starts the process on what the disk holds.
func (a *standalone) boot() error {
	img, err := zab.Recover(a.disk.image())
	if err != nil {
		return fmt.Errorf("the server does not start again: %w", err)
	}
	img.Log.CloneInto(&a.disk.log)
	a.server, a.down, a.timers, a.done = zab.New(&a.cfg, &img), false, [zab.TimerCount]host.Time{}, nil
	a.step(zab.Input{Kind: zab.Started})
	a.settle()
	a.last = a.server.Status().LastProcessed
	return nil
}

func (a *standalone) Restart() error {
	a.settle()
	a.open = a.open[:0]
	return a.boot()
}

func (a *standalone) Dial(string) (host.ConnID, bool) {
	if a.down || !a.server.Accepts(zab.PlaneClient) {
		return 0, false
	}
	a.conns++
	a.open = append(a.open, a.conns)
	return a.conns, true
}

func (a *standalone) Send(c host.ConnID, msgs []zab.ClientMsg) {
	for i := range msgs {
		a.step(zab.Input{Kind: zab.Received, Plane: zab.PlaneClient, Conn: c, Msg: &zab.Msg{Plane: zab.PlaneClient, Client: msgs[i]}})
	}
	a.settle()
}

func (a *standalone) HangUp(c host.ConnID) {
	a.forget(c)
	a.step(zab.Input{Kind: zab.Closed, Plane: zab.PlaneClient, Conn: c})
	a.settle()
}

func (a *standalone) Drop(c host.ConnID) {
	a.step(zab.Input{Kind: zab.DropClient, Plane: zab.PlaneClient, Conn: c})
	a.settle()
}

func (a *standalone) Expire(id txn.SessionID) {
	a.step(zab.Input{Kind: zab.ExpireSession, Session: id})
	a.settle()
}

func (a *standalone) CheckContainers(maxNeverUsedMillis int64) {
	a.step(zab.Input{Kind: zab.CheckContainers, MaxNeverUsedMillis: maxNeverUsedMillis})
	a.settle()
}

func (a *standalone) Sleep(d host.Duration) {
	end := a.now.Add(d)
	for {
		first, at := -1, end
		for t, when := range a.timers {
			if when != 0 && when <= at && (first < 0 || when < at) {
				first, at = t, when
			}
		}
		if first < 0 {
			break
		}
		a.now, a.timers[first] = max(a.now, at), 0
		a.step(zab.Input{Kind: zab.TimerFired, Timer: zab.TimerID(first)})
		a.settle()
	}
	a.now = max(a.now, end)
}

func (a *standalone) Take() []Happening {
	a.heard, a.sent = a.sent[:0], a.heard
	return a.sent
}

func (a *standalone) Last() zxid.Zxid { return a.last }

func (a *standalone) Machine() txn.StateMachine { return a.server.Machine() }

// settle runs the server until it waits for somebody else.
func (a *standalone) settle() {
	for !a.down {
		if len(a.done) > 0 {
			t := a.done[0]
			a.done = a.done[1:]
			a.step(zab.Input{Kind: zab.DiskDone, Token: t})
			continue
		}
		lanes := a.server.Runnable()
		if lanes == 0 {
			return
		}
		lane := zab.Lane(bits.TrailingZeros32(uint32(lanes)))
		if lane == zab.LanePrep {
			a.now = a.now.Add(host.Millisecond)
		}
		a.step(zab.Input{Kind: zab.RunLane, Lane: lane})
	}
}

// step gives the server one input and carries out what it wants.
func (a *standalone) step(in zab.Input) {
	if a.down {
		return
	}
	in.Now, in.Wall = a.now, firstWall+int64(a.now)
	a.out.Reset()
	a.server.Step(&in, &a.out)
	for _, p := range a.out.Probes() {
		if p.Kind == zab.ProbeDeliver {
			a.last = p.Zxid
			a.heard = append(a.heard, Happening{Txn: p.Txn})
		}
	}
	list := a.out.List()
	for i := range list {
		a.perform(&list[i])
	}
}

func (a *standalone) perform(e *zab.Effect) {
	switch e.Op {
	case zab.OpSend:
		if a.isOpen(e.Conn) {
			m := e.Msg.Client
			a.heard = append(a.heard, Happening{Conn: e.Conn, Msg: &m})
		}
	case zab.OpClose:
		a.closed(e.Conn)
	case zab.OpSetTimer:
		a.timers[e.Timer] = a.now.Add(e.After)
	case zab.OpStopTimer:
		a.timers[e.Timer] = 0
	case zab.OpDisk:
		if a.disk.do(&e.Disk) {
			a.done = append(a.done, e.Disk.Token)
		}
	case zab.OpExit:
		for len(a.open) > 0 {
			a.closed(a.open[0])
		}
		a.down = true
	}
}

func (a *standalone) isOpen(c host.ConnID) bool {
	for _, o := range a.open {
		if o == c {
			return true
		}
	}
	return false
}

// closed is the server's end of a client's connection.
func (a *standalone) closed(c host.ConnID) {
	if a.isOpen(c) {
		a.forget(c)
		a.heard = append(a.heard, Happening{Conn: c, Closed: true})
	}
}

func (a *standalone) forget(c host.ConnID) {
	for i, o := range a.open {
		if o == c {
			a.open = append(a.open[:i:i], a.open[i+1:]...)
			return
		}
	}
}
