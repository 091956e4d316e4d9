package scenarios

import (
	"sort"

	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// recipe is a scenario whose clients run recipes, with a session time-out short
// enough for a run to see several sessions end.
func recipe(name, claim string, seconds host.Duration, lines []plan.Program, timetable ...plan.Fault) Scenario {
	return Scenario{
		Name: name, Claim: claim, For: seconds * host.Second, Clients: len(lines), SessionTimeout: 6 * host.Second,
		Programs: lines, Reach: []string{"established", "commit"}, Least: 3,
		Timetable: func(*quorum.Config) []plan.Fault {
			list := append([]plan.Fault(nil), timetable...)
			sort.SliceStable(list, func(i, k int) bool { return list[i].At < list[k].At })
			return list
		},
	}
}

// several returns program lines for n clients.
func several(n int, name string, args ...string) []plan.Program {
	list := make([]plan.Program, n)
	for i := range list {
		list[i] = plan.Program{Name: name, Args: args}
	}
	return list
}

// strike is a fault that is over at once.
func strike(at host.Duration, name string, args ...string) plan.Fault {
	return plan.Fault{At: at, Name: name, Args: args}
}

// sessionExpiry freezes clients for longer and for shorter than their time-out.
func sessionExpiry() Scenario {
	return recipe("session-expiry", "a silent client loses its session within a tick and a half after its time-out, with its ephemeral node and nothing else, and everybody is told", 80,
		several(5, "presence"),
		during(10*host.Second, 14*host.Second, "freeze", "c1"),
		during(14*host.Second, 3*host.Second, "freeze", "c2"),
		during(34*host.Second, 14*host.Second, "freeze", "c3"),
		during(50*host.Second, 16*host.Second, "freeze", "any-client"),
	).reach(sessionExpired)
}

// sessionMove takes clients away from their servers in every way but one that
// could end a session.
func sessionMove() Scenario {
	return recipe("session-move", "a client that loses its server goes on at another with the same session, and its ephemeral node stays", 80,
		several(6, "presence", "every=700ms"),
		during(8*host.Second, 4*host.Second, "crash", "follower", "keep=some"),
		strike(16*host.Second, "hangup", "c1"), strike(17*host.Second, "hangup", "c2"), strike(17*host.Second, "hangup", "any-client"),
		during(22*host.Second, 4*host.Second, "crash", "leader", "keep=some"),
		strike(34*host.Second, "hangup", "c3"), strike(35*host.Second, "hangup", "c3"), strike(36*host.Second, "hangup", "c3"),
		during(44*host.Second, 4*host.Second, "restart", "follower"),
		during(54*host.Second, 4*host.Second, "crash", "leader", "keep=none"),
	).reach(sessionMoved, "second-leader")
}

// distributedLock freezes clients: one that waits in line comes to hold the lock
// while it can't know, and its session ends with the lock in its hands.
func distributedLock() Scenario {
	return recipe("distributed-lock", "at most one client at a time believes that it holds the lock, a holder of the past is fenced out, and a holder that dies stops nobody", 120,
		several(5, "lock", "rounds=12", "hold=400ms"),
		during(6*host.Second, 13*host.Second, "freeze", "c1"),
		during(22*host.Second, 5*host.Second, "crash", "leader", "keep=some"),
		during(34*host.Second, 13*host.Second, "freeze", "c2"),
		during(48*host.Second, 3*host.Second, "freeze", "any-client"),
		strike(54*host.Second, "hangup", "any-client"),
	).reach(holderDied, "second-leader")
}

// configCentre lets writers and readers lose servers, and a reader its session.
func configCentre() Scenario {
	lines := []plan.Program{
		{Name: "config-writer", Args: []string{"group=g", "writes=40"}},
		{Name: "config-writer", Args: []string{"group=g", "writes=40"}},
		{Name: "config-writer", Args: []string{"group=h", "writes=30"}},
	}
	lines = append(lines, several(3, "config-reader", "during=80s")...)
	return recipe("config-centre", "caches of a configuration never show a group that is half changed or a value that never was, never go back, and converge", 90, lines,
		during(8*host.Second, 4*host.Second, "crash", "leader", "keep=some"),
		strike(15*host.Second, "hangup", "c4"), strike(16*host.Second, "hangup", "c1"),
		during(18*host.Second, 8*host.Second, "isolate", "follower"),
		during(28*host.Second, 13*host.Second, "freeze", "c5"),
		during(44*host.Second, 3*host.Second, "freeze", "any-client"),
	).reach("second-leader")
}
