package scenarios

import (
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// All returns every scenario.
func All() []Scenario {
	return []Scenario{
		steady(), leaderCrash(), rollingRestart(), leaderPartition(), coldStart(),
		minorityPartition(), flakyLinks(), deposedLeader(), hungLeader(), laggingFollower(),
		restartStorm(), diskTrouble(), observers(), weights(), lyingDisk(), chaos(),
		sessionExpiry(), sessionMove(), distributedLock(), configCentre(),
	}
}

// usual is a scenario with the load that all of them share.
func usual(name, claim string, seconds host.Duration, timetable func(*quorum.Config) []plan.Fault) Scenario {
	return Scenario{
		Name: name, Claim: claim, For: seconds * host.Second, Timetable: timetable,
		Interval: 100 * host.Millisecond, Mix: Mix{Set: 50, CAS: 15, Get: 20, SyncGet: 15}, Keys: 3,
		Reach: []string{"established", "commit"},
	}
}

// crowd spreads the usual load over more clients, so that every server has some of
// its own.
func (s Scenario) crowd(clients int) Scenario {
	s.Interval, s.Clients = s.Interval*host.Duration(clients)/DefaultClients, clients
	return s
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
		func(*quorum.Config) []plan.Fault {
			return []plan.Fault{
				during(15*host.Second, 10*host.Second, "crash", "leader", "keep=some"),
				during(40*host.Second, 8*host.Second, "crash", "leader", "keep=none"),
			}
		}).reach("crash-of-leader", "second-leader")
}

func rollingRestart() Scenario {
	return usual("rolling-restart", "every server is restarted once, one after the other, and a quorum serves all the time but for fail-overs", 70,
		func(q *quorum.Config) []plan.Fault {
			var list []plan.Fault
			at := 8 * host.Second
			for rest := q.All(); rest != 0; rest = rest.Without(rest.First()) {
				list = append(list, during(at, 2*host.Second, "restart", rest.First().String()))
				at += 8 * host.Second
			}
			return list
		}).reach("crash", "second-leader")
}

func coldStart() Scenario {
	return usual("cold-start", "all servers lose power at once, come back together, and serve what was acknowledged", 50,
		func(q *quorum.Config) []plan.Fault {
			return crashAll(20*host.Second, 4*host.Second, q.All(), "keep=some")
		}).reach("crash-of-leader", "second-leader")
}

// restartStorm hits somebody every two to three seconds: one server or two, the
// leader, everybody, or whoever writes a file next. "Any" is drawn from the seed.
func restartStorm() Scenario {
	return usual("restart-storm", "servers crash again and again, alone, together and in the middle of a write, and nothing acknowledged is lost", 70,
		func(q *quorum.Config) []plan.Fault {
			var list []plan.Fault
			keeps := []string{"keep=some", "keep=none", "keep=all"}
			for i, at := 0, 6*host.Second; at < 62*host.Second; i, at = i+1, at+2500*host.Millisecond {
				keep := keeps[i%len(keeps)]
				switch i % 8 {
				case 0, 4:
					list = append(list, during(at, 3*host.Second, "crash", "any", keep), during(at, 2*host.Second, "crash", "any", keep))
				case 1:
					list = append(list, during(at, 2*host.Second, "crash", "leader", keep))
				case 2, 5:
					list = append(list, during(at, 2*host.Second, "midwrite", keep), during(at, 2*host.Second, "midwrite", keep, "after=3"))
				case 3:
					list = append(list, crashAll(at, host.Second, q.All(), keep)...)
				case 6:
					list = append(list, during(at, 4*host.Second, "crash", "follower", keep))
				} // and then nothing, so that writes commit
			}
			return list
		}).reach("crash-of-leader", "second-leader")
}

func chaos() Scenario {
	s := usual("chaos", "whatever faults the seed draws, and whatever knobs, no promise is broken", 20, nil)
	s.Swarm = true
	return s
}
