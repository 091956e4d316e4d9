package faults

import (
	"fmt"

	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// holds tells whether a fault keeps the one named server of its arguments from
// running, from its time until it heals.
func holds(f *plan.Fault) (server string, ok bool) {
	switch f.Name {
	case crash.Name, restart.Name, pause.Name, torn.Name, diskError.Name, fullDisk.Name, lostFile.Name, corrupt.Name:
	default:
		return "", false
	}
	for _, word := range f.Args { // options may stand before it
		if _, ok := sim.ParseServer(word); ok {
			return word, true
		}
	}
	return "", false
}

// checkTimetable looks for what contradicts f in the faults before it: a server that
// is stopped while another fault holds it down already. The healing of the first
// would start it under the second.
func checkTimetable(p *plan.Plan, f *plan.Fault) error {
	server, ok := holds(f)
	if !ok {
		return nil
	}
	for i := range p.Faults {
		g := &p.Faults[i]
		if g == f {
			return nil
		}
		other, ok := holds(g)
		if !ok || other != server {
			continue
		}
		if end := until(p, g); f.At < end {
			return fmt.Errorf("%s %s at %s: %s holds %s from %s until %s%s; let them follow one another", f.Name, server,
				plan.FormatDuration(f.At), g.Name, server, plan.FormatDuration(g.At), plan.FormatDuration(end), line(g))
		}
	}
	return nil
}

func until(p *plan.Plan, f *plan.Fault) host.Duration {
	if f.For == 0 {
		return p.For
	}
	return f.At + f.For
}

func line(f *plan.Fault) string {
	if f.Line == 0 {
		return ""
	}
	return fmt.Sprintf(" (line %d)", f.Line)
}
