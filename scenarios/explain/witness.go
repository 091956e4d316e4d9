package explain

import (
	"fmt"

	"zabsim/election"
	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/sim/trace"
	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// disk is what a restart of a server would find, in short.
type disk struct {
	accepted, current zxid.Epoch
	last, snap        zxid.Zxid
}

func diskOf(d *invariant.DiskFacts) disk {
	last, _ := d.Last()
	out := disk{accepted: d.Accepted, current: d.Current, last: last}
	for _, s := range d.Snaps {
		out.snap = max(out.snap, s.Last)
	}
	return out
}

// span is an operation of a client: the events at which it began and ended.
type span struct{ asked, answered uint64 }

// witness is a sink that keeps what happened in a run: event i is events[i-1].
type witness struct {
	run    *sim.Runner // set once it exists
	events []trace.Event
	marks  []mark

	ops, calls []span // by index in the history
	openOp     map[int]int
	openCall   map[[2]int]int

	disks    [quorum.Slots]disk
	promised [quorum.Slots]zxid.Epoch
	roles    [quorum.Slots]string
}

func newWitness() *witness { return &witness{openOp: map[int]int{}, openCall: map[[2]int]int{}} }

// begin is told of the runner before its first step.
func (w *witness) begin(r *sim.Runner) {
	w.run = r
	for rest := r.View.Quorum.All(); rest != 0; rest = rest.Without(rest.First()) {
		w.disks[rest.First()] = diskOf(r.View.Disk[rest.First()])
	}
}

// Event keeps an event and what it did.
func (w *witness) Event(e *trace.Event, _ fp.Hash, _ []trace.Delta) {
	w.events = append(w.events, *e)
	for i := range w.run.World.Events {
		w.note(e.ID, &w.run.World.Events[i])
	}
	for i := range w.run.World.Told {
		w.told(e.ID, &w.run.World.Told[i])
	}
}

// note turns what a server did into marks.
func (w *witness) note(id uint64, e *invariant.Event) {
	m := mark{event: id, server: e.Server}
	switch e.Kind {
	case invariant.EvAck:
		m.kind, m.peer, m.z = markAck, e.Peer, e.Zxid
	case invariant.EvPromise:
		m.kind, m.epoch = markPromise, e.Zxid.Epoch()
	case invariant.EvCrash:
		m.kind = markCrash
		w.roles[e.Server] = ""
	case invariant.EvDisk:
		w.noteDisk(m)
		return
	case invariant.EvStatus:
		w.noteRole(m)
		return
	case invariant.EvProbe:
		if !probed(&m, &e.Probe) {
			return
		}
	default:
		return
	}
	m.again = w.says(&m)
	w.marks = append(w.marks, m)
}

// says tells whether a mark adds nothing: a leader proposes its epoch to each learner,
// and who is established serves.
func (w *witness) says(m *mark) bool {
	switch m.kind {
	case markPromise:
		again := w.promised[m.server] == m.epoch
		w.promised[m.server] = m.epoch
		return again
	case markServe:
		n := len(w.marks)
		return n > 0 && w.marks[n-1].event == m.event && w.marks[n-1].kind == markEstablish
	}
	return false
}

// probed fills m in with a probe, false if it is of no interest.
func probed(m *mark, p *zab.Probe) bool {
	m.z, m.epoch, m.peer, m.set, m.mode, m.txn = p.Zxid, p.Epoch, p.Peer, p.Set, p.Mode, p.Txn
	switch p.Kind {
	case zab.ProbePropose:
		m.kind, m.z = markPropose, p.Txn.Zxid
	case zab.ProbeCommit:
		m.kind = markCommit
	case zab.ProbeDeliver:
		m.kind = markDeliver
	case zab.ProbeActive:
		m.kind = markServe
	case zab.ProbeEstablish:
		m.kind = markEstablish
	case zab.ProbeDecide:
		m.kind = markElected
	case zab.ProbeSync:
		m.kind, m.old = markSync, p.Cut
	case zab.ProbeReplace:
		m.kind = markReplace
	case zab.ProbeIllegal:
		m.kind, m.words = markIllegal, p.Reason
	case zab.ProbeSelfAck:
		m.kind, m.peer = markAck, m.server
	default:
		return false
	}
	return true
}

// noteDisk compares a disk with what it was.
func (w *witness) noteDisk(m mark) {
	old, now := w.disks[m.server], diskOf(w.run.View.Disk[m.server])
	w.disks[m.server] = now
	add := func(k markKind, differs bool, z zxid.Zxid, e zxid.Epoch) {
		if differs {
			m.kind, m.z, m.old, m.epoch = k, z, old.last, e
			w.marks = append(w.marks, m)
		}
	}
	add(markDisk, old.last != now.last, now.last, 0)
	add(markSnap, old.snap != now.snap, now.snap, 0)
	add(markAccepted, old.accepted != now.accepted, 0, now.accepted)
	add(markCurrent, old.current != now.current, 0, now.current)
}

func (w *witness) noteRole(m mark) {
	st := w.run.View.Status[m.server]
	text := roleText(st, true)
	if text == w.roles[m.server] {
		return
	}
	w.roles[m.server] = text
	m.kind, m.words, m.peer, m.epoch = markRole, text, st.Leader, st.Epoch
	w.marks = append(w.marks, m)
}

// roleText says what a server is. A process that has just started has no epoch yet.
func roleText(st *zab.Status, verb bool) string {
	words := map[bool][3]string{true: {"looks for a leader", "follows", "leads"}, false: {"looking", "follows", "leads"}}[verb]
	if st.State == election.Observing {
		words[1] = "observes"
	}
	if st.Stopping {
		return "stops to " + map[election.State]string{election.Following: "follow", election.Observing: "observe", election.Leading: "lead"}[st.State]
	}
	switch st.State {
	case election.Leading:
		return fmt.Sprintf("%s, %s", words[2], phase(st.Phase))
	case election.Following, election.Observing:
		return fmt.Sprintf("%s %v, %s", words[1], st.Leader, phase(st.Phase))
	}
	return words[0]
}

func phase(p zab.Phase) string {
	return [...]string{"election", "discovery", "synchronization", "broadcast"}[p]
}

// told follows the operations of the clients.
func (w *witness) told(id uint64, e *sim.ClientEvent) {
	h := &w.run.History
	switch e.Kind {
	case sim.ClientInvoked:
		switch {
		case e.Op == nil:
			w.openCall[[2]int{e.Client, e.Task}] = len(w.calls)
			w.calls = append(w.calls, span{asked: id})
		case len(w.ops) < len(h.Ops): // not the client of the second act
			w.openOp[e.Client] = len(w.ops)
			w.ops = append(w.ops, span{asked: id})
		}
	case sim.ClientCompleted, sim.ClientLost:
		if e.Op == nil {
			if i, ok := w.openCall[[2]int{e.Client, e.Task}]; ok {
				w.calls[i].answered = id
			}
			return
		}
		if i, ok := w.openOp[e.Client]; ok {
			w.ops[i].answered = id
		}
	}
}

// event returns event id, nil if there is none.
func (w *witness) event(id uint64) *trace.Event {
	if id == 0 || id > uint64(len(w.events)) {
		return nil
	}
	return &w.events[id-1]
}

// latest returns the newest mark at or before event id that ok accepts, nil if there
// is none.
func (w *witness) latest(id uint64, ok func(m *mark) bool) *mark {
	for i := len(w.marks) - 1; i >= 0; i-- {
		if m := &w.marks[i]; m.event <= id && ok(m) {
			return m
		}
	}
	return nil
}
