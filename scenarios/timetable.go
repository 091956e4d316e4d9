package scenarios

import (
	"strings"

	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// The words of timetables: when, for how long, what, to whom.

func during(at, length host.Duration, name string, args ...string) plan.Fault {
	return plan.Fault{At: at, For: length, Name: name, Args: args}
}

func once(at host.Duration, name string, args ...string) plan.Fault {
	return during(at, 0, name, args...)
}

// crashAll crashes every server of a set at one instant.
func crashAll(at, length host.Duration, set quorum.Set, keep string) []plan.Fault {
	var list []plan.Fault
	for rest := set; rest != 0; rest = rest.Without(rest.First()) {
		list = append(list, during(at, length, "crash", rest.First().String(), keep))
	}
	return list
}

// apart cuts every link between a set and the other servers, both ways.
func apart(at, length host.Duration, set quorum.Set) plan.Fault {
	var names []string
	for rest := set; rest != 0; rest = rest.Without(rest.First()) {
		names = append(names, rest.First().String())
	}
	return during(at, length, "split", strings.Join(names, ","))
}

// minority returns as many voters as can be missed, the lowest or the highest
// ones: the others are still a quorum.
func minority(q *quorum.Config, highest bool) quorum.Set {
	var set quorum.Set
	for n := 1; n <= quorum.Max; n++ {
		id := quorum.ServerID(n)
		if highest {
			id = quorum.Max + 1 - id
		}
		if q.Voters.Has(id) && q.Contains(q.Voters&^set.With(id)) {
			set = set.With(id)
		}
	}
	return set
}
