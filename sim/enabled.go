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

	_ struct{}
}

// Enabled appends the choices that are possible now to dst, in canonical order:
// by kind, then by place. It knows no time. What happens because time passed is a
// timer, and costs one of the budget's time-outs unless it is a retry; crashes and
// restarts cost theirs.
//
// Left out are: the leader's half tick, so there are no pings and a leader never
// notices by itself that its quorum is gone; a client's pings and read time-outs;
// cuts; torn log records, which recovery drops like absent ones.
func (w *World) Enabled(dst []Choice, opt SearchOptions) []Choice {
	dst = w.enabledNet(dst)
	for id := quorum.ServerID(1); id <= quorum.Max; id++ {
		if w.runs(id) {
			dst = w.enabledTimers(dst, id)
		}
	}
	for id := quorum.ServerID(1); id <= quorum.Max; id++ {
		for t := zab.TokenFlush; w.runs(id) && t < zab.TokenCount; t++ {
			if w.Disks[id].pending(t) {
				dst = append(dst, Choice{Kind: ChoiceDisk, Node: id, Alt: uint8(t)})
			}
		}
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
			dst = w.Disks[id].enabledCrashes(dst, id, opt)
		}
	}
	for id := quorum.ServerID(1); w.Budget.Restarts > 0 && id <= quorum.Max; id++ {
		if w.Servers[id] == nil && w.Disks[id] != nil {
			dst = append(dst, Choice{Kind: ChoiceRestart, Node: id})
		}
	}
	return w.enabledElections(dst)
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
		if c.State == ConnDialing && !w.blocked(c.A, c.B) && !w.blocked(c.B, c.A) && !w.hung(c.A) && !w.hung(c.B) {
			dst = append(dst, Choice{Kind: ChoiceConnect, Arg: uint32(slot)})
		}
	}
	return dst
}

func (w *World) enabledTimers(dst []Choice, id quorum.ServerID) []Choice {
	for rest := w.Timers[id]; rest != 0; rest &= rest - 1 {
		t := zab.TimerID(bits.TrailingZeros32(rest))
		if t != zab.TimerTick && (w.Budget.Timeouts > 0 || w.freeTimer(id, t)) {
			dst = append(dst, Choice{Kind: ChoiceTimer, Node: id, Alt: uint8(t)})
		}
	}
	return dst
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
func (d *Disk) enabledCrashes(dst []Choice, id quorum.ServerID, opt SearchOptions) []Choice {
	stages := d.stages()
	for keep := range d.tail() + 1 {
		for stage := range stages {
			if stages == 2 {
				stage *= StageRenamed // a snapshot or a truncation is there or not
			} else if !opt.EveryStage && stage != StageNone && stage != StageRenamed {
				continue
			}
			o := Outcome{Keep: uint16(keep), Stage: stage}
			dst = append(dst, Choice{Kind: ChoiceCrash, Node: id, Arg: o.Word()})
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
	if looking == 0 {
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
