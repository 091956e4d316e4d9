package scenarios

import (
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

func steady() Scenario {
	return Scenario{
		Name: "steady", Claim: "an undisturbed ensemble elects one leader and serves everybody",
		For: 30 * host.Second, Interval: 100 * host.Millisecond, Mix: usualMix, Keys: 3,
		Reach: []string{"established", "commit"},
	}
}

func leaderCrash() Scenario {
	return Scenario{
		Name: "leader-crash", Claim: "the ensemble loses its leader twice, recovers each time, and loses no acknowledged write",
		For: 60 * host.Second, Interval: 100 * host.Millisecond, Mix: usualMix, Keys: 3,
		Timetable: func(quorum.Set) []plan.Fault {
			return []plan.Fault{
				{At: 15 * host.Second, For: 10 * host.Second, Name: "crash", Args: []string{"leader", "keep=some"}},
				{At: 40 * host.Second, For: 8 * host.Second, Name: "crash", Args: []string{"leader", "keep=none"}},
			}
		},
		Reach: []string{"established", "commit"},
	}
}

func rollingRestart() Scenario {
	return Scenario{
		Name: "rolling-restart", Claim: "every server is restarted once, one after the other, and a quorum serves all the time but for fail-overs",
		For: 70 * host.Second, Interval: 100 * host.Millisecond, Mix: usualMix, Keys: 3,
		Timetable: func(servers quorum.Set) []plan.Fault {
			var list []plan.Fault
			at := 8 * host.Second
			for rest := servers; rest != 0; rest = rest.Without(rest.First()) {
				list = append(list, plan.Fault{At: at, For: 2 * host.Second, Name: "restart", Args: []string{rest.First().String()}})
				at += 10 * host.Second
			}
			return list
		},
		Reach: []string{"established", "commit"},
	}
}

func leaderPartition() Scenario {
	return Scenario{
		Name: "leader-partition", Claim: "a leader cut off from all others commits nothing, the rest elects another, and the old one follows when it is back",
		For: 70 * host.Second, Interval: 100 * host.Millisecond, Mix: usualMix, Keys: 3,
		Timetable: func(quorum.Set) []plan.Fault {
			return []plan.Fault{{At: 15 * host.Second, For: 30 * host.Second, Name: "isolate", Args: []string{"leader"}}}
		},
		Reach: []string{"established", "commit"},
	}
}

func coldStart() Scenario {
	return Scenario{
		Name: "cold-start", Claim: "all servers lose power at once, come back together, and serve what was acknowledged",
		For: 50 * host.Second, Interval: 100 * host.Millisecond, Mix: usualMix, Keys: 3,
		Timetable: func(servers quorum.Set) []plan.Fault {
			var list []plan.Fault
			for rest := servers; rest != 0; rest = rest.Without(rest.First()) {
				list = append(list, plan.Fault{At: 20 * host.Second, For: 4 * host.Second, Name: "crash", Args: []string{rest.First().String(), "keep=some"}})
			}
			return list
		},
		Reach: []string{"established", "commit"},
	}
}

func chaos() Scenario {
	return Scenario{
		Name: "chaos", Claim: "crashes, restarts, cuts and isolations as the seed draws them break no promise",
		For: 20 * host.Second, Interval: 100 * host.Millisecond, Mix: usualMix, Keys: 3, Swarm: true,
		Reach: []string{"established", "commit"},
	}
}
