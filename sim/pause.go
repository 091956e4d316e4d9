package sim

import (
	"zabsim/internal/keyed"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// hung tells whether the end is a paused server or a frozen client.
func (w *World) hung(e Endpoint) bool { return w.Paused.Has(e.Server()) || w.Frozen.Has(e.Client()) }

// anyHung tells whether some end hangs.
func (w *World) anyHung() bool { return w.Paused != 0 || w.Frozen != 0 }

// runs tells whether server id is up and not paused.
func (w *World) runs(id quorum.ServerID) bool { return w.Servers[id] != nil && !w.Paused.Has(id) }

// resumeMax is within what time a process that was stopped gets to all that has
// come due in the meantime.
const resumeMax = 2 * host.Millisecond

// Pause stops server id as SIGSTOP does, as part of fault k: a hung process. No
// event of it happens, while its kernel keeps its connections open and buffers what
// arrives. A dial to it is answered once it goes on. A dial that it has made itself
// is answered then, too, although its kernel would complete it at once: the
// acceptor would only hold one more connection on which nothing is said.
func (r *Runner) Pause(k int, id quorum.ServerID) {
	if id == 0 || r.World.Servers[id] == nil {
		return
	}
	f := &r.faults[k]
	f.target, f.process = id, r.diskGen[id]+1
	r.pauses[id]++
	if r.pauses[id] == 1 {
		r.counts.Pauses++
		r.apply(Choice{Kind: ChoicePause, Node: id}, r.events)
	}
}

// Resume ends fault k's pause. The process goes on when the last fault that pauses
// it ends, unless it has crashed.
func (r *Runner) Resume(k int) {
	f := &r.faults[k]
	if f.process == 0 || f.process != r.diskGen[f.target]+1 {
		return
	}
	f.process = 0
	if r.pauses[f.target]--; r.pauses[f.target] == 0 {
		r.resume(f.target)
	}
}

func (r *Runner) resume(id quorum.ServerID) {
	r.pauses[id] = 0
	r.apply(Choice{Kind: ChoiceResume, Node: id}, r.events)
	r.release(Endpoint(id))
}

// withhold keeps what has come due for an end that hangs. What became stale in the
// meantime is found out when it comes due again.
func (r *Runner) withhold(e *entry) bool {
	end := Endpoint(e.choice.Node)
	switch e.choice.Kind {
	case ChoiceDeliver:
		c := &r.World.Conns[e.choice.Arg/2]
		end = c.B
		if e.choice.Arg&1 == 1 {
			end = c.A
		}
	case ChoiceConnect:
		c := &r.World.Conns[e.choice.Arg]
		if end = c.A; !r.World.hung(end) {
			end = c.B
		}
	case ChoiceClient:
		end = ClientEnd(int(e.choice.Arg))
	case ChoiceTimer, ChoiceDisk, ChoiceLane:
	default:
		return false
	}
	if !r.World.hung(end) {
		return false
	}
	r.parked[end] = append(r.parked[end], *e)
	return true
}

// release lets all that was kept for an end happen soon, in an order that the
// seed draws: its threads wake up together, and no one knows which runs first.
// What arrived on one connection stays in order, since only its head was kept.
func (r *Runner) release(end Endpoint) {
	list := r.parked[end]
	r.parked[end] = list[:0]
	draw := keyed.New(r.seed).Stream("pause.resume").Key2(uint64(end), uint64(r.now))
	for i := range list {
		e := &list[i]
		draw = draw.Next()
		at := r.now.Add(host.Duration(draw.Between(1, int64(resumeMax))))
		if a := r.alarmOf(e.choice); a != nil && a.queued && a.gen == e.gen {
			a.queuedAt = at
		}
		r.push(at, e.choice, e.gen, e.cause)
	}
}

// alarmOf returns the alarm that a choice belongs to, nil if it is no alarm's.
func (r *Runner) alarmOf(c Choice) *alarm {
	switch c.Kind {
	case ChoiceTimer:
		return &r.alarms[c.Node][c.Alt]
	case ChoiceClient:
		return &r.acts[c.Arg][c.Alt]
	}
	return nil
}
