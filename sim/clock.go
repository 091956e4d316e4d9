package sim

import (
	"zabsim/internal/fp"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// Clock is what one server's machine takes for time. Java waits by a clock that
// only rises (System.nanoTime), which drifts but never jumps; the wall clock also
// jumps, and shows in the time field of transactions only. The zero Clock is right.
type Clock struct {
	Rate  uint16    // timers last so many thousandths of the true time; 0: as long as they should
	Since host.Time // when it got its Rate
	Then  host.Time // what it showed at Since
	Wall  int64     // nanoseconds by which the wall clock was set forward
}

// rateTrue is the Rate of a clock that is right.
const rateTrue = 1000

// Read returns what the clock shows at the true time now: a rising time, and the
// wall clock, which starts at wall.
func (c *Clock) Read(now host.Time, wall int64) (host.Time, int64) {
	t := now
	if c.Since != 0 || c.Then != 0 || c.Rate != 0 {
		t = c.Then.Add(c.shown(now.Sub(c.Since)))
	}
	return t, wall + int64(t) + c.Wall
}

// shown is how much time the clock shows to have passed in a true d.
func (c *Clock) shown(d host.Duration) host.Duration {
	if c.Rate == 0 {
		return d
	}
	return d * rateTrue / host.Duration(c.Rate)
}

// lasts is how long a timer of d lasts in truth.
func (c *Clock) lasts(d host.Duration) host.Duration {
	if c.Rate == 0 {
		return d
	}
	return d / rateTrue * host.Duration(c.Rate)
}

func (c *Clock) fingerprint() fp.Hash {
	return fp.New(0x434B).Word(uint64(c.Rate)).Word(uint64(c.Since)).Word(uint64(c.Then)).Word(uint64(c.Wall)).Done()
}

// ClockChange is what ChoiceClock does.
type ClockChange uint8

// The changes.
const (
	ClockRate ClockChange = iota // Rate becomes Arg
	ClockStep                    // the wall clock jumps by Arg, an int32, milliseconds
)

func (w *World) changeClock(c Choice) {
	k := &w.Clocks[c.Node]
	if ClockChange(c.Alt) == ClockStep {
		k.Wall += int64(int32(c.Arg)) * int64(host.Millisecond)
		return
	}
	shows, _ := k.Read(w.Now, 0)
	k.Since, k.Then, k.Rate = w.Now, shows, uint16(c.Arg)
}

// Drift lets the clock of server id run wrong as part of fault k: from now on its
// timers last rate thousandths of what they should. A timer that runs keeps its
// deadline. Of several faults that do so the one that came last counts.
func (r *Runner) Drift(k int, id quorum.ServerID, rate int) {
	if id == 0 {
		return
	}
	r.faults[k].target, r.faults[k].rate = id, uint16(rate)
	r.setRate(id, uint16(rate))
}

// HealDrift ends fault k's part in a clock's drift. A timer of a clock that was
// slow is no longer late: what is left of it passes at the pace of now.
func (r *Runner) HealDrift(k int) {
	f := &r.faults[k]
	f.rate = 0
	rate := uint16(0)
	for i := range r.faults {
		if g := &r.faults[i]; g.on && g.target == f.target && g.rate != 0 {
			rate = g.rate
		}
	}
	r.setRate(f.target, rate)
}

func (r *Runner) setRate(id quorum.ServerID, rate uint16) {
	if id == 0 {
		return
	}
	if rate == rateTrue {
		rate = 0
	}
	old := r.World.Clocks[id].Rate
	if old == rate {
		return
	}
	r.apply(Choice{Kind: ChoiceClock, Node: id, Alt: uint8(ClockRate), Arg: uint32(rate)}, r.events)
	if rate == 0 && old > rateTrue {
		r.hastenTimers(id, old)
	}
}

// hastenTimers shortens what is left of the timers that a slow clock has set.
func (r *Runner) hastenTimers(id quorum.ServerID, old uint16) {
	for t := range zab.TimerCount {
		a := &r.alarms[id][t]
		if left := a.deadline.Sub(r.now); a.armed && left > 0 {
			at := r.now.Add(left / host.Duration(old) * rateTrue)
			r.set(a, at, Choice{Kind: ChoiceTimer, Node: id, Alt: uint8(t)}, a.cause)
		}
	}
}

// StepClock lets the wall clock of server id jump as part of fault k.
func (r *Runner) StepClock(k int, id quorum.ServerID, by host.Duration) {
	if id == 0 {
		return
	}
	r.faults[k].target, r.faults[k].step = id, int32(by/host.Millisecond)
	r.step(id, r.faults[k].step)
}

// HealStep sets the wall clock right again, as far as fault k has set it wrong.
func (r *Runner) HealStep(k int) {
	f := &r.faults[k]
	r.step(f.target, -f.step)
	f.step = 0
}

func (r *Runner) step(id quorum.ServerID, millis int32) {
	if id != 0 && millis != 0 {
		r.apply(Choice{Kind: ChoiceClock, Node: id, Alt: uint8(ClockStep), Arg: uint32(millis)}, r.events)
	}
}
