package sim

import (
	"math/bits"

	"zabsim/election"
	"zabsim/sim/plan"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// SearchOptions say which choices a search leaves out.
type SearchOptions struct {
	// EveryStage offers a crash at each stage of writing an epoch file. Without it
	// the temporary file is never left behind: recovery does not read it, so that
	// the other two stages boot to the same server.
	EveryStage bool
	// DurableAtOnce completes each disk operation before anything else happens, so
	// that no crash finds anything unsynced: the published specifications know no disk.
	DurableAtOnce bool

	_ struct{}
}

// Enabled appends the choices that are possible now to dst, in canonical order:
// by kind, then by place. It knows no time. What happens because time passed is a
// timer, and costs one of the budget's time-outs unless it is a retry; crashes,
// restarts, reboots and cuts cost theirs. A reboot is a crash and a restart in one choice:
// what the published specifications call Restart. It reaches no state that the two
// do not reach, at half the depth, and nothing happens in between.
//
// Free are the end of an election's poll and a learner's next try to connect. Paid
// are the time-outs of a read (learner, or leader for one learner), of a dial, the end
// of initLimit, and the quorum check of a leader that fails, which is the only half
// tick: there are no pings.
//
// Left out are: timers that would only start again; a client's pings and read
// time-outs; torn log records, which recovery drops like absent ones.
func (w *World) Enabled(dst []Choice, opt SearchOptions) []Choice {
	if w.setup.notified {
		if c, ok := w.urgent(); ok {
			return append(dst, c)
		}
	}
	if opt.DurableAtOnce {
		for id := quorum.ServerID(1); id <= quorum.Max; id++ {
			if first := w.enabledDisks(dst, id); len(first) > len(dst) {
				return first[:len(dst)+1]
			}
		}
	}
	dst = w.enabledNet(dst)
	for id := quorum.ServerID(1); id <= quorum.Max; id++ {
		if w.runs(id) {
			dst = w.enabledTimers(dst, id)
		}
	}
	for id := quorum.ServerID(1); id <= quorum.Max; id++ {
		dst = w.enabledDisks(dst, id)
	}
	for id := quorum.ServerID(1); w.setup.Grain == plan.GrainThreads && id <= quorum.Max; id++ {
		if s := w.Servers[id]; w.runs(id) {
			for rest := s.Runnable(); rest != 0; rest &= rest - 1 {
				dst = append(dst, Choice{Kind: ChoiceLane, Node: id, Alt: uint8(bits.TrailingZeros32(uint32(rest)))})
			}
		}
	}
	dst = w.enabledClients(dst)
	for id := quorum.ServerID(1); w.Budget.Crashes > 0 && id <= quorum.Max; id++ {
		if w.Servers[id] != nil {
			dst = w.Disks[id].enabledCrashes(dst, ChoiceCrash, id, opt)
		}
	}
	for id := quorum.ServerID(1); w.Budget.Restarts > 0 && id <= quorum.Max; id++ {
		if w.Servers[id] == nil && w.Disks[id] != nil {
			dst = append(dst, Choice{Kind: ChoiceRestart, Node: id})
		}
	}
	if w.Budget.Cuts > 0 {
		dst = w.enabledCuts(dst)
	}
	dst = w.enabledElections(dst)
	for id := quorum.ServerID(1); w.Budget.Reboots > 0 && id <= quorum.Max; id++ {
		if w.Servers[id] != nil {
			dst = w.Disks[id].enabledCrashes(dst, ChoiceReboot, id, opt)
		}
	}
	return dst
}

func (w *World) enabledDisks(dst []Choice, id quorum.ServerID) []Choice {
	for t := zab.TokenFlush; w.runs(id) && t < zab.TokenCount; t++ {
		if w.Disks[id].pending(t) {
			dst = append(dst, Choice{Kind: ChoiceDisk, Node: id, Alt: uint8(t)})
		}
	}
	return dst
}

func (w *World) enabledNet(dst []Choice) []Choice {
	for slot := range w.Conns {
		c := &w.Conns[slot]
		if c.State != ConnOpen {
			continue
		}
		if c.BOpen && !w.Queues[2*slot].Empty() && !w.blocked(c.A, c.B) && !w.hung(c.B) {
			dst = append(dst, Choice{Kind: ChoiceDeliver, Arg: uint32(2 * slot)})
		}
		if c.AOpen && !w.Queues[2*slot+1].Empty() && !w.blocked(c.B, c.A) && !w.hung(c.A) {
			dst = append(dst, Choice{Kind: ChoiceDeliver, Arg: uint32(2*slot + 1)})
		}
	}
	for slot := range w.Conns {
		c := &w.Conns[slot]
		if c.State == ConnDialing && !(w.setup.alone && c.Plane == zab.PlaneQuorum) && !w.blocked(c.A, c.B) && !w.blocked(c.B, c.A) && !w.hung(c.A) && !w.hung(c.B) {
			dst = append(dst, Choice{Kind: ChoiceConnect, Arg: uint32(slot)})
		}
	}
	return dst
}

func (w *World) enabledTimers(dst []Choice, id quorum.ServerID) []Choice {
	for rest := w.Timers[id]; rest != 0; rest &= rest - 1 {
		t := zab.TimerID(bits.TrailingZeros32(rest))
		if (w.freeTimer(id, t) || w.affords(id, t)) && !(w.setup.notified && (w.resends(id, t) || w.dialsTooSoon(id, t))) {
			dst = append(dst, Choice{Kind: ChoiceTimer, Node: id, Alt: uint8(t)})
		}
	}
	return dst
}

// affords tells whether a timer that costs something may fire. In an election alone a
// role ends as by initLimit, which is TimerInit for a leader and TimerRead for who
// looks for one; what else they wait for makes no difference there.
func (w *World) affords(id quorum.ServerID, t zab.TimerID) bool {
	if w.setup.alone {
		return w.Budget.Rounds > 0 && (t == zab.TimerInit || t == zab.TimerRead)
	}
	return w.Budget.Timeouts > 0 && w.Servers[id].Expires(t)
}

// enabledClients lets a client dial only while some server serves: a dial that is
// refused changes nothing but whose turn is next. A client whose script or recipe
// has ended wants nothing.
func (w *World) enabledClients(dst []Choice) []Choice {
	serving := false
	for id := range w.Servers {
		serving = serving || w.Servers[id] != nil && w.Servers[id].Accepts(zab.PlaneClient)
	}
	for i := 1; i < len(w.Clients); i++ {
		c := w.Clients[i]
		_, _, more := c.script.Next()
		switch {
		case w.Frozen.Has(i):
		case c.recipe != nil:
			dst = c.enabledRecipe(dst, i, serving)
		case !more:
		case c.lib.Resting() && serving:
			dst = append(dst, Choice{Kind: ChoiceClient, Alt: uint8(ActDial), Arg: uint32(i)})
		case c.lib.Connected() && !c.busy:
			dst = append(dst, Choice{Kind: ChoiceClient, Alt: uint8(ActNext), Arg: uint32(i)})
		}
	}
	return dst
}

// enabledCrashes offers every outcome that differs: how much of the unsynced tail
// survives, and how far the peer thread's operation got.
func (d *Disk) enabledCrashes(dst []Choice, kind ChoiceKind, id quorum.ServerID, opt SearchOptions) []Choice {
	stages := d.stages()
	for keep := range d.tail() + 1 {
		for stage := range stages {
			if stages == 2 {
				stage *= StageRenamed // a snapshot or a truncation is there or not
			} else if !opt.EveryStage && stage != StageNone && stage != StageRenamed {
				continue
			}
			o := Outcome{Keep: uint16(keep), Stage: stage}
			dst = append(dst, Choice{Kind: kind, Node: id, Arg: o.Word()})
		}
	}
	return dst
}

// enabledElections are the oracle's: a quorum of LOOKING servers agrees on any of
// its members that no other member's vote beats by epoch or zxid, whatever the
// ids; and a single LOOKING server joins one that leads. Both are more than
// notifications can bring about, never less.
func (w *World) enabledElections(dst []Choice) []Choice {
	looking := w.looking()
	if looking == 0 || w.setup.notified {
		return dst
	}
	voters := looking & w.setup.Quorum.Voters
	for q := 1; q <= int(voters); q++ {
		set := quorum.Set(q)
		if set&^voters != 0 || !w.setup.Quorum.Contains(set) {
			continue
		}
		for rest := set; rest != 0; rest = rest.Without(rest.First()) {
			if leader := rest.First(); w.eligible(leader, set) {
				dst = append(dst, Choice{Kind: ChoiceElect, Node: leader, Alt: uint8(set.Without(leader))})
			}
		}
	}
	for id := quorum.ServerID(1); id <= quorum.Max; id++ {
		s := w.Servers[id]
		if s == nil || s.State() != election.Leading || s.Stopping() {
			continue
		}
		for rest := looking; rest != 0; rest = rest.Without(rest.First()) {
			dst = append(dst, Choice{Kind: ChoiceElect, Node: id, Alt: uint8(quorum.Of(rest.First()))})
		}
	}
	return dst
}

// enabledCuts offers to break each connection between servers at each end that could
// still learn more from it than its end. That end learns of the break at once, the
// other one when it reads on, or by a time-out, or never: a leader that was deposed
// so goes on as one. What was on its way is lost. A break that nobody has noticed
// needs no state of its own: nothing arrives until somebody does, so that it may as
// well have come that much later.
//
// Connections of clients do not break: a client that loses one asks again, as it does
// after its server's crash or end of role, and the search would gain nothing but size.
func (w *World) enabledCuts(dst []Choice) []Choice {
	for slot := range w.Conns {
		c := &w.Conns[slot]
		if c.State != ConnOpen || c.Plane == zab.PlaneClient {
			continue
		}
		if q := w.Queues[2*slot+1]; c.AOpen && (q.Len() > 0 || !q.fin) {
			dst = append(dst, Choice{Kind: ChoiceBreak, Alt: uint8(c.A), Arg: uint32(slot)})
		}
		if q := w.Queues[2*slot]; c.BOpen && (q.Len() > 0 || !q.fin) {
			dst = append(dst, Choice{Kind: ChoiceBreak, Alt: uint8(c.B), Arg: uint32(slot)})
		}
	}
	return dst
}

// eligible tells whether no member of the set has a better epoch or zxid.
func (w *World) eligible(leader quorum.ServerID, set quorum.Set) bool {
	epoch, last := w.Servers[leader].Candidacy()
	for rest := set; rest != 0; rest = rest.Without(rest.First()) {
		e, z := w.Servers[rest.First()].Candidacy()
		if e > epoch || e == epoch && z > last {
			return false
		}
	}
	return true
}
