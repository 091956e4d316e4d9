package sim

import (
	"strconv"

	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// describeTrouble writes what a choice that only faults make is about to do into e.
func (w *World) describeTrouble(c Choice, e *trace.Event) {
	switch c.Kind {
	case ChoiceRefuse:
		conn := &w.Conns[c.Arg]
		e.Node, e.Verb = trace.Node(conn.A), "refused"
		e.Detail = conn.Plane.String() + " by " + endName(conn.B) + ", as a fault wants"
	case ChoicePause:
		e.Verb = "pause"
	case ChoiceResume:
		e.Verb = "resume"
	case ChoiceFreeze, ChoiceThaw:
		e.Node, e.Verb = trace.ClientNode(int(c.Arg)), c.Kind.String()
	case ChoiceClock:
		e.Verb = "clock"
		switch ClockChange(c.Alt) {
		case ClockStep:
			e.Detail = "jumps by " + plan.FormatDuration(host.Duration(int32(c.Arg))*host.Millisecond)
		default:
			e.Detail = "timers last " + strconv.Itoa(int(rateOf(c.Arg))) + " per mille"
		}
	case ChoiceDamage:
		e.Verb = "disk"
		e.Detail = Damage(c.Alt).String()
		if d := Damage(c.Alt); d == DamageLost || d == DamageRot {
			e.Detail += " " + File(uint8(c.Arg)).String()
		}
	case ChoiceMedium:
		e.Verb, e.Detail = describeMedium(c)
	}
}

func rateOf(arg uint32) uint16 {
	if arg == 0 {
		return rateTrue
	}
	return uint16(arg)
}

func describeMedium(c Choice) (verb, detail string) {
	value := strconv.Itoa(int(c.Arg & mediumValue))
	switch c.Arg &^ mediumValue {
	case mediumLink:
		return "slow", "to " + quorum.ServerID(c.Alt).String() + " by " + value
	case mediumDisk:
		return "slow", "disk by " + value
	}
	if value == "0" {
		return "accept", "dials on the " + zab.Plane(c.Alt).String() + " plane"
	}
	return "refuse", "dials on the " + zab.Plane(c.Alt).String() + " plane"
}
