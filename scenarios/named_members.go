package scenarios

import (
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// observers has three voters and two observers among five servers. The last server
// is down from the start; of the others the leader is lost, then an observer.
func observers() Scenario {
	s := usual("observers", "observers learn what was committed, also late and from a new leader, and pass on their clients' writes, without a vote", 60,
		func(q *quorum.Config) []plan.Fault {
			last := quorum.ServerID(q.All().Len()).String()
			first := q.Observers.First().String()
			return []plan.Fault{
				during(400*host.Millisecond, 15*host.Second, "crash", last, "keep=none"),
				during(25*host.Second, 8*host.Second, "crash", "leader", "keep=some"),
				during(42*host.Second, 6*host.Second, "isolate", first),
			}
		}).crowd(10).reach("crash-of-leader", "second-leader", "observer-served", "observer-delivered", "late-joiner")
	s.Observers = func(servers int) int { return (servers - 1) / 2 }
	s.Least = 3
	return s
}

// weights has three groups and a last server without any weight. All servers but
// three are in the first group: without it two servers decide, of five or of eight.
func weights() Scenario {
	s := usual("weights", "a whole group of servers is lost, the groups that are left decide, fewer than half of the servers, and a server without weight never leads", 70,
		func(q *quorum.Config) []plan.Fault {
			var first quorum.Set
			for rest := q.Voters; rest != 0; rest = rest.Without(rest.First()) {
				if q.Group[rest.First()] == 1 {
					first = first.With(rest.First())
				}
			}
			list := crashAll(15*host.Second, 12*host.Second, first, "keep=some")
			return append(list, during(40*host.Second, 8*host.Second, "crash", "leader", "keep=none"))
		}).reach("crash", "second-leader")
	s.Quorum = weighedGroups
	s.Least = 4
	return s
}

// weighedGroups puts one server that has a weight into each of groups 2 and 3, and
// the other ones into group 1; the last server is in group 3 and weighs nothing.
func weighedGroups(servers int) quorum.Config {
	q := *quorum.Majority(servers)
	q.Grouped = true
	for id := 1; id <= servers; id++ {
		q.Group[id], q.Weights[id] = 1, 1
		switch servers - id {
		case 0:
			q.Group[id], q.Weights[id] = 3, 0
		case 1:
			q.Group[id] = 3
		case 2:
			q.Group[id] = 2
		}
	}
	if servers == 1 {
		q.Weights[1] = 1 // somebody must decide
	}
	return q
}
