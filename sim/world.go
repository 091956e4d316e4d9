package sim

import (
	"math"

	"zabsim/election"
	"zabsim/internal/keyed"
	"zabsim/sim/client"
	"zabsim/sim/cnxn"
	"zabsim/sim/coroutine"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// Setup is what a world is told at start: shared by all copies, never changed.
type Setup struct {
	Quorum  *quorum.Config
	Configs [quorum.Slots]*zab.Config
	Scripts []*client.Script  // by client, counted from 1; slot 0 is unused
	Offsets []uint8           // by client: where its round through the servers starts
	Recipes []*client.Program // by client, in place of its script; nil or missing: the script
	Luck    keyed.Stream      // the numbers of recipes, keyed by client and draw

	SessionTimeout host.Duration
	Library        cnxn.Config // of every client
	Sessionless    bool        // servers keep no sessions: a client's number is its session
	WallNano       int64       // the wall clock at time 0

	Initial *zab.Snapshot // the state of every server before the first start

	Grain plan.Grain // whether the lanes of a server run by themselves or as choices

	// Search tells that the worlds of this setup are explored: connection slots are
	// fixed by plane and ends, and choices are paid from the world's Budget.
	Search bool

	notified bool        // of a search: servers elect by notifications
	alone    bool        // and do nothing else
	first    []FirstDisk // by server, from 1 on
}

// order returns the k-th server that client i tries.
func (s *Setup) order(i, k int) quorum.ServerID {
	all := s.Quorum.All()
	n := (k + int(s.Offsets[i])) % all.Len()
	for ; n > 0; n-- {
		all = all.Without(all.First())
	}
	return all.First()
}

// World is all servers, connections, disks and clients as one value. It offers
// choices (Enabled) and applies one at a time (Apply). It knows no time: Now is
// what its driver says it is.
type World struct {
	Now     host.Time
	Servers [quorum.Slots]*zab.Server // nil: not running
	Disks   [quorum.Slots]*Disk
	Conns   []Conn
	Queues  []*Queue                 // two for each connection slot
	Clients []*Client                // slot 0 is unused
	Timers  [quorum.Slots]uint32     // which timers of each server run
	Cut     [quorum.Slots]quorum.Set // Cut[from]: links that deliver nothing
	Paused  quorum.Set               // servers that are stopped as by SIGSTOP
	Frozen  ClientSet                // clients that stand still
	Clocks  [quorum.Slots]Clock
	Budget  Budget

	// What the last Apply has to say. Reused; valid until the next Apply.
	Events  []invariant.Event
	Notices []Notice
	Told    []ClientEvent
	Touched quorum.Set // servers whose status may have changed
	Refusal error      // a server refused to start from its disk

	// Own, if set, is called before a component is changed, so that a search can
	// share components between worlds and copy one on its first write.
	Own func(w *World, part Part, i int)
	// Memo, if set, runs a server's step instead of the server itself, and returns
	// what the step wants done.
	Memo func(w *World, id quorum.ServerID, in *zab.Input) *zab.Effects

	setup *Setup
	cache coroutine.Cache // of recipes: scratch, see recipe
	out   zab.Effects
	in    zab.Input
	lib   cnxn.Out
}

// Part is a kind of component.
type Part uint8

// The components. Those up to PartClient copy alone; the others are words.
const (
	PartServer Part = iota
	PartDisk
	PartQueue
	PartClient
	PartConn
	PartTimers
	PartCut
	PartBudget
)

// Budget is what a search may still spend.
type Budget struct {
	Crashes, Restarts, Timeouts uint8
	Reboots, Cuts, Rounds       uint8
}

// NewWorld returns a world whose servers are about to start: apply
// ChoiceRestart to each.
func NewWorld(setup *Setup) *World {
	w := &World{setup: setup}
	for rest := setup.Quorum.All(); rest != 0; rest = rest.Without(rest.First()) {
		w.Disks[rest.First()] = setup.firstDisk(rest.First())
		w.Disks[rest.First()].bugs = setup.Configs[rest.First()].Bugs
	}
	w.Clients = make([]*Client, len(setup.Scripts))
	for i := 1; i < len(w.Clients); i++ {
		w.Clients[i] = newClient(setup, i)
	}
	if setup.Search {
		w.fixSlots()
	}
	return w
}

// Setup returns what the world was told at start.
func (w *World) Setup() *Setup { return w.setup }

func (w *World) own(p Part, i int) {
	if w.Own != nil {
		w.Own(w, p, i)
	}
}

func (w *World) disk(id quorum.ServerID) *Disk {
	w.own(PartDisk, int(id))
	return w.Disks[id]
}

func (w *World) queue(i int) *Queue {
	w.own(PartQueue, i)
	return w.Queues[i]
}

func (w *World) client(i int) *Client {
	w.own(PartClient, i)
	return w.Clients[i]
}

func (w *World) notice(n Notice) { w.Notices = append(w.Notices, n) }

// event appends an event and returns it to be filled in: an Event is large, and
// only the fields of its kind count, so the others keep what they held.
func (w *World) event(k invariant.EventKind, id quorum.ServerID) *invariant.Event {
	if n := len(w.Events); n < cap(w.Events) {
		w.Events = w.Events[:n+1]
	} else {
		w.Events = append(w.Events, invariant.Event{})
	}
	e := &w.Events[len(w.Events)-1]
	e.Kind, e.Server, e.Peer, e.Zxid = k, id, 0, 0
	return e
}

func (w *World) clientEvent(e ClientEvent) { w.Told = append(w.Told, e) }
func (w *World) blocked(from, to Endpoint) bool {
	return w.Cut[from.linkIndex()].Has(to.Server())
}

// linkIndex maps clients to slot 0, whose links are never cut.
func (e Endpoint) linkIndex() int {
	if e <= quorum.Max {
		return int(e)
	}
	return 0
}

// Begin empties what the last Apply said.
func (w *World) Begin() {
	w.Events, w.Notices, w.Told = w.Events[:0], w.Notices[:0], w.Told[:0]
	w.Touched = 0
}

// Apply applies one choice, which must be possible. Events, Notices and Told say
// what happened.
func (w *World) Apply(c Choice) {
	w.Begin()
	if w.setup.Search {
		w.spend(c)
	}
	switch c.Kind {
	case ChoiceDeliver:
		w.deliver(int(c.Arg))
	case ChoiceConnect:
		w.connect(int(c.Arg))
	case ChoiceTimer:
		w.Timers[c.Node] &^= 1 << c.Alt
		w.in = zab.Input{Kind: zab.TimerFired, Timer: zab.TimerID(c.Alt)}
		w.step(c.Node)
	case ChoiceDisk:
		w.disk(c.Node).finish(zab.Token(c.Alt))
		w.event(invariant.EvDisk, c.Node)
		w.in = zab.Input{Kind: zab.DiskDone, Token: zab.Token(c.Alt)}
		w.step(c.Node)
	case ChoiceDiskFail:
		w.disk(c.Node).fail(zab.Token(c.Alt))
		w.event(invariant.EvDisk, c.Node)
		w.in = zab.Input{Kind: zab.DiskFailed, Token: zab.Token(c.Alt)}
		w.step(c.Node)
	case ChoiceLane:
		w.in = zab.Input{Kind: zab.RunLane, Lane: zab.Lane(c.Alt)}
		w.step(c.Node)
	case ChoiceClient:
		w.clientAct(int(c.Arg), ClientAct(c.Alt))
	case ChoiceCrash:
		w.crash(c.Node, OutcomeOf(c.Arg))
	case ChoiceRestart:
		w.restart(c.Node)
	case ChoiceReboot:
		w.crash(c.Node, OutcomeOf(c.Arg))
		w.restart(c.Node)
	case ChoiceCut:
		w.Cut[c.Node] = w.Cut[c.Node].With(quorum.ServerID(c.Alt))
	case ChoiceHeal:
		w.Cut[c.Node] = w.Cut[c.Node].Without(quorum.ServerID(c.Alt))
		w.notice(Notice{Op: NoticeHeal, Node: c.Node, Alt: c.Alt})
	case ChoiceBreak:
		w.breakConn(int(c.Arg), Endpoint(c.Alt))
	case ChoiceElect:
		w.elect(c.Node, quorum.Set(c.Alt))
	default:
		w.suffer(c)
	}
}

// step gives w.in to server id, drains its lanes at grain atomic, and starts what
// it wants done.
func (w *World) step(id quorum.ServerID) {
	in := &w.in
	in.Now, in.Wall = w.Clocks[id].Read(w.Now, w.setup.WallNano)
	out := &w.out
	if w.Memo != nil {
		out = w.Memo(w, id, in)
	} else {
		out.Reset()
		s := w.Servers[id]
		s.Step(in, out)
		if w.setup.Grain == plan.GrainAtomic {
			s.Drain(in, out)
		}
	}
	w.Touched = w.Touched.With(id)
	probes := out.Probes()
	for i := range probes {
		w.event(invariant.EvProbe, id).Probe = probes[i]
	}
	w.perform(id, out.List())
	if n := len(out.List()); n > 0 && out.List()[n-1].Op == zab.OpExit {
		w.crash(id, processEnd)
	}
}

// processEnd is what a process leaves that ends by itself: the operating system
// still has all that was written.
var processEnd = Outcome{Keep: math.MaxUint16, Stage: StageRenamed}

// perform starts the effects of a step in order.
func (w *World) perform(id quorum.ServerID, list []zab.Effect) {
	self := Endpoint(id)
	for i := range list {
		e := &list[i]
		switch e.Op {
		case zab.OpDial:
			w.dial(self, Endpoint(e.Peer), e.Plane)
		case zab.OpAbandon:
			w.abandon(self, Endpoint(e.Peer), e.Plane)
		case zab.OpSend:
			w.serverSend(id, e)
		case zab.OpClose:
			w.close(self, e.Conn)
		case zab.OpSetTimer:
			w.Timers[id] |= 1 << e.Timer
			w.notice(Notice{Op: NoticeSet, Node: id, Alt: uint8(e.Timer), After: e.After})
		case zab.OpStopTimer:
			if w.Timers[id]&(1<<e.Timer) != 0 {
				w.Timers[id] &^= 1 << e.Timer
				w.notice(Notice{Op: NoticeStop, Node: id, Alt: uint8(e.Timer)})
			}
		case zab.OpDisk:
			if w.disk(id).start(&e.Disk) {
				w.notice(Notice{Op: NoticeDisk, Node: id, Alt: uint8(e.Disk.Token)})
			}
		}
	}
}

func (w *World) serverSend(id quorum.ServerID, e *zab.Effect) {
	if e.Msg.Plane == zab.PlaneQuorum && e.Msg.Packet.Type == zab.Ack {
		ack := w.event(invariant.EvAck, id)
		ack.Zxid = e.Msg.Packet.Zxid
		if slot := int(e.Conn) - 1; slot >= 0 && slot < len(w.Conns) {
			ack.Peer = w.Conns[slot].other(Endpoint(id)).Server()
		}
	}
	if e.Msg.Plane == zab.PlaneQuorum && e.Msg.Packet.Type == zab.LeaderInfo {
		w.event(invariant.EvPromise, id).Zxid = e.Msg.Packet.Zxid
	}
	w.send(Endpoint(id), e.Conn, &e.Msg)
}

// crash stops a process. Its sockets close, as the operating system would; its
// disk keeps what the outcome says.
func (w *World) crash(id quorum.ServerID, o Outcome) {
	w.Servers[id] = nil
	w.Timers[id] = 0
	w.Paused = w.Paused.Without(id)
	w.notice(Notice{Op: NoticeCrash, Node: id})
	for slot := range w.Conns {
		c := &w.Conns[slot]
		self := Endpoint(id)
		switch {
		case c.State == ConnDialing && c.A == self:
			w.free(slot)
		case c.State == ConnOpen && (c.A == self && c.AOpen || c.B == self && c.BOpen):
			w.close(self, connID(slot))
		}
	}
	w.disk(id).crash(o)
	w.Touched = w.Touched.With(id)
	w.event(invariant.EvCrash, id)
	w.event(invariant.EvDisk, id)
}

// restart starts a process on what its disk holds.
func (w *World) restart(id quorum.ServerID) {
	d := w.disk(id)
	img := d.Image(false)
	img.Bugs = w.setup.Configs[id].Bugs
	boot, err := zab.Recover(img)
	w.Touched = w.Touched.With(id)
	if err != nil {
		w.Refusal = err
		if d.harmed {
			return // as it must: an unsafe fault has damaged this disk
		}
		w.event(invariant.EvProbe, id).Probe = zab.Probe{Kind: zab.ProbeIllegal, Flag: zab.FlagDisk, Reason: "refuses to start: " + err.Error()}
		return
	}
	d.adopt(&boot)
	if !w.setup.Search {
		d.log.Roll() // a process begins a new log file; a search has no use for files
	}
	w.Servers[id] = zab.New(w.setup.Configs[id], &boot)
	w.in = zab.Input{Kind: zab.Started}
	w.step(id)
}

// elect lets every server of the set decide for leader, as an oracle would. A
// leader that leads already is not asked again: the others join it. The vote only
// names the leader; nobody reads more of it when no notification is sent.
func (w *World) elect(leader quorum.ServerID, followers quorum.Set) {
	set := followers
	if w.Servers[leader].State() != election.Leading {
		set = set.With(leader)
	}
	for rest := set; rest != 0; rest = rest.Without(rest.First()) {
		w.in = zab.Input{Kind: zab.Elected, Peer: leader, Vote: election.Vote{Leader: leader}}
		w.step(rest.First())
	}
}
