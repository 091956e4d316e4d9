package scenarios

import (
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// usual is a scenario with the load that all of them share.
func usual(name, claim string, seconds host.Duration, timetable func(quorum.Set) []plan.Fault) Scenario {
	return Scenario{
		Name: name, Claim: claim, For: seconds * host.Second, Timetable: timetable,
		Interval: 100 * host.Millisecond, Mix: Mix{Set: 50, CAS: 15, Get: 20, SyncGet: 15}, Keys: 3,
		Reach: []string{"established", "commit"},
	}
}

// reach adds to what a run must reach to count.
func (s Scenario) reach(names ...string) Scenario {
	s.Reach = append(s.Reach, names...)
	return s
}

func steady() Scenario {
	return usual("steady", "an undisturbed ensemble elects one leader and serves everybody", 30, nil)
}

func leaderCrash() Scenario {
	return usual("leader-crash", "the ensemble loses its leader twice, recovers each time, and loses no acknowledged write", 60,
		func(quorum.Set) []plan.Fault {
			return []plan.Fault{
				{At: 15 * host.Second, For: 10 * host.Second, Name: "crash", Args: []string{"leader", "keep=some"}},
				{At: 40 * host.Second, For: 8 * host.Second, Name: "crash", Args: []string{"leader", "keep=none"}},
			}
		}).reach("crash-of-leader", "second-leader")
}

func rollingRestart() Scenario {
	return usual("rolling-restart", "every server is restarted once, one after the other, and a quorum serves all the time but for fail-overs", 70,
		func(servers quorum.Set) []plan.Fault {
			var list []plan.Fault
			at := 8 * host.Second
			for rest := servers; rest != 0; rest = rest.Without(rest.First()) {
				list = append(list, plan.Fault{At: at, For: 2 * host.Second, Name: "restart", Args: []string{rest.First().String()}})
				at += 8 * host.Second
			}
			return list
		}).reach("crash", "second-leader")
}

func leaderPartition() Scenario {
	return usual("leader-partition", "a leader cut off from all others commits nothing, the rest elects another, and the old one follows when it is back", 70,
		func(quorum.Set) []plan.Fault {
			return []plan.Fault{{At: 15 * host.Second, For: 30 * host.Second, Name: "isolate", Args: []string{"leader"}}}
		}).reach("second-leader")
}

func coldStart() Scenario {
	return usual("cold-start", "all servers lose power at once, come back together, and serve what was acknowledged", 50,
		func(servers quorum.Set) []plan.Fault {
			var list []plan.Fault
			for rest := servers; rest != 0; rest = rest.Without(rest.First()) {
				list = append(list, plan.Fault{At: 20 * host.Second, For: 4 * host.Second, Name: "crash", Args: []string{rest.First().String(), "keep=some"}})
			}
			return list
		}).reach("crash-of-leader", "second-leader")
}

func chaos() Scenario {
	s := usual("chaos", "crashes, restarts, cuts, isolations and resets as the seed draws them break no promise", 20, nil)
	s.Swarm = true
	return s
}
